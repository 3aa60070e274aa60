/* state_form: how a saved state's structs become bytes, by their tables. */
#ifndef JIT_STATE_FORM_H
#define JIT_STATE_FORM_H

#include "state.h"

/*
 * Each struct by a table of its fields, so that what is saved and what is
 * loaded cannot drift apart. Small, since a writer puts down all of it each
 * time, and read where it lies: texts are borrowed from the bytes, which must
 * live as long. Numbers and lengths are LEB128 (least seven bits first).
 */
enum jit_form {
	JIT_FORM_TEXT,   /* const char *; a length, bytes, NUL; 0: NULL */
	JIT_FORM_CHARS,  /* char[size], a text; a length, bytes */
	JIT_FORM_NUMBER, /* int64_t, 0 to JIT_JSON_INT */
	JIT_FORM_KIND,   /* an enum */
	JIT_FORM_RAW,    /* 'size' bytes */
	JIT_FORM_KEY,    /* struct jit_pubkey; 0: none */
	JIT_FORM_LISTS,  /* struct jit_lists */
	JIT_FORM_LAST
};

struct jit_field {
	enum jit_form form;
	size_t offset;
	size_t size;
};

void jit_form_number(struct jit_buf *out, uint64_t n);
void jit_form_save(struct jit_buf *out, const struct jit_field *f,
	const void *from);

/*
 * A number; how many elements follow, none smaller than 'least' bytes (0 and
 * c->bad where they cannot be there); a text. On damage c->bad is set.
 */
uint64_t jit_form_take(struct jit_cursor *c);
size_t jit_form_count(struct jit_cursor *c, size_t least);
const char *jit_form_text(size_t *len, struct jit_cursor *c);

/* Into a zeroed struct; what lists need is in 'mem'. */
void jit_form_load(void *to, struct jit_arena *mem, const struct jit_field *f,
	struct jit_cursor *c);

#endif
