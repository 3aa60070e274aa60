/* SPDX-License-Identifier: ISC */
/* https://github.com/ulid/spec */
#include <stddef.h>
#include <string.h>

#include "ulid.h"

#define CHARS (JIT_ULID - 1)
#define TIME_CHARS 10
#define TIME_MAX 281474976710655LL /* 2^48 - 1 milliseconds */

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* The value of a character, or -1. */
static int
value(char c)
{
	/* A to Z; I, L, O and U are none */
	static const signed char letters[] = {10, 11, 12, 13, 14, 15, 16, 17,
		-1, 18, 19, -1, 20, 21, -1, 22, 23, 24, 25, 26, -1, 27, 28, 29,
		30, 31};

	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'Z' ? letters[c - 'A'] : -1;
}

/* 26 characters hold 130 bits: the two that are too many are in front. */
void
jit_ulid_make(char out[JIT_ULID], int64_t at, const unsigned char chance[10])
{
	unsigned acc = 0, bits = 0;
	int64_t ms;
	size_t i, n;

	at = at < 0 ? 0 : at;
	ms = at > TIME_MAX / 1000 ? TIME_MAX / 1000 * 1000 : at * 1000;
	for (i = TIME_CHARS; i > 0; i--, ms >>= 5)
		out[i - 1] = alphabet[ms & 31];
	for (i = 0, n = TIME_CHARS; i < 10; i++) {
		acc = (acc << 8 | chance[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			out[n++] = alphabet[acc >> (bits - 5) & 31];
	}
	out[CHARS] = '\0';
}

/* How many characters of the alphabet; 0 if others, or too late a time. */
static size_t
span(const char *s)
{
	size_t n;

	if (s == NULL || *s == '\0' || value(*s) > 7)
		return 0;
	for (n = 0; value(s[n]) >= 0; n++)
		;
	return s[n] == '\0' ? n : 0;
}

bool
jit_ulid_valid(const char *s)
{
	return span(s) == CHARS;
}

int64_t
jit_ulid_time(const char *s)
{
	int64_t ms = 0;
	size_t i;

	if (!jit_ulid_valid(s))
		return -1;
	for (i = 0; i < TIME_CHARS; i++)
		ms = ms * 32 + value(s[i]);
	return ms % 1000 == 0 ? ms / 1000 : -1;
}

static char
upper_case(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool
jit_ulid_prefix(char out[JIT_ULID], const char *s)
{
	char upper[JIT_ULID] = "";
	size_t len, i;

	len = s != NULL ? strnlen(s, JIT_ULID) : 0;
	if (len < JIT_ULID_PREFIX || len > CHARS)
		return false;
	for (i = 0; i < len; i++)
		upper[i] = upper_case(s[i]);
	if (span(upper) != len)
		return false;
	memcpy(out, upper, JIT_ULID);
	return true;
}
