/* issuance: what an issuer makes of a request that has its votes. */
#ifndef ISSUANCE_H
#define ISSUANCE_H

#include "hook.h"

/* One issue. Start with = {.ca = ...}; free with issuance_free. */
struct issuance {
	const struct jit_signer *ca; /* NULL: only what needs no certificate */
	const struct jit_json *connect; /* what else is needed; NULL: nothing */
	char id[JIT_ULID];
	struct jit_buf cert; /* the line, no newline; empty: none is needed */

	char request[JIT_HEX256], digest[JIT_HEX256], connector[17];
	struct jit_credential credential;
	struct jit_hooked hooked[HOOKS_MAX];
	size_t hooks;
	struct jit_arena mem;
};

/* Whether grant 'g' could be issued now. JIT_PENDING: it misses votes. */
int issuance_ready(struct jit_standing *st, const struct jit_state *s,
	const struct jit_grant *g, int64_t at,
	struct jit_error *err) JIT_CHECKED;

/*
 * Ask the site's hooks, then issue 'id': the event is on record when this
 * returns 0. With -n nothing is written.
 */
int issuance_make(struct issuance *x, struct cli *c, const char *id,
	struct jit_error *err) JIT_CHECKED;

void issuance_free(struct issuance *x);

#endif
