/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "unit.h"

static struct {
	const char *name; /* of the case that runs, or NULL */
	char row[128];
	bool broken;
	int passed, failed;
} now;

static void
finish(void)
{
	if (now.name == NULL)
		return;
	if (now.broken)
		now.failed++;
	else
		now.passed++;
}

void
unit_case(const char *name)
{
	finish();
	now.name = name;
	now.row[0] = '\0';
	now.broken = false;
}

void
unit_row(const char *name)
{
	snprintf(now.row, sizeof(now.row), "%s", name ? name : "(null)");
}

/* Start the line of a failed check; the caller adds what is to be said. */
static void
fail(const char *file, int line)
{
	if (now.name == NULL)
		now.name = "before the first case";
	now.broken = true;
	printf("%s:%d: %s: ", file, line, now.name);
	if (now.row[0] != '\0')
		printf("[%s] ", now.row);
}

bool
unit_check(bool passed, const char *what, const char *file, int line)
{
	if (passed)
		return true;
	fail(file, line);
	printf("%s\n", what);
	fflush(stdout);
	return false;
}

bool
unit_check_str(const char *got, const char *want, const char *what,
	const char *file, int line)
{
	if (got == want || (got && want && strcmp(got, want) == 0))
		return true;
	fail(file, line);
	printf("%s is '%s', not '%s'\n", what, got ? got : "(null)",
		want ? want : "(null)");
	fflush(stdout);
	return false;
}

bool
unit_check_int(long long got, long long want, const char *what,
	const char *file, int line)
{
	if (got == want)
		return true;
	fail(file, line);
	printf("%s is %lld, not %lld\n", what, got, want);
	fflush(stdout);
	return false;
}

bool
unit_check_mem(const void *got, const void *want, size_t len, const char *what,
	const char *file, int line)
{
	const unsigned char *g = got, *w = want;
	size_t i;

	for (i = 0; i < len; i++) {
		if (g != NULL && w != NULL && g[i] == w[i])
			continue;
		fail(file, line);
		printf("%s differs at byte %zu of %zu\n", what, i, len);
		fflush(stdout);
		return false;
	}
	return true;
}

int
unit_done(const char *file)
{
	const char *base = strrchr(file, '/');
	int len;

	finish();
	base = base ? base + 1 : file;
	len = (int)strcspn(base, ".");
	printf("%.*s: %d passed, %d failed\n", len, base, now.passed,
		now.failed);
	return now.failed > 0 || now.passed == 0;
}
