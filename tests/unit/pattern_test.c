/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pattern.h"
#include "unit.h"

static void
test_match(void)
{
	static const struct {
		const char *pattern, *s;
		bool want;
	} t[] = {
		{"ssh:web-1", "ssh:web-1", true},
		{"ssh:web-1", "ssh:web-12", false},
		{"ssh:web-1", "xssh:web-1", false},
		{"ssh:web-1", "ssh:web-", false},
		{"ssh:web-1", "SSH:web-1", false},
		{"ssh:web-1", "", false},
		{"a.c", "abc", false},
		{"a\\*", "a*", false},
		{"a\\*", "a\\*b", true},
		{"a]", "a]", true},
		{"$^(a|b)+", "$^(a|b)+", true},

		{"*", "", true},
		{"*", "anything at all", true},
		{"**", "", true},
		{"*a", "a", true},
		{"*a", "ba", true},
		{"*a", "ab", false},
		{"a*", "a", true},
		{"a*", "ba", false},
		{"a*b*c", "abc", true},
		{"a*b*c", "aXbYbZc", true},
		{"a*b*c", "acb", false},
		{"a*b*c", "abcd", false},
		{"*ab", "aab", true},
		{"*aab", "aaaab", true},
		{"*abab", "abaabab", true},
		{"ssh:*", "ssh:", true},
		{"ssh:*", "sudo:x", false},

		{"?", "a", true},
		{"?", "", false},
		{"?", "ab", false},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"?*", "", false},
		{"*?", "x", true},
		{"*??", "x", false},

		{"[abc]", "b", true},
		{"[abc]", "d", false},
		{"[abc]", "ab", false},
		{"[abc]", "", false},
		{"[a-c]x", "cx", true},
		{"[a-c]x", "dx", false},
		{"[a-z0-9]", "7", true},
		{"[a-z0-9]", "A", false},
		{"[a-z0-9]", "-", false},
		{"[a-a]", "a", true},
		{"[-a]", "-", true},
		{"[a-]", "-", true},
		{"[a-c-]", "-", true},
		{"[a-c-]", "b", true},
		{"[-]", "-", true},
		{"[*?#]", "*", true},
		{"[*?#]", "?", true},
		{"[*?#]", "#", true},
		{"[*?#]", "1", false},
		{"[.]", "x", false},
		{"[a!]", "!", true},
		{"[a-c]*[0-9]", "b-web-7", true},
		{"[a-c]*[0-9]", "b-web-x", false},

		{"#", "0", true},
		{"#", "1234567890", true},
		{"#", "", false},
		{"#", "a", false},
		{"#", "12a", false},
		{"#", "/", false},
		{"#", ":", false},
		{"#", "\xd9\xa3", false},
		{"ssh:web-#", "ssh:web-12", true},
		{"ssh:web-#", "ssh:web-", false},
		{"ssh:web-#", "ssh:web-1-2", false},
		{"web-#.ex", "web-12.ex", true},
		{"web-#.ex", "web-.ex", false},
		{"##", "1", false},
		{"##", "12", true},
		{"##", "1234", true},
		{"#2", "12", true},
		{"#2", "1222", true},
		{"#2", "2", false},
		{"#2", "123", false},
		{"#*", "1abc", true},
		{"#*#", "1", false},
		{"#*#", "12", true},
		{"*#", "a1b22", true},
		{"*#", "a1b", false},
		{"#?#", "1x2", true},
		{"#?#", "123", true},
		{"#?#", "12", false},
		{"#[0-4]", "994", true},
		{"#[0-4]", "995", false},
	};
	struct jit_error err = {"", ""};
	size_t i;

	CASE("patterns match whole strings");
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].pattern);
		CHECK_INT(jit_pattern_check(t[i].pattern, &err), 0);
		if (!CHECK(jit_pattern_match(t[i].pattern, t[i].s) ==
			    t[i].want))
			CHECK_STR(t[i].s, t[i].want ? "a match" : "no match");
	}
}

static void
test_refused(void)
{
	static const struct {
		const char *pattern, *part;
	} t[] = {
		{NULL, "pattern is empty"},
		{"", "pattern is empty"},
		{"a\tb", "is not printable ASCII"},
		{"a\n", "is not printable ASCII"},
		{"\x7f", "is not printable ASCII"},
		{"\x1b", "is not printable ASCII"},
		{"gr\xc3\xbcn", "is not printable ASCII"},
		{"\xff", "is not printable ASCII"},
		{"[", "'[' without ']'"},
		{"a[", "pattern 'a[': '[' without ']'"},
		{"[a", "'[' without ']'"},
		{"[a-", ""},
		{"[a-z", "'[' without ']'"},
		{"[]", "'[]' is empty"},
		{"[]a]", "'[]' is empty"},
		{"[!a]", "cannot be negated"},
		{"[^a]", "cannot be negated"},
		{"[[:alpha:]]", "'[' inside of '[]'"},
		{"[a[b]", "'[' inside of '[]'"},
		{"[z-a]", "'z-a' is no range"},
		{"[9-0]", "'9-0' is no range"},
		{"[A-[]", "'A-[' is no range"},
		{"[a-c-e]", "must be first, last or between two"},
		{"[ab-c-d]", "must be first, last or between two"},
	};
	struct jit_error err;
	size_t i;

	CASE("what is no pattern is refused, and matches not even itself");
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].pattern);
		memset(&err, 0, sizeof(err));
		CHECK_INT(jit_pattern_check(t[i].pattern, &err), JIT_USAGE);
		CHECK_INT(jit_pattern_check(t[i].pattern, NULL), JIT_USAGE);
		if (!CHECK(strstr(err.text, t[i].part) != NULL))
			CHECK_STR(err.text, t[i].part);
		CHECK(!jit_pattern_match(t[i].pattern, "a"));
		CHECK(!jit_pattern_match(t[i].pattern, ""));
		CHECK(!jit_pattern_match(t[i].pattern, t[i].pattern));
	}

	CASE("no string matches nothing");
	CHECK(!jit_pattern_match("*", NULL));
}

static void
test_longest(void)
{
	char p[JIT_PATTERN_MAX + 2], s[JIT_PATTERN_MAX + 2];
	struct jit_error err = {"", ""};
	size_t i;

	CASE("128 bytes are a pattern, 129 are not");
	for (i = 0; i < 3; i++) {
		memset(p, "a?#"[i], sizeof(p));
		memset(s, "aa1"[i], sizeof(s));
		p[JIT_PATTERN_MAX] = s[JIT_PATTERN_MAX] = '\0';
		CHECK_INT(jit_pattern_check(p, &err), 0);
		CHECK(jit_pattern_match(p, s));
		s[JIT_PATTERN_MAX - 1] = '\0';
		CHECK(!jit_pattern_match(p, s));
	}
	memset(p, '*', sizeof(p));
	p[JIT_PATTERN_MAX + 1] = '\0';
	CHECK_INT(jit_pattern_check(p, &err), JIT_USAGE);
	CHECK(strstr(err.text, "longer than 128 bytes") != NULL);
	CHECK(!jit_pattern_match(p, "a"));

	CASE("a set that fills a pattern");
	memset(p, 'x', sizeof(p));
	p[0] = '[';
	p[JIT_PATTERN_MAX - 1] = ']';
	p[JIT_PATTERN_MAX] = '\0';
	CHECK(jit_pattern_match(p, "x"));
	p[JIT_PATTERN_MAX - 1] = 'x';
	CHECK_INT(jit_pattern_check(p, &err), JIT_USAGE);
}

/* Every printable character but the special ones is itself alone. */
static void
test_itself(void)
{
	char p[2] = "", s[2] = "";
	int c, d;

	CASE("everything else is itself");
	for (c = 0x20; c <= 0x7e; c++) {
		if (strchr("*?[#", c) != NULL)
			continue;
		p[0] = (char)c;
		for (d = 1; d < 256; d++) {
			s[0] = (char)d;
			CHECK(jit_pattern_match(p, s) == (c == d));
		}
	}
}

/* Obvious and slow: what the patterns mean, by trying everything. */
static bool
slow_match(const char *p, const char *s)
{
	if (*p == '\0')
		return *s == '\0';
	if (*p == '*')
		return slow_match(p + 1, s) || (*s && slow_match(p, s + 1));
	if (*p == '#')
		return *s >= '0' && *s <= '9' &&
			(slow_match(p + 1, s + 1) || slow_match(p, s + 1));
	return *s && (*p == '?' || *p == *s) && slow_match(p + 1, s + 1);
}

/* The word of number 'n' over 'letters', shorter ones first. */
static void
word(char out[8], size_t n, const char *letters)
{
	size_t base = strlen(letters), len = 0;

	for (; n > 0; n = (n - 1) / base)
		out[len++] = letters[(n - 1) % base];
	out[len] = '\0';
}

static void
test_against_slow(void)
{
	char p[8], s[8];
	size_t i, j;

	CASE("all small patterns and strings agree with the obvious");
	for (i = 1; i <= 5 + 25 + 125 + 625; i++) {
		word(p, i, "a1*?#");
		for (j = 0; j <= 2 + 4 + 8 + 16 + 32 + 64; j++) {
			word(s, j, "a1");
			if (jit_pattern_match(p, s) == slow_match(p, s))
				continue;
			ROW(p);
			CHECK_STR(s, slow_match(p, s) ? "match" : "no match");
		}
	}
}

/* Seconds of this process for one match of 'unit' again and again. */
static double
cost(const char *unit, const char *tail, char c, size_t len, bool want)
{
	char p[JIT_PATTERN_MAX + 1] = "";
	char *s = malloc(len + 1);
	clock_t start;

	if (s == NULL)
		abort();
	memset(s, c, len);
	s[len] = '\0';
	while (strlen(p) + strlen(unit) + strlen(tail) <= JIT_PATTERN_MAX)
		strcat(p, unit);
	strcat(p, tail);
	ROW(p);
	start = clock();
	CHECK(jit_pattern_match(p, s) == want);
	start = clock() - start;
	free(s);
	return (double)start / CLOCKS_PER_SEC;
}

static void
test_worst(void)
{
	CASE("many stars against many a's end at once");
	CHECK(cost("*a", "b", 'a', 100000, false) < 5);
	CHECK(cost("a*", "b", 'a', 100000, false) < 5);
	CHECK(cost("*", "b", 'a', 100000, false) < 5);
	CHECK(cost("*?", "b", 'a', 100000, false) < 5);
	CHECK(cost("*a", "", 'a', 100000, true) < 5);

	CASE("many digits against many digits end at once");
	CHECK(cost("#", "b", '1', 100000, false) < 5);
	CHECK(cost("#1", "b", '1', 100000, false) < 5);
	CHECK(cost("*#", "b", '1', 100000, false) < 5);
	CHECK(cost("#", "", '1', 100000, true) < 5);
	CHECK(cost("#[0-9]*", "x", '1', 100000, false) < 5);
}

int
main(void)
{
	test_match();
	test_refused();
	test_longest();
	test_itself();
	test_against_slow();
	test_worst();
	return UNIT_DONE();
}
