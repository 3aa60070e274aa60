/* screen_change: what a change of policy or people is, for its approver. */
#ifndef SCREEN_CHANGE_H
#define SCREEN_CHANGE_H

#include "cli.h"

/*
 * Append what the change of grant 'g' would do to 's', a line each: who or
 * which key is enrolled or retired, how a policy differs from the one in
 * force. Not escaped. JIT_USAGE, JIT_TROUBLE.
 */
int screen_change(struct jit_buf *lines, const struct jit_state *s,
	const struct jit_grant *g, struct jit_error *err) JIT_CHECKED;

#endif
