/* coverage_inner: what the parts of coverage share. */
#ifndef COVERAGE_INNER_H
#define COVERAGE_INNER_H

#include "coverage.h"

/* When a host's log begins and ends, of all logs of it. */
struct coverage_span {
	char host[JIT_HOSTLOG_NAME];
	int64_t from, until;
};

/* Who records uses, and since when. */
struct coverage_host {
	const char *by; /* its principal, interned */
	int64_t since;
};

/* One more finding, its text by the format. JIT_TROUBLE: no memory. */
int coverage_find(struct coverage *c, const struct coverage_finding *f,
	struct jit_error *err, const char *fmt, ...) JIT_PRINTF(4, 5);

/* What is kept of the issue of 'id', or NULL. */
struct coverage_grant *coverage_grant(const struct coverage *c, const char *id);

/* Whether a resource is 'scheme' of that host, by its whole name or first. */
bool coverage_on(const char *resource, const char *scheme, const char *host);

/* Whether a principal is that of a host, "web-1@ex.com". */
bool coverage_is_host(const char *principal, const char *host);

/* When a grant is over, or would be. */
int64_t coverage_over(const struct jit_story *g);

/* "root on ssh:web-1 to alice@ex.com" */
const char *coverage_what(char out[512], const struct jit_story *g);

#endif
