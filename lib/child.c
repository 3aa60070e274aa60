/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE /* pipe2 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "deadline.h"

#define CANNOT_RUN 127

/* Both ends of its standard input and output, as we hold them. */
struct pipes {
	int in, out; /* -1: closed */
};

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* In the child: nothing but plain system calls, and no way back. */
__attribute__((noreturn)) static void
become(const struct jit_child *c, int in, int out, int report)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	int why;

	setpgid(0, 0);
	sigaction(SIGPIPE, &plain, NULL);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execve(c->argv[0], (char *const *)(uintptr_t)c->argv,
			(char *const *)(uintptr_t)c->env);
	why = errno;
	if (write(report, &why, sizeof(why)) < 0)
		why = 0;
	_exit(CANNOT_RUN);
}

/* Whether the child became the program: else errno says why not. */
static bool
became(int report)
{
	int why = 0;

	if (read(report, &why, sizeof(why)) != (ssize_t)sizeof(why))
		return true;
	errno = why;
	return false;
}

static int
start(pid_t *pid, struct pipes *p, const struct jit_child *c)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, report[2] = {-1, -1};
	bool good = false;

	*pid = -1;
	if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
		pipe2(report, O_CLOEXEC) == 0)
		*pid = fork();
	if (*pid == 0)
		become(c, in[0], out[1], report[1]);
	shut(&in[0]);
	shut(&out[1]);
	shut(&report[1]);
	if (*pid > 0) {
		setpgid(*pid, *pid);
		good = became(report[0]);
	}
	shut(&report[0]);
	p->in = in[1];
	p->out = out[0];
	return good ? 0 : -1;
}

static void
feed(struct pipes *p, const struct jit_child *c, size_t *sent)
{
	ssize_t n;

	n = write(p->in, (const char *)c->in + *sent, c->in_len - *sent);
	if (n > 0)
		*sent += (size_t)n;
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || *sent == c->in_len)
		shut(&p->in); /* all sent, or it does not read */
}

static void
drain(struct jit_buf *out, struct pipes *p)
{
	unsigned char chunk[4096];
	ssize_t n = read(p->out, chunk, sizeof(chunk));

	if (n > 0)
		jit_buf_put(out, chunk, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		shut(&p->out);
}

/* Until it closes its output: 0, or what went wrong. */
static int
talk(struct jit_buf *out, struct pipes *p, const struct jit_child *c,
	int64_t end, struct jit_error *err)
{
	struct pollfd fds[2];
	size_t sent = 0, before = out->len;
	int64_t left;

	if (c->in_len == 0)
		shut(&p->in);
	while (p->out >= 0) {
		left = jit_deadline_left(end);
		if (left == 0)
			return jit_fail(err, JIT_TROUBLE,
				"'%s' took longer than %d seconds", c->argv[0],
				c->seconds);
		fds[0] = (struct pollfd){.fd = p->out, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = p->in, .events = POLLOUT};
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			return jit_fail(err, JIT_TROUBLE, "poll: %s",
				strerror(errno));
		if (p->in >= 0 && fds[1].revents)
			feed(p, c, &sent);
		if (fds[0].revents)
			drain(out, p);
		if (out->len - before > c->max)
			return jit_fail(err, JIT_TROUBLE,
				"'%s' says more than %zu bytes", c->argv[0],
				c->max);
	}
	return jit_buf_failed(out, err);
}

/* Wait until it is gone, or until 'end' and make it so. */
static int
reap(int *status, pid_t pid, int64_t end)
{
	const struct timespec nap = {0, 2000000};
	pid_t got;
	int raw = 0;

	for (;;) {
		got = waitpid(pid, &raw, WNOHANG);
		if (got == pid)
			break;
		if (got < 0 && errno != EINTR)
			return -1;
		if (jit_deadline_over(end)) {
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
			while (waitpid(pid, &raw, 0) < 0 && errno == EINTR)
				;
			*status = 128 + SIGKILL;
			return 1;
		}
		nanosleep(&nap, NULL);
	}
	*status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
	return 0;
}

int
jit_child_run(struct jit_buf *out, int *status, const struct jit_child *c,
	struct jit_error *err)
{
	int64_t end = jit_deadline_in((int64_t)c->seconds * 1000);
	struct pipes p = {-1, -1};
	int rc, late, ended = 0;
	pid_t pid = -1;

	if (start(&pid, &p, c) != 0) {
		rc = jit_fail(err, JIT_TROUBLE, "cannot run '%s': %s",
			c->argv[0], strerror(errno));
	} else {
		fcntl(p.in, F_SETFL, O_NONBLOCK);
		fcntl(p.out, F_SETFL, O_NONBLOCK);
		rc = talk(out, &p, c, end, err);
	}
	shut(&p.in);
	shut(&p.out);
	if (pid <= 0)
		return rc;
	late = reap(&ended, pid, rc ? 0 : end);
	kill(-pid, SIGKILL); /* what it left running */
	if (rc == 0 && late != 0)
		rc = jit_fail(err, JIT_TROUBLE,
			"'%s' took longer than %d seconds", c->argv[0],
			c->seconds);
	if (rc == 0)
		*status = ended;
	return rc;
}
