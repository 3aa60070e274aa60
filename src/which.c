/* SPDX-License-Identifier: ISC */
#include "which.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACES "/bin:/usr/bin" /* where there is no PATH */

/* 0 or errno. */
static int
try_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return access(path, X_OK) == 0 ? 0 : errno;
}

static int
refuse(const char *name, int why, struct jit_error *err)
{
	bool nowhere = why == ENOENT || why == ENOTDIR;

	jit_fail(err, JIT_USAGE, "cannot run '%s': %s", name,
		strerror(nowhere ? ENOENT : why));
	return nowhere ? WHICH_NOWHERE : WHICH_CANNOT;
}

/* What is there and cannot be run is said where nothing better is found. */
static int
search(struct jit_buf *path, const char *name, struct jit_error *err)
{
	const char *dir = getenv("PATH"), *end;
	int why = ENOENT, rc;

	for (dir = dir ? dir : PLACES;; dir = end + 1) {
		end = dir + strcspn(dir, ":");
		jit_buf_reset(path);
		jit_buf_fmt(path, "%.*s%s%s", (int)(end - dir), dir,
			end == dir ? "" : "/", name);
		rc = jit_buf_failed(path, err);
		if (rc)
			return rc;
		rc = try_file(jit_buf_text(path));
		if (rc == 0)
			return 0;
		if (rc != ENOENT && rc != ENOTDIR)
			why = rc;
		if (*end == '\0')
			return refuse(name, why, err);
	}
}

int
which(struct jit_buf *path, const char *name, struct jit_error *err)
{
	int why;

	if (!*name || !strchr(name, '/'))
		return *name ? search(path, name, err)
			     : refuse(name, ENOENT, err);
	why = try_file(name);
	if (why)
		return refuse(name, why, err);
	jit_buf_str(path, name);
	return jit_buf_failed(path, err);
}
