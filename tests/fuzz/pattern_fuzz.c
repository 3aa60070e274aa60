/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"

#define LONGEST 64 /* bytes of a string, so that the slow way ends */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whether 'c' is in the set after '['; '*end' is what follows its ']'. */
static bool
in_set(const char **end, const char *p, char c)
{
	const char *first = p;
	bool found = false;

	for (; *p != ']' || p == first; p++) {
		if (p[1] == '-' && p[2] != ']') {
			found = found || (c >= p[0] && c <= p[2]);
			p += 2;
		} else {
			found = found || c == *p;
		}
	}
	*end = p + 1;
	return found;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The slow and plain way; 'steps' bounds it, and -1 is when it ran out. */
static int
plain(const char *p, const char *s, int *steps)
{
	const char *end = NULL;
	int r;

	if (--*steps < 0)
		return -1;
	if (*p == '\0')
		return *s == '\0';
	if (*p == '*') {
		r = plain(p + 1, s, steps);
		return r == 0 && *s != '\0' ? plain(p, s + 1, steps) : r;
	}
	if (*s == '\0')
		return 0;
	if (*p == '?')
		return plain(p + 1, s + 1, steps);
	if (*p == '[')
		return in_set(&end, p + 1, *s) ? plain(end, s + 1, steps) : 0;
	if (*p != '#')
		return *p == *s ? plain(p + 1, s + 1, steps) : 0;
	if (!is_digit(*s))
		return 0;
	r = plain(p + 1, s + 1, steps);
	return r == 0 && is_digit(s[1]) ? plain(p, s + 1, steps) : r;
}

/* The first line is the pattern, the rest is the string. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char pattern[2 * JIT_PATTERN_MAX], s[LONGEST + 1] = "";
	struct jit_error err = {0};
	const uint8_t *nl = size == 0 ? NULL : memchr(data, '\n', size);
	size_t n = nl == NULL ? size : (size_t)(nl - data), left = size - n;
	int steps = 100000, want;

	if (n >= sizeof(pattern) || left > LONGEST + 1)
		return 0;
	memcpy(pattern, data, n);
	pattern[n] = '\0';
	if (left > 1)
		memcpy(s, nl + 1, left - 1);
	if (jit_pattern_check(pattern, &err) != 0) {
		if (err.text[0] == '\0' || jit_pattern_match(pattern, s))
			abort();
		return 0;
	}
	want = plain(pattern, s, &steps);
	if (want >= 0 && jit_pattern_match(pattern, s) != (want == 1))
		abort();
	return 0;
}
