/* wait: until a grant is decided, and what it then hands out. */
#ifndef WAIT_H
#define WAIT_H

#include <signal.h>

#include "cli.h"

/*
 * Wait until grant 'id' is active, at most 'seconds' (0: until it lapses),
 * or until a signal handler sets '*stop' (NULL: there is none). JIT_OVER:
 * denied, withdrawn, lapsed, and how; JIT_PENDING: the time ran out or it
 * was stopped, and the request stays.
 */
int wait_active(struct cli *c, const char *id, int64_t seconds,
	const volatile sig_atomic_t *stop, struct jit_error *err) JIT_CHECKED;

/* Write the certificate of an active grant to the secrets directory, as
 * ID-cert.pub, whose path is appended to 'path'. */
int wait_collect(struct jit_buf *path, struct cli *c, const char *id,
	struct jit_error *err) JIT_CHECKED;

#endif
