/* past: one grant's events, and the state in which it was decided. */
#ifndef JIT_PAST_H
#define JIT_PAST_H

#include "ledger.h"

/* An event that was read back, and what the judge knows of its commit. */
struct jit_past_event {
	struct jit_event ev;
	struct jit_proof proof;
	unsigned char oid[JIT_OID];
};

/* Start with = {0}; free with jit_past_free. */
struct jit_past {
	char id[JIT_ULID];
	struct jit_past_event *events; /* of the grant, the oldest first */
	size_t count, cap;

	/*
	 * What decided it: its issue; the change that it asked for; a deny;
	 * before any of these its end or withdrawal. NULL: nothing yet.
	 */
	const struct jit_past_event *decision;

	/*
	 * All that the judge asks of a state to decide upon this grant, as
	 * it was right before 'decision', or is at the tip: people, policy,
	 * the grant with its votes, what it extends, and what its requester
	 * had of budgets. Other grants and reviews that are owed may not be
	 * in it. Texts of people are the ledger's: it must not be updated.
	 */
	struct jit_state *state;

	int64_t read; /* commits that were read for it */
};

/*
 * Find the grant whose id begins with 'prefix' (jit_ulid_prefix), walking
 * back from the verified tip to its request, which costs no signature:
 * each event's SHA-256 is what its child names. The walk goes on past the
 * request only where the state needs it: to what is extended; through the
 * time that a budget remembers; to the policy then in force, where it is
 * another now. Where budgets themselves were changed meanwhile, all is
 * replayed from genesis. JIT_NOGRANT; JIT_USAGE: several begin so;
 * JIT_EVIDENCE.
 */
int jit_past_find(struct jit_past *out, struct jit_ledger *l,
	const char *prefix, struct jit_error *err) JIT_CHECKED;

/* What the judge says of the decision, asked again. 0 or his code. */
int jit_past_judge(const struct jit_past *p, struct jit_error *err) JIT_CHECKED;

void jit_past_free(struct jit_past *p);

#endif
