/* SPDX-License-Identifier: ISC */
#include "cert.h"

#include <string.h>

#include "hash.h"

#define USER 1   /* SSH_CERT_TYPE_USER */
#define PARTS 14 /* fields of the longer type before the signature */

/* PROTOCOL.certkeys, "New public key formats". */
static const char *const cert_types[] = {
	[JIT_ED25519] = "ssh-ed25519-cert-v01@openssh.com",
	[JIT_SK_ED25519] = "sk-ssh-ed25519-cert-v01@openssh.com",
};

/* The fields that the CA signs, in their order. */
static const struct part {
	const char *name;
	size_t size; /* bytes, or 0 for a string */
	bool sk_only;
} parts[PARTS] = {
	{"key type", 0, false},
	{"nonce", 0, false},
	{"key", 0, false},
	{"application", 0, true},
	{"serial", 8, false},
	{"certificate type", 4, false},
	{"key id", 0, false},
	{"principals", 0, false},
	{"valid after", 8, false},
	{"valid before", 8, false},
	{"critical options", 0, false},
	{"extensions", 0, false},
	{"reserved field", 0, false},
	{"signature key", 0, false},
};

enum { NONCE = 1, VALID_BEFORE = 9, CA_KEY = 13 };

/* A certificate taken apart; everything is borrowed from its bytes. */
struct view {
	struct {
		const unsigned char *p;
		size_t len;
	} at[PARTS];
	size_t signed_len; /* bytes that the signature is over */
	const unsigned char *sig;
	size_t sig_len;
};

static bool
is_clean(const char *s)
{
	if (s == NULL || *s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	}
	return true;
}

/* What must not be certified, whoever asks (T80, T81). */
static int
check_fields(const struct jit_cert *cert, struct jit_error *err)
{
	if (cert->serial == 0)
		return jit_fail(err, JIT_USAGE,
			"a certificate's serial must "
			"be at least 1: 0 cannot be revoked");
	if (!is_clean(cert->key_id))
		return jit_fail(err, JIT_USAGE, "a certificate needs a key id");
	if (!is_clean(cert->principal) || strchr(cert->principal, ',') != NULL)
		return jit_fail(err, JIT_USAGE,
			"a certificate needs exactly one principal");
	if (cert->after < 0 || cert->before <= cert->after)
		return jit_fail(err, JIT_USAGE,
			"a certificate must end after it begins");
	if (cert->force_command != NULL && !is_clean(cert->force_command))
		return jit_fail(err, JIT_USAGE,
			"a certificate's force-command must not be empty");
	return 0;
}

/* A string that holds one string, as a list of one principal does. */
static void
put_nested(struct jit_buf *out, const char *s)
{
	struct jit_buf inner = {0};

	jit_buf_cstring(&inner, s);
	jit_buf_string(out, inner.data, inner.len);
	out->failed = out->failed || inner.failed;
	jit_buf_free(&inner);
}

static void
put_options(struct jit_buf *out, const struct jit_cert *cert)
{
	struct jit_buf critical = {0};

	if (cert->force_command != NULL) {
		jit_buf_cstring(&critical, "force-command");
		put_nested(&critical, cert->force_command);
	}
	jit_buf_string(out, critical.data, critical.len);
	out->failed = out->failed || critical.failed;
	jit_buf_free(&critical);
}

static void
put_extensions(struct jit_buf *out)
{
	struct jit_buf list = {0};

	jit_buf_cstring(&list, "permit-pty");
	jit_buf_cstring(&list, "");
	jit_buf_string(out, list.data, list.len);
	out->failed = out->failed || list.failed;
	jit_buf_free(&list);
}

/* Everything that is signed: a pure function of its inputs. */
static void
put_signed(struct jit_buf *out, const struct jit_cert *cert,
	const unsigned char nonce[JIT_CERT_NONCE], const struct jit_pubkey *ca)
{
	struct jit_buf blob = {0};

	jit_buf_cstring(out, cert_types[cert->key.type]);
	jit_buf_string(out, nonce, JIT_CERT_NONCE);
	jit_buf_string(out, cert->key.pk, sizeof(cert->key.pk));
	if (cert->key.type == JIT_SK_ED25519)
		jit_buf_cstring(out, cert->key.application);
	jit_buf_u64(out, cert->serial);
	jit_buf_u32(out, USER);
	jit_buf_cstring(out, cert->key_id);
	put_nested(out, cert->principal);
	jit_buf_u64(out, (uint64_t)cert->after);
	jit_buf_u64(out, (uint64_t)cert->before);
	put_options(out, cert);
	put_extensions(out);
	jit_buf_cstring(out, ""); /* reserved */
	jit_pubkey_blob(&blob, ca);
	jit_buf_string(out, blob.data, blob.len);
	out->failed = out->failed || blob.failed;
	jit_buf_free(&blob);
}

static int
put_line(struct jit_buf *line, enum jit_key_type type,
	const struct jit_buf *blob, struct jit_error *err)
{
	struct jit_buf text = {0};
	int rc = 0;

	jit_buf_fmt(&text, "%s ", cert_types[type]);
	jit_base64(&text, blob->data, blob->len, true);
	rc = jit_buf_failed(&text, err);
	if (rc == 0 && text.len > JIT_CERT_MAX)
		rc = jit_fail(err, JIT_USAGE,
			"a certificate longer than %d bytes", JIT_CERT_MAX);
	if (rc == 0) {
		jit_buf_put(line, text.data, text.len);
		rc = jit_buf_failed(line, err);
	}
	jit_buf_free(&text);
	return rc;
}

int
jit_cert_make(struct jit_buf *line, const struct jit_cert *cert,
	const unsigned char nonce[JIT_CERT_NONCE], const struct jit_signer *ca,
	struct jit_error *err)
{
	const struct jit_pubkey *ca_key = jit_signer_key(ca);
	struct jit_buf blob = {0};
	struct jit_buf wire = {0};
	int rc = 0;

	if (ca_key->type != JIT_ED25519)
		return jit_fail(err, JIT_USAGE,
			"the CA's key is %s: "
			"it must be ssh-ed25519",
			jit_key_type_name(ca_key->type));
	rc = check_fields(cert, err);
	if (rc != 0)
		goto out;
	put_signed(&blob, cert, nonce, ca_key);
	rc = jit_buf_failed(&blob, err);
	if (rc != 0)
		goto out;
	rc = jit_signer_sign(&wire, ca, blob.data, blob.len, err);
	if (rc != 0)
		goto out;
	jit_buf_string(&blob, wire.data, wire.len);
	rc = jit_buf_failed(&blob, err);
	if (rc == 0)
		rc = put_line(line, cert->key.type, &blob, err);
out:
	jit_buf_free(&blob);
	jit_buf_free(&wire);
	return rc;
}

/* Take the signed fields of a certificate of 'type' apart. */
static void
take_parts(struct view *v, enum jit_key_type type, struct jit_cursor *c)
{
	const unsigned char *start = c->p;
	size_t i = 0;

	for (i = 0; i < PARTS; i++) {
		if (parts[i].sk_only && type != JIT_SK_ED25519)
			continue;
		if (parts[i].size == 0) {
			v->at[i].p = jit_cursor_string(c, &v->at[i].len);
		} else {
			v->at[i].p = jit_cursor_take(c, parts[i].size);
			v->at[i].len = parts[i].size;
		}
	}
	v->signed_len = c->bad ? 0 : (size_t)(c->p - start);
}

/* The wire form from a line of exactly two words. */
static int
read_line(struct jit_buf *blob, const char *line, size_t name,
	struct jit_error *err)
{
	size_t len = strnlen(line, JIT_CERT_MAX + 1);

	if (name == 0 || name + 1 >= len || line[name] != ' ' ||
		len > JIT_CERT_MAX)
		return jit_fail(err, JIT_USAGE,
			"not a certificate's line: a type, a space, base64");
	if (jit_unbase64(blob, line + name + 1, len - name - 1) != 0)
		return jit_fail(err, JIT_USAGE,
			"the certificate is not base64");
	return jit_buf_failed(blob, err);
}

/* What a certificate says, apart from its CA and signature. */
static int
open_cert(struct view *v, struct jit_buf *blob, const char *line,
	enum jit_key_type type, struct jit_error *err)
{
	const char *name = cert_types[type];
	struct jit_cursor c = {0};
	int rc = 0;

	if (strcspn(line, " ") != strlen(name) ||
		strncmp(line, name, strlen(name)) != 0)
		return jit_fail(err, JIT_EVIDENCE,
			"the certificate's type is not %s", name);
	rc = read_line(blob, line, strlen(name), err);
	if (rc != 0)
		return rc == JIT_USAGE ? JIT_EVIDENCE : rc;
	c = jit_cursor_over(blob->data, blob->len);
	take_parts(v, type, &c);
	v->sig = jit_cursor_string(&c, &v->sig_len);
	if (!jit_cursor_done(&c))
		return jit_fail(err, JIT_EVIDENCE, "a damaged certificate");
	if (v->at[NONCE].len != JIT_CERT_NONCE)
		return jit_fail(err, JIT_EVIDENCE,
			"the certificate's nonce is not %d bytes",
			JIT_CERT_NONCE);
	return 0;
}

static int
read_ca(struct jit_pubkey *ca, const struct view *v, struct jit_error *err)
{
	if (jit_pubkey_wire(ca, v->at[CA_KEY].p, v->at[CA_KEY].len, err) != 0)
		return jit_within(err, JIT_EVIDENCE, "the CA's key");
	if (ca->type != JIT_ED25519)
		return jit_fail(err, JIT_EVIDENCE,
			"the CA's key is not ssh-ed25519");
	return 0;
}

/* Compare with the bytes that must be there, and name what differs. */
static int
compare(const struct view *got, const struct jit_cert *cert,
	const struct jit_pubkey *ca, const struct jit_buf *blob,
	struct jit_error *err)
{
	struct jit_buf want = {0};
	struct jit_cursor c = {0};
	struct view v = {0};
	size_t i = 0;
	int rc = 0;

	put_signed(&want, cert, got->at[NONCE].p, ca);
	rc = jit_buf_failed(&want, err);
	if (rc != 0)
		goto out;
	c = jit_cursor_over(want.data, want.len);
	take_parts(&v, cert->key.type, &c);
	for (i = 0; i < PARTS && rc == 0; i++) {
		if (v.at[i].len != got->at[i].len ||
			(v.at[i].len > 0 &&
				memcmp(v.at[i].p, got->at[i].p, v.at[i].len) !=
					0))
			rc = jit_fail(err, JIT_EVIDENCE,
				"the certificate differs in its %s",
				parts[i].name);
	}
	if (rc == 0 &&
		(want.len != got->signed_len ||
			memcmp(want.data, blob->data, want.len) != 0))
		rc = jit_fail(err, JIT_EVIDENCE, "a damaged certificate");
out:
	jit_buf_free(&want);
	return rc;
}

static int
check_signature(const struct view *v, const struct jit_pubkey *ca,
	const struct jit_buf *blob, struct jit_error *err)
{
	struct jit_signature s = {0};
	int rc = 0;

	rc = jit_signature_read(&s, ca, v->sig, v->sig_len, err);
	if (rc == 0)
		rc = jit_signature_verify(&s, blob->data, v->signed_len, err);
	return rc == 0 ? 0 : jit_within(err, rc, "the CA's signature");
}

static int
check(struct jit_pubkey *ca, const char *line, const struct jit_cert *cert,
	bool again, struct jit_error *err)
{
	struct jit_pubkey key = {0};
	struct jit_buf blob = {0};
	struct view v = {0};
	int rc = 0;

	if (check_fields(cert, err) != 0)
		return JIT_EVIDENCE;
	rc = open_cert(&v, &blob, line, cert->key.type, err);
	if (rc == 0)
		rc = read_ca(&key, &v, err);
	if (rc == 0)
		rc = compare(&v, cert, &key, &blob, err);
	if (rc == 0 && !again)
		rc = check_signature(&v, &key, &blob, err);
	if (rc == 0)
		*ca = key;
	jit_buf_free(&blob);
	return rc;
}

int
jit_cert_check(struct jit_pubkey *ca, const char *line,
	const struct jit_cert *cert, struct jit_error *err)
{
	return check(ca, line, cert, false, err);
}

int
jit_cert_again(struct jit_pubkey *ca, const char *line,
	const struct jit_cert *cert, struct jit_error *err)
{
	return check(ca, line, cert, true, err);
}

int
jit_cert_before(int64_t *before, const char *line, struct jit_error *err)
{
	bool sk = strncmp(line, "sk-", 3) == 0;
	struct jit_buf blob = {0};
	struct jit_cursor c = {0};
	struct view v = {0};
	uint64_t until = 0;
	int rc = 0;

	rc = open_cert(&v, &blob, line, sk ? JIT_SK_ED25519 : JIT_ED25519, err);
	if (rc == 0) {
		c = jit_cursor_over(v.at[VALID_BEFORE].p, 8);
		until = jit_cursor_u64(&c);
		*before = until > INT64_MAX ? INT64_MAX : (int64_t)until;
	}
	jit_buf_free(&blob);
	return rc == JIT_EVIDENCE ? JIT_USAGE : rc;
}

int
jit_cert_sha256(char out[65], const char *line, struct jit_error *err)
{
	struct jit_buf blob = {0};
	int rc = read_line(&blob, line, strcspn(line, " "), err);

	if (rc == 0)
		jit_sha256_hex(out, blob.data, blob.len);
	jit_buf_free(&blob);
	return rc;
}
