/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "ledger_inner.h"
#include "replay.h"

/* What is not decoded well enough to be an event has no more than its id. */
static void
note_bad(struct jit_verdict *v, const struct jit_state *s,
	const unsigned char oid[JIT_OID], const char *sha256,
	const struct jit_error *err)
{
	v->bad_seq = s->seq + 1;
	jit_hex(v->bad_oid, oid, JIT_OID);
	memcpy(v->bad_sha256, sha256, strlen(sha256) + 1);
	if (err != NULL)
		memcpy(v->rule, err->rule, sizeof(v->rule));
}

static void
note_good(struct jit_verdict *v, const struct jit_state *s)
{
	v->seq = s->seq;
	memcpy(v->tip, s->tip, JIT_HEX256);
	jit_hex(v->oid, s->oid, JIT_OID);
}

/* Forward over the whole trail, oldest first. */
static int
replay(struct jit_verdict *v, struct jit_state *s, struct jit_store *store,
	const struct jit_trail *trail, jit_ledger_visit *visit, void *arg,
	struct jit_error *err)
{
	const unsigned char *oid;
	char sha256[JIT_HEX256];
	struct jit_buf raw = {0};
	struct jit_commit c = {0};
	int rc = 0;
	size_t i;

	for (i = trail->count; rc == 0 && i > 0; i--) {
		oid = trail->oid[i - 1];
		rc = jit_replay_step(&c, sha256, s, store, &raw, oid, err);
		if (rc < 0) {
			note_bad(v, s, oid, sha256, err);
			break;
		}
		note_good(v, s);
		if (visit != NULL)
			rc = visit(&c, oid, s, arg, err);
		jit_commit_free(&c);
	}
	jit_buf_free(&raw);
	return rc;
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
	if (rc == 0)
		rc = replay(v, s, store, &trail, visit, arg, e);
	jit_trail_free(&trail);
	if (rc == 0 && state != NULL) {
		*state = s;
		s = NULL; /* transferred */
	}
	jit_state_free(s);
	return rc;
}

int
jit_ledger_back(struct jit_ledger *l, jit_ledger_visit *visit, void *arg,
	struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(l);
	struct jit_store *store = jit_ledger_store(l);
	unsigned char oid[JIT_OID], next[JIT_OID];
	char want[JIT_HEX256];
	struct jit_buf raw = {0};
	struct jit_commit c = {0};
	bool more = true;
	int rc = 0;

	if (jit_ledger_away(l))
		return jit_fail(err, JIT_TROUBLE,
			"'%s' is out of reach, and so is its history", l->path);
	memcpy(next, s->oid, JIT_OID);
	memcpy(want, s->tip, JIT_HEX256);
	while (rc == 0 && more) {
		memcpy(oid, next, JIT_OID);
		rc = jit_replay_known(&c, store, &raw, oid, want, err);
		if (rc < 0)
			break;
		more = c.has_parent;
		memcpy(next, c.parent, JIT_OID);
		snprintf(want, sizeof(want), "%s", c.event.prev);
		rc = visit(&c, oid, NULL, arg, err);
		jit_commit_free(&c);
	}
	jit_buf_free(&raw);
	return rc > 0 ? 0 : rc;
}
