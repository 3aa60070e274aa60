/* issuing: the rules of an issue, where nothing is the issuer's word. */
#ifndef JIT_ISSUING_H
#define JIT_ISSUING_H

#include "trial.h"

/* Judge it; changes nothing. As jit_rules_judge. */
int jit_issuing_judge(struct jit_trial *t, struct jit_error *err) JIT_CHECKED;

#endif
