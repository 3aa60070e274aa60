/* SPDX-License-Identifier: ISC */
#include "alert.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool
is_ignored(int signal)
{
	struct sigaction now;

	return sigaction(signal, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

int
alert_start(struct alert *a, struct jit_error *err)
{
	static const int always[] = {SIGCHLD, SIGWINCH, SIGCONT},
			 unless_ignored[] = {SIGHUP, SIGTERM, SIGINT, SIGQUIT};
	const struct sigaction plain = {.sa_handler = SIG_DFL},
			       ignore = {.sa_handler = SIG_IGN};
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		sigaddset(&set, always[i]);
	for (i = 0; i < sizeof(unless_ignored) / sizeof(always[0]); i++)
		if (!is_ignored(unless_ignored[i]))
			sigaddset(&set, unless_ignored[i]);
	a->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (a->fd < 0)
		return jit_fail(err, JIT_TROUBLE, "signalfd: %s",
			strerror(errno));
	sigprocmask(SIG_BLOCK, &set, &a->mask);
	sigaction(SIGCHLD, &plain, &a->child);
	sigaction(SIGPIPE, &ignore, &a->pipe);
	return 0;
}

bool
alert_next(struct signalfd_siginfo *s, const struct alert *a)
{
	return read(a->fd, s, sizeof(*s)) == (ssize_t)sizeof(*s);
}

void
alert_end(struct alert *a)
{
	close(a->fd);
	sigaction(SIGPIPE, &a->pipe, NULL);
	sigaction(SIGCHLD, &a->child, NULL);
	sigprocmask(SIG_SETMASK, &a->mask, NULL);
}
