/* quorum: whether the votes that a policy asks for can be had at all. */
#ifndef JIT_QUORUM_H
#define JIT_QUORUM_H

#include "state.h"

/*
 * Refuse a policy unless the admins' quorum and that of every rule can be
 * met by the enrolled persons without any one of them, who may be the one
 * that asks: one person votes once, for one group. JIT_USAGE with the rule
 * and what is missing; JIT_TROUBLE: no memory.
 */
int jit_quorum_check(const struct jit_policy *p,
	const struct jit_enrolment *people, size_t count,
	struct jit_error *err) JIT_CHECKED;

#endif
