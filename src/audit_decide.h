/* decide: why a grant was given, asked again of the judge. */
#ifndef AUDIT_DECIDE_H
#define AUDIT_DECIDE_H

#include "past.h"

#define AUDIT_IFS 8

/* What would have been refused: by which rule, and the judge's own words. */
struct audit_if {
	struct jit_buf what; /* "without the vote of dan@ex.com" */
	struct jit_error no;
};

/* Start with = {0}; free with audit_decision_free. */
struct audit_decision {
	const struct jit_grant *grant; /* as it waited, of the past's state */
	int64_t at;                    /* of the decision, or now */
	bool ruled;                    /* some rule gives it */
	struct jit_standing st;
	int code;            /* of the judge, asked again: 0 as recorded */
	struct jit_error no; /* what he says then */

	const struct jit_vote *last; /* that completed the quorum, or NULL */
	struct jit_buf before;       /* what was missing before it */

	struct audit_if ifs[AUDIT_IFS];
	size_t ifs_count;
};

/*
 * Ask the judge again, and what he would have said of a little less or
 * more: one vote fewer, a second too late, longer, another task, without
 * the rule. 'now' is for what is not decided yet. It borrows from 'p', whose
 * state is changed and put back. JIT_TROUBLE.
 */
int audit_decide(struct audit_decision *out, struct jit_past *p, int64_t now,
	struct jit_error *err) JIT_CHECKED;

/* Why a vote does not count, in a few words; NULL: it does. */
const char *audit_vote_fault(const struct jit_state *s,
	const struct audit_decision *d, const struct jit_vote *v);

void audit_decision_free(struct audit_decision *d);

#endif
