/* vigil: whether a grant still holds, asked again while it is used. */
#ifndef VIGIL_H
#define VIGIL_H

#include "carry.h"
#include "tender.h"

/* Begin with vigil_begin. */
struct vigil {
	struct cli *c;
	const char *session;  /* open in the ledger, or "" before that */
	char id[JIT_ULID];    /* the grant */
	char live[JIT_ULID];  /* that, or the last that extends it */
	struct carry *carry;  /* NULL: no key */
	int64_t until;        /* UTC second */
	int64_t next, stale;  /* deadlines: the next look; doubt ends it */
	int warned;           /* warnings that were given */
	struct tender tender; /* of a ledger whose tip is at a remote */
	struct jit_error why; /* why it holds no more */
	int code;             /* JIT_OVER, JIT_EVIDENCE...; 0: it holds */
};

/* Of active grant 'g', whose certificate 'carry' has. */
void vigil_begin(struct vigil *v, struct cli *c, const struct jit_grant *g,
	struct carry *carry);

/*
 * Whether it holds now. The ledger is asked at most twice a second: an end,
 * or a basis that is gone, ends it; an extension that was issued makes it
 * longer, and its certificate goes to 'carry'. A minute and ten seconds
 * before the end the user is warned.
 */
bool vigil_holds(struct vigil *v);

void vigil_end(struct vigil *v);

#endif
