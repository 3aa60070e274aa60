/* SPDX-License-Identifier: ISC */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "deadline.h"

/* Fields of /proc/PID/stat, numbered as in proc(5); 2 is the name. */
enum field { PARENT = 4, GROUP = 5, SESSION = 6, THREADS = 20, START = 22 };

static bool
add(struct tree_list *l, const struct tree_process *p)
{
	struct tree_process *more;
	size_t room;

	if (l->count == l->room) {
		room = l->room > 0 ? 2 * l->room : 256;
		more = realloc(l->at, room * sizeof(*more));
		if (more == NULL)
			return false;
		l->at = more;
		l->room = room;
	}
	l->at[l->count++] = *p;
	return true;
}

static int
by_pid(const void *a, const void *b)
{
	const struct tree_process *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* The process of that number, or NULL. */
static struct tree_process *
find(const struct tree_list *l, pid_t pid)
{
	const struct tree_process key = {.pid = pid};

	if (l->count == 0)
		return NULL;
	return bsearch(&key, l->at, l->count, sizeof(key), by_pid);
}

/* The very same process, or NULL. */
static struct tree_process *
same(const struct tree_list *l, const struct tree_process *p)
{
	struct tree_process *q = find(l, p->pid);

	return q != NULL && q->start == p->start ? q : NULL;
}

/*
 * Read "PID (NAME) STATE PARENT ...". A process whose first thread has ended
 * is a zombie only when no other thread goes on.
 */
static bool
parse(struct tree_process *p, bool *zombie, const char *stat)
{
	const char *at = strrchr(stat, ')'); /* a name may hold anything */
	long long field[START + 1] = {0};
	char state, *end;
	int i;

	if (at == NULL || at[1] != ' ' || at[2] == '\0')
		return false;
	state = at[2];
	at += 3;
	for (i = PARENT; i <= START; i++, at = end) {
		field[i] = strtoll(at, &end, 10);
		if (end == at)
			return false;
	}
	*p = (struct tree_process){.pid = p->pid,
		.parent = (pid_t)field[PARENT],
		.group = (pid_t)field[GROUP],
		.session = (pid_t)field[SESSION],
		.start = field[START]};
	*zombie = strchr("ZXx", state) != NULL && field[THREADS] <= 1;
	return true;
}

/* Whether it is there, in '*p'. */
static bool
read_process(struct tree_process *p, bool *zombie, int proc, const char *name)
{
	char path[32], stat[1024];
	ssize_t n;
	int fd;

	p->pid = (pid_t)strtol(name, NULL, 10);
	if (p->pid <= 0)
		return false; /* no process */
	snprintf(path, sizeof(path), "%d/stat", (int)p->pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	if (n <= 0)
		return false;
	stat[n] = '\0';
	return parse(p, zombie, stat);
}

/* All processes that there are, by number. Our own zombies are reaped. */
static bool
read_all(struct tree_list *all, const struct tree *t)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	struct tree_process p = {0};
	bool zombie = false, good = proc != NULL;

	while (good && (entry = readdir(proc)) != NULL) {
		if (!read_process(&p, &zombie, dirfd(proc), entry->d_name))
			continue;
		if (!zombie)
			good = add(all, &p);
		else if (p.parent == getpid() && p.pid != t->top &&
			!same(&t->spared, &p))
			waitpid(p.pid, NULL, WNOHANG);
	}
	if (proc != NULL)
		closedir(proc);
	if (good && all->count > 0)
		qsort(all->at, all->count, sizeof(*all->at), by_pid);
	return good && find(all, getpid()) != NULL;
}

/* Whether it comes of us, but of none of those that are spared. */
static bool
ours(const struct tree *t, const struct tree_list *all,
	const struct tree_process *p)
{
	const pid_t us = getpid();
	size_t steps;

	for (steps = 0; p != NULL && steps < all->count; steps++) {
		if (p->pid == us)
			return false;
		if (p->parent == us)
			return same(&t->spared, p) == NULL;
		p = find(all, p->parent);
	}
	return false;
}

static bool
scan(struct tree *t)
{
	struct tree_list all = {0}, old = t->before;
	const struct tree_process *known;
	bool good = read_all(&all, t);
	size_t i;

	t->before = t->now;
	t->now = old;
	t->now.count = 0;
	for (i = 0; good && i < all.count; i++) {
		if (!ours(t, &all, &all.at[i]))
			continue;
		known = same(&t->before, &all.at[i]);
		all.at[i].killed = known != NULL && known->killed;
		good = add(&t->now, &all.at[i]);
	}
	free(all.at);
	return good;
}

/* Certain, for whoever loses its parent becomes our child. */
static bool
childless(void)
{
	siginfo_t info = {0};

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 &&
		errno == ECHILD;
}

int
tree_start(struct tree *t, struct jit_error *err)
{
	size_t i;

	*t = (struct tree){0};
	if (prctl(PR_GET_CHILD_SUBREAPER, &t->was_subreaper) != 0 ||
		prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return jit_fail(err, JIT_TROUBLE, "prctl: %s", strerror(errno));
	if (!scan(t))
		return jit_fail(err, JIT_TROUBLE,
			"cannot see processes in /proc");
	for (i = 0; i < t->now.count; i++)
		if (t->now.at[i].parent == getpid() &&
			!add(&t->spared, &t->now.at[i]))
			return jit_nomem(err);
	t->now.count = 0;
	return 0;
}

/*
 * A scan takes its time, and who is quick may slip through: nobody seen is
 * nobody there only if seen twice, unless we have no children at all.
 */
size_t
tree_look(struct tree *t)
{
	int again;

	for (again = 0; again < 2; again++) {
		if (childless()) {
			t->now.count = 0;
			return 0;
		}
		if (!scan(t))
			return 1;
		if (t->now.count > 0)
			return t->now.count;
	}
	return 0;
}

void
tree_signal(const struct tree *t, int signal)
{
	size_t i;

	for (i = 0; i < t->now.count; i++)
		kill(t->now.at[i].pid, signal);
}

/*
 * A session that is not ours began in the tree, and so did all its groups:
 * there the group is killed in one stroke, which no fork outruns.
 */
static void
strike(const struct tree_process *p)
{
	if (p->session != getsid(0) && p->group > 1)
		kill(-p->group, SIGKILL);
	kill(p->pid, SIGKILL);
}

size_t
tree_kill(struct tree *t, int ms)
{
	const struct timespec nap = {0, 1000000};
	int64_t end = jit_deadline_in(ms);
	size_t left, i, fresh;

	for (;;) {
		left = tree_look(t);
		for (i = 0, fresh = 0; i < t->now.count; i++) {
			strike(&t->now.at[i]);
			fresh += !t->now.at[i].killed;
			t->now.at[i].killed = 1;
		}
		t->killed += (int)fresh;
		if (left == 0 || jit_deadline_over(end))
			return left;
		if (fresh == 0)
			nanosleep(&nap, NULL); /* they are about to end */
	}
}

void
tree_free(struct tree *t)
{
	prctl(PR_SET_CHILD_SUBREAPER, t->was_subreaper);
	free(t->now.at);
	free(t->before.at);
	free(t->spared.at);
	*t = (struct tree){0};
}
