/* vote: what one person says to one request. */
#ifndef VOTE_H
#define VOTE_H

#include "cli.h"

/* Begin with the cli and what was asked for; the rest is vote_take's. */
struct vote {
	struct cli *cli;
	const char *as;      /* group; NULL: one that still misses somebody */
	const char *message; /* note or reason; NULL: none */
	int64_t duration;    /* seconds; 0: as asked */
	struct jit_lists actions; /* none: as asked */

	char id[JIT_ULID];
	char request[JIT_HEX256]; /* exactly this one, as it was shown */
	char mine[JIT_HEX256];    /* my approval, to be withdrawn */
};

/* It is about the open grant 'id' from now on. As cli_grant. */
int vote_take(struct vote *v, const char *id,
	struct jit_error *err) JIT_CHECKED;

/* Would the judge take my approval? Writes nothing. */
int vote_may(struct vote *v, struct jit_error *err) JIT_CHECKED;

/*
 * Append the screen of the grant, with what history says, and, to
 * 'question', what is asked about it. JIT_NO: I may not vote.
 */
int vote_show(struct jit_buf *screen, struct jit_buf *question,
	const struct vote *v, struct jit_error *err) JIT_CHECKED;

/* Write it, and say what came of it; with -n only ask. */
int vote_approve(struct vote *v, struct jit_error *err) JIT_CHECKED;
int vote_deny(struct vote *v, struct jit_error *err) JIT_CHECKED;
int vote_withdraw(struct vote *v, struct jit_error *err) JIT_CHECKED;

#endif
