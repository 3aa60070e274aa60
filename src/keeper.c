/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE /* accept4, struct ucred */
#include "keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "act.h"
#include "cgroup.h"
#include "deadline.h"
#include "keeper_inner.h"

#define FIRST_WORD 5000 /* milliseconds that a guest has for its first line */

static volatile sig_atomic_t asked_to_stop;

static void
stop(int signal)
{
	(void)signal;
	asked_to_stop = 1;
}

void
keeper_say(const struct keeper *k, const struct keeper_session *x,
	const char *fmt, ...)
{
	struct jit_error line = {0};
	va_list list;

	va_start(list, fmt);
	vsnprintf(line.text, sizeof(line.text), fmt, list);
	va_end(list);
	jit_within(&line, 0, "session %s of grant %s", x->session, x->id);
	cli_complain(k->cli, &line);
}

/* -- What it stands on ----------------------------------------------------- */

/* A folder of root's that nobody else writes, made where it is missing. */
static int
own_folder(const char *path, mode_t mode, struct jit_error *err)
{
	struct stat st;

	if (mkdir(path, mode) != 0 && errno != EEXIST)
		return jit_fail(err, JIT_TROUBLE, "cannot make '%s': %s", path,
			strerror(errno));
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == 0 &&
		!(st.st_mode & 022))
		return 0;
	return jit_fail(err, JIT_TROUBLE,
		"'%s' must be a folder of root's that nobody else may write",
		path);
}

/* A socket at 'path' that listens; one that is left over goes. */
static int
listen_at(int *out, const char *path, mode_t mode, struct jit_error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	unlink(path);
	if (fd >= 0 &&
		bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0 &&
		chmod(path, mode) == 0 && listen(fd, 64) == 0) {
		*out = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return jit_fail(err, JIT_TROUBLE, "cannot listen at '%s': %s", path,
		strerror(errno));
}

static int
make_folders(struct keeper *k, struct jit_error *err)
{
	int rc;

	rc = own_folder(KEEPER_DIR, 0700, err);
	jit_buf_fmt(&k->tapes, "%s/recordings", KEEPER_DIR);
	if (rc == 0)
		rc = jit_buf_failed(&k->tapes, err);
	if (rc == 0)
		rc = own_folder(jit_buf_text(&k->tapes), 0700, err);
	if (rc == 0)
		rc = own_folder(KEEPER_RUN, 0755, err);
	if (rc == 0 && chmod(KEEPER_RUN, 0755) != 0) /* whatever the umask */
		rc = jit_fail(err, JIT_TROUBLE, "cannot open '%s': %s",
			KEEPER_RUN, strerror(errno));
	return rc ? rc : cgroup_root(&k->root, err);
}

/* The host's own key: whose it is, and that it may speak for this host. */
static int
who_am_i(struct keeper *k, struct jit_error *err)
{
	const struct jit_enrolment *me = NULL;
	int rc;

	if (!k->gate.key)
		return jit_fail(err, JIT_TROUBLE,
			"%s names no key: a keeper signs with its host's",
			GATE_CONF);
	rc = cli_signer_for(&k->cli->signer, k->cli, k->gate.key, err);
	if (rc == 0)
		rc = cli_whoami(&me, k->cli, err);
	if (rc == 0 && me->class != JIT_HOST && me->class != JIT_ISSUER)
		rc = jit_fail(err, JIT_NO,
			"'%s' is enrolled as %s: a keeper signs with a host's "
			"key",
			k->gate.key, jit_class_name(me->class));
	if (rc == 0)
		snprintf(k->me, sizeof(k->me), "%s", me->principal);
	jit_signer_free(k->cli->signer); /* only the clerk signs */
	k->cli->signer = NULL;
	return rc;
}

static int
start_clerk(struct keeper *k, struct jit_error *err)
{
	return clerk_start(&k->clerk, k->cli, k->gate.ledger, KEEPER_DIR,
		k->gate.key, err);
}

static int
begin(struct keeper *k, struct jit_error *err)
{
	int rc;

	if (geteuid() != 0)
		return jit_fail(err, JIT_TROUBLE,
			"a keeper is root: it ends what others started");
	rc = make_folders(k, err);
	if (rc == 0)
		rc = keeper_find(k, err);
	if (rc == 0)
		rc = who_am_i(k, err);
	if (rc == 0)
		rc = start_clerk(k, err);
	if (rc == 0)
		rc = listen_at(&k->record, KEEPER_RECORD, 0666, err);
	if (rc == 0)
		rc = listen_at(&k->door, KEEPER_DOOR, 0600, err);
	return rc;
}

/* -- Guests ---------------------------------------------------------------- */

static struct keeper_guest *
guest_new(int fd, enum keeper_kind kind)
{
	struct keeper_guest *g = calloc(1, sizeof(*g));
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (!g || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
		(kind == KEEPER_PAM && peer.uid != 0)) {
		free(g);
		return NULL;
	}
	g->kind = kind;
	g->talk.fd = fd; /* transferred */
	g->tape.fd = -1;
	g->pid = peer.pid;
	g->wait = jit_deadline_in(FIRST_WORD);
	return g;
}

static void
welcome(struct keeper *k, int door, enum keeper_kind kind)
{
	int fd = accept4(door, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	size_t i, most = KEEPER_GUESTS;

	if (kind == KEEPER_TAPE)
		most -= KEEPER_KEPT; /* anybody may knock there */
	for (i = 0; fd >= 0 && i < most; i++) {
		if (k->guests[i])
			continue;
		k->guests[i] = guest_new(fd, kind);
		if (k->guests[i])
			return;
		break;
	}
	if (fd >= 0)
		close(fd);
}

static void
part(struct keeper *k, size_t i)
{
	struct keeper_guest *g = k->guests[i];

	k->guests[i] = NULL;
	keeper_leave(k, g);
	tape_shut(&g->tape);
	talk_shut(&g->talk);
	free(g);
}

/* Who said nothing in time goes. */
static void
hear_guests(struct keeper *k, const struct pollfd *fds, size_t count)
{
	struct keeper_guest *g;
	size_t i, j;

	for (i = 0; i < KEEPER_GUESTS; i++) {
		g = k->guests[i];
		if (!g)
			continue;
		for (j = 0; j < count && fds[j].fd != g->talk.fd; j++)
			;
		if ((j < count && fds[j].revents && !keeper_hear(k, g)) ||
			(g->wait && jit_deadline_over(g->wait)))
			part(k, i);
	}
}

/* -- The clerk ------------------------------------------------------------- */

static void
hear_clerk(struct keeper *k)
{
	struct jit_json *answer;
	bool bad = false, open = talk_fill(&k->clerk.talk);

	keeper_look(k); /* what the clerk says is in it */
	while ((answer = talk_take(&bad, &k->clerk.talk)) != NULL) {
		keeper_delivered(k, answer);
		keeper_heard(k, answer);
		jit_json_free(answer);
	}
	if (!open || bad) {
		clerk_stop(&k->clerk);
		keeper_unheard(k);
		if (k->back == KEEPER_DELIVERING)
			k->back = KEEPER_AWAY;
	}
}

static void
need_clerk(struct keeper *k)
{
	struct jit_error err = {0};

	if (k->clerk.pid == 0 && start_clerk(k, &err) != 0)
		cli_complain(k->cli, &err);
}

/* -- The round ------------------------------------------------------------- */

static void
round_of(struct keeper *k)
{
	struct pollfd fds[KEEPER_GUESTS + 3] = {
		{.fd = k->door, .events = POLLIN},
		{.fd = k->record, .events = POLLIN},
		{.fd = k->clerk.talk.fd, .events = POLLIN}};
	size_t i, n = 3;

	for (i = 0; i < KEEPER_GUESTS; i++)
		if (k->guests[i])
			fds[n++] = (struct pollfd){.fd = k->guests[i]->talk.fd,
				.events = POLLIN};
	if (poll(fds, (nfds_t)n, KEEPER_TICK) > 0) {
		if (fds[2].revents)
			hear_clerk(k);
		hear_guests(k, fds + 3, n - 3);
		if (fds[0].revents)
			welcome(k, k->door, KEEPER_PAM);
		if (fds[1].revents)
			welcome(k, k->record, KEEPER_TAPE);
	}
	need_clerk(k);
	tender_keep(&k->tender, k->cli, false);
	keeper_step(k);
}

static void
end(struct keeper *k)
{
	struct keeper_session *x;
	size_t i;

	for (i = 0; i < KEEPER_GUESTS; i++) {
		if (!k->guests[i])
			continue;
		k->guests[i]->session = NULL; /* it goes on */
		part(k, i);
	}
	clerk_stop(&k->clerk);
	tender_stop(&k->tender);
	if (k->door >= 0)
		close(k->door);
	if (k->record >= 0)
		close(k->record);
	while ((x = k->sessions) != NULL) {
		k->sessions = x->next;
		jit_buf_free(&x->cgroup);
		free(x);
	}
	jit_buf_free(&k->root);
	jit_buf_free(&k->tapes);
	gate_free(&k->gate);
}

int
keeper_run(struct cli *c, struct jit_error *err)
{
	struct keeper k = {.cli = c,
		.door = -1,
		.record = -1,
		.clerk = {.talk = {.fd = -1}}};
	struct sigaction act = {.sa_handler = stop};
	int64_t seen = 0;
	int rc;

	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	rc = begin(&k, err);
	if (rc == 0) {
		keeper_resume(&k);
		cli_hint(c, "keeping %s", k.gate.host);
	}
	while (rc == 0 && !asked_to_stop) {
		if (jit_deadline_over(seen)) {
			keeper_look(&k);
			seen = jit_deadline_in(KEEPER_TICK);
		}
		round_of(&k);
	}
	end(&k);
	return rc;
}
