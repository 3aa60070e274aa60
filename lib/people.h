/* people: what must hold of an enrolment. */
#ifndef JIT_PEOPLE_H
#define JIT_PEOPLE_H

#include "state.h"

/*
 * Read what an event says of one into '*out', its texts in 'mem'. 'seq' and
 * 'at' are the event's. JIT_USAGE, JIT_TROUBLE.
 */
int jit_people_read(struct jit_enrolment *out, struct jit_arena *mem,
	const struct jit_enrolled *said, int64_t seq, int64_t at,
	struct jit_error *err) JIT_CHECKED;

/*
 * Whether it may stand beside 'count' others, retired ones included: a key
 * is enrolled once and for one, and all keys of a principal have one class.
 */
int jit_people_beside(const struct jit_enrolment *e,
	const struct jit_enrolment *others, size_t count,
	struct jit_error *err) JIT_CHECKED;

/*
 * Whether its end and its sponsor, one of the 'count' people, are as they
 * must be at 'at'. 'said' is what the event said of it.
 */
int jit_people_bound(const struct jit_enrolment *e,
	const struct jit_enrolled *said, const struct jit_enrolment *people,
	size_t count, int64_t at, struct jit_error *err) JIT_CHECKED;

/* Whether each issuer that a policy names is enrolled as one. */
int jit_people_issuers(const struct jit_policy *p,
	const struct jit_enrolment *people, size_t count,
	struct jit_error *err) JIT_CHECKED;

#endif
