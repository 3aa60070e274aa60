/* carry: one key and its certificates, carried as an ssh-agent of our own. */
#ifndef CARRY_H
#define CARRY_H

#include "cli.h"

/* A process of its own that holds the key; nothing of it is in this one. */
struct carry;

/* Where the key is: the first of these that is not NULL, else a new one is
 * made in the locked memory of that process, and is never anywhere else. */
struct carry_key {
	const char *file; /* a key file, or a public key that an agent holds */
	const struct jit_pubkey *held; /* by the user's agent */
};

/*
 * Start it. It listens on a socket in the secrets directory, and signs
 * nothing before carry_hold. It ends with carry_end, and when this process
 * dies, however it does. JIT_TROUBLE. The caller ends '*out'.
 */
int carry_start(struct carry **out, const struct cli *c,
	const struct carry_key *key, struct jit_error *err) JIT_CHECKED;

const struct jit_pubkey *carry_pubkey(const struct carry *x);

/* The path for SSH_AUTH_SOCK. */
const char *carry_socket(const struct carry *x);

/*
 * Offer this certificate, too, a line as collect_cert has it, before those
 * it has; sign until the UTC second 'until', and not a moment longer. The
 * key is the certificate's, which is not looked at. JIT_TROUBLE.
 */
int carry_hold(struct carry *x, const char *cert, int64_t until,
	struct jit_error *err) JIT_CHECKED;

/* The key is wiped, the socket gone. NULL is fine. */
void carry_end(struct carry *x);

#endif
