/* signer: whatever can sign for one public key, a file or an agent. */
#ifndef JIT_SIGNER_H
#define JIT_SIGNER_H

#include <stdbool.h>

#include "secret.h"

struct jit_signer;

/*
 * The signer for the key file at 'path' (jit_secret_load). An unencrypted
 * ed25519 file signs by itself; a passphrase-protected file, a security
 * key's handle or a public key file is asked of the agent at 'socket' (NULL:
 * none). JIT_TROUBLE, and what to do: "ssh-add it". The caller frees '*out'.
 */
int jit_signer_open(struct jit_signer **out, const char *path,
	const char *socket, unsigned int uid,
	struct jit_error *err) JIT_CHECKED;

/*
 * The signer for a key that the agent at 'socket' (NULL: none) holds.
 * JIT_TROUBLE: it does not. The caller frees '*out'.
 */
int jit_signer_held(struct jit_signer **out, const struct jit_pubkey *key,
	const char *socket, struct jit_error *err) JIT_CHECKED;

/*
 * The signer for a secret in memory, which is taken, even on failure. The
 * caller frees '*out'.
 */
int jit_signer_made(struct jit_signer **out, struct jit_secret *secret,
	struct jit_error *err) JIT_CHECKED;

const struct jit_pubkey *jit_signer_key(const struct jit_signer *s);

/* Whether a signature may take a person's time (no lock is held for it). */
bool jit_signer_slow(const struct jit_signer *s);

/*
 * Append a signature's wire form over 'msg' (RFC 8709 section 6; PROTOCOL.u2f
 * for security keys). JIT_TROUBLE.
 */
int jit_signer_sign(struct jit_buf *out, const struct jit_signer *s,
	const void *msg, size_t len, struct jit_error *err) JIT_CHECKED;

void jit_signer_free(struct jit_signer *s);

#endif
