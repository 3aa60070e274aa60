/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE /* close_range */
#include "tender.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act.h"
#include "deadline.h"
#include "tidy.h"

#define PERIOD 1000 /* milliseconds from one fetch to the next */
#define SECONDS 10  /* that a fetch may take */
#define AGAIN 5000  /* milliseconds before one that died is started again */
#define OWN_FIRST 3 /* descriptors from here on are the parent's */

static volatile sig_atomic_t asked_to_stop;

static void
stop(int signal)
{
	(void)signal;
	asked_to_stop = 1;
}

static void
set_up(bool quiet)
{
	struct sigaction act = {.sa_handler = stop},
			 deaf = {.sa_handler = SIG_IGN},
			 plain = {.sa_handler = SIG_DFL};
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	asked_to_stop = 0;
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &deaf, NULL); /* a terminal's is for the parent */
	sigaction(SIGQUIT, &deaf, NULL);
	sigaction(SIGHUP, &act, NULL);
	sigaction(SIGCHLD, &plain, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_NAME, "jit-tender");
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (quiet)
		dup2(null, STDERR_FILENO);
	close_range(OWN_FIRST, ~0U, 0);
}

/* What changed since the last time is said. */
static void
tell(const struct cli *c, bool *lost, int rc, const struct jit_error *err)
{
	if (rc && !*lost)
		cli_complain(c, err);
	if (!rc && *lost)
		cli_hint(c, "'%s' is reached again", jit_ledger_url(c->ledger));
	*lost = rc != 0;
}

static int
fetch(struct cli *c, struct jit_error *err)
{
	act_now(c);
	if (c->now == jit_ledger_heard(c->ledger))
		return 0;
	return jit_ledger_fetch(c->ledger, c->now, SECONDS, err);
}

__attribute__((noreturn)) static void
tend(const struct cli *parent, pid_t of, bool quiet)
{
	struct cli c = {.program = parent->program,
		.quiet = parent->quiet,
		.uid = parent->uid};
	struct jit_error err = {0};
	bool lost = false;
	int64_t next;
	int rc;

	set_up(quiet);
	jit_signer_free(parent->signer); /* it signs nothing */
	act_now(&c);
	rc = jit_ledger_open(&c.ledger,
		jit_store_path(jit_ledger_store(parent->ledger)),
		parent->memory, c.now, &err);
	if (rc == 0)
		rc = cli_attach(c.ledger, &err);
	while (rc == 0 && !asked_to_stop && getppid() == of) {
		next = jit_deadline_in(PERIOD);
		tell(&c, &lost, fetch(&c, &err), &err);
		tidy(&c);
		if (!asked_to_stop)
			poll(NULL, 0, (int)jit_deadline_left(next));
	}
	_exit(cli_end(&c, rc, &err));
}

void
tender_keep(struct tender *t, const struct cli *c, bool quiet)
{
	pid_t parent = getpid();

	if (!jit_ledger_url(c->ledger))
		return;
	if (t->pid > 0 && waitpid(t->pid, NULL, WNOHANG) == 0)
		return;
	t->pid = 0;
	if (!jit_deadline_over(t->wait))
		return;
	t->wait = jit_deadline_in(AGAIN);
	t->pid = fork();
	if (t->pid == 0)
		tend(c, parent, quiet);
}

void
tender_stop(struct tender *t)
{
	if (t->pid > 0)
		kill(t->pid, SIGTERM);
	t->pid = 0;
}
