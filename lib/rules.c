/* SPDX-License-Identifier: ISC */
#include "rules.h"

#include <string.h>

#include "change.h"
#include "issuing.h"
#include "pattern.h"
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
rules_of_request(struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
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
	rc = jit_policy_match(&rule, &t->s->policy, ev->by, ev->resource,
		ev->role, err);
	if (rc)
		return rc;
	JIT_RULE("request-actions", JIT_NO, ev->actions.count == 0,
		"rule '%s' cannot be narrowed to actions yet", rule->id);
	JIT_RULE("request-offer", JIT_NO, ssh == (ev->offer != NULL),
		ssh ? "%s needs the public key to certify (-p)"
		    : "%s takes no public key",
		ev->resource);
	JIT_RULE("request-reason", JIT_NO,
		letters(ev->reason) >= t->s->policy.limits.reason,
		"the reason has %lld letters, at least %lld are wanted",
		(long long)letters(ev->reason),
		(long long)t->s->policy.limits.reason);
	return rules_of_rule(rule, ev, err);
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
		rc = jit_standing_voter(&as, t->s, t->grant, t->ev->by, err);
	return rc;
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
	JIT_RULE("vote-narrow", JIT_NO, ev->duration <= t->grant->duration,
		"a vote narrows, never widens: fewer than %lld seconds",
		(long long)t->grant->duration);
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

static bool
may_end(const struct jit_trial *t)
{
	const struct jit_policy *p = &t->s->policy;
	const struct jit_grant *g = t->grant;
	const struct jit_rule *rule = NULL;
	const struct jit_quorum *q;
	const char *by = t->ev->by;
	size_t i;

	if (jit_trial_same(by, g->by))
		return true;
	if (t->author->class == JIT_ISSUER)
		return jit_policy_issuer(p, by, g->resource) != NULL;
	if (t->author->class != JIT_PERSON)
		return false;
	if (jit_policy_member(p, p->admins->group, by))
		return true;
	if (jit_policy_match(&rule, p, g->by, g->resource, g->role, NULL))
		return false;
	q = rule->approve.at;
	for (i = 0; i < rule->approve.count; i++)
		if (jit_policy_member(p, q[i].group, by))
			return true;
	return false;
}

static int
rules_of_lapse(const struct jit_trial *t, struct jit_error *err)
{
	struct jit_standing st = {0};
	int rc;

	JIT_RULE("end-stage", JIT_NO, t->grant->stage == JIT_WAITING,
		"grant %s is issued: it cannot lapse", t->grant->id);
	rc = jit_standing_of(&st, t->s, t->grant, err);
	if (rc == JIT_NO)
		return 0; /* no rule gives it any more */
	if (rc)
		return rc;
	JIT_RULE("end-lapse", JIT_NO, t->ev->at >= st.lapses,
		"grant %s has not lapsed yet", t->grant->id);
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
	JIT_RULE("end-stage", JIT_NO, g->stage == JIT_ACTIVE,
		"grant %s is not issued: cancel or deny it", g->id);
	JIT_RULE("end-ttl", JIT_NO,
		!jit_trial_same(ev->cause, "ttl") || ev->at >= g->until,
		"grant %s has not run out yet", g->id);
	JIT_RULE("end-task", JIT_NO,
		!jit_trial_same(ev->cause, "task") ||
			jit_trial_same(ev->by, g->by),
		"only its holder says that the task is done");
	JIT_RULE("end-failed", JIT_NO,
		!jit_trial_same(ev->cause, "failed") ||
			t->author->class == JIT_ISSUER,
		"only an issuer says that it failed");
	JIT_RULE("end-revoke", JIT_NO,
		!jit_trial_same(ev->cause, "revoke") ||
			t->author->class != JIT_ISSUER,
		"a person revokes, not an issuer");
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
};

int
jit_rules_judge(struct jit_trial *t, struct jit_error *err)
{
	return rules[t->ev->type](t, err);
}
