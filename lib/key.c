/* SPDX-License-Identifier: ISC */
#include "key.h"

#include <sodium.h>
#include <stdint.h>
#include <string.h>

#include "hash.h"

#define BLOB_MAX 256 /* bytes of the longest wire form: 197 */
#define TYPE_MAX 64  /* RFC 4251 section 6 */
#define U2F_DIGESTS (JIT_SHA256 + 1 + 4 + JIT_SHA256)

static const char *const type_names[] = {
	[JIT_ED25519] = "ssh-ed25519",
	[JIT_SK_ED25519] = "sk-ssh-ed25519@openssh.com",
};

const char *
jit_key_type_name(enum jit_key_type type)
{
	return type_names[type];
}

/* Which of our types is called so. */
static bool
type_of(enum jit_key_type *type, const void *name, size_t len)
{
	size_t i = 0;

	for (i = 0; i < sizeof(type_names) / sizeof(*type_names); i++) {
		if (strlen(type_names[i]) == len &&
			memcmp(type_names[i], name, len) == 0) {
			*type = (enum jit_key_type)i;
			return true;
		}
	}
	return false;
}

/*
 * The texts of what is refused here are nouns, so that a caller who knows
 * the file can put "'PATH' is " before them.
 */
static int
not_a_key(struct jit_error *err)
{
	return jit_fail(err, JIT_USAGE,
		"not a public key: expected a line "
		"as in id_ed25519.pub, 'ssh-ed25519 AAAA...'");
}

static int
damaged(struct jit_error *err)
{
	return jit_fail(err, JIT_USAGE, "a damaged public key");
}

/* Whether a name looks like a key type of OpenSSH, and a copy to print. */
static bool
type_like(char word[TYPE_MAX + 1], const void *name, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789@.-";

	if (len > TYPE_MAX)
		return false;
	memset(word, 0, TYPE_MAX + 1);
	if (len > 0)
		memcpy(word, name, len);
	return strspn(word, letters) == len &&
		(strncmp(word, "ssh-", 4) == 0 ||
			strncmp(word, "sk-", 3) == 0 ||
			strncmp(word, "ecdsa-", 6) == 0 ||
			strncmp(word, "rsa-", 4) == 0 ||
			strncmp(word, "webauthn-", 9) == 0);
}

static int
refuse_type(const void *name, size_t len, struct jit_error *err)
{
	char word[TYPE_MAX + 1] = "";

	if (!type_like(word, name, len))
		return not_a_key(err);
	if (strstr(word, "-cert-v") != NULL)
		return jit_fail(err, JIT_USAGE,
			"a certificate, not a key: "
			"give the key that it was made for");
	return jit_fail(err, JIT_USAGE,
		"an %s key: jit needs ed25519; "
		"make one with ssh-keygen -t ed25519",
		word);
}

/* A security key's application: printable ASCII that fits. */
static bool
read_application(struct jit_pubkey *key, struct jit_cursor *c)
{
	const unsigned char *p = NULL;
	size_t len = 0;
	size_t i = 0;

	p = jit_cursor_string(c, &len);
	if (c->bad || len == 0 || len >= sizeof(key->application))
		return false;
	for (i = 0; i < len; i++) {
		if (p[i] < 0x20 || p[i] > 0x7e)
			return false;
	}
	memcpy(key->application, p, len);
	return true;
}

int
jit_pubkey_wire(struct jit_pubkey *out, const unsigned char *blob, size_t len,
	struct jit_error *err)
{
	struct jit_cursor c = jit_cursor_over(blob, len);
	struct jit_pubkey key = {0};
	const unsigned char *p = NULL;
	size_t n = 0;

	p = jit_cursor_string(&c, &n);
	if (c.bad)
		return damaged(err);
	if (!type_of(&key.type, p, n))
		return refuse_type(p, n, err);
	p = jit_cursor_string(&c, &n);
	if (c.bad || n != sizeof(key.pk))
		return damaged(err);
	memcpy(key.pk, p, n);
	if (key.type == JIT_SK_ED25519 && !read_application(&key, &c))
		return damaged(err);
	if (!jit_cursor_done(&c))
		return damaged(err);
	*out = key;
	return 0;
}

int
jit_pubkey_read(struct jit_pubkey *out, const unsigned char *blob, size_t len,
	struct jit_error *err)
{
	struct jit_pubkey key = {0};
	int rc = jit_pubkey_wire(&key, blob, len, err);

	if (rc != 0)
		return rc;
	if (crypto_core_ed25519_is_valid_point(key.pk) != 1)
		return jit_fail(err, JIT_USAGE,
			"a weak key: not canonical "
			"or of small order; no honest program makes such");
	*out = key;
	return 0;
}

/* Whether it is one line without control characters ('\n' may end it). */
static bool
is_line(const char *s)
{
	size_t len = strnlen(s, JIT_PUBKEY_LINE + 1);
	size_t i = 0;

	if (len > JIT_PUBKEY_LINE)
		return false;
	if (len > 0 && s[len - 1] == '\n')
		len--;
	for (i = 0; i < len; i++) {
		if (((unsigned char)s[i] < 0x20 && s[i] != '\t') ||
			s[i] == 0x7f)
			return false;
	}
	return true;
}

/* Skip blanks; the length of the word that follows. */
static size_t
next_word(const char **at)
{
	*at += strspn(*at, " \t");
	return strcspn(*at, " \t\n");
}

/* How a key's wire form is read: with a look at the point, or without. */
typedef int reads(struct jit_pubkey *out, const unsigned char *blob, size_t len,
	struct jit_error *err);

static int
parse_line(struct jit_pubkey *out, const char *line, reads *read,
	struct jit_error *err)
{
	enum jit_key_type type = JIT_ED25519;
	struct jit_pubkey key = {0};
	struct jit_buf blob = {0};
	const char *at = line;
	size_t len = 0;
	int rc = JIT_USAGE;

	len = next_word(&at);
	if (!type_of(&type, at, len))
		return refuse_type(at, len, err); /* others may be longer */
	if (!is_line(line))
		return not_a_key(err);
	at += len;
	len = next_word(&at);
	if (jit_unbase64(&blob, at, len) != 0) {
		damaged(err);
		goto out;
	}
	rc = jit_buf_failed(&blob, err);
	if (rc != 0)
		goto out;
	rc = read(&key, blob.data, blob.len, err);
	if (rc != 0)
		goto out;
	if (key.type != type) {
		rc = damaged(err);
		goto out;
	}
	*out = key;
out:
	jit_buf_free(&blob);
	return rc;
}

int
jit_pubkey_parse(struct jit_pubkey *out, const char *line,
	struct jit_error *err)
{
	return parse_line(out, line, jit_pubkey_read, err);
}

int
jit_pubkey_again(struct jit_pubkey *out, const char *line,
	struct jit_error *err)
{
	return parse_line(out, line, jit_pubkey_wire, err);
}

static size_t
put_string(unsigned char *to, const void *bytes, size_t len)
{
	to[0] = (unsigned char)(len >> 24);
	to[1] = (unsigned char)(len >> 16);
	to[2] = (unsigned char)(len >> 8);
	to[3] = (unsigned char)len;
	memcpy(to + 4, bytes, len);
	return 4 + len;
}

/* The wire form on the stack: a fingerprint must not need memory. */
static size_t
wire_form(unsigned char out[BLOB_MAX], const struct jit_pubkey *key)
{
	const char *name = jit_key_type_name(key->type);
	size_t len = 0;

	len += put_string(out, name, strlen(name));
	len += put_string(out + len, key->pk, sizeof(key->pk));
	if (key->type == JIT_SK_ED25519)
		len += put_string(out + len, key->application,
			strnlen(key->application,
				sizeof(key->application) - 1));
	return len;
}

void
jit_pubkey_blob(struct jit_buf *out, const struct jit_pubkey *key)
{
	unsigned char blob[BLOB_MAX] = {0};

	jit_buf_put(out, blob, wire_form(blob, key));
}

void
jit_pubkey_text(struct jit_buf *out, const struct jit_pubkey *key)
{
	unsigned char blob[BLOB_MAX] = {0};
	size_t len = wire_form(blob, key);

	jit_buf_str(out, jit_key_type_name(key->type));
	jit_buf_str(out, " ");
	jit_base64(out, blob, len, true);
}

void
jit_pubkey_fingerprint(char out[JIT_FINGERPRINT], const struct jit_pubkey *key)
{
	unsigned char digest[JIT_SHA256] = {0};
	unsigned char blob[BLOB_MAX] = {0};

	jit_sha256(digest, blob, wire_form(blob, key));
	strcpy(out, "SHA256:");
	sodium_bin2base64(out + 7, JIT_FINGERPRINT - 7, digest, sizeof(digest),
		sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

bool
jit_pubkey_equal(const struct jit_pubkey *a, const struct jit_pubkey *b)
{
	return a->type == b->type && memcmp(a->pk, b->pk, sizeof(a->pk)) == 0 &&
		(a->type != JIT_SK_ED25519 ||
			strncmp(a->application, b->application,
				sizeof(a->application)) == 0);
}

int
jit_key_verify(const unsigned char pk[JIT_PK], const unsigned char sig[JIT_SIG],
	const void *msg, size_t len, struct jit_error *err)
{
	if (crypto_sign_verify_detached(sig, msg, len, pk) != 0)
		return jit_fail(err, JIT_EVIDENCE,
			"the signature does not belong to these bytes and key");
	return 0;
}

int
jit_signature_read(struct jit_signature *out, const struct jit_pubkey *key,
	const unsigned char *wire, size_t len, struct jit_error *err)
{
	struct jit_cursor c = jit_cursor_over(wire, len);
	struct jit_signature s = {.key = *key};
	enum jit_key_type type = JIT_ED25519;
	const unsigned char *p = NULL;
	size_t n = 0;

	p = jit_cursor_string(&c, &n);
	if (c.bad || !type_of(&type, p, n) || type != key->type)
		return jit_fail(err, JIT_EVIDENCE,
			"the signature is not of its key's type, %s",
			jit_key_type_name(key->type));
	p = jit_cursor_string(&c, &n);
	if (!c.bad && n == sizeof(s.sig))
		memcpy(s.sig, p, n);
	else
		c.bad = true;
	if (type == JIT_SK_ED25519) {
		s.flags = jit_cursor_u8(&c);
		s.counter = jit_cursor_u32(&c);
	}
	if (!jit_cursor_done(&c))
		return jit_fail(err, JIT_EVIDENCE, "a damaged signature");
	*out = s;
	return 0;
}

void
jit_signature_wire(struct jit_buf *out, const struct jit_signature *s)
{
	jit_buf_cstring(out, jit_key_type_name(s->key.type));
	jit_buf_string(out, s->sig, sizeof(s->sig));
	if (s->key.type == JIT_SK_ED25519) {
		jit_buf_u8(out, s->flags);
		jit_buf_u32(out, s->counter);
	}
}

/* PROTOCOL.u2f: what a security key signs in place of the message. */
static void
u2f_digests(unsigned char out[U2F_DIGESTS], const struct jit_signature *s,
	const void *msg, size_t len)
{
	const char *app = s->key.application;
	unsigned char *counter = out + JIT_SHA256 + 1;

	jit_sha256(out, app, strnlen(app, sizeof(s->key.application)));
	out[JIT_SHA256] = s->flags;
	counter[0] = (unsigned char)(s->counter >> 24);
	counter[1] = (unsigned char)(s->counter >> 16);
	counter[2] = (unsigned char)(s->counter >> 8);
	counter[3] = (unsigned char)s->counter;
	jit_sha256(counter + 4, msg, len);
}

int
jit_signature_verify(const struct jit_signature *s, const void *msg, size_t len,
	struct jit_error *err)
{
	unsigned char digests[U2F_DIGESTS] = {0};

	if (s->key.type == JIT_SK_ED25519) {
		u2f_digests(digests, s, msg, len);
		msg = digests;
		len = sizeof(digests);
	}
	return jit_key_verify(s->key.pk, s->sig, msg, len, err);
}

void
jit_key_armour(struct jit_buf *out, const char *label, const void *bytes,
	size_t len)
{
	struct jit_buf text = {0};
	size_t at = 0;
	size_t n = 0;

	jit_base64(&text, bytes, len, true);
	jit_buf_fmt(out, "-----BEGIN %s-----\n", label);
	for (at = 0; at < text.len; at += n) {
		n = text.len - at;
		if (n > JIT_KEY_ARMOUR)
			n = JIT_KEY_ARMOUR;
		jit_buf_put(out, text.data + at, n);
		jit_buf_str(out, "\n");
	}
	jit_buf_fmt(out, "-----END %s-----\n", label);
	if (text.failed)
		out->failed = true;
	jit_buf_free(&text);
}
