/* crew: threads that decode commits and check their signatures, in order. */
#ifndef JIT_CREW_H
#define JIT_CREW_H

#include "commit.h"

/*
 * Commits are put in as raw bytes and taken out in the same order, decoded
 * and checked; in between any thread may have worked on any of them. How
 * many, and how many bytes, are under way is bounded. One thread, the owner,
 * calls these functions; it works too, where it would have to wait.
 */
struct jit_crew;

/*
 * A crew of the caller and as many more as there are other processors that
 * it may run on; of the caller alone where 'commits' are too few to be worth
 * a thread. The caller frees '*out'. JIT_TROUBLE.
 */
int jit_crew_new(struct jit_crew **out, size_t commits,
	struct jit_error *err) JIT_CHECKED;

/*
 * Where the raw bytes of the next commit go (empty, borrowed), or NULL: one
 * must be taken first. Then put it in; of one that is known to have been
 * good before, only what is in it is wanted.
 */
struct jit_buf *jit_crew_room(struct jit_crew *c);
void jit_crew_put(struct jit_crew *c, bool known);

/* Whether nothing is left to be taken. */
bool jit_crew_empty(const struct jit_crew *c);

/*
 * Take the oldest one: what jit_commit_decode and jit_commit_check said of
 * it, or jit_commit_again. '*raw' are its bytes, borrowed until the next call
 * of jit_crew_room. The caller frees '*out' on success.
 */
int jit_crew_take(struct jit_commit *out, const struct jit_buf **raw,
	struct jit_crew *c, struct jit_error *err) JIT_CHECKED;

/* Ends the threads; what was not taken is gone. */
void jit_crew_free(struct jit_crew *c);

#endif
