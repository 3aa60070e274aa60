/* SPDX-License-Identifier: ISC */
#define _XOPEN_SOURCE 700 /* nftw */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repo.h"

#define OPEN_FOLDERS 16 /* of nftw at once */

char *
jit_repo_path(const char *fmt, ...)
{
	char *path = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0)
		path = malloc((size_t)n + 1);
	if (path == NULL)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(path, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return path;
}

/* The file type bits of "DIR/NAME" itself; 0: not there; or a code. */
static int
look(mode_t *type, const char *dir, const char *name, struct jit_error *err)
{
	struct stat st;
	char *path;
	int rc = 0;

	path = jit_repo_path("%s/%s", dir, name);
	if (path == NULL)
		return jit_nomem(err);
	*type = 0;
	if (lstat(path, &st) == 0)
		*type = st.st_mode & S_IFMT;
	else if (errno != ENOENT && errno != ENOTDIR)
		rc = jit_fail(err, JIT_TROUBLE, "'%s': %s", path,
			strerror(errno));
	free(path);
	return rc;
}

int
jit_repo_find(char **dir, const char *path, struct jit_error *err)
{
	char *real, *git;
	mode_t type = 0;
	int rc;

	real = realpath(path, NULL);
	if (real == NULL)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", path,
			strerror(errno));
	rc = look(&type, real, ".git", err);
	if (rc == 0 && type != 0 && type != S_IFDIR)
		rc = jit_fail(err, JIT_TROUBLE,
			"'%s/.git' is no folder: give the repository that it "
			"leads to",
			real);
	if (rc < 0 || type == 0)
		goto out;
	git = jit_repo_path("%s/.git", real);
	if (git == NULL)
		rc = jit_nomem(err);
	free(real);
	real = git;
out:
	if (rc < 0)
		free(real);
	else
		*dir = real;
	return rc;
}

/* What must not be there, and what it is called. */
struct trap {
	const char *name;
	mode_t type; /* 0: whatever it is */
	int code;
	const char *why;
};

static const struct trap traps[] = {
	{"objects", S_IFLNK, JIT_TROUBLE, "is a symbolic link"},
	{"refs", S_IFLNK, JIT_TROUBLE, "is a symbolic link"},
	{"refs/heads", S_IFLNK, JIT_TROUBLE, "is a symbolic link"},
	{"refs/heads/ledger", S_IFLNK, JIT_TROUBLE, "is a symbolic link"},
	{"commondir", 0, JIT_TROUBLE,
		"lends the objects of another repository: give that one"},
	{"objects/info/alternates", 0, JIT_TROUBLE,
		"lends the objects of another repository: make a full clone "
		"(git repack -ad, then remove it)"},
	{"shallow", 0, JIT_EVIDENCE,
		"says that history is cut off: fetch the rest (git fetch "
		"--unshallow)"},
};

int
jit_repo_check(const char *dir, struct jit_error *err)
{
	const struct trap *t;
	mode_t type = 0;
	int rc;

	for (t = traps; t < traps + sizeof(traps) / sizeof(*traps); t++) {
		rc = look(&type, dir, t->name, err);
		if (rc < 0)
			return rc;
		if (type != 0 && (t->type == 0 || type == t->type))
			return jit_fail(err, t->code, "%s'%s/%s' %s",
				t->code == JIT_EVIDENCE ? "incomplete: " : "",
				dir, t->name, t->why);
	}
	return 0;
}

int
jit_repo_oddities(struct jit_buf *out, const char *dir)
{
	static const char *const names[] = {"info/grafts",
		"objects/info/commit-graph", "objects/info/commit-graphs"};
	mode_t type = 0;
	size_t i;
	int n = 0;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (look(&type, dir, names[i], NULL) == 0 && type == 0)
			continue;
		jit_buf_fmt(out, "%s exists: ignored\n", names[i]);
		n++;
	}
	return n;
}

bool
jit_repo_empty(const char *dir)
{
	struct dirent *e;
	bool empty = true;
	DIR *d;

	d = opendir(dir);
	if (d == NULL)
		return true;
	while (empty && (e = readdir(d)) != NULL)
		empty = strcmp(e->d_name, ".") == 0 ||
			strcmp(e->d_name, "..") == 0;
	closedir(d);
	return empty;
}

bool
jit_repo_packs_readable(const char *objects)
{
	struct dirent *e;
	bool can = true;
	DIR *d = NULL;
	char *path;

	path = jit_repo_path("%s/pack", objects);
	if (path != NULL)
		d = opendir(path);
	free(path);
	if (d == NULL)
		return errno == ENOENT;
	while (can && (e = readdir(d)) != NULL)
		can = faccessat(dirfd(d), e->d_name, R_OK, AT_EACCESS) == 0 ||
			errno == ENOENT;
	closedir(d);
	return can;
}

int
jit_repo_sync(const char *path, struct jit_error *err)
{
	int fd, rc = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fsync(fd) < 0)
		rc = jit_fail(err, JIT_TROUBLE, "cannot sync '%s': %s", path,
			strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

static int
sync_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	return type == FTW_SL ? 0 : jit_repo_sync(path, NULL);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

int
jit_repo_sync_all(const char *dir, struct jit_error *err)
{
	if (nftw(dir, sync_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) == 0)
		return 0;
	return jit_fail(err, JIT_TROUBLE, "cannot sync '%s': %s", dir,
		strerror(errno));
}

void
jit_repo_remove_all(const char *dir)
{
	nftw(dir, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}
