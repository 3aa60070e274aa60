/* SPDX-License-Identifier: ISC */
/* jit-exec: run one command under a grant, recorded, until its end. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "act.h"
#include "asking.h"
#include "carry_key.h"
#include "collect.h"
#include "leftover.h"
#include "perform.h"
#include "playback.h"
#include "wait.h"
#include "which.h"

struct exec {
	struct cli cli;
	struct asking ask;
	struct cli_maybe wait;
	const char *pubkey, *output, *status_file, *replay, *speed;

	const char *const *command; /* what is after "--"; NULL: nothing is */
	struct jit_buf path;        /* of the command */
	char id[JIT_ULID];          /* of the grant, once it is known */
	struct carry *carry;
	struct performed done;
};

static const char *const usage[] = {
	"[--status FILE] [-o FILE] [-w[DURATION]] ID -- COMMAND [ARG]...",
	"[--status FILE] [-o FILE] [-w[DURATION]] -t TASK -m REASON\n"
	"                -d DURATION RESOURCE ROLE -- COMMAND [ARG]...",
	"--replay FILE [-s SPEED]", NULL};

static const struct cli_option options[] = {
	{'t', "task", CLI_TEXT, "TASK", "what it is for (else JIT_TASK)",
		CLI_AT(exec, ask.task)},
	{'m', "message", CLI_TEXT, "REASON", "why it is needed",
		CLI_AT(exec, ask.reason)},
	{'d', "duration", CLI_DURATION, "DURATION", "for how long: 30m, 1h30m",
		CLI_AT(exec, ask.duration)},
	{'p', "pubkey", CLI_TEXT, "PUBKEYFILE",
		"use this key of yours instead of a new one",
		CLI_AT(exec, pubkey)},
	{'w', "wait", CLI_MAYBE, "DURATION",
		"wait until it is active, for so long at most",
		CLI_AT(exec, wait)},
	{0, "break-glass", CLI_FLAG, NULL,
		"without a vote, as a rule allows; a review is owed",
		CLI_AT(exec, ask.glass)},
	{'o', "output", CLI_TEXT, "FILE", "record to this new file",
		CLI_AT(exec, output)},
	{0, "status", CLI_TEXT, "FILE", "say in this file how it ended",
		CLI_AT(exec, status_file)},
	{0, "replay", CLI_TEXT, "FILE",
		"play a recording that the ledger knows", CLI_AT(exec, replay)},
	{'s', "speed", CLI_TEXT, "SPEED", "so many times as fast: 2, 0.5",
		CLI_AT(exec, speed)},
	CLI_ROW_LEDGER, CLI_ROW_KEY, CLI_ROW_DRY, CLI_ROW_QUIET,
	CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-exec",
	"run one command under a grant", usage, options, 0, 8, NULL};

/* The status file. */

static struct jit_json *
describe(const struct exec *x, int code, const char *why)
{
	struct jit_json *o = jit_json_object();
	const struct performed *d = &x->done;

	if (jit_json_set_int(o, "status", -code) &&
		jit_json_set_text(o, "why", why) &&
		(!x->id[0] || jit_json_set_text(o, "id", x->id)) &&
		(!d->ran ||
			(jit_json_set_int(o, "exit", d->exit) &&
				jit_json_set_text(o, "session", d->session) &&
				jit_json_set_text(o, "recording",
					jit_buf_text(&d->recording)))))
		return o;
	jit_json_free(o);
	return NULL;
}

static void
write_status(const struct cli *c, int code, const char *why)
{
	const struct exec *x = (const struct exec *)c;
	struct jit_error err = {0};
	struct jit_buf line = {0};
	struct jit_json *o;

	if (!x->status_file)
		return;
	o = describe(x, code, why);
	if (o)
		jit_json_encode(&line, o, 0);
	jit_buf_str(&line, "\n");
	if (!o || line.failed ||
		cli_write_file(x->status_file, line.data, line.len, false, true,
			&err))
		cli_complain(c, &err);
	jit_json_free(o);
	jit_buf_free(&line);
}

/* Words. */

/* The command is what is after "--"; the rest is for us. */
static const char *const *
take_command(int *argc, char **argv)
{
	int i;

	for (i = 1; i < *argc; i++)
		if (strcmp(argv[i], "--") == 0) {
			*argc = i;
			argv[i] = NULL;
			return (const char *const *)&argv[i + 1];
		}
	return NULL;
}

static bool
asks(const struct exec *x)
{
	return x->cli.count != 1 || x->ask.reason || x->ask.duration ||
		x->ask.task || x->ask.glass;
}

static int
check_replay(const struct exec *x, struct jit_error *err)
{
	if (x->command || x->cli.count || x->ask.task || x->ask.reason ||
		x->ask.duration || x->wait.given || x->pubkey || x->output ||
		x->status_file || x->ask.glass)
		return cli_usage(&x->cli, err, "--replay goes with -s only");
	return 0;
}

static int
check_command(struct exec *x, struct jit_error *err)
{
	int rc;

	if (x->speed)
		return cli_usage(&x->cli, err, "-s goes with --replay");
	if (!x->command || !x->command[0])
		return cli_usage(&x->cli, err, "which command? -- COMMAND");
	if (asks(x)) {
		rc = asking_operands(&x->ask, &x->cli, &x->wait, err);
		if (rc == 0)
			rc = asking_check(&x->ask, &x->cli, err);
		if (rc)
			return rc;
	}
	rc = which(&x->path, x->command[0], err);
	if (rc <= 0)
		return rc;
	x->cli.refusal = rc;
	return JIT_USAGE;
}

/* The grant. */

static volatile sig_atomic_t stopped;

static void
stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* What is ignored, as under nohup(1), stays so. */
static void
catch_signals(bool on)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	const struct sigaction act = {.sa_handler = on ? stop : SIG_DFL};
	struct sigaction was;
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &was) == 0 &&
			was.sa_handler != SIG_IGN)
			sigaction(signals[i], &act, NULL);
}

static int
wait_for(struct exec *x, struct jit_error *err)
{
	int rc;

	catch_signals(true);
	rc = wait_active(&x->cli, x->id, x->wait.seconds, &stopped, err);
	catch_signals(false);
	return rc;
}

/* A grant that is there, and its key. */
static int
by_id(struct exec *x, const char *me, struct jit_error *err)
{
	struct cli *c = &x->cli;
	struct jit_grant *g = NULL;
	int rc = cli_grant(&g, c, c->args[0], err);

	if (rc)
		return rc;
	memcpy(x->id, g->id, JIT_ULID);
	if (strcmp(g->by, me) != 0)
		return jit_fail(err, JIT_NO, "grant %s is %s's", g->id, g->by);
	if (g->stage != JIT_ACTIVE && !x->wait.given)
		return jit_fail(err, JIT_PENDING,
			"grant %s is not issued yet: -w waits for it", g->id);
	if (jit_standing_basis(jit_ledger_state(c->ledger), g) !=
		JIT_BASIS_HOLDS)
		return jit_fail(err, JIT_NO,
			"grant %s rests on nothing any more", g->id);
	rc = wait_for(x, err);
	g = jit_state_grant(jit_ledger_state(c->ledger), x->id);
	if (rc || c->dry)
		return rc;
	return carry_old(&x->carry, c, g, x->pubkey, err);
}

/* Its key is gone with us: whoever would approve it need not. */
static void
take_back(struct exec *x)
{
	const struct jit_state *s = jit_ledger_state(x->cli.ledger);
	const struct jit_grant *g = jit_state_grant(s, x->id);
	struct jit_error err = {0};

	act_now(&x->cli);
	if (g && g->stage == JIT_WAITING &&
		asking_cancel(&x->cli, g, "jit-exec waits no longer", &err))
		cli_complain(&x->cli, &err);
}

static int
by_asking(struct exec *x, struct jit_error *err)
{
	struct cli *c = &x->cli;
	struct jit_buf waits = {0};
	int rc;

	rc = carry_new(&x->carry, &x->ask.offer.line, c, x->ask.resource,
		x->pubkey, err);
	if (rc == 0)
		rc = asking_append(&x->ask, c, err);
	if (rc == 0 && c->dry)
		return asking_foretell(&x->ask, c, err);
	if (rc)
		return rc;
	memcpy(x->id, x->ask.id, JIT_ULID);
	rc = asking_waits(&waits, &x->ask, c, err);
	if (rc == 0)
		cli_hint(c, "asked %s: waits for %s", x->id,
			jit_buf_text(&waits));
	jit_buf_free(&waits);
	if (rc == 0)
		rc = wait_for(x, err);
	if (rc)
		take_back(x);
	return rc;
}

/* The command. */

static int
hold(struct exec *x, const struct jit_grant *g, struct jit_error *err)
{
	struct jit_buf cert = {0};
	int rc;

	if (!x->carry)
		return 0;
	rc = collect_cert(&cert, &x->cli, g, err);
	if (rc == 0)
		rc = carry_hold(x->carry, jit_buf_text(&cert), g->until, err);
	jit_buf_free(&cert);
	if (rc == 0 &&
		(setenv("SSH_AUTH_SOCK", carry_socket(x->carry), 1) ||
			unsetenv("SSH_AGENT_PID")))
		rc = jit_nomem(err);
	return rc;
}

static int
run_command(struct exec *x, struct jit_error *err)
{
	struct cli *c = &x->cli;
	const struct jit_grant *g =
		jit_state_grant(jit_ledger_state(c->ledger), x->id);
	const struct perform what = {.path = jit_buf_text(&x->path),
		.argv = x->command,
		.output = x->output,
		.carry = x->carry};
	int rc = hold(x, g, err);

	if (rc == 0 && setenv("JIT_GRANT", x->id, 1))
		rc = jit_nomem(err);
	if (rc == 0)
		rc = perform(&x->done, c, g, &what, err);
	if (rc == 0)
		write_status(c, x->done.code, x->done.why.text);
	return rc;
}

static int
replay(struct exec *x, struct jit_error *err)
{
	int64_t speed = 100;
	int rc;

	x->cli.refusal = 0; /* nothing is run: its statuses are the usual */
	x->cli.refused = NULL;
	rc = check_replay(x, err);
	if (rc == 0 && x->speed)
		rc = playback_speed(&speed, x->speed, err);
	if (rc == 0)
		rc = cli_ledger(&x->cli, err);
	return rc ? rc : playback(&x->cli, x->replay, speed, err);
}

static int
run(struct exec *x, struct jit_error *err)
{
	const struct jit_enrolment *me = NULL;
	struct cli *c = &x->cli;
	struct jit_buf who = {0};
	int rc = check_command(x, err);

	if (rc == 0)
		rc = act_open(c, err);
	if (rc == 0)
		rc = cli_whoami(&me, c, err);
	if (rc)
		return rc;
	jit_buf_str(&who, me->principal);
	offer_sweep(c);
	if (!c->dry)
		leftover_close(c, jit_buf_text(&who));
	rc = asks(x) ? by_asking(x, err) : by_id(x, jit_buf_text(&who), err);
	jit_buf_free(&who);
	if (rc)
		return rc;
	if (!c->dry)
		return run_command(x, err);
	cli_hint(c, "would run '%s'", jit_buf_text(&x->path));
	return 0;
}

int
main(int argc, char **argv)
{
	struct exec x = {
		.cli = {.refusal = PERFORM_REFUSED, .refused = write_status}};
	struct jit_error err = {0};
	int rc, status;

	prctl(PR_SET_DUMPABLE, 0); /* it holds the key that signs events */
	x.command = take_command(&argc, argv);
	cli_start(&x.cli, &program, argc, argv);
	rc = x.replay ? replay(&x, &err) : run(&x, &err);
	carry_end(x.carry);
	status = cli_end(&x.cli, rc, &err);
	if (rc == 0 && x.done.ran)
		status = x.done.exit;
	perform_free(&x.done);
	offer_free(&x.ask.offer);
	jit_buf_free(&x.path);
	prctl(PR_SET_DUMPABLE, 1);
	return status;
}
