/* SPDX-License-Identifier: ISC */
/* jit-check: is this allowed right now? Doubt is never 0. */
#include <stdio.h>
#include <string.h>

#include "gate.h"
#include "name.h"
#include "pam.h"
#include "when.h"
#include "words.h"

#define GATE_SKEW 5 /* seconds that a tip may be ahead of a gate's clock */

struct check {
	struct cli cli;
	const char *user, *line;
	struct jit_texts action; /* of 'line'; no words: none */
	struct jit_arena mem;
	bool why, by_gate, sshd, pam;
	struct gate gate;
};

static const char *const usage[] = {
	"[-u PRINCIPAL] [-a ACTION] [--why] RESOURCE ROLE",
	"--gate -u PRINCIPAL [-a ACTION] [--why] RESOURCE ROLE",
	"--sshd ACCOUNT CERTIFICATE", "--pam", NULL};

static const struct cli_option options[] = {
	{'u', "principal", CLI_TEXT, "PRINCIPAL",
		"ask about this one (else you)", CLI_AT(check, user)},
	{'a', "action", CLI_TEXT, "ACTION", "ask for this command line only",
		CLI_AT(check, line)},
	{0, "why", CLI_FLAG, NULL, "say why on stdout, in one line",
		CLI_AT(check, why)},
	{0, "gate", CLI_FLAG, NULL, "by root's jit.conf, nothing of the user's",
		CLI_AT(check, by_gate)},
	{0, "sshd", CLI_FLAG, NULL, "for sshd's AuthorizedPrincipalsCommand",
		CLI_AT(check, sshd)},
	{0, "pam", CLI_FLAG, NULL, "for PAM's pam_exec, in a session line",
		CLI_AT(check, pam)},
	CLI_ROW_LEDGER, CLI_ROW_WHO, CLI_ROW_JSON, CLI_ROW_QUIET,
	CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-check",
	"is this allowed right now?", usage, options, 0, 2, NULL};

static int
check_words(struct check *x, struct jit_error *err)
{
	int rc = 0;

	if (x->user)
		rc = jit_name_want_principal(x->user, err);
	if (rc == 0)
		rc = jit_name_want_resource(x->cli.args[0], err);
	if (rc == 0)
		rc = jit_name_want_label("role", x->cli.args[1], err);
	if (rc || !x->line)
		return rc;
	rc = jit_words_split(&x->action, &x->mem, x->line, err);
	return rc ? jit_within(err, rc, "-a") : 0;
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
		rc = cli_whoami(&me, &x->cli, err);
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
open_ledger(struct check *x, struct jit_error *err)
{
	int rc;

	if (x->by_gate || x->sshd)
		rc = gate_open(&x->gate, &x->cli, err);
	else
		rc = cli_ledger_here(&x->cli, err);
	if (rc == 0)
		rc = jit_ledger_fresh(x->cli.ledger, x->cli.now, err);
	if (rc == JIT_TROUBLE && x->sshd)
		rc = gate_recall(&x->gate, &x->cli, NULL, err);
	return rc ? rc : check_clock(x, err);
}

/* sshd takes a login only for a principal that is printed here. */
static int
check_sshd(struct check *x, struct jit_error *err)
{
	struct jit_buf principal = {0};
	int rc = open_ledger(x, err);

	if (rc == 0)
		rc = gate_principal(&principal, &x->gate, &x->cli,
			x->cli.args[0], x->cli.args[1], err);
	if (rc == 0)
		cli_out("%s\n", jit_buf_text(&principal));
	jit_buf_free(&principal);
	return rc;
}

/* Its one line goes where pam_exec shows it: to the user. */
static int
check_pam(struct check *x, struct jit_error *err)
{
	int rc = pam_ask(&x->cli, err);

	if (rc && rc != JIT_USAGE) {
		cli_out("jit: ");
		cli_out_text(err->text);
		cli_out("\n");
		err->text[0] = '\0';
	}
	return rc;
}

/* A gate knows no user of its own and no place but root's. */
static int
check_options(const struct check *x, struct jit_error *err)
{
	bool gate = x->by_gate || x->sshd;

	if (x->pam &&
		(gate || x->user || x->line || x->why || x->cli.json ||
			x->cli.count || x->cli.ledger_path || x->cli.key_path))
		return cli_usage(&x->cli, err, "--pam stands alone");
	if (!x->pam && x->cli.count != 2)
		return cli_usage(&x->cli, err,
			"what is allowed? name RESOURCE and ROLE, like "
			"ssh:web-1 root");
	if (gate && (x->cli.ledger_path || x->cli.key_path))
		return cli_usage(&x->cli, err, "a gate takes no -C and no -k");
	if (x->by_gate && !x->user)
		return cli_usage(&x->cli, err, "--gate wants -u PRINCIPAL");
	if (x->sshd &&
		(x->user || x->line || x->why || x->by_gate || x->cli.json))
		return cli_usage(&x->cli, err,
			"--sshd takes an account and a certificate only");
	return 0;
}

static int
ask(const struct jit_grant **g, const struct check *x, struct jit_error *err)
{
	const struct jit_asked asked = {.who = x->user,
		.resource = x->cli.args[0],
		.role = x->cli.args[1],
		.at = x->cli.now};

	return jit_standing_may(g, jit_ledger_state(x->cli.ledger), &asked,
		x->line ? &x->action : NULL, err);
}

static int
check(struct check *x, struct jit_error *err)
{
	const struct jit_grant *g = NULL;
	int rc;

	rc = check_words(x, err);
	if (rc == 0)
		rc = open_ledger(x, err);
	if (rc)
		return rc;
	rc = find_user(x, err);
	if (rc == 0)
		rc = ask(&g, x, err);
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
	rc = check_options(&x, &err);
	if (rc == 0)
		rc = x.pam       ? check_pam(&x, &err)
			: x.sshd ? check_sshd(&x, &err)
				 : check(&x, &err);
	gate_free(&x.gate);
	jit_arena_free(&x.mem);
	return cli_end(&x.cli, rc, &err);
}
