/* relay: run a command so that all it shows is kept before it is shown. */
#ifndef RELAY_H
#define RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "error.h"

#define RELAY_WATCH 8 /* descriptors of the caller's */

enum relay_want {
	RELAY_ON,
	RELAY_HOLD, /* take no more output for now */
	RELAY_END   /* end the command and all that came of it */
};

/* The process that waits to be the command. */
struct relay_view {
	pid_t pid;
	bool tty;          /* it has a terminal of its own */
	int width, height; /* columns and rows, 80 by 24 without a terminal */
};

/*
 * What to run and whom to ask; each function may be NULL. None of them may
 * take long, for nothing else happens meanwhile.
 */
struct relay {
	const char *path; /* NULL: argv[0], looked for in PATH */
	const char *const *argv;
	const char *const *env; /* NULL: as ours */

	/* Before it is run; a code: it is not. */
	int (*start)(const struct relay_view *v, void *arg,
		struct jit_error *err);
	/* Each piece of output, before it is shown; a code: all is ended, and
	 * what comes after is neither kept nor shown. */
	int (*sink)(const void *bytes, size_t len, void *arg,
		struct jit_error *err);
	/* The terminal has another size. */
	void (*resized)(int width, int height, void *arg);
	/* Descriptors whose readiness calls for a tick; returns how many. */
	size_t (*watch)(struct pollfd fds[RELAY_WATCH], void *arg);
	/* At least every 200 ms, and until all output was taken. */
	enum relay_want (*tick)(void *arg);
	void *arg;

	int grace_ms; /* between hang-up (SIGHUP, SIGCONT) and SIGKILL */
};

struct relay_end {
	int status;  /* its own, 128 + its signal; 126, 127: it did not run */
	int why;     /* errno, where it did not; else 0 */
	int signal;  /* SIGHUP or SIGTERM that was sent to us, else 0 */
	bool forced; /* it did not end by itself */
	int found;  /* processes that were there when that began, or after it */
	int killed; /* processes that nothing but SIGKILL ended */
	int left;   /* that could not be ended: another user's */
};

/*
 * Run it until it ends, and until nothing is left that came of it; what is
 * left is hung up on and then killed. Where our standard input and output
 * are a terminal, it has one of its own, and ours is raw until the end; else
 * its standard input is ours, untouched, and what it says on standard output
 * and standard error goes to ours. SIGTERM, SIGHUP and the end of our
 * terminal end it; SIGINT and SIGQUIT, where they are sent to us, it gets.
 *
 * 0, and 'out' says how it ended. A code of 'start': it never ran. A code of
 * 'sink', or JIT_TROUBLE; 'out' is set if it ran.
 */
int relay_run(struct relay_end *out, const struct relay *r,
	struct jit_error *err) JIT_CHECKED;

/*
 * Say a line to the user while it runs: on the terminal between what is
 * shown, else on standard error. It is escaped (text room).
 */
void relay_say(const char *line);

#endif
