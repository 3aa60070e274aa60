/* stage: what a command stands on, a terminal of its own or pipes. */
#ifndef STAGE_H
#define STAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"

/* Descriptors are ours and do not block; -1: there is none. */
struct stage {
	bool tty;
	int keys;   /* to its terminal; its standard input else is our own */
	int out;    /* what it shows on standard output, or its terminal */
	int errs;   /* on standard error, where ours is another than that */
	int slave;  /* its terminal, held until nobody stands on it */
	int go;     /* a byte lets it run */
	int report; /* errno, where it could not */
	pid_t pid;
};

struct stage_play {
	const char *path; /* NULL: argv[0], looked for in PATH */
	const char *const *argv;
	const char *const *env; /* NULL: as ours */
};

/*
 * Start the process that will be the command; it waits. It has a terminal of
 * its own if our standard input and output are one, pipes else; in both, what
 * it says on standard error stays apart if ours is apart. It is killed
 * when we die. JIT_TROUBLE. In any case stage_close.
 */
int stage_open(struct stage *s, const struct stage_play *play,
	struct jit_error *err) JIT_CHECKED;

/* Let it become the command. 0, or the errno with which that failed. */
int stage_go(struct stage *s);

/* Columns and rows of our terminal, 80 by 24 where there is none. */
void stage_size(int *width, int *height);

/* Give its terminal the size of ours. */
void stage_resize(const struct stage *s);

/* Nobody stands on its terminal any more: reading it comes to an end. */
void stage_empty(struct stage *s);

/* Close all that is ours; a process that still waits is gone then. */
void stage_close(struct stage *s);

#endif
