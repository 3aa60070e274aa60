/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <git2.h>

#include "flush.h"
#include "lock.h"
#include "loose.h"
#include "repo.h"
#include "store.h"

#define LOCK_FILE "jit.lock"
#define LOOKS 4     /* more, for an object that is not found */
#define LOOK_NAP 10 /* milliseconds between them, at most */

/* A pack is looked at through windows: libgit2's own would hold all of it. */
#define WINDOW ((size_t)2 << 20)   /* bytes of one */
#define WINDOWS ((size_t)16 << 20) /* and of all that are open */

struct jit_store {
	char *path;             /* the git dir, real */
	char *objects;          /* its objects folder */
	char *packs;            /* where they are in it */
	char *ref_lock;         /* what git makes while it moves JIT_REF */
	struct timespec packed; /* when a pack came or went, as far as known */
	git_repository *repo;
	git_odb *odb;
	char *inbox;              /* NULL: there is none */
	git_odb *inbox_odb;       /* what waits in it */
	int lock;                 /* jit.lock while it is held, else -1 */
	char meant[JIT_LOCK_OID]; /* the commit that is noted in it, or "" */
	struct jit_flush flush;   /* of that note */
	bool shared;              /* by a group: setgid and group-writable */
	bool open;                /* to all who read */
};

/* What libgit2 says went wrong last. */
static const char *
reason(void)
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
			reason());
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
	if (rc < 0 || git_repository_odb(&s->odb, s->repo) < 0)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", s->path,
			reason());
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
	git_repository *repo = s->repo;
	git_odb *odb = s->odb;
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
		git_odb_free(s->odb);
		git_repository_free(s->repo);
		s->repo = repo; /* as it was */
		s->odb = odb;
		s->packed = (struct timespec){0};
		return rc;
	}
	git_odb_free(odb);
	git_repository_free(repo);
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
		rc = jit_fail(err, JIT_TROUBLE, "'%s': %s", path, reason());
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
			JIT_REF, reason());
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
			s->path, reason());
	memcpy(oid, id.id, 20);
	return 1;
}

/* The file that holds a loose object; the caller's to free. */
static char *
loose_path(const char *objects, const git_oid *id)
{
	char hex[GIT_OID_HEXSZ + 1];

	git_oid_tostr(hex, sizeof(hex), id);
	return jit_repo_path("%s/%.2s/%s", objects, hex, hex + 2);
}

/*
 * libgit2 says "not found" where it may not look or has no descriptor left,
 * too. Missing is evidence, so look again before saying that.
 */
static int
missing(const char *objects, const git_oid *id, struct jit_error *err)
{
	char *path;
	int fd;

	path = loose_path(objects, id);
	if (path == NULL)
		return jit_nomem(err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	if (fd >= 0)
		close(fd);
	if ((fd < 0 && errno != ENOENT && errno != ENOTDIR) ||
		!jit_repo_packs_readable(objects))
		return jit_fail(err, JIT_TROUBLE, "cannot read commit %s: %s",
			git_oid_tostr_s(id), strerror(errno));
	return jit_fail(err, JIT_EVIDENCE, "incomplete: commit %s is missing",
		git_oid_tostr_s(id));
}

/* What a failed read of an object means. */
static int
unread(const char *objects, const git_oid *id, int rc, struct jit_error *err)
{
	const git_error *e = git_error_last();

	if (rc == GIT_ENOTFOUND)
		return missing(objects, id, err);
	if (rc != GIT_EMISMATCH && e != NULL &&
		(e->klass == GIT_ERROR_OS || e->klass == GIT_ERROR_NOMEMORY))
		return jit_fail(err, JIT_TROUBLE, "cannot read commit %s: %s",
			git_oid_tostr_s(id), reason());
	return jit_fail(err, JIT_EVIDENCE, "corrupt: commit %s: %s",
		git_oid_tostr_s(id),
		rc == GIT_EMISMATCH ? "its bytes do not match its name"
				    : reason());
}

/* An object's own file: 1, 0 (it has none) or a code. */
static int
read_loose(struct jit_buf *raw, const char *objects, const git_oid *id,
	size_t max, struct jit_error *err)
{
	char *path = loose_path(objects, id);
	git_oid made;
	int rc;

	if (path == NULL)
		return jit_nomem(err);
	rc = jit_loose_read(raw, path, max, err);
	free(path);
	if (rc == JIT_EVIDENCE)
		return jit_within(err, rc, "corrupt: commit %s",
			git_oid_tostr_s(id));
	if (rc == JIT_TROUBLE)
		return jit_within(err, rc, "cannot read commit %s",
			git_oid_tostr_s(id));
	if (rc <= 0)
		return rc;
	if (git_odb_hash(&made, raw->data, raw->len, GIT_OBJECT_COMMIT) < 0)
		return jit_fail(err, JIT_TROUBLE, "cannot hash commit %s: %s",
			git_oid_tostr_s(id), reason());
	if (git_oid_cmp(&made, id) != 0)
		return jit_fail(err, JIT_EVIDENCE,
			"corrupt: commit %s: its bytes do not match its name",
			git_oid_tostr_s(id));
	return 1;
}

static int
read_packed(struct jit_buf *raw, const char *objects, git_odb *odb,
	const git_oid *id, size_t max, struct jit_error *err)
{
	git_odb_object *obj = NULL;
	git_object_t type;
	size_t size;
	int rc;

	/* the header's word bounds what is read; only the read is hashed */
	rc = git_odb_read_header(&size, &type, odb, id);
	if (rc < 0)
		return unread(objects, id, rc, err);
	if (type != GIT_OBJECT_COMMIT)
		return jit_fail(err, JIT_EVIDENCE,
			"object %s is a %s, no "
			"commit",
			git_oid_tostr_s(id), git_object_type2string(type));
	if (size > max)
		return jit_fail(err, JIT_EVIDENCE,
			"commit %s is too large: %zu bytes, at most %zu",
			git_oid_tostr_s(id), size, max);
	rc = git_odb_read(&obj, odb, id);
	if (rc < 0)
		return unread(objects, id, rc, err);
	rc = 0;
	size = git_odb_object_size(obj);
	if (git_odb_object_type(obj) != GIT_OBJECT_COMMIT || size > max)
		rc = jit_fail(err, JIT_EVIDENCE,
			"corrupt: commit %s: its header lies",
			git_oid_tostr_s(id));
	else
		jit_buf_put(raw, git_odb_object_data(obj), size);
	git_odb_object_free(obj);
	return rc < 0 ? rc : jit_buf_failed(raw, err);
}

/*
 * Who packs may move an object from its file to a pack, and to the next, just
 * as it is looked for; missing or bad is evidence, so look again before that.
 */
static int
read_object(struct jit_buf *raw, struct jit_store *s, const git_oid *id,
	size_t max, struct jit_error *err)
{
	const char *objects = s->objects;
	git_odb *odb = s->odb;
	int i, rc;

	if (s->inbox != NULL && git_odb_exists(s->inbox_odb, id)) {
		objects = s->inbox;
		odb = s->inbox_odb;
	}
	for (i = 0;; i++) {
		rc = read_loose(raw, objects, id, max, err);
		if (rc != 0)
			return rc < 0 ? rc : 0;
		rc = read_packed(raw, objects, odb, id, max, err);
		if (rc == 0 || i == LOOKS)
			return rc;
		jit_lock_nap(LOOK_NAP);
		jit_buf_reset(raw);
	}
}

int
jit_store_read(struct jit_buf *raw, struct jit_store *s,
	const unsigned char oid[20], size_t max, struct jit_error *err)
{
	git_oid id;

	jit_buf_reset(raw);
	git_oid_fromraw(&id, oid);
	return read_object(raw, s, &id, max, err);
}

/*
 * libgit2 makes files and folders by the umask alone. In a repository that a
 * group shares (setgid, group-writable) the next writer may be another user,
 * and a gate that reads what a service writes is another than root.
 */
void
jit_store_share(const struct jit_store *s, const char *path, unsigned int mode)
{
	if (s->shared)
		(void)chmod(path, mode); /* another's: it did this already */
	else if (s->open)
		(void)chmod(path, mode & 0755);
}

/*
 * The folder that the object goes to. A new one is made durable in its
 * parent before anything is in it, which libgit2 leaves out; so one that
 * holds something is durable.
 */
static int
make_folder(const struct jit_store *s, const char *folder,
	struct jit_error *err)
{
	bool made = mkdir(folder, 0777) == 0;

	if (made)
		jit_store_share(s, folder, S_ISGID | 0775);
	if (made || jit_repo_empty(folder))
		return jit_repo_sync(s->objects, err);
	return 0;
}

/* Write, unless it is there; libgit2 syncs the file and its folder. */
static int
write_once(struct jit_store *s, const char *path, const git_oid *id,
	const void *raw, size_t len, struct jit_error *err)
{
	git_oid made;

	if (git_odb_write(&made, s->odb, raw, len, GIT_OBJECT_COMMIT) < 0 ||
		!git_oid_equal(&made, id))
		return jit_fail(err, JIT_TROUBLE, "cannot write commit %s: %s",
			git_oid_tostr_s(id), reason());
	jit_store_share(s, path, 0444);
	return 0;
}

/* Whether the object reads back as these bytes. */
static bool
reads_back(struct jit_store *s, const git_oid *id, const void *raw, size_t len,
	struct jit_error *err)
{
	struct jit_buf got = {0};
	bool same = false;

	if (read_object(&got, s, id, len, err) == 0) {
		same = got.len == len &&
			memcmp(jit_buf_text(&got), raw, len) == 0;
		if (!same)
			jit_fail(err, JIT_TROUBLE,
				"commit %s reads back "
				"otherwise",
				git_oid_tostr_s(id));
	}
	jit_buf_free(&got);
	return same;
}

/* Write and read back; what is damaged is replaced, once. */
static int
write_twice(struct jit_store *s, const char *path, const git_oid *id,
	const void *raw, size_t len, struct jit_error *err)
{
	int rc;

	rc = write_once(s, path, id, raw, len, err);
	if (rc < 0 || reads_back(s, id, raw, len, err))
		return rc;
	/* libgit2 writes nothing over a file, however damaged it is */
	unlink(path);
	rc = write_once(s, path, id, raw, len, err);
	if (rc < 0 || reads_back(s, id, raw, len, err))
		return rc;
	return jit_within(err, JIT_TROUBLE, "not written");
}

/*
 * Note in the lock what the ref is to be moved to. That must be durable
 * before the ref's own lock is there, not sooner: meanwhile the object is
 * written, for a disk that flushes both takes hardly longer than for one.
 */
static int
intend(struct jit_store *s, const git_oid *id, struct jit_error *err)
{
	char hex[JIT_LOCK_OID];
	int rc;

	git_oid_tostr(hex, sizeof(hex), id);
	if (s->lock < 0 || strcmp(s->meant, hex) == 0)
		return 0;
	(void)jit_flush_end(&s->flush);
	rc = jit_lock_intend(s->lock, s->ref_lock, hex, err);
	if (rc < 0)
		return rc;
	memcpy(s->meant, hex, sizeof(hex));
	jit_flush_begin(&s->flush, s->lock);
	return 0;
}

/* And that note is durable. */
static int
intended(struct jit_store *s, const git_oid *id, struct jit_error *err)
{
	int rc = intend(s, id, err);

	if (rc < 0 || s->lock < 0)
		return rc;
	rc = jit_flush_end(&s->flush);
	if (rc == 0)
		return 0;
	return jit_fail(err, JIT_TROUBLE, "cannot sync jit.lock: %s",
		strerror(rc));
}

int
jit_store_write(unsigned char oid[20], struct jit_store *s, const void *raw,
	size_t len, struct jit_error *err)
{
	char *path = NULL, *folder = NULL;
	bool there;
	git_oid id;
	int rc;

	if (git_odb_hash(&id, raw, len, GIT_OBJECT_COMMIT) < 0)
		return jit_fail(err, JIT_TROUBLE, "cannot hash: %s", reason());
	folder = jit_repo_path("%s/%.2s", s->objects, git_oid_tostr_s(&id));
	path = loose_path(s->objects, &id);
	if (path == NULL || folder == NULL) {
		rc = jit_nomem(err);
		goto out;
	}
	there = access(path, F_OK) == 0;
	rc = intend(s, &id, err);
	if (rc == 0)
		rc = make_folder(s, folder, err);
	if (rc == 0)
		rc = write_twice(s, path, &id, raw, len, err);
	/* by one who may have died before it was durable */
	if (rc == 0 && there)
		rc = jit_repo_sync(path, err);
	if (rc == 0 && there)
		rc = jit_repo_sync(folder, err);
	if (rc == 0)
		memcpy(oid, id.id, 20);
out:
	free(path);
	free(folder);
	return rc;
}

/* Move the ref; libgit2 compares with 'old' under the ref's lock. */
static int
move_ref(struct jit_store *s, const git_oid *old, const git_oid *new,
	struct jit_error *err)
{
	git_reference *ref = NULL;
	int rc;

	rc = git_reference_create_matching(&ref, s->repo, JIT_REF, new, 1, old,
		"jit");
	git_reference_free(ref);
	switch (rc) {
	case 0:
		return 0;
	case GIT_EMODIFIED:
	case GIT_ENOTFOUND:
	case GIT_EEXISTS:
		return jit_fail(err, JIT_BUSY, "another writer was faster");
	case GIT_ELOCKED:
		return jit_fail(err, JIT_BUSY,
			"'%s' is held by another "
			"program",
			s->ref_lock);
	default:
		return jit_fail(err, JIT_TROUBLE, "cannot move %s in '%s': %s",
			JIT_REF, s->path, reason());
	}
}

int
jit_store_swap(struct jit_store *s, const unsigned char *old,
	const unsigned char new[20], struct jit_error *err)
{
	git_oid from = {{0}}, to; /* all zero: it must not exist */
	char *ref;
	int rc;

	if (old != NULL)
		git_oid_fromraw(&from, old);
	git_oid_fromraw(&to, new);
	ref = jit_repo_path("%s/%s", s->path, JIT_REF);
	if (ref == NULL)
		return jit_nomem(err);
	rc = intended(s, &to, err);
	if (rc == 0) {
		rc = move_ref(s, &from, &to, err);
		if (s->lock >= 0)
			jit_lock_done(s->lock);
		s->meant[0] = '\0';
	}
	if (rc == 0)
		jit_store_share(s, ref, 0664);
	free(ref);
	return rc;
}

int
jit_store_lock(struct jit_store *s, int seconds, struct jit_error *err)
{
	int fd = -1, rc;
	char *path;

	path = jit_repo_path("%s/%s", s->path, LOCK_FILE);
	if (path == NULL)
		return jit_nomem(err);
	rc = jit_lock_take(&fd, path, 0666, seconds, err);
	if (rc == 0) {
		jit_store_share(s, path, 0664);
		rc = jit_lock_recover(fd, s->ref_lock, err);
	}
	if (rc == 0)
		s->lock = fd;
	else if (fd >= 0)
		close(fd);
	free(path);
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
	git_odb_free(s->inbox_odb);
	git_odb_free(s->odb);
	git_repository_free(s->repo);
	free(s->inbox);
	free(s->ref_lock);
	free(s->objects);
	free(s->packs);
	free(s->path);
	free(s);
}

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
	if (rc == 0 && git_odb_open(&s->inbox_odb, real) < 0)
		rc = jit_fail(err, JIT_TROUBLE, "'%s': %s", real, reason());
	if (rc < 0) {
		free(real);
		return rc;
	}
	s->inbox = real; /* transferred */
	return 0;
}

/* What jit_store_arrived hands through libgit2. */
struct arrival {
	const struct jit_store *store;
	jit_store_visit *visit;
	void *arg;
	int rc;
	struct jit_error *err;
};

static int
arrived(const git_oid *id, void *arg)
{
	struct arrival *a = arg;

	if (git_odb_exists(a->store->odb, id))
		return 0;
	a->rc = a->visit(id->id, a->arg, a->err);
	return a->rc;
}

int
jit_store_arrived(struct jit_store *s, jit_store_visit *visit, void *arg,
	struct jit_error *err)
{
	struct arrival a = {s, visit, arg, 0, err};

	if (s->inbox == NULL)
		return 0;
	if (git_odb_foreach(s->inbox_odb, arrived, &a) < 0 && a.rc == 0)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", s->inbox,
			reason());
	return a.rc;
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
			reason());
	}
	git_config_free(snap);
	git_config_free(all);
	return rc;
}
