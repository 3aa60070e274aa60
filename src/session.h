/* session: what is done under a grant, on record from its start to its end. */
#ifndef SESSION_H
#define SESSION_H

#include "cli.h"

#define SESSION_SALT 16 /* bytes */

/* Named by session_name. */
struct session {
	char name[JIT_ULID]; /* whose time is its start's */
	char id[JIT_ULID];   /* of its grant */
	char host[65];       /* where */
};

/* A new one under grant 'id', here, begun at 'now'. */
void session_name(struct session *x, const char *id, int64_t now);

/*
 * Record that it begins: whose words 'argv' are the command's, of which only
 * the last part of the first is kept, and the SHA-256 of 'salt' and all of
 * them, each with its NUL. Nothing may run where this fails.
 */
int session_open(const struct session *x, struct cli *c,
	const char *const *argv, const unsigned char salt[SESSION_SALT],
	struct jit_error *err) JIT_CHECKED;

/* How it ended. */
struct session_end {
	const char *recording; /* its chained digest as hex; NULL: none */
	struct jit_maybe exit; /* the command's status, where it is known */
	int64_t killed;        /* processes that had to be */
};

/* Record that it is over. */
int session_close(const struct session *x, struct cli *c,
	const struct session_end *end, struct jit_error *err) JIT_CHECKED;

#endif
