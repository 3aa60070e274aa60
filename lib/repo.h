/* repo: what a repository's folder must be, seen before git is asked. */
#ifndef JIT_REPO_H
#define JIT_REPO_H

#include <stdbool.h>

#include "buf.h"

/*
 * The git dir behind 'path' (bare, a work tree's top, its .git), real and
 * without a slash at its end: the caller's to free. Refused: a .git that is
 * a file or a symbolic link. JIT_TROUBLE.
 */
int jit_repo_find(char **dir, const char *path,
	struct jit_error *err) JIT_CHECKED;

/*
 * Refuse what would let others' objects in or keep some out: an objects
 * folder or ledger ref that is a symbolic link, commondir, alternates
 * (JIT_TROUBLE), shallow (JIT_EVIDENCE).
 */
int jit_repo_check(const char *dir, struct jit_error *err) JIT_CHECKED;

/* Files that would hide history from stock git: as jit_store_oddities. */
int jit_repo_oddities(struct jit_buf *out, const char *dir);

/* Whether a folder holds nothing, or cannot be read. */
bool jit_repo_empty(const char *dir);

/* Whether the packs of an objects folder can be read; else errno. */
bool jit_repo_packs_readable(const char *objects);

/* "DIR/REST" made by format; the caller's to free, NULL: no memory. */
char *jit_repo_path(const char *fmt, ...) JIT_PRINTF(1, 2);

/* Make a folder's entries or a file's bytes durable. JIT_TROUBLE. */
int jit_repo_sync(const char *path, struct jit_error *err) JIT_CHECKED;

/* The same for all that a folder holds. JIT_TROUBLE. */
int jit_repo_sync_all(const char *dir, struct jit_error *err) JIT_CHECKED;

/* Remove a folder and all in it, as far as that can be done. */
void jit_repo_remove_all(const char *dir);

#endif
