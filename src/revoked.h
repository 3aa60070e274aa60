/* revoked: the list of what is revoked, for hosts without a ledger. */
#ifndef REVOKED_H
#define REVOKED_H

#include "cli.h"

/*
 * Write the revocation list of the ledger's tip to 'path' (krl room; its
 * version is the tip's seq), signed by 'ca_path' unless that is NULL. Whole
 * or not at all; a list of a higher version is never replaced: JIT_EVIDENCE.
 */
int revoked_list(struct cli *c, const char *path, const char *ca_path,
	struct jit_error *err) JIT_CHECKED;

#endif
