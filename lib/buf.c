/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define CAP_FIRST 64
#define CAP_MAX ((size_t)1 << 30) /* nothing that jit reads is near this */

static void
wipe(void *p, size_t len)
{
	if (p != NULL)
		explicit_bzero(p, len);
}

/* Move to 'cap' bytes. Never realloc: it leaves the old bytes behind. */
static bool
move(struct jit_buf *b, size_t cap)
{
	unsigned char *data;

	data = malloc(cap);
	if (data == NULL)
		return false;
	if (b->len > 0)
		memcpy(data, b->data, b->len);
	data[b->len] = '\0';
	wipe(b->data, b->cap);
	if (!b->lent)
		free(b->data);
	b->lent = false;
	b->data = data;
	b->cap = cap;
	return true;
}

/* Make place for 'more' bytes and the NUL after them. */
static bool
reserve(struct jit_buf *b, size_t more)
{
	size_t need, cap;

	if (b->failed)
		return false;
	if (more >= CAP_MAX - b->len) {
		b->failed = true;
		return false;
	}
	need = b->len + more + 1;
	if (need <= b->cap)
		return true;
	cap = b->cap > 0 ? b->cap : CAP_FIRST;
	while (cap < need)
		cap *= 2;
	b->failed = !move(b, cap);
	return !b->failed;
}

struct jit_buf
jit_buf_over(void *place, size_t size)
{
	*(unsigned char *)place = '\0';
	return (struct jit_buf){.data = place, .cap = size, .lent = true};
}

void
jit_buf_put(struct jit_buf *b, const void *bytes, size_t len)
{
	if (!reserve(b, len))
		return;
	if (len > 0)
		memcpy(b->data + b->len, bytes, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
jit_buf_str(struct jit_buf *b, const char *s)
{
	jit_buf_put(b, s, strlen(s));
}

void
jit_buf_fmt(struct jit_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if (!reserve(b, (size_t)n))
		return;
	va_start(ap, fmt);
	vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
jit_buf_u8(struct jit_buf *b, uint8_t v)
{
	jit_buf_put(b, &v, 1);
}

/* The low 'size' bytes of 'v', highest first. */
static void
put_be(struct jit_buf *b, uint64_t v, size_t size)
{
	unsigned char bytes[8];
	size_t i;

	for (i = size; i > 0; i--, v >>= 8)
		bytes[i - 1] = (unsigned char)(v & 0xff);
	jit_buf_put(b, bytes, size);
}

void
jit_buf_u32(struct jit_buf *b, uint32_t v)
{
	put_be(b, v, 4);
}

void
jit_buf_u64(struct jit_buf *b, uint64_t v)
{
	put_be(b, v, 8);
}

void
jit_buf_string(struct jit_buf *b, const void *bytes, size_t len)
{
	if (len >= CAP_MAX) {
		b->failed = true;
		return;
	}
	jit_buf_u32(b, (uint32_t)len);
	jit_buf_put(b, bytes, len);
}

void
jit_buf_cstring(struct jit_buf *b, const char *s)
{
	jit_buf_string(b, s, strlen(s));
}

const char *
jit_buf_text(const struct jit_buf *b)
{
	return b->data != NULL ? (const char *)b->data : "";
}

int
jit_buf_failed(const struct jit_buf *b, struct jit_error *err)
{
	return b->failed ? jit_nomem(err) : 0;
}

/* A failure stays: what could not be put is not forgotten by a reset. */
void
jit_buf_reset(struct jit_buf *b)
{
	wipe(b->data, b->cap);
	b->len = 0;
}

void
jit_buf_free(struct jit_buf *b)
{
	if (b == NULL)
		return;
	wipe(b->data, b->cap);
	if (!b->lent)
		free(b->data);
	*b = (struct jit_buf){0};
}

struct jit_cursor
jit_cursor_over(const void *bytes, size_t len)
{
	struct jit_cursor c = {.p = bytes, .left = len};

	if (bytes == NULL) {
		c.p = (const unsigned char *)"";
		c.bad = len > 0;
		c.left = 0;
	}
	return c;
}

const unsigned char *
jit_cursor_take(struct jit_cursor *c, size_t len)
{
	const unsigned char *p = c->p;

	if (c->bad || len > c->left) {
		c->bad = true;
		return NULL;
	}
	c->p += len;
	c->left -= len;
	return p;
}

static uint64_t
take_be(struct jit_cursor *c, size_t size)
{
	const unsigned char *p;
	uint64_t v = 0;
	size_t i;

	p = jit_cursor_take(c, size);
	for (i = 0; p != NULL && i < size; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t
jit_cursor_u8(struct jit_cursor *c)
{
	return (uint8_t)take_be(c, 1);
}

uint32_t
jit_cursor_u32(struct jit_cursor *c)
{
	return (uint32_t)take_be(c, 4);
}

uint64_t
jit_cursor_u64(struct jit_cursor *c)
{
	return take_be(c, 8);
}

const unsigned char *
jit_cursor_string(struct jit_cursor *c, size_t *len)
{
	const unsigned char *p;
	size_t n;

	n = jit_cursor_u32(c);
	p = jit_cursor_take(c, n);
	*len = p != NULL ? n : 0;
	return p != NULL ? p : (const unsigned char *)"";
}

bool
jit_cursor_done(const struct jit_cursor *c)
{
	return !c->bad && c->left == 0;
}
