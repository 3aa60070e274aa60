/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

#define LINE sizeof(((struct jit_error *)0)->text)
#define RULE sizeof(((struct jit_error *)0)->rule)

/* How many bytes a UTF-8 character has that starts with 'lead'. */
static size_t
utf8_len(unsigned char lead)
{
	if (lead >= 0xf0)
		return 4;
	if (lead >= 0xe0)
		return 3;
	return lead >= 0xc0 ? 2 : 1;
}

/* Drop a character at the end of 's' that lost its last bytes. */
static void
drop_partial(char *s)
{
	size_t len = strlen(s), i = len;

	while (i > 0 && len - i < 3 && ((unsigned char)s[i - 1] & 0xc0) == 0x80)
		i--;
	if (i > 0 && utf8_len((unsigned char)s[i - 1]) > len - i + 1)
		s[i - 1] = '\0';
}

/* One line, whatever the arguments were. */
static void
drop_controls(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

static void format(char line[LINE], const char *fmt, va_list ap)
	JIT_PRINTF(2, 0);

/* The arguments may point into an error, so nobody formats in place. */
static void
format(char line[LINE], const char *fmt, va_list ap)
{
	int n;

	line[0] = '\0';
	n = vsnprintf(line, LINE, fmt, ap);
	if (n >= (int)LINE)
		drop_partial(line);
	drop_controls(line);
}

int
jit_fail(struct jit_error *err, int code, const char *fmt, ...)
{
	char line[LINE];
	va_list ap;

	if (err == NULL)
		return code;
	va_start(ap, fmt);
	format(line, fmt, ap);
	va_end(ap);
	memcpy(err->text, line, LINE);
	err->rule[0] = '\0';
	return code;
}

int
jit_refuse(struct jit_error *err, int code, const char *rule, const char *fmt,
	...)
{
	char line[LINE], id[RULE];
	va_list ap;

	if (err == NULL)
		return code;
	va_start(ap, fmt);
	format(line, fmt, ap);
	va_end(ap);
	snprintf(id, sizeof(id), "%s", rule);
	memcpy(err->text, line, LINE);
	memcpy(err->rule, id, RULE);
	return code;
}

/* The rule stays: it is still the one that refused. */
int
jit_within(struct jit_error *err, int code, const char *fmt, ...)
{
	char line[LINE];
	size_t len, room, old;
	va_list ap;

	if (err == NULL)
		return code;
	va_start(ap, fmt);
	format(line, fmt, ap);
	va_end(ap);
	len = strlen(line);
	old = strlen(err->text);
	if (old > 0 && len + 2 < LINE) {
		memcpy(line + len, ": ", 2);
		len += 2;
		room = LINE - 1 - len;
		memcpy(line + len, err->text, old < room ? old : room);
		line[len + (old < room ? old : room)] = '\0';
		if (old > room)
			drop_partial(line);
	}
	memcpy(err->text, line, LINE);
	return code;
}

int
jit_nomem(struct jit_error *err)
{
	return jit_fail(err, JIT_TROUBLE, "out of memory");
}
