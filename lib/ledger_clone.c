/* SPDX-License-Identifier: ISC */
/* A clone that is whole, verified and pinned before it has its name. */
#include <stdlib.h>
#include <string.h>

#include "ledger_inner.h"
#include "repo.h"

struct cloning {
	struct jit_verdict *v;
	const char *genesis; /* what it must be; NULL: nobody said */
	const struct jit_remote_way *way;
	int64_t now;
	int seconds;
};

/* All that the remote has, under its ref here; nothing is verified yet. */
static int
fetch_all(struct jit_store *store, const struct cloning *c,
	struct jit_error *err)
{
	struct jit_remote *r = NULL;
	unsigned char oid[JIT_OID];
	int rc;

	rc = jit_remote_open(&r, jit_store_objects(store),
		jit_store_sharing(store), c->way, err);
	if (rc == 0)
		rc = jit_remote_fetch(oid, r, NULL, c->seconds, err);
	jit_remote_free(r);
	if (rc == 0)
		return jit_fail(err, JIT_TROUBLE,
			"'%s' holds no ledger: it has no %s", c->way->url,
			JIT_REF);
	return rc < 0 ? rc : jit_store_swap(store, NULL, oid, err);
}

static int
compare(const struct cloning *c, const struct jit_state *s,
	struct jit_error *err)
{
	if (c->genesis != NULL && strcmp(c->genesis, s->genesis) != 0)
		return jit_fail(err, JIT_EVIDENCE,
			"swapped: -g names the ledger %s, '%s' holds %s",
			c->genesis, c->way->url, s->genesis);
	if (s->at - c->now > 2 * s->policy.limits.skew)
		return jit_ledger_clock("behind the ledger's tip",
			s->at - c->now, err);
	return 0;
}

static int
verify(struct jit_store *store, const struct cloning *c, struct jit_error *err)
{
	struct jit_state *s = NULL;
	int rc;

	rc = jit_ledger_replay(c->v, &s, store, NULL, NULL, NULL, err);
	if (rc < 0)
		return jit_within(err, rc, "'%s'", c->way->url);
	rc = compare(c, s, err);
	if (rc == 0)
		rc = jit_store_set(store, "jit.remote", c->way->url, err);
	if (rc == 0)
		rc = jit_store_set(store, "jit.genesis", s->genesis, err);
	if (rc == 0)
		jit_ledger_note_heard(store, c->now);
	jit_state_free(s);
	return rc;
}

static int
fill(const char *path, void *arg, struct jit_error *err)
{
	const struct cloning *c = arg;
	struct jit_store *store = NULL;
	int rc;

	rc = jit_store_create(&store, path, err);
	if (rc == 0)
		rc = fetch_all(store, c, err);
	if (rc == 0)
		rc = verify(store, c, err);
	jit_store_free(store);
	return rc < 0 ? rc : jit_repo_sync_all(path, err);
}

int
jit_ledger_clone(struct jit_verdict *v, const char *path, const char *genesis,
	const struct jit_remote_way *way, int64_t now, int seconds,
	struct jit_error *err)
{
	struct cloning c = {v, genesis, way, now, seconds};

	return jit_ledger_publish(path, fill, &c, err);
}
