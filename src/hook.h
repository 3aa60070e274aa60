/* hook: a site's own programs that have a say before an issue. */
#ifndef HOOK_H
#define HOOK_H

#include "cli.h"

#define HOOKS_MAX 2
#define HOOK_SECONDS 10 /* jit.hookTimeout says otherwise */

/* All that a hook has in its environment. */
extern const char *const hook_env[];

/* How long a hook may take, in seconds. JIT_TROUBLE: no duration. */
int hook_seconds(int *out, struct jit_error *err) JIT_CHECKED;

/*
 * Ask jit.taskHook (is this task real, open, about this?) and, for a
 * workload, jit.attestHook (is it who it says?), as the user's or system's
 * git config names them. Each reads the grant as one JSON object and says
 * yes by status 0; what it prints is recorded by its SHA-256. What was asked
 * is put into 'rows' (at most HOOKS_MAX, texts in 'mem'), how many into
 * '*count'. JIT_NO: one said no, or did not answer in time. JIT_TROUBLE: git's
 * configuration cannot be read, or names no absolute path.
 */
int hook_ask(struct jit_hooked *rows, size_t *count, struct jit_arena *mem,
	const struct cli *c, const struct jit_grant *g,
	struct jit_error *err) JIT_CHECKED;

#endif
