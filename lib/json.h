/* json: the one canonical JSON of a ledger, and the door to jansson. */
#ifndef JIT_JSON_H
#define JIT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "canon.h"
#include "error.h"

#define JIT_JSON_EVENT (64 * 1024)    /* bytes of an event */
#define JIT_JSON_POLICY (1024 * 1024) /* bytes of one that holds a policy */

/* A JSON value; never defined, owned by a reference count. */
struct jit_json;

enum jit_json_kind {
	JIT_JSON_NULL,
	JIT_JSON_BOOL,
	JIT_JSON_NUMBER, /* an integer within +-JIT_JSON_INT */
	JIT_JSON_TEXT,
	JIT_JSON_LIST,
	JIT_JSON_OBJECT
};

/*
 * Decode canonical bytes: RFC 8785 restricted to what a ledger holds.
 * No white space, members sorted and unique with names [a-z0-9_-]{1,32},
 * integers within +-JIT_JSON_INT without -0, fraction or exponent, clean
 * text (text room), shortest escapes (only \" and \\), depth at most
 * JIT_JSON_DEPTH, at most 'max' bytes, an object or list at the top, nothing
 * after it. encode(decode(x)) == x for all that is accepted. JIT_USAGE:
 * "not JSON: ..." for bytes that RFC 8259 (with unique names, without NUL)
 * refuses, "not canonical: ... at byte N" for other spellings.
 */
int jit_json_decode(struct jit_json **out, const void *bytes, size_t len,
	size_t max, struct jit_error *err) JIT_CHECKED;

/*
 * Read what a person wrote: the same values and limits, in any white space,
 * order and escapes. The error names line and column. JIT_USAGE.
 */
int jit_json_read(struct jit_json **out, const void *bytes, size_t len,
	size_t max, struct jit_error *err) JIT_CHECKED;

/*
 * Read one value that another program wrote, as RFC 8259 has it: any names,
 * any text, numbers of any kind, the last of a name that is there twice.
 * What follows it is left; '*used' bytes were read. It is for looking only
 * and never becomes part of a ledger. JIT_USAGE.
 */
int jit_json_foreign(struct jit_json **out, size_t *used, const void *bytes,
	size_t len, struct jit_error *err) JIT_CHECKED;

/* Append the canonical bytes. 'indent' 0, or for people 2 spaces a level. */
void jit_json_encode(struct jit_buf *out, const struct jit_json *v, int indent);

/* New values; NULL when there is no memory. */
struct jit_json *jit_json_object(void);
struct jit_json *jit_json_list(void);

/*
 * Set a member (a value that is there is replaced) or append an element.
 * Taken values are owned by the object even on failure. false: no memory or
 * not such a value; a NULL value fails too, so that calls can be chained and
 * asked once.
 */
bool jit_json_set(struct jit_json *o, const char *name, struct jit_json *v);
bool jit_json_set_text(struct jit_json *o, const char *name, const char *s);
bool jit_json_set_int(struct jit_json *o, const char *name, int64_t n);
bool jit_json_set_bool(struct jit_json *o, const char *name, bool b);
bool jit_json_add(struct jit_json *list, struct jit_json *v);
bool jit_json_add_text(struct jit_json *list, const char *s);

/*
 * Looking; all borrowed. Members of what was decoded or read come in the
 * order of their names; of what was built here, in the order they were set.
 */
enum jit_json_kind jit_json_kind(const struct jit_json *v);
const char *jit_json_text(const struct jit_json *v); /* NULL: no text */
bool jit_json_int(int64_t *out, const struct jit_json *v);
bool jit_json_bool(bool *out, const struct jit_json *v);
size_t jit_json_count(const struct jit_json *v); /* elements or members */
const struct jit_json *jit_json_at(const struct jit_json *list, size_t i);
const struct jit_json *jit_json_get(const struct jit_json *o, const char *name);

/* Each member: start with iter NULL; returns NULL after the last. */
void *jit_json_next(const struct jit_json *o, void *iter, const char **name,
	const struct jit_json **v);

/* One more owner, and one less. NULL is fine. */
struct jit_json *jit_json_keep(const struct jit_json *v);
void jit_json_free(struct jit_json *v);

#endif
