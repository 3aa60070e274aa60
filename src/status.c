/* SPDX-License-Identifier: ISC */
/*
 * jit-status: what is pending and active, mine and what waits for me; and
 * collect what was issued to me.
 *
 * With ids the exit status is that of the first that is not active: 0
 * active, 4 pending or approved, 5 no such grant, 6 over (expired, lapsed,
 * refused by the policy now in force, or ended).
 */
#include "cli.h"

#include <string.h>

#include "collect.h"
#include "offer.h"
#include "owed.h"
#include "screen.h"
#include "span.h"
#include "table.h"
#include "when.h"

#define MONTH (30LL * 86400) /* seconds */

struct options {
	struct cli cli;
	bool pending, active, mine, waiting, owed;
	const char *dir;
};

static const char *const usage[] = {
	"[--pending] [--active] [--mine] [--waiting]", "--owed", "ID...",
	"-o DIR ID", NULL};

static const struct cli_option options[] = {CLI_ROW_LEDGER, CLI_ROW_WHO,
	{0, "pending", CLI_FLAG, NULL, "only what is asked and not issued",
		CLI_AT(options, pending)},
	{0, "active", CLI_FLAG, NULL, "only what is issued and not run out",
		CLI_AT(options, active)},
	{0, "mine", CLI_FLAG, NULL, "only what I asked for (-k)",
		CLI_AT(options, mine)},
	{0, "waiting", CLI_FLAG, NULL, "only what waits for my vote (-k)",
		CLI_AT(options, waiting)},
	{0, "owed", CLI_FLAG, NULL, "what is owed: reviews, ends of sessions",
		CLI_AT(options, owed)},
	{'o', "output", CLI_TEXT, "DIR",
		"put ID's certificate there, and its key if it is here",
		CLI_AT(options, dir)},
	CLI_ROW_JSON, CLI_ROW_QUIET, CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-status",
	"what is pending and active", usage, options, 0, 1024, NULL};

/* The stages of cli_grant_json, as an exit status and in words. */
static const struct stage {
	const char *name;
	int code;
	const char *says;
} stages[] = {
	{"active", 0, "is active"},
	{"pending", JIT_PENDING, "waits for its approval"},
	{"approved", JIT_PENDING, "waits to be issued"},
	{"expired", JIT_OVER, "has expired"},
	{"lapsed", JIT_OVER, "has lapsed: ask again"},
	{"refused", JIT_OVER, "is given by no rule any more"},
	{NULL, JIT_TROUBLE, "is in a stage that is not known"},
};

static const char *
text(const struct jit_json *o, const char *name)
{
	const char *s = jit_json_text(jit_json_get(o, name));

	return s ? s : "";
}

static int64_t
number(const struct jit_json *o, const char *name)
{
	int64_t n = 0;

	(void)jit_json_int(&n, jit_json_get(o, name));
	return n;
}

static const struct stage *
stage_of(const struct jit_json *o)
{
	const struct stage *s;

	for (s = stages; s->name; s++)
		if (strcmp(s->name, text(o, "stage")) == 0)
			break;
	return s;
}

/* "30m", or once issued "until 2026-11-22T06:42:00Z (12m left)" */
static void
put_time(struct jit_buf *out, const struct jit_json *o, int64_t now)
{
	int64_t until = number(o, "until"), would = number(o, "would_last");
	char stamp[JIT_STAMP];

	if (until == 0) {
		jit_when_spell(out, would > 0 ? would : number(o, "duration"));
		return;
	}
	jit_when_stamp(stamp, until);
	jit_buf_fmt(out, "until %s (", stamp);
	span_spell(out, now < until ? until - now : now - until);
	jit_buf_str(out, now < until ? " left)" : " ago)");
}

/* "1 of dba and 1 of security": the votes that are still missing; of broken
 * glass, which needs none, the review. */
static void
put_needs(struct jit_buf *out, const struct cli *c, const struct jit_grant *g)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	const struct jit_debt *debt = jit_state_debt(s, g->id);
	struct jit_standing st = {0};

	if (g->glass)
		jit_buf_str(out, "(break-glass)");
	if (debt)
		jit_buf_fmt(out, " review by %s", debt->group);
	if (g->glass)
		return;
	if (g->stage == JIT_WAITING &&
		jit_standing_of(&st, s, g, c->now, NULL) == 0 && !st.met)
		screen_missing(out, &st);
}

static int
put_header(struct table *t, struct jit_error *err)
{
	static const char *const heads[] = {"ID", "STAGE", "RESOURCE", "ROLE",
		"BY", "TASK", "TIME", "NEEDS"};
	int rc = 0;

	for (t->columns = 0; t->columns < 8 && rc == 0; t->columns++)
		rc = table_put(t, heads[t->columns], err);
	return rc;
}

static int
put_row(struct table *t, const struct cli *c, const struct jit_grant *g,
	const struct jit_json *o, struct jit_error *err)
{
	static const char *const members[] = {"id", "stage", "resource", "role",
		"by", "task"};
	struct jit_buf time = {0}, needs = {0};
	size_t i;
	int rc = 0;

	for (i = 0; i < 6 && rc == 0; i++)
		rc = table_put(t, text(o, members[i]), err);
	put_time(&time, o, c->now);
	put_needs(&needs, c, g);
	if (rc == 0)
		rc = table_put(t, jit_buf_text(&time), err);
	if (rc == 0)
		rc = table_put(t, jit_buf_text(&needs), err);
	jit_buf_free(&time);
	jit_buf_free(&needs);
	return rc;
}

/* One grant, as a line of JSON or a row for later. */
static int
show(struct table *t, const struct cli *c, const struct jit_grant *g,
	const struct jit_json *o, struct jit_error *err)
{
	int rc = 0;

	if (c->json) {
		cli_out_json(o);
		return 0;
	}
	if (t->count == 0)
		rc = put_header(t, err);
	return rc ? rc : put_row(t, c, g, o, err);
}

/* Without --pending and --active any stage will do. */
static bool
wanted(const struct options *o, const struct jit_state *s,
	const struct jit_grant *g, const struct stage *stage, const char *me)
{
	bool active = stage->code == 0, pending = stage->code == JIT_PENDING;

	if ((o->pending || o->active) && !(o->pending && pending) &&
		!(o->active && active))
		return false;
	if (o->mine && strcmp(g->by, me) != 0)
		return false;
	return !o->waiting ||
		(pending && jit_standing_waits(s, g, me, o->cli.now));
}

/* Who --mine and --waiting are about. */
static int
find_me(const char **me, struct options *o, struct jit_error *err)
{
	const struct jit_enrolment *who = NULL;
	int rc;

	if (!o->mine && !o->waiting)
		return 0;
	rc = cli_signer(&o->cli, err);
	if (rc == 0)
		rc = cli_whoami(&who, &o->cli, err);
	if (rc == 0)
		*me = who->principal;
	return rc;
}

static int
list_open(struct table *t, size_t *shown, struct options *o,
	struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(o->cli.ledger);
	struct jit_json *grant;
	const char *me = NULL;
	size_t i;
	int rc;

	rc = find_me(&me, o, err);
	for (i = 0; i < s->grants_count && rc == 0; i++) {
		grant = cli_grant_json(s, s->grants[i], o->cli.now);
		if (!grant)
			return jit_nomem(err);
		if (wanted(o, s, s->grants[i], stage_of(grant), me)) {
			rc = show(t, &o->cli, s->grants[i], grant, err);
			++*shown;
		}
		jit_json_free(grant);
	}
	return rc;
}

/* Say of the first that is not active how it is with it. */
static int
verdict(const struct cli *c, const struct jit_grant *g,
	const struct stage *stage, struct jit_error *err)
{
	struct jit_buf needs = {0};

	if (stage->code == 0)
		return 0;
	if (stage->code == JIT_PENDING)
		put_needs(&needs, c, g);
	jit_fail(err, stage->code, "grant %s %s%s%s", g->id, stage->says,
		needs.len ? ": needs " : "", jit_buf_text(&needs));
	jit_buf_free(&needs);
	return stage->code;
}

/* One that is named: shown, and its status returned. */
static int
show_named(struct table *t, struct cli *c, const char *id,
	struct jit_error *err)
{
	struct jit_grant *g = NULL;
	struct jit_json *grant;
	int rc;

	rc = cli_grant(&g, c, id, err);
	if (rc)
		return rc;
	grant = cli_grant_json(jit_ledger_state(c->ledger), g, c->now);
	if (!grant)
		return jit_nomem(err);
	rc = show(t, c, g, grant, err);
	if (rc == 0)
		rc = verdict(c, g, stage_of(grant), err);
	jit_json_free(grant);
	return rc;
}

static int
list_named(struct table *t, struct cli *c, struct jit_error *err)
{
	struct jit_error here = {0};
	int rc, first = 0;
	size_t i;

	for (i = 0; i < c->count; i++) {
		rc = show_named(t, c, c->args[i], &here);
		if (rc && !first) {
			first = rc;
			*err = here;
		} else if (rc) {
			cli_hint(c, "%s", here.text);
		}
	}
	return first;
}

static int
list(struct options *o, struct jit_error *err)
{
	struct table t = {0};
	size_t shown = 0;
	int rc;

	if (o->cli.count > 0)
		rc = list_named(&t, &o->cli, err);
	else
		rc = list_open(&t, &shown, o, err);
	table_print(&t);
	table_free(&t);
	if (rc == 0 && o->cli.count == 0 && shown == 0)
		cli_hint(&o->cli, "nothing%s is open",
			o->mine || o->waiting || o->pending || o->active
				? " of that kind"
				: "");
	return rc;
}

static int
collect_named(struct options *o, struct jit_error *err)
{
	struct jit_grant *g = NULL;
	int rc = cli_grant(&g, &o->cli, o->cli.args[0], err);

	return rc ? rc : collect(&o->cli, g, o->dir, err);
}

static int
list_owed(const struct options *o, struct jit_error *err)
{
	size_t shown = 0;
	int rc = owed_list(&shown, &o->cli, err);

	if (rc == 0 && shown == 0)
		cli_hint(&o->cli, "nothing is owed");
	return rc;
}

/* What ends within a month, so that nobody is surprised. */
static void
warn_ends(const struct cli *c)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	const struct jit_rule *r = s->policy.rules.at;
	struct jit_buf left = {0};
	size_t i;

	for (i = 0; i < s->policy.rules.count; i++) {
		if (r[i].deny || r[i].ends - c->now > MONTH)
			continue;
		jit_buf_reset(&left);
		span_spell(&left, r[i].ends > c->now ? r[i].ends - c->now : 0);
		cli_hint(c, "rule '%s' ends in %s", r[i].id,
			jit_buf_text(&left));
	}
	for (i = 0; i < s->people_count; i++) {
		if (s->people[i].until - c->now > MONTH)
			continue;
		jit_buf_reset(&left);
		span_spell(&left,
			s->people[i].until > c->now
				? s->people[i].until - c->now
				: 0);
		cli_hint(c, "the enrolment of %s ends in %s",
			s->people[i].principal, jit_buf_text(&left));
	}
	jit_buf_free(&left);
}

static int
check_words(const struct options *o, struct jit_error *err)
{
	bool filter =
		o->pending || o->active || o->mine || o->waiting || o->owed;

	if (o->dir && (o->cli.count != 1 || filter))
		return cli_usage(&o->cli, err,
			"-o DIR wants one ID and nothing else");
	if (filter && o->cli.count > 0)
		return cli_usage(&o->cli, err,
			"name ids or say which, not both");
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o = {0};
	struct jit_error err = {0};
	int rc;

	cli_start(&o.cli, &program, argc, argv);
	rc = check_words(&o, &err);
	if (rc == 0)
		rc = cli_ledger(&o.cli, &err);
	if (rc == 0) {
		offer_sweep(&o.cli);
		warn_ends(&o.cli);
		if (o.owed)
			rc = list_owed(&o, &err);
		else
			rc = o.dir ? collect_named(&o, &err) : list(&o, &err);
	}
	return cli_end(&o.cli, rc, &err);
}
