/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "error.h"
#include "unit.h"

#define LINE (sizeof(((struct jit_error *)0)->text) - 1)

static void
test_fail(void)
{
	struct jit_error err = {"old-rule", "old text"};

	CASE("fail says the line, clears the rule, returns the code");
	CHECK_INT(jit_fail(&err, JIT_USAGE, "no '%s' at %d", "x", 7),
		JIT_USAGE);
	CHECK_STR(err.text, "no 'x' at 7");
	CHECK_STR(err.rule, "");

	CASE("every function takes no error at all");
	CHECK_INT(jit_fail(NULL, JIT_NO, "a"), JIT_NO);
	CHECK_INT(jit_refuse(NULL, JIT_OVER, "r", "a"), JIT_OVER);
	CHECK_INT(jit_within(NULL, JIT_BUSY, "a"), JIT_BUSY);
	CHECK_INT(jit_nomem(NULL), JIT_TROUBLE);

	CASE("nomem is trouble");
	CHECK_INT(jit_nomem(&err), JIT_TROUBLE);
	CHECK_STR(err.text, "out of memory");
}

static void
test_refuse(void)
{
	struct jit_error err = {"", ""};

	CASE("refuse names the rule");
	CHECK_INT(jit_refuse(&err, JIT_NO, "self-approval", "%s may not", "a"),
		JIT_NO);
	CHECK_STR(err.rule, "self-approval");
	CHECK_STR(err.text, "a may not");

	CASE("within keeps the rule");
	CHECK_INT(jit_within(&err, JIT_NO, "event %d", 3), JIT_NO);
	CHECK_STR(err.rule, "self-approval");
	CHECK_STR(err.text, "event 3: a may not");

	CASE("a rule that is too long is cut");
	jit_refuse(&err, JIT_NO, "0123456789012345678901234567890123456789",
		"x");
	CHECK_STR(err.rule, "0123456789012345678901234567890");

	CASE("a rule and arguments may come from the error itself");
	jit_refuse(&err, JIT_NO, "first", "one");
	jit_refuse(&err, JIT_NO, err.rule, "%s and %s", err.text, err.rule);
	CHECK_STR(err.rule, "first");
	CHECK_STR(err.text, "one and first");
}

static void
test_within(void)
{
	struct jit_error err = {"", ""};

	CASE("within takes its arguments from the text itself");
	jit_fail(&err, JIT_NO, "inner");
	jit_within(&err, JIT_NO, "'%s'", err.text);
	CHECK_STR(err.text, "'inner': inner");
	jit_fail(&err, JIT_NO, "again %s", err.text);
	CHECK_STR(err.text, "again 'inner': inner");

	CASE("within an empty text is the context alone");
	err.text[0] = '\0';
	jit_within(&err, JIT_NO, "context");
	CHECK_STR(err.text, "context");
}

static void
test_controls(void)
{
	struct jit_error err = {"", ""};

	CASE("no control character and no newline gets in");
	jit_fail(&err, JIT_NO, "a%sz", "\n\r\t\x1b[2J\x01\x7f");
	CHECK_STR(err.text, "a????[2J??z");
	jit_within(&err, JIT_NO, "x\ny");
	CHECK_STR(err.text, "x?y: a????[2J??z");

	CASE("other bytes are left alone");
	jit_fail(&err, JIT_NO, "%s", "gr\xc3\xbc\xc3\x9f ~");
	CHECK_STR(err.text, "gr\xc3\xbc\xc3\x9f ~");
}

/* Fill up to 'left' bytes before the end, then add 'tail'. */
static void
fill(struct jit_error *err, size_t left, const char *tail)
{
	char line[LINE + 1];

	memset(line, 'x', LINE - left);
	line[LINE - left] = '\0';
	jit_fail(err, JIT_NO, "%s%s", line, tail);
}

static void
test_truncation(void)
{
	static const struct {
		const char *tail;
		size_t left, want; /* room for it, bytes of it that remain */
	} t[] = {
		{"abc", 3, 3},
		{"abc", 2, 2},
		{"\xc3\xbc", 2, 2},
		{"\xc3\xbc", 1, 0},
		{"\xc3\xbcz", 2, 2},
		{"\xe2\x82\xac", 3, 3},
		{"\xe2\x82\xac", 2, 0},
		{"\xe2\x82\xac", 1, 0},
		{"\xe2\x82\xac!", 3, 3},
		{"\xf0\x9f\x94\x91", 4, 4},
		{"\xf0\x9f\x94\x91", 3, 0},
		{"\xf0\x9f\x94\x91", 2, 0},
		{"\xf0\x9f\x94\x91", 1, 0},
		{"\xc3\xbc\xf0\x9f\x94\x91", 4, 2},
	};
	struct jit_error err = {"", ""}, inner;
	size_t i;

	CASE("what is too long ends where a character does");
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].tail);
		fill(&err, t[i].left, t[i].tail);
		CHECK_INT(strlen(err.text), LINE - t[i].left + t[i].want);
		CHECK_MEM(err.text + LINE - t[i].left, t[i].tail, t[i].want);
	}

	CASE("within cuts there too");
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].tail);
		fill(&inner, t[i].left + 3, "");
		strcat(inner.text, t[i].tail);
		jit_within(&inner, JIT_NO, "c");
		CHECK_INT(strlen(inner.text), LINE - t[i].left + t[i].want);
	}

	CASE("a context that fills the line leaves room for nothing");
	fill(&err, 0, "");
	inner = err;
	jit_fail(&err, JIT_NO, "lost");
	jit_within(&err, JIT_NO, "%s", inner.text);
	CHECK_STR(err.text, inner.text);
}

int
main(void)
{
	test_fail();
	test_refuse();
	test_within();
	test_controls();
	test_truncation();
	return UNIT_DONE();
}
