/* screen: what an approver is shown before the question. */
#ifndef SCREEN_H
#define SCREEN_H

#include "cli.h"

/* Append what is still missing: "1 of dba and 1 of security", "nothing". */
void screen_missing(struct jit_buf *out, const struct jit_standing *st);

/* Append what a rule says, in words; a change's has nothing but its votes. */
void screen_rule(struct jit_buf *out, const struct jit_rule *rule, bool change);

/*
 * Append the screen of a grant that waits: who, what, why, for how long, the
 * rule's text, the votes so far, what is missing, when it lapses, and the
 * 'facts' of history (context room), in lines of at most 'columns'. All that
 * others wrote is escaped. JIT_NO: no rule gives it.
 */
int screen_grant(struct jit_buf *out, const struct jit_state *s,
	const struct jit_grant *g, const char *facts, int64_t now, int columns,
	struct jit_error *err) JIT_CHECKED;

#endif
