/* unmet: quorums that cannot be met, each by itself. */
#ifndef POLICY_UNMET_H
#define POLICY_UNMET_H

#include "state.h"

/*
 * Whether the people of 's' can meet the quorum 'q' (rows of struct
 * jit_quorum) of rule 'id', whoever asks; by security keys with 'touched'.
 * JIT_USAGE: they cannot, and why. JIT_TROUBLE.
 */
int policy_unmet(const struct jit_state *s, const struct jit_rows *q,
	const char *id, bool touched, struct jit_error *why) JIT_CHECKED;

/* Whether the groups of 'q' name all their members: none is a pattern. */
bool policy_all_named(const struct jit_policy *p, const struct jit_rows *q);

#endif
