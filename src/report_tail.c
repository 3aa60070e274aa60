/* SPDX-License-Identifier: ISC */
#include "report_tail.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

#define NAP 250  /* milliseconds between two looks */
#define NAPS 240 /* then it looks into the ledger all the same */

static struct report_look
look_at(const char *path)
{
	struct report_look x = {0};
	struct stat st;

	if (stat(path, &st) != 0)
		return x;
	x.there = true;
	x.ino = st.st_ino;
	x.size = st.st_size;
	x.changed = st.st_mtim;
	return x;
}

static bool
same(const struct report_look *a, const struct report_look *b)
{
	return a->there == b->there && a->ino == b->ino && a->size == b->size &&
		a->changed.tv_sec == b->changed.tv_sec &&
		a->changed.tv_nsec == b->changed.tv_nsec;
}

/* Whether one looks otherwise; from now on that is how it looks. */
static bool
changed(struct report_tail *t)
{
	struct report_look now;
	bool differs = false;
	size_t i;

	for (i = 0; i < 2; i++) {
		now = look_at(t->path[i]);
		differs = differs || !same(&now, &t->look[i]);
		t->look[i] = now;
	}
	return differs;
}

void
report_tail_mark(struct report_tail *t, const char *dir)
{
	memset(t, 0, sizeof(*t));
	snprintf(t->path[0], sizeof(t->path[0]), "%s/%s", dir, JIT_REF);
	snprintf(t->path[1], sizeof(t->path[1]), "%s/packed-refs", dir);
	(void)changed(t);
}

int
report_tail_wait(struct report_tail *t, const sigset_t *calm,
	const volatile sig_atomic_t *stop, struct jit_error *err)
{
	const struct timespec nap = {.tv_nsec = NAP * 1000000L};
	struct pollfd out = {.fd = STDOUT_FILENO};
	int i;

	for (i = 0; i < NAPS && !*stop && !changed(t); i++) {
		if (pselect(0, NULL, NULL, NULL, &nap, calm) < 0 &&
			errno != EINTR)
			return jit_fail(err, JIT_TROUBLE, "cannot wait: %s",
				strerror(errno));
		if (poll(&out, 1, 0) > 0)
			return jit_fail(err, JIT_TROUBLE,
				"cannot write the answer: %s", strerror(EPIPE));
	}
	return 0;
}
