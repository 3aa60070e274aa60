/* carry_key: which key is to be carried, for a grant or for a request. */
#ifndef CARRY_KEY_H
#define CARRY_KEY_H

#include "carry.h"

/*
 * Carry the key that active grant 'g' was asked with: of the public key file
 * 'pubkey', whose secret is beside it or held by the user's agent; else
 * (NULL) the one that jit-request made, or one that the agent holds. '*out'
 * stays as it is where the grant has none. JIT_USAGE: it is another.
 */
int carry_old(struct carry **out, const struct cli *c,
	const struct jit_grant *g, const char *pubkey,
	struct jit_error *err) JIT_CHECKED;

/*
 * Carry the key to ask for 'resource' with: that of 'pubkey', or a new one;
 * none where the resource takes none. Its public half is appended to 'line'.
 * With -n only that.
 */
int carry_new(struct carry **out, struct jit_buf *line, const struct cli *c,
	const char *resource, const char *pubkey,
	struct jit_error *err) JIT_CHECKED;

#endif
