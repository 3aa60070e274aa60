/* SPDX-License-Identifier: ISC */
/*
 * jit-audit: verify a ledger, tell its history, name its signers, check
 * single pieces, and gate what is pushed. Reads only, goes nowhere, needs no
 * key.
 */
#include "audit.h"

static const char *const usage[] = {
	"verify [-g FINGERPRINT] [--max-age DURATION] "
	"[--predecessor LEDGER]...",
	"log [--reverse]", "show ID", "signers",
	"check json|event|commit|ed25519 < FILE",
	"check [--namespace NAME] signature < SIGNATURE-THEN-MESSAGE",
	"receive < WHAT-IS-PUSHED", NULL};

static const struct cli_option options[] = {CLI_ROW_LEDGER,
	{'g', "genesis", CLI_TEXT, "FINGERPRINT",
		"the ledger must be this one (64 hex digits)",
		CLI_OF(audit, genesis, "verify")},
	{0, "max-age", CLI_DURATION, "DURATION",
		"the newest event must not be older",
		CLI_OF(audit, max_age, "verify")},
	{0, "predecessor", CLI_LIST, "LEDGER",
		"and the older ledger that it goes on after",
		CLI_OF(audit, elders, "verify")},
	{0, "reverse", CLI_FLAG, NULL, "the oldest first",
		CLI_OF(audit, reverse, "log")},
	{0, "namespace", CLI_TEXT, "NAME",
		"check signature: made for this (else git)",
		CLI_OF(audit, namespace, "check")},
	CLI_ROW_JSON, CLI_ROW_QUIET, CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-audit",
	"verify and read a ledger, offline", usage, options, 1, 2,
	"do what? verify, log, show, signers, check or receive"};

static const struct word {
	struct cli_word word;
	int (*run)(struct audit *a, struct jit_error *err);
} words[] = {
	{{"verify", 0, 0, "nothing"}, audit_verify},
	{{"log", 0, 0, "nothing"}, audit_log},
	{{"show", 1, 1, "an id"}, audit_show},
	{{"signers", 0, 0, "nothing"}, audit_signers},
	{{"check", 1, 1, "json, event, commit, signature or ed25519"},
		audit_check},
	{{"receive", 0, 0, "nothing"}, audit_receive},
	{{0}, NULL},
};

/* One key as JSON, or as the line that allowed_signers(5) has for it. */
static int
print_signer(const struct cli *c, const struct jit_enrolment *who,
	struct jit_error *err)
{
	struct jit_json *o = jit_json_object();
	struct jit_buf key = {0};
	int rc = 0;

	jit_pubkey_text(&key, &who->key);
	if (!c->json)
		cli_out("%s namespaces=\"%s\" %s\n", who->principal,
			JIT_SIGN_NAMESPACE, cli_whole(&key));
	else if (jit_json_set_text(o, "principal", who->principal) &&
		jit_json_set_text(o, "class", jit_class_name(who->class)) &&
		jit_json_set_text(o, "key", cli_whole(&key)) &&
		jit_json_set_text(o, "fingerprint", who->fingerprint))
		cli_out_json(o);
	else
		rc = jit_nomem(err);
	jit_buf_free(&key);
	jit_json_free(o);
	return rc;
}

int
audit_signers(struct audit *a, struct jit_error *err)
{
	const struct jit_state *s;
	size_t i;
	int rc;

	rc = cli_ledger_here(&a->cli, err);
	if (rc)
		return rc;
	s = jit_ledger_state(a->cli.ledger);
	for (i = 0; i < s->people_count && rc == 0; i++)
		rc = print_signer(&a->cli, &s->people[i], err);
	return rc;
}

int
main(int argc, char **argv)
{
	struct audit a = {0};
	struct jit_error err = {0};
	const struct word *word;
	int rc = JIT_USAGE;

	cli_start(&a.cli, &program, argc, argv);
	word = cli_word(&a.cli, words, sizeof(*words), &err);
	if (word) {
		a.operand = a.cli.count > 1 ? a.cli.args[1] : NULL;
		rc = word->run(&a, &err);
	}
	return cli_end(&a.cli, rc, &err);
}
