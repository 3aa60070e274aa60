/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "remote_inner.h"
#include "repo.h"

/* -- Addresses ------------------------------------------------------------- */

/* "user@host:path", as scp(1) has it: a colon before any slash. */
static bool
is_scp(const char *url)
{
	size_t n = strcspn(url, ":/");

	return n > 0 && url[n] == ':' && url[n + 1] != '\0' &&
		url[n + 1] != ':';
}

int
jit_remote_url(const char *url, struct jit_error *err)
{
	static const char *const known[] = {"ssh://", "https://", "file:///",
		"/"};
	const char *c;
	size_t i;

	for (c = url; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return jit_fail(err, JIT_USAGE,
				"'%s' is no address: it has a blank", url);
	if (url[0] == '-')
		return jit_fail(err, JIT_USAGE, "'%s' is no address", url);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(url, known[i], strlen(known[i])) == 0)
			return 0;
	if (!strstr(url, "://") && is_scp(url))
		return 0;
	return jit_fail(err, JIT_USAGE,
		"'%s' is no address of a ledger: ssh://HOST/PATH, HOST:PATH, "
		"https://HOST/PATH or a path",
		url);
}

/* -- A repository for git -------------------------------------------------- */

static int
trouble(const char *path, struct jit_error *err)
{
	return jit_fail(err, JIT_TROUBLE, "'%s': %s", path, strerror(errno));
}

int
jit_remote_put(const struct jit_remote *r, const char *name, const char *text,
	struct jit_error *err)
{
	char *path = jit_repo_path("%s/%s", r->dir, name);
	char *line = jit_repo_path("%s\n", text);
	size_t len = line ? strlen(line) : 0;
	int fd = -1, rc = 0;

	if (!path || !line)
		rc = jit_nomem(err);
	if (rc == 0)
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (rc == 0 && (fd < 0 || write(fd, line, len) != (ssize_t)len))
		rc = trouble(path, err);
	if (fd >= 0)
		close(fd);
	free(line);
	free(path);
	return rc;
}

static int
make_folder(const struct jit_remote *r, const char *name, struct jit_error *err)
{
	char *path = jit_repo_path("%s/%s", r->dir, name);
	int rc = 0;

	if (!path)
		return jit_nomem(err);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		rc = trouble(path, err);
	free(path);
	return rc;
}

int
jit_remote_furnish(const struct jit_remote *r, struct jit_error *err)
{
	int rc = make_folder(r, "refs", err);

	if (rc == 0)
		rc = make_folder(r, "refs/heads", err);
	if (rc == 0)
		rc = make_folder(r, "refs/jit", err);
	return rc ? rc : jit_remote_put(r, "HEAD", "ref: " JIT_REMOTE_REF, err);
}

static int
set(struct jit_remote *r, const char *name, const char *value,
	struct jit_error *err)
{
	char *entry = jit_repo_path("%s%s%s", name, value ? "=" : "",
		value ? value : "");

	if (!entry || r->env_count == JIT_REMOTE_ENV) {
		free(entry);
		return jit_nomem(err);
	}
	r->env[r->env_count++] = entry;
	return 0;
}

/* What the user has, and what no user may say otherwise. */
static int
set_all(struct jit_remote *r, const char *objects, const char *const *env,
	struct jit_error *err)
{
	static const char *const fixed[][2] = {
		{"GIT_ALLOW_PROTOCOL", "file:https:ssh"},
		{"GIT_TERMINAL_PROMPT", "0"}, {"GIT_NO_REPLACE_OBJECTS", "1"},
		{"LC_ALL", "C"}, /* its words are looked at */
	};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && env[i]; i++)
		rc = set(r, env[i], NULL, err);
	for (i = 0; rc == 0 && i < sizeof(fixed) / sizeof(fixed[0]); i++)
		rc = set(r, fixed[i][0], fixed[i][1], err);
	if (rc == 0)
		rc = set(r, "GIT_DIR", r->dir, err);
	return rc ? rc : set(r, "GIT_OBJECT_DIRECTORY", objects, err);
}

int
jit_remote_open(struct jit_remote **out, const char *objects,
	const char *sharing, const struct jit_remote_way *way,
	struct jit_error *err)
{
	struct jit_remote *r = calloc(1, sizeof(*r));
	char *dir = jit_repo_path("%s/jit-git-XXXXXX", way->scratch);
	int rc = 0;

	if (!r || !dir) {
		rc = jit_nomem(err);
		goto out;
	}
	r->url = jit_repo_path("%s", way->url);
	r->git = jit_repo_path("%s", way->git);
	r->sharing = jit_repo_path("core.sharedRepository=%s", sharing);
	if (!r->url || !r->git || !r->sharing)
		rc = jit_nomem(err);
	else if (!mkdtemp(dir))
		rc = trouble(dir, err);
	if (rc)
		goto out;
	r->dir = dir;
	dir = NULL; /* transferred */
	rc = jit_remote_furnish(r, err);
	if (rc == 0)
		rc = set_all(r, objects, way->env, err);
out:
	free(dir);
	if (rc) {
		jit_remote_free(r);
		return rc;
	}
	*out = r;
	return 0;
}

const char *
jit_remote_where(const struct jit_remote *r)
{
	return r->url;
}

void
jit_remote_free(struct jit_remote *r)
{
	size_t i;

	if (!r)
		return;
	if (r->dir)
		jit_repo_remove_all(r->dir);
	for (i = 0; i < r->env_count; i++)
		free(r->env[i]);
	free(r->dir);
	free(r->git);
	free(r->sharing);
	free(r->url);
	free(r);
}
