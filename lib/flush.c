/* SPDX-License-Identifier: ISC */
#include "flush.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static void *
flush(void *arg)
{
	struct jit_flush *f = arg;

	f->error = fdatasync(f->fd) < 0 ? errno : 0;
	return NULL;
}

void
jit_flush_begin(struct jit_flush *f, int fd)
{
	sigset_t all, before;

	(void)jit_flush_end(f);
	f->fd = fd;
	sigfillset(&all); /* signals are the caller's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	f->running = pthread_create(&f->thread, NULL, flush, f) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!f->running)
		flush(f);
}

int
jit_flush_end(struct jit_flush *f)
{
	if (f->running)
		pthread_join(f->thread, NULL);
	f->running = false;
	return f->error;
}
