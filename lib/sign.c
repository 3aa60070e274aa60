/* SPDX-License-Identifier: ISC */
#include "sign.h"

#include <string.h>

#include "hash.h"

#define MAGIC "SSHSIG" /* without its NUL */
#define MAGIC_LEN 6
#define VERSION 1
#define HASH "sha512"
#define LABEL "SSH SIGNATURE"
#define BEGIN "-----BEGIN " LABEL "-----\n"
#define END "-----END " LABEL "-----\n"
#define ARMOUR_MAX 4096 /* bytes; the longest that can be is below 1000 */

/* PROTOCOL.sshsig, section 3: what the key signs for a message's hash. */
static void
put_hashed(struct jit_buf *out, const char *namespace,
	const unsigned char hash[JIT_SHA512])
{
	jit_buf_put(out, MAGIC, MAGIC_LEN);
	jit_buf_cstring(out, namespace);
	jit_buf_cstring(out, ""); /* reserved */
	jit_buf_cstring(out, HASH);
	jit_buf_string(out, hash, JIT_SHA512);
}

static void
put_signed(struct jit_buf *out, const char *namespace, const void *msg,
	size_t len)
{
	unsigned char hash[JIT_SHA512];

	jit_sha512(hash, msg, len);
	put_hashed(out, namespace, hash);
}

/* PROTOCOL.sshsig, section 2: what an armour holds. */
static void
put_blob(struct jit_buf *out, const struct jit_signature *s,
	const char *namespace)
{
	struct jit_buf part = {0};

	jit_buf_put(out, MAGIC, MAGIC_LEN);
	jit_buf_u32(out, VERSION);
	jit_pubkey_blob(&part, &s->key);
	jit_buf_string(out, part.data, part.len);
	jit_buf_cstring(out, namespace);
	jit_buf_cstring(out, ""); /* reserved */
	jit_buf_cstring(out, HASH);
	jit_buf_reset(&part);
	jit_signature_wire(&part, s);
	jit_buf_string(out, part.data, part.len);
	if (part.failed)
		out->failed = true;
	jit_buf_free(&part);
}

void
jit_sign_armour(struct jit_buf *out, const struct jit_signature *s,
	const char *namespace)
{
	struct jit_buf blob = {0};

	put_blob(&blob, s, namespace);
	if (blob.failed)
		out->failed = true;
	else
		jit_key_armour(out, LABEL, blob.data, blob.len);
	jit_buf_free(&blob);
}

/* A touch is what a security key is for: without it nothing is signed. */
static int
check_presence(const struct jit_signature *s, int code, struct jit_error *err)
{
	if (s->key.type != JIT_SK_ED25519 || (s->flags & JIT_SIGN_PRESENT) != 0)
		return 0;
	return jit_fail(err, code,
		"the security key signed without anybody touching it");
}

int
jit_sign_make(struct jit_buf *armour, const struct jit_signer *signer,
	const char *namespace, const void *msg, size_t len,
	struct jit_error *err)
{
	struct jit_signature s = {0};
	struct jit_buf tbs = {0};
	struct jit_buf wire = {0};
	int rc = 0;

	put_signed(&tbs, namespace, msg, len);
	rc = jit_buf_failed(&tbs, err);
	if (rc != 0)
		goto out;
	rc = jit_signer_sign(&wire, signer, tbs.data, tbs.len, err);
	if (rc != 0)
		goto out;
	rc = jit_signature_read(&s, jit_signer_key(signer), wire.data, wire.len,
		err);
	if (rc != 0) {
		rc = JIT_TROUBLE; /* ours to make, nobody's forgery */
		goto out;
	}
	rc = check_presence(&s, JIT_TROUBLE, err);
	if (rc != 0)
		goto out;
	jit_sign_armour(armour, &s, namespace);
	rc = jit_buf_failed(armour, err);
out:
	jit_buf_free(&tbs);
	jit_buf_free(&wire);
	return rc;
}

/* The blob in an armour; how its lines are wrapped is not asked here. */
static int
unarmour(struct jit_buf *blob, const char *armour, size_t len,
	struct jit_error *err)
{
	const size_t head = strlen(BEGIN);
	const size_t tail = strlen(END);
	struct jit_buf text = {0};
	const char *end = NULL;
	int rc = JIT_EVIDENCE;
	size_t i = 0, n = 0;

	if (len > ARMOUR_MAX || len < head + tail ||
		memcmp(armour, BEGIN, head) != 0 ||
		memcmp(armour + len - tail, END, tail) != 0) {
		jit_fail(err, rc, "not an armoured SSH signature");
		goto out;
	}
	for (i = head; i < len - tail; i += n + 1) {
		end = memchr(armour + i, '\n', len - tail - i);
		n = end ? (size_t)(end - armour) - i : len - tail - i;
		jit_buf_put(&text, armour + i, n);
	}
	if (jit_unbase64(blob, jit_buf_text(&text), text.len) != 0) {
		jit_fail(err, rc, "the signature's armour is not base64");
		goto out;
	}
	rc = jit_buf_failed(&text, err);
	if (rc == 0)
		rc = jit_buf_failed(blob, err);
out:
	jit_buf_free(&text);
	return rc;
}

/* Read a string that can only be 'want'; 'what' names it. */
static int
expect(struct jit_cursor *c, const char *what, const char *want,
	struct jit_error *err)
{
	const unsigned char *p = NULL;
	size_t len = 0;

	p = jit_cursor_string(c, &len);
	if (!c->bad && len == strlen(want) &&
		(len == 0 || memcmp(p, want, len) == 0))
		return 0;
	return jit_fail(err, JIT_EVIDENCE, "the signature's %s is not '%s'",
		what, want);
}

static int
read_head(struct jit_cursor *c, struct jit_error *err)
{
	const unsigned char *magic = jit_cursor_take(c, MAGIC_LEN);
	uint32_t version = jit_cursor_u32(c);

	if (c->bad || memcmp(magic, MAGIC, MAGIC_LEN) != 0)
		return jit_fail(err, JIT_EVIDENCE, "not an SSH signature");
	if (version != VERSION)
		return jit_fail(err, JIT_EVIDENCE,
			"the signature's version is %lu, not 1",
			(unsigned long)version);
	return 0;
}

/* PROTOCOL.sshsig, section 2. */
static int
read_blob(struct jit_signature *out, const struct jit_buf *blob,
	const char *namespace, struct jit_error *err)
{
	struct jit_cursor c = jit_cursor_over(blob->data, blob->len);
	struct jit_pubkey key = {0};
	const unsigned char *p = NULL;
	size_t len = 0;
	int rc = 0;

	rc = read_head(&c, err);
	if (rc != 0)
		return rc;
	p = jit_cursor_string(&c, &len);
	if (c.bad)
		return jit_fail(err, JIT_EVIDENCE, "a damaged signature");
	if (jit_pubkey_wire(&key, p, len, err) != 0)
		return jit_within(err, JIT_EVIDENCE, "the signing key");
	rc = expect(&c, "namespace", namespace, err);
	if (rc != 0)
		return rc;
	rc = expect(&c, "reserved field", "", err);
	if (rc != 0)
		return rc;
	rc = expect(&c, "hash", HASH, err);
	if (rc != 0)
		return rc;
	p = jit_cursor_string(&c, &len);
	if (!jit_cursor_done(&c))
		return jit_fail(err, JIT_EVIDENCE, "a damaged signature");
	return jit_signature_read(out, &key, p, len, err);
}

/* Whether each line has JIT_KEY_ARMOUR columns, the last 1 to so many. */
static bool
is_wrapped(const char *text, size_t len)
{
	const char *end;
	size_t at, n;

	for (at = 0; at < len; at += n + 1) {
		end = memchr(text + at, '\n', len - at);
		n = end ? (size_t)(end - text) - at : 0;
		if (n == 0 || n > JIT_KEY_ARMOUR ||
			(n < JIT_KEY_ARMOUR && at + n + 1 != len))
			return false;
	}
	return true;
}

/*
 * A signature has one armour: another one is another commit id (T02). Base64
 * was read strictly, so a blob has one spelling; what is left is how it is
 * wrapped, and whether the blob is the one of this signature.
 */
static int
check_armour(const struct jit_signature *s, const struct jit_buf *blob,
	const char *namespace, const char *armour, size_t len,
	struct jit_error *err)
{
	const size_t head = strlen(BEGIN), tail = strlen(END);
	struct jit_buf again = {0};
	int rc = 0;

	put_blob(&again, s, namespace);
	rc = jit_buf_failed(&again, err);
	if (rc == 0 &&
		(!is_wrapped(armour + head, len - head - tail) ||
			again.len != blob->len ||
			memcmp(again.data, blob->data, blob->len) != 0))
		rc = jit_fail(err, JIT_EVIDENCE,
			"the signature's armour is not as ssh-keygen "
			"writes it");
	jit_buf_free(&again);
	return rc;
}

int
jit_sign_decode(struct jit_signature *out, const char *armour, size_t len,
	const char *namespace, struct jit_error *err)
{
	struct jit_signature s = {0};
	struct jit_buf blob = {0};
	int rc = 0;

	rc = unarmour(&blob, armour, len, err);
	if (rc == 0)
		rc = read_blob(&s, &blob, namespace, err);
	if (rc == 0)
		rc = check_armour(&s, &blob, namespace, armour, len, err);
	if (rc == 0)
		*out = s;
	jit_buf_free(&blob);
	return rc;
}

int
jit_sign_check_hash(const struct jit_signature *s, const char *namespace,
	const unsigned char hash[JIT_SHA512], struct jit_error *err)
{
	struct jit_buf tbs = {0};
	int rc = check_presence(s, JIT_EVIDENCE, err);

	if (rc != 0)
		return rc;
	put_hashed(&tbs, namespace, hash);
	rc = jit_buf_failed(&tbs, err);
	if (rc == 0)
		rc = jit_signature_verify(s, tbs.data, tbs.len, err);
	jit_buf_free(&tbs);
	return rc;
}

int
jit_sign_check(const struct jit_signature *s, const char *namespace,
	const void *msg, size_t len, struct jit_error *err)
{
	unsigned char hash[JIT_SHA512];

	jit_sha512(hash, msg, len);
	return jit_sign_check_hash(s, namespace, hash, err);
}
