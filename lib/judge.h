/* judge: the one function that decides what may happen. */
#ifndef JIT_JUDGE_H
#define JIT_JUDGE_H

#include "sealed.h"
#include "trial.h"

/*
 * apply(state, event) -> new state, or a refusal with its rule and reason:
 * on failure the state is what it was. Pure: no clock, no file, no key. The
 * same function serves who writes and who verifies. JIT_NO, JIT_USAGE,
 * JIT_NOGRANT, JIT_OVER with err->rule set; JIT_TROUBLE without: no memory.
 */
int jit_judge_apply(struct jit_state *s, const struct jit_event *ev,
	const struct jit_proof *proof, struct jit_error *err) JIT_CHECKED;

/*
 * The same question before there is a commit: would 'ev', with its members
 * and 'by', 'key', 'at' filled in, be accepted as the next event? The state
 * does not change.
 */
int jit_judge_ask(const struct jit_state *s, const struct jit_event *ev,
	const struct jit_pubkey *key, bool touched,
	struct jit_error *err) JIT_CHECKED;

/*
 * Where the ledger cannot be reached: what 'sealed', whose signature holds,
 * would do to the state if it were delivered at 'now' to a ledger that is
 * still as 's' is. Its tip stays. Where 'seen' is another event than that, it
 * is judged by what 's' knows. With 'ask' nothing changes.
 */
int jit_judge_admit(struct jit_state *s, const struct jit_sealed *sealed,
	int64_t now, bool ask, struct jit_error *err) JIT_CHECKED;

#endif
