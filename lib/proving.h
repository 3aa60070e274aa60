/* proving: the rules of probes, reviews and beats: what is owed, and paid. */
#ifndef JIT_PROVING_H
#define JIT_PROVING_H

#include "trial.h"

/* Judge a probe, a review, a beat; changes nothing. As jit_rules_judge. */
int jit_proving_judge(struct jit_trial *t, struct jit_error *err) JIT_CHECKED;
int jit_proving_review(struct jit_trial *t, struct jit_error *err) JIT_CHECKED;
int jit_proving_beat(struct jit_trial *t, struct jit_error *err) JIT_CHECKED;

/* What an accepted one of them does. JIT_TROUBLE: then nothing was done. */
int jit_proving_apply(struct jit_state *s, const struct jit_trial *t,
	struct jit_error *err) JIT_CHECKED;

#endif
