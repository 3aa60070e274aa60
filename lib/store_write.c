/* SPDX-License-Identifier: ISC */
/* Objects and the ref, written durably. */
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repo.h"
#include "store_inner.h"

#define TRIES 8 /* of writing to a folder that others take away */

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
	git_odb *odb = NULL;
	git_oid made;
	bool written;

	written = git_repository_odb(&odb, s->repo) == 0 &&
		git_odb_write(&made, odb, raw, len, GIT_OBJECT_COMMIT) == 0 &&
		git_oid_equal(&made, id);
	git_odb_free(odb);
	if (!written)
		return jit_fail(err, JIT_TROUBLE, "cannot write commit %s: %s",
			git_oid_tostr_s(id), jit_store_reason());
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

	if (jit_store_get(&got, s, id, len, err) == 0) {
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

/* git takes a folder away that it finds empty: then once more. */
static int
write_there(struct jit_store *s, const char *folder, const char *path,
	const git_oid *id, const void *raw, size_t len, struct jit_error *err)
{
	int i, rc = JIT_TROUBLE;

	for (i = 0; i < TRIES && rc == JIT_TROUBLE; i++) {
		rc = make_folder(s, folder, err);
		if (rc == 0)
			rc = write_twice(s, path, id, raw, len, err);
		if (rc == JIT_TROUBLE && access(folder, F_OK) == 0)
			break;
	}
	return rc;
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
		return jit_fail(err, JIT_TROUBLE, "cannot hash: %s",
			jit_store_reason());
	folder = jit_repo_path("%s/%.2s", s->objects, git_oid_tostr_s(&id));
	path = jit_store_loose(s->objects, &id);
	if (path == NULL || folder == NULL) {
		rc = jit_nomem(err);
		goto out;
	}
	there = access(path, F_OK) == 0;
	rc = intend(s, &id, err);
	if (rc == 0)
		rc = write_there(s, folder, path, &id, raw, len, err);
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
			JIT_REF, s->path, jit_store_reason());
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
