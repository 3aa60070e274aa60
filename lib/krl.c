/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "krl.h"

#define MAGIC 0x5353484b524c0a00ull /* "SSHKRL\n\0" */
#define FORMAT 1
#define SECTION_CERTIFICATES 1
#define SECTION_SIGNATURE 4
#define CERT_SERIAL_LIST 0x20

static int
by_ca(const void *a, const void *b)
{
	const struct jit_krl_entry *x = a, *y = b;
	int order = memcmp(x->ca.pk, y->ca.pk, JIT_PK);

	if (order == 0)
		order = (x->serial > y->serial) - (x->serial < y->serial);
	return order;
}

/* One section for the entries of one CA; returns how many they are. */
static size_t
put_section(struct jit_buf *out, const struct jit_krl_entry *e, size_t count)
{
	struct jit_buf section = {0}, part = {0};
	size_t n;

	jit_pubkey_blob(&part, &e->ca);
	jit_buf_string(&section, part.data, part.len);
	jit_buf_cstring(&section, ""); /* reserved */
	jit_buf_reset(&part);
	for (n = 0; n < count && jit_pubkey_equal(&e[n].ca, &e->ca); n++)
		if (n == 0 || e[n].serial != e[n - 1].serial)
			jit_buf_u64(&part, e[n].serial);
	jit_buf_u8(&section, CERT_SERIAL_LIST);
	jit_buf_string(&section, part.data, part.len);
	jit_buf_u8(out, SECTION_CERTIFICATES);
	jit_buf_string(out, section.data, section.len);
	out->failed |= section.failed || part.failed;
	jit_buf_free(&section);
	jit_buf_free(&part);
	return n;
}

/* Signed are all bytes up to and with the signing key. */
static int
put_signature(struct jit_buf *out, const struct jit_signer *signer,
	struct jit_error *err)
{
	struct jit_buf part = {0};
	int rc;

	jit_buf_u8(out, SECTION_SIGNATURE);
	jit_pubkey_blob(&part, jit_signer_key(signer));
	jit_buf_string(out, part.data, part.len);
	jit_buf_reset(&part);
	rc = jit_buf_failed(out, err);
	if (rc == 0)
		rc = jit_signer_sign(&part, signer, out->data, out->len, err);
	if (rc == 0)
		rc = jit_buf_failed(&part, err);
	if (rc == 0)
		jit_buf_string(out, part.data, part.len);
	jit_buf_free(&part);
	return rc;
}

int
jit_krl_make(struct jit_buf *out, uint64_t version, int64_t generated,
	const char *comment, struct jit_krl_entry *entries, size_t count,
	const struct jit_signer *signer, struct jit_error *err)
{
	struct jit_buf list = {0};
	size_t i;
	int rc = 0;

	for (i = 0; i < count; i++)
		if (entries[i].serial == 0)
			return jit_fail(err, JIT_USAGE,
				"serial 0 cannot be revoked");
	if (count)
		qsort(entries, count, sizeof(*entries), by_ca);
	jit_buf_u64(&list, MAGIC);
	jit_buf_u32(&list, FORMAT);
	jit_buf_u64(&list, version);
	jit_buf_u64(&list, (uint64_t)generated);
	jit_buf_u64(&list, 0);      /* flags */
	jit_buf_cstring(&list, ""); /* reserved */
	jit_buf_cstring(&list, comment);
	for (i = 0; i < count;)
		i += put_section(&list, entries + i, count - i);
	if (signer)
		rc = put_signature(&list, signer, err);
	if (rc == 0)
		rc = jit_buf_failed(&list, err);
	if (rc == 0) {
		jit_buf_put(out, list.data, list.len);
		rc = jit_buf_failed(out, err);
	}
	jit_buf_free(&list);
	return rc;
}

/* Walk the sections to the end: a list cut short is none. */
static void
skip_sections(struct jit_cursor *c)
{
	size_t len = 0;

	while (c->left > 0 && !c->bad) {
		if (jit_cursor_u8(c) == SECTION_SIGNATURE)
			jit_cursor_string(c, &len);
		jit_cursor_string(c, &len);
	}
}

int
jit_krl_version(uint64_t *version, const unsigned char *bytes, size_t len,
	struct jit_error *err)
{
	struct jit_cursor c = jit_cursor_over(bytes, len);
	bool known =
		jit_cursor_u64(&c) == MAGIC && jit_cursor_u32(&c) == FORMAT;
	uint64_t v = jit_cursor_u64(&c);
	size_t n = 0;

	jit_cursor_take(&c, 16); /* generated, flags */
	jit_cursor_string(&c, &n);
	jit_cursor_string(&c, &n);
	skip_sections(&c);
	if (!known || !jit_cursor_done(&c))
		return jit_fail(err, JIT_USAGE, "no whole revocation list");
	*version = v;
	return 0;
}
