/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE /* environ, execvpe, pipe2 */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* The ends that the child has: standard output and error, and what it waits
 * for and says before it is the command. */
struct ends {
	int out, errs, go, report;
};

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Both ends of a pipe: ours is not inherited and, to read, never blocks. */
static bool
make_pipe(int *from, int *to)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return false;
	*from = fds[0];
	*to = fds[1];
	return true;
}

static bool
same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
		x.st_ino == y.st_ino;
}

static bool
nonblocking(int fd)
{
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0 &&
		fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* A terminal like ours, in whatever mode ours is. */
static bool
open_terminal(struct stage *s, struct ends *e)
{
	struct termios mode;
	struct winsize size = {0};

	if (tcgetattr(STDIN_FILENO, &mode) != 0)
		return false;
	ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
	if (openpty(&s->keys, &s->slave, NULL, &mode, &size) != 0)
		return false;
	s->out = fcntl(s->keys, F_DUPFD_CLOEXEC, 0);
	e->out = fcntl(s->slave, F_DUPFD_CLOEXEC, 0);
	return nonblocking(s->keys) && s->out >= 0 && e->out >= 0 &&
		fcntl(s->slave, F_SETFD, FD_CLOEXEC) == 0;
}

/* Where our outputs are one file, one pipe keeps the order of what is said. */
static bool
open_ends(struct stage *s, struct ends *e)
{
	bool apart = s->tty ? !isatty(STDERR_FILENO)
			    : !same_file(STDOUT_FILENO, STDERR_FILENO);

	if (s->tty ? !open_terminal(s, e)
		   : !make_pipe(&s->out, &e->out) || !nonblocking(s->out))
		return false;
	if (apart)
		return make_pipe(&s->errs, &e->errs) && nonblocking(s->errs);
	e->errs = fcntl(e->out, F_DUPFD_CLOEXEC, 0);
	return e->errs >= 0;
}

/*
 * A session of its own: with a terminal, or where there is none, so that its
 * groups can be told from ours. With our terminal it stays in our group, or
 * it could not read from it.
 */
static bool
settle(const struct stage *s)
{
	int fd;

	if (s->tty)
		return setsid() > 0 && ioctl(s->slave, TIOCSCTTY, 0) == 0 &&
			dup2(s->slave, STDIN_FILENO) >= 0;
	fd = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0)
		return close(fd) == 0;
	return setsid() > 0;
}

static bool
told_to_go(int go)
{
	char byte;
	ssize_t n;

	do
		n = read(go, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

/* In the child: nothing but plain system calls, and no way back. */
__attribute__((noreturn)) static void
become(const struct stage *s, const struct stage_play *play,
	const struct ends *e, pid_t parent)
{
	const struct sigaction plain = {.sa_handler = SIG_DFL};
	const char *file = play->path ? play->path : play->argv[0];
	const char *const *env = play->env;
	int why;

	close(s->go); /* or it would wait for itself */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
		settle(s) && dup2(e->out, STDOUT_FILENO) >= 0 &&
		dup2(e->errs, STDERR_FILENO) >= 0) {
		if (!told_to_go(e->go))
			_exit(1);
		sigaction(SIGPIPE, &plain, NULL);
		sigaction(SIGCHLD, &plain, NULL);
		execvpe(file, (char *const *)(uintptr_t)play->argv,
			env ? (char *const *)(uintptr_t)env : environ);
	}
	why = errno;
	if (write(e->report, &why, sizeof(why)) < 0)
		why = 0;
	_exit(1);
}

int
stage_open(struct stage *s, const struct stage_play *play,
	struct jit_error *err)
{
	struct ends e = {-1, -1, -1, -1};
	pid_t us = getpid();

	*s = (struct stage){.keys = -1,
		.out = -1,
		.errs = -1,
		.slave = -1,
		.go = -1,
		.report = -1,
		.pid = -1};
	s->tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (open_ends(s, &e) && make_pipe(&e.go, &s->go) &&
		make_pipe(&s->report, &e.report))
		s->pid = fork();
	if (s->pid == 0)
		become(s, play, &e, us);
	if (s->pid < 0)
		jit_fail(err, JIT_TROUBLE, "cannot start a process: %s",
			strerror(errno));
	shut(&e.out);
	shut(&e.errs);
	shut(&e.go);
	shut(&e.report);
	return s->pid > 0 ? 0 : JIT_TROUBLE;
}

int
stage_go(struct stage *s)
{
	int why = 0;
	ssize_t n;

	if (write(s->go, "", 1) != 1)
		why = errno;
	shut(&s->go);
	do
		n = read(s->report, &why, sizeof(why));
	while (n < 0 && errno == EINTR);
	shut(&s->report);
	return why;
}

void
stage_size(int *width, int *height)
{
	struct winsize size = {0};

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0)
		ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	*width = size.ws_col > 0 ? size.ws_col : 80;
	*height = size.ws_row > 0 ? size.ws_row : 24;
}

void
stage_resize(const struct stage *s)
{
	struct winsize size = {0};

	if (s->tty && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(s->keys, TIOCSWINSZ, &size);
}

void
stage_empty(struct stage *s)
{
	shut(&s->slave);
}

void
stage_close(struct stage *s)
{
	shut(&s->go);
	shut(&s->report);
	shut(&s->keys);
	shut(&s->out);
	shut(&s->errs);
	shut(&s->slave);
}
