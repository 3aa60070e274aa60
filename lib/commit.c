/* SPDX-License-Identifier: ISC */
#include "commit.h"

#include <string.h>

/* The one tree of every commit: the empty one. */
#define EMPTY_TREE "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
#define GPGSIG "gpgsig "

/* All that comes before the JSON. */
static void
put_head(struct jit_buf *out, const struct jit_event *ev, const char *parent)
{
	jit_buf_str(out, "tree " EMPTY_TREE "\n");
	if (parent)
		jit_buf_fmt(out, "parent %s\n", parent);
	jit_buf_fmt(out, "author jit %s <%s> %lld +0000\n",
		jit_event_name(ev->type), ev->by, (long long)ev->at);
	jit_buf_fmt(out, "committer jit %s <%s> %lld +0000\n",
		jit_event_name(ev->type), ev->by, (long long)ev->at);
	jit_buf_str(out, "\n");
	jit_event_subject(out, ev);
	jit_buf_str(out, "\n\n");
}

int
jit_commit_payload(struct jit_buf *out, const struct jit_event *ev,
	const char *parent, struct jit_error *err)
{
	int rc;

	put_head(out, ev, parent);
	rc = jit_event_encode(out, ev, err);
	if (rc)
		return rc;
	jit_buf_str(out, "\n");
	return jit_buf_failed(out, err);
}

/* A header of several lines: each after the first begins with a blank. */
static void
put_folded(struct jit_buf *out, const char *text)
{
	const char *nl;

	jit_buf_str(out, GPGSIG);
	while ((nl = strchr(text, '\n'))) {
		jit_buf_put(out, text, (size_t)(nl - text) + 1);
		text = nl + 1;
		if (*text)
			jit_buf_str(out, " ");
	}
}

int
jit_commit_join(struct jit_buf *out, const struct jit_buf *payload,
	const char *armour, struct jit_error *err)
{
	const char *text = jit_buf_text(payload);
	const char *blank = strstr(text, "\n\n");
	size_t head = blank ? (size_t)(blank - text) + 1 : 0;

	if (!blank)
		return jit_fail(err, JIT_USAGE, "commit: no header");
	jit_buf_put(out, text, head);
	put_folded(out, armour);
	jit_buf_put(out, text + head, payload->len - head);
	return jit_buf_failed(out, err);
}

/* One header line "NAME value\n": moves '*p' behind it. */
static bool
take_line(const char **value, size_t *len, const char **p, const char *end,
	const char *name)
{
	size_t n = strlen(name);
	const char *nl;

	if ((size_t)(end - *p) <= n || memcmp(*p, name, n) != 0)
		return false;
	nl = memchr(*p, '\n', (size_t)(end - *p));
	if (!nl)
		return false;
	*value = *p + n;
	*len = (size_t)(nl - *value);
	*p = nl + 1;
	return true;
}

static bool
take_parent(unsigned char parent[JIT_OID], const char *value, size_t len)
{
	char hex[JIT_OID_HEX];

	if (len != JIT_OID_HEX - 1)
		return false;
	memcpy(hex, value, len);
	hex[len] = '\0';
	return jit_unhex(parent, JIT_OID, hex) == 0;
}

/* The lines of the folded signature, unfolded: moves '*p' behind them. */
static bool
take_signature(struct jit_buf *armour, const char **p, const char *end)
{
	const char *value = NULL;
	size_t len = 0;

	if (!take_line(&value, &len, p, end, GPGSIG))
		return false;
	jit_buf_put(armour, value, len);
	jit_buf_str(armour, "\n");
	while (take_line(&value, &len, p, end, " ")) {
		jit_buf_put(armour, value, len);
		jit_buf_str(armour, "\n");
	}
	return true;
}

/* What a raw commit is made of; found, not yet believed. */
struct parts {
	struct jit_buf armour;
	const char *json; /* borrowed from the raw bytes */
	size_t json_len;
};

static int
unlike(struct jit_error *err, const char *what)
{
	return jit_fail(err, JIT_EVIDENCE, "commit: %s", what);
}

static int
take_headers(struct jit_commit *c, const char **p, const char *end,
	struct jit_error *err)
{
	const char *value = NULL;
	size_t n = 0;

	if (!take_line(&value, &n, p, end, "tree "))
		return unlike(err, "no tree where it belongs");
	if (n != strlen(EMPTY_TREE) || memcmp(value, EMPTY_TREE, n) != 0)
		return unlike(err, "its tree is not the empty one");
	c->has_parent = take_line(&value, &n, p, end, "parent ");
	if (c->has_parent && !take_parent(c->parent, value, n))
		return unlike(err, "its parent is no object id");
	if (!take_line(&value, &n, p, end, "author ") ||
		!take_line(&value, &n, p, end, "committer "))
		return unlike(err, "no author or committer where it belongs");
	return 0;
}

static int
split(struct parts *parts, struct jit_commit *c, const char *raw, size_t len,
	struct jit_error *err)
{
	const char *p = raw, *end = raw + len, *value = NULL;
	size_t n = 0;
	int rc;

	rc = take_headers(c, &p, end, err);
	if (rc)
		return rc;
	if (!take_signature(&parts->armour, &p, end))
		return unlike(err, "no signature where it belongs");
	rc = jit_buf_failed(&parts->armour, err);
	if (rc)
		return rc;
	if (!take_line(&value, &n, &p, end, "") || n != 0)
		return unlike(err, "a header that does not belong there");
	if (!take_line(&value, &n, &p, end, "") ||
		!take_line(&value, &n, &p, end, "") || n != 0)
		return unlike(err, "no subject where it belongs");
	if (!take_line(&parts->json, &parts->json_len, &p, end, "") || p != end)
		return unlike(err, "no single line of JSON at its end");
	return 0;
}

/*
 * The payload that belongs to the event. Its JSON is not written again where
 * it is known by then that it would come out as it came in.
 */
static int
payload_again(struct jit_buf *out, const struct jit_commit *c,
	const struct parts *parts, struct jit_error *err)
{
	char hex[JIT_OID_HEX];
	const char *parent = c->has_parent ? hex : NULL;

	jit_hex(hex, c->parent, JIT_OID);
	if (!c->event.exact)
		return jit_commit_payload(out, &c->event, parent, err);
	put_head(out, &c->event, parent);
	jit_buf_put(out, parts->json, parts->json_len);
	jit_buf_str(out, "\n");
	return jit_buf_failed(out, err);
}

/* What the raw bytes should have been. */
static int
encode_again(struct jit_buf *whole, struct jit_commit *c,
	const struct parts *parts, struct jit_error *err)
{
	struct jit_buf payload = {0};
	int rc;

	rc = payload_again(&payload, c, parts, err);
	if (rc == 0) {
		jit_sha512(c->payload, payload.data, payload.len);
		rc = jit_commit_join(whole, &payload,
			jit_buf_text(&parts->armour), err);
	}
	jit_buf_free(&payload);
	return rc;
}

/* A refusal of a part is evidence against the whole; trouble stays. */
static int
as_evidence(int rc)
{
	return rc == JIT_USAGE ? JIT_EVIDENCE : rc;
}

/* All that is in it, each for itself. */
static int
decode(struct jit_commit *c, struct parts *parts, const char *raw, size_t len,
	bool known, struct jit_error *err)
{
	int rc;

	rc = split(parts, c, raw, len, err);
	if (rc == 0)
		rc = jit_sign_decode(&c->signature,
			jit_buf_text(&parts->armour), parts->armour.len,
			JIT_SIGN_NAMESPACE, err);
	if (rc == 0)
		rc = as_evidence((known ? jit_event_again : jit_event_decode)(
			&c->event, parts->json, parts->json_len, err));
	if (rc == 0 && (c->event.type == JIT_GENESIS) == c->has_parent)
		rc = unlike(err,
			c->has_parent ? "a genesis with a parent"
				      : "no parent");
	if (rc == 0)
		jit_sha256(c->sha256, raw, len);
	return rc;
}

/* Whether no other bytes could be that commit. */
static int
check_bytes(struct jit_commit *c, const struct parts *parts, const char *raw,
	size_t len, struct jit_error *err)
{
	struct jit_buf whole = {0};
	int rc;

	rc = as_evidence(encode_again(&whole, c, parts, err));
	if (rc == 0 && (whole.len != len || memcmp(whole.data, raw, len) != 0))
		rc = unlike(err, "not the bytes that belong to its event");
	jit_buf_free(&whole);
	return rc;
}

static int
decode_whole(struct jit_commit *out, const char *raw, size_t len, bool known,
	struct jit_error *err)
{
	struct jit_commit c = {0};
	struct parts parts = {0};
	int rc;

	rc = decode(&c, &parts, raw, len, known, err);
	if (rc == 0 && !known)
		rc = check_bytes(&c, &parts, raw, len, err);
	jit_buf_free(&parts.armour);
	if (rc) {
		jit_commit_free(&c);
		return rc;
	}
	*out = c; /* transferred */
	return 0;
}

int
jit_commit_decode(struct jit_commit *out, const void *raw, size_t len,
	struct jit_error *err)
{
	return decode_whole(out, len == 0 ? "" : raw, len, false, err);
}

int
jit_commit_again(struct jit_commit *out, const void *raw, size_t len,
	struct jit_error *err)
{
	return decode_whole(out, len == 0 ? "" : raw, len, true, err);
}

int
jit_commit_check(const struct jit_commit *c, struct jit_error *err)
{
	char fingerprint[JIT_FINGERPRINT];

	jit_pubkey_fingerprint(fingerprint, &c->signature.key);
	if (strcmp(fingerprint, c->event.key) != 0)
		return jit_fail(err, JIT_EVIDENCE,
			"signed by %s, not by the key that it names",
			fingerprint);
	return jit_sign_check_hash(&c->signature, JIT_SIGN_NAMESPACE,
		c->payload, err);
}

int
jit_commit_parent(unsigned char parent[JIT_OID], const void *raw, size_t len,
	struct jit_error *err)
{
	const char *p = len == 0 ? "" : raw, *end = p + len;
	struct jit_commit c = {0};
	int rc;

	rc = take_headers(&c, &p, end, err);
	if (rc)
		return rc;
	if (c.has_parent)
		memcpy(parent, c.parent, JIT_OID);
	return c.has_parent ? 1 : 0;
}

void
jit_commit_free(struct jit_commit *c)
{
	jit_event_free(&c->event);
	memset(c, 0, sizeof(*c));
}
