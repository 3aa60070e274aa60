/* scram: SCRAM-SHA-256 verifiers, as PostgreSQL stores them (RFC 5803). */
#ifndef JIT_SCRAM_H
#define JIT_SCRAM_H

#include <stdbool.h>

#include "buf.h"

#define JIT_SCRAM_ROUNDS 4096 /* of PBKDF2; the password is 32 random bytes */
#define JIT_SCRAM_SALT 16
#define JIT_SCRAM_MAX 256 /* bytes of a verifier with its NUL */

/*
 * Whether 's' is one in its one spelling:
 * "SCRAM-SHA-256$4096:SALT$STOREDKEY:SERVERKEY", each in padded base64 of 16,
 * 32 and 32 bytes.
 */
bool jit_scram_valid(const char *s);

/*
 * Append the verifier of a password of printable ASCII without blanks (RFC
 * 5802 section 3; no SASLprep is needed for it). Nothing of the password can
 * be had from it but by guessing. JIT_USAGE: another character, or none;
 * JIT_TROUBLE.
 */
int jit_scram_make(struct jit_buf *out, const char *password,
	const unsigned char salt[JIT_SCRAM_SALT],
	struct jit_error *err) JIT_CHECKED;

#endif
