/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"
#include "replay.h"

#define TRAIL_FIRST 64
#define KEPT_MAX (16 << 20) /* bytes of commits that are kept */

static int
trail_put(struct jit_trail *t, const unsigned char oid[JIT_OID],
	struct jit_error *err)
{
	size_t cap = t->cap > 0 ? t->cap * 2 : TRAIL_FIRST;
	void *p;

	if (t->most > 0 && t->count == t->most)
		return jit_fail(err, JIT_EVIDENCE,
			"altered: it is not the history that was verified");
	if (t->count == t->cap) {
		p = cap > t->cap ? reallocarray(t->oid, cap, JIT_OID) : NULL;
		if (p == NULL)
			return jit_nomem(err);
		t->oid = p;
		t->cap = cap;
	}
	memcpy(t->oid[t->count++], oid, JIT_OID);
	return 0;
}

/* Keep its bytes too, if it is the next and they are not too many by now. */
static int
trail_keep(struct jit_trail *t, const struct jit_buf *raw,
	struct jit_error *err)
{
	size_t cap = t->kept_cap > 0 ? t->kept_cap * 2 : TRAIL_FIRST;
	void *p;

	if (t->kept + 1 != t->count || t->bytes.len + raw->len > KEPT_MAX)
		return 0;
	if (t->kept == t->kept_cap) {
		p = reallocarray(t->ends, cap, sizeof(*t->ends));
		if (p == NULL)
			return jit_nomem(err);
		t->ends = p;
		t->kept_cap = cap;
	}
	jit_buf_put(&t->bytes, raw->data, raw->len);
	t->ends[t->kept++] = t->bytes.len;
	return jit_buf_failed(&t->bytes, err);
}

int
jit_trail_walk(struct jit_trail *trail, struct jit_store *store,
	const unsigned char tip[JIT_OID], const unsigned char *known,
	char at[JIT_OID_HEX], struct jit_error *err)
{
	unsigned char oid[JIT_OID];
	struct jit_buf raw = {0};
	int rc = 1;

	memcpy(oid, tip, JIT_OID);
	while (known == NULL || memcmp(oid, known, JIT_OID) != 0) {
		rc = trail_put(trail, oid, err);
		if (rc == 0)
			rc = jit_store_read(&raw, store, oid, JIT_COMMIT_MAX,
				err);
		if (rc == 0)
			rc = trail_keep(trail, &raw, err);
		if (rc == 0)
			rc = jit_commit_parent(oid, raw.data, raw.len, err);
		if (rc <= 0)
			break;
	}
	if (rc < 0 && at != NULL)
		jit_hex(at, oid, JIT_OID);
	jit_buf_free(&raw);
	return rc;
}

void
jit_trail_free(struct jit_trail *trail)
{
	free(trail->oid);
	free(trail->ends);
	jit_buf_free(&trail->bytes);
	*trail = (struct jit_trail){0};
}

void
jit_replay_proof(struct jit_proof *out, const struct jit_commit *c)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->sha256, c->sha256, JIT_SHA256);
	out->key = c->signature.key;
	out->flags = c->signature.flags;
}

/* "event 7 (git 0123abcd, sha256 456789abcdef): rule chain-seq: ..." */
static int
bad_event(struct jit_misfit *bad, const struct jit_state *s,
	const unsigned char oid[JIT_OID], int rc, struct jit_error *err)
{
	char hex[JIT_OID_HEX], rule[48] = "";

	bad->seq = s->seq + 1;
	memcpy(bad->oid, oid, JIT_OID);
	if (rc == JIT_TROUBLE)
		return rc; /* not the event's fault: nothing is known of it */
	if (err != NULL && err->rule[0] != '\0') {
		snprintf(rule, sizeof(rule), ": rule %s", err->rule);
	}
	jit_hex(hex, oid, JIT_OID);
	return jit_within(err, JIT_EVIDENCE,
		"event %lld (git %.8s, sha256 "
		"%.12s)%s",
		(long long)bad->seq, hex,
		bad->sha256[0] != '\0' ? bad->sha256 : "unknown", rule);
}

int
jit_replay_known(struct jit_commit *out, struct jit_store *store,
	struct jit_buf *raw, const unsigned char oid[JIT_OID], const char *want,
	struct jit_error *err)
{
	char hex[JIT_OID_HEX], sha256[JIT_HEX256];
	int rc;

	rc = jit_store_read(raw, store, oid, JIT_COMMIT_MAX, err);
	if (rc < 0)
		return rc;
	jit_sha256_hex(sha256, raw->data, raw->len);
	if (strcmp(sha256, want) == 0)
		return jit_commit_again(out, raw->data, raw->len, err);
	jit_hex(hex, oid, JIT_OID);
	return jit_fail(err, JIT_EVIDENCE,
		"altered: commit %s has the sha256 "
		"%.12s, the event after it names %.12s",
		hex, sha256, want);
}

/* The events from the state's own back to one before 'since', newest first. */
static int
walk_past(struct jit_state *past, const struct jit_state *s,
	struct jit_store *store, int64_t since, struct jit_error *err)
{
	unsigned char oid[JIT_OID];
	char want[JIT_HEX256];
	struct jit_buf raw = {0};
	struct jit_commit c = {0};
	int64_t next = INT64_MAX; /* of the event after it */
	bool more = true;
	int rc = 0;

	memcpy(oid, s->oid, JIT_OID);
	memcpy(want, s->tip, JIT_HEX256);
	while (rc == 0 && more) {
		rc = jit_replay_known(&c, store, &raw, oid, want, err);
		if (rc < 0)
			break;
		rc = jit_state_mark(past, c.sha256, c.event.seq, c.event.at,
			err);
		more = c.has_parent && next > since; /* and one that is old */
		next = c.event.at;
		memcpy(oid, c.parent, JIT_OID);
		snprintf(want, sizeof(want), "%s", c.event.prev);
		jit_commit_free(&c);
	}
	jit_buf_free(&raw);
	return rc;
}

int
jit_replay_recall(struct jit_state *s, struct jit_store *store,
	struct jit_error *err)
{
	int64_t since = jit_state_horizon(s, s->at);
	struct jit_state past = {0};
	struct jit_mark *m;
	size_t i;
	int rc;

	if (s->past_count > 0 && (s->past->seq == 1 || s->past->at <= since))
		return 0;
	rc = walk_past(&past, s, store, since, err);
	s->past_count = 0;
	for (i = past.past_count; rc == 0 && i > 0; i--) {
		m = &past.past[i - 1];
		rc = jit_state_mark(s, m->sha256, m->seq, m->at, err);
	}
	free(past.past);
	return rc;
}

/*
 * The judge alone goes in order, and alone changes the state. What is bad is
 * noted by its own id; its SHA-256 is that of the bytes that were read.
 */
static int
apply(struct jit_misfit *bad, struct jit_state *s, struct jit_store *store,
	struct jit_crew *crew, const unsigned char oid[JIT_OID], bool again,
	jit_replay_visit *visit, void *arg, struct jit_error *err)
{
	const struct jit_buf *raw = NULL;
	struct jit_commit c = {0};
	struct jit_proof proof;
	int rc;

	rc = jit_crew_take(&c, &raw, crew, err);
	if (rc == 0 && c.event.type == JIT_LATE)
		rc = jit_replay_recall(s, store, err);
	if (rc == 0) {
		jit_replay_proof(&proof, &c);
		proof.again = again;
		rc = jit_judge_apply(s, &c.event, &proof, err);
	}
	if (rc < 0) {
		jit_sha256_hex(bad->sha256, raw->data, raw->len);
		rc = bad_event(bad, s, oid, rc, err);
	} else {
		rc = jit_state_stand(s, oid, err);
		if (rc == 0 && visit != NULL)
			rc = visit(&c, oid, s, arg, err);
	}
	jit_commit_free(&c);
	return rc;
}

/* What is read, and what of it has been judged: both from the oldest on. */
struct reader {
	struct jit_store *store;
	const struct jit_trail *trail;
	size_t read, judged;
	int rc; /* of the read that failed, after which none is tried */
	struct jit_error err;
};

/* The nth from the oldest on. */
static const unsigned char *
nth(const struct jit_trail *t, size_t n)
{
	return t->oid[t->count - 1 - n];
}

/* Its bytes: kept from the way back, or read. */
static int
read_nth(struct jit_buf *raw, const struct reader *r, size_t n,
	struct jit_error *err)
{
	const struct jit_trail *t = r->trail;
	size_t i = t->count - 1 - n, from;

	if (i >= t->kept)
		return jit_store_read(raw, r->store, t->oid[i], JIT_COMMIT_MAX,
			err);
	from = i > 0 ? t->ends[i - 1] : 0;
	jit_buf_put(raw, t->bytes.data + from, t->ends[i] - from);
	return jit_buf_failed(raw, err);
}

/* Read ahead as far as the crew has room. */
static void
read_ahead(struct reader *r, struct jit_crew *crew)
{
	struct jit_buf *raw;

	while (r->rc == 0 && r->read < r->trail->count &&
		(raw = jit_crew_room(crew)) != NULL) {
		r->rc = read_nth(raw, r, r->read, &r->err);
		if (r->rc == 0) {
			jit_crew_put(crew, r->read < r->trail->known);
			r->read++;
		}
	}
}

static int
replay(struct jit_misfit *bad, struct jit_state *s, struct jit_crew *crew,
	struct reader *r, jit_replay_visit *visit, void *arg,
	struct jit_error *err)
{
	int rc = 0;

	while (rc == 0 && r->judged < r->trail->count) {
		read_ahead(r, crew);
		if (!jit_crew_empty(crew)) {
			rc = apply(bad, s, r->store, crew,
				nth(r->trail, r->judged),
				r->judged < r->trail->known, visit, arg, err);
			r->judged++;
		} else {
			if (err != NULL)
				*err = r->err;
			rc = bad_event(bad, s, nth(r->trail, r->judged), r->rc,
				err);
		}
	}
	return rc;
}

int
jit_replay(struct jit_misfit *bad, struct jit_state *s, struct jit_store *store,
	const struct jit_trail *trail, jit_replay_visit *visit, void *arg,
	struct jit_error *err)
{
	struct reader r = {.store = store, .trail = trail};
	struct jit_crew *crew = NULL;
	int rc;

	memset(bad, 0, sizeof(*bad));
	rc = jit_crew_new(&crew, trail->count, err);
	if (rc == 0)
		rc = replay(bad, s, crew, &r, visit, arg, err);
	jit_crew_free(crew);
	return rc;
}
