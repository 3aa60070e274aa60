/* SPDX-License-Identifier: ISC */
#include "flow.h"

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE 100000 /* microseconds */

static void
wake(int signal)
{
	(void)signal;
}

/*
 * To make it nonblocking would make it so for all who have it open, the
 * user's shell too. So an alarm ends the wait, again and again in case that
 * it came before the wait.
 */
ssize_t
flow_write(int fd, const void *bytes, size_t len)
{
	const struct sigaction ours = {.sa_handler = wake};
	const struct itimerval often = {{0, PATIENCE}, {0, PATIENCE}};
	struct itimerval timer = {0};
	struct sigaction theirs;
	sigset_t alarm, mask;
	ssize_t n;
	int why;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigaction(SIGALRM, &ours, &theirs);
	sigprocmask(SIG_UNBLOCK, &alarm, &mask);
	setitimer(ITIMER_REAL, &often, &timer);
	n = write(fd, bytes, len);
	why = errno;
	setitimer(ITIMER_REAL, &timer, NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGALRM, &theirs, NULL);
	errno = why;
	return n;
}

bool
flow_pending(const struct flow *f)
{
	return f->sent < f->len;
}

ssize_t
flow_take(struct flow *f)
{
	ssize_t n = read(f->from, f->bytes, sizeof(f->bytes));

	f->sent = 0;
	f->len = n > 0 ? (size_t)n : 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n > 0 ? n : -1;
}

bool
flow_give(struct flow *f)
{
	ssize_t n = flow_write(f->to, f->bytes + f->sent, f->len - f->sent);

	if (n > 0)
		f->sent += (size_t)n;
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}
