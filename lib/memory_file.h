/* memory_file: a private file, read whole and replaced whole. */
#ifndef JIT_MEMORY_FILE_H
#define JIT_MEMORY_FILE_H

#include "buf.h"

/*
 * A folder that is not there is fine; one of another user, or that others
 * may write, is not. JIT_TROUBLE.
 */
int jit_memory_check_dir(const char *dir, struct jit_error *err) JIT_CHECKED;

/* Make the folder and those above it, 0700 as XDG wants them; check it. */
int jit_memory_make_dir(const char *dir, struct jit_error *err) JIT_CHECKED;

/*
 * The first 'most' bytes of a file that is as private as its folder: 1 and
 * '*p', the caller's to free; 0: there is none; JIT_TROUBLE.
 */
int jit_memory_slurp(unsigned char **p, size_t *len, const char *path,
	size_t most, struct jit_error *err) JIT_CHECKED;

/* A new durable file, mode 0600, in place of any at 'path'. JIT_TROUBLE. */
int jit_memory_write(const char *path, const struct jit_buf *head,
	const struct jit_buf *body, struct jit_error *err) JIT_CHECKED;

/* "'PATH': REASON" of errno; returns JIT_TROUBLE. */
int jit_memory_fail(const char *path, struct jit_error *err);

#endif
