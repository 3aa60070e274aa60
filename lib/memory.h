/* memory: the last state that a user's programs verified, kept on disk. */
#ifndef JIT_MEMORY_H
#define JIT_MEMORY_H

#include "state.h"

/*
 * What jit_state_save writes: one more with each change of it. A file of
 * another format still says what it remembers, and is replayed.
 */
#define JIT_MEMORY_FORMAT 8

struct jit_memory;

/*
 * The memory of the ledger at 'store_path' in 'dir'. Reading takes no lock
 * and makes nothing: a file, or a folder, that is not there yet is an empty
 * memory. Refused is what is another user's, what others may write, and a
 * symbolic link. '*state' is what it holds, owned by the caller, or NULL:
 * nothing yet, or of another format, whose 'genesis', 'seq' and 'tip' still
 * count. JIT_TROUBLE: damaged, with the path and what to do.
 */
int jit_memory_open(struct jit_memory **out, struct jit_state **state,
	const char *dir, const char *store_path,
	struct jit_error *err) JIT_CHECKED;

/* What is remembered, even where the body is of another format. */
bool jit_memory_known(const struct jit_memory *m, char genesis[JIT_HEX256],
	int64_t *seq, char tip[JIT_HEX256]);

/*
 * Remember 's', atomically (0600, temp, fsync, rename), under an exclusive
 * lock; never to a lower seq than what is there by then. The folder is made
 * 0700, and those above it, when they are missing. 1: another program has
 * remembered an earlier event since 'm' was asked, which jit_memory_known says
 * from now on: nothing was written; keep again, if that event is in the
 * history of 's'. JIT_TROUBLE; JIT_EVIDENCE: by now another history is
 * remembered.
 */
int jit_memory_keep(struct jit_memory *m, const struct jit_state *s,
	struct jit_error *err) JIT_CHECKED;

/* The file's path, borrowed. */
const char *jit_memory_path(const struct jit_memory *m);

void jit_memory_free(struct jit_memory *m);

#endif
