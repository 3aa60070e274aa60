/* SPDX-License-Identifier: ISC */
/* The state of a decision, put together or replayed. */
#include <string.h>

#include "change.h"
#include "past_inner.h"

int
jit_past_people(struct jit_state *s, const struct jit_state *tip, int64_t seq,
	struct jit_error *err)
{
	struct jit_enrolment *list =
		jit_arena_get(&s->mem, tip->people_count * sizeof(*list) + 1);
	size_t i, n = 0;

	if (!list)
		return jit_nomem(err);
	for (i = 0; i < tip->people_count; i++) {
		if (tip->people[i].seq >= seq)
			continue;
		list[n] = tip->people[i];
		if (list[n].retired >= seq)
			list[n].retired = 0;
		n++;
	}
	s->people = list;
	s->people_count = n;
	return 0;
}

int
jit_past_policy(struct jit_state *s, const struct jit_json *json,
	int64_t version, int64_t since, struct jit_error *err)
{
	int rc = jit_policy_read(&s->policy, json, err);

	if (rc == 0)
		rc = jit_policy_date(&s->policy, since, err);
	s->policy_version = version;
	s->policy_since = since;
	return rc;
}

int
jit_past_happen(struct jit_state *s, const struct jit_past_event *e,
	const struct jit_lists *given, struct jit_error *err)
{
	struct jit_trial t = {.s = s,
		.ev = &e->ev,
		.grant = jit_state_grant(s, e->ev.id),
		.touched = e->proof.key.type == JIT_SK_ED25519 &&
			(e->proof.flags & JIT_SIGN_PRESENT)};

	if (t.grant && given)
		t.actions = jit_standing_actions(t.grant, given);
	return jit_change_apply(s, &t, &e->proof, err);
}

int
jit_past_wait(struct jit_past *p, struct jit_state *s, struct jit_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < p->count; i++) {
		if (&p->events[i] == p->decision)
			break;
		rc = jit_past_happen(s, &p->events[i], NULL, err);
	}
	return rc;
}

/* A copy of the state right before the decision. */
struct stop {
	int64_t seq;
	struct jit_state *state;
};

static int
stop_there(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct stop *stop = arg;
	struct jit_buf bytes = {0};
	int rc;

	(void)oid;
	if (c->event.seq < stop->seq - 1)
		return 0;
	jit_state_save(&bytes, after);
	rc = jit_buf_failed(&bytes, err);
	if (rc == 0)
		rc = jit_state_load(&stop->state, bytes.data, bytes.len, err);
	jit_buf_free(&bytes);
	return rc ? rc : 1;
}

int
jit_past_replay(struct jit_past *p, struct jit_ledger *l, struct jit_error *err)
{
	struct stop stop = {.seq = p->decision->ev.seq};
	const struct jit_known known = {jit_ledger_state(l), true};
	struct jit_verdict v = {0};
	int rc = jit_ledger_replay(&v, NULL, jit_ledger_store(l), &known,
		stop_there, &stop, err);

	if (rc < 0)
		return rc;
	p->read += v.seq;
	jit_state_free(p->state);
	p->state = stop.state; /* transferred */
	return 0;
}
