/* SPDX-License-Identifier: ISC */
#include "tty.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "text.h"

static int
open_tty(FILE **in, FILE **out, const char *instead, struct jit_error *err)
{
	*in = fopen("/dev/tty", "re");
	*out = *in ? fopen("/dev/tty", "we") : NULL;
	if (*out)
		return 0;
	if (*in)
		fclose(*in);
	return jit_fail(err, JIT_NO, "no terminal to ask on: %s", instead);
}

/* One line of an answer; what is longer is read and forgotten. */
static bool
read_line(char *line, size_t size, FILE *in)
{
	int c;

	if (!fgets(line, (int)size, in))
		return false;
	if (!strchr(line, '\n'))
		while ((c = fgetc(in)) != EOF && c != '\n')
			;
	line[strcspn(line, "\r\n")] = '\0';
	return true;
}

/* What was typed before the question was there is no answer to it. */
static void
forget_typed(FILE *in)
{
	tcflush(fileno(in), TCIFLUSH);
}

char
tty_choose(const char *screen, const char *question, const char *letters,
	const char *instead, struct jit_error *err)
{
	FILE *in = NULL, *out = NULL;
	char line[64], answer = '\0';

	if (open_tty(&in, &out, instead, err))
		return '\0';
	fputs(screen, out);
	forget_typed(in);
	while (!answer) {
		fputs(question, out);
		fflush(out);
		if (!read_line(line, sizeof(line), in)) {
			jit_fail(err, JIT_NO, "no answer");
			break;
		}
		if (line[0] == '\0')
			answer = letters[strlen(letters) - 1];
		else if (line[1] == '\0' &&
			strchr(letters, tolower((unsigned char)line[0])))
			answer = (char)tolower((unsigned char)line[0]);
	}
	fclose(in);
	fclose(out);
	return answer;
}

int
tty_ask(const char *screen, const char *question, struct jit_error *err)
{
	char answer = tty_choose(screen, question, "yn", "-y says yes", err);

	if (!answer)
		return JIT_NO;
	return answer == 'y';
}

bool
tty_line(char *line, size_t size, const char *question)
{
	FILE *in = NULL, *out = NULL;
	bool typed;

	if (open_tty(&in, &out, "", NULL))
		return false;
	fputs(question, out);
	fflush(out);
	typed = read_line(line, size, in) && line[0];
	fclose(in);
	fclose(out);
	return typed;
}

int
tty_columns(void)
{
	struct winsize size = {0};
	int columns = 80, fd = open("/dev/tty", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return columns;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		columns = size.ws_col;
	close(fd);
	return columns;
}

/*
 * Bytes of 's' that fit 'columns': whole words, else whole characters. What
 * is not ASCII may take two columns, as the terminal sees it: were it
 * counted as less, the terminal would wrap, and text would stand where a
 * row's label does.
 */
static size_t
fitting(const char *s, int columns)
{
	size_t i = 0, blank = 0, step;
	int used = 0, wide;
	uint32_t cp;

	while (s[i]) {
		cp = 0;
		step = jit_text_next(&cp, s + i, strlen(s + i));
		wide = cp < 0x80 ? 1 : 2;
		if (used + wide > columns)
			break;
		if (s[i] == ' ')
			blank = i;
		i += step ? step : 1;
		used += wide;
	}
	if (s[i] == '\0' || s[i] == ' ' || blank == 0)
		return i;
	return blank;
}

void
tty_wrap(struct jit_buf *out, const char *s, int indent, int columns)
{
	int room = columns - indent > 10 ? columns - indent : 10;
	struct jit_buf shown = {0};
	const char *p;
	size_t n;

	jit_text_escape(&shown, s, strlen(s));
	p = jit_buf_text(&shown);
	do {
		n = fitting(p, room);
		jit_buf_put(out, p, n);
		jit_buf_str(out, "\n");
		p += n + strspn(p + n, " ");
		if (*p)
			jit_buf_fmt(out, "%*s", indent, "");
	} while (*p);
	jit_buf_free(&shown);
}
