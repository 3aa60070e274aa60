/* standing: where a grant stands under the policy now in force. */
#ifndef JIT_STANDING_H
#define JIT_STANDING_H

#include "state.h"

/* How far one group of a rule is. */
struct jit_tally {
	const char *group;
	int64_t need, have; /* persons */
};

/* Where a waiting grant stands under the policy in force. */
struct jit_standing {
	const struct jit_rule *rule;
	struct jit_tally tally[JIT_POLICY_APPROVE];
	size_t tallies;
	bool met;         /* every group has its count */
	int64_t duration; /* seconds: smallest of asked, narrowed, max */
	uint64_t actions; /* which of the asked ones every vote allows */
	int64_t lapses;   /* UTC second from which it is over */
};

/*
 * Decide anew, under the policy now in force: the rule, the votes that
 * count, the duration. JIT_NO: no rule gives it any more.
 */
int jit_standing_of(struct jit_standing *out, const struct jit_state *s,
	const struct jit_grant *g, int64_t at,
	struct jit_error *err) JIT_CHECKED;

/*
 * The rule that gives what is asked at 'at', for 'duration' seconds, as
 * jit_policy_match; what budgets have given already is in the state.
 */
int jit_standing_rule(const struct jit_rule **out, const struct jit_state *s,
	const struct jit_asked *asked, int64_t duration,
	struct jit_error *err) JIT_CHECKED;

/* Whether a vote counts under 'rule' and the policy and people in force. */
bool jit_standing_counts(const struct jit_state *s, const struct jit_grant *g,
	const struct jit_rule *rule, const struct jit_vote *v, int64_t at);

/* Whether the two are one's sponsor and the one who is sponsored. */
bool jit_standing_bound(const struct jit_state *s, const char *a,
	const char *b);

/*
 * Whether 'who' may vote on 'g' as one of the rule's groups; '*as' is the
 * group that still misses somebody, or the first (borrowed). JIT_NO and why.
 */
int jit_standing_voter(const char **as, const struct jit_state *s,
	const struct jit_grant *g, const char *who, int64_t at,
	struct jit_error *err) JIT_CHECKED;

/* Whether an action is one of a list, word by word. */
bool jit_standing_action(const struct jit_lists *list,
	const struct jit_texts *action);

/* Which actions of a grant are in 'some', a bit each; all where it is none. */
uint64_t jit_standing_actions(const struct jit_grant *g,
	const struct jit_lists *some);

/* Whether 'who' has a vote on it. */
bool jit_standing_voted(const struct jit_grant *g, const char *who);

/* Whether a vote of 'who' would bring a grant that waits further. */
bool jit_standing_waits(const struct jit_state *s, const struct jit_grant *g,
	const char *who, int64_t at);

/* What a grant rests on: who holds, issued and approved it, and a rule. */
enum jit_basis {
	JIT_BASIS_HOLDS,
	JIT_BASIS_OFFBOARD, /* somebody was retired */
	JIT_BASIS_POLICY    /* the policy in force would not give it */
};

/*
 * Whether it still does. A rule or a person that has only reached its end
 * gives nothing new, but what is live goes on to its own end.
 */
enum jit_basis jit_standing_basis(const struct jit_state *s,
	const struct jit_grant *g);

/*
 * Whether 'who' has 'role' on 'resource' at 'now', if only for some actions:
 * the active grant that says so (borrowed), or JIT_NO and why in one line.
 */
int jit_standing_live(const struct jit_grant **out, const struct jit_state *s,
	const char *who, const char *resource, const char *role, int64_t now,
	struct jit_error *err) JIT_CHECKED;

/*
 * The same for a gate: whether 'asked' (who, resource, role, at) may do
 * 'action' there, or, where it is NULL, anything. A grant of some actions
 * says yes to these only.
 */
int jit_standing_may(const struct jit_grant **out, const struct jit_state *s,
	const struct jit_asked *asked, const struct jit_texts *action,
	struct jit_error *err) JIT_CHECKED;

/*
 * When a grant issued at 'from' for 'duration' seconds ends: an extension
 * adds them to the end of what it extends.
 */
int64_t jit_standing_until(const struct jit_state *s, const struct jit_grant *g,
	int64_t from, int64_t duration);

/*
 * What the certificate of an issue of 'g' must say, all of it from the
 * request and the grant. 'principal' is written to (JIT_PRINCIPAL bytes) and
 * borrowed by '*out', as are texts of 'g' and of the policy's entry for the
 * issuer, whose recorder it forces. JIT_NO: its resource is no "ssh:..." or
 * it offers no key.
 */
#define JIT_PRINCIPAL 128
int jit_standing_cert(struct jit_cert *out, char principal[JIT_PRINCIPAL],
	const struct jit_state *s, const struct jit_grant *g,
	const struct jit_issuing *by, int64_t serial, int64_t from,
	int64_t until, struct jit_error *err) JIT_CHECKED;

#endif
