/* replay: from a tip back to what is known, and forward, verifying. */
#ifndef JIT_REPLAY_H
#define JIT_REPLAY_H

#include "judge.h"
#include "store.h"

/*
 * Git ids, newest first, and the bytes of the newest of them, as many as are
 * no burden, which need not be read twice. Start with = {0}; free with
 * jit_trail_free.
 */
struct jit_trail {
	unsigned char (*oid)[JIT_OID];
	size_t count, cap;
	size_t most;  /* there cannot be more; 0: as many as there are */
	size_t known; /* so many, the oldest, are known to be good: whether
			 they are signed is not asked again */
	size_t *ends; /* where the bytes of each end in 'bytes' */
	size_t kept, kept_cap;
	struct jit_buf bytes;
};

/*
 * Walk back from 'tip' until, and without, the commit 'known' (NULL: to the
 * one without a parent). 1: met 'known'; 0: came to a commit without a
 * parent, the last in '*trail'. Decodes nothing but parents. JIT_EVIDENCE,
 * with the id of the commit that cannot be read in 'at' (may be NULL).
 */
int jit_trail_walk(struct jit_trail *trail, struct jit_store *store,
	const unsigned char tip[JIT_OID], const unsigned char *known,
	char at[JIT_OID_HEX], struct jit_error *err) JIT_CHECKED;
void jit_trail_free(struct jit_trail *trail);

/* Called for each good event; another return than 0 stops, and is returned. */
typedef int jit_replay_visit(const struct jit_commit *c,
	const unsigned char oid[JIT_OID], const struct jit_state *after,
	void *arg, struct jit_error *err);

/* The event that is not good, or could not be read. */
struct jit_misfit {
	int64_t seq; /* that it should have; 0: there is none */
	unsigned char oid[JIT_OID];
	char sha256[JIT_HEX256]; /* of its bytes, or "": they were not read */
};

/*
 * Forward over a trail, from its last id to its first: read each commit,
 * decode it, check its signature and apply it to the state, which then stands
 * at it. Commits are decoded and checked on all processors (crew room), but
 * judged in order. The first event that is not good ends it: JIT_EVIDENCE,
 * with the rule that refused; the line names event, id and SHA-256.
 */
int jit_replay(struct jit_misfit *bad, struct jit_state *s,
	struct jit_store *store, const struct jit_trail *trail,
	jit_replay_visit *visit, void *arg, struct jit_error *err) JIT_CHECKED;

/*
 * Read the commit 'oid', of verified history, if its SHA-256 is 'want'; the
 * caller frees '*out'. 'raw' is scratch space. JIT_EVIDENCE.
 */
int jit_replay_known(struct jit_commit *out, struct jit_store *store,
	struct jit_buf *raw, const unsigned char oid[JIT_OID], const char *want,
	struct jit_error *err) JIT_CHECKED;

/*
 * The state knows the events before it, as far back as a late event may
 * reach: read from the store, unless it knows them. JIT_EVIDENCE,
 * JIT_TROUBLE.
 */
int jit_replay_recall(struct jit_state *s, struct jit_store *store,
	struct jit_error *err) JIT_CHECKED;

/* What the judge must know of a commit beside its event. */
void jit_replay_proof(struct jit_proof *out, const struct jit_commit *c);

#endif
