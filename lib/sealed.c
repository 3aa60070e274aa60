/* SPDX-License-Identifier: ISC */
#include "sealed.h"

#include <stdlib.h>
#include <string.h>

#define LABEL "SSH SIGNATURE"
#define NO_ID "00000000000000000000000000"
#define BESIDE 2048 /* bytes that a late event has beside what is sealed */

struct file {
	const struct jit_json *sealed;
	const char *signature;
};

static const struct jit_member file_shape[] = {
	{.name = "sealed",
		.kind = JIT_ANY,
		.required = true,
		.offset = offsetof(struct file, sealed)},
	{.name = "signature",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct file, signature)},
	{.name = NULL}};

/* The canonical bytes: what is signed. */
static int
bytes_of(struct jit_buf *out, const struct jit_event *ev, struct jit_error *err)
{
	struct jit_json *o = NULL;
	int rc = jit_event_seal(&o, ev, err);

	if (rc)
		return rc;
	jit_json_encode(out, o, 0);
	jit_json_free(o);
	return jit_buf_failed(out, err);
}

int
jit_sealed_digest(unsigned char sha256[JIT_SHA256], const struct jit_event *ev,
	struct jit_error *err)
{
	struct jit_buf text = {0};
	int rc = bytes_of(&text, ev, err);

	if (rc == 0)
		jit_sha256(sha256, text.data, text.len);
	jit_buf_free(&text);
	return rc;
}

/* An armour as one line: what is between its first and its last. */
static int
line_of(char **out, const struct jit_signature *s, struct jit_error *err)
{
	struct jit_buf armour = {0}, line = {0};
	const char *at, *nl;
	int rc;

	jit_sign_armour(&armour, s, JIT_SEALED_NAMESPACE);
	at = strchr(jit_buf_text(&armour), '\n');
	for (; at && at[1] != '-' && (nl = strchr(at + 1, '\n')); at = nl)
		jit_buf_put(&line, at + 1, (size_t)(nl - at - 1));
	rc = jit_buf_failed(&armour, err);
	if (rc == 0)
		rc = jit_buf_failed(&line, err);
	if (rc == 0) {
		*out = strdup(jit_buf_text(&line));
		rc = *out ? 0 : jit_nomem(err);
	}
	jit_buf_free(&armour);
	jit_buf_free(&line);
	return rc;
}

/* From the line, of which each signature has one. */
static int
read_signature(struct jit_sealed *s, const char *line, struct jit_error *err)
{
	struct jit_buf blob = {0}, armour = {0};
	int rc;

	if (jit_unbase64(&blob, line, strlen(line)) != 0)
		rc = jit_fail(err, JIT_EVIDENCE,
			"the signature is no base64 in one line");
	else
		rc = jit_buf_failed(&blob, err);
	if (rc == 0) {
		jit_key_armour(&armour, LABEL, blob.data, blob.len);
		rc = jit_buf_failed(&armour, err);
	}
	if (rc == 0)
		rc = jit_sign_decode(&s->signature, jit_buf_text(&armour),
			armour.len, JIT_SEALED_NAMESPACE, err);
	if (rc == 0)
		rc = line_of(&s->line, &s->signature, err);
	if (rc == 0 && strcmp(s->line, line) != 0)
		rc = jit_fail(err, JIT_EVIDENCE,
			"the signature is not in its one spelling");
	jit_buf_free(&blob);
	jit_buf_free(&armour);
	return rc;
}

int
jit_sealed_open(struct jit_sealed *out, const struct jit_json *sealed,
	const char *signature, struct jit_error *err)
{
	struct jit_sealed s = {0};
	int rc;

	rc = jit_event_unseal(&s.event, sealed, err);
	if (rc == 0)
		rc = read_signature(&s, signature, err);
	if (rc == 0)
		rc = jit_sealed_digest(s.sha256, &s.event, err);
	if (rc) {
		jit_sealed_free(&s);
		return rc;
	}
	*out = s; /* transferred */
	return 0;
}

int
jit_sealed_check(const struct jit_sealed *s, struct jit_error *err)
{
	char fingerprint[JIT_FINGERPRINT];
	struct jit_buf text = {0};
	int rc;

	jit_pubkey_fingerprint(fingerprint, &s->signature.key);
	if (strcmp(fingerprint, s->event.key) != 0)
		return jit_fail(err, JIT_EVIDENCE,
			"sealed by %s, not by the key that it names",
			fingerprint);
	rc = bytes_of(&text, &s->event, err);
	if (rc == 0)
		rc = jit_sign_check(&s->signature, JIT_SEALED_NAMESPACE,
			text.data, text.len, err);
	jit_buf_free(&text);
	return rc;
}

/* What no late event can carry would be acted on, and never on record. */
static int
fit(const struct jit_sealed *s, struct jit_error *err)
{
	struct jit_buf text = {0};
	int rc = bytes_of(&text, &s->event, err);

	if (rc == 0 && text.len > JIT_JSON_EVENT - BESIDE)
		rc = jit_fail(err, JIT_USAGE,
			"sealed: too large to be delivered: at most %d bytes",
			JIT_JSON_EVENT - BESIDE);
	jit_buf_free(&text);
	return rc;
}

static int
sign(char **line, const struct jit_json *sealed,
	const struct jit_signer *signer, struct jit_error *err)
{
	struct jit_buf text = {0}, armour = {0};
	struct jit_signature made;
	int rc;

	jit_json_encode(&text, sealed, 0);
	rc = jit_buf_failed(&text, err);
	if (rc == 0)
		rc = jit_sign_make(&armour, signer, JIT_SEALED_NAMESPACE,
			text.data, text.len, err);
	if (rc == 0)
		rc = jit_sign_decode(&made, jit_buf_text(&armour), armour.len,
			JIT_SEALED_NAMESPACE, err);
	if (rc == 0)
		rc = line_of(line, &made, err);
	jit_buf_free(&text);
	jit_buf_free(&armour);
	return rc;
}

/* As a reader takes it, or not at all. */
int
jit_sealed_make(struct jit_sealed *out, const struct jit_event *ev,
	const struct jit_signer *signer, struct jit_error *err)
{
	struct jit_json *sealed = NULL;
	struct jit_sealed s = {0};
	char *line = NULL;
	int rc;

	rc = jit_event_seal(&sealed, ev, err);
	if (rc == 0)
		rc = sign(&line, sealed, signer, err);
	if (rc == 0)
		rc = jit_sealed_open(&s, sealed, line, err);
	if (rc == 0)
		rc = fit(&s, err);
	if (rc == 0)
		rc = jit_sealed_check(&s, err);
	if (rc == 0) {
		*out = s;
		memset(&s, 0, sizeof(s)); /* transferred */
	}
	jit_sealed_free(&s);
	jit_json_free(sealed);
	free(line);
	return rc;
}

int
jit_sealed_write(struct jit_buf *out, const struct jit_sealed *s,
	struct jit_error *err)
{
	struct jit_json *o = jit_json_object(), *sealed = NULL;
	int rc = o ? 0 : jit_nomem(err);

	if (rc == 0)
		rc = jit_event_seal(&sealed, &s->event, err);
	if (rc == 0 &&
		(!jit_json_set(o, "sealed", sealed) ||
			!jit_json_set_text(o, "signature", s->line)))
		rc = jit_nomem(err);
	if (rc == 0) {
		jit_json_encode(out, o, 0);
		jit_buf_str(out, "\n");
		rc = jit_buf_failed(out, err);
	}
	jit_json_free(o);
	return rc;
}

int
jit_sealed_read(struct jit_sealed *out, const void *bytes, size_t len,
	struct jit_error *err)
{
	const char *text = bytes;
	struct jit_json *json = NULL;
	struct jit_arena mem = {0};
	struct jit_sealed s = {0};
	struct file f = {0};
	int rc;

	if (len == 0 || text[len - 1] != '\n')
		return jit_fail(err, JIT_USAGE,
			"sealed: it does not end with its line");
	rc = jit_json_decode(&json, text, len - 1, JIT_JSON_EVENT, err);
	if (rc == 0)
		rc = jit_shape_read(&f, &mem, file_shape, json, "sealed", err);
	if (rc == 0)
		rc = jit_sealed_open(&s, f.sealed, f.signature, err);
	if (rc == 0)
		rc = fit(&s, err);
	if (rc == 0)
		rc = jit_sealed_check(&s, err);
	if (rc == 0) {
		*out = s;
		memset(&s, 0, sizeof(s)); /* transferred */
	}
	jit_sealed_free(&s);
	jit_arena_free(&mem);
	jit_json_free(json);
	return rc;
}

int
jit_sealed_id(char id[JIT_ULID], const struct jit_event *ev,
	struct jit_error *err)
{
	unsigned char sha256[JIT_SHA256];
	struct jit_event nameless = *ev;
	int rc;

	nameless.id = NO_ID;
	rc = jit_sealed_digest(sha256, &nameless, err);
	if (rc == 0)
		jit_ulid_make(id, ev->at, sha256);
	return rc;
}

int64_t
jit_sealed_serial(const unsigned char request[JIT_SHA256])
{
	int64_t n = 0;
	int i;

	for (i = 0; i < 6; i++) /* 48 bits of it */
		n = n << 8 | request[i];
	return JIT_SEALED_SERIAL + n;
}

void
jit_sealed_free(struct jit_sealed *s)
{
	jit_event_free(&s->event);
	free(s->line);
	memset(s, 0, sizeof(*s));
}
