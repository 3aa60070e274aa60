/* SPDX-License-Identifier: ISC */
#include "past_inner.h"

#include <stdlib.h>
#include <string.h>

#include "replay.h"

/* A policy that came into force on the way back. */
struct seen {
	char id[JIT_ULID]; /* of the request that holds it */
	int64_t seq, at, version;
	struct jit_json *json; /* NULL: its request was not met yet */
	struct seen *next;     /* that came before it */
};

/* The way back from the tip to the request, and to the policy. */
struct walk {
	struct jit_past *past;
	const struct jit_state *tip;
	char prefix[JIT_ULID];
	bool whole; /* the request was met */
	struct seen *seen, **oldest;
	struct jit_arena mem;
};

int
jit_past_keep(struct jit_past *p, const struct jit_commit *c,
	const unsigned char oid[JIT_OID], struct jit_error *err)
{
	size_t cap = p->cap ? 2 * p->cap : 16;
	struct jit_past_event *e = p->events;
	struct jit_buf bytes = {0};
	int rc;

	if (p->count == p->cap) {
		e = reallocarray(p->events, cap, sizeof(*e));
		if (!e)
			return jit_nomem(err);
		p->events = e;
		p->cap = cap;
	}
	e += p->count;
	memset(e, 0, sizeof(*e));
	jit_json_encode(&bytes, c->event.json, 0);
	rc = jit_buf_failed(&bytes, err);
	if (rc == 0)
		rc = jit_event_decode(&e->ev, bytes.data, bytes.len, err);
	jit_buf_free(&bytes);
	if (rc)
		return rc;
	jit_replay_proof(&e->proof, c);
	memcpy(e->oid, oid, JIT_OID);
	p->count++;
	return 0;
}

void
jit_past_turn(struct jit_past *p)
{
	struct jit_past_event swap;
	size_t i;

	for (i = 0; i < p->count / 2; i++) {
		swap = p->events[i];
		p->events[i] = p->events[p->count - 1 - i];
		p->events[p->count - 1 - i] = swap;
	}
}

int64_t
jit_past_seq(const struct jit_past *p, const struct jit_state *tip)
{
	return p->decision ? p->decision->ev.seq : tip->seq + 1;
}

int64_t
jit_past_at(const struct jit_past *p, const struct jit_state *tip)
{
	return p->decision ? p->decision->ev.at : tip->at;
}

/* Whether it decides what still waited; a vote's withdrawal does not. */
static bool
decides(const struct jit_past *p, const struct jit_event *ev)
{
	const struct jit_past_event *request = &p->events[p->count - 1];

	switch (ev->type) {
	case JIT_ISSUE:
	case JIT_DENY:
	case JIT_POLICY:
	case JIT_ENROLL:
	case JIT_RETIRE:
	case JIT_END:
		return true;
	case JIT_WITHDRAW:
		return jit_trial_hash(ev->vote, request->proof.sha256);
	default:
		return false;
	}
}

/* The oldest that does; while the newest is still the first. */
static const struct jit_past_event *
find_decision(const struct jit_past *p)
{
	size_t i;

	for (i = p->count; i > 0; i--)
		if (decides(p, &p->events[i - 1].ev))
			return &p->events[i - 1];
	return NULL;
}

/* The policy in force before event 'seq', as far as it was met; or NULL. */
static const struct seen *
policy_before(const struct walk *w, int64_t seq)
{
	const struct seen *x = w->seen;

	while (x && x->seq >= seq)
		x = x->next;
	return x;
}

/* Whether the policy of the decision is known: mostly it is the tip's. */
static bool
has_policy(const struct walk *w)
{
	int64_t seq = jit_past_seq(w->past, w->tip);
	const struct seen *x = policy_before(w, seq);

	if (!w->seen || w->seen->seq < seq)
		return true;
	return x && x->json;
}

/* Whether an event at 'at' is older than all ids that begin so. */
static bool
too_old(const struct walk *w, int64_t at)
{
	static const unsigned char last[10] = {0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff};
	char id[JIT_ULID];

	jit_ulid_make(id, at, last);
	return strncmp(id, w->prefix, strlen(w->prefix)) < 0;
}

static int
note_policy(struct walk *w, const struct jit_event *ev, struct jit_error *err)
{
	struct seen *x = jit_arena_get(&w->mem, sizeof(*x));

	if (!x)
		return jit_nomem(err);
	x->seq = ev->seq;
	x->at = ev->at;
	x->version = ev->type == JIT_GENESIS ? 1 : ev->policy_version;
	if (ev->type == JIT_GENESIS)
		x->json = jit_json_keep(ev->policy);
	else
		memcpy(x->id, ev->id, JIT_ULID);
	*w->oldest = x; /* transferred */
	w->oldest = &x->next;
	return 0;
}

/* The whole policy is in the request of the one who wanted it. */
static void
note_change(struct walk *w, const struct jit_event *ev)
{
	struct seen *x = w->seen;

	while (x && strcmp(x->id, ev->id) != 0)
		x = x->next;
	if (x && !x->json)
		x->json = jit_json_keep(jit_json_get(ev->change, "policy"));
}

static int
note_own(struct walk *w, const struct jit_commit *c,
	const unsigned char oid[JIT_OID], struct jit_error *err)
{
	struct jit_past *p = w->past;
	const char *id = c->event.id;
	int rc;

	if (p->id[0] && strcmp(p->id, id) != 0)
		return jit_fail(err, JIT_USAGE,
			"several grants begin with '%s': %s and %s, say more "
			"of it",
			w->prefix, p->id, id);
	memcpy(p->id, id, JIT_ULID);
	rc = jit_past_keep(p, c, oid, err);
	if (rc == 0 && c->event.type == JIT_REQUEST) {
		w->whole = true;
		p->decision = find_decision(p);
	}
	return rc;
}

static int
visit(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	const struct jit_event *ev = &c->event;
	struct walk *w = arg;
	int rc = 0;

	(void)after;
	if (too_old(w, ev->at) && (!w->whole || has_policy(w)))
		return 1;
	w->past->read++;
	if (ev->type == JIT_POLICY || ev->type == JIT_GENESIS)
		rc = note_policy(w, ev, err);
	if (rc == 0 && ev->type == JIT_REQUEST && ev->change)
		note_change(w, ev);
	if (rc == 0 && ev->id &&
		strncmp(ev->id, w->prefix, strlen(w->prefix)) == 0)
		rc = note_own(w, c, oid, err);
	return rc;
}

/* People and policy as they were, and the ledger's name. */
static int
begin(struct jit_state **out, const struct walk *w, struct jit_error *err)
{
	const struct jit_state *tip = w->tip;
	int64_t seq = jit_past_seq(w->past, tip);
	const struct seen *x = NULL;
	struct jit_state *s = NULL;
	int rc;

	if (w->seen && w->seen->seq >= seq)
		x = policy_before(w, seq);
	rc = jit_state_new(&s, err);
	if (rc == 0)
		rc = jit_past_people(s, tip, seq, err);
	if (rc == 0)
		rc = jit_past_policy(s, x ? x->json : tip->policy.json,
			x ? x->version : tip->policy_version,
			x ? x->at : tip->policy_since, err);
	if (rc) {
		jit_state_free(s);
		return rc;
	}
	memcpy(s->genesis, tip->genesis, sizeof(s->genesis));
	s->seq = seq - 1;
	s->at = jit_past_at(w->past, tip);
	*out = s; /* transferred */
	return 0;
}

static void
free_walk(struct walk *w)
{
	struct seen *x;

	for (x = w->seen; x; x = x->next)
		jit_json_free(x->json);
	jit_arena_free(&w->mem);
}

int
jit_past_find(struct jit_past *out, struct jit_ledger *l, const char *prefix,
	struct jit_error *err)
{
	struct jit_past p = {0};
	struct walk w = {.past = &p, .tip = jit_ledger_state(l)};
	struct jit_state *s = NULL;
	int rc;

	w.oldest = &w.seen;
	memcpy(w.prefix, prefix, strlen(prefix) + 1);
	rc = jit_ledger_back(l, visit, &w, err);
	if (rc == 0 && !w.whole)
		rc = jit_fail(err, JIT_NOGRANT, "no grant '%s' in this ledger",
			prefix);
	if (rc == 0)
		rc = begin(&s, &w, err);
	if (rc == 0) {
		jit_past_turn(&p);
		p.decision = p.decision
			? &p.events[p.count - 1 - (p.decision - p.events)]
			: NULL;
		rc = jit_past_before(&p, s, l, err);
	}
	if (rc == 0)
		rc = jit_past_wait(&p, s, err);
	p.state = s;
	if (rc == 0 && jit_past_judge(&p, NULL) != 0)
		rc = jit_past_replay(&p, l, err);
	free_walk(&w);
	if (rc) {
		jit_past_free(&p);
		return rc;
	}
	*out = p; /* transferred */
	return 0;
}

int
jit_past_judge(const struct jit_past *p, struct jit_error *err)
{
	const struct jit_past_event *d = p->decision;

	return d ? jit_judge_ask(p->state, &d->ev, &d->proof.key,
			   (d->proof.flags & JIT_SIGN_PRESENT) != 0, err)
		 : 0;
}

void
jit_past_free(struct jit_past *p)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		jit_event_free(&p->events[i].ev);
	free(p->events);
	jit_state_free(p->state);
	*p = (struct jit_past){0};
}
