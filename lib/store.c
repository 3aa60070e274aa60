/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repo.h"
#include "store_inner.h"

#define LOCK_FILE "jit.lock"

/* A pack is looked at through windows: libgit2's own would hold all of it. */
#define WINDOW ((size_t)256 << 10) /* bytes of one */
#define WINDOWS ((size_t)16 << 20) /* and of all that are open */

/* What libgit2 says went wrong last. */
const char *
jit_store_reason(void)
{
	const git_error *e = git_error_last();

	return e != NULL && e->message != NULL ? e->message : "unknown reason";
}

/*
 * libgit2 counts its starts; it is never shut down, since a program that
 * opens a second repository would pay for the next start. All options must
 * be set before a repository is opened.
 */
static int
start(struct jit_error *err)
{
	if (git_libgit2_init() < 0 ||
		git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, WINDOW) < 0 ||
		git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, WINDOWS) <
			0 ||
		git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0) < 0 ||
		git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1) <
			0 ||
		git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 1) <
			0 ||
		git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1) < 0)
		return jit_fail(err, JIT_TROUBLE, "cannot start libgit2: %s",
			jit_store_reason());
	return 0;
}

/* Say whose repository it is: the name by which git trusts it. */
static int
not_ours(const char *dir, struct jit_error *err)
{
	size_t len = strlen(dir);

	if (len > 5 && strcmp(dir + len - 5, "/.git") == 0)
		len -= 5;
	return jit_fail(err, JIT_TROUBLE,
		"'%.*s' belongs to another user; if you trust it: git config "
		"--global --add safe.directory %.*s",
		(int)len, dir, (int)len, dir);
}

/* 1.5.1 says "not found" for another's where no safe.directory is set. */
static bool
about_config(void)
{
	const git_error *e = git_error_last();

	return e != NULL && e->klass == GIT_ERROR_CONFIG;
}

static int
open_git(struct jit_store *s)
{
	return git_repository_open_ext(&s->repo, s->path,
		GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_NO_DOTGIT,
		NULL);
}

/* What is root's is trusted by all: a gate reads it as nobody much. */
static int
open_roots(struct jit_store *s)
{
	struct stat st;
	int rc;

	if (stat(s->path, &st) < 0 || st.st_uid != 0)
		return GIT_EOWNER;
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	rc = open_git(s);
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
	return rc;
}

/* When a pack came or went last; zeros: there is no such folder. */
static struct timespec
packed(const struct jit_store *s)
{
	struct stat st;

	return stat(s->packs, &st) == 0 ? st.st_mtim : (struct timespec){0};
}

int
jit_store_packs(git_odb **out, const char *objects)
{
	git_odb_backend *packs = NULL;

	if (git_odb_new(out) < 0)
		return -1;
	if (git_odb_backend_pack(&packs, objects) < 0)
		return -1;
	if (git_odb_add_backend(*out, packs, 1) == 0)
		return 0;
	packs->free(packs);
	return -1;
}

static void
close_repository(struct jit_store *s)
{
	git_odb_free(s->odb);
	git_repository_free(s->repo);
}

static int
open_repository(struct jit_store *s, struct jit_error *err)
{
	struct stat st;
	int rc;

	s->packed = packed(s);
	rc = open_git(s);
	if (rc == GIT_EOWNER || (rc == GIT_ENOTFOUND && about_config()))
		rc = open_roots(s);
	if (rc == GIT_EOWNER)
		return not_ours(s->path, err);
	if (rc == GIT_ENOTFOUND)
		return jit_fail(err, JIT_TROUBLE, "'%s' is no git repository",
			s->path);
	if (rc < 0 || jit_store_packs(&s->odb, s->objects) < 0)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", s->path,
			jit_store_reason());
	if (stat(s->objects, &st) < 0)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", s->objects,
			strerror(errno));
	s->shared = (st.st_mode & (S_ISGID | S_IWGRP)) == (S_ISGID | S_IWGRP);
	s->open = (st.st_mode & (S_IROTH | S_IXOTH)) == (S_IROTH | S_IXOTH);
	return 0;
}

/*
 * libgit2 keeps open what it has looked into, a pack that was deleted since
 * too: where packs came or went all is opened anew, or a program that runs
 * for long would hold every pack that ever was.
 */
static int
renew(struct jit_store *s, struct jit_error *err)
{
	struct timespec now = packed(s);
	struct jit_store was = *s;
	int rc;

	if (now.tv_sec == 0 ||
		(now.tv_sec == s->packed.tv_sec &&
			now.tv_nsec == s->packed.tv_nsec))
		return 0;
	rc = jit_repo_check(s->path, err);
	if (rc < 0)
		return rc;
	s->repo = NULL;
	s->odb = NULL;
	rc = open_repository(s, err);
	if (rc < 0) {
		close_repository(s);
		*s = was;
		s->packed = (struct timespec){0};
		return rc;
	}
	close_repository(&was);
	return 0;
}

int
jit_store_open(struct jit_store **out, const char *path, struct jit_error *err)
{
	struct jit_store *s;
	int rc;

	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return jit_nomem(err);
	s->lock = -1;
	rc = jit_repo_find(&s->path, path, err);
	if (rc < 0)
		goto out;
	s->objects = jit_repo_path("%s/objects", s->path);
	s->packs = jit_repo_path("%s/objects/pack", s->path);
	s->ref_lock = jit_repo_path("%s/%s.lock", s->path, JIT_REF);
	if (s->objects == NULL || s->packs == NULL || s->ref_lock == NULL) {
		rc = jit_nomem(err);
		goto out;
	}
	rc = jit_repo_check(s->path, err);
	if (rc == 0)
		rc = start(err);
	if (rc == 0)
		rc = open_repository(s, err);
out:
	if (rc < 0) {
		jit_store_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

/*
 * Make an empty bare repository at 'path'. The empty tree, which all commits
 * of a ledger have, is known to git but missed by git fsck.
 */
static int
init(const char *path, struct jit_error *err)
{
	git_repository_init_options opts;
	git_repository *repo = NULL;
	git_odb *odb = NULL;
	git_oid tree;
	int rc = 0;

	git_repository_init_options_init(&opts,
		GIT_REPOSITORY_INIT_OPTIONS_VERSION);
	opts.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_NO_REINIT;
	opts.initial_head = strrchr(JIT_REF, '/') + 1;
	if (git_repository_init_ext(&repo, path, &opts) < 0 ||
		git_repository_odb(&odb, repo) < 0 ||
		git_odb_write(&tree, odb, "", 0, GIT_OBJECT_TREE) < 0)
		rc = jit_fail(err, JIT_TROUBLE, "'%s': %s", path,
			jit_store_reason());
	git_odb_free(odb);
	git_repository_free(repo);
	return rc;
}

int
jit_store_create(struct jit_store **out, const char *path,
	struct jit_error *err)
{
	int rc;

	rc = start(err);
	if (rc < 0)
		return rc;
	if (mkdir(path, 0777) < 0)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", path,
			strerror(errno));
	rc = init(path, err);
	if (rc == 0)
		rc = jit_repo_sync_all(path, err);
	if (rc == 0)
		rc = jit_store_open(out, path, err);
	if (rc < 0)
		jit_repo_remove_all(path);
	return rc;
}

const char *
jit_store_path(const struct jit_store *s)
{
	return s->path;
}

const char *
jit_store_objects(const struct jit_store *s)
{
	return s->objects;
}

const char *
jit_store_sharing(const struct jit_store *s)
{
	return s->shared ? "group" : s->open ? "0644" : "umask";
}

int
jit_store_oddities(struct jit_buf *out, const struct jit_store *s)
{
	git_reference_iterator *it = NULL;
	const char *name;
	int n;

	n = jit_repo_oddities(out, s->path);
	if (git_reference_iterator_glob_new(&it, s->repo, "refs/replace/*") <
			0 ||
		git_reference_next_name(&name, it) != GIT_ITEROVER) {
		jit_buf_str(out, "refs/replace exists: ignored\n");
		n++;
	}
	git_reference_iterator_free(it);
	return n;
}

int
jit_store_tip(unsigned char oid[20], struct jit_store *s, struct jit_error *err)
{
	git_reference *ref = NULL;
	int rc = renew(s, err);

	if (rc < 0)
		return rc;
	rc = git_reference_lookup(&ref, s->repo, JIT_REF);
	/* a repository that is gone is out of reach, and no empty one */
	if (rc == GIT_ENOTFOUND && access(s->objects, F_OK) != 0)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", s->path,
			strerror(errno));
	if (rc == GIT_ENOTFOUND)
		return 0;
	if (rc < 0)
		return jit_fail(err, JIT_TROUBLE, "'%s/%s': %s", s->path,
			JIT_REF, jit_store_reason());
	rc = 1;
	if (git_reference_type(ref) == GIT_REFERENCE_DIRECT)
		memcpy(oid, git_reference_target(ref)->id, 20);
	else
		rc = jit_fail(err, JIT_TROUBLE,
			"'%s/%s' is symbolic: a "
			"ledger's ref names a commit",
			s->path, JIT_REF);
	git_reference_free(ref);
	return rc;
}

int
jit_store_upstream(unsigned char oid[20], struct jit_store *s,
	struct jit_error *err)
{
	git_buf name = {0};
	git_oid id;
	int rc;

	rc = git_branch_upstream_name(&name, s->repo, JIT_REF);
	if (rc == 0)
		rc = git_reference_name_to_id(&id, s->repo, name.ptr);
	git_buf_dispose(&name);
	if (rc == GIT_ENOTFOUND)
		return 0;
	if (rc < 0)
		return jit_fail(err, JIT_TROUBLE, "'%s': its upstream: %s",
			s->path, jit_store_reason());
	memcpy(oid, id.id, 20);
	return 1;
}

int
jit_store_hold(int *fd, const struct jit_store *s, const char *name,
	int seconds, struct jit_error *err)
{
	unsigned int mode = 0600;
	struct stat st;
	int f = -1, rc;
	char *path;

	if (stat(s->objects, &st) == 0 && (st.st_mode & S_IWGRP))
		mode = 0660;
	path = jit_repo_path("%s/%s", s->path, name);
	if (path == NULL)
		return jit_nomem(err);
	rc = jit_lock_take(&f, path, mode, seconds, err);
	if (rc == 0 && fstat(f, &st) == 0 && (st.st_mode & 0777) != mode)
		(void)!fchmod(f, mode); /* another's: he did this already */
	free(path);
	if (rc == 0)
		*fd = f;
	return rc;
}

int
jit_store_lock(struct jit_store *s, int seconds, struct jit_error *err)
{
	int fd = -1, rc;

	rc = jit_store_hold(&fd, s, LOCK_FILE, seconds, err);
	if (rc == 0)
		rc = jit_lock_recover(fd, s->ref_lock, err);
	if (rc == 0)
		s->lock = fd;
	else if (fd >= 0)
		close(fd);
	return rc;
}

void
jit_store_unlock(struct jit_store *s)
{
	(void)jit_flush_end(&s->flush);
	s->meant[0] = '\0';
	if (s->lock >= 0)
		close(s->lock);
	s->lock = -1;
}

void
jit_store_free(struct jit_store *s)
{
	if (s == NULL)
		return;
	jit_store_unlock(s);
	git_odb_free(s->inbox_packs);
	git_odb_free(s->inbox_odb);
	close_repository(s);
	free(s->inbox);
	free(s->ref_lock);
	free(s->objects);
	free(s->packs);
	free(s->path);
	free(s);
}

int
jit_store_config(struct jit_buf *out, const char *name, struct jit_error *err)
{
	git_config *all = NULL, *snap = NULL;
	const char *value;
	int rc;

	rc = start(err);
	if (rc < 0)
		return rc;
	rc = git_config_open_default(&all);
	if (rc == 0)
		rc = git_config_snapshot(&snap, all);
	if (rc == 0)
		rc = git_config_get_string(&value, snap, name);
	if (rc == 0) {
		jit_buf_str(out, value);
		rc = jit_buf_failed(out, err) < 0 ? JIT_TROUBLE : 1;
	} else if (rc == GIT_ENOTFOUND) {
		rc = 0;
	} else {
		rc = jit_fail(err, JIT_TROUBLE, "git's configuration: %s",
			jit_store_reason());
	}
	git_config_free(snap);
	git_config_free(all);
	return rc;
}
