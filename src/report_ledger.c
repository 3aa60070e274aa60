/* SPDX-License-Identifier: ISC */
/*
 * What jit-report reports of: a ledger that is replayed as jit-audit verify
 * does, but that what this user's programs verified before is not asked for
 * its signatures again.
 */
#include "report.h"

#include <string.h>

#include "name.h"
#include "span.h"
#include "when.h"

static int
visit(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct report *r = arg;
	int rc = 0;

	recall_visit(&r->recall, after);
	if (!r->told_until || c->event.at < r->told_until)
		rc = jit_story_visit(c, oid, after, &r->stories, err);
	return rc || !r->visit ? rc : r->visit(c, oid, after, r->arg, err);
}

static int
compare(const struct report *r, struct jit_error *err)
{
	const struct jit_state *s = r->state;

	if (r->genesis && strcmp(r->genesis, s->genesis) != 0)
		return jit_fail(err, JIT_EVIDENCE,
			"swapped: -g names the ledger %s, this is %s",
			r->genesis, s->genesis);
	if (r->cli.now + 2 * s->policy.limits.skew < s->at)
		return jit_fail(err, JIT_TROUBLE,
			"this clock is behind the ledger's tip: check the "
			"clock");
	return recall_compare(&r->recall, s->genesis, s->seq, err);
}

int
report_read(struct report *r, struct jit_error *err)
{
	struct jit_known known = {.trusted = true};
	const char *path = NULL;
	int rc;

	if (r->genesis && !jit_name_sha256(r->genesis))
		return cli_usage(&r->cli, err,
			"-g wants a ledger's fingerprint: 64 lower-case hex "
			"digits, as jit-init prints it");
	rc = cli_ledger_path(&path, &r->cli, err);
	if (rc == 0)
		rc = jit_store_open(&r->store, path, err);
	if (rc == 0)
		rc = recall_read(&r->recall, r->store, err);
	known.state = r->recall.state;
	if (rc == 0)
		rc = jit_ledger_replay(&r->verdict, &r->state, r->store, &known,
			visit, r, err);
	return rc ? rc : compare(r, err);
}

/* By what the history is held fast: "-g", "memory", both, or nothing. */
static const char *
anchors(const struct report *r)
{
	if (r->genesis && r->recall.known)
		return "-g and memory";
	if (r->genesis)
		return "-g";
	return r->recall.known ? "memory" : NULL;
}

void
report_print_ledger(const struct report *r)
{
	const struct jit_state *s = r->state;
	const char *by = anchors(r);
	struct jit_buf age = {0};

	span_spell(&age, r->cli.now - s->at);
	cli_out("good: ");
	cli_out_text(jit_store_path(r->store));
	cli_out(" genesis %s seq %lld tip %s (%s ago), %s%s\n", s->genesis,
		(long long)s->seq, s->tip, jit_buf_text(&age),
		by ? "anchored by " : "not anchored", by ? by : "");
	jit_buf_free(&age);
}

struct jit_json *
report_ledger_json(const struct report *r)
{
	const struct jit_state *s = r->state;
	const char *by = anchors(r);
	struct jit_json *o = jit_json_object();

	if (jit_json_set_bool(o, "good", true) &&
		jit_json_set_text(o, "ledger", jit_store_path(r->store)) &&
		jit_json_set_text(o, "name", s->name) &&
		jit_json_set_text(o, "genesis", s->genesis) &&
		jit_json_set_int(o, "seq", s->seq) &&
		jit_json_set_text(o, "tip", s->tip) &&
		jit_json_set_int(o, "at", s->at) &&
		jit_json_set_bool(o, "anchored", by != NULL) &&
		(!by || jit_json_set_text(o, "anchored_by", by)))
		return o;
	jit_json_free(o);
	return NULL;
}

void
report_free(struct report *r)
{
	controls_free(&r->controls);
	recall_free(&r->recall);
	jit_figures_free(&r->figures);
	jit_stories_free(&r->stories);
	jit_state_free(r->state);
	jit_store_free(r->store);
}
