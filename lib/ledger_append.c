/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ledger_inner.h"
#include "lock.h"

#define SLOW_TRIES 5 /* of one that asks a person each time */
#define LOSSES 2     /* after which a slow signer signs under the lock */
#define LOCK_WAIT 35 /* seconds; longer than anybody should hold it */
#define NAP_MOST 50  /* milliseconds between tries */

/* Draft the next event, and ask the judge. The caller frees ev->mem. */
static int
propose(struct jit_event *ev, char key[JIT_FINGERPRINT],
	const struct jit_ledger *l, const struct jit_plan *p,
	struct jit_error *err)
{
	const struct jit_state *s = l->state;
	const struct jit_enrolment *who;
	int64_t at = p->now > s->at ? p->now : s->at;
	int rc;

	if (at - p->now > s->policy.limits.skew)
		return jit_ledger_clock("behind the ledger", at - p->now, err);
	rc = jit_ledger_whoami(&who, l, p->key, err);
	if (rc < 0)
		return rc;
	jit_draft_common(ev, key, s, p->type, p->key, at);
	rc = p->draft(ev, s, at, p->arg, err);
	if (rc == 0 && p->type == JIT_LATE)
		rc = jit_replay_recall(l->state, l->store, err);
	if (rc < 0)
		return rc;
	return jit_judge_ask(s, ev, p->key, p->key->type == JIT_SK_ED25519,
		err);
}

int
jit_ledger_ask(struct jit_ledger *l, jit_ledger_draft *draft, void *arg,
	enum jit_event_type type, const struct jit_pubkey *key, int64_t now,
	struct jit_error *err)
{
	struct jit_plan p = {draft, arg, type, key, NULL, now};
	char fingerprint[JIT_FINGERPRINT];
	struct jit_event ev = {0};
	int rc;

	if (jit_ledger_away(l))
		return jit_ledger_seal(NULL, l, draft, arg, type, NULL, key,
			now, err);
	rc = jit_ledger_update(l, now, err);
	if (rc == 0)
		rc = propose(&ev, fingerprint, l, &p, err);
	jit_arena_free(&ev.mem);
	return rc;
}

int
jit_ledger_make(struct jit_draft *d, struct jit_ledger *l,
	const struct jit_plan *p, struct jit_error *err)
{
	char fingerprint[JIT_FINGERPRINT];
	struct jit_event ev = {0};
	bool moved;
	int rc;

	rc = jit_ledger_verify(&moved, l, p->now, err);
	if (rc == 0)
		rc = propose(&ev, fingerprint, l, p, err);
	if (rc == 0) {
		l->signed_count++;
		rc = jit_draft_sign(d, &ev, l->state->oid, p->signer, err);
	}
	jit_arena_free(&ev.mem);
	return rc;
}

int
jit_ledger_take(struct jit_ledger *l, const struct jit_draft *d,
	const unsigned char oid[JIT_OID], struct jit_error *err)
{
	struct jit_proof proof;
	int rc;

	jit_replay_proof(&proof, &d->commit);
	rc = jit_judge_apply(l->state, &d->commit.event, &proof, err);
	if (rc < 0)
		return jit_within(err, JIT_TROUBLE,
			"written, but the judge "
			"changed its mind");
	rc = jit_state_stand(l->state, oid, err);
	jit_ledger_expect(l);
	return rc;
}

/* Put it after the tip, under the lock; JIT_BUSY: the tip has moved. */
static int
place(struct jit_ledger *l, const struct jit_draft *d, struct jit_error *err)
{
	unsigned char oid[JIT_OID], tip[JIT_OID];
	int rc;

	rc = jit_ledger_at_tip(l, tip, err);
	if (rc == 0)
		return jit_fail(err, JIT_BUSY, "another writer was faster");
	if (rc > 0)
		rc = jit_store_write(oid, l->store, d->raw.data, d->raw.len,
			err);
	if (rc == 0)
		rc = jit_store_swap(l->store, l->state->oid, oid, err);
	return rc < 0 ? rc : jit_ledger_take(l, d, oid, err);
}

/*
 * One try. A signer that may take a person's time signs before the lock,
 * unless it lost too often. '*again': lost, worth another try.
 */
static int
append_once(bool *again, struct jit_draft *d, struct jit_ledger *l,
	const struct jit_plan *p, bool sign_first, struct jit_error *err)
{
	int rc = 0;

	*again = false;
	if (sign_first)
		rc = jit_ledger_make(d, l, p, err);
	if (rc == 0)
		rc = jit_store_lock(l->store, LOCK_WAIT, err);
	if (rc < 0)
		return rc;
	if (!sign_first)
		rc = jit_ledger_make(d, l, p, err);
	if (rc == 0) {
		rc = place(l, d, err);
		*again = rc == JIT_BUSY;
	}
	jit_store_unlock(l->store);
	return rc;
}

int
jit_ledger_append(struct jit_commit *made, struct jit_ledger *l,
	jit_ledger_draft *draft, void *arg, enum jit_event_type type,
	const struct jit_signer *signer, int64_t now, struct jit_error *err)
{
	struct jit_plan p = {draft, arg, type, jit_signer_key(signer), signer,
		now};
	bool slow = jit_signer_slow(signer), again = true;
	int most = slow ? SLOW_TRIES : JIT_LEDGER_TRIES;
	struct jit_draft d = {0};
	int i, rc = JIT_BUSY;

	if (jit_ledger_away(l))
		return jit_fail(err, JIT_TROUBLE, "'%s' is out of reach",
			l->path);
	l->signed_count = 0;
	if (l->url.len > 0)
		return jit_ledger_send(made, l, &p, err);
	for (i = 0; again && i < most; i++) {
		jit_draft_free(&d);
		if (i > 0)
			jit_lock_nap(i < NAP_MOST ? (unsigned int)i : NAP_MOST);
		rc = append_once(&again, &d, l, &p, slow && i < LOSSES, err);
	}
	if (rc == 0)
		rc = jit_ledger_keep(l, err) == JIT_EVIDENCE ? JIT_EVIDENCE : 0;
	if (rc == 0 && made != NULL) {
		*made = d.commit;
		d.made = false; /* transferred */
	}
	jit_draft_free(&d);
	return rc;
}
