/* outbox: sealed events on disk, until their ledger has them. */
#ifndef JIT_OUTBOX_H
#define JIT_OUTBOX_H

#include "sealed.h"

/* Paths, in the order in which they were put there. */
struct jit_outbox {
	char **paths;
	size_t count;
};

/*
 * Put one more into the folder 'dir', which is made, and those above it,
 * when they are missing: whole or not at all, and durable. With 'shared'
 * others may read it (what is sealed is no secret), else its owner alone. It
 * is there once, however often it is put. Its path is appended to 'path'.
 * JIT_TROUBLE.
 */
int jit_outbox_put(struct jit_buf *path, const char *dir, bool shared,
	const struct jit_sealed *s, struct jit_error *err) JIT_CHECKED;

/* What is in it; no folder is an empty one. The caller frees. JIT_TROUBLE. */
int jit_outbox_list(struct jit_outbox *out, const char *dir,
	struct jit_error *err) JIT_CHECKED;
void jit_outbox_free(struct jit_outbox *o);

/*
 * Read one, whose signature holds; the caller frees '*out'. Refused is a file
 * of another user but root, one that others may write, a symbolic link.
 * JIT_TROUBLE; JIT_USAGE, JIT_EVIDENCE: it is no sealed event.
 */
int jit_outbox_read(struct jit_sealed *out, const char *path,
	struct jit_error *err) JIT_CHECKED;

/* It is in the ledger: gone. JIT_TROUBLE. */
int jit_outbox_drop(const char *path, struct jit_error *err) JIT_CHECKED;

/*
 * No ledger will ever have it: it is kept aside, in the folder 'refused'
 * beside. Its new path is appended to 'to'. JIT_TROUBLE.
 */
int jit_outbox_refuse(struct jit_buf *to, const char *path,
	struct jit_error *err) JIT_CHECKED;

#endif
