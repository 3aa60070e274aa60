/* asking: one request for a role on a resource, from its words to its id. */
#ifndef ASKING_H
#define ASKING_H

#include "offer.h"

/* Start with = {0} and what is asked; free what is in 'offer'. */
struct asking {
	const char *resource, *role, *task, *reason;
	int64_t duration;    /* seconds */
	bool glass;          /* --break-glass */
	const char *extends; /* id of a live grant, or NULL */
	struct jit_lists actions;
	struct offer offer; /* its line may be empty */

	char source[65]; /* filled in: the host's name */
	char id[JIT_ULID];
};

/* The operands are RESOURCE and ROLE: said where they are not. JIT_USAGE. */
int asking_operands(struct asking *a, const struct cli *c,
	const struct cli_maybe *wait, struct jit_error *err) JIT_CHECKED;

/* What is left out is looked for (JIT_TASK), the rest checked. JIT_USAGE. */
int asking_check(struct asking *a, const struct cli *c,
	struct jit_error *err) JIT_CHECKED;

/*
 * Ask: the request is appended, the id is in 'a' and the offer's files have
 * its name; where it fails they are gone, unless it may have been recorded all
 * the same. With -n only the judge is asked.
 */
int asking_append(struct asking *a, struct cli *c,
	struct jit_error *err) JIT_CHECKED;

/* With -n: say which rule would decide, and who would have to say yes. */
int asking_foretell(const struct asking *a, const struct cli *c,
	struct jit_error *err) JIT_CHECKED;

/* Append what it waits for: "1 of dba", "its issue". */
int asking_waits(struct jit_buf *out, const struct asking *a,
	const struct cli *c, struct jit_error *err) JIT_CHECKED;

/* Take the request back, which is not issued yet. */
int asking_cancel(struct cli *c, const struct jit_grant *g, const char *reason,
	struct jit_error *err) JIT_CHECKED;

#endif
