/* perform: a command run under a grant: on record, recorded, watched, ended. */
#ifndef PERFORM_H
#define PERFORM_H

#include "carry.h"

#define PERFORM_ENDED 124   /* exit status: its grant was over */
#define PERFORM_REFUSED 125 /* exit status: a failure of our own */

struct perform {
	const char *path; /* of the command */
	const char *const *argv;
	const char *output;  /* file of the recording; NULL: the usual one */
	struct carry *carry; /* with the grant's certificate; NULL: no key */
};

/* How it went; free with perform_free. */
struct performed {
	bool ran;
	int exit; /* status to end with */
	char session[JIT_ULID];
	struct jit_buf recording; /* its path */
	int code;                 /* why it did not end by itself; 0: it did */
	struct jit_error why;
};

/*
 * Run it under active grant 'g': its session is opened in the ledger before
 * it starts, closed after its end, and the grant ended with all that extend
 * it. What is owed then is said. A code: nothing was run.
 */
int perform(struct performed *out, struct cli *c, const struct jit_grant *g,
	const struct perform *what, struct jit_error *err) JIT_CHECKED;

void perform_free(struct performed *out);

#endif
