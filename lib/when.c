/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "when.h"

#define DAY 86400LL
#define LAST 253402300799LL /* 9999-12-31T23:59:59Z */

/* The larger first, as they are written. */
static const struct unit {
	char letter;
	int64_t seconds;
} units[] = {
	{'d', DAY},
	{'h', 3600},
	{'m', 60},
	{'s', 1},
};
#define UNITS (sizeof(units) / sizeof(*units))

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads digits from '*s' and moves it behind them; more than any limit: -1. */
static int64_t
number(const char **s)
{
	int64_t n = 0;

	for (; is_digit(**s); (*s)++) {
		if (n >= 0)
			n = n * 10 + (**s - '0');
		if (n > JIT_WHEN_MAX)
			n = -1;
	}
	return n;
}

/* The unit that 'letter' means, from 'first' on; UNITS if there is none. */
static size_t
unit_find(char letter, size_t first)
{
	size_t i;

	for (i = first; i < UNITS && units[i].letter != letter; i++)
		;
	return i;
}

static int
duration_unit_error(const char *s, char letter, struct jit_error *err)
{
	if (letter == '\0')
		return jit_fail(err, JIT_USAGE,
			"the number in duration '%s' has no unit: "
			"want s, m, h or d, as in '30m'",
			s);
	if (unit_find(letter, 0) < UNITS)
		return jit_fail(err, JIT_USAGE,
			"duration '%s' repeats a unit or has a smaller one "
			"first: want '1h30m'",
			s);
	return jit_fail(err, JIT_USAGE,
		"duration '%s' has an unknown unit: "
		"want s, m, h or d, as in '30m'",
		s);
}

int
jit_when_duration(int64_t *seconds, const char *s, struct jit_error *err)
{
	const char *p = s;
	int64_t n, each, sum = 0;
	size_t unit = 0;
	bool fits = true;

	if (s == NULL || *s == '\0')
		return jit_fail(err, JIT_USAGE,
			"duration is empty: want one such as '30m'");
	for (; *p != '\0'; p++, unit++) {
		if (!is_digit(*p))
			return jit_fail(err, JIT_USAGE,
				"duration '%s' is not numbers with units: "
				"want '30m' or '1h30m'",
				s);
		n = number(&p);
		if (unit_find(*p, unit) == UNITS)
			return duration_unit_error(s, *p, err);
		unit = unit_find(*p, unit);
		each = units[unit].seconds;
		fits = fits && n >= 0 && n <= JIT_WHEN_MAX / each;
		sum += fits ? n * each : 0;
	}
	if (!fits || sum < 1 || sum > JIT_WHEN_MAX)
		return jit_fail(err, JIT_USAGE,
			"duration '%s' is out of range: want 1s to 366d", s);
	*seconds = sum;
	return 0;
}

void
jit_when_spell(struct jit_buf *out, int64_t seconds)
{
	uint64_t left = (uint64_t)seconds, count;
	size_t i;

	if (seconds == 0)
		jit_buf_str(out, "0s");
	if (seconds < 0) {
		jit_buf_str(out, "-");
		left = -left;
	}
	for (i = 0; i < UNITS; i++) {
		count = left / (uint64_t)units[i].seconds;
		left %= (uint64_t)units[i].seconds;
		if (count > 0)
			jit_buf_fmt(out, "%llu%c", (unsigned long long)count,
				units[i].letter);
	}
}

/*
 * Days since 1970-01-01 of a day of the Gregorian calendar. Years start in
 * March here, so that the leap day is the last: 153 days are five months.
 */
static int64_t
days_from_date(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
		1 - 719468;
}

/* The inverse, for days from 1970 on. */
static void
date_from_days(int64_t *year, int64_t *month, int64_t *day, int64_t days)
{
	int64_t era, doe, yoe, doy, m;

	days += 719468;
	era = days / 146097;
	doe = days % 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	m = (5 * doy + 2) / 153;
	*day = doy - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = era * 400 + yoe + (*month <= 2);
}

/* 'width' decimal digits, without a NUL. */
static void
put_digits(char *out, int width, int64_t n)
{
	for (; width > 0; width--, n /= 10)
		out[width - 1] = (char)('0' + n % 10);
}

/* What is outside the years that a stamp has becomes the nearest inside. */
void
jit_when_stamp(char out[JIT_STAMP], int64_t at)
{
	int64_t year, month, day;

	at = at < 0 ? 0 : at > LAST ? LAST : at;
	date_from_days(&year, &month, &day, at / DAY);
	memcpy(out, "0000-00-00T00:00:00Z", JIT_STAMP);
	put_digits(out, 4, year);
	put_digits(out + 5, 2, month);
	put_digits(out + 8, 2, day);
	put_digits(out + 11, 2, at % DAY / 3600);
	put_digits(out + 14, 2, at % 3600 / 60);
	put_digits(out + 17, 2, at % 60);
}

/* Whether 's' looks like 'shape', where 0 stands for any digit. */
static bool
looks_like(const char *s, const char *shape)
{
	for (; *shape != '\0'; s++, shape++)
		if (*shape == '0' ? !is_digit(*s) : *s != *shape)
			return false;
	return *s == '\0';
}

static int64_t
get_digits(const char *s, int width)
{
	int64_t n = 0;

	for (; width > 0; width--, s++)
		n = n * 10 + (*s - '0');
	return n;
}

/* A day is one that comes back the same: there is no February 30. */
static bool
is_date(int64_t year, int64_t month, int64_t day)
{
	int64_t y, m, d;

	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	date_from_days(&y, &m, &d, days_from_date(year, month, day));
	return y == year && m == month && d == day;
}

int
jit_when_instant(int64_t *at, const char *s, struct jit_error *err)
{
	int64_t year, month, day, hour = 0, minute = 0, second = 0;
	bool stamp;

	stamp = s != NULL && looks_like(s, "0000-00-00T00:00:00Z");
	if (!stamp && (s == NULL || !looks_like(s, "0000-00-00")))
		return jit_fail(err, JIT_USAGE,
			"time '%s' is not a date such "
			"as '2026-11-22' or UTC such as '2026-11-22T06:12:00Z'",
			s != NULL ? s : "");
	year = get_digits(s, 4);
	month = get_digits(s + 5, 2);
	day = get_digits(s + 8, 2);
	if (stamp) {
		hour = get_digits(s + 11, 2);
		minute = get_digits(s + 14, 2);
		second = get_digits(s + 17, 2);
	}
	if (year < 1970)
		return jit_fail(err, JIT_USAGE, "time '%s' is before 1970", s);
	if (!is_date(year, month, day))
		return jit_fail(err, JIT_USAGE, "there is no day '%.10s'", s);
	if (hour > 23 || minute > 59 || second > 59)
		return jit_fail(err, JIT_USAGE, "there is no time '%s'", s);
	*at = days_from_date(year, month, day) * DAY + hour * 3600 +
		minute * 60 + second;
	return 0;
}
