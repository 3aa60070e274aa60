/* SPDX-License-Identifier: ISC */
#include "standing.h"

#include <stdio.h>
#include <string.h>

#include "mutate.h"
#include "when.h"

/* Whether 'a' is the sponsor of 'b'. */
static bool
sponsors(const struct jit_state *s, const char *a, const char *b)
{
	const struct jit_enrolment *e = jit_state_person(s, b);

	return e && e->sponsor && strcmp(e->sponsor, a) == 0;
}

bool
jit_standing_bound(const struct jit_state *s, const char *a, const char *b)
{
	return sponsors(s, a, b) || sponsors(s, b, a);
}

/* Whether the key that said it is still enrolled, for who said it. */
static bool
stands(const struct jit_state *s, const char *who, const char *key)
{
	if (key[0] == '\0')
		return jit_state_person(s, who) != NULL;
	return jit_state_key(s, key) != NULL;
}

bool
jit_standing_counts(const struct jit_state *s, const struct jit_grant *g,
	const struct jit_rule *rule, const struct jit_vote *v, int64_t at)
{
	const struct jit_enrolment *e = jit_state_person(s, v->by);
	const struct jit_quorum *q = rule->approve.at;
	size_t i;

	if (!e || e->class != JIT_PERSON || strcmp(v->by, g->by) == 0)
		return false;
	if (!stands(s, v->by, v->key))
		return false;
	if (at >= e->until &&
		!jit_policy_member(&s->policy, s->policy.admins->group, v->by))
		return false; /* an admin's end is only reported */
	if (jit_standing_bound(s, v->by, g->by))
		return false;
	if (rule->key && !v->sk)
		return false;
	for (i = 0; i < rule->approve.count; i++)
		if (strcmp(q[i].group, v->as) == 0)
			return jit_policy_member(&s->policy, v->as, v->by);
	return false;
}

static bool
met(const struct jit_standing *st)
{
	size_t i;

	for (i = 0; i < st->tallies; i++)
		if (st->tally[i].have < st->tally[i].need)
			return false;
	return true;
}

bool
jit_standing_action(const struct jit_lists *list,
	const struct jit_texts *action)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (jit_shape_same(&list->at[i], action))
			return true;
	return false;
}

_Static_assert(JIT_ACTIONS_MAX <= 64, "each action of a grant has a bit");

uint64_t
jit_standing_actions(const struct jit_grant *g, const struct jit_lists *some)
{
	uint64_t bits = 0;
	size_t i;

	for (i = 0; i < g->actions.count; i++)
		if (some->count == 0 ||
			jit_standing_action(some, &g->actions.at[i]))
			bits |= (uint64_t)1 << i;
	return bits;
}

static void
count_vote(struct jit_standing *st, const struct jit_grant *g,
	const struct jit_vote *v)
{
	size_t i;

	st->actions &= jit_standing_actions(g, &v->actions);
	for (i = 0; i < st->tallies; i++)
		if (strcmp(st->tally[i].group, v->as) == 0)
			st->tally[i].have++;
	if (v->duration && v->duration < st->duration)
		st->duration = v->duration;
}

/* What is asked, and how long, for the budgets. */
struct purse {
	const struct jit_state *s;
	const struct jit_asked *asked;
	int64_t duration;
};

/* Whether one more would be more than a rule's budget gives this requester. */
static bool
spent(struct jit_buf *why, const struct jit_rule *rule, const void *arg)
{
	const struct purse *p = arg;
	const struct jit_budget *b = rule->budget;
	const struct jit_spend *x = p->s->spends;
	int64_t grants = 0, time = 0;
	size_t i;

	for (i = 0; i < p->s->spends_count; i++) {
		if (strcmp(x[i].rule, rule->id) != 0 ||
			strcmp(x[i].by, p->asked->who) != 0 ||
			x[i].at + b->per <= p->asked->at ||
			x[i].at > p->asked->at) /* it came before, late */
			continue;
		grants++;
		time += x[i].seconds;
	}
	if (grants < b->grants && time + p->duration <= b->time)
		return false;
	if (!why)
		return true;
	jit_buf_fmt(why, "%lld of %lld grants and ", (long long)grants,
		(long long)b->grants);
	jit_when_spell(why, time);
	jit_buf_str(why, " of ");
	jit_when_spell(why, b->time);
	jit_buf_str(why, " were had in the last ");
	jit_when_spell(why, b->per);
	return true;
}

int
jit_standing_rule(const struct jit_rule **out, const struct jit_state *s,
	const struct jit_asked *asked, int64_t duration, struct jit_error *err)
{
	struct jit_asked q = *asked;
	const struct purse purse = {s, asked, duration};

	if (asked->change) {
		*out = &s->policy.change;
		return 0;
	}
	q.spent = spent;
	q.arg = &purse;
	return jit_policy_match(out, &s->policy, &q, err);
}

/* The rule that gives what a grant asked, if it were asked at 'at'. */
static int
rule_of(const struct jit_rule **out, const struct jit_state *s,
	const struct jit_grant *g, int64_t at, struct jit_error *err)
{
	const struct jit_asked asked = {.who = g->by,
		.resource = g->resource,
		.role = g->role,
		.actions = &g->actions,
		.at = at,
		.glass = g->glass != 0,
		.change = g->change != NULL};

	return jit_standing_rule(out, s, &asked, g->duration, err);
}

int
jit_standing_of(struct jit_standing *out, const struct jit_state *s,
	const struct jit_grant *g, int64_t at, struct jit_error *err)
{
	struct jit_standing st = {0};
	const struct jit_limits *limits = &s->policy.limits;
	const struct jit_quorum *q;
	const struct jit_vote *v;
	size_t i;
	int rc;

	if (!stands(s, g->by, g->key) && JIT_RULE_ON("grant-holder"))
		return jit_refuse(err, JIT_NO, "grant-holder",
			"%s, who asked for grant %s, was retired, or the key "
			"was",
			g->by, g->id);
	rc = rule_of(&st.rule, s, g, at, err);
	if (rc)
		return rc;
	q = st.rule->approve.at;
	for (i = 0; i < st.rule->approve.count; i++)
		st.tally[st.tallies++] = (struct jit_tally){.group = q[i].group,
			.need = q[i].count};
	st.duration = g->duration < st.rule->max ? g->duration : st.rule->max;
	st.actions = jit_standing_actions(g, &(struct jit_lists){0});
	st.met = met(&st); /* where nobody needs to vote */
	st.lapses = g->at + (st.met ? limits->use_by : limits->pending);
	for (v = g->votes; v; v = v->next) {
		if (!jit_standing_counts(s, g, st.rule, v, at))
			continue;
		count_vote(&st, g, v);
		if (!st.met && met(&st)) {
			st.met = true;
			st.lapses = v->at + limits->use_by;
		}
	}
	*out = st;
	return 0;
}

int
jit_standing_voter(const char **as, const struct jit_state *s,
	const struct jit_grant *g, const char *who, int64_t at,
	struct jit_error *err)
{
	const struct jit_enrolment *e = jit_state_person(s, who);
	const char *first = NULL, *missing = NULL;
	struct jit_standing st;
	struct jit_buf needed = {0};
	size_t i;
	int rc;

	rc = jit_standing_of(&st, s, g, at, err);
	if (rc)
		return rc;
	if (JIT_RULE_ON("vote-self") && strcmp(who, g->by) == 0)
		return jit_refuse(err, JIT_NO, "vote-self",
			"nobody votes on his own request");
	if (JIT_RULE_ON("vote-class") && (!e || e->class != JIT_PERSON))
		return jit_refuse(err, JIT_NO, "vote-class",
			"only a person votes: %s is enrolled as %s", who,
			e ? jit_class_name(e->class) : "nobody");
	if (JIT_RULE_ON("vote-sponsor") && jit_standing_bound(s, who, g->by))
		return jit_refuse(err, JIT_NO, "vote-sponsor",
			"a sponsor and who is sponsored do not vote for each "
			"other");
	for (i = 0; i < st.tallies; i++) {
		if (!jit_policy_member(&s->policy, st.tally[i].group, who))
			continue;
		if (!first)
			first = st.tally[i].group;
		if (!missing && st.tally[i].have < st.tally[i].need)
			missing = st.tally[i].group;
	}
	if (!first && JIT_RULE_ON("vote-member")) {
		jit_policy_spell(&needed, st.rule);
		jit_refuse(err, JIT_NO, "vote-member",
			"rule '%s' wants %s: %s is in none of them",
			st.rule->id, jit_buf_text(&needed), who);
		jit_buf_free(&needed);
		return JIT_NO;
	}
	*as = missing ? missing : first;
	return 0;
}

bool
jit_standing_voted(const struct jit_grant *g, const char *who)
{
	const struct jit_vote *v;

	for (v = g->votes; v; v = v->next)
		if (strcmp(v->by, who) == 0)
			return true;
	return false;
}

bool
jit_standing_waits(const struct jit_state *s, const struct jit_grant *g,
	const char *who, int64_t at)
{
	struct jit_standing st = {0};
	const char *as = NULL;
	size_t i;

	if (g->stage != JIT_WAITING || jit_standing_voted(g, who) ||
		jit_standing_voter(&as, s, g, who, at, NULL) != 0 ||
		jit_standing_of(&st, s, g, at, NULL) != 0)
		return false;
	for (i = 0; i < st.tallies; i++)
		if (strcmp(st.tally[i].group, as) == 0)
			return st.tally[i].have < st.tally[i].need;
	return false;
}

/* Whether the votes that still count are enough, whatever the time. */
static bool
votes_hold(bool *retired, const struct jit_state *s, const struct jit_grant *g,
	const struct jit_rule *rule)
{
	struct jit_standing st = {.rule = rule};
	const struct jit_quorum *q = rule->approve.at;
	const struct jit_vote *v;
	size_t i;

	for (i = 0; i < rule->approve.count; i++)
		st.tally[st.tallies++] = (struct jit_tally){.group = q[i].group,
			.need = q[i].count};
	for (v = g->votes; v; v = v->next) {
		if (jit_standing_counts(s, g, rule, v, v->at))
			count_vote(&st, g, v);
		else if (!stands(s, v->by, v->key))
			*retired = true;
	}
	return met(&st);
}

/* A budget of another rule than the grant's, as if it were spent. */
static bool
is_another(struct jit_buf *why, const struct jit_rule *rule, const void *arg)
{
	(void)why;
	return strcmp(rule->id, arg) != 0;
}

/* The rule that gives what was given, or is asked for, and no deny since. */
static int
basis_rule(const struct jit_rule **rule, const struct jit_state *s,
	const struct jit_grant *g)
{
	int64_t at = g->stage == JIT_ACTIVE ? g->from : g->at;
	struct jit_asked asked = {.who = g->by,
		.resource = g->resource,
		.role = g->role,
		.actions = &g->actions,
		.at = at > s->policy_since ? at : s->policy_since,
		.glass = g->glass != 0};

	if (g->rule) {
		asked.spent = is_another;
		asked.arg = g->rule;
		if (jit_policy_match(rule, &s->policy, &asked, NULL) == 0)
			return 0;
		asked.spent = NULL;
	}
	return jit_policy_match(rule, &s->policy, &asked, NULL);
}

enum jit_basis
jit_standing_basis(const struct jit_state *s, const struct jit_grant *g)
{
	const struct jit_rule *rule = &s->policy.change;
	bool retired = false;

	if (!stands(s, g->by, g->key))
		return JIT_BASIS_OFFBOARD;
	if (!g->change && basis_rule(&rule, s, g))
		return JIT_BASIS_POLICY;
	if (g->stage == JIT_WAITING)
		return JIT_BASIS_HOLDS;
	if (!stands(s, g->issuer, g->issuer_key))
		return JIT_BASIS_OFFBOARD;
	if (!votes_hold(&retired, s, g, rule))
		return retired ? JIT_BASIS_OFFBOARD : JIT_BASIS_POLICY;
	if (!g->extends[0] && g->until - g->from > rule->max)
		return JIT_BASIS_POLICY;
	return JIT_BASIS_HOLDS;
}

int64_t
jit_standing_until(const struct jit_state *s, const struct jit_grant *g,
	int64_t from, int64_t duration)
{
	const struct jit_grant *parent =
		g->extends[0] ? jit_state_grant(s, g->extends) : NULL;

	return (parent ? parent->until : from) + duration;
}

int
jit_standing_cert(struct jit_cert *out, char principal[JIT_PRINCIPAL],
	const struct jit_state *s, const struct jit_grant *g,
	const struct jit_issuing *by, int64_t serial, int64_t from,
	int64_t until, struct jit_error *err)
{
	struct jit_cert cert = {0};
	int rc;

	if (strncmp(g->resource, "ssh:", 4) != 0)
		return jit_refuse(err, JIT_NO, "issue-connector",
			"no connector here issues for %s: only ssh does",
			g->resource);
	if (!g->offer)
		return jit_refuse(err, JIT_NO, "request-offer",
			"the request offers no key to certify");
	rc = jit_pubkey_parse(&cert.key, g->offer, err);
	if (rc)
		return rc;
	snprintf(principal, JIT_PRINCIPAL, "%s@%s", g->role, g->resource + 4);
	cert.serial = (uint64_t)serial;
	cert.key_id = g->id;
	cert.principal = principal;
	cert.after = from - s->policy.limits.skew;
	cert.before = until;
	cert.force_command = by ? by->recorder : NULL;
	*out = cert;
	return 0;
}
