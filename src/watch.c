/* SPDX-License-Identifier: ISC */
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gate.h"
#include "keeper.h"
#include "service.h"

#define ISSUER_DIR GATE_ISSUER
#define REMOTE_DIR "/var/lib/jit-remote" /* that of who only follows one */
#define REST 1000 /* milliseconds before one that died is started again */

/* What runs, in the order of its start. */
struct runner {
	int (*run)(struct cli *c, const char *resources, struct jit_error *err);
	pid_t pid;
};

static volatile sig_atomic_t asked_to_stop;

static void
stop(int signal)
{
	(void)signal;
	asked_to_stop = 1;
}

static int
run_keeper(struct cli *c, const char *resources, struct jit_error *err)
{
	(void)resources;
	return keeper_run(c, err);
}

static int
serve(struct cli *c, const struct gate *g, const char *resources,
	struct jit_error *err)
{
	struct service s = {.cli = c,
		.resources = resources,
		.work = SERVICE_ISSUE | SERVICE_SWEEP};
	struct jit_signer *ca = NULL;
	int rc = 0;

	jit_buf_str(&c->key_name, g->issuer);
	rc = cli_signer_for(&c->signer, c, g->issuer, err);
	if (rc == 0 && g->ca)
		rc = cli_signer_for(&ca, c, g->ca, err);
	s.ca = ca;
	if (rc == 0)
		rc = service_run(&s, err);
	service_free(&s);
	jit_signer_free(ca);
	return rc;
}

static int
private_folder(const char *path, struct jit_error *err)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	return jit_fail(err, JIT_TROUBLE, "cannot make '%s': %s", path,
		strerror(errno));
}

static int
run_issuer(struct cli *c, const char *resources, struct jit_error *err)
{
	struct gate g = {0};
	int rc;

	rc = private_folder(ISSUER_DIR, err);
	if (rc == 0)
		rc = gate_open_as(&g, c, ISSUER_DIR, err);
	if (rc == 0)
		rc = cli_attach(c->ledger, err);
	if (rc == 0)
		rc = serve(c, &g, resources, err);
	gate_free(&g);
	return rc;
}

/* Neither: then there is the clone that gates ask, if it is one. */
static int
follow(struct cli *c, struct jit_error *err)
{
	struct sigaction act = {.sa_handler = stop};
	struct tender t = {0};
	struct gate g = {0};
	int rc;

	rc = private_folder(REMOTE_DIR, err);
	if (rc == 0)
		rc = gate_open_as(&g, c, REMOTE_DIR, err);
	if (rc == 0 && !jit_ledger_url(c->ledger))
		rc = jit_fail(err, JIT_TROUBLE,
			"%s names neither a host's key nor an issuer's: "
			"there is nothing to watch",
			GATE_CONF);
	if (rc == 0)
		cli_hint(c, "following '%s'", jit_ledger_url(c->ledger));
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	while (rc == 0 && !asked_to_stop) {
		tender_keep(&t, c, false);
		poll(NULL, 0, 200);
	}
	tender_stop(&t);
	gate_free(&g);
	return rc;
}

/* In its own process until it ends; its parent's end is its end. */
static void
start(struct runner *x, struct cli *c, const char *resources)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	struct jit_error err = {0};
	pid_t parent = getpid();

	x->pid = fork();
	if (x->pid != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigaction(SIGTERM, &plain, NULL);
	sigaction(SIGINT, &plain, NULL);
	_exit(getppid() == parent ? cli_end(c, x->run(c, resources, &err), &err)
				  : 0);
}

static bool
is_gone(struct runner *x, int *status)
{
	return x->pid <= 0 || waitpid(x->pid, status, WNOHANG) == x->pid;
}

/* Until it is asked to stop; a service that cannot begin ends it all. */
static int
mind(struct runner *list, size_t count, struct cli *c, const char *resources)
{
	int64_t began = c->now;
	size_t i;
	int status = 0;

	while (!asked_to_stop) {
		for (i = 0; i < count; i++) {
			if (!is_gone(&list[i], &status))
				continue;
			poll(NULL, 0, began == c->now ? 0 : REST);
			start(&list[i], c, resources);
		}
		began = 0;
		poll(NULL, 0, 200);
	}
	for (i = 0; i < count; i++)
		if (list[i].pid > 0)
			kill(list[i].pid, SIGTERM);
	for (i = 0; i < count; i++)
		while (list[i].pid > 0 &&
			waitpid(list[i].pid, &status, 0) < 0 && errno == EINTR)
			;
	return 0;
}

int
watch_run(struct cli *c, const char *resources, struct jit_error *err)
{
	struct sigaction act = {.sa_handler = stop};
	struct runner list[2] = {{0}};
	struct gate g = {0};
	size_t count = 0;
	int rc = gate_read(&g, err);

	if (rc == 0 && g.key)
		list[count++].run = run_keeper;
	if (rc == 0 && g.issuer)
		list[count++].run = run_issuer;
	gate_free(&g);
	if (rc)
		return rc;
	if (count == 0)
		return follow(c, err);
	if (count == 1)
		return list[0].run(c, resources, err);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	return mind(list, count, c, resources);
}
