/* SPDX-License-Identifier: ISC */
#include "carry.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "carry_serve.h"

#define PATIENCE 2 /* seconds that its end is waited for */
#define PATH_BYTES sizeof(((struct sockaddr_un *)0)->sun_path)

struct carry {
	int control;
	pid_t pid;
	struct jit_pubkey key;
	struct jit_buf path;
};

static int
name_socket(struct jit_buf *path, struct jit_error *err)
{
	unsigned char chance[8];
	char name[2 * sizeof(chance) + 1];
	int rc = cli_secrets_dir(path, err);

	if (rc)
		return rc;
	jit_random(chance, sizeof(chance));
	jit_hex(name, chance, sizeof(chance));
	jit_buf_fmt(path, "/agent-%s", name);
	if (path->len >= PATH_BYTES)
		return jit_fail(err, JIT_TROUBLE,
			"'%s' is too long for a socket: is XDG_RUNTIME_DIR?",
			jit_buf_text(path));
	return jit_buf_failed(path, err);
}

/* What it answers: a status, a blank, and a text. */
static int
hear(char *text, size_t size, const struct carry *x, struct jit_error *err)
{
	char line[CARRY_MESSAGE + 1], *end;
	ssize_t n;
	long code;

	do
		n = recv(x->control, line, CARRY_MESSAGE, 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return jit_fail(err, JIT_TROUBLE,
			"the process that holds the key is gone");
	line[n] = '\0';
	code = strtol(line, &end, 10);
	if (code)
		return jit_fail(err, (int)-code, "%s", end + 1);
	snprintf(text, size, "%s", end + 1);
	return 0;
}

static int
launch(struct carry *x, int theirs, const struct cli *c,
	const struct carry_key *key, struct jit_error *err)
{
	pid_t self = getpid();

	x->pid = fork();
	if (x->pid < 0)
		return jit_fail(err, JIT_TROUBLE, "cannot fork: %s",
			strerror(errno));
	if (x->pid == 0)
		carry_serve(theirs, self, jit_buf_text(&x->path), c, key);
	return 0;
}

static int
begin(struct carry *x, const struct cli *c, const struct carry_key *key,
	struct jit_error *err)
{
	char line[JIT_PUBKEY_LINE + 1];
	int pair[2], rc;

	rc = name_socket(&x->path, err);
	if (rc)
		return rc;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return jit_fail(err, JIT_TROUBLE, "cannot make a socket: %s",
			strerror(errno));
	x->control = pair[0];
	rc = launch(x, pair[1], c, key, err);
	close(pair[1]);
	if (rc == 0)
		rc = hear(line, sizeof(line), x, err);
	return rc ? rc : jit_pubkey_parse(&x->key, line, err);
}

int
carry_start(struct carry **out, const struct cli *c,
	const struct carry_key *key, struct jit_error *err)
{
	struct carry *x = calloc(1, sizeof(*x));
	int rc;

	if (!x)
		return jit_nomem(err);
	x->control = -1;
	rc = begin(x, c, key, err);
	if (rc)
		carry_end(x);
	else
		*out = x;
	return rc;
}

const struct jit_pubkey *
carry_pubkey(const struct carry *x)
{
	return &x->key;
}

const char *
carry_socket(const struct carry *x)
{
	return jit_buf_text(&x->path);
}

int
carry_hold(struct carry *x, const char *cert, int64_t until,
	struct jit_error *err)
{
	struct jit_buf line = {0};
	char none[1];
	int rc;

	jit_buf_fmt(&line, "%lld %s", (long long)until, cert);
	rc = jit_buf_failed(&line, err);
	if (rc == 0 &&
		send(x->control, line.data, line.len, MSG_NOSIGNAL) !=
			(ssize_t)line.len)
		rc = jit_fail(err, JIT_TROUBLE,
			"the process that holds the key is gone");
	if (rc == 0)
		rc = hear(none, sizeof(none), x, err);
	jit_buf_free(&line);
	return rc;
}

/* It hangs up when all is wiped; who waits for a person does not. */
void
carry_end(struct carry *x)
{
	const struct timeval patience = {.tv_sec = PATIENCE};
	char last[1];

	if (!x)
		return;
	if (x->control >= 0) {
		setsockopt(x->control, SOL_SOCKET, SO_RCVTIMEO, &patience,
			sizeof(patience));
		shutdown(x->control, SHUT_WR);
		while (recv(x->control, last, sizeof(last), 0) > 0)
			;
		close(x->control);
	}
	if (x->pid > 0) {
		kill(x->pid, SIGTERM);
		while (waitpid(x->pid, NULL, 0) < 0 && errno == EINTR)
			;
		unlink(jit_buf_text(&x->path));
	}
	jit_buf_free(&x->path);
	free(x);
}
