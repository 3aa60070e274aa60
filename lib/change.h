/* change: what an accepted event does to the state. */
#ifndef JIT_CHANGE_H
#define JIT_CHANGE_H

#include "trial.h"

/* Do it. JIT_TROUBLE (no memory): then nothing was done. */
int jit_change_apply(struct jit_state *s, const struct jit_trial *t,
	const struct jit_proof *proof, struct jit_error *err) JIT_CHECKED;

/* The place of the vote that 'ev' withdraws, or NULL; borrowed. */
struct jit_vote **jit_change_vote(struct jit_grant *g,
	const struct jit_event *ev);

#endif
