/* remote: the tip on another machine, and the git program that speaks to it. */
#ifndef JIT_REMOTE_H
#define JIT_REMOTE_H

#include <stdbool.h>

#include "buf.h"

struct jit_remote;

/*
 * How to reach it. Texts are borrowed until jit_remote_open returns. 'env' is
 * what git, ssh, agents and credential helpers need of the user's
 * environment; nothing else is given to them.
 */
struct jit_remote_way {
	const char *url;
	const char *git;        /* path of the program */
	const char *scratch;    /* folder of temporary files */
	const char *const *env; /* "NAME=value", NULL at the end */
};

/*
 * Whether this is an address that git may be given: ssh, https, file or a
 * path, as git-clone(1) spells them; never a helper ("ext::"), an option or
 * plain http. JIT_USAGE.
 */
int jit_remote_url(const char *url, struct jit_error *err) JIT_CHECKED;

/*
 * A remote of the repository whose objects are in the folder 'objects';
 * 'sharing': who else needs what is made there (core.sharedRepository).
 * The caller frees '*out'. Nothing is asked yet.
 *
 * git gets a repository of its own that is empty but for these objects, so
 * that nothing in the ledger's counts: no configuration, hook, replace ref,
 * graft or shallow file. The user's and system's configuration do, for
 * credentials, ssh and addresses; hooks, prompts, tags, submodules, other
 * protocols and garbage collection are off.
 */
int jit_remote_open(struct jit_remote **out, const char *objects,
	const char *sharing, const struct jit_remote_way *way,
	struct jit_error *err) JIT_CHECKED;

/*
 * Get the remote's ledger, all that 'have' (NULL: nothing) does not descend
 * from; '*oid' is its tip, not verified. It takes 'seconds' at most. 1, 0
 * (there is no such ref), or JIT_TROUBLE: not reached, and why.
 */
int jit_remote_fetch(unsigned char oid[20], struct jit_remote *r,
	const unsigned char *have, int seconds,
	struct jit_error *err) JIT_CHECKED;

/*
 * Ask the remote to move its ledger to 'oid', forward only. JIT_BUSY: another
 * writer was faster; JIT_NO: it refused, in its own words; JIT_TROUBLE: it
 * said nothing, and may have done it.
 */
int jit_remote_push(struct jit_remote *r, const unsigned char oid[20],
	int seconds, struct jit_error *err) JIT_CHECKED;

/*
 * Put loose objects into packs, and small packs into larger ones: none is
 * lost, whoever reads or writes meanwhile, and none is pruned.
 */
int jit_remote_pack(struct jit_remote *r, int seconds,
	struct jit_error *err) JIT_CHECKED;

const char *jit_remote_where(const struct jit_remote *r);

void jit_remote_free(struct jit_remote *r);

#endif
