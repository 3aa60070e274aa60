/* clerk: a process that writes to the ledger: its parent never waits. */
#ifndef CLERK_H
#define CLERK_H

#include <sys/types.h>

#include "cli.h"
#include "talk.h"

/*
 * What is to be written: a use event. Texts are the caller's. The answer
 * comes as an object {"ticket":N,"status":0} or {...,"status":S,"why":"..."}.
 */
struct clerk_use {
	int64_t ticket;
	const char *id, *session, *phase, *host; /* no phase: only deliver
						    what was sealed */
	const char *program;                     /* open */
	const struct jit_texts *recordings;      /* close */
	struct jit_maybe exit;
	int64_t killed;
};

struct clerk {
	struct talk talk; /* answers come from here */
	pid_t pid;
};

/*
 * Start it: 'key' is the path of the key that signs, 'ledger' and 'memory'
 * are opened by it alone, at each use anew where that failed. It ends when
 * its parent does. JIT_TROUBLE.
 */
int clerk_start(struct clerk *out, const struct cli *c, const char *ledger,
	const char *memory, const char *key, struct jit_error *err) JIT_CHECKED;

/* Have it written. false: it is gone, or has no room. */
bool clerk_ask(struct clerk *k, const struct clerk_use *use);

void clerk_stop(struct clerk *k);

#endif
