/* SPDX-License-Identifier: ISC */
/* A clone whose tip is at a remote: fetch, verify, follow; push, be told. */
#include <string.h>

#include "deadline.h"
#include "ledger_inner.h"
#include "lock.h"

#define LOCK_WAIT 35     /* seconds */
#define PUSH_SECONDS 15  /* that a remote has to answer */
#define FETCH_SECONDS 10 /* to learn what became of a push */
#define AWAY 5000        /* milliseconds that an unreached remote is out */
#define LET_BE 30000     /* that no push tries it, unless somebody heard it */
#define SLOW_TRIES 20    /* of an agent */
#define TOUCH_TRIES 5    /* of a key that asks a person each time */
#define UNMOVED 2        /* pushes that fail while nobody else writes */
#define LOCKED 20        /* that find the remote's ref locked meanwhile */
#define NAP 40           /* milliseconds more after each of the first losses */
#define NAP_LOSSES 5     /* who lost more often naps no more */
#define JUST_NOW 2       /* seconds since the remote was heard */

const char *
jit_ledger_url(const struct jit_ledger *l)
{
	return l->url.len > 0 ? jit_buf_text(&l->url) : NULL;
}

void
jit_ledger_attach(struct jit_ledger *l, struct jit_remote *r)
{
	jit_remote_free(l->remote);
	l->remote = r; /* transferred */
}

int
jit_ledger_signed(const struct jit_ledger *l)
{
	return l->signed_count;
}

const struct jit_error *
jit_ledger_cut_off(const struct jit_ledger *l)
{
	bool lost = l->url.len > 0 && !jit_deadline_over(l->out);

	return lost ? &l->away : NULL;
}

bool
jit_ledger_unsure(const struct jit_ledger *l)
{
	return l->unsure;
}

/* -- Following ------------------------------------------------------------- */

/* What holds until something better is verified, and can be kept. */
struct seen {
	bool known;
	char genesis[JIT_HEX256], tip[JIT_HEX256];
	int64_t seq;
};

static struct seen
seen_of(const struct jit_ledger *l)
{
	struct seen s = {.known = l->known, .seq = l->seq};

	memcpy(s.genesis, l->genesis, JIT_HEX256);
	memcpy(s.tip, l->tip, JIT_HEX256);
	return s;
}

/* Back to what this clone's own ref says: what came was bad, or not kept. */
static void
restore(struct jit_ledger *l, const struct seen *before, int64_t now)
{
	struct jit_memory *memory = NULL;
	struct jit_state *s = NULL;
	bool moved;

	if (l->memory_dir != NULL &&
		jit_memory_open(&memory, &s, l->memory_dir,
			jit_store_path(l->store), NULL) == 0)
		jit_memory_free(memory);
	if (s == NULL && jit_state_new(&s, NULL) < 0)
		return;
	jit_state_free(l->state);
	l->state = s; /* transferred */
	l->known = before->known;
	l->seq = before->seq;
	memcpy(l->genesis, before->genesis, JIT_HEX256);
	memcpy(l->tip, before->tip, JIT_HEX256);
	(void)!jit_ledger_verify(&moved, l, now, NULL);
}

static bool
on_trail(const struct jit_trail *trail, const unsigned char oid[JIT_OID])
{
	size_t i;

	for (i = 0; i < trail->count; i++)
		if (memcmp(trail->oid[i], oid, JIT_OID) == 0)
			return true;
	return false;
}

/*
 * Move this clone's ref to the state's commit. It was at 'from' when 'trail'
 * was verified; another process may have moved it on meanwhile, as far, or
 * further, which is as well.
 */
static int
follow(struct jit_ledger *l, const unsigned char from[JIT_OID],
	const struct jit_trail *trail, struct jit_error *err)
{
	unsigned char tip[JIT_OID];
	int rc;

	rc = jit_store_lock(l->store, LOCK_WAIT, err);
	if (rc < 0)
		return rc;
	rc = jit_store_tip(tip, l->store, err);
	if (rc > 0 && memcmp(tip, l->state->oid, JIT_OID) == 0)
		rc = 0;
	else if (rc > 0 &&
		(memcmp(tip, from, JIT_OID) == 0 || on_trail(trail, tip)))
		rc = jit_store_swap(l->store, tip, l->state->oid, err);
	jit_store_unlock(l->store);
	return rc < 0 ? rc : 0;
}

/* The remote's tip: verified, then this clone's. */
static int
adopt(struct jit_ledger *l, const unsigned char oid[JIT_OID], int64_t now,
	struct jit_error *err)
{
	struct seen before = seen_of(l);
	struct jit_trail trail = {0};
	unsigned char from[JIT_OID];
	int rc;

	if (memcmp(oid, l->state->oid, JIT_OID) == 0)
		return 0;
	memcpy(from, l->state->oid, JIT_OID);
	rc = jit_ledger_catch_up(&trail, l, oid, err);
	if (rc < 0)
		rc = jit_within(err, rc, "remote '%s'", jit_ledger_url(l));
	else
		rc = jit_ledger_check_clock(l, now, err);
	if (rc == 0)
		rc = follow(l, from, &trail, err);
	if (rc < 0)
		restore(l, &before, now);
	else
		rc = jit_ledger_keep(l, err);
	jit_trail_free(&trail);
	return rc;
}

/* Where the remote's tip is; one that was not reached is let be a while. */
static int
ask(unsigned char oid[JIT_OID], struct jit_ledger *l, int seconds,
	struct jit_error *err)
{
	int rc;

	rc = jit_remote_fetch(oid, l->remote, l->state->oid, seconds, err);
	if (rc > 0) {
		l->out = l->let_be = 0;
		return 0;
	}
	if (rc == 0)
		return jit_within(err, jit_ledger_rolled_back(l, 0, err),
			"remote '%s'", jit_ledger_url(l));
	l->out = jit_deadline_in(AWAY);
	l->away = *err;
	l->let_be = jit_deadline_in(LET_BE);
	l->away_heard = jit_ledger_heard(l);
	return rc;
}

int
jit_ledger_fetch(struct jit_ledger *l, int64_t now, int seconds,
	struct jit_error *err)
{
	struct jit_error local = {0}, *e = err != NULL ? err : &local;
	unsigned char oid[JIT_OID];
	bool moved = false;
	int rc;

	if (l->url.len == 0)
		return 0;
	if (l->remote == NULL)
		return jit_fail(e, JIT_TROUBLE, "'%s' is not asked from here",
			jit_ledger_url(l));
	rc = jit_ledger_verify(&moved, l, now, e);
	if (rc == 0 && moved)
		rc = jit_ledger_keep(l, e);
	if (rc == 0)
		rc = ask(oid, l, seconds, e);
	if (rc == 0)
		rc = adopt(l, oid, now, e);
	if (rc == 0)
		jit_ledger_note_heard(l->store, now);
	return rc;
}

/* -- Writing --------------------------------------------------------------- */

/* The remote took it: now it counts here, too. */
static int
accepted(struct jit_ledger *l, const struct jit_draft *d,
	const unsigned char oid[JIT_OID], int64_t now, struct jit_error *err)
{
	static const struct jit_trail nothing = {0};
	struct seen before = seen_of(l);
	unsigned char from[JIT_OID];
	int rc;

	memcpy(from, l->state->oid, JIT_OID);
	rc = jit_ledger_take(l, d, oid, err);
	if (rc == 0)
		rc = follow(l, from, &nothing, err);
	if (rc < 0) {
		l->unsure = true;
		restore(l, &before, now);
		return jit_within(err, JIT_TROUBLE,
			"recorded at '%s', but not in this clone",
			jit_ledger_url(l));
	}
	jit_ledger_note_heard(l->store, now);
	return jit_ledger_keep(l, err);
}

/*
 * Some losses apart writers get out of each other's way. It is before the
 * fetch that one waits: after it every moment makes the next loss likelier.
 */
static void
get_out_of_the_way(const struct jit_ledger *l)
{
	int naps = l->sent_count < NAP_LOSSES ? l->sent_count : NAP_LOSSES;

	if (l->sent_count <= NAP_LOSSES || l->unmoved > 0)
		jit_lock_nap((unsigned int)naps * NAP);
}

/*
 * A push failed with 'rc' and 'why': has it arrived all the same, was another
 * faster, or is it refused? Only the remote's history can tell.
 */
static int
learn(bool *again, struct jit_ledger *l, const unsigned char base[JIT_OID],
	int rc, int64_t now, struct jit_error *err)
{
	struct jit_error why = *err;
	int got;

	if (rc == JIT_BUSY)
		get_out_of_the_way(l);
	got = jit_ledger_fetch(l, now, FETCH_SECONDS, err);
	l->unsure = got == JIT_TROUBLE;
	if (l->unsure)
		return jit_fail(err, JIT_TROUBLE,
			"%.500s; whether it was recorded is not known yet",
			why.text);
	if (got < 0 || l->arrived >= 0)
		return got;
	*again = true;
	if (memcmp(base, l->state->oid, JIT_OID) != 0) {
		l->unmoved = 0;
		return jit_fail(err, JIT_BUSY, "another writer was faster");
	}
	*err = why;
	*again = rc != JIT_NO &&
		++l->unmoved < (rc == JIT_BUSY ? LOCKED : UNMOVED);
	return rc;
}

static int
send_once(bool *again, struct jit_draft *d, struct jit_ledger *l,
	const struct jit_plan *p, struct jit_error *err)
{
	unsigned char *oid = l->sent[l->sent_count], base[JIT_OID];
	bool moved;
	int rc;

	*again = false;
	rc = jit_ledger_verify(&moved, l, p->now, err);
	if (rc < 0 || l->arrived >= 0)
		return rc;
	rc = jit_ledger_make(d, l, p, err);
	if (rc == 0)
		rc = jit_store_write(oid, l->store, d->raw.data, d->raw.len,
			err);
	if (rc < 0)
		return rc;
	l->sent_count++;
	memcpy(base, l->state->oid, JIT_OID);
	rc = jit_remote_push(l->remote, oid, PUSH_SECONDS, err);
	if (rc == 0)
		return accepted(l, d, oid, p->now, err);
	return learn(again, l, base, rc, p->now, err);
}

/* Whose answer was lost, or who is the draft. */
static int
give(struct jit_commit *made, struct jit_ledger *l, struct jit_draft *d,
	struct jit_error *err)
{
	struct jit_buf raw = {0};
	int rc;

	if (l->arrived < 0) {
		*made = d->commit;
		d->made = false; /* transferred */
		return 0;
	}
	rc = jit_store_read(&raw, l->store, l->sent[l->arrived], JIT_COMMIT_MAX,
		err);
	if (rc == 0)
		rc = jit_commit_decode(made, raw.data, raw.len, err);
	jit_buf_free(&raw);
	return rc;
}

/*
 * It was not reached a moment ago, and nobody else has heard it since: one
 * that hangs would hold up all else there is to do.
 */
static bool
is_away(const struct jit_ledger *l)
{
	return !jit_deadline_over(l->let_be) &&
		jit_ledger_heard(l) == l->away_heard;
}

static int
tries_of(const struct jit_signer *s)
{
	if (jit_signer_key(s)->type == JIT_SK_ED25519)
		return TOUCH_TRIES;
	return jit_signer_slow(s) ? SLOW_TRIES : JIT_LEDGER_TRIES;
}

/*
 * Who was busy for long asks first: what does not answer then has been sent
 * nothing, and that is known.
 */
static int
hear(struct jit_ledger *l, int64_t now, struct jit_error *err)
{
	int64_t heard = jit_ledger_heard(l);

	if (heard <= now && now - heard <= JUST_NOW)
		return 0;
	return jit_ledger_fetch(l, now, FETCH_SECONDS, err);
}

int
jit_ledger_send(struct jit_commit *made, struct jit_ledger *l,
	const struct jit_plan *p, struct jit_error *err)
{
	struct jit_error local = {0}, *e = err != NULL ? err : &local;
	int i, most = tries_of(p->signer), rc = JIT_BUSY;
	struct jit_draft d = {0};
	bool again = true;

	if (l->remote == NULL)
		return jit_fail(e, JIT_TROUBLE,
			"the tip of this ledger is at '%s', which is not asked "
			"from here",
			jit_ledger_url(l));
	l->unsure = false;
	if (is_away(l)) {
		*e = l->away;
		return JIT_TROUBLE;
	}
	l->sent_count = l->unmoved = 0;
	l->arrived = -1;
	rc = hear(l, p->now, e);
	if (rc < 0)
		return rc;
	for (i = 0; again && i < most; i++) {
		jit_draft_free(&d);
		rc = send_once(&again, &d, l, p, e);
	}
	if (rc == 0 && made != NULL)
		rc = give(made, l, &d, e);
	l->sent_count = 0;
	jit_draft_free(&d);
	return rc;
}
