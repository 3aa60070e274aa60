/* SPDX-License-Identifier: ISC */
/* unit: a few macros that count cases and say which checks failed. */
#ifndef JIT_UNIT_H
#define JIT_UNIT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A test is a main that says CASE("...") before each group of checks and
 * ends with "return UNIT_DONE();". ROW("...") names the row of a table in
 * what is printed, until the next ROW or CASE. Every check returns whether
 * it passed.
 */
#define CASE(name) unit_case(name)
#define ROW(name) unit_row(name)
#define CHECK(cond) unit_check((cond), #cond, __FILE__, __LINE__)
#define CHECK_STR(got, want)                                                   \
	unit_check_str((got), (want), #got, __FILE__, __LINE__)
#define CHECK_INT(got, want)                                                   \
	unit_check_int((got), (want), #got, __FILE__, __LINE__)
#define CHECK_MEM(got, want, len)                                              \
	unit_check_mem((got), (want), (len), #got, __FILE__, __LINE__)
#define UNIT_DONE() unit_done(__FILE__)
#define COUNT(table) (sizeof(table) / sizeof(*(table)))

void unit_case(const char *name);
void unit_row(const char *name);
bool unit_check(bool passed, const char *what, const char *file, int line);

/* NULL equals only NULL. */
bool unit_check_str(const char *got, const char *want, const char *what,
	const char *file, int line);
bool unit_check_int(long long got, long long want, const char *what,
	const char *file, int line);
bool unit_check_mem(const void *got, const void *want, size_t len,
	const char *what, const char *file, int line);

/* Print "<room>_test: N passed, M failed"; returns main's status. */
int unit_done(const char *file);

#endif
