/* recall: what this user's programs verified before, to compare with. */
#ifndef RECALL_H
#define RECALL_H

#include "state.h"
#include "store.h"

/* What is remembered of one ledger. Start with = {0}. */
struct recall {
	bool known, met;
	char genesis[JIT_HEX256], tip[JIT_HEX256];
	int64_t seq;
	struct jit_state *state; /* as it was; NULL: only the above is left */
};

/*
 * Read it; nothing is written. That nothing is known is no error. Free it
 * with recall_free.
 */
int recall_read(struct recall *r, const struct jit_store *store,
	struct jit_error *err) JIT_CHECKED;

/* Called with the state after each event of a replay. */
void recall_visit(struct recall *r, const struct jit_state *after);

/*
 * Whether the ledger that was replayed, 'seq' good events from 'genesis' on,
 * is the one that is remembered. JIT_EVIDENCE: swapped, rolled back, forked.
 */
int recall_compare(const struct recall *r, const char *genesis, int64_t seq,
	struct jit_error *err) JIT_CHECKED;

void recall_free(struct recall *r);

#endif
