/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "ledger_inner.h"
#include "name.h"
#include "replay.h"
#include "when.h"

#define AHEAD 5 /* seconds that an event may be ahead of a server's clock */

/* A push, and what it is held against. */
struct gate {
	struct jit_ledger *l;
	const struct jit_push *push;
	struct jit_buf genesis; /* jit.genesis, or empty */
	struct jit_trail trail; /* what is new, newest first */
	int64_t now;
};

/* The state as of the ref, which is where the pusher saw it. */
static int
stand_at_tip(struct gate *g, struct jit_error *err)
{
	const unsigned char *old = g->push->old;
	struct jit_ledger *l = g->l;
	struct jit_trail trail = {0};
	unsigned char tip[JIT_OID];
	int rc;

	rc = jit_store_tip(tip, l->store, err);
	if (rc < 0)
		return rc;
	if (rc == 0 && l->known)
		return jit_ledger_at_tip(l, tip, err);
	if ((rc > 0) != (old != NULL) ||
		(old != NULL && memcmp(tip, old, JIT_OID) != 0))
		return jit_fail(err, JIT_BUSY,
			"another writer was faster: fetch, and push again");
	if (rc > 0)
		rc = jit_ledger_catch_up(&trail, l, tip, err);
	jit_trail_free(&trail);
	return rc;
}

/* The owner's word of which ledger this is, where there is one. */
static int
read_pin(struct gate *g, struct jit_error *err)
{
	int rc;

	rc = jit_store_own(&g->genesis, g->l->store, "jit.genesis", err);
	if (rc > 0 && !jit_name_sha256(jit_buf_text(&g->genesis)))
		return jit_fail(err, JIT_TROUBLE,
			"'%s/config': jit.genesis is no ledger's fingerprint: "
			"64 lower-case hex digits",
			jit_store_path(g->l->store));
	if (rc != 0 || g->l->state->seq > 0)
		return rc < 0 ? rc : 0;
	return jit_fail(err, JIT_NO,
		"no ledger is here and none is expected: on the server, git "
		"-C %s config jit.genesis FINGERPRINT",
		jit_store_path(g->l->store));
}

static int
compare_pin(const struct gate *g, struct jit_error *err)
{
	const char *found = g->l->state->genesis;

	if (g->genesis.len == 0 || g->l->state->seq == 0 ||
		strcmp(found, jit_buf_text(&g->genesis)) == 0)
		return 0;
	return jit_fail(err, JIT_EVIDENCE,
		"swapped: expected the ledger %.12s, which jit.genesis names, "
		"found the ledger %.12s",
		jit_buf_text(&g->genesis), found);
}

/* From the new tip back to the one that is there. */
static int
walk(struct gate *g, struct jit_error *err)
{
	const struct jit_state *s = g->l->state;
	const unsigned char *from = s->seq > 0 ? s->oid : NULL;
	char at[JIT_OID_HEX];
	int rc;

	rc = jit_trail_walk(&g->trail, g->l->store, g->push->new, from, at,
		err);
	if (rc < 0)
		return jit_within(err, rc, "git %.8s", at);
	if (rc > 0 || from == NULL)
		return 0;
	return jit_fail(err, JIT_NO,
		"not a fast-forward: it does not go on after event %lld "
		"(sha256 %.12s), the newest here: fetch, and build on it",
		(long long)s->seq, s->tip);
}

/* An event from the future would keep all that are younger out. */
static int
compare_clock(const struct gate *g, struct jit_error *err)
{
	int64_t ahead = g->l->state->at - g->now;
	struct jit_buf span = {0};
	int rc;

	if (ahead <= AHEAD)
		return 0;
	jit_when_spell(&span, ahead);
	rc = jit_fail(err, JIT_NO,
		"event %lld is dated %s ahead of this server's clock: check "
		"both clocks",
		(long long)g->l->state->seq, jit_buf_text(&span));
	jit_buf_free(&span);
	return rc;
}

/* Of each event, that it is of the ledger expected here, and not of later. */
static int
look(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	const struct gate *g = arg;
	int rc = compare_pin(g, err);

	(void)c;
	(void)oid;
	(void)after;
	return rc ? rc : compare_clock(g, err);
}

static int
judge(struct gate *g, struct jit_error *err)
{
	struct jit_misfit bad;

	return jit_replay(&bad, g->l->state, g->l->store, &g->trail, look, g,
		err);
}

static int
by_name(const void *a, const void *b)
{
	return memcmp(a, b, JIT_OID);
}

static int
expect(const unsigned char oid[JIT_OID], void *arg, struct jit_error *err)
{
	static const unsigned char empty_tree[JIT_OID] = {0x4b, 0x82, 0x5d,
		0xc6, 0x42, 0xcb, 0x6e, 0xb9, 0xa0, 0x60, 0xe5, 0x4b, 0xf8,
		0xd6, 0x92, 0x88, 0xfb, 0xee, 0x49, 0x04};
	const struct jit_trail *trail = arg;
	char hex[JIT_OID_HEX];

	if (memcmp(oid, empty_tree, JIT_OID) == 0 ||
		(trail->count > 0 &&
			bsearch(oid, trail->oid, trail->count, JIT_OID,
				by_name) != NULL))
		return 0;
	jit_hex(hex, oid, JIT_OID);
	return jit_fail(err, JIT_NO,
		"object %s is no event of what is pushed: a ledger holds "
		"nothing else",
		hex);
}

/* What nothing leads to would stay here for ever. Spoils the trail's order. */
static int
refuse_strays(struct gate *g, struct jit_error *err)
{
	if (g->trail.count > 0)
		qsort(g->trail.oid, g->trail.count, JIT_OID, by_name);
	return jit_store_arrived(g->l->store, expect, &g->trail, err);
}

int
jit_ledger_receive(int64_t *seq, const char *path, const char *memory_dir,
	const struct jit_push *push, int64_t now, struct jit_error *err)
{
	struct gate g = {.push = push, .now = now};
	int rc;

	rc = jit_ledger_start(&g.l, path, memory_dir, err);
	if (rc < 0)
		return rc;
	rc = stand_at_tip(&g, err);
	if (rc == 0)
		rc = read_pin(&g, err);
	if (rc == 0)
		rc = compare_pin(&g, err);
	if (rc == 0 && push->inbox != NULL)
		rc = jit_store_inbox(g.l->store, push->inbox, err);
	if (rc == 0)
		rc = walk(&g, err);
	if (rc == 0)
		rc = judge(&g, err);
	if (rc == 0)
		rc = refuse_strays(&g, err);
	if (rc == 0 && seq != NULL)
		*seq = g.l->state->seq;
	jit_trail_free(&g.trail);
	jit_buf_free(&g.genesis);
	jit_ledger_free(g.l);
	return rc;
}
