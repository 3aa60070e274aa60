/* SPDX-License-Identifier: ISC */
/* What a repository's own configuration says: one file, and no other. */
#include <stdlib.h>

#include <git2.h>

#include "repo.h"
#include "store.h"

static int
bad(const struct jit_store *s, struct jit_error *err)
{
	const git_error *e = git_error_last();

	return jit_fail(err, JIT_TROUBLE, "'%s/config': %s", jit_store_path(s),
		e && e->message ? e->message : "unknown reason");
}

static int
open_own(git_config **out, const struct jit_store *s, struct jit_error *err)
{
	char *path = jit_repo_path("%s/config", jit_store_path(s));
	int rc;

	if (!path)
		return jit_nomem(err);
	rc = git_config_open_ondisk(out, path) < 0 ? bad(s, err) : 0;
	free(path);
	return rc;
}

int
jit_store_own(struct jit_buf *out, const struct jit_store *s, const char *name,
	struct jit_error *err)
{
	git_config *own = NULL;
	git_buf value = {0};
	int rc;

	rc = open_own(&own, s, err);
	if (rc)
		return rc;
	rc = git_config_get_string_buf(&value, own, name);
	if (rc == 0) {
		jit_buf_str(out, value.ptr);
		rc = jit_buf_failed(out, err) < 0 ? JIT_TROUBLE : 1;
	} else {
		rc = rc == GIT_ENOTFOUND ? 0 : bad(s, err);
	}
	git_buf_dispose(&value);
	git_config_free(own);
	return rc;
}

int
jit_store_set(const struct jit_store *s, const char *name, const char *value,
	struct jit_error *err)
{
	git_config *own = NULL;
	int rc = open_own(&own, s, err);

	if (rc == 0 && git_config_set_string(own, name, value) < 0)
		rc = bad(s, err);
	git_config_free(own);
	return rc;
}
