/* elder: an older ledger, verified up to where a younger one goes on. */
#ifndef ELDER_H
#define ELDER_H

#include "cli.h"

/* Start with = {0}; free with elder_free. */
struct elder {
	char *path; /* of its repository, owned */
	char genesis[JIT_HEX256];
	char *name;                /* of the ledger, owned */
	char wanted[JIT_HEX256];   /* the event that is succeeded */
	char succeeds[JIT_HEX256]; /* its own elder's, or "" */
	char oid[JIT_OID_HEX];
	int64_t seq, at; /* of that event; 0: it is not there */
	int64_t after;   /* good events that follow it, and count no more */
};

/*
 * Replay the ledger at 'path' from its genesis. It is good if the event
 * whose SHA-256 is 'wanted' and all before it are; what follows may be as
 * bad as it likes. It is compared with what is remembered of it, too.
 * JIT_EVIDENCE, with its path.
 */
int elder_verify(struct elder *e, const struct cli *c, const char *path,
	const char *wanted, struct jit_error *err) JIT_CHECKED;

/* Its line of jit-audit verify. */
void elder_print(const struct elder *e, const struct cli *c);

/* The same as JSON. The caller frees; NULL: no memory. */
struct jit_json *elder_json(const struct elder *e);

void elder_free(struct elder *e);

#endif
