/* SPDX-License-Identifier: ISC */
#include "rules.h"

#include <string.h>

#include "requesting.h"
#include "change.h"
#include "govern.h"
#include "issuing.h"
#include "proving.h"
#include "using.h"
#include "when.h"

/* Votes. */

static bool
wants_group(const struct jit_standing *st, const char *group)
{
	size_t i;

	for (i = 0; i < st->tallies; i++)
		if (jit_trial_same(st->tally[i].group, group))
			return true;
	return false;
}

/* Who may say yes may say no. */
static int
rules_of_voter(struct jit_standing *st, const struct jit_trial *t,
	struct jit_error *err)
{
	const char *as = NULL;
	int rc;

	rc = jit_trial_waiting(st, t, err);
	if (rc == 0)
		rc = jit_trial_reference(t, err);
	if (rc == 0)
		rc = jit_standing_voter(&as, t->s, t->grant, t->ev->by,
			t->ev->at, err);
	return rc;
}

static int
rules_of_narrowing(struct jit_trial *t, struct jit_error *err)
{
	struct jit_buf asked = {0};

	if (t->ev->duration <= t->grant->duration ||
		!JIT_RULE_ON("vote-narrow"))
		return 0;
	jit_when_spell(&asked, t->grant->duration);
	jit_refuse(err, JIT_NO, "vote-narrow",
		"a vote narrows, never widens: at most %s",
		jit_buf_text(&asked));
	jit_buf_free(&asked);
	return JIT_NO;
}

/* Of what is asked, and something that all votes before it allow. */
static int
rules_of_choice(const struct jit_trial *t, const struct jit_standing *st,
	struct jit_error *err)
{
	const struct jit_grant *g = t->grant;
	const struct jit_lists *list = &t->ev->actions;
	uint64_t bits = jit_standing_actions(g, list);
	uint64_t all = jit_standing_actions(g, &(struct jit_lists){0});
	size_t i;

	for (i = 0; i < list->count; i++)
		JIT_RULE("vote-actions", JIT_NO,
			jit_standing_action(&g->actions, &list->at[i]),
			"a vote narrows, never widens: grant %s does not ask "
			"for that action",
			g->id);
	JIT_RULE("vote-common", JIT_NO, !all || (bits & st->actions),
		"the votes before it allow none of these actions: allow one "
		"of theirs, or deny it");
	JIT_RULE("extend-whole", JIT_NO, !g->extends[0] || bits == all,
		"an extension goes on with all its actions: deny it instead");
	return 0;
}

static int
rules_of_approve(struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	struct jit_standing st = {0};
	int rc = rules_of_voter(&st, t, err);

	if (rc)
		return rc;
	JIT_RULE("vote-group", JIT_NO, wants_group(&st, ev->as),
		"rule '%s' asks no vote of group '%s'", st.rule->id, ev->as);
	JIT_RULE("vote-as", JIT_NO,
		jit_policy_member(&t->s->policy, ev->as, ev->by),
		"%s is not in group '%s'", ev->by, ev->as);
	JIT_RULE("vote-once", JIT_NO, !jit_standing_voted(t->grant, ev->by),
		"%s has voted already: withdraw that vote first", ev->by);
	rc = rules_of_narrowing(t, err);
	if (rc == 0)
		rc = jit_requesting_actions(&ev->actions, err);
	if (rc == 0)
		rc = rules_of_choice(t, &st, err);
	if (rc)
		return rc;
	JIT_RULE("vote-key", JIT_NO, !st.rule->key || t->touched,
		"rule '%s' wants a security key's signature, touched",
		st.rule->id);
	return 0;
}

static int
rules_of_deny(struct jit_trial *t, struct jit_error *err)
{
	struct jit_standing st = {0};

	return rules_of_voter(&st, t, err);
}

static int
rules_of_withdraw(struct jit_trial *t, struct jit_error *err)
{
	struct jit_vote **v = jit_change_vote(t->grant, t->ev);
	const char *owner = v ? (*v)->by : NULL;

	JIT_RULE("grant-waiting", JIT_OVER, t->grant->stage == JIT_WAITING,
		"grant %s is issued already", t->grant->id);
	if (!v && jit_trial_hash(t->ev->vote, t->grant->request))
		owner = t->grant->by;
	JIT_NEED("withdraw-known", JIT_NO, owner != NULL,
		"grant %s has no such vote", t->grant->id);
	JIT_RULE("withdraw-own", JIT_NO, jit_trial_same(owner, t->ev->by),
		"only %s can withdraw that", owner);
	return 0;
}

/* End. */

/* Whether a rule asks 'who' to approve or to review. */
static bool
asks(const struct jit_policy *p, const struct jit_rule *rule, const char *who)
{
	const struct jit_quorum *q = rule->approve.at;
	size_t i;

	if (rule->review && jit_policy_member(p, rule->review->group, who))
		return true;
	for (i = 0; i < rule->approve.count; i++)
		if (jit_policy_member(p, q[i].group, who))
			return true;
	return false;
}

static bool
may_end(const struct jit_trial *t)
{
	const struct jit_policy *p = &t->s->policy;
	const struct jit_grant *g = t->grant;
	const struct jit_rule *rule;
	struct jit_standing st = {0};
	const char *by = t->ev->by;

	if (jit_trial_same(by, g->by))
		return true;
	if (t->author->class == JIT_ISSUER)
		return g->change || jit_policy_issuer(p, by, g->resource);
	if (t->author->class == JIT_HOST)
		return jit_using_host(g->resource, by);
	if (t->author->class != JIT_PERSON)
		return false;
	if (jit_policy_member(p, p->admins->group, by))
		return true;
	rule = g->stage == JIT_ACTIVE ? jit_policy_rule(p, g->rule) : NULL;
	if (rule && asks(p, rule, by))
		return true;
	return jit_standing_of(&st, t->s, g, t->ev->at, NULL) == 0 &&
		asks(p, st.rule, by);
}

static int
rules_of_lapse(const struct jit_trial *t, struct jit_error *err)
{
	struct jit_standing st = {0};
	int rc;

	JIT_RULE("end-stage", JIT_NO, t->grant->stage == JIT_WAITING,
		"grant %s is issued: it cannot lapse", t->grant->id);
	rc = jit_standing_of(&st, t->s, t->grant, t->ev->at, err);
	if (rc == JIT_NO)
		return 0; /* no rule gives it any more */
	if (rc)
		return rc;
	JIT_RULE("end-lapse", JIT_NO, t->ev->at >= st.lapses,
		"grant %s has not lapsed yet", t->grant->id);
	return 0;
}

/* Causes that follow from what a grant rests on, claimed by nobody. */
static int
rules_of_basis(const struct jit_trial *t, enum jit_basis wanted,
	struct jit_error *err)
{
	JIT_RULE("end-basis", JIT_NO,
		jit_standing_basis(t->s, t->grant) == wanted,
		"what grant %s rests on is not gone in that way", t->grant->id);
	return 0;
}

static int
rules_of_end(struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	const struct jit_grant *g = t->grant;

	JIT_RULE("late-retired", JIT_NO, !t->gone,
		"the key of %s was retired meanwhile: it ends nothing any more",
		ev->by);
	JIT_RULE("end-who", JIT_NO, may_end(t),
		"%s is neither its holder nor an approver, admin or issuer "
		"of it",
		ev->by);
	if (jit_trial_same(ev->cause, "lapse"))
		return rules_of_lapse(t, err);
	if (jit_trial_same(ev->cause, "policy"))
		return rules_of_basis(t, JIT_BASIS_POLICY, err);
	if (jit_trial_same(ev->cause, "offboard"))
		return rules_of_basis(t, JIT_BASIS_OFFBOARD, err);
	JIT_RULE("end-stage", JIT_NO, g->stage == JIT_ACTIVE,
		"grant %s is not issued: cancel or deny it", g->id);
	JIT_RULE("end-ttl", JIT_NO,
		!jit_trial_same(ev->cause, "ttl") || ev->at >= g->until,
		"grant %s has not run out yet", g->id);
	JIT_RULE("end-task", JIT_NO,
		!jit_trial_same(ev->cause, "task") ||
			jit_trial_same(ev->by, g->by) ||
			t->author->class == JIT_HOST,
		"only its holder and its host say that the task is done");
	JIT_RULE("end-failed", JIT_NO,
		!jit_trial_same(ev->cause, "failed") ||
			t->author->class == JIT_ISSUER,
		"only an issuer says that it failed");
	JIT_RULE("end-revoke", JIT_NO,
		!jit_trial_same(ev->cause, "revoke") ||
			(t->author->class != JIT_ISSUER &&
				t->author->class != JIT_HOST),
		"a person revokes, not an issuer or a host");
	return 0;
}

/* Anybody who is enrolled brings what is late; the judge opens it. */
static int
nothing_more(struct jit_trial *t, struct jit_error *err)
{
	(void)t;
	(void)err;
	return 0;
}

/* Which rules an event must keep. */
static int (*const rules[JIT_EVENT_TYPES])(struct jit_trial *,
	struct jit_error *) = {
	[JIT_REQUEST] = jit_requesting_judge,
	[JIT_APPROVE] = rules_of_approve,
	[JIT_DENY] = rules_of_deny,
	[JIT_WITHDRAW] = rules_of_withdraw,
	[JIT_ISSUE] = jit_issuing_judge,
	[JIT_END] = rules_of_end,
	[JIT_USE] = jit_using_judge,
	[JIT_PROBE] = jit_proving_judge,
	[JIT_BEAT] = jit_proving_beat,
	[JIT_REVIEW] = jit_proving_review,
	[JIT_POLICY] = jit_govern_judge,
	[JIT_ENROLL] = jit_govern_judge,
	[JIT_RETIRE] = jit_govern_judge,
	[JIT_LATE] = nothing_more,
};

int
jit_rules_judge(struct jit_trial *t, struct jit_error *err)
{
	return rules[t->ev->type](t, err);
}
