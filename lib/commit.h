/* commit: an event as the one git commit that belongs to it. */
#ifndef JIT_COMMIT_H
#define JIT_COMMIT_H

#include "event.h"
#include "hash.h"
#include "sign.h"

#define JIT_OID 20                    /* bytes of a git object id (SHA-1) */
#define JIT_OID_HEX (2 * JIT_OID + 1) /* as lower-case hex with a NUL */
#define JIT_COMMIT_MAX (JIT_JSON_POLICY + 8192) /* bytes of a commit */

/*
 * A commit is a function of (event, parent, signature). Its chain is
 * SHA-256 over the raw bytes; the git ids only find objects.
 */
struct jit_commit {
	struct jit_event event;
	struct jit_signature signature;
	unsigned char payload[JIT_SHA512]; /* SHA-512 of what is signed */
	unsigned char sha256[JIT_SHA256];  /* of the raw bytes */
	bool has_parent;
	unsigned char parent[JIT_OID];
};

/* Append the bytes that are signed. 'parent' in hex; NULL for genesis. */
int jit_commit_payload(struct jit_buf *out, const struct jit_event *ev,
	const char *parent, struct jit_error *err) JIT_CHECKED;

/* Append the raw commit: the payload with the armour as its gpgsig. */
int jit_commit_join(struct jit_buf *out, const struct jit_buf *payload,
	const char *armour, struct jit_error *err) JIT_CHECKED;

/*
 * Decode raw commit bytes and refuse all that jit_commit_payload and
 * jit_commit_join do not make, byte for byte. Says nothing of the signature
 * yet. The caller frees with jit_commit_free. JIT_EVIDENCE.
 */
int jit_commit_decode(struct jit_commit *out, const void *raw, size_t len,
	struct jit_error *err) JIT_CHECKED;

/*
 * Decode what was decoded and checked once, and is the same by its SHA-256:
 * whether its bytes are its event's is not asked again, and 'payload' stays
 * empty. As jit_commit_decode.
 */
int jit_commit_again(struct jit_commit *out, const void *raw, size_t len,
	struct jit_error *err) JIT_CHECKED;

/*
 * Whether the signature is good and its key is the one that the event
 * names. Whether that key was enrolled is the judge's. JIT_EVIDENCE.
 */
int jit_commit_check(const struct jit_commit *c,
	struct jit_error *err) JIT_CHECKED;

/* Only the parent of a raw commit, for walking: 1, 0 (none) or a code. */
int jit_commit_parent(unsigned char parent[JIT_OID], const void *raw,
	size_t len, struct jit_error *err) JIT_CHECKED;

void jit_commit_free(struct jit_commit *c);

#endif
