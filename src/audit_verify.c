/* SPDX-License-Identifier: ISC */
/*
 * jit-audit verify: replay everything from genesis. What this user's
 * programs remember is only compared; nothing is written.
 */
#include "audit.h"

#include <string.h>

#include "elder.h"
#include "name.h"
#include "progress.h"
#include "recall.h"
#include "span.h"
#include "when.h"

#define ELDERS 16

struct verification {
	struct audit *audit;
	struct jit_store *store;
	struct jit_state *state;   /* at the tip */
	char succeeds[JIT_HEX256]; /* an older ledger's last good event; "" */
	struct jit_verdict verdict;
	struct jit_json *oddities;
	int64_t late, latest, gone; /* what came late, how late at most, and
				       how much of it of who was retired */
	struct recall recall;
	struct progress progress;
	struct elder elders[ELDERS]; /* the youngest first */
};

/* What stock git would not see, said and listed. */
static int
list_oddities(struct verification *v, struct jit_error *err)
{
	struct jit_buf lines = {0};
	const char *end;
	char *line;
	bool kept = true;

	v->oddities = jit_json_list();
	jit_store_oddities(&lines, v->store);
	line = (char *)lines.data;
	while (line && *line && kept) {
		end = strchr(line, '\n');
		if (end)
			lines.data[end - (char *)lines.data] = '\0';
		cli_hint(&v->audit->cli, "%s", line);
		kept = jit_json_add_text(v->oddities, line);
		line = end ? line + strlen(line) + 1 : NULL;
	}
	jit_buf_free(&lines);
	return kept && v->oddities ? 0 : jit_nomem(err);
}

static void
count_late(struct verification *v, const struct jit_event *ev,
	const struct jit_state *after)
{
	int64_t late = ev->at - jit_event_said(ev)->at;

	v->late++;
	v->latest = late > v->latest ? late : v->latest;
	v->gone += !jit_state_key(after, jit_event_said(ev)->key);
}

/* What was made without the ledger says itself when that was. */
static void
say_late(const struct verification *v)
{
	struct jit_buf span = {0};

	if (!v->late)
		return;
	span_spell(&span, v->latest);
	cli_hint(&v->audit->cli,
		"%lld %s without the ledger and delivered later, by %s at "
		"most, %lld of them of a key that was retired by then",
		(long long)v->late,
		v->late == 1 ? "event was made" : "events were made",
		jit_buf_text(&span), (long long)v->gone);
	jit_buf_free(&span);
}

static int
visit(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct verification *v = arg;

	(void)oid;
	(void)err;
	if (c->event.type == JIT_LATE)
		count_late(v, &c->event, after);
	if (c->event.type == JIT_GENESIS && c->event.succeeds)
		memcpy(v->succeeds, c->event.succeeds, JIT_HEX256);
	recall_visit(&v->recall, after);
	progress_tell(&v->progress, after->seq, v->verdict.events);
	return 0;
}

static int
compare_genesis(const struct verification *v, struct jit_error *err)
{
	const char *want = v->audit->genesis;

	if (!want || strcmp(want, v->state->genesis) == 0)
		return 0;
	return jit_fail(err, JIT_EVIDENCE,
		"swapped: -g names the ledger %s, this is %s", want,
		v->state->genesis);
}

/* A tip from the future, or too old for --max-age: nothing can be told. */
static int
compare_clock(const struct verification *v, struct jit_error *err)
{
	int64_t age = v->audit->cli.now - v->state->at;
	int64_t most = v->audit->max_age;
	struct jit_buf is = {0}, may = {0};
	int rc = 0;

	span_spell(&is, age < 0 ? -age : age);
	jit_when_spell(&may, most);
	if (-age > 2 * v->state->policy.limits.skew)
		rc = jit_fail(err, JIT_TROUBLE,
			"this clock is %s behind the ledger's tip: check the "
			"clock",
			jit_buf_text(&is));
	else if (most && age > most)
		rc = jit_fail(err, JIT_TROUBLE,
			"stale: the newest event is %s old, at most %s is "
			"wanted: fetch a newer copy",
			jit_buf_text(&is), jit_buf_text(&may));
	jit_buf_free(&is);
	jit_buf_free(&may);
	return rc;
}

/* The ledgers that are said to come before this one, one after the other. */
static int
verify_elders(struct verification *v, struct jit_error *err)
{
	const struct cli_list *given = &v->audit->elders;
	const char *wanted = v->succeeds, *of = jit_store_path(v->store);
	size_t i;
	int rc;

	for (i = 0; i < given->count; i++) {
		if (wanted[0] == '\0')
			return jit_fail(err, JIT_EVIDENCE,
				"'%s' goes on after no other ledger, not after "
				"'%s'",
				of, given->at[i]);
		rc = elder_verify(&v->elders[i], &v->audit->cli, given->at[i],
			wanted, err);
		if (rc)
			return rc;
		wanted = v->elders[i].succeeds;
		of = v->elders[i].path;
	}
	if (wanted[0])
		cli_hint(&v->audit->cli,
			"'%s' goes on after an older ledger, which is not "
			"verified here: --predecessor LEDGER",
			of);
	return 0;
}

static int
verify(struct verification *v, struct jit_error *err)
{
	struct jit_known known = {
		0}; /* the way, and nothing of what is on it */
	int rc;

	rc = recall_read(&v->recall, v->store, err);
	if (rc == 0)
		rc = list_oddities(v, err);
	progress_start(&v->progress, &v->audit->cli);
	known.state = v->recall.state;
	if (rc == 0)
		rc = jit_ledger_replay(&v->verdict, &v->state, v->store, &known,
			visit, v, err);
	progress_end(&v->progress);
	if (rc == 0)
		rc = compare_genesis(v, err);
	if (rc == 0)
		rc = recall_compare(&v->recall, v->state->genesis,
			v->state->seq, err);
	if (rc == 0)
		rc = compare_clock(v, err);
	return rc ? rc : verify_elders(v, err);
}

/* By what the history is held fast: "-g", "memory", both, or nothing. */
static void
put_anchors(struct jit_buf *out, const struct verification *v)
{
	if (v->audit->genesis)
		jit_buf_str(out, "-g");
	if (v->recall.known)
		jit_buf_fmt(out, "%smemory", out->len ? " and " : "");
}

static void
print_good(const struct verification *v)
{
	const struct jit_state *s = v->state;
	struct jit_buf age = {0}, anchors = {0};
	size_t i;

	span_spell(&age, v->audit->cli.now - s->at);
	put_anchors(&anchors, v);
	cli_out("good: ");
	cli_out_text(jit_store_path(v->store));
	cli_out(" genesis %s seq %lld tip %s (%s ago), %s%s%s%s\n", s->genesis,
		(long long)s->seq, s->tip, jit_buf_text(&age),
		anchors.len ? "anchored by " : "not anchored",
		jit_buf_text(&anchors), v->succeeds[0] ? ", succeeds " : "",
		v->succeeds);
	jit_buf_free(&age);
	jit_buf_free(&anchors);
	for (i = 0; i < v->audit->elders.count; i++)
		elder_print(&v->elders[i], &v->audit->cli);
}

static bool
put_anchor_list(struct jit_json *o, const struct verification *v)
{
	struct jit_json *by = jit_json_list();
	bool put = by != NULL;

	if (put && v->audit->genesis)
		put = jit_json_add_text(by, "-g");
	if (put && v->recall.known)
		put = jit_json_add_text(by, "memory");
	put = jit_json_set(o, "anchored_by", by) && put;
	return put &&
		jit_json_set_bool(o, "anchored",
			v->audit->genesis || v->recall.known);
}

static bool
put_elders(struct jit_json *o, const struct verification *v)
{
	struct jit_json *list = jit_json_list();
	bool put = list != NULL;
	size_t i;

	for (i = 0; put && i < v->audit->elders.count; i++)
		put = jit_json_add(list, elder_json(&v->elders[i]));
	if (v->audit->elders.count)
		return jit_json_set(o, "predecessors", list) && put;
	jit_json_free(list);
	return put;
}

/* A text that is known, or nothing. */
static bool
put_known(struct jit_json *o, const char *name, const char *s)
{
	return s[0] == '\0' || jit_json_set_text(o, name, s);
}

static bool
put_good(struct jit_json *o, const struct verification *v)
{
	const struct jit_state *s = v->state;

	return jit_json_set_bool(o, "good", true) &&
		jit_json_set_text(o, "ledger", jit_store_path(v->store)) &&
		jit_json_set_text(o, "genesis", s->genesis) &&
		jit_json_set_text(o, "name", s->name) &&
		put_known(o, "succeeds", v->succeeds) &&
		jit_json_set_int(o, "seq", s->seq) &&
		jit_json_set_text(o, "tip", s->tip) &&
		jit_json_set_text(o, "oid", v->verdict.oid) &&
		jit_json_set_int(o, "at", s->at) &&
		jit_json_set_int(o, "age", v->audit->cli.now - s->at) &&
		(!v->late || jit_json_set_int(o, "late", v->late)) &&
		put_anchor_list(o, v) && put_elders(o, v) &&
		jit_json_set(o, "oddities", jit_json_keep(v->oddities));
}

/* The first bad event, as far as it can be named, and the last good one. */
static bool
put_bad(struct jit_json *o, const struct verification *v,
	const struct jit_error *err)
{
	const struct jit_verdict *found = &v->verdict;
	struct jit_json *bad = jit_json_object(), *until = jit_json_object();
	bool put;

	put = (!found->bad_seq ||
		      jit_json_set_int(bad, "seq", found->bad_seq)) &&
		put_known(bad, "oid", found->bad_oid) &&
		put_known(bad, "sha256", found->bad_sha256) &&
		put_known(bad, "rule", found->rule) &&
		jit_json_set_text(bad, "reason", err->text) &&
		jit_json_set_int(until, "seq", found->seq) &&
		put_known(until, "tip", found->tip) &&
		put_known(until, "oid", found->oid);
	put = jit_json_set(o, "bad", bad) && put;
	put = jit_json_set(o, "good_until", until) && put;
	return put && jit_json_set_bool(o, "good", false) &&
		jit_json_set_text(o, "ledger", jit_store_path(v->store)) &&
		jit_json_set(o, "oddities", jit_json_keep(v->oddities));
}

/* Good or bad is said; where nothing can be told, nothing is. */
static int
answer(const struct verification *v, int rc, struct jit_error *err)
{
	struct jit_json *o;
	bool made;

	if (rc == 0 && !v->audit->cli.json)
		print_good(v);
	if (rc == 0)
		say_late(v);
	if ((rc && rc != JIT_EVIDENCE) || !v->audit->cli.json)
		return rc;
	o = jit_json_object();
	made = rc == 0 ? put_good(o, v) : put_bad(o, v, err);
	if (made)
		cli_out_json(o);
	jit_json_free(o);
	return made ? rc : jit_nomem(err);
}

int
audit_verify(struct audit *a, struct jit_error *err)
{
	struct verification v = {.audit = a};
	const char *path = NULL;
	size_t i;
	int rc;

	if (a->elders.count > ELDERS)
		return cli_usage(&a->cli, err,
			"at most %d ledgers as --predecessor", ELDERS);
	if (a->genesis && !jit_name_sha256(a->genesis))
		return cli_usage(&a->cli, err,
			"-g wants a ledger's fingerprint: 64 lower-case hex "
			"digits, as jit-init prints it");
	rc = cli_ledger_path(&path, &a->cli, err);
	if (rc == 0)
		rc = jit_store_open(&v.store, path, err);
	if (rc == 0)
		rc = answer(&v, verify(&v, err), err);
	for (i = 0; i < a->elders.count; i++)
		elder_free(&v.elders[i]);
	jit_json_free(v.oddities);
	recall_free(&v.recall);
	jit_state_free(v.state);
	jit_store_free(v.store);
	return rc;
}
