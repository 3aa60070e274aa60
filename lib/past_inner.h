/* past_inner: what the parts of the past room share. */
#ifndef JIT_PAST_INNER_H
#define JIT_PAST_INNER_H

#include "past.h"

/* The last of 'events' is a copy of this one's. */
int jit_past_keep(struct jit_past *p, const struct jit_commit *c,
	const unsigned char oid[JIT_OID], struct jit_error *err) JIT_CHECKED;

/* Newest first becomes oldest first. */
void jit_past_turn(struct jit_past *p);

/* Where the decision stands in the chain, or would. */
int64_t jit_past_seq(const struct jit_past *p, const struct jit_state *tip);
int64_t jit_past_at(const struct jit_past *p, const struct jit_state *tip);

/* Who was enrolled before event 'seq', and had not been retired. */
int jit_past_people(struct jit_state *s, const struct jit_state *tip,
	int64_t seq, struct jit_error *err) JIT_CHECKED;

/* A version of the policy, and since when it was in force. */
int jit_past_policy(struct jit_state *s, const struct jit_json *json,
	int64_t version, int64_t since, struct jit_error *err) JIT_CHECKED;

/* The grant as it waited: asked, with the votes on it. */
int jit_past_wait(struct jit_past *p, struct jit_state *s,
	struct jit_error *err) JIT_CHECKED;

/*
 * The long way to the same, from genesis. What a budget remembers hangs on
 * each policy that was in force meanwhile; where one changed it the short
 * way may miss.
 */
int jit_past_replay(struct jit_past *p, struct jit_ledger *l,
	struct jit_error *err) JIT_CHECKED;

/* Make one event happen to the state, as it did; nothing is judged. */
int jit_past_happen(struct jit_state *s, const struct jit_past_event *e,
	const struct jit_lists *given, struct jit_error *err) JIT_CHECKED;

/*
 * Put into 's' what the grant extends, and what its requester had of
 * budgets before it. Walks only where there is any.
 */
int jit_past_before(struct jit_past *p, struct jit_state *s,
	struct jit_ledger *l, struct jit_error *err) JIT_CHECKED;

#endif
