/* reach: what is done at a target for a grant, and shown of it. */
#ifndef REACH_H
#define REACH_H

#include "cli.h"
#include "errand.h"

/*
 * Each is about grant 'id', live or owed a proof, and asks the connector of
 * its resource, with root's file about the target. JIT_NOGRANT: no such file
 * is here, so nothing is within reach; JIT_TROUBLE: the connector failed.
 */

/* Make the access exist, or exist longer. */
int reach_grant(struct cli *c, const char *id,
	struct jit_error *err) JIT_CHECKED;

/*
 * Remove it and end what lives on it. JIT_UNPROVEN: it is still there, the
 * connector says.
 */
int reach_revoke(struct cli *c, const char *id,
	struct jit_error *err) JIT_CHECKED;

/*
 * Probe it and put the outcome on record: JIT_OUTCOME_REFUSED and its like,
 * borrowed for ever. What is on record already with the same outcome is not
 * written again, unless it pays what is owed.
 */
int reach_show(const char **outcome, struct cli *c, const char *id,
	struct jit_error *err) JIT_CHECKED;

/* Whether root's file about this resource is here. */
bool reach_here(const char *resource);

#endif
