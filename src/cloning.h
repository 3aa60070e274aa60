/* cloning: a clone of a ledger at a remote, verified and pinned. */
#ifndef CLONING_H
#define CLONING_H

#include "cli.h"

/*
 * Clone the ledger at 'url' to the operand of 'c', compare it with the
 * fingerprint 'genesis' (NULL: nobody said), remember it, and print its
 * fingerprint. JIT_EVIDENCE: it is bad, or another.
 */
int cloning(struct cli *c, const char *url, const char *genesis,
	struct jit_error *err) JIT_CHECKED;

/*
 * What was at 'path' is gone, and what is remembered of it goes, too, unless
 * that was the ledger 'genesis' (may be NULL).
 */
void cloning_forget(const char *path, const char *genesis);

#endif
