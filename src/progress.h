/* progress: how far a long run is, on a terminal. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "cli.h"

struct progress {
	const struct cli *cli;
	bool on;       /* somebody looks at stderr */
	int64_t begun; /* milliseconds of a clock that only goes on */
	int64_t told;
};

/* Nothing is said with -q, or where stderr is no terminal. */
void progress_start(struct progress *p, const struct cli *c);

/* So many of 'total' events are done; said at once, then now and then. */
void progress_tell(struct progress *p, int64_t done, int64_t total);

/* Wipe the line. */
void progress_end(struct progress *p);

#endif
