/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lock.h"
#include "memory.h"
#include "memory_file.h"
#include "repo.h"

/*
 * A file is a head, whose form never changes, and a body (state room):
 *
 *	8 bytes   "jitstate"
 *	uint32    format of the body
 *	32 bytes  genesis, SHA-256
 *	uint64    seq of the tip
 *	32 bytes  tip, SHA-256
 *	20 bytes  tip, git id
 *	uint64    bytes of the body
 *	32 bytes  checksum of the body under genesis, zeros after it
 *	32 bytes  SHA-256 of all above
 */
#define MAGIC "jitstate"
#define HEAD (8 + 4 + 32 + 8 + 32 + JIT_OID + 8 + 32 + 32)
#define BODY_MAX ((uint64_t)1 << 30) /* bytes */
#define NAME 32                      /* hex digits of a file's name */
#define WAIT 5                       /* seconds for the lock */

struct head {
	uint32_t format;
	char genesis[JIT_HEX256];
	int64_t seq;
	char tip[JIT_HEX256];
	uint64_t len;
	unsigned char key[JIT_SHA256];        /* genesis */
	unsigned char checksum[JIT_CHECKSUM]; /* of the body */
};

struct jit_memory {
	char *dir;
	char *path, *temp, *lock;
	bool known;
	struct head head;
};

static int
damaged(const char *path, struct jit_error *err)
{
	return jit_fail(err, JIT_TROUBLE,
		"'%s' is damaged: remove it to start "
		"again from genesis (what it remembered against rollback is "
		"lost)",
		path);
}

static void
head_put(struct jit_buf *out, const struct jit_state *s,
	const struct jit_buf *body)
{
	unsigned char hash[JIT_SHA256] = {0}, sum[JIT_SHA256] = {0};

	jit_buf_put(out, MAGIC, 8);
	jit_buf_u32(out, JIT_MEMORY_FORMAT);
	(void)!jit_unhex(hash, JIT_SHA256, s->genesis);
	jit_buf_put(out, hash, JIT_SHA256);
	jit_checksum(sum, hash, body->data, body->len);
	jit_buf_u64(out, (uint64_t)s->seq);
	(void)!jit_unhex(hash, JIT_SHA256, s->tip);
	jit_buf_put(out, hash, JIT_SHA256);
	jit_buf_put(out, s->oid, JIT_OID);
	jit_buf_u64(out, body->len);
	jit_buf_put(out, sum, JIT_SHA256);
	jit_sha256(hash, out->data, out->len);
	jit_buf_put(out, hash, JIT_SHA256);
}

/* Whether 'p' begins with a head that is whole. */
static bool
head_read(struct head *h, const unsigned char *p, size_t len)
{
	struct jit_cursor c = jit_cursor_over(p, len < HEAD ? len : HEAD);
	unsigned char sum[JIT_SHA256];
	const unsigned char *magic, *genesis, *tip, *body, *want;

	magic = jit_cursor_take(&c, 8);
	h->format = jit_cursor_u32(&c);
	genesis = jit_cursor_take(&c, JIT_SHA256);
	h->seq = (int64_t)jit_cursor_u64(&c);
	tip = jit_cursor_take(&c, JIT_SHA256);
	jit_cursor_take(&c, JIT_OID);
	h->len = jit_cursor_u64(&c);
	body = jit_cursor_take(&c, JIT_SHA256);
	want = jit_cursor_take(&c, JIT_SHA256);
	if (!jit_cursor_done(&c) || magic == NULL ||
		memcmp(magic, MAGIC, 8) != 0)
		return false;
	jit_sha256(sum, p, HEAD - JIT_SHA256);
	if (memcmp(sum, want, JIT_SHA256) != 0 || h->seq < 1)
		return false;
	jit_hex(h->genesis, genesis, JIT_SHA256);
	jit_hex(h->tip, tip, JIT_SHA256);
	memcpy(h->key, genesis, JIT_SHA256);
	memcpy(h->checksum, body, JIT_CHECKSUM);
	return true;
}

/* Whether the body is what the head says, as far as it is our format. */
static bool
body_whole(const struct head *h, const unsigned char *body, size_t len)
{
	unsigned char sum[JIT_CHECKSUM];

	if (h->len != len)
		return false;
	if (h->format != JIT_MEMORY_FORMAT)
		return true;
	jit_checksum(sum, h->key, body, len);
	return memcmp(sum, h->checksum, JIT_CHECKSUM) == 0;
}

/* And whether the state in it is the one that the head names. */
static bool
state_fits(const struct head *h, const struct jit_state *s)
{
	return strcmp(s->genesis, h->genesis) == 0 && s->seq == h->seq &&
		strcmp(s->tip, h->tip) == 0;
}

static int
recall(struct jit_memory *m, struct jit_state **state, struct jit_error *err)
{
	struct jit_state *s = NULL;
	unsigned char *p = NULL;
	size_t len = 0;
	int rc;

	rc = jit_memory_slurp(&p, &len, m->path, HEAD + BODY_MAX, err);
	if (rc <= 0)
		return rc;
	rc = 0;
	if (!head_read(&m->head, p, len) ||
		!body_whole(&m->head, p + HEAD, len - HEAD)) {
		rc = damaged(m->path, err);
		goto out;
	}
	m->known = true;
	if (m->head.format != JIT_MEMORY_FORMAT)
		goto out;
	rc = jit_state_take(&s, p, HEAD, len - HEAD, err);
	p = NULL; /* transferred */
	if (rc < 0) {
		rc = jit_within(err, rc, "'%s'", m->path);
	} else if (!state_fits(&m->head, s)) {
		rc = damaged(m->path, err);
	} else {
		*state = s;
		s = NULL; /* transferred */
	}
out:
	jit_state_free(s);
	free(p);
	return rc;
}

/*
 * realpath(3), even of what is gone: what is remembered of it is not. The
 * folders that are there are followed, the rest is taken as it is.
 */
static char *
real_path(const char *path)
{
	char *real = realpath(path, NULL), *above, *dir, *slash;

	if (real != NULL || errno != ENOENT)
		return real;
	dir = strdup(path);
	slash = dir != NULL ? strrchr(dir, '/') : NULL;
	while (slash != NULL && slash > dir && slash[1] == '\0') {
		*slash = '\0'; /* at its end */
		slash = strrchr(dir, '/');
	}
	if (slash == NULL || slash == dir) {
		free(dir);
		return NULL;
	}
	*slash = '\0';
	above = real_path(dir);
	if (above != NULL)
		real = jit_repo_path("%s/%s", above, slash + 1);
	free(above);
	free(dir);
	return real;
}

static int
set_paths(struct jit_memory *m, const char *dir, const char *store_path,
	struct jit_error *err)
{
	char name[JIT_HEX256];
	char *real;

	real = real_path(store_path);
	if (real == NULL)
		return jit_memory_fail(store_path, err);
	jit_sha256_hex(name, real, strlen(real));
	free(real);
	m->dir = jit_repo_path("%s", dir);
	m->path = jit_repo_path("%s/%.*s.state", dir, NAME, name);
	m->temp = jit_repo_path("%s/%.*s.new", dir, NAME, name);
	m->lock = jit_repo_path("%s/%.*s.lock", dir, NAME, name);
	if (m->dir && m->path && m->temp && m->lock)
		return 0;
	return jit_nomem(err);
}

int
jit_memory_open(struct jit_memory **out, struct jit_state **state,
	const char *dir, const char *store_path, struct jit_error *err)
{
	struct jit_state *s = NULL;
	struct jit_memory *m;
	int rc;

	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return jit_nomem(err);
	rc = set_paths(m, dir, store_path, err);
	if (rc == 0)
		rc = jit_memory_check_dir(dir, err);
	if (rc == 0)
		rc = recall(m, &s, err);
	if (rc < 0) {
		jit_memory_free(m);
		return rc;
	}
	*out = m;
	*state = s;
	return 0;
}

bool
jit_memory_known(const struct jit_memory *m, char genesis[JIT_HEX256],
	int64_t *seq, char tip[JIT_HEX256])
{
	if (!m->known)
		return false;
	memcpy(genesis, m->head.genesis, JIT_HEX256);
	memcpy(tip, m->head.tip, JIT_HEX256);
	*seq = m->head.seq;
	return true;
}

static bool
same_event(const struct head *a, const struct head *b)
{
	return a->seq == b->seq && strcmp(a->tip, b->tip) == 0;
}

#define NEWS 2 /* what is there is not what was known, and earlier */

/* Whether what is there by now may be replaced: 1, 0, NEWS or a code. */
static int
may_replace(struct jit_memory *m, const struct jit_state *s,
	struct jit_error *err)
{
	unsigned char *p = NULL;
	struct head h;
	size_t len = 0;
	bool whole;
	int rc;

	rc = jit_memory_slurp(&p, &len, m->path, HEAD, err);
	if (rc <= 0)
		return rc < 0 ? rc : 1;
	whole = head_read(&h, p, len);
	free(p);
	if (!whole)
		return damaged(m->path, err);
	if (strcmp(h.genesis, s->genesis) != 0 ||
		(h.seq == s->seq && strcmp(h.tip, s->tip) != 0))
		return jit_fail(err, JIT_EVIDENCE,
			"forked: '%s' remembers "
			"event %lld (sha256 %.12s), not event %lld (sha256 "
			"%.12s)",
			m->path, (long long)h.seq, h.tip, (long long)s->seq,
			s->tip);
	if (h.seq < s->seq && (!m->known || !same_event(&h, &m->head))) {
		m->known = true;
		m->head = h;
		return NEWS;
	}
	return h.seq < s->seq ||
		(h.seq == s->seq && h.format != JIT_MEMORY_FORMAT);
}

static void
remember(struct jit_memory *m, const struct jit_state *s)
{
	m->known = true;
	m->head.format = JIT_MEMORY_FORMAT;
	m->head.seq = s->seq;
	memcpy(m->head.genesis, s->genesis, JIT_HEX256);
	memcpy(m->head.tip, s->tip, JIT_HEX256);
}

static int
replace(struct jit_memory *m, const struct jit_state *s, struct jit_error *err)
{
	struct jit_buf head = {0}, body = {0};
	int rc;

	jit_state_save(&body, s);
	rc = jit_buf_failed(&body, err);
	if (rc == 0) {
		head_put(&head, s, &body);
		rc = jit_buf_failed(&head, err);
	}
	if (rc == 0)
		rc = jit_memory_write(m->temp, &head, &body, err);
	if (rc == 0 && rename(m->temp, m->path) < 0)
		rc = jit_memory_fail(m->path, err);
	/* the folder is not synced: a crash leaves the old or the new */
	if (rc == 0)
		remember(m, s);
	jit_buf_free(&head);
	jit_buf_free(&body);
	return rc;
}

int
jit_memory_keep(struct jit_memory *m, const struct jit_state *s,
	struct jit_error *err)
{
	int lock = -1, rc;

	if (s->seq < 1)
		return jit_fail(err, JIT_TROUBLE, "nothing to remember");
	rc = jit_memory_make_dir(m->dir, err);
	if (rc == 0)
		rc = jit_lock_take(&lock, m->lock, 0600, WAIT, err);
	if (rc < 0)
		return rc == JIT_BUSY ? JIT_TROUBLE : rc;
	rc = may_replace(m, s, err);
	if (rc > 0)
		rc = rc == NEWS ? 1 : replace(m, s, err);
	close(lock);
	return rc;
}

const char *
jit_memory_path(const struct jit_memory *m)
{
	return m->path;
}

void
jit_memory_free(struct jit_memory *m)
{
	if (m == NULL)
		return;
	free(m->dir);
	free(m->path);
	free(m->temp);
	free(m->lock);
	free(m);
}
