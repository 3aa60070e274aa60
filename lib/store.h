/* store: raw objects and one ref in a git repository; door to libgit2. */
#ifndef JIT_STORE_H
#define JIT_STORE_H

#include <stdbool.h>

#include "buf.h"
#include "error.h"

#define JIT_REF "refs/heads/ledger"

struct jit_store;

/*
 * Open a bare repository or a clone's. Refused with JIT_TROUBLE, naming the
 * path: not a repository; of another user than this one or root
 * (safe.directory is honoured);
 * another object format; an objects folder that is a symbolic link; object
 * alternates; a commondir or gitlink; a ledger ref that is symbolic.
 * JIT_EVIDENCE "incomplete": shallow. Runs no program, reads no GIT_*
 * variable, follows no replace ref and no graft.
 */
int jit_store_open(struct jit_store **out, const char *path,
	struct jit_error *err) JIT_CHECKED;

/*
 * Make a bare repository, durably, whose HEAD is JIT_REF and which holds the
 * empty tree that git fsck asks for; fails if 'path' is there.
 */
int jit_store_create(struct jit_store **out, const char *path,
	struct jit_error *err) JIT_CHECKED;

/* The repository's folder (the git dir), borrowed, ends in no slash. */
const char *jit_store_path(const struct jit_store *s);

/* Its folder of objects, borrowed. */
const char *jit_store_objects(const struct jit_store *s);

/*
 * Who else needs what is made in it, as its folder of objects says, in git's
 * words (core.sharedRepository): "group" writes, all read ("0644"), or
 * "umask", nobody; and give a file this 'mode' for them, as far as that goes.
 */
const char *jit_store_sharing(const struct jit_store *s);
void jit_store_share(const struct jit_store *s, const char *path,
	unsigned int mode);

/*
 * What hides history from stock git and is ignored here: one line each to
 * 'out' ("refs/replace exists: ignored"); returns how many.
 */
int jit_store_oddities(struct jit_buf *out, const struct jit_store *s);

/* Where JIT_REF points. 1, 0 (no such ref) or JIT_TROUBLE. */
int jit_store_tip(unsigned char oid[20], struct jit_store *s,
	struct jit_error *err) JIT_CHECKED;

/*
 * Where a plain clone saw JIT_REF last at the repository that it came from,
 * as its configuration has it. 1, 0 (no such thing) or JIT_TROUBLE.
 */
int jit_store_upstream(unsigned char oid[20], struct jit_store *s,
	struct jit_error *err) JIT_CHECKED;

/*
 * Read a commit of at most 'max' bytes into 'raw' (reset before). Its bytes
 * are hashed and compared with its name. JIT_EVIDENCE: missing
 * ("incomplete"), corrupt, too large, not a commit; JIT_TROUBLE: I/O.
 */
int jit_store_read(struct jit_buf *raw, struct jit_store *s,
	const unsigned char oid[20], size_t max,
	struct jit_error *err) JIT_CHECKED;

/*
 * What is read from now on was verified before, or is not ('known' false):
 * who reads it compares its SHA-256, so neither its size nor its name is
 * asked of a pack before. It holds for all stores of the process.
 */
void jit_store_known(struct jit_store *s, bool known);

/*
 * Write a commit, make it durable and read it back. An object that is there
 * under this name but damaged is replaced. JIT_TROUBLE.
 */
int jit_store_write(unsigned char oid[20], struct jit_store *s, const void *raw,
	size_t len, struct jit_error *err) JIT_CHECKED;

/*
 * Move JIT_REF from 'old' (NULL: it must not exist) to 'new', durably, or
 * fail with JIT_BUSY when it is not at 'old' or another holds its lock.
 */
int jit_store_swap(struct jit_store *s, const unsigned char *old,
	const unsigned char new[20], struct jit_error *err) JIT_CHECKED;

/*
 * Hold the ledger's own lock (flock on jit.lock in the repository), waiting
 * at most 'seconds': JIT_BUSY then. Writers take it from reading the tip to
 * the swap. What a dead writer left behind (a ref lock that its intent
 * record names) is removed; any other stale ref lock is JIT_TROUBLE with its
 * path.
 */
int jit_store_lock(struct jit_store *s, int seconds,
	struct jit_error *err) JIT_CHECKED;
void jit_store_unlock(struct jit_store *s);

/*
 * Hold another lock of the repository, the file 'name' in it. Such a file is
 * open to who may write there and to nobody else: whoever may read it could
 * hold it for ever. '*fd' is the caller's to close. JIT_BUSY, JIT_TROUBLE.
 */
int jit_store_hold(int *fd, const struct jit_store *s, const char *name,
	int seconds, struct jit_error *err) JIT_CHECKED;

/*
 * For the server's gate alone: read commits also from 'folder', where git
 * keeps what was pushed until its hook agrees (githooks(5), pre-receive:
 * GIT_QUARANTINE_PATH). It must be a folder in the repository's own objects
 * folder. Nothing is written there. JIT_TROUBLE.
 */
int jit_store_inbox(struct jit_store *s, const char *folder,
	struct jit_error *err) JIT_CHECKED;

/* Called with an object's name; another return than 0 stops. */
typedef int jit_store_visit(const unsigned char oid[20], void *arg,
	struct jit_error *err);

/*
 * Visit what lies in the inbox and not in the repository, of whatever type,
 * in no order. What 'visit' returned, or JIT_TROUBLE.
 */
int jit_store_arrived(struct jit_store *s, jit_store_visit *visit, void *arg,
	struct jit_error *err) JIT_CHECKED;

void jit_store_free(struct jit_store *s);

/*
 * A value of the user's or system's git configuration ("jit.ledger"), never
 * of a repository's. Appends to 'out'. 1, 0 (not set) or JIT_TROUBLE.
 */
int jit_store_config(struct jit_buf *out, const char *name,
	struct jit_error *err) JIT_CHECKED;

/*
 * A value of this repository's own configuration ("jit.remote"): whoever may
 * write to the repository may have put it there. Appends to 'out'. 1, 0 (not
 * set) or JIT_TROUBLE.
 */
int jit_store_own(struct jit_buf *out, const struct jit_store *s,
	const char *name, struct jit_error *err) JIT_CHECKED;

/* Set one. JIT_TROUBLE. */
int jit_store_set(const struct jit_store *s, const char *name,
	const char *value, struct jit_error *err) JIT_CHECKED;

#endif
