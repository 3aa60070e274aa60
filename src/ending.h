/* ending: the end of one grant, with the cause that is due. */
#ifndef ENDING_H
#define ENDING_H

#include "cli.h"

/*
 * Append the end of grant 'id', whole or a prefix, with 'reason' (NULL:
 * none). The cause follows from where the grant stands and who ends it. What
 * is ended is said as a hint, with -j as JSON.
 */
int ending(struct cli *c, const char *id, const char *reason,
	struct jit_error *err) JIT_CHECKED;

/* The same by the holder of a live grant, whose task is done. */
int ending_done(struct cli *c, const char *id,
	struct jit_error *err) JIT_CHECKED;

/* Whether only its end is left to be recorded: it lapsed, ran out, or what
 * it rests on is gone. */
bool ending_due(const struct jit_state *s, const struct jit_grant *g,
	int64_t now);

/*
 * End each of the open grants that 'meant' says, one by one; each refusal is
 * said, the highest status returned. '*count' is how many were meant.
 */
typedef bool ending_meant(const struct jit_state *s, const struct jit_grant *g,
	const void *arg);
int ending_all(size_t *count, struct cli *c, ending_meant *meant,
	const void *arg, const char *reason, struct jit_error *err) JIT_CHECKED;

/* End all that rests on nothing any more. */
int ending_baseless(struct cli *c, struct jit_error *err) JIT_CHECKED;

#endif
