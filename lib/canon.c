/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "canon.h"
#include "text.h"

struct scan {
	const char *p;
	size_t len;
	size_t at;
	struct jit_canon *fault;
};

/* It ends here, and this is why. */
static bool
stop(struct scan *s, const char *why)
{
	snprintf(s->fault->why, sizeof(s->fault->why), "%s", why);
	s->fault->at = s->at;
	return false;
}

/* The byte that is next, or -1 at the end. */
static int
peek(const struct scan *s)
{
	return s->at < s->len ? (unsigned char)s->p[s->at] : -1;
}

static bool
is_white(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Stop at a byte that nothing canonical has here. */
static bool
unexpected(struct scan *s)
{
	if (is_white(peek(s)))
		return stop(s, "white space");
	return stop(s, peek(s) < 0 ? "an early end" : "an unexpected byte");
}

static bool
take(struct scan *s, char c)
{
	if (peek(s) != (unsigned char)c)
		return unexpected(s);
	s->at++;
	return true;
}

static bool
forbidden(struct scan *s, uint32_t cp)
{
	char why[40];

	snprintf(why, sizeof(why), "character U+%04X is not allowed",
		(unsigned int)cp);
	return stop(s, why);
}

static bool
scan_escape(struct scan *s)
{
	static const char spelled[] = "bfnrt", meant[] = "\b\f\n\r\t";
	char c = s->at + 1 < s->len ? s->p[s->at + 1] : '\0';
	const char *control = c == '\0' ? NULL : strchr(spelled, c);

	if (control != NULL)
		return forbidden(s, (unsigned char)meant[control - spelled]);
	if (c != '"' && c != '\\')
		return stop(s, "an escape that is not needed");
	s->at += 2;
	return true;
}

/* One character, escaped or not. */
static bool
scan_character(struct scan *s)
{
	int c = peek(s);
	uint32_t cp;
	size_t n;

	if (c == '\\')
		return scan_escape(s);
	if (c >= 0x20 && c <= 0x7e) {
		s->at++; /* nearly all are */
		return true;
	}
	n = jit_text_next(&cp, s->p + s->at, s->len - s->at);
	if (n == 0)
		return stop(s, "bytes that are no UTF-8");
	if (jit_text_forbidden(cp))
		return forbidden(s, cp);
	s->at += n;
	return true;
}

static bool
scan_text(struct scan *s)
{
	if (!take(s, '"'))
		return false;
	while (peek(s) != '"')
		if (!scan_character(s))
			return false;
	s->at++;
	return true;
}

/* How many bytes at 'p' may stand in a member name. */
static size_t
name_span(const char *p, size_t len)
{
	size_t n;

	for (n = 0; n < len; n++)
		if (!((p[n] >= 'a' && p[n] <= 'z') || p[n] == '_' ||
			    (p[n] >= '0' && p[n] <= '9') || p[n] == '-'))
			break;
	return n;
}

/* A member name and its colon; it comes after 'last', and becomes it. */
static bool
scan_name(struct scan *s, char last[JIT_JSON_NAME + 1])
{
	char name[JIT_JSON_NAME + 1] = "";
	size_t start = s->at + 1, n;

	if (peek(s) != '"')
		return unexpected(s);
	n = name_span(s->p + start, s->len - start);
	if (n == 0 || n > JIT_JSON_NAME || start + n == s->len ||
		s->p[start + n] != '"')
		return stop(s, JIT_CANON_NAME);
	memcpy(name, s->p + start, n);
	if (strcmp(last, name) >= 0)
		return stop(s, "members out of order");
	memcpy(last, name, sizeof(name));
	s->at = start + n + 1;
	return take(s, ':');
}

/* Why a number of 'n' digits with 'c' after them is refused, or NULL. */
static const char *
unfit(const char *digits, size_t n, bool minus, int c)
{
	int64_t value = 0;
	size_t i;

	if (c == '.')
		return "a number with a fraction";
	if (c == 'e' || c == 'E')
		return "a number with an exponent";
	if (digits[0] == '0' && n > 1)
		return "a leading zero";
	if (digits[0] == '0' && minus)
		return "minus zero";
	for (i = 0; i < n && value <= JIT_JSON_INT; i++)
		value = value * 10 + (digits[i] - '0');
	return value <= JIT_JSON_INT ? NULL : JIT_CANON_INT;
}

static bool
scan_number(struct scan *s)
{
	bool minus = peek(s) == '-';
	size_t start = s->at + minus, end = start;
	const char *why;

	while (end < s->len && s->p[end] >= '0' && s->p[end] <= '9')
		end++;
	if (end == start)
		return stop(s, "a minus without digits");
	why = unfit(s->p + start, end - start, minus,
		end < s->len ? s->p[end] : -1);
	if (why != NULL)
		return stop(s, why);
	s->at = end;
	return true;
}

static bool
scan_word(struct scan *s)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t i, n;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		n = strlen(words[i]);
		if (s->len - s->at >= n &&
			memcmp(s->p + s->at, words[i], n) == 0) {
			s->at += n;
			return true;
		}
	}
	return unexpected(s);
}

static bool scan_nest(struct scan *s, size_t depth);

static bool
scan_value(struct scan *s, size_t depth)
{
	int c = peek(s);

	if (c == '{' || c == '[')
		return scan_nest(s, depth + 1);
	if (c == '"')
		return scan_text(s);
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(s);
	return scan_word(s);
}

/* An object or a list, itself at 'depth' (1: the top). */
static bool
scan_nest(struct scan *s, size_t depth)
{
	char last[JIT_JSON_NAME + 1] = "";
	bool object = peek(s) == '{';
	char end = object ? '}' : ']';

	if (depth > JIT_JSON_DEPTH)
		return stop(s, JIT_CANON_DEEP);
	s->at++;
	if (peek(s) == end) {
		s->at++;
		return true;
	}
	for (;;) {
		if (object && !scan_name(s, last))
			return false;
		if (!scan_value(s, depth))
			return false;
		if (peek(s) != ',')
			return take(s, end);
		s->at++;
	}
}

bool
jit_canon_scan(struct jit_canon *fault, const char *p, size_t len)
{
	struct scan s = {.p = p, .len = len, .fault = fault};
	int c = peek(&s);

	if (c == '{' || c == '[')
		return scan_nest(&s, 1) && (s.at == len || unexpected(&s));
	if (c < 0 || is_white(c))
		return unexpected(&s);
	return stop(&s, JIT_CANON_TOP);
}

bool
jit_canon_name(const char *p, size_t len)
{
	return len >= 1 && len <= JIT_JSON_NAME && name_span(p, len) == len;
}

size_t
jit_canon_deep(const char *p, size_t len)
{
	size_t at, depth = 0;
	bool text = false;

	for (at = 0; at < len; at++) {
		if (text && p[at] == '\\')
			at++;
		else if (p[at] == '"')
			text = !text;
		else if (!text && (p[at] == '{' || p[at] == '['))
			depth++;
		else if (!text && (p[at] == '}' || p[at] == ']') && depth > 0)
			depth--;
		if (depth > JIT_JSON_DEPTH)
			return at;
	}
	return len;
}
