/* draft: an event that is not yet in a ledger, and the commit it becomes. */
#ifndef JIT_DRAFT_H
#define JIT_DRAFT_H

#include "judge.h"

/* A signed commit that every reader will take. Start with = {0}. */
struct jit_draft {
	struct jit_buf raw;
	struct jit_commit commit;
	bool made; /* 'commit' is there */
};

/* The members that do not depend on the type, for the event after 's'. */
void jit_draft_common(struct jit_event *ev, char key[JIT_FINGERPRINT],
	const struct jit_state *s, enum jit_event_type type,
	const struct jit_pubkey *pub, int64_t at);

/*
 * Encode, sign, and decode again as a reader does, the signature checked.
 * 'parent' is a git id; NULL for genesis. The caller frees '*out', on
 * failure too.
 */
int jit_draft_sign(struct jit_draft *out, const struct jit_event *ev,
	const unsigned char *parent, const struct jit_signer *signer,
	struct jit_error *err) JIT_CHECKED;

void jit_draft_free(struct jit_draft *d);

#endif
