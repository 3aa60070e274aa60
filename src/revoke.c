/* SPDX-License-Identifier: ISC */
/* jit-revoke: end access: from that record on every gate says no. */
#include <string.h>

#include "act.h"
#include "ending.h"
#include "name.h"
#include "pattern.h"
#include "revoked.h"

struct revoke {
	struct cli cli;
	const char *message;
	bool mine, expired;
	const char *by, *resource;
	const char *krl, *ca_path;

	const char *me; /* principal */
};

static const char *const usage[] = {"[-m REASON] ID...",
	"[-m REASON] [--mine] [--by PRINCIPAL] [--resource PATTERN]",
	"--expired", "[--ca KEY] --krl FILE", NULL};

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

	if (r->expired)
		return ending_due(s, g, r->cli.now);
	if (g->stage != JIT_ACTIVE)
		return false;
	if (r->mine && strcmp(g->by, r->me) != 0)
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

/* Each is tried and each refusal said; the highest status is the whole's. */
static int
revoke_named(struct revoke *r, struct jit_error *err)
{
	int rc, worst = 0;
	size_t i;

	for (i = 0; i < r->cli.count; i++) {
		rc = ending(&r->cli, r->cli.args[i], r->message, err);
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
	if (rc == 0)
		rc = act_open(&r->cli, err);
	if (rc == 0)
		rc = jit_ledger_whoami(&me, r->cli.ledger,
			jit_signer_key(r->cli.signer), err);
	if (rc)
		return rc;
	r->me = me->principal;
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
