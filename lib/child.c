/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE /* pipe2 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "deadline.h"

#define CANNOT_RUN 127

/* Our ends of its standard input, output and error. */
struct pipes {
	int in, out, err; /* -1: closed, or not ours */
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
become(const struct jit_child *c, const struct pipes *p, int report,
	pid_t parent)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	int why;

	if (!c->alone || setsid() < 0)
		setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody waits for it then */
	if (getppid() != parent)
		_exit(CANNOT_RUN);
	sigaction(SIGPIPE, &plain, NULL);
	if (dup2(p->in, STDIN_FILENO) >= 0 &&
		dup2(p->out, STDOUT_FILENO) >= 0 &&
		(p->err < 0 || dup2(p->err, STDERR_FILENO) >= 0))
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

/* A pipe of which the child gets 'theirs' and we keep 'ours'. */
static bool
join(int *theirs, int *ours, bool writes)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) != 0)
		return false;
	*theirs = fd[writes ? 1 : 0];
	*ours = fd[writes ? 0 : 1];
	return true;
}

static int
start(pid_t *pid, struct pipes *p, const struct jit_child *c)
{
	struct pipes theirs = {-1, -1, -1};
	int report[2] = {-1, -1};
	pid_t parent = getpid();
	bool good = false;

	*pid = -1;
	if (join(&theirs.in, &p->in, false) &&
		join(&theirs.out, &p->out, true) &&
		(!c->said || join(&theirs.err, &p->err, true)) &&
		pipe2(report, O_CLOEXEC) == 0)
		*pid = fork();
	if (*pid == 0)
		become(c, &theirs, report[1], parent);
	shut(&theirs.in);
	shut(&theirs.out);
	shut(&theirs.err);
	shut(&report[1]);
	if (*pid > 0) {
		if (!c->alone)
			setpgid(*pid, *pid);
		good = became(report[0]);
	}
	shut(&report[0]);
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

/* One piece of what it writes; false: there is nothing just now. */
static bool
drain(struct jit_buf *out, int *fd, size_t room)
{
	unsigned char chunk[4096];
	ssize_t n = read(*fd, chunk, sizeof(chunk));

	if (n > 0)
		jit_buf_put(out, chunk, (size_t)n < room ? (size_t)n : room);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		shut(fd);
	return n > 0;
}

/* What it says to people: kept as far as there is room. */
static bool
hear(struct pipes *p, const struct jit_child *c)
{
	size_t room =
		c->said->len < c->said_max ? c->said_max - c->said->len : 0;

	return drain(c->said, &p->err, room);
}

/* Until it closes its output: 0, or what went wrong. */
static int
talk(struct jit_buf *out, struct pipes *p, const struct jit_child *c,
	int64_t end, struct jit_error *err)
{
	struct pollfd fds[3];
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
		fds[2] = (struct pollfd){.fd = p->err, .events = POLLIN};
		if (poll(fds, 3, (int)left) < 0 && errno != EINTR)
			return jit_fail(err, JIT_TROUBLE, "poll: %s",
				strerror(errno));
		if (p->in >= 0 && fds[1].revents)
			feed(p, c, &sent);
		if (fds[0].revents)
			drain(out, &p->out, SIZE_MAX);
		if (p->err >= 0 && fds[2].revents)
			hear(p, c);
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
	struct pipes p = {-1, -1, -1};
	int rc, late, ended = 0;
	pid_t pid = -1;

	if (start(&pid, &p, c) != 0) {
		rc = jit_fail(err, JIT_TROUBLE, "cannot run '%s': %s",
			c->argv[0], strerror(errno));
	} else {
		fcntl(p.in, F_SETFL, O_NONBLOCK);
		fcntl(p.out, F_SETFL, O_NONBLOCK);
		if (p.err >= 0)
			fcntl(p.err, F_SETFL, O_NONBLOCK);
		rc = talk(out, &p, c, end, err);
	}
	shut(&p.in);
	shut(&p.out);
	late = pid > 0 ? reap(&ended, pid, rc ? 0 : end) : 0;
	while (p.err >= 0 && c->said->len < c->said_max && hear(&p, c))
		;
	shut(&p.err);
	if (pid <= 0)
		return rc;
	kill(-pid, SIGKILL); /* what it left running */
	if (rc == 0 && late != 0)
		rc = jit_fail(err, JIT_TROUBLE,
			"'%s' took longer than %d seconds", c->argv[0],
			c->seconds);
	if (rc == 0 && c->said)
		rc = jit_buf_failed(c->said, err);
	if (rc == 0)
		*status = ended;
	return rc;
}
