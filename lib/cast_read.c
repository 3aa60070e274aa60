/* SPDX-License-Identifier: ISC */
#include "cast.h"

#include <string.h>

/* A line that is read, and how far. */
struct scan {
	const char *p;
	size_t len, at;
};

static int
none(const struct scan *s, struct jit_error *err)
{
	return jit_fail(err, JIT_USAGE, "no line of a recording at byte %zu",
		s->at + 1);
}

static bool
take(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if (s->len - s->at < n || memcmp(s->p + s->at, word, n) != 0)
		return false;
	s->at += n;
	return true;
}

/* A whole number up to 'most'. */
static bool
take_number(int64_t *n, struct scan *s, int64_t most)
{
	size_t start = s->at;
	int digit;

	*n = 0;
	for (; s->at < s->len; s->at++) {
		digit = s->p[s->at] - '0';
		if (digit < 0 || digit > 9)
			break;
		if (*n > (most - digit) / 10)
			return false;
		*n = *n * 10 + digit;
	}
	return s->at > start;
}

/* Milliseconds, spelled as seconds with three decimals. */
static bool
take_time(int64_t *ms, struct scan *s)
{
	int64_t seconds = 0;
	int i, digit;

	if (!take_number(&seconds, s, JIT_CAST_LATEST / 1000) || !take(s, "."))
		return false;
	*ms = seconds;
	for (i = 0; i < 3; i++, s->at++) {
		digit = s->at < s->len ? s->p[s->at] - '0' : -1;
		if (digit < 0 || digit > 9)
			return false;
		*ms = *ms * 10 + digit;
	}
	return true;
}

static bool
take_side(int *n, struct scan *s)
{
	int64_t wide = 0;

	if (!take_number(&wide, s, JIT_CAST_SIDE) || wide < 1)
		return false;
	*n = (int)wide;
	return true;
}

/* Four hex digits; -1: they are not there. */
static long
take_unit(struct scan *s)
{
	static const char hex[] = "0123456789abcdef";
	const char *digit;
	long unit = 0;
	int i;

	for (i = 0; i < 4; i++, s->at++) {
		digit = s->at < s->len ? memchr(hex, s->p[s->at], 16) : NULL;
		if (digit == NULL)
			return -1;
		unit = unit * 16 + (digit - hex);
	}
	return unit;
}

static void
put_utf8(struct jit_buf *out, uint32_t cp)
{
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4, i;
	unsigned char bytes[4];

	for (i = n; i-- > 1; cp >>= 6)
		bytes[i] = (unsigned char)(0x80 | (cp & 0x3f));
	bytes[0] = (unsigned char)(lead[n] | cp);
	jit_buf_put(out, bytes, n);
}

/* What comes after a backslash. */
static bool
take_escape(struct jit_buf *out, struct scan *s)
{
	static const char spelled[] = "\"\\bfnrt", meant[] = "\"\\\b\f\n\r\t";
	char c = s->at < s->len ? s->p[s->at++] : '\0';
	const char *at = c != '\0' ? strchr(spelled, c) : NULL;
	long unit, low = 0;

	if (at != NULL) {
		jit_buf_put(out, meant + (at - spelled), 1);
		return true;
	}
	unit = c == 'u' ? take_unit(s) : -1;
	if (unit >= 0xd800 && unit <= 0xdbff) {
		low = take(s, "\\u") ? take_unit(s) : -1;
		unit = low >= 0xdc00 && low <= 0xdfff
			? ((unit - 0xd7c0) << 10) + (low - 0xdc00)
			: -1;
	} else if (unit >= 0xdc00 && unit <= 0xdfff) {
		unit = -1;
	}
	if (unit >= 0)
		put_utf8(out, (uint32_t)unit);
	return unit >= 0;
}

/* The inside of a JSON text, up to its quote. */
static bool
take_text(struct jit_buf *out, struct scan *s)
{
	size_t n;

	while (s->at < s->len && s->p[s->at] != '"') {
		for (n = 0; s->at + n < s->len; n++)
			if (s->p[s->at + n] == '"' || s->p[s->at + n] == '\\')
				break;
		jit_buf_put(out, s->p + s->at, n);
		s->at += n;
		if (take(s, "\\") && !take_escape(out, s))
			return false;
	}
	return true;
}

static bool
take_head(struct jit_cast_line *line, struct scan *s)
{
	line->kind = JIT_CAST_HEAD;
	return take(s, "{\"version\":2,\"width\":") &&
		take_side(&line->width, s) && take(s, ",\"height\":") &&
		take_side(&line->height, s) && take(s, ",\"timestamp\":") &&
		take_number(&line->timestamp, s, JIT_CAST_LATEST / 1000) &&
		take(s, ",\"title\":\"") && take_text(&line->text, s) &&
		take(s, "\"}\n") && s->at == s->len;
}

static bool
take_event(struct jit_cast_line *line, struct scan *s)
{
	char c;

	if (!take(s, "[") || !take_time(&line->ms, s) || !take(s, ",\""))
		return false;
	c = s->at < s->len ? s->p[s->at] : '\0';
	if (c != 'o' && c != 'm' && c != 'r')
		return false;
	line->kind = c == 'o' ? JIT_CAST_OUTPUT
		: c == 'm'    ? JIT_CAST_MARK
			      : JIT_CAST_SIZE;
	s->at++;
	if (!take(s, "\",\""))
		return false;
	if (line->kind == JIT_CAST_SIZE ? !take_side(&line->width, s) ||
				!take(s, "x") || !take_side(&line->height, s)
					: !take_text(&line->text, s))
		return false;
	return take(s, "\"]\n") && s->at == s->len;
}

/*
 * Whether the line is spelled as it would be written: numbers without zeros
 * before them, nothing escaped but what must be, no byte that is no UTF-8.
 */
static int
same(struct scan *s, const struct jit_cast_line *line, struct jit_error *err)
{
	struct jit_buf again = {0};
	int rc;

	jit_cast_encode(&again, line);
	rc = jit_buf_failed(&again, err);
	for (s->at = 0; s->at < s->len && s->at < again.len; s->at++)
		if ((unsigned char)s->p[s->at] != again.data[s->at])
			break;
	if (rc == 0 && (again.len != s->len || s->at != s->len))
		rc = none(s, err);
	jit_buf_free(&again);
	return rc;
}

int
jit_cast_read(struct jit_cast_line *out, const void *line, size_t len,
	struct jit_error *err)
{
	struct scan s = {.p = line, .len = len};
	struct jit_cast_line read = {0};
	int rc;

	if (len > JIT_CAST_LINE)
		return jit_fail(err, JIT_USAGE, "longer than %d bytes",
			JIT_CAST_LINE);
	if (len == 0 || s.p[len - 1] != '\n')
		return jit_fail(err, JIT_USAGE, "its end is missing");
	if (s.p[0] == '{' ? take_head(&read, &s) : take_event(&read, &s))
		rc = same(&s, &read, err);
	else
		rc = none(&s, err);
	if (read.text.failed)
		rc = jit_nomem(err);
	if (rc == 0) {
		*out = read;
		read = (struct jit_cast_line){0}; /* transferred */
	}
	jit_cast_free(&read);
	return rc;
}

int
jit_cast_follow(struct jit_cast_tape *t, struct jit_cast_line *out,
	const void *line, size_t len, struct jit_error *err)
{
	struct jit_cast_line read = {0};
	int rc;

	rc = jit_cast_read(&read, line, len, err);
	if (rc == 0 && (t->lines == 0) != (read.kind == JIT_CAST_HEAD))
		rc = jit_fail(err, JIT_USAGE,
			t->lines == 0 ? "the head is missing"
				      : "a second head");
	if (rc == 0 && read.ms < t->ms)
		rc = jit_fail(err, JIT_USAGE, "time goes back");
	if (rc != 0) {
		jit_within(err, rc, "line %llu",
			(unsigned long long)t->lines + 1);
		goto out;
	}
	jit_cast_chain(t, line, len);
	t->ms = read.ms;
	if (out != NULL) {
		*out = read;
		read = (struct jit_cast_line){0}; /* transferred */
	}
out:
	jit_cast_free(&read);
	return rc;
}

void
jit_cast_free(struct jit_cast_line *line)
{
	if (line != NULL)
		jit_buf_free(&line->text);
}
