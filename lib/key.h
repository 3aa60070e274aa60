/* key: Ed25519 keys as OpenSSH has them. */
#ifndef JIT_KEY_H
#define JIT_KEY_H

#include <stdbool.h>

#include "buf.h"
#include "error.h"

#define JIT_PK 32
#define JIT_SIG 64
#define JIT_FINGERPRINT 51 /* "SHA256:", 43 of base64, a NUL */
#define JIT_APPLICATION 128
#define JIT_KEY_ARMOUR 70   /* columns of base64, as ssh-keygen wraps it */
#define JIT_PUBKEY_LINE 512 /* longest line of a key that is accepted */

enum jit_key_type {
	JIT_ED25519,   /* ssh-ed25519 */
	JIT_SK_ED25519 /* sk-ssh-ed25519@openssh.com (PROTOCOL.u2f) */
};

/* A public key; a plain value. */
struct jit_pubkey {
	enum jit_key_type type;
	unsigned char pk[JIT_PK];
	char application[JIT_APPLICATION]; /* sk only: "ssh:" as a rule */
};

/* "ssh-ed25519" and so on. */
const char *jit_key_type_name(enum jit_key_type type);

/*
 * Read a line as in id_ed25519.pub: type, base64, optional comment. Every
 * other type is refused by name with what to do; so are points that are not
 * canonical or of small order. JIT_USAGE.
 */
int jit_pubkey_parse(struct jit_pubkey *out, const char *line,
	struct jit_error *err) JIT_CHECKED;

/* Read the wire form (PROTOCOL.certkeys, RFC 8709). JIT_USAGE. */
int jit_pubkey_read(struct jit_pubkey *out, const unsigned char *blob,
	size_t len, struct jit_error *err) JIT_CHECKED;

/*
 * The same without a look at the point, which takes as long as verifying:
 * only for a key with which something is verified next (libsodium refuses
 * weak points there) and that is compared with a known one. JIT_USAGE.
 */
int jit_pubkey_wire(struct jit_pubkey *out, const unsigned char *blob,
	size_t len, struct jit_error *err) JIT_CHECKED;

/* A line that jit_pubkey_parse took before, by which its point is known. */
int jit_pubkey_again(struct jit_pubkey *out, const char *line,
	struct jit_error *err) JIT_CHECKED;

/* Append the wire form. */
void jit_pubkey_blob(struct jit_buf *out, const struct jit_pubkey *key);

/* Append "type base64", no comment, no newline. */
void jit_pubkey_text(struct jit_buf *out, const struct jit_pubkey *key);

/* OpenSSH's fingerprint: SHA256: and unpadded base64 of the wire form. */
void jit_pubkey_fingerprint(char out[JIT_FINGERPRINT],
	const struct jit_pubkey *key);

bool jit_pubkey_equal(const struct jit_pubkey *a, const struct jit_pubkey *b);

/*
 * RFC 8032 verification by libsodium (S < L, canonical, no small order).
 * 0 or JIT_EVIDENCE.
 */
int jit_key_verify(const unsigned char pk[JIT_PK],
	const unsigned char sig[JIT_SIG], const void *msg, size_t len,
	struct jit_error *err) JIT_CHECKED;

/* A signature and the key that is said to have made it; a plain value. */
struct jit_signature {
	struct jit_pubkey key;
	unsigned char sig[JIT_SIG];
	unsigned char flags;  /* security keys; else 0 */
	unsigned int counter; /* security keys; else 0 */
};

/*
 * Read the wire form of a signature made by 'key' (RFC 8709 section 6;
 * PROTOCOL.u2f for security keys). It is not verified. JIT_EVIDENCE.
 */
int jit_signature_read(struct jit_signature *out, const struct jit_pubkey *key,
	const unsigned char *wire, size_t len,
	struct jit_error *err) JIT_CHECKED;

/* Append the wire form. */
void jit_signature_wire(struct jit_buf *out, const struct jit_signature *s);

/*
 * Whether 's' signs these bytes; for a security key with its application,
 * flags and counter (PROTOCOL.u2f). Which flags are set is not asked here.
 * 0 or JIT_EVIDENCE.
 */
int jit_signature_verify(const struct jit_signature *s, const void *msg,
	size_t len, struct jit_error *err) JIT_CHECKED;

/*
 * Append OpenSSH's armour of 'bytes': "-----BEGIN LABEL-----", base64 in
 * lines of 70, "-----END LABEL-----", each line ended by a newline.
 */
void jit_key_armour(struct jit_buf *out, const char *label, const void *bytes,
	size_t len);

#endif
