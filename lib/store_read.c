/* SPDX-License-Identifier: ISC */
/* Objects, read with care: loose ones by our own hands, packs by libgit2. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loose.h"
#include "repo.h"
#include "store_inner.h"

#define LOOKS 4     /* more, for an object that is not found */
#define LOOK_NAP 10 /* milliseconds between them, at most */

/* The file that holds a loose object; the caller's to free. */
char *
jit_store_loose(const char *objects, const git_oid *id)
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

	path = jit_store_loose(objects, id);
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
			git_oid_tostr_s(id), jit_store_reason());
	return jit_fail(err, JIT_EVIDENCE, "corrupt: commit %s: %s",
		git_oid_tostr_s(id),
		rc == GIT_EMISMATCH ? "its bytes do not match its name"
				    : jit_store_reason());
}

/* An object's own file: 1, 0 (it has none) or a code. */
static int
read_loose(struct jit_buf *raw, const char *objects, const git_oid *id,
	size_t max, struct jit_error *err)
{
	char *path = jit_store_loose(objects, id);
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
			git_oid_tostr_s(id), jit_store_reason());
	if (git_oid_cmp(&made, id) != 0)
		return jit_fail(err, JIT_EVIDENCE,
			"corrupt: commit %s: its bytes do not match its name",
			git_oid_tostr_s(id));
	return 1;
}

static int
read_object(struct jit_buf *raw, const char *objects, git_odb *odb,
	const git_oid *id, size_t max, struct jit_error *err)
{
	git_odb_object *obj = NULL;
	size_t size;
	int rc;

	rc = git_odb_read(&obj, odb, id);
	if (rc < 0)
		return unread(objects, id, rc, err);
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

static int
read_packed(struct jit_buf *raw, const char *objects, git_odb *odb,
	const git_oid *id, size_t max, struct jit_error *err)
{
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
	return read_object(raw, objects, odb, id, max, err);
}

/* From a pack that is known to have it, from its own file, from a new pack. */
static int
read_once(struct jit_buf *raw, const char *objects, git_odb *odb,
	const git_oid *id, size_t max, bool known, struct jit_error *err)
{
	int rc = 0;

	if (known && read_object(raw, objects, odb, id, max, NULL) == 0)
		return 0;
	if (!git_odb_exists_ext(odb, id, GIT_ODB_LOOKUP_NO_REFRESH))
		rc = read_loose(raw, objects, id, max, err);
	if (rc == 0)
		return read_packed(raw, objects, odb, id, max, err);
	return rc < 0 ? rc : 0;
}

/*
 * Who packs may move an object from its file to a pack, and to the next, just
 * as it is looked for; missing or bad is evidence, so look again before that.
 */
int
jit_store_get(struct jit_buf *raw, struct jit_store *s, const git_oid *id,
	size_t max, struct jit_error *err)
{
	const char *objects = s->objects;
	git_odb *odb = s->odb;
	int i, rc;

	if (s->inbox != NULL && git_odb_exists(s->inbox_odb, id)) {
		objects = s->inbox;
		odb = s->inbox_packs;
	}
	for (i = 0;; i++) {
		rc = read_once(raw, objects, odb, id, max, s->known, err);
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
	return jit_store_get(raw, s, &id, max, err);
}

void
jit_store_known(struct jit_store *s, bool known)
{
	s->known = known;
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, !known);
}
