/* cert: OpenSSH user certificates for Ed25519 keys (PROTOCOL.certkeys). */
#ifndef JIT_CERT_H
#define JIT_CERT_H

#include <stdbool.h>
#include <stdint.h>

#include "signer.h"

#define JIT_CERT_NONCE 32
#define JIT_CERT_MAX 8192 /* bytes of a certificate line */

/*
 * What a certificate of jit says; all of it is decided by the grant. The
 * only extension is permit-pty; no critical option but force-command.
 */
struct jit_cert {
	struct jit_pubkey key;     /* the requester's, JIT_ED25519 or sk */
	uint64_t serial;           /* at least 1, unique for the CA */
	const char *key_id;        /* the grant's id */
	const char *principal;     /* exactly one: "root@web-1" */
	int64_t after, before;     /* valid from and until, UTC seconds */
	const char *force_command; /* NULL: none */
};

/*
 * Make and sign one; appends "ssh-ed25519-cert-v01@openssh.com base64" (or
 * the sk type's), no comment, no newline. The CA must be ssh-ed25519.
 * JIT_USAGE for fields that must not be (serial 0, no principal, before <=
 * after), JIT_TROUBLE.
 */
int jit_cert_make(struct jit_buf *line, const struct jit_cert *cert,
	const unsigned char nonce[JIT_CERT_NONCE], const struct jit_signer *ca,
	struct jit_error *err) JIT_CHECKED;

/*
 * Whether 'line' is, byte for byte, a certificate that says 'cert' with some
 * nonce, signed by the Ed25519 CA whose key is put into '*ca'. The error
 * names the first field that differs. 0 or JIT_EVIDENCE.
 */
int jit_cert_check(struct jit_pubkey *ca, const char *line,
	const struct jit_cert *cert, struct jit_error *err) JIT_CHECKED;

/* The same of one that was checked before: but for its signature. */
int jit_cert_again(struct jit_pubkey *ca, const char *line,
	const struct jit_cert *cert, struct jit_error *err) JIT_CHECKED;

/*
 * The UTC second in which a certificate ends ("valid before"; INT64_MAX where
 * it never does), whoever signed it: its signature is not looked at.
 * JIT_USAGE: 'line' is no certificate of one of jit's types.
 */
int jit_cert_before(int64_t *before, const char *line,
	struct jit_error *err) JIT_CHECKED;

/* SHA-256 of the certificate's wire form as hex. JIT_USAGE: not base64. */
int jit_cert_sha256(char out[65], const char *line,
	struct jit_error *err) JIT_CHECKED;

#endif
