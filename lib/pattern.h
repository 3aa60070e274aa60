/* pattern: globs over whole strings, in linear time. */
#ifndef JIT_PATTERN_H
#define JIT_PATTERN_H

#include <stdbool.h>

#include "error.h"

#define JIT_PATTERN_MAX 128 /* bytes */

/*
 * Matches a whole string. '*' any run, '?' one character, '[a-z0-9]' one of
 * a set of single characters and ranges, '#' one or more digits; everything
 * else is itself. There is no escape: resources and names need none.
 * Printable ASCII only. JIT_USAGE with the reason when it is not one.
 */
int jit_pattern_check(const char *pattern, struct jit_error *err) JIT_CHECKED;

/* Whether it may match anything but itself. */
bool jit_pattern_wild(const char *pattern);

/* Whether 's' matches; false for a pattern that jit_pattern_check refuses. */
bool jit_pattern_match(const char *pattern, const char *s);

#endif
