/* sign: SSHSIG signatures, made and checked (PROTOCOL.sshsig). */
#ifndef JIT_SIGN_H
#define JIT_SIGN_H

#include "signer.h"

#define JIT_SIGN_NAMESPACE "git" /* what git signs its commits in */
#define JIT_SIGN_PRESENT 0x01    /* flags: a person touched the key */

/*
 * Sign 'msg' and append the armour (lines of 70, as ssh-keygen writes it,
 * each ended by a newline). JIT_TROUBLE.
 */
int jit_sign_make(struct jit_buf *armour, const struct jit_signer *signer,
	const char *namespace, const void *msg, size_t len,
	struct jit_error *err) JIT_CHECKED;

/* Append the one armour that belongs to a signature: a pure function. */
void jit_sign_armour(struct jit_buf *out, const struct jit_signature *s,
	const char *namespace);

/*
 * Decode an armoured signature. Refused: anything but version 1, exactly
 * 'namespace', an empty reserved field, sha512, the two key types, and any
 * armour but the one that jit_sign_armour makes of the result. JIT_EVIDENCE.
 * Whether the key is weak is asked by jit_sign_check alone.
 */
int jit_sign_decode(struct jit_signature *out, const char *armour, size_t len,
	const char *namespace, struct jit_error *err) JIT_CHECKED;

/*
 * Whether 's' signs 'msg' in 'namespace'. A security key's signature must
 * carry JIT_SIGN_PRESENT. 0 or JIT_EVIDENCE.
 */
int jit_sign_check(const struct jit_signature *s, const char *namespace,
	const void *msg, size_t len, struct jit_error *err) JIT_CHECKED;

/* The same where the SHA-512 of the message is known already. */
int jit_sign_check_hash(const struct jit_signature *s, const char *namespace,
	const unsigned char hash[64], struct jit_error *err) JIT_CHECKED;

#endif
