/* SPDX-License-Identifier: ISC */
/* jit-revoke: end access: from that record on every gate says no. */
#include <string.h>

#include "act.h"
#include "ending.h"
#include "name.h"
#include "pattern.h"
#include "reach.h"
#include "revoked.h"
#include "service.h"

struct revoke {
	struct cli cli;
	const char *message;
	bool mine, expired, watch;
	bool swept; /* what has a target was seen to */
	const char *by, *resource;
	const char *krl, *ca_path;

	const struct jit_enrolment *me;
};

static const char *const usage[] = {"[-m REASON] ID...",
	"[-m REASON] [--mine] [--by PRINCIPAL] [--resource PATTERN]",
	"--expired [--watch]", "[--ca KEY] --krl FILE", NULL};

static const struct cli_option options[] = {{'m', "message", CLI_TEXT, "REASON",
						    "why it ends",
						    CLI_AT(revoke, message)},
	{0, "mine", CLI_FLAG, NULL, "all live grants of yours",
		CLI_AT(revoke, mine)},
	{0, "by", CLI_TEXT, "PRINCIPAL", "all live grants of this one",
		CLI_AT(revoke, by)},
	{0, "resource", CLI_TEXT, "PATTERN", "all live grants there",
		CLI_AT(revoke, resource)},
	{0, "expired", CLI_FLAG, NULL, "record the end of all that ran out",
		CLI_AT(revoke, expired)},
	{0, "watch", CLI_FLAG, NULL, "with --expired: go on for ever",
		CLI_AT(revoke, watch)},
	{0, "krl", CLI_TEXT, "FILE",
		"write the revocation list for sshd's RevokedKeys",
		CLI_AT(revoke, krl)},
	{0, "ca", CLI_TEXT, "KEY", "sign that list with this key",
		CLI_AT(revoke, ca_path)},
	CLI_ROW_LEDGER, CLI_ROW_KEY, CLI_ROW_DRY, CLI_ROW_JSON, CLI_ROW_QUIET,
	CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-revoke", "end access", usage,
	options, 0, 4096, NULL};

/* Whether the options mean this one. */
static bool
is_meant(const struct jit_state *s, const struct jit_grant *g, const void *arg)
{
	const struct revoke *r = arg;

	if (r->expired && r->swept && !g->change)
		return false; /* that was the sweeper's */
	if (r->expired)
		return ending_due(s, g, r->cli.now);
	if (g->stage != JIT_ACTIVE)
		return false;
	if (r->mine && strcmp(g->by, r->me->principal) != 0)
		return false;
	if (r->by && strcmp(g->by, r->by) != 0)
		return false;
	return !r->resource || jit_pattern_match(r->resource, g->resource);
}

static int
revoke_meant(struct revoke *r, struct jit_error *err)
{
	size_t count = 0;
	int rc = ending_all(&count, &r->cli, is_meant, r, r->message, err);

	if (count == 0)
		cli_hint(&r->cli, "nothing to end");
	return rc;
}

/* Whether this key's probes count. */
static bool
may_prove(const struct revoke *r)
{
	return r->me->class == JIT_ISSUER || r->me->class == JIT_HOST;
}

/* Whether it may be ended by this key, before anything is. */
static int
may_end(struct revoke *r, const char *id, struct jit_error *err)
{
	bool quiet = r->cli.quiet;
	int rc;

	r->cli.dry = r->cli.quiet = true;
	rc = ending(&r->cli, id, r->message, err);
	r->cli.dry = false;
	r->cli.quiet = quiet;
	return rc;
}

/*
 * Who can reach the target ends it there first, and shows it afterwards; who
 * cannot records the order, from which on every gate says no.
 */
static int
revoke_one(struct revoke *r, const char *id, struct jit_error *err)
{
	const char *outcome = NULL;
	struct jit_grant *g = NULL;
	char whole[JIT_ULID];
	bool here;
	int rc = cli_grant(&g, &r->cli, id, err);

	if (rc)
		return rc;
	memcpy(whole, g->id, JIT_ULID);
	here = g->stage == JIT_ACTIVE && !r->cli.dry && r->cli.uid == 0 &&
		reach_here(g->resource);
	rc = here ? may_end(r, whole, err) : 0;
	if (rc)
		return rc;
	if (here && reach_revoke(&r->cli, whole, err) != 0)
		cli_complain(&r->cli, err);
	rc = ending(&r->cli, whole, r->message, err);
	if (rc || !here || !may_prove(r))
		return rc;
	rc = reach_show(&outcome, &r->cli, whole, err);
	if (rc == 0 && strcmp(outcome, JIT_OUTCOME_REFUSED) != 0)
		rc = jit_fail(err, JIT_UNPROVEN,
			"grant %s is over, and its target says '%s'", whole,
			outcome);
	return rc;
}

/* What ran out, and what of it is still owed a proof, by an issuer. */
static int
sweep(struct revoke *r, struct jit_error *err)
{
	struct service s = {.cli = &r->cli, .work = SERVICE_SWEEP};
	size_t left = 0, count = 0;
	int rc, more = 0;

	rc = r->watch ? service_run(&s, err) : service_once(&left, &s, err);
	r->swept = true;
	if (rc != JIT_TROUBLE && rc != JIT_EVIDENCE)
		more = ending_all(&count, &r->cli, is_meant, r, r->message,
			err);
	if (rc == 0 && more == 0 && s.done == 0 && count == 0)
		cli_hint(&r->cli, "nothing to end");
	if (left)
		cli_more(&r->cli, "%zu owed a proof: jit-status --owed", left);
	service_free(&s);
	if (s.late < more)
		more = s.late; /* it is said */
	return rc < more ? rc : more;
}

/* Each is tried and each refusal said; the highest status is the whole's. */
static int
revoke_named(struct revoke *r, struct jit_error *err)
{
	int rc, worst = 0;
	size_t i;

	for (i = 0; i < r->cli.count; i++) {
		rc = revoke_one(r, r->cli.args[i], err);
		if (rc)
			cli_complain(&r->cli, err);
		err->text[0] = '\0'; /* it is said */
		worst = rc < worst ? rc : worst;
	}
	return worst;
}

static int
check_options(const struct revoke *r, struct jit_error *err)
{
	bool meant = r->mine || r->by || r->resource;
	int ways = (r->cli.count > 0) + meant + r->expired + (r->krl != NULL);

	if (ways != 1)
		return cli_usage(&r->cli, err,
			"say what: ids, or --mine, --by and --resource, or "
			"--expired, or --krl");
	if (r->watch && !r->expired)
		return cli_usage(&r->cli, err, "--watch goes with --expired");
	if (r->ca_path && !r->krl)
		return cli_usage(&r->cli, err, "--ca goes with --krl");
	if (r->by && jit_name_want_principal(r->by, err))
		return JIT_USAGE;
	if (r->resource && jit_pattern_check(r->resource, err))
		return JIT_USAGE;
	return r->message ? jit_name_want_reason("reason", r->message, err) : 0;
}

static int
run(struct revoke *r, struct jit_error *err)
{
	const struct jit_enrolment *me = NULL;
	int rc;

	rc = check_options(r, err);
	if (rc == 0 && r->krl)
		return revoked_list(&r->cli, r->krl, r->ca_path, err);
	r->cli.seals = !r->expired;
	if (rc == 0)
		rc = act_open(&r->cli, err);
	if (rc == 0)
		rc = jit_ledger_whoami(&me, r->cli.ledger,
			jit_signer_key(r->cli.signer), err);
	if (rc)
		return rc;
	r->me = me;
	if (r->expired && me->class == JIT_ISSUER && !r->cli.dry)
		return sweep(r, err);
	return r->cli.count > 0 ? revoke_named(r, err) : revoke_meant(r, err);
}

int
main(int argc, char **argv)
{
	struct revoke r = {0};
	struct jit_error err = {0};
	int rc;

	cli_start(&r.cli, &program, argc, argv);
	rc = run(&r, &err);
	return cli_end(&r.cli, rc, &err);
}
