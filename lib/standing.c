/* SPDX-License-Identifier: ISC */
#include "standing.h"

#include <stdio.h>
#include <string.h>

#include "mutate.h"
#include "when.h"

bool
jit_standing_counts(const struct jit_state *s, const struct jit_grant *g,
	const struct jit_rule *rule, const struct jit_vote *v)
{
	const struct jit_enrolment *e = jit_state_person(s, v->by);
	const struct jit_quorum *q = rule->approve.at;
	size_t i;

	if (!e || e->class != JIT_PERSON || strcmp(v->by, g->by) == 0)
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

static void
count_vote(struct jit_standing *st, const struct jit_vote *v)
{
	size_t i;

	for (i = 0; i < st->tallies; i++)
		if (strcmp(st->tally[i].group, v->as) == 0)
			st->tally[i].have++;
	if (v->duration && v->duration < st->duration)
		st->duration = v->duration;
}

int
jit_standing_of(struct jit_standing *out, const struct jit_state *s,
	const struct jit_grant *g, struct jit_error *err)
{
	struct jit_standing st = {0};
	const struct jit_limits *limits = &s->policy.limits;
	const struct jit_quorum *q;
	const struct jit_vote *v;
	size_t i;
	int rc;

	rc = jit_policy_match(&st.rule, &s->policy, g->by, g->resource, g->role,
		err);
	if (rc)
		return rc;
	q = st.rule->approve.at;
	for (i = 0; i < st.rule->approve.count; i++)
		st.tally[st.tallies++] = (struct jit_tally){.group = q[i].group,
			.need = q[i].count};
	st.duration = g->duration < st.rule->max ? g->duration : st.rule->max;
	st.lapses = g->at + limits->pending;
	for (v = g->votes; v; v = v->next) {
		if (!jit_standing_counts(s, g, st.rule, v))
			continue;
		count_vote(&st, v);
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
	const struct jit_grant *g, const char *who, struct jit_error *err)
{
	const struct jit_enrolment *e = jit_state_person(s, who);
	const char *first = NULL, *missing = NULL;
	struct jit_standing st;
	struct jit_buf needed = {0};
	size_t i;
	int rc;

	rc = jit_standing_of(&st, s, g, err);
	if (rc)
		return rc;
	if (JIT_RULE_ON("vote-self") && strcmp(who, g->by) == 0)
		return jit_refuse(err, JIT_NO, "vote-self",
			"nobody votes on his own request");
	if (JIT_RULE_ON("vote-class") && (!e || e->class != JIT_PERSON))
		return jit_refuse(err, JIT_NO, "vote-class",
			"only a person votes: %s is enrolled as %s", who,
			e ? jit_class_name(e->class) : "nobody");
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
	const char *who)
{
	struct jit_standing st = {0};
	const char *as = NULL;
	size_t i;

	if (g->stage != JIT_WAITING || jit_standing_voted(g, who) ||
		jit_standing_voter(&as, s, g, who, NULL) != 0 ||
		jit_standing_of(&st, s, g, NULL) != 0)
		return false;
	for (i = 0; i < st.tallies; i++)
		if (strcmp(st.tally[i].group, as) == 0)
			return st.tally[i].have < st.tally[i].need;
	return false;
}

/* Why a grant that matches is not live, as one line; JIT_NO. */
static int
not_live(const struct jit_grant *g, int64_t now, struct jit_error *err)
{
	char stamp[JIT_STAMP];

	if (g->stage == JIT_WAITING)
		return jit_fail(err, JIT_NO, "grant %s is not issued yet",
			g->id);
	jit_when_stamp(stamp, now < g->from ? g->from : g->until);
	return jit_fail(err, JIT_NO, "grant %s %s %s", g->id,
		now < g->from ? "begins at" : "ran out at", stamp);
}

int
jit_standing_live(const struct jit_grant **out, const struct jit_state *s,
	const char *who, const char *resource, const char *role, int64_t now,
	struct jit_error *err)
{
	const struct jit_grant *g, *near = NULL;
	size_t i;

	for (i = s->grants_count; i-- > 0;) {
		g = s->grants[i];
		if (strcmp(g->by, who) != 0 ||
			strcmp(g->resource, resource) != 0 ||
			strcmp(g->role, role) != 0)
			continue;
		if (g->stage == JIT_ACTIVE && g->from <= now &&
			now < g->until) {
			*out = g;
			return 0;
		}
		if (!near)
			near = g;
	}
	if (near)
		return not_live(near, now, err);
	return jit_fail(err, JIT_NO, "%s has no open grant for '%s' on %s", who,
		role, resource);
}

int
jit_standing_cert(struct jit_cert *out, char principal[JIT_PRINCIPAL],
	const struct jit_state *s, const struct jit_grant *g, int64_t serial,
	int64_t from, int64_t until, struct jit_error *err)
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
	*out = cert;
	return 0;
}
