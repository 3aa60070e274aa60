/* SPDX-License-Identifier: ISC */
#include "tame.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

#define ESC 0x1b
#define CAN 0x18
#define SUB 0x1a
#define DIGITS 4 /* of a number in a sequence */

/* ECMA-48, as terminals read it. */
enum state {
	TEXT,
	ESCAPE,   /* after ESC */
	CHARSET,  /* after ESC ( or ESC ) */
	SKIP_ONE, /* after ESC and an intermediate byte: until its final */
	SEQUENCE, /* after CSI */
	STRING    /* after OSC, DCS...: until ST, BEL or ESC */
};

static const char drawing[] = "@ABCDEFGHIJKLMPSTXZ`abdefmrsu";
static const char *const modes[] = {"5", "6", "7", "12", "25", "47", "1047",
	"1048", "1049"};

static void
begin(struct jit_tame *t, enum state state)
{
	t->state = (int)state;
	t->len = 0;
}

static void
pass(struct jit_tame *t, struct jit_buf *out, const char *bytes, size_t len)
{
	if (!t->plain)
		jit_buf_put(out, bytes, len);
}

/* Numbers, each short, with ; or : between them. */
static bool
is_numbers(const char *s, const char *between)
{
	size_t n = 0;

	for (; *s != '\0'; s += n) {
		n = strspn(s, "0123456789");
		if (n > DIGITS)
			return false;
		if (n == 0 && strchr(between, *s) == NULL)
			return false;
		n += n == 0;
	}
	return true;
}

/* What has to be undone at the end. */
static void
note(struct jit_tame *t, const char *mode, char final)
{
	if (strcmp(mode, "47") == 0 || strcmp(mode, "1047") == 0)
		t->inner = final == 'h';
	else if (strcmp(mode, "1049") == 0)
		t->other = final == 'h';
}

static bool
is_mode(const char *s, size_t len)
{
	size_t i = 0;

	for (i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		if (strlen(modes[i]) == len && memcmp(modes[i], s, len) == 0)
			return true;
	}
	return false;
}

/* Of "?1;25;2004", the modes that only draw, each by itself. */
static void
put_modes(struct jit_tame *t, struct jit_buf *out, const char *list, char final)
{
	char one[JIT_TAME_SEQUENCE + 1] = "";
	size_t n = 0;

	for (; *list != '\0'; list += n + (list[n] == ';')) {
		n = strcspn(list, ";");
		if (!is_mode(list, n))
			continue;
		memcpy(one, list, n);
		one[n] = '\0';
		note(t, one, final);
		pass(t, out, "\033[?", 3);
		pass(t, out, one, n);
		pass(t, out, &final, 1);
	}
}

static void
put_sequence(struct jit_tame *t, struct jit_buf *out, char final)
{
	const char *seq = t->seq;

	if (seq[0] == '?' && is_numbers(seq + 1, ";")) {
		if (final == 'h' || final == 'l')
			put_modes(t, out, seq + 1, final);
		if (final != 'J' && final != 'K')
			return;
	} else if (final == 'h' || final == 'l') {
		if (strcmp(seq, "4") != 0)
			return;
	} else if (strchr(drawing, final) == NULL ||
		!is_numbers(seq, final == 'm' ? ";:" : ";")) {
		return;
	}
	t->shaped = t->shaped || final == 'r';
	pass(t, out, "\033[", 2);
	pass(t, out, seq, t->len);
	pass(t, out, &final, 1);
}

static void
in_sequence(struct jit_tame *t, struct jit_buf *out, uint32_t cp)
{
	if (cp >= 0x40 && cp <= 0x7e) {
		t->state = TEXT;
		t->seq[t->len <= JIT_TAME_SEQUENCE ? t->len : 0] = '\0';
		if (t->len <= JIT_TAME_SEQUENCE)
			put_sequence(t, out, (char)cp);
	} else if (cp >= 0x20 && cp <= 0x7e && t->len < JIT_TAME_SEQUENCE) {
		t->seq[t->len++] = (char)cp;
	} else {
		t->len = JIT_TAME_SEQUENCE + 1; /* nobody draws like that */
	}
}

static void
in_escape(struct jit_tame *t, struct jit_buf *out, uint32_t cp)
{
	const char pair[] = {ESC, (char)cp};

	begin(t, TEXT);
	if (cp == '[')
		begin(t, SEQUENCE);
	else if (cp < 0x80 && cp != 0 && strchr("]PX^_k", (int)cp) != NULL)
		begin(t, STRING);
	else if (cp == '(' || cp == ')')
		begin(t, CHARSET);
	else if (cp >= 0x20 && cp <= 0x2f)
		begin(t, SKIP_ONE);
	else if (cp < 0x80 && cp != 0 && strchr("78DEM", (int)cp) != NULL)
		pass(t, out, pair, sizeof(pair));
	if (t->state == CHARSET)
		t->seq[0] = (char)cp;
}

static void
in_charset(struct jit_tame *t, struct jit_buf *out, uint32_t cp)
{
	const char three[] = {ESC, t->seq[0], (char)cp};

	begin(t, TEXT);
	if (cp == '0' || cp == 'A' || cp == 'B')
		pass(t, out, three, sizeof(three));
}

/* Text for a file or a pipe: a line that is written over is a line. */
static void
put_plain(struct jit_tame *t, struct jit_buf *out, uint32_t cp, const char *s,
	size_t n)
{
	if (t->returned && cp != '\r') {
		jit_buf_str(out, "\n");
		t->returned = false;
		if (cp == '\n')
			return;
	}
	if (cp == '\r')
		t->returned = true;
	else if (cp == '\n' || cp == '\t')
		jit_buf_put(out, s, n);
	else if (cp >= 0x20 && cp != 0x7f)
		jit_text_escape(out, s, n);
}

static void
in_text(struct jit_tame *t, struct jit_buf *out, uint32_t cp, const char *s,
	size_t n)
{
	if (t->plain)
		put_plain(t, out, cp, s, n);
	else if (cp >= 0x20 ? cp != 0x7f : (cp >= 0x08 && cp <= 0x0f))
		jit_buf_put(out, s, n);
}

/* C1, the eight-bit form of ESC and a letter: some begin what ESC does. */
static void
in_c1(struct jit_tame *t, uint32_t cp)
{
	if (cp == 0x9b)
		begin(t, SEQUENCE);
	else if (cp == 0x90 || cp == 0x98 || cp >= 0x9d)
		begin(t, STRING);
	else
		begin(t, TEXT);
}

/* Whether a character ends whatever has begun, and is nothing itself. */
static bool
is_end(const struct jit_tame *t, uint32_t cp)
{
	if (cp == CAN || cp == SUB)
		return true;
	if (t->state == STRING)
		return cp == 7;
	return t->state == SKIP_ONE && (cp < 0x20 || cp > 0x2f);
}

static void
step(struct jit_tame *t, struct jit_buf *out, uint32_t cp, const char *s,
	size_t n)
{
	if (cp == ESC)
		begin(t, ESCAPE);
	else if (cp >= 0x80 && cp <= 0x9f)
		in_c1(t, cp);
	else if (is_end(t, cp))
		begin(t, TEXT);
	else if (t->state == TEXT)
		in_text(t, out, cp, s, n);
	else if (t->state == ESCAPE)
		in_escape(t, out, cp);
	else if (t->state == CHARSET)
		in_charset(t, out, cp);
	else if (t->state == SEQUENCE)
		in_sequence(t, out, cp);
}

void
jit_tame(struct jit_tame *t, struct jit_buf *out, const char *text, size_t len)
{
	uint32_t cp = 0;
	size_t n = 0;

	for (; len > 0; text += n, len -= n) {
		n = jit_text_next(&cp, text, len);
		if (n == 0) {
			n = 1; /* no UTF-8: nothing that is drawn */
			continue;
		}
		step(t, out, cp, text, n);
	}
}

void
jit_tame_end(struct jit_tame *t, struct jit_buf *out)
{
	static const char back[] = "\033[0m\033(B\017\033[4l\033[?5l\033[?6l"
				   "\033[?7h\033[?25h";

	begin(t, TEXT);
	if (t->plain && t->returned)
		jit_buf_str(out, "\n");
	if (t->shaped)
		pass(t, out, "\0337\033[r\0338", 7);
	if (t->inner)
		pass(t, out, "\033[?47l", 6);
	if (t->other)
		pass(t, out, "\033[?1049l", 8);
	pass(t, out, back, sizeof(back) - 1);
	t->returned = t->shaped = t->inner = t->other = false;
}
