/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "shape.h"
#include "when.h"

/*
 * Each kind has a writer, which adds the member 'm' with what is at 'p' to
 * 'o', unless it may be left out. false: no memory, or not such a value.
 */
static bool write_members(struct jit_json *o, const struct jit_member *shape,
	const void *in);

static struct jit_json *
text_list(const struct jit_texts *texts)
{
	struct jit_json *list = jit_json_list();
	bool good = list != NULL;
	size_t i;

	for (i = 0; good && i < texts->count; i++)
		good = jit_json_add_text(list, texts->at[i]);
	if (good)
		return list;
	jit_json_free(list);
	return NULL;
}

static bool
write_text(struct jit_json *o, const struct jit_member *m, const void *p)
{
	const char *s = *(const char *const *)p;

	if (s == NULL && !m->required)
		return true;
	return jit_json_set_text(o, m->name, s);
}

static bool
write_int(struct jit_json *o, const struct jit_member *m, const void *p)
{
	int64_t n = *(const int64_t *)p;

	if (n == 0 && !m->required)
		return true;
	return jit_json_set_int(o, m->name, n);
}

static bool
write_maybe(struct jit_json *o, const struct jit_member *m, const void *p)
{
	const struct jit_maybe *maybe = p;

	return !maybe->given || jit_json_set_int(o, m->name, maybe->n);
}

static bool
write_flag(struct jit_json *o, const struct jit_member *m, const void *p)
{
	bool b = *(const bool *)p;

	if (!b && !m->required)
		return true;
	return jit_json_set_bool(o, m->name, b);
}

static bool
write_duration(struct jit_json *o, const struct jit_member *m, const void *p)
{
	int64_t seconds = *(const int64_t *)p;
	struct jit_buf b = {0};
	bool good;

	if (seconds == 0 && !m->required)
		return true;
	jit_when_spell(&b, seconds);
	good = !b.failed && jit_json_set_text(o, m->name, jit_buf_text(&b));
	jit_buf_free(&b);
	return good;
}

static bool
write_texts(struct jit_json *o, const struct jit_member *m, const void *p)
{
	const struct jit_texts *texts = p;

	if (texts->count == 0 && !m->required)
		return true;
	return jit_json_set(o, m->name, text_list(texts));
}

static bool
write_lists(struct jit_json *o, const struct jit_member *m, const void *p)
{
	const struct jit_lists *lists = p;
	struct jit_json *list;
	bool good;
	size_t i;

	if (lists->count == 0 && !m->required)
		return true;
	list = jit_json_list();
	good = list != NULL;
	for (i = 0; good && i < lists->count; i++)
		good = jit_json_add(list, text_list(&lists->at[i]));
	if (good)
		return jit_json_set(o, m->name, list);
	jit_json_free(list);
	return false;
}

static bool
write_map(struct jit_json *o, const struct jit_member *m, const void *p)
{
	const struct jit_map *map = p;
	struct jit_json *named;
	bool good;
	size_t i;

	if (map->count == 0 && !m->required)
		return true;
	named = jit_json_object();
	good = named != NULL;
	for (i = 0; good && i < map->count; i++)
		good = jit_json_set(named, map->at[i].name,
			text_list(&map->at[i].texts));
	if (good)
		return jit_json_set(o, m->name, named);
	jit_json_free(named);
	return false;
}

/* A new object of a shape, or NULL. */
static struct jit_json *
object_of(const struct jit_member *shape, const void *in)
{
	struct jit_json *o = jit_json_object();

	if (o != NULL && write_members(o, shape, in))
		return o;
	jit_json_free(o);
	return NULL;
}

static bool
write_rows(struct jit_json *o, const struct jit_member *m, const void *p)
{
	const struct jit_rows *rows = p;
	struct jit_json *list;
	const char *row;
	bool good;
	size_t i;

	if (rows->count == 0 && !m->required)
		return true;
	list = jit_json_list();
	good = list != NULL;
	for (i = 0; good && i < rows->count; i++) {
		row = (const char *)rows->at + i * m->size;
		good = jit_json_add(list, object_of(m->inner, row));
	}
	if (good)
		return jit_json_set(o, m->name, list);
	jit_json_free(list);
	return false;
}

static bool
write_inner(struct jit_json *o, const struct jit_member *m, const void *p)
{
	const void *inner = NULL;

	memcpy(&inner, p, sizeof(inner)); /* any struct's pointer */
	if (inner == NULL)
		return !m->required;
	return jit_json_set(o, m->name, object_of(m->inner, inner));
}

static bool
write_any(struct jit_json *o, const struct jit_member *m, const void *p)
{
	const struct jit_json *v = *(const struct jit_json *const *)p;

	if (v == NULL)
		return !m->required;
	return jit_json_set(o, m->name, jit_json_keep(v));
}

static bool
write_later(struct jit_json *o, const struct jit_member *m, const void *p)
{
	(void)o;
	(void)m;
	(void)p;
	return true;
}

static bool (*const writers[])(struct jit_json *, const struct jit_member *,
	const void *) = {
	[JIT_TEXT] = write_text,
	[JIT_INT] = write_int,
	[JIT_MAYBE] = write_maybe,
	[JIT_FLAG] = write_flag,
	[JIT_DURATION] = write_duration,
	[JIT_TEXTS] = write_texts,
	[JIT_LISTS] = write_lists,
	[JIT_MAP] = write_map,
	[JIT_ROWS] = write_rows,
	[JIT_INNER] = write_inner,
	[JIT_ANY] = write_any,
	[JIT_LATER] = write_later,
};

static bool
write_members(struct jit_json *o, const struct jit_member *shape,
	const void *in)
{
	const struct jit_member *m;

	for (m = shape; m->name != NULL; m++)
		if (!writers[m->kind](o, m, (const char *)in + m->offset))
			return false;
	return true;
}

int
jit_shape_write(struct jit_json *o, const struct jit_member *shape,
	const void *in, struct jit_error *err)
{
	if (!write_members(o, shape, in))
		return jit_fail(err, JIT_TROUBLE,
			"no memory, or a value that no ledger holds");
	return 0;
}

static bool
copy_texts(struct jit_texts *out, struct jit_arena *mem,
	const struct jit_texts *texts)
{
	size_t i;

	out->at = jit_arena_get(mem, texts->count * sizeof(*out->at) + 1);
	for (i = 0; out->at && i < texts->count; i++) {
		out->at[i] = jit_arena_str(mem, texts->at[i]);
		if (!out->at[i])
			return false;
	}
	out->count = texts->count;
	return out->at != NULL;
}

int
jit_shape_copy(struct jit_lists *out, struct jit_arena *mem,
	const struct jit_lists *lists, struct jit_error *err)
{
	struct jit_lists copy = {.count = lists->count};
	size_t i;

	copy.at = jit_arena_get(mem, copy.count * sizeof(*copy.at) + 1);
	if (!copy.at)
		return jit_nomem(err);
	for (i = 0; i < copy.count; i++)
		if (!copy_texts(&copy.at[i], mem, &lists->at[i]))
			return jit_nomem(err);
	*out = copy;
	return 0;
}

bool
jit_shape_same(const struct jit_texts *a, const struct jit_texts *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->at[i], b->at[i]) != 0)
			return false;
	return true;
}
