/* plain: the reference verifier, one commit after the other, for tests. */
#ifndef PLAIN_H
#define PLAIN_H

#include "ledger.h"

/* What a verifier says of a history. */
struct plain_verdict {
	int rc;
	int64_t seq; /* events that are good */
	struct jit_error err;
};

/*
 * Verify all up to 'tip' as the manual tells it and in no other way: one
 * thread, every commit kept, each one written again from its event, signed
 * bytes and armour too. 0, or -1 where a commit was taken that is not what
 * its event makes.
 */
int plain_verify(struct plain_verdict *v, struct jit_store *store,
	const unsigned char tip[JIT_OID]);

/* The same question to what jit-audit verify runs. */
void plain_ask(struct plain_verdict *v, struct jit_store *store,
	const unsigned char tip[JIT_OID]);

#endif
