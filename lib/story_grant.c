/* SPDX-License-Identifier: ISC */
/* What each event adds to the story of a grant. */
#include "story_inner.h"

#include <string.h>

const char *
jit_story_keep(struct jit_telling *t, const char *s)
{
	const char *kept = jit_story_text(t->all, s);

	t->failed = t->failed || (s && !kept);
	return kept;
}

bool
jit_story_same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* As what an event's author is enrolled. */
static enum jit_class
class_of(const struct jit_telling *t)
{
	const struct jit_enrolment *e = jit_state_key(t->after, t->ev->key);

	return e ? e->class : JIT_PERSON;
}

/* -- Asked and decided ----------------------------------------------------- */

/* What the judge thinks of it now: the rule, and whether it is decided. */
static void
look(struct jit_telling *t)
{
	const struct jit_grant *g = jit_state_grant(t->after, t->g->id);
	struct jit_standing st = {0};

	if (!g || jit_standing_of(&st, t->after, g, t->ev->at, NULL) != 0)
		return;
	t->g->rule = jit_story_keep(t, st.rule->id);
	t->g->cap = st.rule->max;
	t->g->unvoted = st.rule->approve.count == 0;
	if (!st.met)
		t->g->decided = 0;
	else if (!t->g->decided)
		t->g->decided = t->ev->at;
}

static void
tell_change(struct jit_telling *t)
{
	const struct jit_json *change = t->ev->change;
	const struct jit_json *enroll = jit_json_get(change, "enroll");
	const struct jit_json *retire = jit_json_get(change, "retire");
	const struct jit_json *whom = enroll ? enroll : retire;
	const char *name = jit_json_text(jit_json_get(whom, "principal"));

	if (!change)
		return;
	t->g->want = enroll ? JIT_WANT_ENROLL
		: retire    ? JIT_WANT_RETIRE
			    : JIT_WANT_POLICY;
	if (whom && !name)
		name = jit_json_text(jit_json_get(whom, "fingerprint"));
	t->g->subject = jit_story_keep(t, name);
}

void
jit_story_request(struct jit_telling *t)
{
	const struct jit_event *ev = t->ev;
	struct jit_story *g = jit_story_begin(t->all, ev->id);

	t->g = g;
	t->failed = g == NULL;
	if (!g)
		return;
	g->seq = ev->seq;
	g->at = ev->at;
	g->by = jit_story_keep(t, ev->by);
	g->resource = jit_story_keep(t, ev->resource);
	g->role = jit_story_keep(t, ev->role);
	g->task = jit_story_keep(t, ev->task);
	g->source = jit_story_keep(t, ev->source);
	g->class = class_of(t);
	g->duration = ev->duration;
	g->glass = ev->glass;
	g->drill = jit_story_same(ev->task, "drill");
	g->extends = jit_story_find(t->all, ev->extends);
	tell_change(t);
	look(t);
}

static void
tell_vote(struct jit_telling *t)
{
	const struct jit_event *ev = t->ev;
	struct jit_story_vote **last = &t->g->votes;
	struct jit_story_vote *v = jit_arena_get(&t->all->mem, sizeof(*v));

	t->failed = v == NULL;
	if (!v)
		return;
	while (*last)
		last = &(*last)->next;
	v->by = jit_story_keep(t, ev->by);
	v->as = jit_story_keep(t, ev->as);
	v->at = ev->at;
	v->narrowed = ev->duration;
	v->fewer = ev->actions.count > 0;
	*last = v; /* transferred */
}

void
jit_story_end(struct jit_telling *t, enum jit_fate fate)
{
	t->g->fate = fate;
	t->g->ended = t->ev->at;
	t->g->ended_by = jit_story_keep(t, t->ev->by);
	t->g->ended_class = class_of(t);
}

void
jit_story_approve(struct jit_telling *t)
{
	tell_vote(t);
	look(t);
}

void
jit_story_deny(struct jit_telling *t)
{
	tell_vote(t);
	jit_story_end(t, JIT_FATE_DENIED);
}

/* A vote is gone; or, where the grant is gone with it, the request. */
void
jit_story_withdraw(struct jit_telling *t)
{
	struct jit_story_vote *v;

	if (!jit_state_grant(t->after, t->g->id)) {
		jit_story_end(t, JIT_FATE_WITHDRAWN);
		return;
	}
	for (v = t->g->votes; v; v = v->next)
		if (!v->withdrawn && jit_story_same(v->by, t->ev->by))
			v->withdrawn = t->ev->at;
	look(t);
}

/* -- Issued and used ------------------------------------------------------- */

/* Whether an issue names the vote that 'by' has on the grant. */
static bool
is_named(const struct jit_event *ev, const struct jit_grant *g, const char *by)
{
	const struct jit_vote *v;
	char hex[JIT_HEX256];
	size_t i;

	for (v = g->votes; v; v = v->next) {
		if (!jit_story_same(v->by, by))
			continue;
		jit_hex(hex, v->sha256, JIT_SHA256);
		for (i = 0; i < ev->approvals.count; i++)
			if (jit_story_same(hex, ev->approvals.at[i]))
				return true;
	}
	return false;
}

/* Whether somebody but the requester had a say on what a task may be. */
static bool
is_checked(const struct jit_event *ev, const struct jit_rule *rule)
{
	const struct jit_hooked *hook = ev->hooks.at;
	size_t i;

	for (i = 0; i < ev->hooks.count; i++)
		if (jit_story_same(hook[i].name, "task"))
			return true;
	return rule && rule->task;
}

void
jit_story_issue(struct jit_telling *t)
{
	const struct jit_event *ev = t->ev;
	const struct jit_grant *now = jit_state_grant(t->after, ev->id);
	const struct jit_rule *rule =
		jit_policy_rule(&t->after->policy, ev->rule);
	const struct jit_debt *debt = jit_state_debt(t->after, ev->id);
	struct jit_story_vote *v;
	struct jit_story *g = t->g;

	g->rule = jit_story_keep(t, ev->rule);
	g->cap = rule ? rule->max : 0;
	g->sum = rule && rule->sum ? rule->sum : 2 * g->cap;
	g->checked = is_checked(ev, rule);
	g->issued = ev->seq;
	g->issuer = jit_story_keep(t, ev->by);
	g->policy_version = ev->policy_version;
	g->from = ev->from;
	g->until = ev->until;
	g->given = ev->until - (g->extends ? g->extends->until : ev->from);
	if (g->extends)
		g->extends->extended = g;
	if (ev->credential) {
		g->serial = ev->credential->serial;
		memcpy(g->cert, ev->credential->sha256, sizeof(g->cert) - 1);
	}
	for (v = g->votes; now && v; v = v->next)
		v->counted = !v->withdrawn && is_named(ev, now, v->by);
	if (!debt)
		return;
	g->review_due = debt->due;
	g->review_group = jit_story_keep(t, debt->group);
}

static void
tell_open(struct jit_telling *t)
{
	const struct jit_event *ev = t->ev;
	struct jit_story_use **last = &t->g->uses;
	struct jit_story_use *u = jit_arena_get(&t->all->mem, sizeof(*u));

	t->failed = u == NULL;
	if (!u)
		return;
	while (*last)
		last = &(*last)->next;
	memcpy(u->session, ev->session, JIT_ULID);
	u->by = jit_story_keep(t, ev->by);
	u->host = jit_story_keep(t, ev->host);
	u->program = jit_story_keep(t, ev->program);
	u->opened = ev->at;
	*last = u; /* transferred */
}

void
jit_story_use(struct jit_telling *t)
{
	const struct jit_event *ev = t->ev;
	struct jit_story_use *u;

	if (jit_story_same(ev->phase, "open")) {
		tell_open(t);
		return;
	}
	for (u = t->g->uses; u; u = u->next) {
		if (u->closed || !jit_story_same(u->session, ev->session))
			continue;
		u->closed = ev->at;
		u->closer = jit_story_keep(t, ev->by);
		u->killed = ev->killed;
		u->recorded = ev->recordings.count > 0;
		u->exit = ev->exit;
	}
}

/* -- Ended, proven and reviewed -------------------------------------------- */

static enum jit_fate
fate_of(const char *cause)
{
	enum jit_fate fate = JIT_FATE_TASK;

	while (fate < JIT_FATE_OFFBOARD &&
		!jit_story_same(jit_fate_name(fate), cause))
		fate++;
	return fate;
}

void
jit_story_ended(struct jit_telling *t)
{
	const struct jit_unproven *u = jit_state_unproven(t->after, t->g->id);

	jit_story_end(t, fate_of(t->ev->cause));
	if (!u)
		return; /* it was not issued */
	t->g->due = u->due;
	t->g->provable = u->control != 0;
}

/* What a probe was worth is what it changed in the state. */
void
jit_story_probe(struct jit_telling *t)
{
	const struct jit_event *ev = t->ev;
	const struct jit_grant *now = jit_state_grant(t->after, ev->id);
	struct jit_story *g = t->g;
	int64_t due = g->due ? g->due : g->until;

	g->probes++;
	if (now && now->control && !g->control)
		g->control = ev->at;
	if (jit_story_same(ev->outcome, "allowed") && ev->at >= due)
		g->alive = ev->at;
	if (jit_story_owed(g) && !jit_state_unproven(t->after, ev->id)) {
		g->dead = ev->at;
		g->dead_by = jit_story_keep(t, ev->by);
	}
}

void
jit_story_review(struct jit_telling *t)
{
	struct jit_story *g = t->g;

	g->reviewer = jit_story_keep(t, t->ev->by);
	g->verdict = jit_story_keep(t, t->ev->verdict);
	if (g->review_due && !g->reviewed)
		g->reviewed = t->ev->at;
	else if (!jit_state_unproven(t->after, g->id))
		g->written_off = t->ev->at;
}
