/* SPDX-License-Identifier: ISC */
#include "policy_foresee.h"

#include <string.h>

#include "draft.h"

#define MINUTE 60

/* Room for a reason of any length that a policy may want. */
#define REASON_MAX 501
#define TASK_MAX 65

/* A request that is not made, and the grant that it would become. */
struct foresight {
	const struct jit_state *s;
	const struct jit_enrolment *who;
	struct jit_event ev;
	struct jit_grant grant;
	char key[JIT_FINGERPRINT];
	char task[TASK_MAX], reason[REASON_MAX];
	struct jit_buf offer;
};

/* The end of the set that begins at 'p'; NULL: it is none. */
static const char *
set_end(const char *p)
{
	return *p == '[' && p[1] ? strchr(p + 2, ']') : NULL;
}

/* A text that a pattern takes, as plain as can be. */
static void
fit(char out[TASK_MAX], const char *pattern)
{
	const char *end;
	size_t n = 0;

	for (; *pattern && n + 1 < TASK_MAX; pattern++) {
		end = set_end(pattern);
		if (*pattern == '*')
			continue;
		if (end)
			out[n++] = pattern[1];
		else if (*pattern == '#')
			out[n++] = '1';
		else
			out[n++] = *pattern == '?' ? 'x' : *pattern;
		if (end)
			pattern = end;
	}
	if (n == 0)
		out[n++] = 'x';
	out[n] = '\0';
}

/* What verifies a secret that nobody has, by the scheme of the resource. */
static const char *
offer_for(struct foresight *f, const char *resource)
{
	if (strncmp(resource, "pg:", 3) == 0)
		return "SCRAM-SHA-256$4096:AAAAAAAAAAAAAAAAAAAAAA==$"
		       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"
		       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	if (strncmp(resource, "ssh:", 4) != 0)
		return NULL;
	jit_pubkey_text(&f->offer, &f->who->key);
	return jit_buf_text(&f->offer);
}

/* What is asked without a task or a reason is asked with good ones. */
static void
fill_texts(struct foresight *f, const struct policy_ask *ask,
	const struct jit_rule *rule)
{
	int64_t letters = f->s->policy.limits.reason;

	fit(f->task, rule && rule->task ? rule->task : "*");
	memset(f->reason, 'x', (size_t)letters);
	f->ev.task = ask->task ? ask->task : f->task;
	f->ev.reason = ask->reason ? ask->reason : f->reason;
}

static int
draft(struct foresight *f, const struct policy_ask *ask,
	const struct jit_rule *rule, struct jit_error *err)
{
	static const unsigned char chance[10] = "explained";
	struct jit_event *ev = &f->ev;

	jit_draft_common(ev, f->key, f->s, JIT_REQUEST, &f->who->key, ask->at);
	jit_ulid_make(f->grant.id, ask->at, chance);
	ev->id = f->grant.id;
	ev->resource = ask->resource;
	ev->role = ask->role;
	ev->duration = ask->duration ? ask->duration : MINUTE;
	ev->source = "unknown";
	ev->glass = ask->glass;
	ev->actions = ask->actions;
	fill_texts(f, ask, rule);
	ev->offer = offer_for(f, ask->resource);
	return jit_buf_failed(&f->offer, err);
}

/* What jit_change_apply would make of the event. */
static void
make_grant(struct foresight *f)
{
	struct jit_grant *g = &f->grant;

	g->stage = JIT_WAITING;
	g->at = f->ev.at;
	g->by = f->who->principal;
	g->resource = f->ev.resource;
	g->role = f->ev.role;
	g->task = f->ev.task;
	g->reason = f->ev.reason;
	g->source = f->ev.source;
	g->offer = f->ev.offer;
	g->duration = f->ev.duration;
	g->glass = f->ev.glass;
	g->actions = f->ev.actions;
}

static bool
has_touch(const struct jit_state *s, const char *principal)
{
	size_t i;

	for (i = 0; i < s->people_count; i++)
		if (s->people[i].key.type == JIT_SK_ED25519 &&
			strcmp(s->people[i].principal, principal) == 0)
			return true;
	return false;
}

/* Whether a vote of 'who' for a group would be taken, and would count. */
static bool
could_vote(const struct foresight *f, const struct jit_rule *rule,
	const char *who, const char *group)
{
	const char *as = NULL;
	const struct jit_vote vote = {.by = who,
		.as = group,
		.at = f->ev.at,
		.sk = has_touch(f->s, who)};

	return jit_standing_voter(&as, f->s, &f->grant, who, f->ev.at, NULL) ==
		0 &&
		jit_standing_counts(f->s, &f->grant, rule, &vote, f->ev.at);
}

static bool
listed(const struct policy_voters *v, const char *who)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		if (strcmp(v->who[i], who) == 0)
			return true;
	return false;
}

static int
find_voters(struct policy_outlook *o, const struct foresight *f,
	const struct jit_tally *tally, struct policy_voters *v,
	struct jit_error *err)
{
	const struct jit_state *s = f->s;
	const char *who;
	size_t i;

	v->group = tally->group;
	v->need = tally->need;
	v->who =
		jit_arena_get(&o->mem, (s->people_count + 1) * sizeof(*v->who));
	if (!v->who)
		return jit_nomem(err);
	for (i = 0; i < s->people_count; i++) {
		who = s->people[i].principal;
		if (!listed(v, who) && could_vote(f, o->rule, who, v->group))
			v->who[v->count++] = who;
	}
	return 0;
}

/* What is left, for people to read; whether it is spent the judge says. */
static void
find_left(struct policy_outlook *o, const struct foresight *f)
{
	const struct jit_budget *b = o->rule->budget;
	const struct jit_spend *x = f->s->spends;
	size_t i;

	if (!b)
		return;
	o->grants_left = b->grants;
	o->time_left = b->time;
	for (i = 0; i < f->s->spends_count; i++) {
		if (strcmp(x[i].rule, o->rule->id) != 0 ||
			strcmp(x[i].by, f->who->principal) != 0 ||
			x[i].at + b->per <= f->ev.at)
			continue;
		o->grants_left--;
		o->time_left -= x[i].seconds;
	}
}

static int
look(struct policy_outlook *o, struct foresight *f, struct jit_error *err)
{
	size_t i;
	int rc;

	make_grant(f);
	rc = jit_standing_of(&o->st, f->s, &f->grant, f->ev.at, err);
	if (rc)
		return rc;
	o->rule = o->st.rule;
	find_left(o, f);
	for (i = 0; rc == 0 && i < o->st.tallies; i++)
		rc = find_voters(o, f, &o->st.tally[i], &o->voters[i], err);
	return rc;
}

static int
ask_judge(struct policy_outlook *o, struct foresight *f,
	const struct policy_ask *ask, struct jit_error *err)
{
	const struct jit_asked asked = {.who = ask->by,
		.resource = ask->resource,
		.role = ask->role,
		.actions = &ask->actions,
		.at = ask->at,
		.glass = ask->glass};
	int rc, none;

	none = jit_standing_rule(&o->rule, f->s, &asked,
		ask->duration ? ask->duration : MINUTE, NULL);
	rc = draft(f, ask, none ? NULL : o->rule, err);
	if (rc)
		return rc;
	o->code = jit_judge_ask(f->s, &f->ev, &f->who->key, true, &o->no);
	return none ? 0 : look(o, f, err);
}

int
policy_foresee(struct policy_outlook *out, const struct jit_state *s,
	const struct policy_ask *ask, struct jit_error *err)
{
	struct policy_outlook o = {0};
	struct foresight f = {.s = s, .who = jit_state_person(s, ask->by)};
	int rc = 0;

	if (f.who)
		rc = ask_judge(&o, &f, ask, err);
	else
		o.code = jit_refuse(&o.no, JIT_NO, "key-enrolled",
			"%s is not enrolled", ask->by);
	jit_buf_free(&f.offer);
	if (rc) {
		policy_outlook_free(&o);
		return rc;
	}
	*out = o; /* transferred */
	return 0;
}

void
policy_outlook_free(struct policy_outlook *o)
{
	jit_arena_free(&o->mem);
	*o = (struct policy_outlook){0};
}

int64_t
policy_votes(const struct jit_rule *rule)
{
	const struct jit_quorum *q = rule->approve.at;
	int64_t n = 0;
	size_t i;

	for (i = 0; i < rule->approve.count; i++)
		n += q[i].count;
	return n;
}
