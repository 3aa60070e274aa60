/* SPDX-License-Identifier: ISC */
/* jit-request: ask for access, wait for it, or take the question back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "asking.h"
#include "away.h"
#include "enact.h"
#include "name.h"
#include "wait.h"

struct request {
	struct cli cli;
	const char *pubkey, *cancel, *extend;
	bool deliver;
	struct cli_maybe wait;
	struct asking ask;
	struct proposal change;

	struct cli_list lines; /* -a */
	struct jit_arena mem;  /* actions; what is taken over when extending */
};

static const char *const usage[] = {
	"-t TASK -m REASON -d DURATION [-p PUBKEYFILE] [-w[DURATION]] "
	"RESOURCE ROLE",
	"--break-glass -t TASK -m REASON -d DURATION ... RESOURCE ROLE",
	"--extend ID -m REASON -d DURATION [-t TASK] [-w[DURATION]]",
	"-t TASK -m REASON --policy FILE",
	"-t TASK -m REASON --enroll WHO -p PUBKEYFILE [--class CLASS]\n"
	"                   [--sponsor WHO] [--until DATE] [--hardware]\n"
	"                   [--attest \"ISSUER SUBJECT\"]",
	"-m REASON [-t TASK] --retire WHO|FINGERPRINT",
	"--cancel ID [-m REASON]", "--deliver [FILE]...", NULL};

static const struct cli_option options[] = {
	{'t', "task", CLI_TEXT, "TASK", "what it is for (else JIT_TASK)",
		CLI_OF(request, ask.task,
			"- --extend --policy --enroll --retire")},
	{'m', "message", CLI_TEXT, "REASON", "why it is needed",
		CLI_OF(request, ask.reason,
			"- --extend --policy --enroll --retire --cancel")},
	{'d', "duration", CLI_DURATION, "DURATION", "for how long: 30m, 1h30m",
		CLI_OF(request, ask.duration, "- --extend")},
	{'a', "action", CLI_LIST, "ACTION",
		"for this command line only; may be repeated",
		CLI_OF(request, lines, "-")},
	{'p', "pubkey", CLI_TEXT, "PUBKEYFILE",
		"offer this public key instead of a new one",
		CLI_OF(request, pubkey, "- --enroll")},
	{'w', "wait", CLI_MAYBE, "DURATION",
		"wait until it is active, and collect it",
		CLI_OF(request, wait, "- --extend")},
	{0, "break-glass", CLI_FLAG, NULL,
		"without a vote, as a rule allows; a review is owed",
		CLI_OF(request, ask.glass, "-")},
	{0, "extend", CLI_TEXT, "ID", "ask for more of a live grant of yours",
		CLI_OF(request, extend, "--extend")},
	{0, "policy", CLI_TEXT, "FILE", "ask for this policy",
		CLI_OF(request, change.policy, "--policy")},
	{0, "enroll", CLI_TEXT, "WHO", "ask to enrol the key of -p for WHO",
		CLI_OF(request, change.enroll, "--enroll")},
	{0, "class", CLI_TEXT, "CLASS",
		"as person (else), vendor, workload, host, issuer",
		CLI_OF(request, change.class, "--enroll")},
	{0, "sponsor", CLI_TEXT, "WHO", "who vouches for it",
		CLI_OF(request, change.sponsor, "--enroll")},
	{0, "until", CLI_TEXT, "DATE", "when the enrolment ends",
		CLI_OF(request, change.until, "--enroll")},
	{0, "hardware", CLI_FLAG, NULL, "its key is kept in hardware",
		CLI_OF(request, change.hardware, "--enroll")},
	{0, "attest", CLI_TEXT, "TEXT",
		"of a workload: \"ISSUER SUBJECT\", OIDC or SPIFFE",
		CLI_OF(request, change.attest, "--enroll")},
	{0, "retire", CLI_TEXT, "WHO",
		"retire a principal, or a key by its fingerprint",
		CLI_OF(request, change.retire, "--retire")},
	{0, "cancel", CLI_TEXT, "ID", "take back a request that waits",
		CLI_OF(request, cancel, "--cancel")},
	{0, "deliver", CLI_FLAG, NULL,
		"bring what was sealed without the ledger, or these files",
		CLI_OF(request, deliver, "--deliver")},
	CLI_ROW_LEDGER, CLI_ROW_KEY, CLI_ROW_DRY, CLI_ROW_JSON, CLI_ROW_QUIET,
	CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-request", "ask for access",
	usage, options, 0, 4096, NULL};

static int
find_offer(struct request *r, struct jit_error *err)
{
	if (r->ask.extends)
		return 0; /* the key of what is extended goes on */
	if (r->pubkey)
		return offer_read(&r->ask.offer, r->pubkey, err);
	if (strncmp(r->ask.resource, "ssh:", 4) == 0)
		return offer_make(&r->ask.offer, r->cli.dry, err);
	if (strncmp(r->ask.resource, "pg:", 3) == 0)
		return offer_password(&r->ask.offer, r->cli.dry, err);
	return 0;
}

static int
open_all(struct request *r, struct jit_error *err)
{
	int rc;

	r->cli.seals = r->ask.glass;
	rc = act_open(&r->cli, err);
	if (rc == 0)
		offer_sweep(&r->cli);
	return rc;
}

static int
answer(struct request *r, struct jit_error *err)
{
	struct cli *c = &r->cli;
	struct jit_buf waits = {0};
	int rc;

	rc = asking_waits(&waits, &r->ask, c, err);
	if (rc == 0 && c->json)
		rc = act_answer(c, r->ask.id, NULL, NULL, err);
	else if (rc == 0)
		cli_out("%s\n", r->ask.id);
	fflush(stdout); /* whoever waits reads it now; cli_end finds errors */
	if (rc == 0)
		cli_hint(c, "waits for %s", jit_buf_text(&waits));
	jit_buf_free(&waits);
	return rc;
}

static int
wait_and_collect(struct request *r, struct jit_error *err)
{
	struct jit_buf path = {0};
	int rc;

	rc = wait_active(&r->cli, r->ask.id, r->wait.seconds, NULL, err);
	if (rc == 0)
		rc = wait_collect(&path, &r->cli, r->ask.id, err);
	if (rc == 0 && strncmp(r->ask.resource, "pg:", 3) == 0)
		cli_hint(&r->cli, "password file: %s", jit_buf_text(&path));
	else if (rc == 0 && strncmp(r->ask.resource, "ssh:", 4) != 0)
		cli_hint(&r->cli, "active");
	else if (rc == 0 && r->ask.offer.folder.len)
		cli_hint(&r->cli, "log in with: ssh -i '%s/%s' %s@%s",
			jit_buf_text(&r->ask.offer.folder), r->ask.id,
			r->ask.role, strchr(r->ask.resource, ':') + 1);
	else if (rc == 0)
		cli_hint(&r->cli, "certificate: %s", jit_buf_text(&path));
	if (rc == JIT_OVER)
		offer_forget(r->ask.id);
	jit_buf_free(&path);
	return rc;
}

/* What is extended says where, as what and with which key. */
static int
take_parent(struct request *r, struct jit_error *err)
{
	struct jit_grant *g = NULL;
	int rc;

	rc = cli_grant(&g, &r->cli, r->extend, err);
	if (rc)
		return rc;
	r->ask.extends = jit_arena_str(&r->mem, g->id);
	r->ask.resource = jit_arena_str(&r->mem, g->resource);
	r->ask.role = jit_arena_str(&r->mem, g->role);
	if (!r->ask.task)
		r->ask.task = jit_arena_str(&r->mem, g->task);
	rc = jit_shape_copy(&r->ask.actions, &r->mem, &g->actions, err);
	if (rc)
		return rc;
	if (g->offer)
		jit_buf_str(&r->ask.offer.line, g->offer);
	if (!r->ask.extends || !r->ask.resource || !r->ask.role || !r->ask.task)
		return jit_nomem(err);
	return jit_buf_failed(&r->ask.offer.line, err);
}

static int
ask(struct request *r, struct jit_error *err)
{
	int rc = 0;

	if (!r->extend)
		rc = asking_operands(&r->ask, &r->cli, &r->wait, err);
	else
		rc = open_all(r, err);
	if (rc == 0 && r->extend)
		rc = take_parent(r, err);
	if (rc == 0)
		rc = asking_check(&r->ask, &r->cli, err);
	if (rc == 0 && !r->extend)
		rc = cli_actions(&r->ask.actions, &r->mem, &r->lines, err);
	if (rc == 0 && !r->extend)
		rc = open_all(r, err);
	if (rc == 0)
		rc = find_offer(r, err);
	if (rc == 0)
		rc = asking_append(&r->ask, &r->cli, err);
	if (rc == 0 && r->cli.dry)
		return asking_foretell(&r->ask, &r->cli, err);
	if (rc == 0)
		rc = answer(r, err);
	if (rc == 0 && r->wait.given && jit_ledger_away(r->cli.ledger))
		rc = jit_fail(err, JIT_PENDING,
			"nobody can be waited for without the ledger: have it "
			"issued there");
	else if (rc == 0 && r->wait.given)
		rc = wait_and_collect(r, err);
	return rc;
}

/* Cancel. */

static int
cancel(struct request *r, struct jit_error *err)
{
	struct jit_grant *g = NULL;
	int rc = 0;

	if (r->ask.reason)
		rc = jit_name_want_reason("reason", r->ask.reason, err);
	if (rc == 0)
		rc = open_all(r, err);
	if (rc == 0)
		rc = cli_grant(&g, &r->cli, r->cancel, err);
	if (rc)
		return rc;
	memcpy(r->ask.id, g->id, JIT_ULID);
	rc = asking_cancel(&r->cli, g, r->ask.reason, err);
	if (rc)
		return rc;
	cli_hint(&r->cli, "%s %s", r->cli.dry ? "would cancel" : "cancelled",
		r->ask.id);
	if (r->cli.dry)
		return 0;
	offer_forget(r->ask.id);
	return act_answer_over(&r->cli, r->ask.id, "withdraw", err);
}

/* Change of policy or people. */

static int
check_change(struct request *r, struct jit_error *err)
{
	struct proposal *p = &r->change;
	int rc;

	if (p->enroll && !r->pubkey)
		return cli_usage(&r->cli, err,
			"--enroll wants the key: -p PUBKEYFILE");
	if (!r->ask.reason)
		return cli_usage(&r->cli, err, "why? -m REASON");
	if (!r->ask.task)
		r->ask.task = getenv("JIT_TASK");
	if (!r->ask.task && !p->retire)
		return cli_usage(&r->cli, err,
			"which task? -t TASK, or JIT_TASK");
	p->task = r->ask.task ? r->ask.task : "retire";
	p->reason = r->ask.reason;
	p->pubkey = r->pubkey;
	rc = jit_name_want_task(p->task, err);
	return rc ? rc : jit_name_want_reason("reason", p->reason, err);
}

static int
change(struct request *r, struct jit_error *err)
{
	int rc = check_change(r, err);

	if (rc == 0)
		rc = act_open(&r->cli, err);
	return rc ? rc : enact_ask(&r->cli, &r->change, err);
}

/* Deliver. */

/* Each file is taken and each refusal said; the highest status is returned. */
static int
deliver(struct request *r, struct jit_error *err)
{
	int rc, worst;
	size_t i;

	if (r->cli.dry)
		return cli_usage(&r->cli, err,
			"--dry-run does not go with --deliver");
	worst = act_open(&r->cli, err);
	for (i = 0; worst != JIT_TROUBLE && i < r->cli.count; i++) {
		rc = away_take(&r->cli, r->cli.args[i], err);
		if (rc)
			cli_complain(&r->cli, err);
		err->text[0] = '\0'; /* it is said */
		worst = rc < worst ? rc : worst;
	}
	return worst;
}

/* What is asked: each mode is named by its option, and has one way. */
static const struct mode {
	const char *name;
	int (*run)(struct request *r, struct jit_error *err);
	bool operands;
} modes[] = {{"--deliver", deliver, true}, {"--policy", change, false},
	{"--enroll", change, false}, {"--retire", change, false},
	{"--cancel", cancel, false}, {"--extend", ask, false},
	{"-", ask, true}};

static const struct mode *
mode_of(const struct request *r)
{
	const bool is[] = {r->deliver, r->change.policy, r->change.enroll,
		r->change.retire, r->cancel, r->extend, true};
	size_t i = 0;

	while (!is[i])
		i++;
	return &modes[i];
}

static int
run(struct request *r, struct jit_error *err)
{
	const struct mode *m = mode_of(r);
	int rc = cli_mode(&r->cli, m->name, err);

	if (rc == 0 && !m->operands && r->cli.count)
		rc = cli_usage(&r->cli, err, "'%.100s' does not go with %s",
			r->cli.args[0], m->name);
	return rc ? rc : m->run(r, err);
}

int
main(int argc, char **argv)
{
	struct request r = {0};
	struct jit_error err = {0};
	int rc;

	cli_start(&r.cli, &program, argc, argv);
	rc = run(&r, &err);
	offer_free(&r.ask.offer);
	jit_arena_free(&r.mem);
	return cli_end(&r.cli, rc, &err);
}
