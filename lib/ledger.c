/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "ledger.h"
#include "lock.h"
#include "memory.h"
#include "replay.h"
#include "when.h"

#define ROUNDS 16    /* tips verified in one update while others write */
#define TRIES 100    /* of a signer that needs nobody */
#define SLOW_TRIES 5 /* of one that asks a person each time */
#define LOSSES 2     /* after which a slow signer signs under the lock */
#define LOCK_WAIT 35 /* seconds; longer than anybody should hold it */
#define NAP_MOST 50  /* milliseconds between tries */
#define TO_DO "ask others for their clone; see jit-ledger(5)"

struct jit_ledger {
	struct jit_store *store;
	struct jit_memory *memory; /* NULL: remembers nothing */
	struct jit_state *state;

	/* what memory knew at first: it holds though its body may not load */
	bool known;
	char genesis[JIT_HEX256];
	int64_t seq;
	char tip[JIT_HEX256];
};

/* Other history than what was seen before: what is said of each kind. */

static int
swapped(const struct jit_ledger *l, const char *found, struct jit_error *err)
{
	return jit_fail(err, JIT_EVIDENCE,
		"swapped: expected the ledger "
		"%.12s, found the ledger %.12s: " TO_DO,
		l->genesis, found);
}

static int
rolled_back(const struct jit_ledger *l, int64_t found, struct jit_error *err)
{
	return jit_fail(err, JIT_EVIDENCE,
		"rolled back: expected event %lld "
		"(sha256 %.12s) or a later one, found only %lld: " TO_DO,
		(long long)l->seq, l->tip, (long long)found);
}

static int
forked(const struct jit_ledger *l, struct jit_error *err)
{
	return jit_fail(err, JIT_EVIDENCE,
		"forked: expected a history with "
		"event %lld (sha256 %.12s), found one without it: " TO_DO,
		(long long)l->seq, l->tip);
}

/* From now on this state is what must be met again. */
static void
expect_state(struct jit_ledger *l)
{
	l->known = true;
	l->seq = l->state->seq;
	memcpy(l->genesis, l->state->genesis, JIT_HEX256);
	memcpy(l->tip, l->state->tip, JIT_HEX256);
}

/* A whole history, newest first, does not hold the tip that was seen. */
static int
explain(struct jit_ledger *l, const struct jit_trail *trail,
	struct jit_error *err)
{
	struct jit_buf raw = {0};
	char first[JIT_HEX256];
	int rc;

	rc = jit_store_read(&raw, l->store, trail->oid[trail->count - 1],
		JIT_COMMIT_MAX, err);
	if (rc == 0) {
		jit_sha256_hex(first, raw.data, raw.len);
		if (strcmp(first, l->genesis) != 0)
			rc = swapped(l, first, err);
		else if ((int64_t)trail->count < l->seq)
			rc = rolled_back(l, (int64_t)trail->count, err);
		else
			rc = forked(l, err);
	}
	jit_buf_free(&raw);
	return rc;
}

/* The state was replayed from genesis: is it what memory's head says? */
static int
compare(const struct jit_ledger *l, struct jit_error *err)
{
	if (!l->known)
		return 0;
	if (l->state->seq == 1 && strcmp(l->state->genesis, l->genesis) != 0)
		return swapped(l, l->state->genesis, err);
	if (l->state->seq == l->seq && strcmp(l->state->tip, l->tip) != 0)
		return forked(l, err);
	return 0;
}

static int
forward(struct jit_ledger *l, const struct jit_trail *trail,
	struct jit_error *err)
{
	char sha256[JIT_HEX256];
	struct jit_buf raw = {0};
	struct jit_commit c;
	int rc = 0;
	size_t i;

	for (i = trail->count; rc == 0 && i > 0; i--) {
		rc = jit_replay_step(&c, sha256, l->state, l->store, &raw,
			trail->oid[i - 1], err);
		if (rc < 0)
			break;
		jit_commit_free(&c);
		rc = compare(l, err);
	}
	jit_buf_free(&raw);
	return rc;
}

/* Verify all between the state and 'tip'. */
static int
catch_up(struct jit_ledger *l, const unsigned char tip[JIT_OID],
	struct jit_error *err)
{
	const unsigned char *from = l->state->seq > 0 ? l->state->oid : NULL;
	struct jit_trail trail = {0};
	int rc;

	rc = jit_trail_walk(&trail, l->store, tip, from, NULL, err);
	if (rc == 0 && from != NULL)
		rc = explain(l, &trail, err);
	else if (rc >= 0)
		rc = forward(l, &trail, err);
	if (rc == 0 && l->known && l->state->seq < l->seq)
		rc = rolled_back(l, l->state->seq, err);
	if (rc == 0)
		expect_state(l);
	jit_trail_free(&trail);
	return rc;
}

/* Whether the ref is where the state is: 1, 0 ('tip' set), or a code. */
static int
at_tip(struct jit_ledger *l, unsigned char tip[JIT_OID], struct jit_error *err)
{
	int rc;

	rc = jit_store_tip(tip, l->store, err);
	if (rc < 0)
		return rc;
	if (rc == 0 && l->known)
		return rolled_back(l, 0, err);
	if (rc == 0)
		return jit_fail(err, JIT_TROUBLE,
			"'%s' holds no ledger: it "
			"has no %s",
			jit_store_path(l->store), JIT_REF);
	return l->state->seq > 0 && memcmp(tip, l->state->oid, JIT_OID) == 0;
}

/* "the ledger's tip is 5m ahead of this clock" and the like. */
static int
clock_fail(const char *fmt, int64_t seconds, struct jit_error *err)
{
	struct jit_buf span = {0};
	int rc;

	jit_when_spell(&span, seconds);
	rc = jit_fail(err, JIT_TROUBLE, "this clock is %s %s: check the clock",
		jit_buf_text(&span), fmt);
	jit_buf_free(&span);
	return rc;
}

/* Bring the state to the tip; '*moved': it was not there. */
static int
verify_new(bool *moved, struct jit_ledger *l, int64_t now,
	struct jit_error *err)
{
	unsigned char tip[JIT_OID];
	int64_t ahead;
	int i, rc;

	*moved = false;
	for (i = 0; i < ROUNDS; i++) {
		rc = at_tip(l, tip, err);
		if (rc != 0)
			break;
		rc = catch_up(l, tip, err);
		if (rc < 0)
			break;
		*moved = true;
	}
	if (rc < 0)
		return rc;
	ahead = l->state->at - now;
	if (ahead > 2 * l->state->policy.limits.skew)
		return clock_fail("behind the ledger's tip", ahead, err);
	return 0;
}

/*
 * Remember the state if the ref is there. A folder that cannot be written
 * does not keep anybody from reading: what was remembered before holds.
 */
static int
keep(struct jit_ledger *l, struct jit_error *err)
{
	unsigned char tip[JIT_OID];
	int rc;

	if (l->memory == NULL)
		return 0;
	rc = at_tip(l, tip, err);
	if (rc > 0)
		rc = jit_memory_keep(l->memory, l->state, err);
	return rc == JIT_TROUBLE ? 0 : rc;
}

int
jit_ledger_update(struct jit_ledger *l, int64_t now, struct jit_error *err)
{
	bool moved;
	int rc;

	rc = verify_new(&moved, l, now, err);
	return rc == 0 && moved ? keep(l, err) : rc;
}

int
jit_ledger_open(struct jit_ledger **out, const char *path,
	const char *memory_dir, int64_t now, struct jit_error *err)
{
	struct jit_ledger *l;
	int rc;

	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return jit_nomem(err);
	rc = jit_store_open(&l->store, path, err);
	if (rc == 0 && memory_dir != NULL)
		rc = jit_memory_open(&l->memory, &l->state, memory_dir,
			jit_store_path(l->store), err);
	if (rc == 0 && l->memory != NULL)
		l->known = jit_memory_known(l->memory, l->genesis, &l->seq,
			l->tip);
	if (rc == 0 && l->state == NULL)
		rc = jit_state_new(&l->state, err);
	if (rc == 0)
		rc = jit_ledger_update(l, now, err);
	if (rc < 0) {
		jit_ledger_free(l);
		return rc;
	}
	*out = l;
	return 0;
}

const struct jit_state *
jit_ledger_state(const struct jit_ledger *l)
{
	return l->state;
}

struct jit_store *
jit_ledger_store(const struct jit_ledger *l)
{
	return l->store;
}

int
jit_ledger_whoami(const struct jit_enrolment **out, const struct jit_ledger *l,
	const struct jit_pubkey *key, struct jit_error *err)
{
	char fingerprint[JIT_FINGERPRINT];
	const struct jit_enrolment *who;

	jit_pubkey_fingerprint(fingerprint, key);
	who = jit_state_key(l->state, fingerprint);
	if (who == NULL)
		return jit_fail(err, JIT_NO,
			"key %s is enrolled by nobody in "
			"this ledger",
			fingerprint);
	*out = who;
	return 0;
}

/* What is to be written, by whom, when. */
struct plan {
	jit_ledger_draft *draft;
	void *arg;
	enum jit_event_type type;
	const struct jit_pubkey *key;
	const struct jit_signer *signer;
	int64_t now;
};

/* Draft the next event, and ask the judge. The caller frees ev->mem. */
static int
propose(struct jit_event *ev, char key[JIT_FINGERPRINT],
	const struct jit_ledger *l, const struct plan *p, struct jit_error *err)
{
	const struct jit_state *s = l->state;
	const struct jit_enrolment *who;
	int64_t at = p->now > s->at ? p->now : s->at;
	int rc;

	if (at - p->now > s->policy.limits.skew)
		return clock_fail("behind the ledger", at - p->now, err);
	rc = jit_ledger_whoami(&who, l, p->key, err);
	if (rc < 0)
		return rc;
	jit_draft_common(ev, key, s, p->type, p->key, at);
	rc = p->draft(ev, s, at, p->arg, err);
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
	struct plan p = {draft, arg, type, key, NULL, now};
	char fingerprint[JIT_FINGERPRINT];
	struct jit_event ev = {0};
	int rc;

	rc = jit_ledger_update(l, now, err);
	if (rc == 0)
		rc = propose(&ev, fingerprint, l, &p, err);
	jit_arena_free(&ev.mem);
	return rc;
}

/* The event that comes after the state, signed. */
static int
make(struct jit_draft *d, struct jit_ledger *l, const struct plan *p,
	struct jit_error *err)
{
	char fingerprint[JIT_FINGERPRINT];
	struct jit_event ev = {0};
	bool moved;
	int rc;

	rc = verify_new(&moved, l, p->now, err);
	if (rc == 0)
		rc = propose(&ev, fingerprint, l, p, err);
	if (rc == 0)
		rc = jit_draft_sign(d, &ev, l->state->oid, p->signer, err);
	jit_arena_free(&ev.mem);
	return rc;
}

/* Put it after the tip, under the lock; JIT_BUSY: the tip has moved. */
static int
place(struct jit_ledger *l, const struct jit_draft *d, struct jit_error *err)
{
	unsigned char oid[JIT_OID], tip[JIT_OID];
	struct jit_proof proof;
	int rc;

	rc = at_tip(l, tip, err);
	if (rc == 0)
		return jit_fail(err, JIT_BUSY, "another writer was faster");
	if (rc > 0)
		rc = jit_store_write(oid, l->store, d->raw.data, d->raw.len,
			err);
	if (rc == 0)
		rc = jit_store_swap(l->store, l->state->oid, oid, err);
	if (rc < 0)
		return rc;
	jit_replay_proof(&proof, &d->commit);
	rc = jit_judge_apply(l->state, &d->commit.event, &proof, err);
	if (rc < 0)
		return jit_within(err, JIT_TROUBLE,
			"written, but the judge "
			"changed its mind");
	memcpy(l->state->oid, oid, JIT_OID);
	expect_state(l);
	return 0;
}

/*
 * One try. A signer that may take a person's time signs before the lock,
 * unless it lost too often. '*again': lost, worth another try.
 */
static int
append_once(bool *again, struct jit_draft *d, struct jit_ledger *l,
	const struct plan *p, bool sign_first, struct jit_error *err)
{
	int rc = 0;

	*again = false;
	if (sign_first)
		rc = make(d, l, p, err);
	if (rc == 0)
		rc = jit_store_lock(l->store, LOCK_WAIT, err);
	if (rc < 0)
		return rc;
	if (!sign_first)
		rc = make(d, l, p, err);
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
	struct plan p = {draft, arg, type, jit_signer_key(signer), signer, now};
	bool slow = jit_signer_slow(signer), again = true;
	int most = slow ? SLOW_TRIES : TRIES;
	struct jit_draft d = {0};
	int i, rc = JIT_BUSY;

	for (i = 0; again && i < most; i++) {
		jit_draft_free(&d);
		if (i > 0)
			jit_lock_nap(i < NAP_MOST ? (unsigned int)i : NAP_MOST);
		rc = append_once(&again, &d, l, &p, slow && i < LOSSES, err);
	}
	if (rc == 0)
		rc = keep(l, err) == JIT_EVIDENCE ? JIT_EVIDENCE : 0;
	if (rc == 0 && made != NULL) {
		*made = d.commit;
		d.made = false; /* transferred */
	}
	jit_draft_free(&d);
	return rc;
}

void
jit_ledger_free(struct jit_ledger *l)
{
	if (l == NULL)
		return;
	jit_state_free(l->state);
	jit_memory_free(l->memory);
	jit_store_free(l->store);
	free(l);
}
