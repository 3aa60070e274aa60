/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"

#define TRAIL_FIRST 64

static int
trail_put(struct jit_trail *t, const unsigned char oid[JIT_OID],
	struct jit_error *err)
{
	size_t cap = t->cap > 0 ? t->cap * 2 : TRAIL_FIRST;
	void *p;

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
bad_event(int64_t seq, const unsigned char oid[JIT_OID], const char *sha256,
	int rc, struct jit_error *err)
{
	char hex[JIT_OID_HEX], rule[sizeof(err->rule) + 8] = "";

	if (rc == JIT_TROUBLE)
		return rc; /* not the event's fault: nothing is known of it */
	if (err != NULL && err->rule[0] != '\0') {
		strcpy(rule, ": rule ");
		strcat(rule, err->rule);
	}
	jit_hex(hex, oid, JIT_OID);
	return jit_within(err, JIT_EVIDENCE,
		"event %lld (git %.8s, sha256 "
		"%.12s)%s",
		(long long)seq, hex, sha256[0] != '\0' ? sha256 : "unknown",
		rule);
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
		return jit_commit_decode(out, raw->data, raw->len, err);
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

int
jit_replay_step(struct jit_commit *out, char sha256[JIT_HEX256],
	struct jit_state *s, struct jit_store *store, struct jit_buf *raw,
	const unsigned char oid[JIT_OID], struct jit_error *err)
{
	int64_t seq = s->seq + 1;
	struct jit_commit c = {0};
	struct jit_proof proof;
	bool decoded = false;
	int rc;

	sha256[0] = '\0';
	rc = jit_store_read(raw, store, oid, JIT_COMMIT_MAX, err);
	if (rc < 0)
		return bad_event(seq, oid, sha256, rc, err);
	jit_sha256_hex(sha256, raw->data, raw->len);
	rc = jit_commit_decode(&c, raw->data, raw->len, err);
	if (rc == 0) {
		decoded = true;
		rc = jit_commit_check(&c, err);
	}
	if (rc == 0 && c.event.type == JIT_LATE)
		rc = jit_replay_recall(s, store, err);
	if (rc == 0) {
		jit_replay_proof(&proof, &c);
		rc = jit_judge_apply(s, &c.event, &proof, err);
	}
	if (rc < 0) {
		if (decoded)
			jit_commit_free(&c);
		return bad_event(seq, oid, sha256, rc, err);
	}
	memcpy(s->oid, oid, JIT_OID);
	*out = c; /* transferred */
	return 0;
}
