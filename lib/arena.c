/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"

#define CHUNK_FIRST ((size_t)512) /* bytes; each is twice the one before */
#define CHUNK_MOST ((size_t)8192)
#define GET_MAX ((size_t)1 << 30)   /* nothing that jit reads is near this */
#define READY_LEAST ((size_t)65536) /* below, it is not worth a call */
#define ALIGN alignof(max_align_t)

struct jit_chunk {
	struct jit_chunk *next;
	size_t used, size;
	alignas(max_align_t) unsigned char bytes[];
};

static struct jit_chunk *
chunk_new(size_t size)
{
	struct jit_chunk *c;

	c = calloc(1, sizeof(*c) + size);
	if (c != NULL)
		c->size = size;
	return c;
}

/* What an ordinary chunk has: little for an arena that holds little. */
static size_t
next_size(const struct jit_chunk *head, size_t wanted)
{
	size_t size = head == NULL ? CHUNK_FIRST : 2 * head->size;

	while (size < 2 * wanted)
		size *= 2;
	return size < CHUNK_MOST ? size : CHUNK_MOST;
}

/* A large value gets a chunk of its own, behind the head that is in use. */
static struct jit_chunk *
chunk_add(struct jit_arena *a, size_t size)
{
	bool large = size > CHUNK_MOST / 4;
	struct jit_chunk *c;

	c = chunk_new(large ? size : next_size(a->head, size));
	if (c == NULL)
		return NULL;
	if (large && a->head != NULL) {
		c->next = a->head->next;
		a->head->next = c;
	} else {
		c->next = a->head;
		a->head = c;
	}
	return c;
}

void *
jit_arena_get(struct jit_arena *a, size_t size)
{
	struct jit_chunk *c = a->head;
	void *p;

	if (size > GET_MAX)
		return NULL;
	size = size > 0 ? (size + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
	if (c == NULL || size > c->size - c->used)
		c = chunk_add(a, size);
	if (c == NULL)
		return NULL;
	p = c->bytes + c->used;
	c->used += size;
	return p;
}

char *
jit_arena_dup(struct jit_arena *a, const char *s, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		return NULL;
	copy = jit_arena_get(a, len + 1);
	if (copy != NULL && len > 0)
		memcpy(copy, s, len);
	return copy;
}

char *
jit_arena_str(struct jit_arena *a, const char *s)
{
	return s != NULL ? jit_arena_dup(a, s, strlen(s)) : NULL;
}

void
jit_arena_ready(void *p, size_t size)
{
#ifdef MADV_POPULATE_WRITE
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = ((uintptr_t)p + page - 1) / page * page;
	uintptr_t to = ((uintptr_t)p + size) / page * page;

	if (to > from + READY_LEAST) /* an old kernel refuses: no harm */
		(void)madvise((void *)from, to - from, MADV_POPULATE_WRITE);
#else
	(void)p;
	(void)size;
#endif
}

void
jit_arena_free(struct jit_arena *a)
{
	struct jit_chunk *c, *next;

	if (a == NULL)
		return;
	for (c = a->head; c != NULL; c = next) {
		next = c->next;
		explicit_bzero(c->bytes, c->used);
		free(c);
	}
	a->head = NULL;
}
