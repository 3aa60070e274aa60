/* SPDX-License-Identifier: ISC */
#include "change.h"

#include <string.h>

#include "govern.h"
#include "proving.h"
#include "using.h"

/* The place of the vote that 'ev' withdraws, or NULL. */
struct jit_vote **
jit_change_vote(struct jit_grant *g, const struct jit_event *ev)
{
	struct jit_vote **v;

	for (v = &g->votes; *v; v = &(*v)->next)
		if (jit_trial_hash(ev->vote, (*v)->sha256))
			return v;
	return NULL;
}

/* By which key; it has a fingerprint's length, or none is enrolled by it. */
static void
keep_key(char out[JIT_FINGERPRINT], const struct jit_event *ev)
{
	size_t n = strlen(ev->key);

	if (n < JIT_FINGERPRINT)
		memcpy(out, ev->key, n + 1);
}

static int
do_request(struct jit_state *s, const struct jit_event *ev,
	const struct jit_proof *proof, struct jit_error *err)
{
	struct jit_grant *g = jit_grant_new();
	struct jit_buf change = {0};
	int rc = 0;

	if (!g)
		return jit_nomem(err);
	memcpy(g->id, ev->id, JIT_ULID);
	memcpy(g->request, proof->sha256, JIT_SHA256);
	g->at = ev->at;
	g->duration = ev->duration;
	g->glass = ev->glass;
	if (ev->extends)
		memcpy(g->extends, ev->extends, JIT_ULID);
	g->by = jit_arena_str(&g->mem, ev->by);
	keep_key(g->key, ev);
	g->resource = jit_arena_str(&g->mem, ev->resource);
	g->role = jit_arena_str(&g->mem, ev->role);
	g->task = jit_arena_str(&g->mem, ev->task);
	g->reason = jit_arena_str(&g->mem, ev->reason);
	g->source = jit_arena_str(&g->mem, ev->source);
	g->offer = jit_arena_str(&g->mem, ev->offer);
	if (ev->change) {
		jit_json_encode(&change, ev->change, 0);
		g->change = change.failed
			? NULL
			: jit_arena_dup(&g->mem, jit_buf_text(&change),
				  change.len);
		jit_buf_free(&change);
	}
	rc = jit_shape_copy(&g->actions, &g->mem, &ev->actions, err);
	if ((ev->change && !g->change) || !g->by || !g->resource || !g->role ||
		!g->task || !g->reason || !g->source ||
		(ev->offer && !g->offer))
		rc = jit_nomem(err);
	if (rc == 0)
		rc = jit_state_add(s, g, err);
	if (rc)
		jit_grant_free(g);
	return rc;
}

static int
do_approve(struct jit_grant *g, const struct jit_event *ev,
	const struct jit_proof *proof, bool touched, struct jit_error *err)
{
	struct jit_vote *v = jit_arena_get(&g->mem, sizeof(*v));
	struct jit_vote **tail = &g->votes;
	int rc;

	if (!v)
		return jit_nomem(err);
	rc = jit_shape_copy(&v->actions, &g->mem, &ev->actions, err);
	if (rc)
		return rc;
	memcpy(v->sha256, proof->sha256, JIT_SHA256);
	v->by = jit_arena_str(&g->mem, ev->by);
	v->as = jit_arena_str(&g->mem, ev->as);
	v->at = ev->at;
	v->duration = ev->duration;
	v->sk = touched;
	keep_key(v->key, ev);
	if (!v->by || !v->as)
		return jit_nomem(err);
	while (*tail)
		tail = &(*tail)->next;
	*tail = v; /* transferred */
	return 0;
}

/* Seconds with all that it extends. */
static int64_t
total_of(const struct jit_state *s, const struct jit_grant *g,
	const struct jit_event *ev)
{
	const struct jit_grant *parent =
		g->extends[0] ? jit_state_grant(s, g->extends) : NULL;

	if (!parent)
		return ev->until - ev->from;
	return parent->total + ev->until - parent->until;
}

/* Keep what the bits say. */
static void
narrow(struct jit_lists *list, uint64_t bits)
{
	size_t i, kept = 0;

	for (i = 0; i < list->count; i++)
		if (bits & ((uint64_t)1 << i))
			list->at[kept++] = list->at[i];
	list->count = kept;
}

/* What a rule remembers of an issue; all of it or nothing. */
static int
remember(struct jit_state *s, const struct jit_grant *g,
	const struct jit_rule *r, struct jit_error *err)
{
	int rc = 0;

	if (r && r->review)
		rc = jit_state_owe(s, g, r->review, err);
	if (rc || !r || !r->budget)
		return rc;
	rc = jit_state_spend(s, g, err);
	if (rc && r->review)
		s->debts_count--;
	return rc;
}

static int
do_issue(struct jit_state *s, const struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	struct jit_grant *g = t->grant, next;
	const char *issuer = jit_arena_str(&g->mem, ev->by);
	const char *rule = jit_arena_str(&g->mem, ev->rule);
	int rc;

	if (!issuer || !rule)
		return jit_nomem(err);
	if (g->actions.count && !t->actions) /* none left is not any */
		return jit_fail(err, JIT_TROUBLE, "no action is left to give");
	next = *g; /* nothing is put into its arena before it takes its place */
	next.stage = JIT_ACTIVE;
	next.issuer = issuer;
	next.rule = rule;
	next.issued = ev->seq;
	keep_key(next.issuer_key, ev);
	next.from = ev->from;
	next.until = ev->until;
	next.total = total_of(s, g, ev);
	if (ev->credential) {
		next.serial = ev->credential->serial;
		memcpy(next.cert, ev->credential->sha256, JIT_HEX256);
		next.ca = t->ca;
	}
	next.late = t->late;
	rc = remember(s, &next, jit_policy_rule(&t->s->policy, rule), err);
	if (rc)
		return rc;
	*g = next; /* transferred */
	narrow(&g->actions, t->actions);
	if (g->extends[0])
		jit_state_extend(s, g->extends, g->id);
	return 0;
}

static void
do_withdraw(struct jit_state *s, struct jit_grant *g,
	const struct jit_event *ev)
{
	struct jit_vote **v = jit_change_vote(g, ev);

	if (v)
		*v = (*v)->next;
	else
		jit_state_drop(s, g);
}

/* It was given: until its target says that it is gone, that is owed. */
static int
owe_proof(struct jit_state *s, const struct jit_grant *g,
	const struct jit_event *ev, struct jit_error *err)
{
	const bool failed = jit_trial_same(ev->cause, "failed");
	struct jit_unproven u = {.resource = g->resource,
		.role = g->role,
		.holder = g->by,
		.due = ev->at < g->until ? ev->at : g->until,
		.ended = ev->at,
		.control = failed || g->control,
		.glass = g->glass};

	memcpy(u.id, g->id, JIT_ULID);
	return jit_state_unprove(s, &u, err);
}

static int
do_end(struct jit_state *s, const struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	struct jit_grant *g = t->grant;
	bool revokes = g->stage == JIT_ACTIVE && g->serial &&
		ev->at < g->until + s->policy.limits.skew;
	int rc = revokes ? jit_state_revoke(s, g, err) : 0;

	if (rc)
		return rc;
	if (g->stage == JIT_ACTIVE)
		rc = owe_proof(s, g, ev, err);
	if (rc) {
		s->revoked_count -= revokes;
		return rc;
	}
	jit_state_spent(s, g->id, t->place); /* until then it was open */
	jit_state_drop(s, g);
	return 0;
}

int
jit_change_apply(struct jit_state *s, const struct jit_trial *t,
	const struct jit_proof *proof, struct jit_error *err)
{
	if (t->ev->type == JIT_REVIEW || t->ev->type == JIT_PROBE ||
		t->ev->type == JIT_BEAT)
		return jit_proving_apply(s, t, err);
	if (t->ev->type == JIT_RETIRE)
		return jit_govern_apply(s, t, err);
	if (t->ev->type == JIT_USE)
		return jit_using_apply(s, t, err);
	if (!t->grant && t->ev->type != JIT_REQUEST)
		return jit_fail(err, JIT_TROUBLE, "no grant to change");
	switch (t->ev->type) {
	case JIT_REQUEST:
		return do_request(s, t->ev, proof, err);
	case JIT_APPROVE:
		return do_approve(t->grant, t->ev, proof, t->touched, err);
	case JIT_ISSUE:
		return do_issue(s, t, err);
	case JIT_WITHDRAW:
		do_withdraw(s, t->grant, t->ev);
		return 0;
	case JIT_END:
		return do_end(s, t, err);
	case JIT_DENY:
		jit_state_drop(s, t->grant);
		return 0;
	case JIT_POLICY:
	case JIT_ENROLL:
		return jit_govern_apply(s, t, err);
	case JIT_GENESIS:
	case JIT_RETIRE:
	case JIT_REVIEW:
	case JIT_USE:
	case JIT_PROBE:
	case JIT_BEAT:
	case JIT_LATE:
	case JIT_EVENT_TYPES:
		break;
	}
	return jit_fail(err, JIT_TROUBLE, "no such change");
}
