/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "text.h"
#include "unit.h"

/* 'cp' as UTF-8 without asking whether it may be; its length. */
static size_t
utf8(char out[4], uint32_t cp)
{
	size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4, i;

	for (i = n; i-- > 1; cp >>= 6)
		out[i] = (char)(0x80 | (cp & 0x3f));
	out[0] = (char)(n == 1 ? cp : ((0xf00u >> n) & 0xff) | cp);
	return n;
}

static void
every_code_point(void)
{
	uint32_t cp, got = 0;
	bool surrogate;
	char s[4];
	size_t n;

	CASE("every code point reads back, but no surrogate");
	for (cp = 0; cp < 0x110000; cp++) {
		n = utf8(s, cp);
		surrogate = cp >= 0xd800 && cp <= 0xdfff;
		if (jit_text_next(&got, s, n) != (surrogate ? 0 : n) ||
			(!surrogate && got != cp))
			break;
		if (jit_text_next(&got, s, n - 1) != 0)
			break;
		if (jit_text_clean(s, n) != !jit_text_forbidden(cp))
			break;
	}
	CHECK_INT(cp, 0x110000);
}

static void
invalid_utf8(void)
{
	static const char *const bad[] = {"\x80", "\xbf", "\xc0\x80",
		"\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe", "\xc3",
		"\xe2\x82", "\xf0\x9f\x98", "\xc3\x28", "\xe2\x28\xa1",
		"\xf8\x88\x80\x80"};
	uint32_t cp = 7;
	size_t i;

	CASE("invalid UTF-8 is no character and no clean text");
	for (i = 0; i < COUNT(bad); i++) {
		CHECK(jit_text_next(&cp, bad[i], strlen(bad[i])) == 0);
		CHECK(!jit_text_clean(bad[i], strlen(bad[i])));
	}
	CHECK_INT(cp, 7);
	CHECK(jit_text_next(&cp, "", 0) == 0);
}

static void
forbidden(void)
{
	static const uint32_t no[] = {0, 0x09, 0x0a, 0x1b, 0x1f, 0x7f, 0x80,
		0x9b, 0x9f, 0xad, 0x600, 0x605, 0x61c, 0x6dd, 0x70f, 0x890,
		0x8e2, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028,
		0x2029, 0x202a, 0x202e, 0x2060, 0x2065, 0x2066, 0x2069, 0x206f,
		0xd800, 0xdfff, 0xe000, 0xf8ff, 0xfdd0, 0xfdef, 0xfeff, 0xfff0,
		0xfff9, 0xfffb, 0xfffe, 0xffff, 0x110bd, 0x13430, 0x1343f,
		0x1bca0, 0x1d173, 0x1fffe, 0x8ffff, 0xe0000, 0xe0001, 0xe0041,
		0xe0100, 0xe01ef, 0xe0fff, 0xf0000, 0xfffff, 0x10ffff};
	static const uint32_t yes[] = {0x20, 'a', 0x7e, 0xa0, 0xac, 0xae, 0xe9,
		0x300, 0x5d0, 0x606, 0x627, 0x915, 0x180b, 0x2010, 0x2027,
		0x202f, 0x203b, 0x205f, 0x2070, 0x20ac, 0x3042, 0x4e2d, 0xac00,
		0xf900, 0xfdcf, 0xfdf0, 0xfe0f, 0xfffc, 0xfffd, 0x1342f,
		0x13440, 0x1f600, 0x1f1e9, 0x20000, 0xe1000};
	size_t i;

	CASE("what a terminal would obey or hide is forbidden");
	for (i = 0; i < COUNT(no); i++)
		if (!CHECK(jit_text_forbidden(no[i])))
			CHECK_INT(no[i], -1);
	CHECK(jit_text_forbidden(0x110000));
	CASE("letters, marks and emoji are not");
	for (i = 0; i < COUNT(yes); i++)
		if (!CHECK(!jit_text_forbidden(yes[i])))
			CHECK_INT(yes[i], -1);
}

static void
ranges(void)
{
	const uint32_t(*r)[2] = NULL;
	size_t n = jit_text_ranges(&r), i;
	uint32_t cp, count = 0, sum = 0;

	CASE("the ranges are in order, apart, and all there is");
	for (i = 0; i < n; i++) {
		CHECK(r[i][0] <= r[i][1]);
		CHECK(i == 0 || r[i][0] > r[i - 1][1] + 1);
		sum += r[i][1] - r[i][0] + 1;
	}
	for (cp = 0; cp < 0x110000; cp++)
		count += jit_text_forbidden(cp);
	CHECK_INT(count, sum);
}

static void
clean(void)
{
	CASE("clean text");
	CHECK(jit_text_clean("", 0));
	CHECK(jit_text_clean("INC-4211: \xe2\x82\xac 3", 15));
	CHECK(jit_text_clean("\xf0\x9f\x91\x8d", 4));
	CHECK(!jit_text_clean("a\0b", 3));
	CHECK(!jit_text_clean("a\nb", 3));
	CHECK(!jit_text_clean("ab\xe2\x80\xae", 5));
	CHECK(!jit_text_clean("ab\xc2", 3));
}

static void
escape(void)
{
	struct jit_buf b = {0};

	CASE("escape shows what is there and does nothing");
	jit_text_escape(&b, "a\x1b[1m\xe2\x80\xae\xff\\\xc3\xa9\0", 13);
	CHECK_STR(jit_buf_text(&b),
		"a\\u{001B}[1m\\u{202E}\\xFF\\\xc3\xa9\\u{0000}");
	CHECK(jit_text_clean(jit_buf_text(&b), b.len));
	jit_buf_free(&b);
}

static void
quote(void)
{
	static const char e_acute[] = "\xc3\xa9";
	char s[101] = "", want[101] = "'";
	struct jit_buf b = {0};

	CASE("quote cuts between characters");
	jit_text_quote(&b, NULL);
	jit_text_quote(&b, "a\nb");
	CHECK_STR(jit_buf_text(&b), "'''a\\u{000A}b'");
	jit_buf_reset(&b);
	memset(s, 'x', JIT_TEXT_QUOTE - 1);
	strcpy(s + JIT_TEXT_QUOTE - 1, e_acute);
	memset(want + 1, 'x', JIT_TEXT_QUOTE - 1);
	strcat(want, "...'");
	jit_text_quote(&b, s);
	CHECK_STR(jit_buf_text(&b), want);
	jit_buf_free(&b);
}

int
main(void)
{
	every_code_point();
	invalid_utf8();
	forbidden();
	ranges();
	clean();
	escape();
	quote();
	return UNIT_DONE();
}
