/* flow: bytes on their way from one descriptor to another. */
#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct flow {
	int from, to; /* -1: no more */
	size_t len, sent;
	unsigned char bytes[16384];
};

/* Whether bytes were taken and not given yet; first they are. */
bool flow_pending(const struct flow *f);

/* Take a piece: its length, 0: nothing for now, -1: it is the end. */
ssize_t flow_take(struct flow *f);

/* Give on what can be given; false: nobody takes it any more. */
bool flow_give(struct flow *f);

/*
 * Write, but wait 100 ms at most: a terminal that is stopped, or a pipe that
 * nobody reads, holds nobody up. As write(2); EINTR: nothing was written.
 */
ssize_t flow_write(int fd, const void *bytes, size_t len);

#endif
