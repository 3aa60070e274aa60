/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE /* close_range */
#include "clerk.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act.h"
#include "away.h"

struct desk {
	struct cli cli;
	struct talk talk;
	const char *ledger, *memory, *key;
	const struct jit_json *wanted;
	const char *texts[256];
};

static const char *
text(const struct jit_json *o, const char *name)
{
	return jit_json_text(jit_json_get(o, name));
}

static void
put_recordings(struct jit_event *ev, struct desk *d)
{
	const struct jit_json *list = jit_json_get(d->wanted, "recordings");
	size_t i, n = jit_json_count(list);

	for (i = 0; i < n && i < sizeof(d->texts) / sizeof(d->texts[0]); i++)
		d->texts[i] = jit_json_text(jit_json_at(list, i));
	ev->recordings.at = d->texts;
	ev->recordings.count = i;
}

static int
draft(struct jit_event *ev, const struct jit_state *s, int64_t at, void *arg,
	struct jit_error *err)
{
	struct desk *d = arg;

	(void)at;
	(void)err;
	ev->id = text(d->wanted, "id");
	ev->session = text(d->wanted, "session");
	ev->phase = text(d->wanted, "phase");
	ev->host = text(d->wanted, "host");
	ev->program = text(d->wanted, "program");
	ev->counter = jit_state_counted(s, ev->by) + 1;
	ev->exit.given =
		jit_json_int(&ev->exit.n, jit_json_get(d->wanted, "exit"));
	(void)!jit_json_int(&ev->killed, jit_json_get(d->wanted, "killed"));
	put_recordings(ev, d);
	return 0;
}

/* Where it is out of reach, what is remembered of it; it may come back. */
static int
open_ledger(struct desk *d, struct jit_error *err)
{
	struct jit_error why = {0};
	int rc;

	if (d->cli.ledger && jit_ledger_away(d->cli.ledger))
		(void)!away_over(&d->cli, false, &why);
	if (d->cli.ledger)
		return 0;
	rc = jit_ledger_open(&d->cli.ledger, d->ledger, d->memory, d->cli.now,
		err);
	if (rc == 0)
		rc = cli_attach(d->cli.ledger, err);
	return rc == JIT_TROUBLE ? away_open(&d->cli, d->ledger, d->memory, err)
				 : rc;
}

/* Ledger and key, unless they are there. */
static int
open_all(struct desk *d, struct jit_error *err)
{
	const struct jit_enrolment *me = NULL;
	int rc = 0;

	if (d->cli.key_name.len == 0)
		jit_buf_str(&d->cli.key_name, d->key);
	if (!d->cli.signer)
		rc = cli_signer_for(&d->cli.signer, &d->cli, d->key, err);
	if (rc == 0)
		rc = open_ledger(d, err);
	return rc ? rc : cli_whoami(&me, &d->cli, err);
}

/* What was sealed comes first; where it cannot, a use is sealed too. */
static int
deliver(struct desk *d, struct jit_error *err)
{
	bool asked = text(d->wanted, "phase") == NULL;
	int rc = 0;

	if (!jit_ledger_away(d->cli.ledger))
		rc = away_deliver(&d->cli, err);
	if (rc == JIT_TROUBLE && away_now(&d->cli, err))
		rc = 0;
	if (rc == 0 && asked && jit_ledger_away(d->cli.ledger))
		rc = jit_fail(err, JIT_TROUBLE, "%s", d->cli.why_away.text);
	return rc;
}

static int
write_one(struct desk *d, struct jit_error *err)
{
	int rc;

	act_now(&d->cli);
	rc = open_all(d, err);
	if (rc == 0)
		rc = deliver(d, err);
	if (rc == 0 && text(d->wanted, "phase"))
		rc = act(&d->cli, JIT_USE, draft, d, NULL, err);
	if (rc == JIT_TROUBLE || rc == JIT_EVIDENCE) {
		jit_ledger_free(d->cli.ledger);
		d->cli.ledger = NULL;
	}
	return rc;
}

/* false: the parent is gone. */
static bool
serve(struct desk *d, const struct jit_json *wanted)
{
	struct jit_json *o = jit_json_object();
	struct jit_error err = {0};
	int64_t ticket = 0;
	bool good;
	int rc;

	d->wanted = wanted;
	(void)!jit_json_int(&ticket, jit_json_get(wanted, "ticket"));
	rc = write_one(d, &err);
	good = jit_json_set_int(o, "ticket", ticket) &&
		jit_json_set_int(o, "status", -rc) &&
		(rc == 0 || jit_json_set_text(o, "why", err.text));
	if (good)
		return talk_send(&d->talk, o);
	jit_json_free(o);
	return false;
}

static bool
serve_all(struct desk *d)
{
	struct jit_json *o;
	bool bad = false, good = true;

	while (good && (o = talk_take(&bad, &d->talk)) != NULL) {
		good = serve(d, o);
		jit_json_free(o);
	}
	return good && !bad;
}

__attribute__((noreturn)) static void
work(struct desk *d, pid_t parent)
{
	struct pollfd fd = {.fd = d->talk.fd, .events = POLLIN};
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "jit-clerk");
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (fd.fd > 3)
		close_range(3, (unsigned int)fd.fd - 1, 0);
	close_range((unsigned int)fd.fd + 1, ~0U, 0);
	while (getppid() == parent) {
		if (poll(&fd, 1, -1) < 0 && errno != EINTR)
			break;
		if (!talk_fill(&d->talk) || !serve_all(d))
			break;
	}
	_exit(0);
}

int
clerk_start(struct clerk *out, const struct cli *c, const char *ledger,
	const char *memory, const char *key, struct jit_error *err)
{
	struct desk d = {.cli = {.program = c->program,
				 .quiet = true,
				 .seals = true,
				 .uid = c->uid},
		.ledger = ledger,
		.memory = memory,
		.key = key};
	pid_t parent = getpid(), pid;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return jit_fail(err, JIT_TROUBLE, "socketpair: %s",
			strerror(errno));
	pid = fork();
	if (pid == 0) {
		d.talk.fd = ends[1];
		work(&d, parent);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return jit_fail(err, JIT_TROUBLE, "fork: %s", strerror(errno));
	}
	memset(out, 0, sizeof(*out));
	out->talk.fd = ends[0]; /* transferred */
	out->pid = pid;
	return 0;
}

static bool
put_text(struct jit_json *o, const char *name, const char *value)
{
	return !value || jit_json_set_text(o, name, value);
}

static bool
put_list(struct jit_json *o, const struct jit_texts *texts)
{
	struct jit_json *list;
	bool good = true;
	size_t i;

	if (!texts || texts->count == 0)
		return true;
	list = jit_json_list();
	for (i = 0; good && i < texts->count; i++)
		good = jit_json_add_text(list, texts->at[i]);
	return jit_json_set(o, "recordings", list) && good;
}

bool
clerk_ask(struct clerk *k, const struct clerk_use *use)
{
	struct jit_json *o = jit_json_object();
	bool good = jit_json_set_int(o, "ticket", use->ticket) &&
		put_text(o, "id", use->id) &&
		put_text(o, "session", use->session) &&
		put_text(o, "phase", use->phase) &&
		put_text(o, "host", use->host) &&
		put_text(o, "program", use->program) &&
		put_list(o, use->recordings) &&
		(!use->exit.given ||
			jit_json_set_int(o, "exit", use->exit.n)) &&
		(!use->killed || jit_json_set_int(o, "killed", use->killed));

	if (good)
		return talk_send(&k->talk, o);
	jit_json_free(o);
	return false;
}

void
clerk_stop(struct clerk *k)
{
	talk_shut(&k->talk);
	if (k->pid > 0) {
		kill(k->pid, SIGTERM);
		while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	k->pid = 0;
}
