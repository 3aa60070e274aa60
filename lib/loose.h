/* loose: an object's own file in a repository, inflated with care. */
#ifndef JIT_LOOSE_H
#define JIT_LOOSE_H

#include "buf.h"

/*
 * Read the commit in the file at 'path' (gitrepository-layout(5)): one zlib
 * stream, whole and with nothing after it, of "commit SIZE", a NUL and SIZE
 * bytes, at most 'max'. libgit2 1.5 goes round for ever in a stream that was
 * cut off, and copies by a size that nobody checked. The bytes are appended
 * to 'out'; whether they match a name is the caller's to ask. 1, 0 (no such
 * file), JIT_EVIDENCE (without the object's name) or JIT_TROUBLE.
 */
int jit_loose_read(struct jit_buf *out, const char *path, size_t max,
	struct jit_error *err) JIT_CHECKED;

#endif
