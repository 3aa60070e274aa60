/* widening: what a new policy gives that the old one did not. */
#ifndef JIT_WIDENING_H
#define JIT_WIDENING_H

#include "policy.h"

/* Some principals: those who are enrolled. */
struct jit_crowd {
	const char *const *at;
	size_t count;
};

/*
 * Append in words, "; " between them, by what 'new' gives somebody of the
 * crowd more than 'old': a role on a resource, a longer window, fewer votes
 * or easier terms; a deny that is gone; an admin or an issuer more, fewer
 * admins for a change, a limit that is longer. Nothing is appended where
 * there is no such thing. Where it is not plain that a rule gave all of
 * what another gives now, it counts as more.
 */
void jit_widening_put(struct jit_buf *out, const struct jit_policy *old,
	const struct jit_policy *new, const struct jit_crowd *crowd);

#endif
