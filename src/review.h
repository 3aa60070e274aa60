/* review: what a person pays by looking: broken glass, proofs written off. */
#ifndef REVIEW_H
#define REVIEW_H

#include "cli.h"

/* Record the review of grant 'id' (whole or a prefix). */
int review_pay(struct cli *c, const char *id, const char *verdict,
	const char *note, struct jit_error *err) JIT_CHECKED;

#endif
