/* rules: what must hold of each type of event about a grant. */
#ifndef JIT_RULES_H
#define JIT_RULES_H

#include "trial.h"

/*
 * Judge an event that is not genesis, its author and grant found. Changes
 * nothing. JIT_NO and others with err->rule set; JIT_TROUBLE without.
 */
int jit_rules_judge(struct jit_trial *t, struct jit_error *err) JIT_CHECKED;

#endif
