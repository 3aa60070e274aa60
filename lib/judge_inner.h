/* judge_inner: what the parts of the judge share. */
#ifndef JIT_JUDGE_INNER_H
#define JIT_JUDGE_INNER_H

#include "judge.h"

/* All rules of an event but those of its place in the chain. */
int jit_judge_try(struct jit_trial *t, struct jit_error *err) JIT_CHECKED;

/* What is sealed, judged by what its author knew. Start with = {0}. */
struct jit_late {
	struct jit_sealed sealed;
	struct jit_state view;    /* people and policy as they were at 'seen' */
	struct jit_policy policy; /* that policy, where it is none any more */
	struct jit_enrolment *people;
	struct jit_trial trial;
	int64_t left; /* UTC second at which the ledger went on without it */
};

/* Open what 't' brings and judge it; changes nothing. */
int jit_late_open(struct jit_late *late, const struct jit_trial *t,
	struct jit_error *err) JIT_CHECKED;

/* Do it. JIT_TROUBLE (no memory): then nothing was done. */
int jit_late_apply(struct jit_state *s, struct jit_late *late,
	struct jit_error *err) JIT_CHECKED;

void jit_late_free(struct jit_late *late);

#endif
