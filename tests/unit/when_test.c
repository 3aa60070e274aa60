/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "when.h"

static void
test_duration_good(void)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} t[] = {
		{"1s", 1},
		{"90s", 90},
		{"30m", 1800},
		{"90m", 5400},
		{"2h", 7200},
		{"1h30m", 5400},
		{"1d", 86400},
		{"1d2h3m4s", 93784},
		{"1d1s", 86401},
		{"1h90m", 9000},
		{"0h30m", 1800},
		{"030m", 1800},
		{"366d", JIT_WHEN_MAX},
		{"365d24h", JIT_WHEN_MAX},
		{"31622400s", JIT_WHEN_MAX},
	};
	struct jit_error err = {"", ""};
	int64_t got;
	size_t i;

	CASE("durations");
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].text);
		got = -1;
		CHECK_INT(jit_when_duration(&got, t[i].text, &err), 0);
		CHECK_INT(got, t[i].seconds);
	}
}

static void
test_duration_bad(void)
{
	static const struct {
		const char *text, *part; /* of the error */
	} t[] = {
		{NULL, "duration is empty"},
		{"", "duration is empty"},
		{"30", "has no unit: want s, m, h or d, as in '30m'"},
		{"0", "has no unit"},
		{"1h30", "has no unit"},
		{"m", "is not numbers with units"},
		{"-30m", "is not numbers with units"},
		{"+30m", "is not numbers with units"},
		{" 30m", "is not numbers with units"},
		{"1h 30m", "is not numbers with units"},
		{"1hm", "is not numbers with units"},
		{"forever", "is not numbers with units"},
		{"30m ", "is not numbers with units"},
		{"30m\n", "is not numbers with units"},
		{"\xd9\xa3m", "is not numbers with units"},
		{"30 m", "unknown unit"},
		{"30min", "is not numbers with units"},
		{"30M", "unknown unit"},
		{"1w", "unknown unit"},
		{"1.5h", "unknown unit"},
		{"1,5h", "unknown unit"},
		{"0x10s", "unknown unit"},
		{"1e3s", "unknown unit"},
		{"30m1h", "repeats a unit or has a smaller one first"},
		{"1h1h", "repeats a unit or has a smaller one first"},
		{"1s1s", "repeats a unit or has a smaller one first"},
		{"1d1s1m", "repeats a unit or has a smaller one first"},
		{"0s", "out of range: want 1s to 366d"},
		{"0d0h0m0s", "out of range"},
		{"367d", "out of range"},
		{"366d1s", "out of range"},
		{"1d31622401s", "out of range"},
		{"31622401s", "out of range"},
		{"9223372036854775807s", "out of range"},
		{"9223372036854775808s", "out of range"},
		{"18446744073709551617s", "out of range"},
		{"106751991167301d", "out of range"},
		{"99999999999999999999999999999999d1s", "out of range"},
	};
	struct jit_error err;
	int64_t got;
	size_t i;

	CASE("what is no duration is refused with what would be right");
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].text);
		memset(&err, 0, sizeof(err));
		got = 77;
		CHECK_INT(jit_when_duration(&got, t[i].text, &err), JIT_USAGE);
		CHECK_INT(got, 77);
		if (!CHECK(strstr(err.text, t[i].part) != NULL))
			CHECK_STR(err.text, t[i].part);
	}
}

static void
test_spell(void)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} t[] = {
		{0, "0s"},
		{1, "1s"},
		{59, "59s"},
		{60, "1m"},
		{90, "1m30s"},
		{3600, "1h"},
		{3601, "1h1s"},
		{5400, "1h30m"},
		{86399, "23h59m59s"},
		{86400, "1d"},
		{93784, "1d2h3m4s"},
		{172800, "2d"},
		{JIT_WHEN_MAX, "366d"},
		{-5400, "-1h30m"},
		{INT64_MAX, "106751991167300d15h30m7s"},
		{INT64_MIN, "-106751991167300d15h30m8s"},
	};
	struct jit_buf b = {0};
	int64_t s, back;
	size_t i;

	CASE("seconds are spelled");
	for (i = 0; i < COUNT(t); i++) {
		jit_when_spell(&b, t[i].seconds);
		CHECK_STR(jit_buf_text(&b), t[i].text);
		jit_buf_reset(&b);
	}

	CASE("what is spelled reads back");
	for (s = 1; s <= JIT_WHEN_MAX; s += s < 100000 ? 7 : 9973) {
		jit_when_spell(&b, s);
		back = 0;
		CHECK_INT(jit_when_duration(&back, jit_buf_text(&b), NULL), 0);
		CHECK_INT(back, s);
		jit_buf_reset(&b);
	}
	jit_buf_free(&b);
}

static void
test_stamp(void)
{
	static const struct {
		int64_t at;
		const char *text;
	} t[] = {
		{0, "1970-01-01T00:00:00Z"},
		{1, "1970-01-01T00:00:01Z"},
		{86399, "1970-01-01T23:59:59Z"},
		{68169599, "1972-02-28T23:59:59Z"},
		{68169600, "1972-02-29T00:00:00Z"},
		{68256000, "1972-03-01T00:00:00Z"},
		{94694399, "1972-12-31T23:59:59Z"},
		{951782400, "2000-02-29T00:00:00Z"},
		{951868800, "2000-03-01T00:00:00Z"},
		{1000000000, "2001-09-09T01:46:40Z"},
		{1709164800, "2024-02-29T00:00:00Z"},
		{1735689599, "2024-12-31T23:59:59Z"},
		{1795327920, "2026-11-22T06:12:00Z"},
		{2147483648, "2038-01-19T03:14:08Z"},
		{4107542399, "2100-02-28T23:59:59Z"},
		{4107542400, "2100-03-01T00:00:00Z"},
		{253402300799, "9999-12-31T23:59:59Z"},
	};
	char out[JIT_STAMP];
	int64_t at;
	size_t i;

	CASE("stamps around leap days, both ways");
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].text);
		jit_when_stamp(out, t[i].at);
		CHECK_STR(out, t[i].text);
		at = -1;
		CHECK_INT(jit_when_instant(&at, t[i].text, NULL), 0);
		CHECK_INT(at, t[i].at);
	}

	CASE("outside the years that a stamp has is the nearest inside");
	jit_when_stamp(out, -1);
	CHECK_STR(out, "1970-01-01T00:00:00Z");
	jit_when_stamp(out, INT64_MIN);
	CHECK_STR(out, "1970-01-01T00:00:00Z");
	jit_when_stamp(out, 253402300800);
	CHECK_STR(out, "9999-12-31T23:59:59Z");
	jit_when_stamp(out, INT64_MAX);
	CHECK_STR(out, "9999-12-31T23:59:59Z");
}

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Counts the days one by one, as a calendar on a wall does. */
static void
test_every_day(void)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31};
	char text[64], out[JIT_STAMP];
	int64_t at, want = 0;
	int y, m, d, last;

	CASE("every day of every year");
	for (y = 1970; y <= 9999; y++) {
		for (m = 1; m <= 12; m++) {
			last = days[m - 1] + (m == 2 && is_leap(y));
			for (d = 1; d <= last; d++, want += 86400) {
				snprintf(text, sizeof(text), "%04d-%02d-%02d",
					y, m, d);
				at = -1;
				if (jit_when_instant(&at, text, NULL) != 0 ||
					at != want) {
					CHECK_STR(NULL, text);
					return;
				}
				jit_when_stamp(out, at);
				if (memcmp(out, text, 10) != 0) {
					CHECK_STR(out, text);
					return;
				}
			}
			snprintf(text, sizeof(text), "%04d-%02d-%02d", y, m,
				last + 1);
			if (!CHECK(jit_when_instant(&at, text, NULL) ==
				    JIT_USAGE))
				return;
		}
	}
	CHECK_INT(want, 253402300800);
}

static void
test_instant_bad(void)
{
	static const struct {
		const char *text, *part;
	} t[] = {
		{NULL, "is not a date"},
		{"", "is not a date"},
		{"now", "is not a date"},
		{"1795327920", "is not a date"},
		{"2026-11", "is not a date"},
		{"2026-1-22", "is not a date"},
		{"26-11-22", "is not a date"},
		{"02026-11-22", "is not a date"},
		{"2026/11/22", "is not a date"},
		{"2026-11-22 ", "is not a date"},
		{" 2026-11-22", "is not a date"},
		{"2026-11-22Z", "is not a date"},
		{"2026-11-22T06:12", "is not a date"},
		{"2026-11-22T06:12Z", "is not a date"},
		{"2026-11-22T06:12:00", "is not a date"},
		{"2026-11-22T06:12:00z", "is not a date"},
		{"2026-11-22t06:12:00Z", "is not a date"},
		{"2026-11-22 06:12:00Z", "is not a date"},
		{"2026-11-22T06:12:00.5Z", "is not a date"},
		{"2026-11-22T06:12:00+00:00", "is not a date"},
		{"2026-11-22T06:12:00Z\n", "is not a date"},
		{"2026-11-22T06:12:0xZ", "is not a date"},
		{"-026-11-22", "is not a date"},
		{"10000-01-01", "is not a date"},
		{"1969-12-31", "is before 1970"},
		{"1969-12-31T23:59:59Z", "is before 1970"},
		{"0000-01-01", "is before 1970"},
		{"2026-00-22", "there is no day '2026-00-22'"},
		{"2026-13-22", "there is no day"},
		{"2026-11-00", "there is no day"},
		{"2026-11-31", "there is no day"},
		{"2026-12-32", "there is no day"},
		{"2026-99-99", "there is no day"},
		{"2026-02-29", "there is no day"},
		{"2024-02-30", "there is no day"},
		{"2100-02-29T00:00:00Z", "there is no day '2100-02-29'"},
		{"2026-11-22T24:00:00Z", "there is no time"},
		{"2026-11-22T23:60:00Z", "there is no time"},
		{"2016-12-31T23:59:60Z", "there is no time"},
		{"2026-11-22T99:99:99Z", "there is no time"},
	};
	struct jit_error err;
	int64_t at;
	size_t i;

	CASE("what is no instant is refused with what would be right");
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].text);
		memset(&err, 0, sizeof(err));
		at = 77;
		CHECK_INT(jit_when_instant(&at, t[i].text, &err), JIT_USAGE);
		CHECK_INT(at, 77);
		if (!CHECK(strstr(err.text, t[i].part) != NULL))
			CHECK_STR(err.text, t[i].part);
	}
}

/* Hours of the week. */

#define SUNDAY 1795305600LL /* 2026-11-22T00:00:00Z */
#define DAY 86400LL

static void
test_hours_read(void)
{
	static const struct {
		const char *days, *from, *until, *zone;
		unsigned int set; /* days, Monday first */
		int first, last, offset;
	} good[] = {
		{"mon-fri", "08:00", "18:00", "Z", 0x1f, 480, 1080, 0},
		{"mon-sun", "00:00", "24:00", "+00:00", 0x7f, 0, 1440, 0},
		{"mon,wed", "08:30", "08:31", "+01:00", 5, 510, 511, 3600},
		{"sun,mon", "00:00", "00:01", "-12:00", 0x41, 0, 1, -43200},
		{"sat-sun", "23:59", "24:00", "+14:00", 0x60, 1439, 1440,
			50400},
		{"tue-tue", "10:00", "11:00", "+05:45", 2, 600, 660, 20700},
		{"mon,wed-fri", "10:00", "11:00", "-03:30", 0x1d, 600, 660,
			-12600},
		{"mon,mon", "10:00", "11:00", "-00:00", 1, 600, 660, 0},
	};
	static const struct {
		const char *days, *from, *until, *zone, *part;
	} bad[] = {
		{"", "08:00", "18:00", "Z", "'' are no days"},
		{"Mon", "08:00", "18:00", "Z", "'Mon' are no days"},
		{"monday", "08:00", "18:00", "Z", "are no days"},
		{"mon-", "08:00", "18:00", "Z", "are no days"},
		{"-fri", "08:00", "18:00", "Z", "are no days"},
		{"fri-mon", "08:00", "18:00", "Z", "are no days"},
		{"mon,", "08:00", "18:00", "Z", "are no days"},
		{",mon", "08:00", "18:00", "Z", "are no days"},
		{"mon tue", "08:00", "18:00", "Z", "are no days"},
		{"mon, tue", "08:00", "18:00", "Z", "are no days"},
		{"mon-wed-fri", "08:00", "18:00", "Z", "are no days"},
		{"1-5", "08:00", "18:00", "Z", "write mon-fri, or mon,wed"},
		{"mon", "8:00", "18:00", "Z", "are no hours"},
		{"mon", "08:00", "18:60", "Z", "are no hours"},
		{"mon", "08:00", "24:01", "Z", "are no hours"},
		{"mon", "24:00", "24:00", "Z", "are no hours"},
		{"mon", "08:00", "08:00", "Z", "are no hours"},
		{"mon", "18:00", "08:00", "Z", "'18:00' to '08:00'"},
		{"mon", "08:00:00", "18:00", "Z", "are no hours"},
		{"mon", "0800", "18:00", "Z", "are no hours"},
		{"mon", "", "18:00", "Z", "are no hours"},
		{"mon", "-8:00", "18:00", "Z", "are no hours"},
		{"mon", "08:00", "99:00", "Z", "are no hours"},
		{"mon", "08:00", "18:00", "", "'' is no zone"},
		{"mon", "08:00", "18:00", "z", "is no zone"},
		{"mon", "08:00", "18:00", "UTC", "is no zone"},
		{"mon", "08:00", "18:00", "Europe/Vienna", "is no zone"},
		{"mon", "08:00", "18:00", "01:00", "is no zone"},
		{"mon", "08:00", "18:00", "+1:00", "is no zone"},
		{"mon", "08:00", "18:00", "+14:01", "is no zone"},
		{"mon", "08:00", "18:00", "-01:60", "is no zone"},
		{"mon", "08:00", "18:00", "Z ", "write Z for UTC, or +01:00"},
	};
	struct jit_when_hours h;
	struct jit_error err;
	size_t i;

	CASE("days, hours and zones are read");
	for (i = 0; i < COUNT(good); i++) {
		ROW(good[i].days);
		memset(&err, 0, sizeof(err));
		CHECK_INT(jit_when_hours_read(&h, good[i].days, good[i].from,
				  good[i].until, good[i].zone, &err),
			0);
		CHECK_STR(err.text, "");
		CHECK_INT(h.days, good[i].set);
		CHECK_INT(h.from, good[i].first);
		CHECK_INT(h.until, good[i].last);
		CHECK_INT(h.offset, good[i].offset);
	}

	CASE("what is none of them is refused with what would be right");
	for (i = 0; i < COUNT(bad); i++) {
		ROW(bad[i].part);
		memset(&err, 0, sizeof(err));
		h.days = 77;
		CHECK_INT(jit_when_hours_read(&h, bad[i].days, bad[i].from,
				  bad[i].until, bad[i].zone, &err),
			JIT_USAGE);
		CHECK_INT(h.days, 77);
		if (!CHECK(strstr(err.text, bad[i].part) != NULL))
			CHECK_STR(err.text, bad[i].part);
	}
}

static void
test_hours_hold(void)
{
	static const struct {
		const char *days, *from, *until, *zone;
		int64_t first, last; /* seconds in which it holds, and not */
	} rows[] = {
		{"sun", "08:00", "18:00", "Z", SUNDAY + 28800, SUNDAY + 64800},
		{"sun", "00:00", "24:00", "Z", SUNDAY, SUNDAY + DAY},
		{"mon", "00:00", "24:00", "Z", SUNDAY + DAY, SUNDAY + 2 * DAY},
		{"sat", "00:00", "24:00", "Z", SUNDAY - DAY, SUNDAY},
		{"mon-sat", "00:00", "24:00", "Z", SUNDAY + DAY,
			SUNDAY + 7 * DAY},
		{"sat,sun", "00:00", "24:00", "Z", SUNDAY - DAY, SUNDAY + DAY},
		/* a day begins sooner in the east, and later in the west */
		{"sun", "00:00", "24:00", "+14:00", SUNDAY - 50400,
			SUNDAY - 50400 + DAY},
		{"sun", "00:00", "24:00", "-12:00", SUNDAY + 43200,
			SUNDAY + 43200 + DAY},
		{"sun", "08:30", "08:31", "+05:45", SUNDAY + 9900,
			SUNDAY + 9960},
		{"mon", "01:00", "02:00", "+02:00", SUNDAY + DAY - 3600,
			SUNDAY + DAY},
		{"sat", "23:00", "24:00", "-03:30", SUNDAY + 9000,
			SUNDAY + 12600},
		/* the first days there are: 1970-01-01 was a Thursday */
		{"thu", "00:00", "24:00", "Z", 0, DAY},
		{"wed", "23:00", "24:00", "-01:00", 0, 3600},
		{"sun", "00:00", "24:00", "Z", 3 * DAY, 4 * DAY},
	};
	struct jit_when_hours h;
	size_t i, week;
	int64_t more;

	CASE("half-open, at any offset, every week anew");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].days);
		if (!CHECK_INT(jit_when_hours_read(&h, rows[i].days,
				       rows[i].from, rows[i].until,
				       rows[i].zone, NULL),
			    0))
			continue;
		for (week = 0; week < 3; week++) {
			more = (int64_t)week * 7 * DAY;
			CHECK(!jit_when_hours_hold(&h,
				rows[i].first + more - 1));
			CHECK(jit_when_hours_hold(&h, rows[i].first + more));
			CHECK(jit_when_hours_hold(&h, rows[i].last + more - 1));
			CHECK(!jit_when_hours_hold(&h, rows[i].last + more));
		}
	}

	CASE("all week is always");
	CHECK_INT(jit_when_hours_read(&h, "mon-sun", "00:00", "24:00", "+07:30",
			  NULL),
		0);
	for (more = 0; more < 8 * DAY; more += 599)
		CHECK(jit_when_hours_hold(&h, SUNDAY + more));
}

int
main(void)
{
	test_duration_good();
	test_duration_bad();
	test_spell();
	test_stamp();
	test_every_day();
	test_instant_bad();
	test_hours_read();
	test_hours_hold();
	return UNIT_DONE();
}
