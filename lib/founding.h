/* founding: the rules of genesis, and the state that it makes. */
#ifndef JIT_FOUNDING_H
#define JIT_FOUNDING_H

#include "trial.h"

/* What genesis brings into the state. */
struct jit_founding {
	struct jit_policy policy;
	struct jit_enrolment *people;
	struct jit_arena mem;
};

/*
 * Judge a genesis; what it brings is in '*f' (zeroed before), for the caller
 * to free even on failure. JIT_NO, JIT_USAGE with its rule, JIT_TROUBLE.
 */
int jit_founding_judge(struct jit_founding *f, const struct jit_event *ev,
	struct jit_error *err) JIT_CHECKED;

/* Judge it and put what it brings into the empty state 's'. */
int jit_founding_apply(struct jit_state *s, const struct jit_event *ev,
	const struct jit_proof *proof, struct jit_error *err) JIT_CHECKED;

void jit_founding_free(struct jit_founding *f);

#endif
