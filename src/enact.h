/* enact: ask for a change of policy or people, and apply it. */
#ifndef ENACT_H
#define ENACT_H

#include "cli.h"
#include "govern.h"

/* What jit-request was told of a change. */
struct proposal {
	const char *task, *reason;
	const char *policy;          /* a file */
	const char *enroll, *pubkey; /* a principal, and its key's file */
	const char *class, *sponsor, *until, *attest;
	bool hardware;
	const char *retire; /* a principal or a key's fingerprint */
};

/*
 * Ask for it; the id is printed. Retiring is done at once where an admin
 * alone may, and all that rested on it is ended, one by one.
 */
int enact_ask(struct cli *c, const struct proposal *p,
	struct jit_error *err) JIT_CHECKED;

/* Apply the change that grant 'id' asked for, and end what rested on what
 * was before. */
int enact(struct cli *c, const char *id, struct jit_error *err) JIT_CHECKED;

#endif
