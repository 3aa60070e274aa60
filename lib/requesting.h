/* requesting: the rules of a request. */
#ifndef JIT_REQUESTING_H
#define JIT_REQUESTING_H

#include "trial.h"

/* Judge it; changes nothing. As jit_rules_judge. */
int jit_requesting_judge(struct jit_trial *t,
	struct jit_error *err) JIT_CHECKED;

/* What a request's actions must be, and a vote's. JIT_USAGE. */
int jit_requesting_actions(const struct jit_lists *list,
	struct jit_error *err) JIT_CHECKED;

#endif
