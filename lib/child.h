/* child: run a program with bytes in, bytes out and a limit on its time. */
#ifndef JIT_CHILD_H
#define JIT_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct jit_child {
	const char *const *argv; /* argv[0] an absolute path, NULL at the end */
	const char *const *env; /* "NAME=value", all it gets; NULL at the end */
	const void *in;         /* its standard input */
	size_t in_len;
	size_t max;           /* bytes of its standard output that are taken */
	int seconds;          /* until it and its process group are killed */
	struct jit_buf *said; /* gets its standard error; NULL: that is ours */
	size_t said_max;      /* bytes of it that are kept, the rest is lost */
	bool alone; /* it has no terminal to ask at: a session of its own */
};

/*
 * Run it and wait. Its standard output is appended to 'out'; '*status' is its
 * exit status, or 128 + the signal that ended it. JIT_TROUBLE: it cannot be
 * run, says more than 'max', or takes longer than 'seconds' (then it is
 * dead). It dies with the thread that waits for it.
 */
int jit_child_run(struct jit_buf *out, int *status, const struct jit_child *c,
	struct jit_error *err) JIT_CHECKED;

#endif
