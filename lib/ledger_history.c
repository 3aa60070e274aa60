/* SPDX-License-Identifier: ISC */
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

int
jit_ledger_replay(struct jit_verdict *v, struct jit_state **state,
	struct jit_store *store, jit_ledger_visit *visit, void *arg,
	struct jit_error *err)
{
	struct jit_error local = {0}, *e = err != NULL ? err : &local;
	struct jit_trail trail = {0};
	unsigned char tip[JIT_OID];
	struct telling telling = {v, visit, arg};
	struct jit_misfit bad = {0};
	struct jit_state *s = NULL;
	int rc;

	memset(v, 0, sizeof(*v));
	rc = newest(tip, store, v->bad_oid, e);
	if (rc == 0)
		rc = jit_fail(e, JIT_EVIDENCE,
			"'%s' holds no events: it has "
			"no %s",
			jit_store_path(store), JIT_REF);
	if (rc > 0)
		rc = jit_trail_walk(&trail, store, tip, NULL, v->bad_oid, e);
	if (rc == 0)
		rc = jit_state_new(&s, e);
	v->events = (int64_t)trail.count;
	if (rc == 0)
		rc = jit_replay(&bad, s, store, &trail, note_good, &telling, e);
	note_bad(v, &bad, e);
	jit_trail_free(&trail);
	if (rc == 0 && state != NULL) {
		*state = s;
		s = NULL; /* transferred */
	}
	jit_state_free(s);
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
