/* SPDX-License-Identifier: ISC */
/* What a push brought, and git keeps aside until a hook has said yes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "repo.h"
#include "store_inner.h"

/* A folder of the repository's own objects folder, as git makes them. */
static int
check_inbox(const struct jit_store *s, const char *inbox, struct jit_error *err)
{
	char *slash, *real = realpath(s->objects, NULL);
	bool inside = false;

	if (real == NULL)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", s->objects,
			strerror(errno));
	slash = strrchr(inbox, '/');
	if (slash != NULL)
		inside = strlen(real) == (size_t)(slash - inbox) &&
			strncmp(inbox, real, strlen(real)) == 0;
	free(real);
	if (inside)
		return 0;
	return jit_fail(err, JIT_TROUBLE,
		"'%s' is not what git makes in '%s' for a push", inbox,
		s->objects);
}

int
jit_store_inbox(struct jit_store *s, const char *folder, struct jit_error *err)
{
	char *real = realpath(folder, NULL);
	int rc;

	if (real == NULL)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", folder,
			strerror(errno));
	rc = check_inbox(s, real, err);
	if (rc == 0 &&
		(git_odb_open(&s->inbox_odb, real) < 0 ||
			jit_store_packs(&s->inbox_packs, real) < 0))
		rc = jit_fail(err, JIT_TROUBLE, "'%s': %s", real,
			jit_store_reason());
	if (rc < 0) {
		free(real);
		return rc;
	}
	s->inbox = real; /* transferred */
	return 0;
}

/* What jit_store_arrived hands through libgit2. */
struct arrival {
	git_odb *here;
	jit_store_visit *visit;
	void *arg;
	int rc;
	struct jit_error *err;
};

static int
arrived(const git_oid *id, void *arg)
{
	struct arrival *a = arg;

	if (git_odb_exists(a->here, id))
		return 0;
	a->rc = a->visit(id->id, a->arg, a->err);
	return a->rc;
}

int
jit_store_arrived(struct jit_store *s, jit_store_visit *visit, void *arg,
	struct jit_error *err)
{
	struct arrival a = {NULL, visit, arg, 0, err};

	if (s->inbox == NULL)
		return 0;
	if ((git_repository_odb(&a.here, s->repo) < 0 ||
		    git_odb_foreach(s->inbox_odb, arrived, &a) < 0) &&
		a.rc == 0)
		a.rc = jit_fail(err, JIT_TROUBLE, "'%s': %s", s->inbox,
			jit_store_reason());
	git_odb_free(a.here);
	return a.rc;
}
