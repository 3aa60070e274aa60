/* tree: the processes that come of us, found, counted and ended. */
#ifndef TREE_H
#define TREE_H

#include <stddef.h>
#include <sys/types.h>

#include "error.h"

/*
 * Who forks twice or leaves the session comes back to us, because we are the
 * subreaper. What the kernel keeps from us stays out of reach: a process that
 * a service manager or at(1) starts for a child is none of ours, and one that
 * became another user is found but cannot be signalled.
 */
struct tree_process {
	pid_t pid, parent, group, session;
	long long start; /* in clock ticks; with 'pid' no other process's */
	int killed;
};

struct tree_list {
	struct tree_process *at;
	size_t count, room;
};

struct tree {
	pid_t top;               /* whose end its own parent waits for */
	int killed;              /* processes that tree_kill killed */
	struct tree_list now;    /* who was there at the last look */
	struct tree_list before; /* and at the look before it */
	struct tree_list spared; /* children from before tree_start */
	int was_subreaper;
};

/*
 * Become the one to whom orphans come. Children that are there already, and
 * theirs, are no part of the tree. JIT_TROUBLE: /proc cannot be read. In any
 * case tree_free.
 */
int tree_start(struct tree *t, struct jit_error *err) JIT_CHECKED;

/*
 * Look who is there, and reap orphans that have ended; 't->top' is reaped by
 * the caller. Returns how many live; 1 too where nobody can tell.
 */
size_t tree_look(struct tree *t);

/* Send 'signal' to all of the last look. */
void tree_signal(const struct tree *t, int signal);

/*
 * Look and kill, again and again, until nobody is left or 'ms' milliseconds
 * are over. Returns how many are left.
 */
size_t tree_kill(struct tree *t, int ms);

/* Be no subreaper any more, if we were none before. */
void tree_free(struct tree *t);

#endif
