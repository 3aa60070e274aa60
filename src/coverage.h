/* coverage: whether what was given and what was done are the same. */
#ifndef COVERAGE_H
#define COVERAGE_H

#include "hostlog.h"
#include "figure.h"

#define COVERAGE_SLACK 5 /* seconds that a host's clock may be off */
#define COVERAGE_NEAR 60 /* seconds from a log's entry to its record */

enum coverage_kind {
	COVERAGE_NO_GRANT,
	COVERAGE_OUTSIDE,
	COVERAGE_STANDING_LOGIN,
	COVERAGE_STANDING_SUDO,
	COVERAGE_UNRECORDED,
	COVERAGE_UNLOGGED,
	COVERAGE_UNREAD,
	COVERAGE_UNUSED,
	COVERAGE_UNCLOSED,
	COVERAGE_UNENDED,
	COVERAGE_UNPROVEN,
	COVERAGE_UNREVIEWED,
	COVERAGE_KINDS /* how many there are */
};

/* What somebody should look at. */
struct coverage_finding {
	enum coverage_kind kind;
	const struct jit_story *g; /* that it is about, or NULL */
	const char *file;          /* of the log, or NULL */
	size_t line;
	int64_t at; /* UTC seconds */
	char *text;
};

/* A log that was read. */
struct coverage_log {
	const char *file;
	size_t entries, logins, commands;
	size_t foreign; /* of hosts that jit does not guard */
	size_t unread, unread_line;
	char unread_why[128];
	int64_t from, until; /* of its entries, UTC seconds; 0: there is none */
};

/* What is known of one grant beside its story. */
struct coverage_grant {
	const struct jit_story *g;
	char account[33]; /* sudo: who may run it */
	bool logged;      /* a log shows that it was used */
};

/* Start with = {0}. */
struct coverage {
	const struct jit_stories *stories;
	const struct jit_policy *policy; /* at the tip */
	int64_t since, until, now;

	struct coverage_grant *grants; /* issued access; by id, once begun */
	size_t grants_count, grants_cap;
	const struct coverage_grant **sudo; /* by account */
	size_t sudo_count;

	struct coverage_host *hosts; /* who recorded uses, and since when */
	size_t hosts_count, hosts_cap;
	struct coverage_span *spans; /* which log shows which host, when */
	size_t spans_count, spans_cap;
	const struct jit_story_use **shown; /* uses that a log shows */
	size_t shown_count, shown_cap;

	struct coverage_finding *findings;
	size_t count, cap;
	struct jit_arena mem;
};

/* What it is called, and what it means in one sentence. */
const char *coverage_kind_name(enum coverage_kind kind);
const char *coverage_kind_means(enum coverage_kind kind);

/*
 * Take in an issue, with its story; 'account' is the one that its connector
 * said it gave the right to, or NULL. JIT_TROUBLE: no memory.
 */
int coverage_issued(struct coverage *c, const struct jit_story *g,
	const char *account, struct jit_error *err) JIT_CHECKED;

/* All issues are in; 'stories', 'policy' and the times are filled in. */
int coverage_begin(struct coverage *c, struct jit_error *err) JIT_CHECKED;

/*
 * Compare a log: 'bytes' of 'out->file', every entry of it on 'host' unless
 * that is NULL. What cannot be read is counted, and a finding.
 */
int coverage_log(struct coverage_log *out, struct coverage *c,
	const char *bytes, size_t len, const char *host, int64_t zone,
	struct jit_error *err) JIT_CHECKED;

/* Whether a grant was asked in the period, by and on what is asked for. */
bool coverage_wants(const struct jit_scope *scope, const struct jit_story *g);

/* The last: what is missing of the grants that 'scope' has. */
int coverage_end(struct coverage *c, const struct jit_scope *scope,
	struct jit_error *err) JIT_CHECKED;

/*
 * What there is of a grant, a letter each: request, approve, issue, use,
 * end, proof. "-" is missing; "." was not wanted, or is not due yet.
 */
void coverage_chain(char out[7], const struct coverage *c,
	const struct jit_story *g);

void coverage_free(struct coverage *c);

#endif
