/* SPDX-License-Identifier: ISC */
/* jit-scan: count what lets somebody in for good, and record the counts. */
#include <stdio.h>
#include <string.h>

#include "act.h"
#include "connector.h"
#include "scanning.h"
#include "survey.h"

struct scan {
	struct cli cli;
	struct cli_list groups; /* --group */
	struct survey survey;
	const struct jit_enrolment *me; /* NULL: nothing is recorded */
	char host[65];
	struct jit_surface rows[SURVEY_MAX]; /* of the event */
};

static const char *const usage[] = {"[-jnqv] [--group GROUP]... [SURFACE]...",
	NULL};

/* clang-format off */
static const struct cli_option options[] = {
	CLI_ROW_LEDGER,
	CLI_ROW_KEY,
	{0, "group", CLI_LIST, "GROUP", "this group is privileged, too",
		CLI_AT(scan, groups)},
	{'n', "dry-run", CLI_FLAG, NULL, "print only: record nothing",
		CLI_AT(cli, dry)},
	CLI_ROW_JSON,
	CLI_ROW_QUIET,
	CLI_ROW_VERBOSE,
	CLI_ROW_END};
/* clang-format on */

static const struct cli_program program = {"jit-scan",
	"count what lets somebody in for good", usage, options, 0, SURVEY_MAX,
	NULL};

/* -- Whose it is ----------------------------------------------------------- */

/* A host is called after its principal, whatever the machine calls itself. */
static void
name_host(struct scan *s)
{
	cli_host(s->host, sizeof(s->host));
	if (s->me && s->me->class == JIT_HOST)
		snprintf(s->host, sizeof(s->host), "%.*s",
			(int)strcspn(s->me->principal, "@"), s->me->principal);
}

/*
 * A ledger says which grants are live. To look only, none is needed: then
 * what was given stands, too.
 */
static int
open_ledger(struct scan *s, struct jit_error *err)
{
	struct cli *c = &s->cli;
	int rc = c->dry ? cli_ledger(c, err) : act_open(c, err);

	if (rc == 0 && !c->dry)
		rc = cli_whoami(&s->me, c, err);
	if (rc && c->dry && !c->ledger_path && rc != JIT_EVIDENCE) {
		cli_hint(c, "no ledger, so no grant is known: %s", err->text);
		*err = (struct jit_error){0};
		return 0;
	}
	if (rc == 0)
		s->survey.state = jit_ledger_state(c->ledger);
	return rc;
}

/* -- What is looked at ----------------------------------------------------- */

static bool
is_own(const char *name)
{
	size_t i;

	for (i = 0; survey_own[i]; i++)
		if (strcmp(survey_own[i], name) == 0)
			return true;
	return false;
}

static int
add_named(struct scan *s, struct jit_error *err)
{
	const char *name;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < s->cli.count; i++) {
		name = s->cli.args[i];
		if (!is_own(name) && !jit_name_resource(name))
			return cli_usage(&s->cli, err,
				"'%s' is no surface: cas, certs, groups, keys, "
				"sudoers, uid0, or a resource",
				name);
		rc = survey_add(&s->survey, name, err);
	}
	return rc;
}

/* Machines are looked at by themselves, with what each of them has. */
static bool
is_machine(const char *resource)
{
	return strncmp(resource, "ssh:", 4) == 0 ||
		strncmp(resource, "sudo:", 5) == 0;
}

static int
add_target(const char *resource, void *arg, struct jit_error *err)
{
	struct scan *s = arg;
	char *name;

	if (is_machine(resource))
		return 0;
	if (s->me &&
		!jit_scanning_may(jit_ledger_state(s->cli.ledger), s->me,
			resource)) {
		cli_hint(&s->cli,
			"%s is left out: %s is neither its host nor an issuer "
			"of it",
			resource, s->me->principal);
		return 0;
	}
	name = jit_arena_str(&s->survey.mem, resource);
	return name ? survey_add(&s->survey, name, err) : jit_nomem(err);
}

static int
add_all(struct scan *s, struct jit_error *err)
{
	struct jit_error why = {0};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && survey_own[i]; i++)
		rc = survey_add(&s->survey, survey_own[i], err);
	if (rc == 0 && connector_targets(add_target, s, &why)) {
		rc = survey_add(&s->survey, "targets", err);
		if (rc == 0)
			survey_missed(&s->survey,
				survey_get(&s->survey, "targets"), "%s",
				why.text);
	}
	return rc;
}

/* -- The event ------------------------------------------------------------- */

static int
draft_scan(struct jit_event *ev, const struct jit_state *state, int64_t at,
	void *arg, struct jit_error *err)
{
	struct scan *s = arg;
	const struct surface *x = s->survey.at;
	size_t i;

	(void)at;
	(void)err;
	for (i = 0; i < s->survey.count; i++) {
		s->rows[i] = (struct jit_surface){.surface = x[i].name,
			.seen = survey_seen(&x[i])};
		if (strcmp(s->rows[i].seen, "none") == 0)
			continue;
		s->rows[i].count =
			(struct jit_maybe){true, (int64_t)x[i].count};
		s->rows[i].digest = x[i].digest;
	}
	ev->counter = jit_state_counted(state, ev->by) + 1;
	ev->host = s->host;
	ev->surfaces = (struct jit_rows){s->survey.count, s->rows};
	return 0;
}

/* What took its time to look at is recorded now. */
static int
record(struct scan *s, struct jit_error *err)
{
	int rc;

	act_now(&s->cli);
	rc = act(&s->cli, JIT_SCAN, draft_scan, s, NULL, err);
	if (rc == 0)
		cli_hint(&s->cli, "recorded, of %s", s->host);
	return rc;
}

static int
scan(struct scan *s, struct jit_error *err)
{
	int rc = open_ledger(s, err);

	if (rc)
		return rc;
	name_host(s);
	rc = s->cli.count ? add_named(s, err) : add_all(s, err);
	if (rc)
		return rc;
	survey_accounts(&s->survey);
	survey_connectors(&s->survey);
	rc = survey_close(&s->survey, err);
	if (rc == 0 && !s->cli.dry)
		rc = record(s, err);
	return rc ? rc : survey_print(&s->survey, err);
}

int
main(int argc, char **argv)
{
	static struct scan s;
	struct jit_error err = {0};
	size_t unseen;
	int rc;

	cli_start(&s.cli, &program, argc, argv);
	s.survey.cli = &s.cli;
	s.survey.groups = &s.groups;
	rc = scan(&s, &err);
	unseen = rc == 0 ? survey_complain(&s.survey) : 0;
	if (unseen)
		rc = jit_fail(&err, JIT_FINDINGS,
			"%zu of %zu surfaces could not be seen, or not whole",
			unseen, s.survey.count);
	survey_free(&s.survey);
	return cli_end(&s.cli, rc, &err);
}
