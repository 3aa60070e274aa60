/* flush: a file made durable while something else is done. */
#ifndef JIT_FLUSH_H
#define JIT_FLUSH_H

#include <pthread.h>
#include <stdbool.h>

/* Start with = {0}. One file at a time. */
struct jit_flush {
	pthread_t thread;
	int fd;
	int error;    /* errno of the last one; 0: it is durable */
	bool running; /* the thread is there */
};

/*
 * fdatasync(2) of 'fd', which must stay open, in a thread of its own; at
 * once where none is to be had. One that runs is waited for first.
 */
void jit_flush_begin(struct jit_flush *f, int fd);

/* Wait for it: 0, or the errno that it failed with. */
int jit_flush_end(struct jit_flush *f);

#endif
