/* report_tail: waiting until a ledger has more, in nobody's way. */
#ifndef REPORT_TAIL_H
#define REPORT_TAIL_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "error.h"

/* What the files that name the newest event looked like. */
struct report_tail {
	char path[2][4096]; /* the ref by itself, and among the packed ones */
	struct report_look {
		bool there;
		ino_t ino;
		off_t size;
		struct timespec changed;
	} look[2];
};

/* Remember how they look; 'dir' is the repository's. */
void report_tail_mark(struct report_tail *t, const char *dir);

/*
 * Return 0 once they look otherwise, a minute has passed, or '*stop' is set
 * by a signal, which comes in only here, with the mask 'calm'. Nothing is
 * opened, and no lock is taken. JIT_TROUBLE: nobody reads stdout any more.
 */
int report_tail_wait(struct report_tail *t, const sigset_t *calm,
	const volatile sig_atomic_t *stop, struct jit_error *err) JIT_CHECKED;

#endif
