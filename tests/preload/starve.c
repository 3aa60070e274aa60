/* SPDX-License-Identifier: ISC */
/*
 * starve: a preload under which memory ends. Of the allocations that a
 * program makes, the STARVE-th and all after it fail; with STARVE_ONCE set,
 * that one alone.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

/* glibc's own names of what is stood before here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);

static atomic_long made;
static long last; /* 0: no end */
static int once;

static void __attribute__((constructor)) start(void)
{
	const char *n = getenv("STARVE");

	once = getenv("STARVE_ONCE") != NULL;
	last = n ? strtol(n, NULL, 10) : 0;
}

static int
refused(void)
{
	long n;

	if (last == 0)
		return 0;
	n = atomic_fetch_add(&made, 1) + 1;
	if (once ? n != last : n < last)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t size)
{
	return refused() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return refused() ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *p, size_t size)
{
	return refused() ? NULL : __libc_realloc(p, size);
}
