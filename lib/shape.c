/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <string.h>

#include "name.h"
#include "shape.h"
#include "text.h"
#include "when.h"

#define MOST 4096 /* elements, where a table does not say */

/* A value that is read: by which member, and where it is. */
struct spot {
	const struct jit_json *v;
	const struct jit_member *m; /* of the table; NULL: the whole */
	const struct spot *up;      /* what it is in; NULL: nothing */
	const char *name;           /* NULL: it is element 'index' */
	size_t index;
};

struct reader {
	struct jit_arena *mem;
	struct jit_error *err;
	const char *where;
	bool spare; /* something is spelled that jit_shape_write leaves out */
	bool known; /* its texts were checked before */
};

/* "rules[2].max"; "" for the whole. */
static void
spell(struct jit_buf *b, const struct spot *at)
{
	if (at->up == NULL)
		return;
	spell(b, at->up);
	if (at->name == NULL)
		jit_buf_fmt(b, "[%zu]", at->index);
	else
		jit_buf_fmt(b, "%s%s", b->len > 0 ? "." : "", at->name);
}

/* Put the place before what went wrong: "policy: rules[2].max: ...". */
static int
fail_at(struct reader *r, const struct spot *at)
{
	struct jit_buf b = {0};

	spell(&b, at);
	jit_within(r->err, JIT_USAGE, "%s%s%s", r->where, b.len > 0 ? ": " : "",
		jit_buf_text(&b));
	jit_buf_free(&b);
	return JIT_USAGE;
}

static int
want_kind(struct reader *r, enum jit_json_kind kind, const struct spot *at)
{
	static const char *const names[] = {
		[JIT_JSON_NULL] = "null",
		[JIT_JSON_BOOL] = "true or false",
		[JIT_JSON_NUMBER] = "a number",
		[JIT_JSON_TEXT] = "a text",
		[JIT_JSON_LIST] = "a list",
		[JIT_JSON_OBJECT] = "an object",
	};

	if (jit_json_kind(at->v) == kind)
		return 0;
	jit_fail(r->err, JIT_USAGE, "%s is wanted here, not %s", names[kind],
		names[jit_json_kind(at->v)]);
	return fail_at(r, at);
}

/* A value that says no more than its absence would. */
static void
note_spare(struct reader *r, const struct spot *at, bool empty)
{
	if (empty && at->m != NULL && !at->m->required)
		r->spare = true;
}

/* Such a value, with as many elements as its member allows. */
static int
want_count(struct reader *r, enum jit_json_kind kind, const struct spot *at)
{
	int64_t max = at->m->max == 0 ? MOST : at->m->max;
	int64_t n = (int64_t)jit_json_count(at->v);
	int code = want_kind(r, kind, at);

	if (code != 0)
		return code;
	note_spare(r, at, n == 0);
	if (n >= at->m->min && n <= max)
		return 0;
	jit_fail(r->err, JIT_USAGE,
		"%" PRId64 " to %" PRId64
		" elements are wanted here, not %" PRId64,
		at->m->min, max, n);
	return fail_at(r, at);
}

/* Zeroed memory for the elements of a value that was counted. */
static int
get(void **out, struct reader *r, size_t count, size_t size)
{
	void *p;

	if (count == 0)
		return 0;
	p = jit_arena_get(r->mem, count * size);
	if (p == NULL) {
		jit_nomem(r->err);
		return JIT_TROUBLE;
	}
	*out = p;
	return 0;
}

/* Element 'i' of the list at 'up', of the same member unless 'm' is given. */
static struct spot
element(const struct spot *up, size_t i, const struct jit_member *m)
{
	return (struct spot){.v = jit_json_at(up->v, i),
		.m = m == NULL ? up->m : m,
		.up = up,
		.index = i};
}

static int read_members(void *out, struct reader *r,
	const struct jit_member *shape, const struct spot *at);

static int
read_text(void *out, struct reader *r, const struct spot *at)
{
	const char *s = jit_json_text(at->v);
	struct jit_buf quoted = {0};
	int code = want_kind(r, JIT_JSON_TEXT, at);

	if (code != 0)
		return code;
	if (at->m->check == NULL || r->known || at->m->check(s)) {
		*(const char **)out = s;
		return 0;
	}
	jit_text_quote(&quoted, s);
	jit_fail(r->err, JIT_USAGE, "%s is not %s", jit_buf_text(&quoted),
		at->m->expect == NULL ? "accepted" : at->m->expect);
	jit_buf_free(&quoted);
	return fail_at(r, at);
}

static int
read_int(void *out, struct reader *r, const struct spot *at)
{
	int64_t n = 0;
	int code = want_kind(r, JIT_JSON_NUMBER, at);

	if (code != 0)
		return code;
	if (jit_json_int(&n, at->v) && n >= at->m->min && n <= at->m->max) {
		*(int64_t *)out = n;
		note_spare(r, at, n == 0 && at->m->kind == JIT_INT);
		return 0;
	}
	jit_fail(r->err, JIT_USAGE,
		"%" PRId64 " is not within %" PRId64 " to %" PRId64, n,
		at->m->min, at->m->max);
	return fail_at(r, at);
}

static int
read_maybe(void *out, struct reader *r, const struct spot *at)
{
	struct jit_maybe *maybe = out;
	int code = read_int(&maybe->n, r, at);

	maybe->given = code == 0;
	return code;
}

static int
read_flag(void *out, struct reader *r, const struct spot *at)
{
	int code = want_kind(r, JIT_JSON_BOOL, at);

	if (code != 0)
		return code;
	jit_json_bool(out, at->v);
	note_spare(r, at, !*(const bool *)out);
	return 0;
}

static int
read_duration(void *out, struct reader *r, const struct spot *at)
{
	int code = want_kind(r, JIT_JSON_TEXT, at);

	if (code != 0)
		return code;
	if (jit_when_duration(out, jit_json_text(at->v), r->err) != 0)
		return fail_at(r, at);
	r->spare = true; /* "90m" and "1h30m" are one: not looked into */
	return 0;
}

static int
read_texts(void *out, struct reader *r, const struct spot *at)
{
	struct jit_texts *texts = out;
	struct spot here;
	size_t i, n = jit_json_count(at->v);
	void *inner = NULL;
	int code = want_count(r, JIT_JSON_LIST, at);

	if (code == 0)
		code = get(&inner, r, n, sizeof(*texts->at));
	texts->at = inner;
	for (i = 0; code == 0 && i < n; i++) {
		here = element(at, i, NULL);
		code = read_text(&texts->at[i], r, &here);
	}
	texts->count = code == 0 ? n : 0;
	return code;
}

/* The member that a list within a list or map has: the same, any length. */
static struct jit_member
unbounded(const struct jit_member *m)
{
	struct jit_member any = *m;

	any.min = any.max = 0;
	return any;
}

static int
read_lists(void *out, struct reader *r, const struct spot *at)
{
	struct jit_member any = unbounded(at->m);
	struct jit_lists *lists = out;
	struct spot here;
	size_t i, n = jit_json_count(at->v);
	void *inner = NULL;
	int code = want_count(r, JIT_JSON_LIST, at);

	if (code == 0)
		code = get(&inner, r, n, sizeof(*lists->at));
	lists->at = inner;
	for (i = 0; code == 0 && i < n; i++) {
		here = element(at, i, &any);
		code = read_texts(&lists->at[i], r, &here);
	}
	lists->count = code == 0 ? n : 0;
	return code;
}

static int
read_named(struct jit_named *out, struct reader *r, const struct spot *at)
{
	if (jit_name_want_label("name", at->name, r->err) != 0)
		return fail_at(r, at->up);
	out->name = at->name;
	return read_texts(&out->texts, r, at);
}

static int
read_map(void *out, struct reader *r, const struct spot *at)
{
	struct jit_member any = unbounded(at->m);
	struct spot here = {.m = &any, .up = at};
	struct jit_map *map = out;
	size_t i, n = jit_json_count(at->v);
	void *iter = NULL, *named = NULL;
	int code = want_count(r, JIT_JSON_OBJECT, at);

	if (code == 0)
		code = get(&named, r, n, sizeof(*map->at));
	map->at = named;
	for (i = 0; code == 0 && i < n; i++) {
		iter = jit_json_next(at->v, iter, &here.name, &here.v);
		code = read_named(&map->at[i], r, &here);
	}
	map->count = code == 0 ? n : 0;
	return code;
}

static int
read_rows(void *out, struct reader *r, const struct spot *at)
{
	struct jit_rows *rows = out;
	struct spot here;
	size_t i, n = jit_json_count(at->v);
	int code = want_count(r, JIT_JSON_LIST, at);

	if (code == 0)
		code = get(&rows->at, r, n, at->m->size);
	for (i = 0; code == 0 && i < n; i++) {
		here = element(at, i, NULL);
		code = read_members((char *)rows->at + i * at->m->size, r,
			at->m->inner, &here);
	}
	rows->count = code == 0 ? n : 0;
	return code;
}

static int
read_inner(void *out, struct reader *r, const struct spot *at)
{
	void *inner = NULL;
	int code = get(&inner, r, 1, at->m->size);

	if (code == 0)
		code = read_members(inner, r, at->m->inner, at);
	if (code == 0)
		memcpy(out, &inner, sizeof(inner)); /* any struct's pointer */
	return code;
}

static int
read_any(void *out, struct reader *r, const struct spot *at)
{
	(void)r;
	*(const struct jit_json **)out = at->v;
	return 0;
}

static int
read_later(void *out, struct reader *r, const struct spot *at)
{
	(void)out;
	jit_fail(r->err, JIT_USAGE,
		"not yet: this release does not enforce "
		"it, so it is refused");
	return fail_at(r, at);
}

static int (*const readers[])(void *out, struct reader *r,
	const struct spot *at) = {
	[JIT_TEXT] = read_text,
	[JIT_INT] = read_int,
	[JIT_MAYBE] = read_maybe,
	[JIT_FLAG] = read_flag,
	[JIT_DURATION] = read_duration,
	[JIT_TEXTS] = read_texts,
	[JIT_LISTS] = read_lists,
	[JIT_MAP] = read_map,
	[JIT_ROWS] = read_rows,
	[JIT_INNER] = read_inner,
	[JIT_ANY] = read_any,
	[JIT_LATER] = read_later,
};

/* "policy: unknown member 'foo' at rules[0]". */
static int
unknown(struct reader *r, const struct spot *at)
{
	struct jit_buf name = {0}, place = {0};

	jit_text_quote(&name, at->name);
	spell(&place, at->up);
	jit_fail(r->err, JIT_USAGE, "%s: unknown member %s%s%s", r->where,
		jit_buf_text(&name), place.len > 0 ? " at " : "",
		jit_buf_text(&place));
	jit_buf_free(&name);
	jit_buf_free(&place);
	return JIT_USAGE;
}

static int
want_required(struct reader *r, const struct jit_member *shape,
	const struct spot *at)
{
	const struct jit_member *m;

	for (m = shape; m->name != NULL; m++) {
		if (!m->required || jit_json_get(at->v, m->name) != NULL)
			continue;
		jit_fail(r->err, JIT_USAGE, "'%s' is missing", m->name);
		return fail_at(r, at);
	}
	return 0;
}

/* The member called 'name', or the end of the table. */
static const struct jit_member *
find(const struct jit_member *shape, const char *name)
{
	while (shape->name != NULL && strcmp(shape->name, name) != 0)
		shape++;
	return shape;
}

static int
read_members(void *out, struct reader *r, const struct jit_member *shape,
	const struct spot *at)
{
	struct spot here = {.up = at};
	void *iter = NULL;
	int code = want_kind(r, JIT_JSON_OBJECT, at);

	while (code == 0 &&
		(iter = jit_json_next(at->v, iter, &here.name, &here.v)) !=
			NULL) {
		here.m = find(shape, here.name);
		if (here.m->name == NULL)
			code = unknown(r, &here);
		else
			code = readers[here.m->kind](
				(char *)out + here.m->offset, r, &here);
	}
	return code == 0 ? want_required(r, shape, at) : code;
}

int
jit_shape_read(void *out, struct jit_arena *mem, const struct jit_member *shape,
	const struct jit_json *v, const char *where, struct jit_error *err)
{
	bool exact;

	return jit_shape_exact(&exact, out, mem, shape, v, where, err);
}

int
jit_shape_exact(bool *exact, void *out, struct jit_arena *mem,
	const struct jit_member *shape, const struct jit_json *v,
	const char *where, struct jit_error *err)
{
	struct reader r = {.mem = mem, .err = err, .where = where};
	struct spot top = {.v = v};
	int code = read_members(out, &r, shape, &top);

	*exact = code == 0 && !r.spare;
	return code;
}

int
jit_shape_again(void *out, struct jit_arena *mem,
	const struct jit_member *shape, const struct jit_json *v,
	const char *where, struct jit_error *err)
{
	struct reader r = {.mem = mem,
		.err = err,
		.where = where,
		.known = true};
	struct spot top = {.v = v};

	return read_members(out, &r, shape, &top);
}
