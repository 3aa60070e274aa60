/* SPDX-License-Identifier: ISC */
/* jit-request: ask for access, wait for it, or take the question back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act.h"
#include "enact.h"
#include "name.h"
#include "offer.h"
#include "screen.h"
#include "wait.h"
#include "when.h"

struct request {
	struct cli cli;
	const char *task, *message, *pubkey, *cancel, *extend;
	int64_t duration;
	struct cli_list lines; /* -a */
	struct cli_maybe wait;
	bool glass;
	struct proposal change;

	const char *resource, *role;
	struct jit_lists actions;
	struct offer offer;
	char source[65];
	char id[JIT_ULID];
	char parent[JIT_ULID];  /* that is extended, or "" */
	struct jit_arena mem;   /* what is taken over from it; actions */
	char asked[JIT_HEX256]; /* SHA-256 of the request that is cancelled */
};

static const char *const usage[] = {
	"-t TASK -m REASON -d DURATION [-a ACTION]... [-p PUBKEYFILE]\n"
	"                   [-w[DURATION]] RESOURCE ROLE",
	"--break-glass -t TASK -m REASON -d DURATION ... RESOURCE ROLE",
	"--extend ID -m REASON -d DURATION [-t TASK] [-w[DURATION]]",
	"-t TASK -m REASON --policy FILE",
	"-t TASK -m REASON --enroll WHO -p PUBKEYFILE [--class CLASS]\n"
	"                   [--sponsor WHO] [--until DATE] [--hardware]",
	"-m REASON [-t TASK] --retire WHO|FINGERPRINT",
	"--cancel ID [-m REASON]", NULL};

static const struct cli_option options[] = {
	{'t', "task", CLI_TEXT, "TASK", "what it is for (else JIT_TASK)",
		CLI_AT(request, task)},
	{'m', "message", CLI_TEXT, "REASON", "why it is needed",
		CLI_AT(request, message)},
	{'d', "duration", CLI_DURATION, "DURATION", "for how long: 30m, 1h30m",
		CLI_AT(request, duration)},
	{'a', "action", CLI_LIST, "ACTION",
		"for this command line only; may be repeated",
		CLI_AT(request, lines)},
	{'p', "pubkey", CLI_TEXT, "PUBKEYFILE",
		"offer this public key instead of a new one",
		CLI_AT(request, pubkey)},
	{'w', "wait", CLI_MAYBE, "DURATION",
		"wait until it is active, and collect it",
		CLI_AT(request, wait)},
	{0, "break-glass", CLI_FLAG, NULL,
		"without a vote, as a rule allows; a review is owed",
		CLI_AT(request, glass)},
	{0, "extend", CLI_TEXT, "ID", "ask for more of a live grant of yours",
		CLI_AT(request, extend)},
	{0, "policy", CLI_TEXT, "FILE", "ask for this policy",
		CLI_AT(request, change.policy)},
	{0, "enroll", CLI_TEXT, "WHO", "ask to enrol the key of -p for WHO",
		CLI_AT(request, change.enroll)},
	{0, "class", CLI_TEXT, "CLASS",
		"as person (else), vendor, workload, host, issuer",
		CLI_AT(request, change.class)},
	{0, "sponsor", CLI_TEXT, "WHO", "who vouches for it",
		CLI_AT(request, change.sponsor)},
	{0, "until", CLI_TEXT, "DATE", "when the enrolment ends",
		CLI_AT(request, change.until)},
	{0, "hardware", CLI_FLAG, NULL, "its key is kept in hardware",
		CLI_AT(request, change.hardware)},
	{0, "retire", CLI_TEXT, "WHO",
		"retire a principal, or a key by its fingerprint",
		CLI_AT(request, change.retire)},
	{0, "cancel", CLI_TEXT, "ID", "take back a request that waits",
		CLI_AT(request, cancel)},
	CLI_ROW_LEDGER, CLI_ROW_KEY, CLI_ROW_DRY, CLI_ROW_JSON, CLI_ROW_QUIET,
	CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-request", "ask for access",
	usage, options, 0, 3, NULL};

/* "-w 5m" leaves 5m among the operands. */
static int
check_operands(const struct request *r, struct jit_error *err)
{
	const struct cli *c = &r->cli;
	int64_t seconds;
	size_t i;

	for (i = 0; r->wait.given && i < c->count; i++)
		if (jit_when_duration(&seconds, c->args[i], NULL) == 0)
			return cli_usage(c, err,
				"-w takes its duration without a blank: -w%s",
				c->args[i]);
	if (c->count > 2)
		return cli_usage(c, err, "'%s' is one word too many",
			c->args[2]);
	if (c->count < 2)
		return cli_usage(c, err,
			"RESOURCE and ROLE are wanted, like ssh:web-1 root");
	return 0;
}

static int
take_operands(struct request *r, struct jit_error *err)
{
	int rc = check_operands(r, err);

	if (rc)
		return rc;
	r->resource = r->cli.args[0];
	r->role = r->cli.args[1];
	return 0;
}

static int
check_words(struct request *r, struct jit_error *err)
{
	const struct cli *c = &r->cli;
	int rc;

	if (!r->task)
		r->task = getenv("JIT_TASK");
	if (!r->task)
		return cli_usage(c, err, "which task? -t TASK, or JIT_TASK");
	if (!r->message)
		return cli_usage(c, err, "why? -m REASON");
	if (!r->duration)
		return cli_usage(c, err, "for how long? -d DURATION");
	rc = jit_name_want_resource(r->resource, err);
	if (rc == 0)
		rc = jit_name_want_label("role", r->role, err);
	if (rc == 0 && !r->extend)
		rc = cli_actions(&r->actions, &r->mem, &r->lines, err);
	if (rc == 0)
		rc = jit_name_want_task(r->task, err);
	if (rc == 0)
		rc = jit_name_want_reason("reason", r->message, err);
	return rc;
}

static void
find_source(struct request *r)
{
	if (gethostname(r->source, sizeof(r->source) - 1) != 0 ||
		!jit_name_task(r->source))
		strcpy(r->source, "unknown");
}

static int
find_offer(struct request *r, struct jit_error *err)
{
	if (r->parent[0])
		return 0; /* the key of what is extended goes on */
	if (r->pubkey)
		return offer_read(&r->offer, r->pubkey, err);
	if (strncmp(r->resource, "ssh:", 4) == 0)
		return offer_make(&r->offer, r->cli.dry, err);
	if (strncmp(r->resource, "pg:", 3) == 0)
		return offer_password(&r->offer, r->cli.dry, err);
	return 0;
}

/* The files of a new key take the id's name before there is a request. */
static int
draft(struct jit_event *ev, const struct jit_state *s, int64_t at, void *arg,
	struct jit_error *err)
{
	struct request *r = arg;
	unsigned char chance[10];

	(void)s;
	jit_random(chance, sizeof(chance));
	jit_ulid_make(r->id, at, chance);
	ev->id = r->id;
	ev->resource = r->resource;
	ev->role = r->role;
	ev->task = r->task;
	ev->reason = r->message;
	ev->duration = r->duration;
	ev->actions = r->actions;
	ev->source = r->source;
	ev->glass = r->glass;
	ev->extends = r->parent[0] ? r->parent : NULL;
	if (r->offer.line.len)
		ev->offer = jit_buf_text(&r->offer.line);
	return offer_name(&r->offer, r->id, err);
}

static int
open_all(struct request *r, struct jit_error *err)
{
	int rc = act_open(&r->cli, err);

	if (rc == 0)
		offer_sweep(&r->cli);
	return rc;
}

static int
rule_for(const struct jit_rule **rule, const struct request *r, const char *who,
	struct jit_error *err)
{
	const struct jit_asked asked = {.who = who,
		.resource = r->resource,
		.role = r->role,
		.actions = &r->actions,
		.at = r->cli.now,
		.glass = r->glass};

	return jit_standing_rule(rule, jit_ledger_state(r->cli.ledger), &asked,
		r->duration, err);
}

/* With -n: which rule would decide, and who would have to say yes. */
static int
foretell(struct request *r, struct jit_error *err)
{
	const struct jit_enrolment *me = NULL;
	const struct jit_rule *rule = NULL;
	struct jit_buf who = {0};
	int rc;

	rc = jit_ledger_whoami(&me, r->cli.ledger,
		jit_signer_key(r->cli.signer), err);
	if (rc == 0)
		rc = rule_for(&rule, r, me->principal, err);
	if (rc)
		return rc;
	jit_policy_spell(&who, rule);
	cli_hint(&r->cli, "rule '%s' would decide: approval by %s", rule->id,
		jit_buf_text(&who));
	jit_buf_free(&who);
	return 0;
}

static int
answer(struct request *r, struct jit_error *err)
{
	struct cli *c = &r->cli;
	const struct jit_state *s = jit_ledger_state(c->ledger);
	struct jit_buf missing = {0};
	struct jit_standing st;
	int rc;

	rc = jit_standing_of(&st, s, jit_state_grant(s, r->id), r->cli.now,
		err);
	if (rc)
		return rc;
	screen_missing(&missing, &st);
	if (c->json)
		rc = act_answer(c, r->id, NULL, NULL, err);
	else
		cli_out("%s\n", r->id);
	fflush(stdout); /* whoever waits reads it now; cli_end finds errors */
	cli_hint(c, "waits for %s",
		st.met ? "its issue" : jit_buf_text(&missing));
	jit_buf_free(&missing);
	return rc;
}

static int
wait_and_collect(struct request *r, struct jit_error *err)
{
	struct jit_buf path = {0};
	int rc;

	rc = wait_active(&r->cli, r->id, r->wait.seconds, err);
	if (rc == 0)
		rc = wait_collect(&path, &r->cli, r->id, err);
	if (rc == 0 && r->offer.password)
		cli_hint(&r->cli, "password file: %s/%s.pgpass",
			jit_buf_text(&r->offer.folder), r->id);
	else if (rc == 0 && r->offer.folder.len)
		cli_hint(&r->cli, "log in with: ssh -i '%s/%s' %s@%s",
			jit_buf_text(&r->offer.folder), r->id, r->role,
			strchr(r->resource, ':') + 1);
	else if (rc == 0 && path.len)
		cli_hint(&r->cli, "certificate: %s", jit_buf_text(&path));
	if (rc == JIT_OVER)
		offer_forget(r->id);
	jit_buf_free(&path);
	return rc;
}

/* What is extended says where, as what and with which key. */
static int
take_parent(struct request *r, struct jit_error *err)
{
	struct jit_grant *g = NULL;
	int rc;

	if (r->cli.count || r->pubkey || r->lines.count || r->glass)
		return cli_usage(&r->cli, err,
			"--extend takes no RESOURCE, no -p, no -a, no "
			"--break-glass");
	rc = cli_grant(&g, &r->cli, r->extend, err);
	if (rc)
		return rc;
	memcpy(r->parent, g->id, JIT_ULID);
	r->resource = jit_arena_str(&r->mem, g->resource);
	r->role = jit_arena_str(&r->mem, g->role);
	if (!r->task)
		r->task = jit_arena_str(&r->mem, g->task);
	if (g->offer)
		jit_buf_str(&r->offer.line, g->offer);
	if (!r->resource || !r->role || !r->task)
		return jit_nomem(err);
	rc = jit_shape_copy(&r->actions, &r->mem, &g->actions, err);
	return rc ? rc : jit_buf_failed(&r->offer.line, err);
}

static int
ask(struct request *r, struct jit_error *err)
{
	int rc = 0;

	if (!r->extend)
		rc = take_operands(r, err);
	else
		rc = open_all(r, err);
	if (rc == 0 && r->extend)
		rc = take_parent(r, err);
	if (rc == 0)
		rc = check_words(r, err);
	if (rc == 0 && !r->extend)
		rc = open_all(r, err);
	if (rc == 0)
		rc = find_offer(r, err);
	if (rc)
		return rc;
	find_source(r);
	rc = act(&r->cli, JIT_REQUEST, draft, r, NULL, err);
	if (rc) {
		offer_drop(&r->offer);
		return rc;
	}
	if (r->cli.dry)
		return foretell(r, err);
	rc = answer(r, err);
	if (rc == 0 && r->wait.given)
		rc = wait_and_collect(r, err);
	return rc;
}

/* Cancel. */

static int
draft_cancel(struct jit_event *ev, const struct jit_state *s, int64_t at,
	void *arg, struct jit_error *err)
{
	const struct request *r = arg;

	(void)s;
	(void)at;
	(void)err;
	ev->id = r->id;
	ev->vote = r->asked;
	ev->reason = r->message ? r->message : "cancelled";
	return 0;
}

static int
check_cancel(const struct request *r, struct jit_error *err)
{
	if (r->cli.count || r->task || r->duration || r->pubkey ||
		r->lines.count || r->wait.given || r->glass || r->extend)
		return cli_usage(&r->cli, err,
			"--cancel goes with an ID and -m only");
	if (!r->message)
		return 0;
	return jit_name_want_reason("reason", r->message, err);
}

static int
cancel(struct request *r, struct jit_error *err)
{
	struct jit_grant *g = NULL;
	int rc;

	rc = check_cancel(r, err);
	if (rc == 0)
		rc = open_all(r, err);
	if (rc == 0)
		rc = cli_grant(&g, &r->cli, r->cancel, err);
	if (rc)
		return rc;
	memcpy(r->id, g->id, JIT_ULID);
	jit_hex(r->asked, g->request, JIT_SHA256);
	rc = act(&r->cli, JIT_WITHDRAW, draft_cancel, r, r->id, err);
	if (rc)
		return rc;
	cli_hint(&r->cli, "%s %s", r->cli.dry ? "would cancel" : "cancelled",
		r->id);
	if (r->cli.dry)
		return 0;
	offer_forget(r->id);
	return act_answer_over(&r->cli, r->id, "withdraw", err);
}

/* Change of policy or people. */

static int
check_change(struct request *r, struct jit_error *err)
{
	struct proposal *p = &r->change;
	int rc;

	if ((p->policy != NULL) + (p->enroll != NULL) + (p->retire != NULL) >
			1 ||
		r->cancel || r->extend || r->glass || r->duration ||
		r->lines.count || r->wait.given || r->cli.count)
		return cli_usage(&r->cli, err,
			"--policy, --enroll or --retire: one of them, alone");
	if (!p->enroll &&
		(p->class || p->sponsor || p->until || p->hardware ||
			r->pubkey))
		return cli_usage(&r->cli, err,
			"-p, --class, --sponsor, --until and --hardware go "
			"with --enroll");
	if (p->enroll && !r->pubkey)
		return cli_usage(&r->cli, err,
			"--enroll wants the key: -p PUBKEYFILE");
	if (!r->message)
		return cli_usage(&r->cli, err, "why? -m REASON");
	if (!r->task)
		r->task = getenv("JIT_TASK");
	if (!r->task && !p->retire)
		return cli_usage(&r->cli, err,
			"which task? -t TASK, or JIT_TASK");
	p->task = r->task ? r->task : "retire";
	p->reason = r->message;
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

static int
run(struct request *r, struct jit_error *err)
{
	if (r->change.policy || r->change.enroll || r->change.retire)
		return change(r, err);
	return r->cancel ? cancel(r, err) : ask(r, err);
}

int
main(int argc, char **argv)
{
	struct request r = {0};
	struct jit_error err = {0};
	int rc;

	cli_start(&r.cli, &program, argc, argv);
	rc = run(&r, &err);
	offer_free(&r.offer);
	jit_arena_free(&r.mem);
	return cli_end(&r.cli, rc, &err);
}
