/* remote_inner: what the parts of the remote room share. */
#ifndef JIT_REMOTE_INNER_H
#define JIT_REMOTE_INNER_H

#include "remote.h"

#define JIT_REMOTE_REF "refs/heads/ledger"
#define JIT_REMOTE_ENV 64 /* entries of an environment, at most */

struct jit_remote {
	char *url, *git;
	char *sharing; /* a setting of git's */
	char *dir;     /* git's own repository, ours to remove */
	char *env[JIT_REMOTE_ENV + 1];
	size_t env_count;
};

/* What git takes for a repository; it removes folders that it emptied. */
int jit_remote_furnish(const struct jit_remote *r,
	struct jit_error *err) JIT_CHECKED;

/* A file of one line in it, anew. */
int jit_remote_put(const struct jit_remote *r, const char *name,
	const char *text, struct jit_error *err) JIT_CHECKED;

#endif
