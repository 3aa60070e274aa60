/* arena: memory of many small values that live and die together. */
#ifndef JIT_ARENA_H
#define JIT_ARENA_H

#include <stddef.h>

struct jit_chunk;

/* Start with = {0}. Moving the struct is fine; copying it is not. */
struct jit_arena {
	struct jit_chunk *head;
};

/* 'size' zeroed bytes aligned for anything, or NULL when there are none. */
void *jit_arena_get(struct jit_arena *a, size_t size);

/* A NUL-terminated copy of 'len' bytes; NULL when there is no memory. */
char *jit_arena_dup(struct jit_arena *a, const char *s, size_t len);

/* jit_arena_dup of a whole string; NULL in, NULL out. */
char *jit_arena_str(struct jit_arena *a, const char *s);

void jit_arena_free(struct jit_arena *a);

/*
 * Memory from malloc that all of will be written soon: have its pages at
 * once. One by one they cost a trap each, which a virtual machine feels.
 */
void jit_arena_ready(void *p, size_t size);

#endif
