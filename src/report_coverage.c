/* SPDX-License-Identifier: ISC */
/*
 * jit-report coverage: of each grant what there is and what is missing; and
 * what hosts logged, against what was given.
 */
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "name.h"
#include "report.h"
#include "table.h"
#include "text.h"
#include "when.h"

#define LOG_MAX ((size_t)1 << 30) /* bytes */

struct page {
	struct report *r;
	struct coverage c;
	struct coverage_log logs[64]; /* as many as a list has */
	size_t logs_count;
	size_t wanted,
		have[6]; /* grants, and of how many which step is there */
};

/* -- Reading --------------------------------------------------------------- */

static int
visit(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	const struct jit_event *ev = &c->event;
	struct page *x = arg;

	(void)oid;
	(void)after;
	if (ev->type != JIT_ISSUE)
		return 0;
	return coverage_issued(&x->c, jit_story_find(&x->r->stories, ev->id),
		jit_json_text(jit_json_get(ev->connect, "account")), err);
}

static int
read_zone(int64_t *seconds, const struct report *r, struct jit_error *err)
{
	struct jit_when_hours h = {0};

	if (!r->zone)
		return 0;
	if (jit_when_hours_read(&h, "mon", "00:00", "24:00", r->zone, NULL))
		return cli_usage(&r->cli, err,
			"--zone '%s' is no zone: Z, +01:00", r->zone);
	*seconds = h.offset;
	return 0;
}

/* "web-1=auth.log" or "auth.log". */
static int
read_log(struct page *x, const char *word, int64_t zone, struct jit_error *err)
{
	struct coverage_log *log = &x->logs[x->logs_count];
	const char *file = strchr(word, '=');
	char host[JIT_HOSTLOG_NAME] = "";
	struct jit_buf bytes = {0};
	int rc;

	if (file && (file == word || file - word >= JIT_HOSTLOG_NAME))
		return cli_usage(&x->r->cli, err,
			"--log wants FILE or NAME=FILE");
	if (file)
		memcpy(host, word, (size_t)(file - word));
	log->file = file ? file + 1 : word;
	rc = cli_read_file(&bytes, log->file, LOG_MAX, err);
	if (rc == 0)
		rc = coverage_log(log, &x->c, jit_buf_text(&bytes), bytes.len,
			file ? host : NULL, zone, err);
	jit_buf_free(&bytes);
	x->logs_count++;
	return rc;
}

/* -- Text ------------------------------------------------------------------ */

static void
print_log(const struct coverage_log *log)
{
	char from[JIT_STAMP], until[JIT_STAMP];

	cli_out("log ");
	cli_out_text(log->file);
	if (!log->entries) {
		cli_out(": no entries\n");
		return;
	}
	jit_when_stamp(from, log->from);
	jit_when_stamp(until, log->until);
	cli_out(": %zu entries from %s to %s, %zu logins, %zu commands by "
		"sudo, %zu unread\n",
		log->entries, from, until, log->logins, log->commands,
		log->unread);
	if (log->foreign)
		cli_out("  %zu of them on hosts that the policy does not "
			"guard\n",
			log->foreign);
}

static int
put_grant(struct table *t, const struct jit_story *g, const char *chain,
	struct jit_error *err)
{
	int rc = table_put(t, g->id, err);

	if (rc == 0)
		rc = table_put(t, chain, err);
	if (rc == 0)
		rc = table_put(t, g->resource, err);
	if (rc == 0)
		rc = table_put(t, g->role, err);
	return rc ? rc : table_put(t, g->by, err);
}

static void
count_steps(struct page *x, const char *chain)
{
	size_t i;

	x->wanted++;
	for (i = 0; i < 6; i++)
		x->have[i] += chain[i] != '-' && chain[i] != '.';
}

static int
print_grants(struct page *x, struct jit_error *err)
{
	static const char *const head[] = {"ID", "CHAIN", "RESOURCE", "ROLE",
		"BY"};
	const struct jit_stories *all = &x->r->stories;
	struct table t = {.columns = 5};
	char chain[7];
	size_t i;
	int rc = 0;

	for (i = 0; i < 5 && rc == 0; i++)
		rc = table_put(&t, head[i], err);
	for (i = 0; i < all->count && rc == 0; i++) {
		if (!coverage_wants(&x->r->scope, all->at[i]))
			continue;
		coverage_chain(chain, &x->c, all->at[i]);
		count_steps(x, chain);
		rc = put_grant(&t, all->at[i], chain, err);
	}
	if (rc == 0 && x->wanted) {
		cli_out("\n");
		table_print(&t);
	}
	table_free(&t);
	return rc;
}

static void
print_finding(const struct coverage_finding *f)
{
	cli_out("%-14s  ", coverage_kind_name(f->kind));
	if (f->file) {
		cli_out_text(f->file);
		cli_out(":%zu", f->line);
	} else {
		cli_out("%s", f->g->id);
	}
	cli_out("  ");
	cli_out_text(f->text);
	cli_out("\n");
}

static int
print_text(struct page *x, struct jit_error *err)
{
	size_t i;
	int rc;

	report_print_ledger(x->r);
	for (i = 0; i < x->logs_count; i++)
		print_log(&x->logs[i]);
	rc = print_grants(x, err);
	if (rc)
		return rc;
	if (x->c.count)
		cli_out("\n");
	for (i = 0; i < x->c.count; i++)
		print_finding(&x->c.findings[i]);
	cli_out("\n%zu asked, %zu approved, %zu issued, %zu used, %zu ended, "
		"%zu proven dead\n",
		x->wanted, x->have[1], x->have[2], x->have[3], x->have[4],
		x->have[5]);
	return 0;
}

/* -- JSON, an object a line ------------------------------------------------ */

static int
print_object(struct jit_json *o, bool good, struct jit_error *err)
{
	if (good)
		cli_out_json(o);
	jit_json_free(o);
	return good ? 0 : jit_nomem(err);
}

static int
print_head_json(const struct report *r, size_t findings, struct jit_error *err)
{
	struct jit_json *o = report_ledger_json(r);

	return print_object(o,
		jit_json_set_text(o, "type", "ledger") &&
			jit_json_set_int(o, "since", r->scope.since) &&
			jit_json_set_int(o, "until", r->scope.until) &&
			jit_json_set_int(o, "findings", (int64_t)findings),
		err);
}

/* Text that others wrote. */
static bool
put_shown(struct jit_json *o, const char *name, const char *text)
{
	struct jit_buf shown = {0};
	bool good;

	jit_text_escape(&shown, text, strlen(text));
	good = jit_json_set_text(o, name, jit_buf_text(&shown));
	jit_buf_free(&shown);
	return good;
}

static int
print_log_json(const struct coverage_log *log, struct jit_error *err)
{
	struct jit_json *o = jit_json_object();
	bool good = jit_json_set_text(o, "type", "log") &&
		put_shown(o, "file", log->file) &&
		jit_json_set_int(o, "entries", (int64_t)log->entries) &&
		jit_json_set_int(o, "logins", (int64_t)log->logins) &&
		jit_json_set_int(o, "commands", (int64_t)log->commands) &&
		jit_json_set_int(o, "foreign", (int64_t)log->foreign) &&
		jit_json_set_int(o, "unread", (int64_t)log->unread) &&
		jit_json_set_int(o, "from", log->from) &&
		jit_json_set_int(o, "until", log->until);

	return print_object(o, good, err);
}

static bool
put_step(struct jit_json *o, const char *name, char letter, int64_t at)
{
	if (letter == '-')
		return jit_json_set_bool(o, name, false);
	return letter == '.' || jit_json_set_int(o, name, at);
}

static int64_t
first_use(const struct jit_story *g)
{
	return g->uses ? g->uses->opened : 0;
}

/* Each step with when it was; false: it is missing; or not at all. */
static int
print_grant_json(const struct coverage *c, const struct jit_story *g,
	struct jit_error *err)
{
	struct jit_json *o = jit_json_object();
	char chain[7];
	bool good;

	coverage_chain(chain, c, g);
	good = jit_json_set_text(o, "type", "grant") &&
		jit_json_set_text(o, "id", g->id) &&
		jit_json_set_text(o, "by", g->by) &&
		jit_json_set_text(o, "resource", g->resource) &&
		jit_json_set_text(o, "role", g->role) &&
		jit_json_set_text(o, "task", g->task) &&
		jit_json_set_text(o, "chain", chain) &&
		put_step(o, "request", chain[0], g->at) &&
		put_step(o, "approve", chain[1], g->decided) &&
		put_step(o, "issue", chain[2], g->from) &&
		put_step(o, "use", chain[3], first_use(g)) &&
		put_step(o, "end", chain[4], g->ended) &&
		put_step(o, "proof", chain[5],
			g->dead ? g->dead : g->written_off);
	return print_object(o, good, err);
}

static int
print_finding_json(const struct coverage_finding *f, struct jit_error *err)
{
	struct jit_json *o = jit_json_object();
	bool good = jit_json_set_text(o, "type", "finding") &&
		jit_json_set_text(o, "kind", coverage_kind_name(f->kind)) &&
		put_shown(o, "text", f->text);

	if (good && f->g)
		good = jit_json_set_text(o, "id", f->g->id);
	if (good && f->file)
		good = put_shown(o, "file", f->file) &&
			jit_json_set_int(o, "line", (int64_t)f->line);
	if (good && f->at)
		good = jit_json_set_int(o, "at", f->at);
	return print_object(o, good, err);
}

static int
print_json(struct page *x, struct jit_error *err)
{
	const struct jit_stories *all = &x->r->stories;
	int rc = print_head_json(x->r, x->c.count, err);
	size_t i;

	for (i = 0; i < x->logs_count && rc == 0; i++)
		rc = print_log_json(&x->logs[i], err);
	for (i = 0; i < all->count && rc == 0; i++)
		if (coverage_wants(&x->r->scope, all->at[i]))
			rc = print_grant_json(&x->c, all->at[i], err);
	for (i = 0; i < x->c.count && rc == 0; i++)
		rc = print_finding_json(&x->c.findings[i], err);
	return rc;
}

/* -------------------------------------------------------------------------- */

/* All is told up to now: an end that came after the period is an end. */
static int
read_all(struct page *x, struct jit_error *err)
{
	struct report *r = x->r;
	int64_t until;
	int rc = report_scope_read(r, err);

	if (rc)
		return rc;
	until = r->told_until;
	r->told_until = 0;
	r->visit = visit;
	r->arg = x;
	rc = report_read(r, err);
	if (rc)
		return rc;
	report_scope_fill(r);
	if (until)
		r->scope.until = until;
	x->c.stories = &r->stories;
	x->c.policy = &r->state->policy;
	x->c.since = r->since ? r->scope.since : 0;
	x->c.until = until ? until : INT64_MAX;
	x->c.now = r->cli.now > r->state->at ? r->cli.now : r->state->at;
	return coverage_begin(&x->c, err);
}

static int
cover(struct page *x, struct jit_error *err)
{
	struct report *r = x->r;
	int64_t zone = 0;
	size_t i;
	int rc = read_zone(&zone, r, err);

	if (rc == 0)
		rc = read_all(x, err);
	for (i = 0; i < r->logs.count && rc == 0; i++)
		rc = read_log(x, r->logs.at[i], zone, err);
	if (rc == 0)
		rc = coverage_end(&x->c, &r->scope, err);
	if (rc == 0)
		rc = r->cli.json ? print_json(x, err) : print_text(x, err);
	if (rc == 0 && x->c.count)
		rc = jit_fail(err, JIT_FINDINGS, "to be looked at: %zu %s",
			x->c.count, x->c.count == 1 ? "finding" : "findings");
	return rc;
}

int
report_coverage(struct report *r, struct jit_error *err)
{
	struct page *x = calloc(1, sizeof(*x));
	int rc;

	if (!x)
		return jit_nomem(err);
	x->r = r;
	rc = cover(x, err);
	coverage_free(&x->c);
	free(x);
	return rc;
}
