/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "plain.h"
#include "replay.h"

#define COMMITS_MAX 128

struct history {
	struct jit_buf raw[COMMITS_MAX]; /* the newest first */
	unsigned char oid[COMMITS_MAX][JIT_OID];
	size_t count;
};

/* All of it, by the parents. */
static int
read_all(struct history *h, struct jit_store *store,
	const unsigned char tip[JIT_OID], struct jit_error *err)
{
	unsigned char oid[JIT_OID];
	struct jit_buf *raw;
	int rc = 1;

	memcpy(oid, tip, JIT_OID);
	while (rc > 0 && h->count < COMMITS_MAX) {
		raw = &h->raw[h->count];
		memcpy(h->oid[h->count++], oid, JIT_OID);
		rc = jit_store_read(raw, store, oid, JIT_COMMIT_MAX, err);
		if (rc == 0)
			rc = jit_commit_parent(oid, raw->data, raw->len, err);
	}
	return rc;
}

/* Whether the commit is, byte for byte, what its event and signature make. */
static bool
is_made_of(const struct jit_buf *raw, const struct jit_commit *c)
{
	struct jit_buf payload = {0}, armour = {0}, whole = {0};
	char parent[JIT_OID_HEX];
	bool same;

	jit_hex(parent, c->parent, JIT_OID);
	jit_sign_armour(&armour, &c->signature, JIT_SIGN_NAMESPACE);
	same = jit_commit_payload(&payload, &c->event,
		       c->has_parent ? parent : NULL, NULL) == 0 &&
		jit_commit_join(&whole, &payload, jit_buf_text(&armour),
			NULL) == 0 &&
		whole.len == raw->len &&
		memcmp(whole.data, raw->data, raw->len) == 0 &&
		jit_sign_check(&c->signature, JIT_SIGN_NAMESPACE, payload.data,
			payload.len, NULL) == 0;
	jit_buf_free(&payload);
	jit_buf_free(&armour);
	jit_buf_free(&whole);
	return same;
}

/* One event more: a code, or 1 where it is taken and must not be. */
static int
take(struct jit_state *s, const struct jit_buf *raw,
	const unsigned char oid[JIT_OID], struct jit_error *err)
{
	struct jit_commit c = {0};
	struct jit_proof proof;
	int rc;

	rc = jit_commit_decode(&c, raw->data, raw->len, err);
	if (rc == 0)
		rc = jit_commit_check(&c, err);
	if (rc == 0 && !is_made_of(raw, &c))
		rc = 1;
	if (rc == 0) {
		jit_replay_proof(&proof, &c);
		rc = jit_judge_apply(s, &c.event, &proof, err);
	}
	memcpy(s->oid, oid, JIT_OID);
	jit_commit_free(&c);
	return rc;
}

/* The line that names the first bad event, as the manual has it. */
static int
name_it(struct jit_error *err, int64_t seq, const unsigned char oid[JIT_OID],
	const struct jit_buf *raw)
{
	char hex[JIT_OID_HEX], sha256[JIT_HEX256], rule[64] = "";

	if (err->rule[0] != '\0') {
		strcpy(rule, ": rule ");
		strcat(rule, err->rule);
	}
	jit_hex(hex, oid, JIT_OID);
	jit_sha256_hex(sha256, raw->data, raw->len);
	return jit_within(err, JIT_EVIDENCE,
		"event %lld (git %.8s, sha256 %.12s)%s", (long long)seq, hex,
		sha256, rule);
}

int
plain_verify(struct plain_verdict *v, struct jit_store *store,
	const unsigned char tip[JIT_OID])
{
	struct history *h = calloc(1, sizeof(*h));
	struct jit_state *s = NULL;
	size_t i;
	int rc;

	memset(v, 0, sizeof(*v));
	rc = h ? jit_state_new(&s, &v->err) : JIT_TROUBLE;
	if (rc == 0)
		rc = read_all(h, store, tip, &v->err);
	for (i = h ? h->count : 0; rc == 0 && i-- > 0;) {
		rc = take(s, &h->raw[i], h->oid[i], &v->err);
		if (rc == 0)
			v->seq = s->seq;
		else if (rc != 1)
			rc = name_it(&v->err, s->seq + 1, h->oid[i],
				&h->raw[i]);
	}
	v->rc = rc;
	for (i = 0; h && i < h->count; i++)
		jit_buf_free(&h->raw[i]);
	jit_state_free(s);
	free(h);
	return rc == 1 ? -1 : 0;
}

void
plain_ask(struct plain_verdict *v, struct jit_store *store,
	const unsigned char tip[JIT_OID])
{
	struct jit_trail trail = {0};
	struct jit_misfit bad;
	struct jit_state *s = NULL;

	memset(v, 0, sizeof(*v));
	v->rc = jit_trail_walk(&trail, store, tip, NULL, NULL, &v->err);
	if (v->rc == 0)
		v->rc = jit_state_new(&s, &v->err);
	if (v->rc == 0)
		v->rc = jit_replay(&bad, s, store, &trail, NULL, NULL, &v->err);
	v->seq = s ? s->seq : 0;
	jit_state_free(s);
	jit_trail_free(&trail);
}
