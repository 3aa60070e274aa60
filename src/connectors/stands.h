/* stands: what a scan finds and what it cannot see, as they come up. */
#ifndef STANDS_H
#define STANDS_H

#include "serve.h"

#define STANDS_MAX 4000  /* that are listed */
#define STANDS_UNSEEN 64 /* that are told */

struct stands {
	struct serve *s;
	const char *const *surfaces; /* that are scanned; NULL at the end */
	struct jit_stands *at;
	size_t count, more;
	size_t bytes; /* of their texts */
	const char **unseen;
	const char *about[STANDS_UNSEEN]; /* as in stands_miss */
	size_t missed, lost;
};

/* JIT_TROUBLE: no memory. */
int stands_open(struct stands *x, struct serve *s, const char *const *surfaces,
	struct jit_error *err) JIT_CHECKED;

/* 'what' lets 'who' in for good; both are lines of serve_line. */
void stands_add(struct stands *x, const char *surface, const char *what,
	const char *who);

/*
 * Something of a surface (or of several, blanks between; NULL: of all) could
 * not be seen, and why. 'surface' outlives 'x'.
 */
void stands_miss(struct stands *x, const char *surface, const char *what,
	const char *why);

/* The same of whatever source of 'database' is not a file (nss room). */
void stands_sources(struct stands *x, const char *surface,
	const char *database);

/*
 * The text of a file of at most 1 MiB is appended. false: it is not there,
 * which is fine, or cannot be read, which is said.
 */
bool stands_read(struct jit_buf *out, struct stands *x, const char *surface,
	const char *path);

/* Fill in the reply. JIT_TROUBLE: no memory. */
int stands_done(struct stands *x, struct jit_error *err) JIT_CHECKED;

/*
 * Whether what ends at 'date', which begins with YYYYMMDD, stands for good
 * nevertheless: a year is the longest that anything in a policy lasts, and an
 * end after more than that is none. What is no such date is none, too.
 */
bool stands_beyond(const struct serve *s, const char *date);

#endif
