/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "state_form.h"

void
jit_form_number(struct jit_buf *out, uint64_t n)
{
	unsigned char bytes[10];
	size_t len = 0;

	for (; n > 0x7f; n >>= 7)
		bytes[len++] = (unsigned char)(n | 0x80);
	bytes[len++] = (unsigned char)n;
	jit_buf_put(out, bytes, len);
}

static void
save_text(struct jit_buf *out, const char *s)
{
	size_t len = s ? strlen(s) : 0;

	jit_form_number(out, len);
	if (len > 0)
		jit_buf_put(out, s, len + 1);
}

static void
save_lists(struct jit_buf *out, const struct jit_lists *lists)
{
	size_t i, j;

	jit_form_number(out, lists->count);
	for (i = 0; i < lists->count; i++) {
		jit_form_number(out, lists->at[i].count);
		for (j = 0; j < lists->at[i].count; j++)
			save_text(out, lists->at[i].at[j]);
	}
}

static bool
is_none(const struct jit_pubkey *key)
{
	static const struct jit_pubkey none;

	return key->type == none.type &&
		memcmp(key->pk, none.pk, sizeof(none.pk)) == 0;
}

static void
save_key(struct jit_buf *out, const struct jit_pubkey *key)
{
	size_t len = strnlen(key->application, JIT_APPLICATION);

	if (is_none(key)) {
		jit_form_number(out, 0);
		return;
	}
	jit_form_number(out, (uint64_t)key->type + 1);
	jit_buf_put(out, key->pk, sizeof(key->pk));
	jit_form_number(out, len);
	jit_buf_put(out, key->application, len);
}

void
jit_form_save(struct jit_buf *out, const struct jit_field *f, const void *from)
{
	const char *p;
	size_t len;

	for (; f->form != JIT_FORM_LAST; f++) {
		p = (const char *)from + f->offset;
		switch (f->form) {
		case JIT_FORM_TEXT:
			save_text(out, *(const char *const *)p);
			break;
		case JIT_FORM_CHARS:
			len = strnlen(p, f->size);
			jit_form_number(out, len);
			jit_buf_put(out, p, len);
			break;
		case JIT_FORM_NUMBER:
			jit_form_number(out, (uint64_t) * (const int64_t *)p);
			break;
		case JIT_FORM_KIND:
			jit_form_number(out, *(const unsigned int *)p);
			break;
		case JIT_FORM_KEY:
			save_key(out, (const struct jit_pubkey *)p);
			break;
		case JIT_FORM_LISTS:
			save_lists(out, (const struct jit_lists *)p);
			break;
		case JIT_FORM_RAW:
		case JIT_FORM_LAST:
			jit_buf_put(out, p, f->size);
			break;
		}
	}
}

uint64_t
jit_form_take(struct jit_cursor *c)
{
	unsigned int shift;
	uint64_t n = 0;
	uint8_t byte;

	if (!c->bad && c->left > 0 && *c->p < 0x80) { /* nearly all are */
		c->left--;
		return *c->p++;
	}
	for (shift = 0; shift < 63; shift += 7) {
		byte = jit_cursor_u8(c);
		n |= (uint64_t)(byte & 0x7f) << shift;
		if (c->bad)
			return 0;
		if (byte < 0x80)
			return n;
	}
	c->bad = true;
	return 0;
}

size_t
jit_form_count(struct jit_cursor *c, size_t least)
{
	uint64_t n = jit_form_take(c);

	if (n > c->left / least)
		c->bad = true;
	return c->bad ? 0 : (size_t)n;
}

const char *
jit_form_text(size_t *len, struct jit_cursor *c)
{
	size_t n = jit_form_count(c, 1);
	const unsigned char *p;

	*len = n;
	if (c->bad || n == 0)
		return NULL;
	p = jit_cursor_take(c, n + 1);
	if (!c->bad && memchr(p, '\0', n + 1) != p + n)
		c->bad = true;
	return c->bad ? NULL : (const char *)p;
}

static void
load_chars(char *to, size_t size, struct jit_cursor *c)
{
	size_t n = jit_form_count(c, 1);
	const unsigned char *p = jit_cursor_take(c, n);

	if (c->bad || n >= size || memchr(p, '\0', n))
		c->bad = true;
	else
		memcpy(to, p, n);
}

static void
load_key(struct jit_pubkey *key, struct jit_cursor *c)
{
	uint64_t type = jit_form_take(c);
	const unsigned char *pk;

	if (type == 0)
		return;
	pk = jit_cursor_take(c, sizeof(key->pk));
	if (c->bad || type - 1 > JIT_SK_ED25519) {
		c->bad = true;
		return;
	}
	key->type = (enum jit_key_type)(type - 1);
	memcpy(key->pk, pk, sizeof(key->pk));
	load_chars(key->application, sizeof(key->application), c);
}

static void
load_number(int64_t *to, struct jit_cursor *c)
{
	uint64_t n = jit_form_take(c);

	if (n > JIT_JSON_INT)
		c->bad = true;
	else
		*to = (int64_t)n;
}

static void
load_kind(unsigned int *to, struct jit_cursor *c)
{
	uint64_t n = jit_form_take(c);

	if (n > 0xff)
		c->bad = true;
	else
		*to = (unsigned int)n;
}

static void
load_texts(struct jit_texts *to, struct jit_arena *mem, struct jit_cursor *c)
{
	size_t i, len, n = jit_form_count(c, 2);

	to->at = jit_arena_get(mem, n * sizeof(*to->at) + 1);
	if (!to->at)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++) {
		to->at[i] = jit_form_text(&len, c);
		if (!to->at[i])
			c->bad = true;
	}
	to->count = c->bad ? 0 : n;
}

/* Others count on it that they are no more than an event can have. */
static void
load_lists(struct jit_lists *to, struct jit_arena *mem, struct jit_cursor *c)
{
	size_t i, n = jit_form_count(c, 1);

	if (n == 0)
		return;
	to->at = n > JIT_ACTIONS_MAX ? NULL
				     : jit_arena_get(mem, n * sizeof(*to->at));
	if (!to->at)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++)
		load_texts(&to->at[i], mem, c);
	to->count = c->bad ? 0 : n;
}

void
jit_form_load(void *to, struct jit_arena *mem, const struct jit_field *f,
	struct jit_cursor *c)
{
	const unsigned char *raw;
	size_t len;
	char *p;

	for (; f->form != JIT_FORM_LAST && !c->bad; f++) {
		p = (char *)to + f->offset;
		switch (f->form) {
		case JIT_FORM_TEXT:
			*(const char **)p = jit_form_text(&len, c);
			break;
		case JIT_FORM_CHARS:
			load_chars(p, f->size, c);
			break;
		case JIT_FORM_NUMBER:
			load_number((int64_t *)p, c);
			break;
		case JIT_FORM_KIND:
			load_kind((unsigned int *)p, c);
			break;
		case JIT_FORM_KEY:
			load_key((struct jit_pubkey *)p, c);
			break;
		case JIT_FORM_LISTS:
			load_lists((struct jit_lists *)p, mem, c);
			break;
		case JIT_FORM_RAW:
		case JIT_FORM_LAST:
			raw = jit_cursor_take(c, f->size);
			if (raw)
				memcpy(p, raw, f->size);
			break;
		}
	}
}
