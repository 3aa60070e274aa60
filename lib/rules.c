/* SPDX-License-Identifier: ISC */
#include "rules.h"

#include <string.h>

#include "change.h"
#include "govern.h"
#include "issuing.h"
#include "pattern.h"
#include "using.h"
#include "when.h"

/* Request. */

static int64_t
letters(const char *s)
{
	int64_t n = 0;

	for (; *s; s++)
		if (*s != ' ' && ((unsigned char)*s & 0xc0) != 0x80)
			n++;
	return n;
}

static bool
id_used(const struct jit_state *s, const char *id)
{
	size_t i;

	for (i = 0; i < s->recent_count; i++)
		if (jit_trial_same(s->recent[i], id))
			return true;
	return jit_state_grant(s, id) != NULL;
}

static int
rules_of_rule(const struct jit_rule *rule, const struct jit_event *ev,
	struct jit_error *err)
{
	struct jit_buf max = {0};
	bool fits = ev->duration <= rule->max;

	if (!fits && JIT_RULE_ON("request-max")) {
		jit_when_spell(&max, rule->max);
		jit_refuse(err, JIT_NO, "request-max",
			"rule '%s' gives at most %s", rule->id,
			jit_buf_text(&max));
		jit_buf_free(&max);
		return JIT_NO;
	}
	JIT_RULE("request-task", JIT_NO,
		!rule->task || jit_pattern_match(rule->task, ev->task),
		"rule '%s' wants a task like '%s'", rule->id, rule->task);
	return 0;
}

static int
rules_of_reason(const struct jit_trial *t, struct jit_error *err)
{
	int64_t have = letters(t->ev->reason);
	int64_t want = t->s->policy.limits.reason;

	JIT_RULE("request-reason", JIT_NO, have >= want,
		"the reason has %lld letters, at least %lld are wanted",
		(long long)have, (long long)want);
	return 0;
}

/* A change of policy or people is asked by a person, for no time. */
static int
rules_of_change(const struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	int rc;

	JIT_RULE("change-class", JIT_NO, t->author->class == JIT_PERSON,
		"only a person asks for a change: %s is enrolled as %s", ev->by,
		jit_class_name(t->author->class));
	JIT_RULE("change-alone", JIT_USAGE,
		!ev->duration && !ev->offer && !ev->extends && !ev->glass &&
			!ev->actions.count,
		"a change has no duration, offer, actions, extends or "
		"break_glass");
	rc = rules_of_reason(t, err);
	return rc ? rc : jit_govern_propose(t, err);
}

static int
rules_of_request(struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	const struct jit_asked asked = {.who = ev->by,
		.resource = ev->resource,
		.role = ev->role,
		.at = ev->at,
		.glass = ev->glass};
	const struct jit_rule *rule = NULL;
	bool ssh = strncmp(ev->resource, "ssh:", 4) == 0;
	int rc;

	JIT_RULE("request-class", JIT_NO,
		t->author->class != JIT_HOST && t->author->class != JIT_ISSUER,
		"%s is enrolled as %s, which asks for nothing", ev->by,
		jit_class_name(t->author->class));
	JIT_RULE("request-id", JIT_NO, jit_ulid_time(ev->id) == ev->at,
		"the time in its id is not its own");
	JIT_RULE("request-fresh", JIT_NO, !id_used(t->s, ev->id),
		"its id was used before");
	JIT_RULE("change-resource", JIT_NO,
		(strncmp(ev->resource, "ledger:", 7) == 0) ==
			(ev->change != NULL),
		"a change, and nothing else, is asked on ledger:policy and "
		"ledger:people");
	if (ev->change)
		return rules_of_change(t, err);
	JIT_RULE("request-duration", JIT_USAGE, ev->duration > 0,
		"it asks for no time");
	rc = jit_standing_rule(&rule, t->s, &asked, ev->duration, err);
	if (rc)
		return rc;
	JIT_RULE("request-actions", JIT_NO, ev->actions.count == 0,
		"rule '%s' cannot be narrowed to actions yet", rule->id);
	JIT_RULE("request-offer", JIT_NO, ssh == (ev->offer != NULL),
		ssh ? "%s needs the public key to certify (-p)"
		    : "%s takes no public key",
		ev->resource);
	rc = rules_of_reason(t, err);
	if (rc)
		return rc;
	rc = rules_of_rule(rule, ev, err);
	if (rc == 0)
		rc = jit_trial_hours(t, rule, err);
	if (rc == 0 && ev->extends)
		rc = jit_trial_extension(t, ev->extends, rule, ev->duration,
			err);
	if (rc == 0 && ev->glass)
		rc = jit_trial_debts(t, ev->by, err);
	return rc;
}

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
	if (rc)
		return rc;
	JIT_RULE("vote-actions", JIT_NO, ev->actions.count == 0,
		"grant %s asks for no actions", t->grant->id);
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

/* Review: what a break-glass owes. */

static int
rules_of_review(struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	const struct jit_debt *d = jit_state_debt(t->s, ev->id);

	JIT_NEED("review-owed", JIT_NOGRANT, d != NULL,
		"no review is owed for grant %s", ev->id);
	JIT_RULE("review-class", JIT_NO, t->author->class == JIT_PERSON,
		"only a person reviews: %s is enrolled as %s", ev->by,
		jit_class_name(t->author->class));
	JIT_RULE("review-self", JIT_NO, !jit_trial_same(d->by, ev->by),
		"nobody reviews what he did");
	JIT_RULE("review-sponsor", JIT_NO,
		!jit_standing_bound(t->s, d->by, ev->by),
		"a sponsor and who is sponsored do not review each other");
	JIT_RULE("review-member", JIT_NO,
		jit_policy_member(&t->s->policy, d->group, ev->by),
		"%s is not in group '%s'", ev->by, d->group);
	return 0;
}

/* Which rules an event must keep. */
static int (*const rules[JIT_EVENT_TYPES])(struct jit_trial *,
	struct jit_error *) = {
	[JIT_REQUEST] = rules_of_request,
	[JIT_APPROVE] = rules_of_approve,
	[JIT_DENY] = rules_of_deny,
	[JIT_WITHDRAW] = rules_of_withdraw,
	[JIT_ISSUE] = jit_issuing_judge,
	[JIT_END] = rules_of_end,
	[JIT_USE] = jit_using_judge,
	[JIT_REVIEW] = rules_of_review,
	[JIT_POLICY] = jit_govern_judge,
	[JIT_ENROLL] = jit_govern_judge,
	[JIT_RETIRE] = jit_govern_judge,
};

int
jit_rules_judge(struct jit_trial *t, struct jit_error *err)
{
	return rules[t->ev->type](t, err);
}
