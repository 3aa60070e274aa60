/* context: what history says of a request, for who is asked to approve it. */
#ifndef CONTEXT_H
#define CONTEXT_H

#include "ledger.h"

#define CONTEXT_DAYS 90
#define CONTEXT_EVENTS 10000 /* at most, however many the days had */

/*
 * Append what is to be known before one votes on 'g', a fact on each line,
 * in plain words and without a score: earlier grants of this role on this
 * resource to who asks, what they were usually asked for, how much of the
 * last days they cover, an hour that is unusual, what is live, how long
 * 'approver' took to decide. The first line says how far back that goes.
 * What is no fact has no line. JIT_EVIDENCE, JIT_TROUBLE.
 */
int context_facts(struct jit_buf *out, struct jit_ledger *l,
	const struct jit_grant *g, const char *approver, int64_t now,
	struct jit_error *err) JIT_CHECKED;

#endif
