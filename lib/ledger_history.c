/* SPDX-License-Identifier: ISC */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ledger_inner.h"
#include "replay.h"

/* What a replay tells its caller, and whom else it tells. */
struct telling {
	struct jit_verdict *v;
	jit_ledger_visit *visit;
	void *arg;
};

static int
note_good(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct telling *t = arg;

	t->v->seq = after->seq;
	memcpy(t->v->tip, after->tip, JIT_HEX256);
	jit_hex(t->v->oid, oid, JIT_OID);
	return t->visit ? t->visit(c, oid, after, t->arg, err) : 0;
}

/* What is not decoded well enough to be an event has no more than its id. */
static void
note_bad(struct jit_verdict *v, const struct jit_misfit *bad,
	const struct jit_error *err)
{
	if (bad->seq == 0)
		return;
	v->bad_seq = bad->seq;
	jit_hex(v->bad_oid, bad->oid, JIT_OID);
	memcpy(v->bad_sha256, bad->sha256, JIT_HEX256);
	memcpy(v->rule, err->rule, sizeof(v->rule));
}

/* Whether 'tip' descends from 'from': 1, 0 or a code. */
static int
descends(struct jit_store *store, const unsigned char tip[JIT_OID],
	const unsigned char from[JIT_OID], char at[JIT_OID_HEX],
	struct jit_error *err)
{
	struct jit_trail trail = {0};
	int rc;

	rc = jit_trail_walk(&trail, store, tip, from, at, err);
	jit_trail_free(&trail);
	return rc;
}

/*
 * A plain clone has two refs of a ledger, its own and the upstream's: the
 * newer one counts, if one goes on where the other stops. 1, 0 or a code.
 */
static int
newest(unsigned char tip[JIT_OID], struct jit_store *store,
	char at[JIT_OID_HEX], struct jit_error *err)
{
	unsigned char up[JIT_OID];
	int rc, above;

	rc = jit_store_tip(tip, store, err);
	if (rc <= 0)
		return rc;
	above = jit_store_upstream(up, store, err);
	if (above <= 0 || memcmp(up, tip, JIT_OID) == 0)
		return above < 0 ? above : 1;
	rc = descends(store, up, tip, at, err);
	if (rc > 0)
		memcpy(tip, up, JIT_OID);
	if (rc == 0)
		rc = descends(store, tip, up, at, err);
	if (rc == 0)
		rc = jit_fail(err, JIT_EVIDENCE,
			"forked: %s and its upstream have gone different ways: "
			"ask others for their clone; see jit-ledger(5)",
			JIT_REF);
	return rc;
}

/* A replay of all of it. */
struct whole {
	struct jit_verdict *v;
	struct jit_store *store;
	struct jit_state *s;
	struct telling telling;
};

static int
forward(struct whole *w, const struct jit_trail *trail, struct jit_error *err)
{
	struct jit_misfit bad = {0};
	int rc = jit_replay(&bad, w->s, w->store, trail, note_good, &w->telling,
		err);

	note_bad(w->v, &bad, err);
	return rc;
}

/* A part of what is known, from one stone to the next. */
struct part {
	struct jit_store *store;
	const unsigned char *from, *to; /* 'from' NULL: from genesis */
	struct jit_trail trail;
	char at[JIT_OID_HEX];
	struct jit_error err;
	int rc;
	bool apart; /* a thread of its own walks it */
	pthread_t walker;
};

static void *
walk_part(void *arg)
{
	struct part *p = arg;

	p->rc = jit_trail_walk(&p->trail, p->store, p->to, p->from, p->at,
		&p->err);
	if (p->rc == 0 && p->from != NULL)
		p->rc = jit_fail(&p->err, JIT_EVIDENCE,
			"altered: it is not the history that was verified");
	return NULL;
}

/* Begin to walk it; signals are the caller's. */
static void
start_part(struct part *p)
{
	sigset_t all, before;

	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return;
	p->apart = pthread_create(&p->walker, NULL, walk_part, p) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void
finish_part(struct part *p)
{
	if (p->apart)
		pthread_join(p->walker, NULL);
	else
		walk_part(p);
	p->apart = false;
}

static int
replay_part(struct whole *w, struct part *p, bool trusted,
	struct jit_error *err)
{
	if (p->rc < 0) {
		memcpy(w->v->bad_oid, p->at, JIT_OID_HEX);
		*err = p->err;
		return p->rc;
	}
	p->trail.known = trusted ? p->trail.count : 0;
	return forward(w, &p->trail, err);
}

/* The nth part of what was verified before. */
static void
set_part(struct part *p, const struct whole *w, const struct jit_state *was,
	size_t n)
{
	int64_t before = n > 0 ? was->stones[n - 1].seq : 0;
	bool last = n == was->stones_count;

	memset(p, 0, sizeof(*p));
	p->store = w->store;
	p->from = n > 0 ? was->stones[n - 1].oid : NULL;
	p->to = last ? was->oid : was->stones[n].oid;
	p->trail.most =
		(size_t)((last ? was->seq : was->stones[n].seq) - before) + 1;
}

/*
 * What was verified before, from stone to stone: what lies between two is
 * read once, for its bytes are kept from the way back, and while one part is
 * replayed the next is read.
 */
static int
replay_known(struct whole *w, const struct jit_known *known,
	struct jit_error *err)
{
	const struct jit_state *was = known->state;
	struct part now, next;
	size_t i;
	int rc = 0;

	set_part(&next, w, was, 0);
	for (i = 0; rc == 0 && i <= was->stones_count; i++) {
		finish_part(&next);
		now = next;
		memset(&next, 0, sizeof(next));
		if (i < was->stones_count) {
			set_part(&next, w, was, i + 1);
			start_part(&next);
		}
		rc = replay_part(w, &now, known->trusted, err);
		jit_trail_free(&now.trail);
	}
	if (next.apart)
		finish_part(&next);
	jit_trail_free(&next.trail);
	if (rc == 0 && strcmp(w->s->tip, was->tip) != 0)
		rc = jit_fail(err, JIT_EVIDENCE,
			"altered: event %lld has the sha256 %.12s, it had "
			"%.12s when it was verified",
			(long long)w->s->seq, w->s->tip, was->tip);
	return rc;
}

/* The tip's way back says whether what is known is still a part of it. */
static int
replay(struct whole *w, const unsigned char tip[JIT_OID],
	const struct jit_known *known, struct jit_error *err)
{
	const struct jit_state *was = known ? known->state : NULL;
	struct jit_trail trail = {0};
	int rc;

	rc = jit_trail_walk(&trail, w->store, tip, was ? was->oid : NULL,
		w->v->bad_oid, err);
	w->v->events = (int64_t)trail.count + (rc > 0 && was ? was->seq : 0);
	if (rc > 0 && known) {
		jit_store_known(w->store, known->trusted);
		rc = replay_known(w, known, err);
		jit_store_known(w->store, false);
	}
	if (rc == 0)
		rc = forward(w, &trail, err);
	jit_trail_free(&trail);
	return rc;
}

int
jit_ledger_replay(struct jit_verdict *v, struct jit_state **state,
	struct jit_store *store, const struct jit_known *known,
	jit_ledger_visit *visit, void *arg, struct jit_error *err)
{
	struct jit_error local = {0}, *e = err != NULL ? err : &local;
	struct whole w = {v, store, NULL, {v, visit, arg}};
	unsigned char tip[JIT_OID];
	int rc;

	memset(v, 0, sizeof(*v));
	rc = newest(tip, store, v->bad_oid, e);
	if (rc == 0)
		rc = jit_fail(e, JIT_EVIDENCE,
			"'%s' holds no events: it has "
			"no %s",
			jit_store_path(store), JIT_REF);
	if (rc > 0)
		rc = jit_state_new(&w.s, e);
	if (rc == 0)
		rc = replay(&w, tip, known && known->state ? known : NULL, e);
	if (rc == 0 && state != NULL) {
		*state = w.s;
		w.s = NULL; /* transferred */
	}
	jit_state_free(w.s);
	return rc;
}

/* Newest first, from 'oid' on, whose SHA-256 must be 'sha256'. */
static int
back(struct jit_store *store, const unsigned char oid[JIT_OID],
	const char *sha256, jit_ledger_visit *visit, void *arg,
	struct jit_error *err)
{
	unsigned char at[JIT_OID], next[JIT_OID];
	char want[JIT_HEX256];
	struct jit_buf raw = {0};
	struct jit_commit c = {0};
	bool more = true;
	int rc = 0;

	if (store == NULL)
		return jit_fail(err, JIT_TROUBLE,
			"the ledger is out of reach, and its history with it");
	memcpy(next, oid, JIT_OID);
	memcpy(want, sha256, JIT_HEX256);
	while (rc == 0 && more) {
		memcpy(at, next, JIT_OID);
		rc = jit_replay_known(&c, store, &raw, at, want, err);
		if (rc < 0)
			break;
		more = c.has_parent;
		memcpy(next, c.parent, JIT_OID);
		snprintf(want, sizeof(want), "%s", c.event.prev);
		rc = visit(&c, at, NULL, arg, err);
		jit_commit_free(&c);
	}
	jit_buf_free(&raw);
	return rc > 0 ? 0 : rc;
}

int
jit_ledger_back(struct jit_ledger *l, jit_ledger_visit *visit, void *arg,
	struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(l);

	return back(jit_ledger_store(l), s->oid, s->tip, visit, arg, err);
}

int
jit_ledger_back_from(struct jit_ledger *l, const unsigned char oid[JIT_OID],
	const unsigned char sha256[JIT_SHA256], jit_ledger_visit *visit,
	void *arg, struct jit_error *err)
{
	char hex[JIT_HEX256];

	jit_hex(hex, sha256, JIT_SHA256);
	return back(jit_ledger_store(l), oid, hex, visit, arg, err);
}
