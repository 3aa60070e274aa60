/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "ledger_inner.h"
#include "repo.h"
#include "when.h"

#define GROWTH 256 /* events */
#define ROUNDS 16  /* tips verified in one update while others write */
#define TO_DO "ask others for their clone; see jit-ledger(5)"

/* Other history than what was seen before: what is said of each kind. */

static int
swapped(const struct jit_ledger *l, const char *found, struct jit_error *err)
{
	return jit_fail(err, JIT_EVIDENCE,
		"swapped: expected the ledger "
		"%.12s, found the ledger %.12s: " TO_DO,
		l->genesis, found);
}

int
jit_ledger_rolled_back(const struct jit_ledger *l, int64_t found,
	struct jit_error *err)
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

void
jit_ledger_expect(struct jit_ledger *l)
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
			rc = jit_ledger_rolled_back(l, (int64_t)trail->count,
				err);
		else
			rc = forked(l, err);
	}
	jit_buf_free(&raw);
	return rc;
}

/* The state was replayed from genesis: is it what memory's head says? */
static int
compare(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	const struct jit_ledger *l = arg;

	(void)c;
	(void)oid;
	(void)after;
	if (!l->known)
		return 0;
	if (l->state->seq == 1 && strcmp(l->state->genesis, l->genesis) != 0)
		return swapped(l, l->state->genesis, err);
	if (l->state->seq == l->seq && strcmp(l->state->tip, l->tip) != 0)
		return forked(l, err);
	return 0;
}

/* Is one of those that were sent, and never answered, among what came? */
static void
note_arrived(struct jit_ledger *l, const struct jit_trail *trail)
{
	size_t i;
	int j;

	for (i = 0; l->sent_count > 0 && i < trail->count; i++)
		for (j = 0; j < l->sent_count; j++)
			if (memcmp(trail->oid[i], l->sent[j], JIT_OID) == 0)
				l->arrived = j;
}

int
jit_ledger_catch_up(struct jit_trail *trail, struct jit_ledger *l,
	const unsigned char tip[JIT_OID], struct jit_error *err)
{
	const unsigned char *from = l->state->seq > 0 ? l->state->oid : NULL;
	struct jit_misfit bad;
	int rc;

	rc = jit_trail_walk(trail, l->store, tip, from, NULL, err);
	if (rc == 0 && from != NULL)
		rc = explain(l, trail, err);
	else if (rc >= 0)
		rc = jit_replay(&bad, l->state, l->store, trail, compare, l,
			err);
	if (rc == 0 && l->known && l->state->seq < l->seq)
		rc = jit_ledger_rolled_back(l, l->state->seq, err);
	if (rc == 0) {
		jit_ledger_expect(l);
		note_arrived(l, trail);
	}
	return rc;
}

int
jit_ledger_at_tip(struct jit_ledger *l, unsigned char tip[JIT_OID],
	struct jit_error *err)
{
	int rc;

	rc = jit_store_tip(tip, l->store, err);
	if (rc < 0)
		return rc;
	if (rc == 0 && l->known)
		return jit_ledger_rolled_back(l, 0, err);
	if (rc == 0)
		return jit_fail(err, JIT_TROUBLE,
			"'%s' holds no ledger: it "
			"has no %s",
			jit_store_path(l->store), JIT_REF);
	return l->state->seq > 0 && memcmp(tip, l->state->oid, JIT_OID) == 0;
}

int
jit_ledger_clock(const char *fmt, int64_t seconds, struct jit_error *err)
{
	struct jit_buf span = {0};
	int rc;

	jit_when_spell(&span, seconds);
	rc = jit_fail(err, JIT_TROUBLE, "this clock is %s %s: check the clock",
		jit_buf_text(&span), fmt);
	jit_buf_free(&span);
	return rc;
}

int
jit_ledger_check_clock(const struct jit_ledger *l, int64_t now,
	struct jit_error *err)
{
	int64_t ahead = l->state->at - now;

	if (ahead > 2 * l->state->policy.limits.skew)
		return jit_ledger_clock("behind the ledger's tip", ahead, err);
	return 0;
}

int
jit_ledger_verify(bool *moved, struct jit_ledger *l, int64_t now,
	struct jit_error *err)
{
	struct jit_trail trail = {0};
	unsigned char tip[JIT_OID];
	int i, rc;

	*moved = false;
	for (i = 0; i < ROUNDS; i++) {
		rc = jit_ledger_at_tip(l, tip, err);
		if (rc != 0)
			break;
		rc = jit_ledger_catch_up(&trail, l, tip, err);
		jit_trail_free(&trail);
		if (rc < 0)
			break;
		*moved = true;
	}
	return rc < 0 ? rc : jit_ledger_check_clock(l, now, err);
}

/* What the way back to an event looks for. */
struct meeting {
	int64_t seq;
	const char *tip;
	bool met;
};

static int
meet(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	char sha256[JIT_HEX256];
	struct meeting *m = arg;

	(void)oid;
	(void)after;
	(void)err;
	if (c->event.seq > m->seq)
		return 0;
	jit_hex(sha256, c->sha256, JIT_SHA256);
	m->met = strcmp(sha256, m->tip) == 0;
	return 1;
}

/*
 * Another program was shown an event meanwhile, and remembered it: one of two
 * histories would be forgotten, were it not in this one.
 */
static int
meet_other(struct jit_ledger *l, struct jit_error *err)
{
	struct meeting m = {0};
	int rc;

	(void)jit_memory_known(l->memory, l->genesis, &l->seq, l->tip);
	m.seq = l->seq;
	m.tip = l->tip;
	rc = jit_ledger_back(l, meet, &m, err);
	if (rc < 0)
		return rc;
	if (!m.met)
		return forked(l, err);
	jit_ledger_expect(l);
	return jit_memory_keep(l->memory, l->state, err);
}

int
jit_ledger_keep(struct jit_ledger *l, struct jit_error *err)
{
	unsigned char tip[JIT_OID];
	int rc;

	if (l->memory == NULL)
		return 0;
	rc = jit_ledger_at_tip(l, tip, err);
	if (rc > 0)
		rc = jit_memory_keep(l->memory, l->state, err);
	if (rc > 0)
		rc = meet_other(l, err);
	return rc == JIT_EVIDENCE ? rc : 0; /* else the next one keeps it */
}

int
jit_ledger_update(struct jit_ledger *l, int64_t now, struct jit_error *err)
{
	bool moved;
	int rc;

	if (jit_ledger_away(l))
		return 0;
	rc = jit_ledger_verify(&moved, l, now, err);
	return rc == 0 && moved ? jit_ledger_keep(l, err) : rc;
}

/* Where its tip is, and which ledger it was cloned as. */
static int
read_own(struct jit_ledger *l, struct jit_error *err)
{
	struct jit_buf genesis = {0};
	int rc;

	rc = jit_store_own(&l->url, l->store, "jit.remote", err);
	if (rc > 0)
		rc = jit_store_own(&genesis, l->store, "jit.genesis", err);
	if (rc > 0 && !l->known && genesis.len == JIT_HEX256 - 1) {
		l->known = true;
		memcpy(l->genesis, jit_buf_text(&genesis), JIT_HEX256);
	}
	jit_buf_free(&genesis);
	return rc < 0 ? rc : 0;
}

int
jit_ledger_start(struct jit_ledger **out, const char *path,
	const char *memory_dir, struct jit_error *err)
{
	struct jit_ledger *l;
	int rc;

	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return jit_nomem(err);
	rc = jit_ledger_name(l, path, memory_dir, err);
	if (rc == 0)
		rc = jit_store_open(&l->store, path, err);
	if (rc == 0 && memory_dir != NULL)
		rc = jit_memory_open(&l->memory, &l->state, memory_dir,
			jit_store_path(l->store), err);
	if (rc == 0 && l->memory != NULL)
		l->known = jit_memory_known(l->memory, l->genesis, &l->seq,
			l->tip);
	if (rc == 0)
		rc = read_own(l, err);
	if (rc == 0 && l->state == NULL)
		rc = jit_state_new(&l->state, err);
	if (rc < 0) {
		jit_ledger_free(l);
		return rc;
	}
	*out = l;
	return 0;
}

int
jit_ledger_open(struct jit_ledger **out, const char *path,
	const char *memory_dir, int64_t now, struct jit_error *err)
{
	struct jit_ledger *l = NULL;
	int rc;

	rc = jit_ledger_start(&l, path, memory_dir, err);
	if (rc == 0) {
		l->looked = l->state->seq;
		rc = jit_ledger_update(l, now, err);
	}
	if (rc < 0) {
		jit_ledger_free(l);
		return rc;
	}
	*out = l;
	return 0;
}

bool
jit_ledger_grown(struct jit_ledger *l)
{
	int64_t before = l->looked;

	l->looked = l->state->seq;
	return before == 0 || before / GROWTH != l->looked / GROWTH;
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

void
jit_ledger_free(struct jit_ledger *l)
{
	if (l == NULL)
		return;
	jit_state_free(l->state);
	jit_memory_free(l->memory);
	jit_remote_free(l->remote);
	jit_buf_free(&l->url);
	jit_store_free(l->store);
	free(l->path);
	free(l->memory_dir);
	free(l);
}
