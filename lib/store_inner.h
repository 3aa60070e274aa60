/* store_inner: what the parts of the store room share. */
#ifndef JIT_STORE_INNER_H
#define JIT_STORE_INNER_H

#include <sys/types.h>
#include <time.h>

#include <git2.h>
#include <git2/sys/odb_backend.h>

#include "flush.h"
#include "lock.h"
#include "store.h"

struct jit_store {
	char *path;             /* the git dir, real */
	char *objects;          /* its objects folder */
	char *packs;            /* where they are in it */
	char *ref_lock;         /* what git makes while it moves JIT_REF */
	struct timespec packed; /* when a pack came or went, as far as known */
	git_repository *repo;
	git_odb *odb;             /* of what is in packs: the rest we read */
	char *inbox;              /* NULL: there is none */
	git_odb *inbox_odb;       /* what waits in it, in files too */
	git_odb *inbox_packs;     /* in packs alone */
	int lock;                 /* jit.lock while it is held, else -1 */
	char meant[JIT_LOCK_OID]; /* the commit that is noted in it, or "" */
	struct jit_flush flush;   /* of that note */
	bool shared;              /* by a group: setgid and group-writable */
	bool open;                /* to all who read */
	bool known;               /* what is read was verified before */
};

/* What libgit2 says went wrong last, borrowed. */
const char *jit_store_reason(void);

/* The file of a loose object in 'objects'; the caller's to free, or NULL. */
char *jit_store_loose(const char *objects, const git_oid *id);

/* The packs in an objects folder and nothing else; the caller frees. */
int jit_store_packs(git_odb **out, const char *objects);

/* jit_store_read, by the id as libgit2 has it. */
int jit_store_get(struct jit_buf *raw, struct jit_store *s, const git_oid *id,
	size_t max, struct jit_error *err) JIT_CHECKED;

#endif
