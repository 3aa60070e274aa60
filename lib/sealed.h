/* sealed: an event signed while its ledger was out of reach. */
#ifndef JIT_SEALED_H
#define JIT_SEALED_H

#include "event.h"
#include "hash.h"
#include "sign.h"
#include "ulid.h"

/* Never "git": what is sealed can be passed off as no commit. */
#define JIT_SEALED_NAMESPACE "jit-sealed"

/* The least serial of a certificate that is issued without the ledger. */
#define JIT_SEALED_SERIAL ((int64_t)1 << 52)

/*
 * It names no place in the chain: 'seen' is the last event that its author
 * had verified. Its 'at' is what the author claims.
 */
struct jit_sealed {
	struct jit_event event; /* seq 0, prev NULL */
	struct jit_signature signature;
	char *line;                       /* the signature in base64 */
	unsigned char sha256[JIT_SHA256]; /* of its canonical JSON: its name */
};

/*
 * Read what a late event carries, and refuse what jit_sealed_make does not
 * make. Says nothing of the signature yet. The caller frees with
 * jit_sealed_free. JIT_USAGE, JIT_EVIDENCE.
 */
int jit_sealed_open(struct jit_sealed *out, const struct jit_json *sealed,
	const char *signature, struct jit_error *err) JIT_CHECKED;

/* Whether the key that it names has signed it. JIT_EVIDENCE. */
int jit_sealed_check(const struct jit_sealed *s,
	struct jit_error *err) JIT_CHECKED;

/*
 * Sign 'ev', which has no seq and no prev, but 'seen'. JIT_TROUBLE; JIT_USAGE:
 * no late event could carry it.
 */
int jit_sealed_make(struct jit_sealed *out, const struct jit_event *ev,
	const struct jit_signer *signer, struct jit_error *err) JIT_CHECKED;

/* Its digest alone, before it is signed. */
int jit_sealed_digest(unsigned char sha256[JIT_SHA256],
	const struct jit_event *ev, struct jit_error *err) JIT_CHECKED;

/*
 * As a file: {"sealed":{...},"signature":"..."} in canonical JSON and a
 * newline. Reading checks the signature. JIT_USAGE, JIT_EVIDENCE.
 */
int jit_sealed_write(struct jit_buf *out, const struct jit_sealed *s,
	struct jit_error *err) JIT_CHECKED;
int jit_sealed_read(struct jit_sealed *out, const void *bytes, size_t len,
	struct jit_error *err) JIT_CHECKED;

/*
 * The id that a sealed request must have: of its time and of its own digest
 * without the id. No chain keeps it from being used twice, this does.
 */
int jit_sealed_id(char id[JIT_ULID], const struct jit_event *ev,
	struct jit_error *err) JIT_CHECKED;

/*
 * The serial of a certificate that is issued without the ledger: no seq is
 * known, so it is taken from the request's digest, above all seqs.
 */
int64_t jit_sealed_serial(const unsigned char request[JIT_SHA256]);

void jit_sealed_free(struct jit_sealed *s);

#endif
