/* SPDX-License-Identifier: ISC */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "founding.h"
#include "judge_inner.h"
#include "rules.h"
#include "using.h"

/* The chain: order is the only before and after. */

static int
rules_of_chain(const struct jit_state *s, const struct jit_event *ev,
	struct jit_error *err)
{
	static const char zeros[] = "00000000000000000000000000000000"
				    "00000000000000000000000000000000";

	JIT_RULE("chain-genesis", JIT_NO,
		(s->seq == 0) == (ev->type == JIT_GENESIS),
		"a ledger begins with genesis and has no other");
	JIT_RULE("chain-seq", JIT_NO, ev->seq == s->seq + 1,
		"seq is %lld, must be %lld", (long long)ev->seq,
		(long long)s->seq + 1);
	JIT_RULE("chain-prev", JIT_NO,
		jit_trial_same(ev->prev, s->seq ? s->tip : zeros),
		"prev is not the SHA-256 of the event before");
	if (s->seq == 0)
		return 0;
	JIT_RULE("chain-ledger", JIT_NO, jit_trial_same(ev->ledger, s->genesis),
		"it belongs to ledger %.12s, this is %.12s", ev->ledger,
		s->genesis);
	return 0;
}

/* What nobody does whose enrolment has ended; ending access is no such. */
static bool
gives_new(enum jit_event_type type)
{
	return type == JIT_REQUEST || type == JIT_APPROVE ||
		type == JIT_ISSUE || type == JIT_REVIEW;
}

static int
rules_of_author(struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;

	t->author = jit_state_key(t->s, ev->key);
	JIT_NEED("key-enrolled", JIT_NO, t->author != NULL,
		"key %s is not enrolled", ev->key);
	JIT_RULE("key-owner", JIT_NO,
		jit_trial_same(t->author->principal, ev->by),
		"key %s is enrolled for %s, not for %s", ev->key,
		t->author->principal, ev->by);
	JIT_RULE("person-until", JIT_NO,
		ev->at < t->author->until || !gives_new(ev->type) ||
			jit_policy_member(&t->s->policy,
				t->s->policy.admins->group, ev->by),
		"the enrolment of %s has ended: an admin has to enrol anew",
		ev->by);
	return 0;
}

/*
 * A request is new; a review, a probe and the close of a session are of what
 * may be over; a beat or a scan is of none; an admin retires alone.
 */
static bool
is_about_grant(const struct jit_event *ev)
{
	if (ev->type == JIT_RETIRE)
		return ev->id != NULL;
	if (ev->type == JIT_USE)
		return jit_using_opens(ev);
	return ev->type != JIT_REQUEST && ev->type != JIT_REVIEW &&
		ev->type != JIT_PROBE && ev->type != JIT_BEAT &&
		ev->type != JIT_LATE && ev->type != JIT_SCAN;
}

int
jit_judge_try(struct jit_trial *t, struct jit_error *err)
{
	int rc;

	rc = rules_of_author(t, err);
	if (rc || !t->author)
		return rc;
	if (is_about_grant(t->ev)) {
		t->grant = jit_state_grant(t->s, t->ev->id);
		JIT_NEED("grant-open", JIT_NOGRANT, t->grant != NULL,
			"no open grant '%s'", t->ev->id);
	}
	return jit_rules_judge(t, err);
}

/* All rules of an event that is not genesis; changes nothing. */
static int
judge(struct jit_trial *t, struct jit_error *err)
{
	JIT_RULE("chain-time", JIT_NO, t->ev->at >= t->s->at,
		"its time is before that of the event before it");
	return jit_judge_try(t, err);
}

/* A late event, whoever brings it, and what is sealed in it. */
static int
judge_late(struct jit_late *late, struct jit_trial *t, struct jit_error *err)
{
	int rc = judge(t, err);

	return rc ? rc : jit_late_open(late, t, err);
}

static void
move_tip(struct jit_state *s, const struct jit_event *ev,
	const struct jit_proof *proof)
{
	if (ev->at > s->at) {
		s->recent_count = 0;
		jit_state_forget(s, ev->at);
	}
	if (ev->type == JIT_REQUEST)
		jit_state_recent_add(s, ev->id);
	s->seq = ev->seq;
	s->at = ev->at;
	jit_hex(s->tip, proof->sha256, JIT_SHA256);
	if (s->past_count > 0) /* without memory it is read anew */
		(void)!jit_state_mark(s, proof->sha256, s->seq, s->at, NULL);
}

/* What is sealed is done, and never again. */
static int
apply_late(struct jit_state *s, struct jit_trial *t, struct jit_error *err)
{
	struct jit_late late = {0};
	int rc = judge_late(&late, t, err);

	if (rc == 0)
		rc = jit_late_apply(s, &late, err);
	jit_late_free(&late);
	return rc;
}

int
jit_judge_apply(struct jit_state *s, const struct jit_event *ev,
	const struct jit_proof *proof, struct jit_error *err)
{
	struct jit_trial t = {.s = s,
		.ev = ev,
		.place = ev->at,
		.touched = proof->key.type == JIT_SK_ED25519 &&
			(proof->flags & JIT_SIGN_PRESENT),
		.again = proof->again};
	int rc;

	rc = rules_of_chain(s, ev, err);
	if (rc == 0)
		rc = jit_state_recent_room(s, err);
	if (rc)
		return rc;
	if (ev->type == JIT_GENESIS) {
		rc = jit_founding_apply(s, ev, proof, err);
	} else if (ev->type == JIT_LATE) {
		rc = apply_late(s, &t, err);
	} else {
		rc = judge(&t, err);
		if (rc == 0)
			rc = jit_change_apply(s, &t, proof, err);
	}
	if (rc == 0)
		move_tip(s, ev, proof);
	return rc;
}

int
jit_judge_ask(const struct jit_state *s, const struct jit_event *ev,
	const struct jit_pubkey *key, bool touched, struct jit_error *err)
{
	struct jit_trial t = {.s = s,
		.ev = ev,
		.place = ev->at,
		.touched = touched && key->type == JIT_SK_ED25519};
	struct jit_founding f = {0};
	struct jit_late late = {0};
	int rc;

	if (ev->type == JIT_LATE) {
		rc = judge_late(&late, &t, err);
		jit_late_free(&late);
		return rc;
	}
	if (ev->type != JIT_GENESIS)
		return judge(&t, err);
	rc = jit_founding_judge(&f, ev, err);
	jit_founding_free(&f);
	return rc;
}
