/* reach: what one rule leaves of another, as far as that is plain. */
#ifndef POLICY_REACH_H
#define POLICY_REACH_H

#include "policy.h"

/*
 * Whether 'a' leaves nothing of 'b', which it comes before or denies. False
 * where that is not plain.
 */
bool policy_hides(const struct jit_policy *p, const struct jit_rule *a,
	const struct jit_rule *b);

/* Whether something may match both patterns; true where that is not plain. */
bool policy_overlap(const char *a, const char *b);

/*
 * Whether somebody may ask for something that both are about. True where
 * that is not plain. A deny's empty lists are all.
 */
bool policy_meets(const struct jit_policy *p, const struct jit_rule *a,
	const struct jit_rule *b);

#endif
