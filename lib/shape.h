/* shape: tables that say which members an object has, and read it by them. */
#ifndef JIT_SHAPE_H
#define JIT_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "error.h"
#include "json.h"

/* A list of texts, as in {"roles": ["read", "admin"]}. */
struct jit_texts {
	size_t count;
	const char **at;
};

/* A list of lists of texts, as in {"actions": [["/bin/ls", "-l"]]}. */
struct jit_lists {
	size_t count;
	struct jit_texts *at;
};

/* An object with free names, each a list: {"groups": {"dba": [...]}}. */
struct jit_named {
	const char *name;
	struct jit_texts texts;
};
struct jit_map {
	size_t count;
	struct jit_named *at; /* in the order of their names */
};

/* A list of objects of one shape; 'at' points to 'count' structs. */
struct jit_rows {
	size_t count;
	void *at;
};

/* A number that may be left out. */
struct jit_maybe {
	bool given;
	int64_t n;
};

enum jit_kind {
	JIT_TEXT,     /* const char *; 'check' if there is one */
	JIT_INT,      /* int64_t within min..max */
	JIT_MAYBE,    /* struct jit_maybe, the same where 0 is not absence */
	JIT_FLAG,     /* bool */
	JIT_DURATION, /* int64_t seconds, spelled "30m" */
	JIT_TEXTS,    /* struct jit_texts; 'check' on each */
	JIT_LISTS,    /* struct jit_lists; 'check' on each text */
	JIT_MAP,      /* struct jit_map; label names, 'check' on each text */
	JIT_ROWS,     /* struct jit_rows of 'inner', each 'size' bytes */
	JIT_INNER,    /* a struct of shape 'inner' behind a pointer or NULL */
	JIT_ANY,      /* const struct jit_json *, kept as it is (borrowed) */
	JIT_LATER     /* a member of the design that is refused: "not yet" */
};

/* A table ends with a member whose name is NULL. */
struct jit_member {
	const char *name;
	enum jit_kind kind;
	bool required;
	size_t offset;
	bool (*check)(const char *s); /* texts: what is accepted */
	const char *expect;           /* texts: what that is, in words */
	int64_t min, max; /* ints: bounds; lists, maps, rows: fewest, most
			     elements (max 0: 4096) */
	const struct jit_member *inner;
	size_t size;
};

/*
 * Read 'v' into the struct at 'out' (zeroed before; absent members stay
 * zero), its memory in 'mem', texts borrowed from 'v' except DURATION.
 * 'where' names the place in errors ("policy", "event"), to which members
 * and indices are added: "policy: rules[2].max: ...". An unknown member, a
 * missing one, a wrong kind: JIT_USAGE.
 */
int jit_shape_read(void *out, struct jit_arena *mem,
	const struct jit_member *shape, const struct jit_json *v,
	const char *where, struct jit_error *err) JIT_CHECKED;

/*
 * The same, and whether jit_shape_write would make 'v' again, member by
 * member. Where '*exact' is false it may or may not.
 */
int jit_shape_exact(bool *exact, void *out, struct jit_arena *mem,
	const struct jit_member *shape, const struct jit_json *v,
	const char *where, struct jit_error *err) JIT_CHECKED;

/*
 * As jit_shape_read, of what was read before and is the same: the grammar of
 * texts is not asked again.
 */
int jit_shape_again(void *out, struct jit_arena *mem,
	const struct jit_member *shape, const struct jit_json *v,
	const char *where, struct jit_error *err) JIT_CHECKED;

/*
 * The other way: add each member that is there to the object 'o'. A text
 * that is NULL, an int that is 0 or not given, an empty list, an inner that
 * is NULL and a flag that is false are left out unless required.
 * JIT_TROUBLE: no memory.
 */
int jit_shape_write(struct jit_json *o, const struct jit_member *shape,
	const void *in, struct jit_error *err) JIT_CHECKED;

/* Whether two lists have the same texts in the same order. */
bool jit_shape_same(const struct jit_texts *a, const struct jit_texts *b);

/* A copy of lists, all of it in 'mem'. JIT_TROUBLE: no memory. */
int jit_shape_copy(struct jit_lists *out, struct jit_arena *mem,
	const struct jit_lists *lists, struct jit_error *err) JIT_CHECKED;

#endif
