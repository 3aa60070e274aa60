/* hash: SHA-2 digests, hex and base64, and random bytes. */
#ifndef JIT_HASH_H
#define JIT_HASH_H

#include <stddef.h>

#include "buf.h"
#include "error.h"

#define JIT_SHA256 32
#define JIT_SHA512 64
#define JIT_HEX256 (2 * JIT_SHA256 + 1) /* lower-case hex and a NUL */

/* Prepare libsodium; call once before anything else. JIT_TROUBLE. */
int jit_hash_start(struct jit_error *err) JIT_CHECKED;

/* FIPS 180-4. */
void jit_sha256(unsigned char out[JIT_SHA256], const void *p, size_t len);
void jit_sha512(unsigned char out[JIT_SHA512], const void *p, size_t len);

/* SHA-256 of 'a' with 'b' after it; 'out' may be one of them. */
void jit_sha256_both(unsigned char out[JIT_SHA256], const void *a, size_t a_len,
	const void *b, size_t b_len);

/*
 * Whether bytes came to harm by accident: Poly1305 (RFC 8439), eight times as
 * fast as SHA-256, under 'key' (not all zeros). It stops no forger.
 */
#define JIT_CHECKSUM 16
void jit_checksum(unsigned char out[JIT_CHECKSUM],
	const unsigned char key[JIT_SHA256], const void *p, size_t len);

/* HMAC-SHA-256 (RFC 2104); 'out' may be 'p'. */
void jit_hmac(unsigned char out[JIT_SHA256], const void *key, size_t key_len,
	const void *p, size_t len);

/* Lower-case hex with a NUL: 'out' holds 2 * len + 1 bytes. */
void jit_hex(char *out, const unsigned char *p, size_t len);

/* SHA-256 as lower-case hex. */
void jit_sha256_hex(char out[JIT_HEX256], const void *p, size_t len);

/*
 * Exactly 2 * len lower-case hex digits, nothing after them. 0 or JIT_USAGE
 * ('out' untouched).
 */
int jit_unhex(unsigned char *out, size_t len, const char *hex) JIT_CHECKED;

/* RFC 4648 section 4, appended to 'out'; padded or not. */
void jit_base64(struct jit_buf *out, const void *p, size_t len, bool pad);

/*
 * Strict: padding required, no white space, no other spelling of the same
 * bytes. Appends to 'out'. 0 or JIT_USAGE.
 */
int jit_unbase64(struct jit_buf *out, const char *s, size_t len) JIT_CHECKED;

/* Cryptographically random bytes. */
void jit_random(void *out, size_t len);

/* Overwrite so that the compiler does not drop it. */
void jit_wipe(void *p, size_t len);

#endif
