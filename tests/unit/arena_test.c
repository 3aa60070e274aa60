/* SPDX-License-Identifier: ISC */
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "unit.h"

static bool
is_zero(const unsigned char *p, size_t len)
{
	while (len > 0 && p[len - 1] == 0)
		len--;
	return len == 0;
}

static void
test_get(void)
{
	static const size_t sizes[] = {1, 2, 3, 8, 17, 100, 2048, 2049, 5000,
		8191, 8192, 8193, 100000, 0, 1};
	unsigned char *at[50 * COUNT(sizes)];
	struct jit_arena a = {0}, moved;
	size_t i, j, len;

	CASE("values are zeroed and aligned");
	for (i = 0; i < COUNT(at); i++) {
		len = sizes[i % COUNT(sizes)];
		at[i] = jit_arena_get(&a, len);
		if (!CHECK(at[i] != NULL))
			return;
		CHECK((uintptr_t)at[i] % alignof(max_align_t) == 0);
		CHECK(is_zero(at[i], len));
		memset(at[i], (int)(i % 255 + 1), len);
	}

	CASE("no value is in another, also after a move");
	moved = a;
	memset(&a, 0, sizeof(a));
	CHECK_STR(jit_arena_str(&moved, "one more"), "one more");
	for (i = 0; i < COUNT(at); i++)
		for (j = 0; j < sizes[i % COUNT(sizes)]; j++)
			if (!CHECK(at[i][j] == i % 255 + 1))
				break;
	jit_arena_free(&moved);
	CHECK(moved.head == NULL);

	CASE("two values of no bytes are two");
	CHECK(jit_arena_get(&a, 0) != jit_arena_get(&a, 0));
	jit_arena_free(&a);
}

static void
test_refusal(void)
{
	struct jit_arena a = {0};
	size_t i;

	CASE("sizes that overflow get nothing");
	for (i = 0; i < 64; i++)
		CHECK(jit_arena_get(&a, SIZE_MAX - i) == NULL);
	CHECK(jit_arena_dup(&a, "x", SIZE_MAX) == NULL);
	CHECK(jit_arena_dup(&a, "x", SIZE_MAX - 1) == NULL);
	CHECK_STR(jit_arena_str(&a, "still works"), "still works");
	jit_arena_free(&a);

	CASE("free takes nothing and what is free");
	jit_arena_free(&a);
	jit_arena_free(NULL);
}

static void
test_dup(void)
{
	struct jit_arena a = {0};
	char s[] = "text";
	char *copy;

	CASE("dup copies, with a NUL behind");
	copy = jit_arena_dup(&a, s, 2);
	s[0] = 'T';
	CHECK_STR(copy, "te");
	CHECK_MEM(jit_arena_dup(&a, "a\0b", 3), "a\0b", 4);
	CHECK_STR(jit_arena_dup(&a, NULL, 0), "");
	CHECK_STR(jit_arena_str(&a, ""), "");
	CHECK_STR(jit_arena_str(&a, NULL), NULL);
	jit_arena_free(&a);
}

int
main(void)
{
	test_get();
	test_refusal();
	test_dup();
	return UNIT_DONE();
}
