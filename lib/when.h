/* when: durations and instants, in whole UTC seconds. */
#ifndef JIT_WHEN_H
#define JIT_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "error.h"

/* Longest duration accepted anywhere: 366 days, in seconds. */
#define JIT_WHEN_MAX (366LL * 86400)

#define JIT_STAMP 21 /* "2026-11-22T06:12:00Z" and a NUL */

/*
 * "90s", "30m", "2h", "1h30m", "1d": whole numbers with units, each unit at
 * most once, larger before smaller; 1 s to JIT_WHEN_MAX. A bare number is an
 * error that says so. JIT_USAGE; '*seconds' untouched then.
 */
int jit_when_duration(int64_t *seconds, const char *s,
	struct jit_error *err) JIT_CHECKED;

/* The shortest spelling that reads back: 5400 is "1h30m", 0 is "0s". */
void jit_when_spell(struct jit_buf *out, int64_t seconds);

/*
 * Hours of the week in which something holds: [from, until) on some days, in
 * UTC or at a fixed offset from it. No calendar and no time zone's rules.
 */
struct jit_when_hours {
	unsigned int days; /* bit 0 is Monday */
	int from, until;   /* minutes of the day, 0 to 1440 */
	int offset;        /* seconds east of UTC */
};

/*
 * Read "mon-fri" or "mon,wed-fri", "08:00", "18:00" (at most "24:00", later
 * than the first), "Z" or "+01:00". JIT_USAGE.
 */
int jit_when_hours_read(struct jit_when_hours *out, const char *days,
	const char *from, const char *until, const char *zone,
	struct jit_error *err) JIT_CHECKED;

/* Whether 'at' (UTC seconds) is within them. */
bool jit_when_hours_hold(const struct jit_when_hours *hours, int64_t at);

/* RFC 3339 in UTC, "2026-11-22T06:12:00Z"; years 1970 to 9999. */
void jit_when_stamp(char out[JIT_STAMP], int64_t at);

/* Read such a stamp, or a date "2026-11-22" (its first second). JIT_USAGE. */
int jit_when_instant(int64_t *at, const char *s,
	struct jit_error *err) JIT_CHECKED;

#endif
