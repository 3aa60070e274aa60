/* secret: Ed25519 secret keys, in locked memory and in OpenSSH's files. */
#ifndef JIT_SECRET_H
#define JIT_SECRET_H

#include "key.h"

/* A secret key in locked memory, wiped when freed. */
struct jit_secret;

/* A new key from the system's randomness. */
int jit_secret_make(struct jit_secret **out, struct jit_error *err) JIT_CHECKED;

/* What a key file turned out to hold. */
enum jit_key_file {
	JIT_FILE_SECRET, /* an unencrypted ssh-ed25519 key: '*secret' is set */
	JIT_FILE_LOCKED, /* encrypted: only '*pub' is known; ask an agent */
	JIT_FILE_HANDLE, /* a security key's handle: only '*pub' is known */
	JIT_FILE_PUBLIC  /* a public key: an agent holds the secret */
};

/*
 * Look at a key file (openssh-key-v1, PROTOCOL.key, or a public key line).
 * Refused: not a regular file, larger than 16 KiB, a private key that group
 * or others may read or that belongs to another user than 'uid' or root, a
 * type other than the two above (by name, saying what to do: "make one with
 * ssh-keygen -t ed25519"), PEM and PKCS#8. JIT_TROUBLE with the path; the
 * file is read into locked memory and wiped. The caller frees '*secret',
 * which is set only for JIT_FILE_SECRET.
 */
int jit_secret_load(enum jit_key_file *kind, struct jit_secret **secret,
	struct jit_pubkey *pub, const char *path, unsigned int uid,
	struct jit_error *err) JIT_CHECKED;

/* The file form of an unencrypted key (PROTOCOL.key), for ssh to read. */
int jit_secret_text(struct jit_buf *out, const struct jit_secret *secret,
	const char *comment, struct jit_error *err) JIT_CHECKED;

/* Its public half. */
void jit_secret_public(struct jit_pubkey *out, const struct jit_secret *secret);

/* A detached Ed25519 signature. */
int jit_secret_sign(unsigned char sig[JIT_SIG], const struct jit_secret *secret,
	const void *msg, size_t len, struct jit_error *err) JIT_CHECKED;

void jit_secret_free(struct jit_secret *secret);

#endif
