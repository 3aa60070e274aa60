/* tender: keeps a clone as new as its remote, in a process of its own. */
#ifndef TENDER_H
#define TENDER_H

#include <sys/types.h>

#include "cli.h"

/* Start with = {0}. */
struct tender {
	pid_t pid;
	int64_t wait; /* deadline before which one that died stays dead */
};

/*
 * See to it that one runs where the ledger of 'c' has a remote: it fetches
 * and verifies once a second, unless another of this clone just did, with
 * the memory of 'c', and ends with its parent. 'quiet': it says nothing; else
 * once when the remote is lost, and when it is back. A network that hangs
 * holds up nobody else.
 */
void tender_keep(struct tender *t, const struct cli *c, bool quiet);

/* It ends soon, and is not waited for. */
void tender_stop(struct tender *t);

#endif
