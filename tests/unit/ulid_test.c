/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <string.h>

#include "ulid.h"
#include "unit.h"

#define UNTOUCHED "untouched"

static void
test_make(void)
{
	static const struct {
		int64_t at;
		const char *chance, *ulid;
	} t[] = {
		{0, "\0\0\0\0\0\0\0\0\0\0", "00000000000000000000000000"},
		{0, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
			"0000000000ZZZZZZZZZZZZZZZZ"},
		{0, "\0\0\0\0\0\0\0\0\0\x01", "00000000000000000000000001"},
		{0, "\x80\0\0\0\0\0\0\0\0\0", "0000000000G000000000000000"},
		/* the values 16 to 31, five bits each */
		{0, "\x84\x65\x3a\x56\xd7\xc6\x75\xbe\x77\xdf",
			"0000000000GHJKMNPQRSTVWXYZ"},
		/* and 0 to 15 */
		{0, "\x00\x44\x32\x14\xc7\x42\x54\xb6\x35\xcf",
			"00000000000123456789ABCDEF"},
		{1, "\0\0\0\0\0\0\0\0\0\0", "00000000Z80000000000000000"},
		{1469918176, "\0\0\0\0\0\0\0\0\0\0",
			"01ARYZ6RR00000000000000000"},
		{281474976710, "\0\0\0\0\0\0\0\0\0\0",
			"7ZZZZZZZBG0000000000000000"},
	};
	char out[JIT_ULID];
	size_t i;

	CASE("ULIDs are made");
	for (i = 0; i < COUNT(t); i++) {
		jit_ulid_make(out, t[i].at, (const unsigned char *)t[i].chance);
		CHECK_STR(out, t[i].ulid);
		CHECK(jit_ulid_valid(out));
		CHECK_INT(jit_ulid_time(out), t[i].at);
	}

	CASE("times that do not fit become the nearest that do");
	jit_ulid_make(out, -1, (const unsigned char *)t[0].chance);
	CHECK_STR(out, t[0].ulid);
	jit_ulid_make(out, INT64_MAX, (const unsigned char *)t[0].chance);
	CHECK_INT(jit_ulid_time(out), 281474976710);
	jit_ulid_make(out, INT64_MIN, (const unsigned char *)t[0].chance);
	CHECK_INT(jit_ulid_time(out), 0);
}

static void
test_order(void)
{
	static const unsigned char low[10],
		high[10] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
	char before[JIT_ULID], after[JIT_ULID];
	int64_t at;

	CASE("a later second sorts later, whatever the chance");
	for (at = 1700000000; at < 1800000000; at += 999983) {
		jit_ulid_make(before, at, high);
		jit_ulid_make(after, at + 1, low);
		CHECK(strcmp(before, after) < 0);
		CHECK_INT(jit_ulid_time(before), at);
	}
}

static void
test_valid(void)
{
	/* Of the specification and its reference implementation. */
	static const char *const good[] = {"01ARZ3NDEKTSV4RRFFQ69G5FAV",
		"01AN4Z07BY79KA1307SR9X4MV3", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
		"00000000000000000000000000"};
	static const char *const bad[] = {NULL, "", "0",
		"01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAV0",
		"01arz3ndektsv4rrffq69g5fav", "01ARZ3NDEKTSV4RRFFQ69G5FAv",
		"80000000000000000000000000", "ZZZZZZZZZZZZZZZZZZZZZZZZZZ",
		"01ARZ3NDEKTSV4RRFFQ69G5FAI", "01ARZ3NDEKTSV4RRFFQ69G5FAL",
		"01ARZ3NDEKTSV4RRFFQ69G5FAO", "01ARZ3NDEKTSV4RRFFQ69G5FAU",
		"O1ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEK-TSV4RRFFQ69G5FA",
		"01ARZ3NDEKTSV4RRFFQ69G5FA ", " 01ARZ3NDEKTSV4RRFFQ69G5FA",
		"01ARZ3NDEKTSV4RRFFQ69G5FA\n", "01ARZ3NDEKTSV4RRFFQ69G5FAV\n",
		"01ARZ3NDEKTSV4RRFFQ69G5F\xc3\xbc"};
	size_t i;

	CASE("ULIDs of the specification are valid");
	for (i = 0; i < COUNT(good); i++) {
		ROW(good[i]);
		CHECK(jit_ulid_valid(good[i]));
	}

	CASE("others are not, and have no time");
	for (i = 0; i < COUNT(bad); i++) {
		ROW(bad[i]);
		CHECK(!jit_ulid_valid(bad[i]));
		CHECK_INT(jit_ulid_time(bad[i]), -1);
	}

	CASE("a time that is no whole second is not jit's");
	CHECK_INT(jit_ulid_time("01ARYZ6S410000000000000000"), -1);
	CHECK_INT(jit_ulid_time("01ARZ3NDEKTSV4RRFFQ69G5FAV"), -1);
	CHECK_INT(jit_ulid_time("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), -1);
	CHECK_INT(jit_ulid_time("00000000010000000000000000"), -1);
}

static void
test_prefix(void)
{
	static const struct {
		const char *typed, *upper;
	} good[] = {
		{"01ARZ3ND", "01ARZ3ND"},
		{"01arz3nd", "01ARZ3ND"},
		{"01aRz3Nde", "01ARZ3NDE"},
		{"7zzzzzzz", "7ZZZZZZZ"},
		{"01arz3ndektsv4rrffq69g5fav", "01ARZ3NDEKTSV4RRFFQ69G5FAV"},
		{"01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAV"},
	};
	static const char *const bad[] = {NULL, "", "0", "01ARZ3N", "01ARZ3N ",
		"01ARZ3N\n", "81ARZ3ND", "zzzzzzzz", "01ARZ3NI", "01ARZ3Nl",
		"o1ARZ3ND", "01ARZ3NU", "01ARZ3N*", "01ARZ3N-D",
		"01ARZ3N\xc3\xbc", "01ARZ3NDEKTSV4RRFFQ69G5FAV0",
		"01ARZ3NDEKTSV4RRFFQ69G5FAVVVVV"};
	char out[JIT_ULID] = UNTOUCHED;
	size_t i;

	CASE("prefixes become upper case");
	for (i = 0; i < COUNT(good); i++) {
		CHECK(jit_ulid_prefix(out, good[i].typed));
		CHECK_STR(out, good[i].upper);
	}

	CASE("what starts no ULID is refused and nothing written");
	memcpy(out, UNTOUCHED, sizeof(UNTOUCHED));
	for (i = 0; i < COUNT(bad); i++) {
		ROW(bad[i]);
		CHECK(!jit_ulid_prefix(out, bad[i]));
		CHECK_STR(out, UNTOUCHED);
	}
}

int
main(void)
{
	test_make();
	test_order();
	test_valid();
	test_prefix();
	return UNIT_DONE();
}
