/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "when.h"

#define DAY 86400LL
#define MONDAY 3 /* 1970-01-01 was a Thursday: days since some Monday */

/* 0 for Monday, -1 for none; moves '*s' behind it. */
static int
day_of(const char **s)
{
	static const char names[] = "montuewedthufrisatsun";
	int i;

	for (i = 0; i < 7; i++) {
		if (strncmp(*s, names + 3 * i, 3) == 0) {
			*s += 3;
			return i;
		}
	}
	return -1;
}

static bool
read_days(unsigned int *days, const char *s)
{
	int first, last;

	for (;; s++) {
		first = last = day_of(&s);
		if (first >= 0 && *s == '-') {
			s++;
			last = day_of(&s);
		}
		if (first < 0 || last < first)
			return false;
		for (; first <= last; first++)
			*days |= 1u << first;
		if (*s != ',')
			return *s == '\0';
	}
}

/* "08:30" as minutes; -1: it is none. */
static int
read_clock(const char *s)
{
	int n;

	if (strlen(s) != 5 || strspn(s, "0123456789") != 2 || s[2] != ':' ||
		strspn(s + 3, "0123456789") != 2)
		return -1;
	n = ((s[0] - '0') * 10 + s[1] - '0') * 60 + (s[3] - '0') * 10 + s[4] -
		'0';
	return s[3] <= '5' && n <= 1440 ? n : -1;
}

static bool
read_zone(int *offset, const char *s)
{
	int minutes;

	if (strcmp(s, "Z") == 0)
		return true;
	minutes = s[0] == '+' || s[0] == '-' ? read_clock(s + 1) : -1;
	if (minutes < 0 || minutes > 14 * 60)
		return false;
	*offset = (s[0] == '-' ? -60 : 60) * minutes;
	return true;
}

int
jit_when_hours_read(struct jit_when_hours *out, const char *days,
	const char *from, const char *until, const char *zone,
	struct jit_error *err)
{
	struct jit_when_hours h = {0};

	h.from = read_clock(from);
	h.until = read_clock(until);
	if (!read_days(&h.days, days))
		return jit_fail(err, JIT_USAGE,
			"'%s' are no days: write mon-fri, or mon,wed", days);
	if (h.from < 0 || h.until <= h.from)
		return jit_fail(err, JIT_USAGE,
			"'%s' to '%s' are no hours: write 08:00 and a later "
			"18:00, at most 24:00",
			from, until);
	if (!read_zone(&h.offset, zone))
		return jit_fail(err, JIT_USAGE,
			"'%s' is no zone: write Z for UTC, or +01:00", zone);
	*out = h;
	return 0;
}

bool
jit_when_hours_hold(const struct jit_when_hours *hours, int64_t at)
{
	int64_t local = at + hours->offset;
	int64_t second = ((local % DAY) + DAY) % DAY;
	int64_t day = ((local - second) / DAY + MONDAY) % 7;

	if (!(hours->days & (1u << (day + 7) % 7)))
		return false;
	return second >= hours->from * 60LL && second < hours->until * 60LL;
}
