/* SPDX-License-Identifier: ISC */
#include "elder.h"

#include <stdlib.h>
#include <string.h>

#include "recall.h"
#include "span.h"

struct replaying {
	struct elder *elder;
	struct recall recall;
};

static int
visit(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct replaying *r = arg;
	struct elder *e = r->elder;

	recall_visit(&r->recall, after);
	if (c->event.type == JIT_GENESIS) {
		memcpy(e->genesis, after->genesis, JIT_HEX256);
		e->name = strdup(c->event.name);
		if (!e->name)
			return jit_nomem(err);
		if (c->event.succeeds)
			memcpy(e->succeeds, c->event.succeeds, JIT_HEX256);
	}
	if (strcmp(after->tip, e->wanted) == 0) {
		e->seq = after->seq;
		e->at = after->at;
		jit_hex(e->oid, oid, JIT_OID);
	}
	return 0;
}

/* What it is that is bad: before the event that is wanted, or only after. */
static int
conclude(struct elder *e, const struct cli *c, const struct jit_verdict *v,
	int rc, struct jit_error *err)
{
	if (rc && rc != JIT_EVIDENCE)
		return rc;
	if (e->seq == 0 && rc == 0)
		return jit_fail(err, JIT_EVIDENCE,
			"it has no event with the sha256 %s, the one that is "
			"succeeded",
			e->wanted);
	if (e->seq == 0)
		return rc;
	e->after = v->seq - e->seq;
	if (rc)
		cli_hint(c, "'%s': bad after the event that is succeeded: %s",
			e->path, err->text);
	else if (e->after)
		cli_hint(c,
			"'%s': %lld good event%s after the one that is "
			"succeeded",
			e->path, (long long)e->after,
			e->after == 1 ? " comes" : "s come");
	return 0;
}

static int
replay(struct elder *e, const struct cli *c, struct jit_store *store,
	struct jit_error *err)
{
	struct replaying r = {.elder = e};
	struct jit_known known = {0};
	struct jit_verdict v;
	int rc;

	e->path = strdup(jit_store_path(store));
	if (!e->path)
		return jit_nomem(err);
	rc = recall_read(&r.recall, store, err);
	if (rc)
		return rc;
	known.state = r.recall.state;
	rc = jit_ledger_replay(&v, NULL, store, &known, visit, &r, err);
	rc = conclude(e, c, &v, rc, err);
	if (rc == 0)
		rc = recall_compare(&r.recall, e->genesis, v.seq, err);
	recall_free(&r.recall);
	return rc;
}

int
elder_verify(struct elder *e, const struct cli *c, const char *path,
	const char *wanted, struct jit_error *err)
{
	struct jit_store *store = NULL;
	int rc;

	memcpy(e->wanted, wanted, JIT_HEX256);
	rc = jit_store_open(&store, path, err);
	if (rc)
		return rc;
	rc = replay(e, c, store, err);
	jit_store_free(store);
	return rc ? jit_within(err, rc, "predecessor '%s'", path) : 0;
}

void
elder_print(const struct elder *e, const struct cli *c)
{
	struct jit_buf age = {0};

	span_spell(&age, c->now - e->at);
	cli_out("good: ");
	cli_out_text(e->path);
	cli_out(" genesis %s seq %lld tip %s (%s ago), succeeded%s%s\n",
		e->genesis, (long long)e->seq, e->wanted, jit_buf_text(&age),
		e->succeeds[0] ? ", succeeds " : "", e->succeeds);
	jit_buf_free(&age);
}

struct jit_json *
elder_json(const struct elder *e)
{
	struct jit_json *o = jit_json_object();

	if (jit_json_set_text(o, "ledger", e->path) &&
		jit_json_set_text(o, "genesis", e->genesis) &&
		jit_json_set_text(o, "name", e->name) &&
		jit_json_set_int(o, "seq", e->seq) &&
		jit_json_set_text(o, "tip", e->wanted) &&
		jit_json_set_text(o, "oid", e->oid) &&
		jit_json_set_int(o, "at", e->at) &&
		jit_json_set_int(o, "after", e->after) &&
		(!e->succeeds[0] ||
			jit_json_set_text(o, "succeeds", e->succeeds)))
		return o;
	jit_json_free(o);
	return NULL;
}

void
elder_free(struct elder *e)
{
	free(e->path);
	free(e->name);
}
