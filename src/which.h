/* which: the file that a command's first word means, as execvp(3) finds it. */
#ifndef WHICH_H
#define WHICH_H

#include "buf.h"
#include "error.h"

#define WHICH_CANNOT 126  /* env(1): it is there and cannot be run */
#define WHICH_NOWHERE 127 /* env(1): it is not there */

/*
 * Append the path of 'name', looked for in PATH unless it has a slash. 0,
 * one of those two, and why in 'err', or JIT_TROUBLE.
 */
int which(struct jit_buf *path, const char *name,
	struct jit_error *err) JIT_CHECKED;

#endif
