/* SPDX-License-Identifier: ISC */
/*
 * A pattern becomes at most JIT_PATTERN_MAX steps, each a set of bytes that
 * may be taken once or again and again. All places in the pattern that the
 * string can have led to are followed at once, so a match takes at most
 * steps x bytes, whatever was written.
 */
#include <stddef.h>
#include <string.h>

#include "pattern.h"

struct step {
	unsigned char set[32]; /* a bit for each byte that is taken */
	bool again;            /* may take more than one */
	bool none;             /* may take none */
};

struct program {
	struct step step[JIT_PATTERN_MAX];
	size_t count;
};

static void
set_add(unsigned char set[32], unsigned char from, unsigned char to)
{
	unsigned c;

	for (c = from; c <= to; c++)
		set[c / 8] |= (unsigned char)(1U << c % 8);
}

static bool
set_has(const unsigned char set[32], unsigned char c)
{
	return set[c / 8] >> c % 8 & 1;
}

/*
 * What is between '[' and ']', from '*s' on; moves it behind the ']'. What
 * other globs read differently is refused, not guessed: '[!a]', '[^a]',
 * '[[:alpha:]]', and a '-' that is neither first, last nor a range's.
 */
static int
compile_set(unsigned char set[32], const char **s, struct jit_error *err)
{
	const char *first = *s, *p = *s;

	if (*p == '!' || *p == '^')
		return jit_fail(err, JIT_USAGE,
			"a set in '[]' cannot be negated");
	for (; *p != ']' || p == first; p++) {
		if (*p == '\0')
			return jit_fail(err, JIT_USAGE, "'[' without ']'");
		if (*p == ']')
			return jit_fail(err, JIT_USAGE, "'[]' is empty");
		if (*p == '[')
			return jit_fail(err, JIT_USAGE, "'[' inside of '[]'");
		if (*p == '-' && p != first && p[1] != ']')
			return jit_fail(err, JIT_USAGE,
				"'-' inside of '[]' "
				"must be first, last or between two");
		if (p[1] != '-' || p[2] == ']' || p[2] == '\0') {
			set_add(set, (unsigned char)*p, (unsigned char)*p);
			continue;
		}
		if (p[2] == '[' || p[2] < *p)
			return jit_fail(err, JIT_USAGE,
				"'%.3s' is no range: want it as in 'a-z'", p);
		set_add(set, (unsigned char)*p, (unsigned char)p[2]);
		p += 2;
	}
	*s = p + 1;
	return 0;
}

/* One step from '*s' on; moves it behind what was read. */
static int
compile_step(struct step *step, const char **s, struct jit_error *err)
{
	unsigned char c = (unsigned char)*(*s)++;

	memset(step, 0, sizeof(*step));
	switch (c) {
	case '*':
		set_add(step->set, 1, 255);
		step->again = step->none = true;
		return 0;
	case '?':
		set_add(step->set, 1, 255);
		return 0;
	case '#':
		set_add(step->set, '0', '9');
		step->again = true;
		return 0;
	case '[':
		return compile_set(step->set, s, err);
	default:
		set_add(step->set, c, c);
		return 0;
	}
}

static int
compile(struct program *prog, const char *pattern, struct jit_error *err)
{
	const char *s;
	size_t len;
	int rc;

	len = pattern != NULL ? strnlen(pattern, JIT_PATTERN_MAX + 1) : 0;
	if (len == 0)
		return jit_fail(err, JIT_USAGE, "pattern is empty");
	if (len > JIT_PATTERN_MAX)
		return jit_fail(err, JIT_USAGE,
			"pattern '%.20s...' is longer than %d bytes", pattern,
			JIT_PATTERN_MAX);
	for (s = pattern; *s != '\0'; s++)
		if (*s < 0x20 || *s > 0x7e)
			return jit_fail(err, JIT_USAGE,
				"pattern '%s' is not printable ASCII", pattern);
	prog->count = 0;
	for (s = pattern; *s != '\0'; prog->count++) {
		rc = compile_step(&prog->step[prog->count], &s, err);
		if (rc != 0)
			return jit_within(err, rc, "pattern '%s'", pattern);
	}
	return 0;
}

int
jit_pattern_check(const char *pattern, struct jit_error *err)
{
	struct program prog;

	return compile(&prog, pattern, err);
}

bool
jit_pattern_wild(const char *pattern)
{
	return pattern[strcspn(pattern, "*?#[")] != '\0';
}

/* Where a step may take none, the place after it is reached too. */
static void
skip(const struct program *prog, bool at[JIT_PATTERN_MAX + 1])
{
	size_t i;

	for (i = 0; i < prog->count; i++)
		if (at[i] && prog->step[i].none)
			at[i + 1] = true;
}

/* Up to what is wild in the pattern; mostly that decides. */
static bool
begins_alike(const char *pattern, const char *s)
{
	return pattern != NULL &&
		strncmp(pattern, s, strcspn(pattern, "*?#[")) == 0;
}

bool
jit_pattern_match(const char *pattern, const char *s)
{
	bool at[JIT_PATTERN_MAX + 1], next[JIT_PATTERN_MAX + 1];
	struct program prog;
	size_t i;

	if (s == NULL || !begins_alike(pattern, s) ||
		compile(&prog, pattern, NULL) != 0)
		return false;
	memset(at, 0, prog.count + 1);
	at[0] = true;
	skip(&prog, at);
	for (; *s != '\0'; s++) {
		memset(next, 0, prog.count + 1);
		for (i = 0; i < prog.count; i++) {
			if (!at[i])
				continue;
			if (!set_has(prog.step[i].set, (unsigned char)*s))
				continue;
			next[i + 1] = true;
			next[i] = next[i] || prog.step[i].again;
		}
		memcpy(at, next, prog.count + 1);
		skip(&prog, at);
	}
	return at[prog.count];
}
