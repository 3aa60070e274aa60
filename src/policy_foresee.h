/* foresee: what the judge would say of a request that nobody made yet. */
#ifndef POLICY_FORESEE_H
#define POLICY_FORESEE_H

#include "policy_world.h"
#include "standing.h"

/* Who could vote for one group of a rule. */
struct policy_voters {
	const char *group;
	int64_t need;
	const char **who; /* principals, each once */
	size_t count;
};

struct policy_outlook {
	int code;            /* 0: it would be taken; else the judge's */
	struct jit_error no; /* what he says then */

	const struct jit_rule *rule; /* that decides; NULL: none gives it */
	struct jit_standing st;      /* without any vote; of 'rule' */
	struct policy_voters voters[JIT_POLICY_APPROVE]; /* as st.tally */

	int64_t grants_left, time_left; /* of its budget, before this one */
	struct jit_arena mem;
};

/*
 * Ask the judge about the request that 'ask' would be, and where it would
 * stand. The answer, a refusal too, is in '*out', for the caller to free
 * with policy_outlook_free; it borrows from 's'. Fails only where nothing
 * can be asked: JIT_TROUBLE.
 */
int policy_foresee(struct policy_outlook *out, const struct jit_state *s,
	const struct policy_ask *ask, struct jit_error *err) JIT_CHECKED;

void policy_outlook_free(struct policy_outlook *o);

/* How many votes a rule asks for. */
int64_t policy_votes(const struct jit_rule *rule);

#endif
