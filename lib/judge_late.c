/* SPDX-License-Identifier: ISC */
/*
 * What was made while the ledger was out of reach. It is judged by the very
 * rules of its type, in a view of the state: the policy and the people are
 * those of the last event that its author had seen, all else is as it is
 * now. What it makes rests on people and policy as they are from then on, so
 * nothing comes to life that somebody retired had a part in.
 */
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "judge_inner.h"
#include "using.h"

/* What a sealed event is judged by beside its words. */
struct arrival {
	int64_t seq, at;      /* of its place in the chain */
	struct jit_mark seen; /* the last event that its author knew */
	int64_t left; /* UTC second at which that was the last no more */
};

/* -- The view -------------------------------------------------------------- */

static int
view_policy(struct jit_late *late, const struct jit_former *f,
	struct jit_error *err)
{
	struct jit_json *json = NULL;
	int rc;

	if (!f)
		return 0; /* it is in force still */
	rc = jit_json_decode(&json, f->json, strlen(f->json), JIT_JSON_POLICY,
		err);
	if (rc == 0)
		rc = jit_policy_read(&late->policy, json, err);
	if (rc == 0)
		rc = jit_policy_date(&late->policy, f->since, err);
	jit_json_free(json);
	if (rc)
		return jit_within(err, JIT_TROUBLE, "policy %lld",
			(long long)f->version);
	late->view.policy = late->policy; /* both freed once, as the latter */
	late->view.policy_version = f->version;
	late->view.policy_since = f->since;
	return 0;
}

/* Who was enrolled then; a later retirement is not known. */
static int
view_people(struct jit_late *late, const struct jit_state *s, int64_t seq,
	struct jit_error *err)
{
	const struct jit_enrolment *e;
	size_t i, n = 0;

	late->people = calloc(s->people_count + 1, sizeof(*late->people));
	if (!late->people)
		return jit_nomem(err);
	for (i = 0; i < s->people_count; i++) {
		e = &s->people[i];
		if (e->seq > seq || (e->retired && e->retired <= seq))
			continue;
		late->people[n] = *e;
		late->people[n++].retired = 0;
	}
	late->view.people = late->people;
	late->view.people_count = n;
	return 0;
}

static int
look_back(struct jit_late *late, const struct jit_state *s, int64_t seq,
	struct jit_error *err)
{
	int rc;

	late->view = *s; /* only to be looked at */
	rc = view_policy(late, jit_state_former(s, seq), err);
	return rc ? rc : view_people(late, s, seq, err);
}

/* -- Rules ----------------------------------------------------------------- */

static int
rules_of_seal(const struct jit_sealed *x, struct jit_error *err)
{
	int rc;

	if (!JIT_RULE_ON("late-signature"))
		return 0;
	rc = jit_sealed_check(x, err);
	if (rc != JIT_EVIDENCE)
		return rc;
	return jit_refuse(err, JIT_NO, "late-signature", "%s",
		err ? err->text : "");
}

/* It is found where it belongs, and in time. */
static int
rules_of_seen(const struct jit_sealed *x, const struct jit_state *s,
	const struct arrival *a, struct jit_error *err)
{
	JIT_RULE("late-ledger", JIT_NO,
		jit_trial_same(x->event.ledger, s->genesis),
		"it is of ledger %.12s, this is %.12s", x->event.ledger,
		s->genesis);
	JIT_RULE("late-old", JIT_NO, a->left > jit_state_horizon(s, a->at),
		"the ledger has gone on for too long since the last event "
		"that it knew, %.12s",
		x->event.seen);
	JIT_RULE("late-once", JIT_OVER, !jit_state_was_delivered(s, x->sha256),
		"it was delivered before");
	JIT_RULE("late-time", JIT_NO,
		x->event.at >= a->seen.at && x->event.at <= a->at,
		"its time is not between that of the last event that it knew "
		"and that of its delivery");
	return 0;
}

/* Of a grant: when it came to be what it is. */
static int64_t
since_of(const struct jit_trial *t)
{
	const struct jit_grant *g = jit_state_grant(t->s, t->ev->id);
	const struct jit_session *x = NULL;

	if (t->ev->type == JIT_USE && !jit_using_opens(t->ev))
		x = jit_state_session(t->s, t->ev->session);
	if (x)
		return x->at;
	return !g ? 0 : g->stage == JIT_ACTIVE ? g->from : g->at;
}

/*
 * Whether it gives what is no break-glass, or is of such. An end, and the
 * close of a session, take away.
 */
static bool
is_ordinary(const struct jit_trial *t)
{
	const struct jit_grant *g = jit_state_grant(t->s, t->ev->id);
	const struct jit_unproven *u = jit_state_unproven(t->s, t->ev->id);

	if (t->ev->type == JIT_REQUEST)
		return !t->ev->glass;
	if (t->ev->type == JIT_END ||
		(t->ev->type == JIT_USE && !jit_using_opens(t->ev)))
		return false;
	return g ? !g->glass : u && !u->glass;
}

static int
rules_of_kind(const struct jit_trial *t, struct jit_error *err)
{
	char id[JIT_ULID];
	int rc;

	JIT_RULE("late-kind", JIT_NO, !is_ordinary(t),
		"without the ledger only break-glass is given, and access "
		"ended");
	JIT_RULE("late-order", JIT_NO, t->ev->at >= since_of(t),
		"its time is before that of what it follows");
	if (t->ev->type != JIT_REQUEST)
		return 0;
	rc = jit_sealed_id(id, t->ev, err);
	if (rc)
		return rc;
	JIT_RULE("late-id", JIT_NO, jit_trial_same(t->ev->id, id),
		"its id is not that of its time and its digest");
	return 0;
}

/* -- All ------------------------------------------------------------------- */

/* Judge late->sealed as one that arrives so. */
static int
judge(struct jit_late *late, const struct jit_state *s, const struct arrival *a,
	struct jit_error *err)
{
	struct jit_event *ev = &late->sealed.event;
	int rc;

	rc = rules_of_seen(&late->sealed, s, a, err);
	if (rc == 0)
		rc = look_back(late, s, a->seen.seq, err);
	if (rc)
		return rc;
	ev->seq = a->seq;
	late->left = a->left;
	late->trial = (struct jit_trial){.s = &late->view,
		.ev = ev,
		.touched = late->sealed.signature.key.type == JIT_SK_ED25519,
		.place = a->at,
		.late = true,
		.gone = jit_state_key(s, ev->key) == NULL,
		.known = a->seen.at};
	rc = rules_of_kind(&late->trial, err);
	return rc ? rc : jit_judge_try(&late->trial, err);
}

int
jit_late_open(struct jit_late *late, const struct jit_trial *t,
	struct jit_error *err)
{
	const struct jit_state *s = t->s;
	struct arrival a = {.seq = t->ev->seq, .at = t->ev->at};
	const struct jit_mark *seen;
	int rc;

	rc = jit_sealed_open(&late->sealed, t->ev->sealed, t->ev->signature,
		err);
	if (rc == JIT_EVIDENCE)
		rc = JIT_USAGE;
	if (rc == 0)
		rc = rules_of_seal(&late->sealed, err);
	if (rc)
		return rc;
	seen = jit_state_past(s, late->sealed.event.seen);
	JIT_RULE("late-seen", JIT_NO, seen != NULL,
		"the last event that it knew, %.12s, is none of this ledger, "
		"or an old one",
		late->sealed.event.seen);
	if (seen)
		a.seen = *seen;
	a.left = a.at;
	if (seen && seen + 1 < s->past + s->past_count)
		a.left = seen[1].at;
	return judge(late, s, &a, err);
}

int
jit_late_apply(struct jit_state *s, struct jit_late *late,
	struct jit_error *err)
{
	struct jit_proof proof = {.key = late->sealed.signature.key,
		.flags = late->sealed.signature.flags};
	int rc;

	memcpy(proof.sha256, late->sealed.sha256, JIT_SHA256);
	rc = jit_state_deliver(s, proof.sha256, late->left, err);
	if (rc)
		return rc;
	rc = jit_change_apply(s, &late->trial, &proof, err);
	if (rc)
		s->delivered_count--;
	return rc;
}

/* As if nothing had happened since: the ledger itself judges it later. */
static struct arrival
arrival_now(const struct jit_state *s, const struct jit_sealed *x, int64_t now)
{
	const struct jit_mark *seen = jit_state_past(s, x->event.seen);
	struct arrival a = {.seq = s->seq + 1, .at = now, .left = INT64_MAX};

	a.seen.seq = s->seq;
	if (strcmp(x->event.seen, s->tip) == 0)
		a.seen.at = s->at;
	else if (seen)
		a.seen = *seen;
	if (x->event.at > now && x->event.at <= now + s->policy.limits.skew)
		a.at = x->event.at; /* by another clock */
	return a;
}

int
jit_judge_admit(struct jit_state *s, const struct jit_sealed *sealed,
	int64_t now, bool ask, struct jit_error *err)
{
	struct arrival a = arrival_now(s, sealed, now);
	struct jit_late late = {.sealed = *sealed};
	int rc;

	rc = judge(&late, s, &a, err);
	if (rc == 0 && !ask)
		rc = jit_late_apply(s, &late, err);
	memset(&late.sealed, 0, sizeof(late.sealed)); /* the caller's */
	jit_late_free(&late);
	return rc;
}

void
jit_late_free(struct jit_late *late)
{
	jit_sealed_free(&late->sealed);
	jit_policy_free(&late->policy);
	free(late->people);
	memset(late, 0, sizeof(*late));
}
