/* SPDX-License-Identifier: ISC */
/* jit-check: is this allowed right now? Doubt is never 0. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "name.h"
#include "when.h"

#define GATE_SKEW 5 /* seconds that a tip may be ahead of a gate's clock */

struct check {
	struct cli cli;
	const char *user;
	bool why;
};

static const char *const usage[] = {"[-u PRINCIPAL] [--why] RESOURCE ROLE",
	NULL};

static const struct cli_option options[] = {
	{'u', "principal", CLI_TEXT, "PRINCIPAL",
		"ask about this one (else you)", CLI_AT(check, user)},
	{0, "why", CLI_FLAG, NULL, "say why on stdout, in one line",
		CLI_AT(check, why)},
	CLI_ROW_LEDGER, CLI_ROW_KEY, CLI_ROW_JSON, CLI_ROW_QUIET,
	CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-check",
	"is this allowed right now?", usage, options, 2, 2};

static int
check_words(const struct check *x, struct jit_error *err)
{
	int rc = 0;

	if (x->user)
		rc = jit_name_want_principal(x->user, err);
	if (rc == 0)
		rc = jit_name_want_resource(x->cli.args[0], err);
	if (rc == 0)
		rc = jit_name_want_label("role", x->cli.args[1], err);
	return rc;
}

/* A clock that is behind would see what ran out as live. */
static int
check_clock(const struct check *x, struct jit_error *err)
{
	int64_t ahead = jit_ledger_state(x->cli.ledger)->at - x->cli.now;

	if (ahead <= GATE_SKEW)
		return 0;
	return jit_fail(err, JIT_TROUBLE,
		"this clock is %llds behind the ledger's tip: check the clock",
		(long long)ahead);
}

static int
find_user(struct check *x, struct jit_error *err)
{
	const struct jit_enrolment *me = NULL;
	int rc;

	if (x->user)
		return 0;
	rc = cli_signer(&x->cli, err);
	if (rc == 0)
		rc = jit_ledger_whoami(&me, x->cli.ledger,
			jit_signer_key(x->cli.signer), err);
	if (rc == 0)
		x->user = me->principal;
	return rc;
}

static int
print_json(const struct jit_grant *g, const char *why, struct jit_error *err)
{
	struct jit_json *o = jit_json_object();
	bool good = jit_json_set_bool(o, "allowed", g != NULL) &&
		jit_json_set_text(o, "why", why);

	if (good && g)
		good = jit_json_set_text(o, "id", g->id) &&
			jit_json_set_int(o, "until", g->until);
	if (good)
		cli_out_json(o);
	jit_json_free(o);
	return good ? 0 : jit_nomem(err);
}

static int
answer(const struct check *x, const struct jit_grant *g, const char *why,
	struct jit_error *err)
{
	if (x->cli.json)
		return print_json(g, why, err);
	if (!x->why)
		return 0;
	cli_out("%s: ", g ? "yes" : "no");
	cli_out_text(why);
	cli_out("\n");
	return 0;
}

/* With a reason on stdout, none is needed on stderr. */
static int
say_no(const struct check *x, struct jit_error *err)
{
	struct jit_error no = *err;
	int rc = answer(x, NULL, no.text, err);

	if (rc == 0 && (x->why || x->cli.json))
		err->text[0] = '\0';
	return rc ? rc : JIT_NO;
}

static int
say_yes(const struct check *x, const struct jit_grant *g, struct jit_error *err)
{
	char stamp[JIT_STAMP], why[128];

	jit_when_stamp(stamp, g->until);
	snprintf(why, sizeof(why), "grant %s until %s", g->id, stamp);
	return answer(x, g, why, err);
}

static int
check(struct check *x, struct jit_error *err)
{
	const struct jit_grant *g = NULL;
	int rc;

	rc = check_words(x, err);
	if (rc == 0)
		rc = cli_ledger(&x->cli, err);
	if (rc == 0)
		rc = check_clock(x, err);
	if (rc)
		return rc;
	rc = find_user(x, err);
	if (rc == 0)
		rc = jit_standing_live(&g, jit_ledger_state(x->cli.ledger),
			x->user, x->cli.args[0], x->cli.args[1], x->cli.now,
			err);
	if (rc == 0)
		return say_yes(x, g, err);
	return rc == JIT_NO ? say_no(x, err) : rc;
}

int
main(int argc, char **argv)
{
	struct check x = {0};
	struct jit_error err = {0};
	int rc;

	cli_start(&x.cli, &program, argc, argv);
	rc = check(&x, &err);
	return cli_end(&x.cli, rc, &err);
}
