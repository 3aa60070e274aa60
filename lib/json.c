/* SPDX-License-Identifier: ISC */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "canon.h"
#include "json.h"
#include "text.h"

/* jansson's tree; NULL: 'e' and 'why' (its words, made safe) say why. */
static json_t *
parse(const char *p, size_t len, json_error_t *e, struct jit_buf *why)
{
	json_t *tree =
		json_loadb(p, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, e);

	if (tree == NULL)
		jit_text_escape(why, e->text, strlen(e->text));
	return tree;
}

/*
 * Say why bytes are refused: not even JSON, or only not canonical. A number
 * that does not fit jansson is JSON all the same (RFC 8259 section 6).
 */
static int
refuse(const struct jit_canon *fault, const char *p, size_t len,
	struct jit_error *err)
{
	struct jit_buf why = {0};
	json_error_t e = {0};
	json_t *tree = NULL;

	if (jit_canon_deep(p, len) == len)
		tree = parse(p, len, &e, &why);
	if (why.len > 0 && json_error_code(&e) != json_error_numeric_overflow)
		jit_fail(err, JIT_USAGE, "not JSON: %s at byte %d",
			jit_buf_text(&why), e.position);
	else
		jit_fail(err, JIT_USAGE, "not canonical: %s at byte %zu",
			fault->why, fault->at + 1);
	json_decref(tree);
	jit_buf_free(&why);
	return JIT_USAGE;
}

int
jit_json_decode(struct jit_json **out, const void *bytes, size_t len,
	size_t max, struct jit_error *err)
{
	const char *p = len == 0 ? "" : bytes;
	struct jit_canon fault = {0};
	json_t *tree;

	if (len > max)
		return jit_fail(err, JIT_USAGE,
			"not canonical: larger than %zu bytes", max);
	if (!jit_canon_scan(&fault, p, len))
		return refuse(&fault, p, len, err);
	tree = json_loadb(p, len, JSON_REJECT_DUPLICATES, NULL);
	if (tree == NULL)
		return jit_nomem(err); /* canonical, so it is JSON */
	*out = (struct jit_json *)tree;
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Put the members of 'o' in the order of their names. false: no memory. */
static bool
sort_members(json_t *o)
{
	size_t n = json_object_size(o), i = 0;
	json_t *sorted = json_object(), *v;
	const char **names = calloc(n + 1, sizeof(*names)), *name;
	bool done = sorted != NULL && names != NULL;

	if (done) {
		json_object_foreach(o, name, v) names[i++] = name;
		qsort(names, n, sizeof(*names), by_name);
	}
	for (i = 0; done && i < n; i++)
		done = json_object_set(sorted, names[i],
			       json_object_get(o, names[i])) == 0;
	if (done) {
		json_object_clear(o); /* frees the names */
		done = json_object_update(o, sorted) == 0;
	}
	free(names);
	json_decref(sorted);
	return done;
}

static int
no_name(const char *name, struct jit_error *err)
{
	struct jit_buf b = {0};

	jit_text_quote(&b, name);
	jit_fail(err, JIT_USAGE, "%s is " JIT_CANON_NAME, jit_buf_text(&b));
	jit_buf_free(&b);
	return JIT_USAGE;
}

/* Why a value that is no list or object is none of a ledger's, or NULL. */
static const char *
unfit(const json_t *v)
{
	json_int_t n = json_integer_value(v);

	if (json_is_real(v))
		return "a number with a fraction or an exponent";
	if (n > JIT_JSON_INT || n < -JIT_JSON_INT)
		return JIT_CANON_INT;
	if (json_is_string(v) &&
		!jit_text_clean(json_string_value(v), json_string_length(v)))
		return "a character that is not allowed (a control or an "
		       "invisible one)";
	return NULL;
}

/* Check a value that was read, and sort it; 'name' is the nearest member. */
static int
check(json_t *v, const char *name, struct jit_error *err)
{
	const char *why = unfit(v), *member;
	json_t *inner;
	size_t i;
	int r = 0;

	if (why != NULL) {
		jit_fail(err, JIT_USAGE, "%s", why);
		return name == NULL ? JIT_USAGE
				    : jit_within(err, JIT_USAGE, "'%s'", name);
	}
	json_array_foreach(v, i, inner)
	{
		if (r == 0)
			r = check(inner, name, err);
	}
	json_object_foreach(v, member, inner)
	{
		if (r == 0)
			r = jit_canon_name(member, strlen(member))
				? check(inner, member, err)
				: no_name(member, err);
	}
	if (r == 0 && json_is_object(v) && !sort_members(v))
		r = jit_nomem(err);
	return r;
}

static int
deep_at(const char *p, size_t at, struct jit_error *err)
{
	size_t i, line = 1, column = 1;

	for (i = 0; i < at; i++) {
		column = p[i] == '\n' ? 1 : column + ((p[i] & 0xc0) != 0x80);
		line += p[i] == '\n';
	}
	return jit_fail(err, JIT_USAGE,
		JIT_CANON_DEEP " at line %zu, column %zu", line, column);
}

int
jit_json_read(struct jit_json **out, const void *bytes, size_t len, size_t max,
	struct jit_error *err)
{
	const char *p = len == 0 ? "" : bytes;
	struct jit_buf why = {0};
	json_error_t e = {0};
	json_t *tree = NULL;
	int r;

	if (len > max)
		return jit_fail(err, JIT_USAGE, "larger than %zu bytes", max);
	if (jit_canon_deep(p, len) < len)
		return deep_at(p, jit_canon_deep(p, len), err);
	tree = parse(p, len, &e, &why);
	if (tree == NULL && why.len == 0)
		r = jit_nomem(err);
	else if (tree == NULL)
		r = jit_fail(err, JIT_USAGE,
			"not JSON: %s at line %d, column %d",
			jit_buf_text(&why), e.line, e.column);
	else if (!json_is_object(tree) && !json_is_array(tree))
		r = jit_fail(err, JIT_USAGE, JIT_CANON_TOP);
	else
		r = check(tree, NULL, err);
	if (r == 0) {
		*out = (struct jit_json *)tree;
		tree = NULL; /* transferred */
	}
	json_decref(tree);
	jit_buf_free(&why);
	return r;
}

int
jit_json_foreign(struct jit_json **out, size_t *used, const void *bytes,
	size_t len, struct jit_error *err)
{
	struct jit_buf why = {0};
	json_error_t e = {0};
	json_t *tree = json_loadb(len == 0 ? "" : bytes, len,
		JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, &e);

	if (tree == NULL) {
		jit_text_escape(&why, e.text, strlen(e.text));
		jit_fail(err, JIT_USAGE, "not JSON: %s", jit_buf_text(&why));
		jit_buf_free(&why);
		return JIT_USAGE;
	}
	*out = (struct jit_json *)tree;
	*used = (size_t)e.position;
	return 0;
}

/*
 * A struct jit_json is jansson's json_t under another name. Its reads take
 * no const in part, and its reference counts change where the value does not.
 */
static json_t *
tree_of(const struct jit_json *v)
{
	union {
		const struct jit_json *ours;
		json_t *janssons;
	} same = {.ours = v};

	return same.janssons;
}

static int
to_buf(const char *bytes, size_t len, void *buf)
{
	jit_buf_put(buf, bytes, len);
	return 0;
}

void
jit_json_encode(struct jit_buf *out, const struct jit_json *v, int indent)
{
	size_t flags = JSON_SORT_KEYS | JSON_ENCODE_ANY;

	flags |= indent > 0 ? JSON_INDENT(2) : JSON_COMPACT;
	if (json_dump_callback(tree_of(v), to_buf, out, flags) != 0)
		out->failed = true;
}

struct jit_json *
jit_json_object(void)
{
	return (struct jit_json *)json_object();
}

struct jit_json *
jit_json_list(void)
{
	return (struct jit_json *)json_array();
}

/* A text that jit_json_decode would take, or NULL. */
static struct jit_json *
new_text(const char *s)
{
	if (s == NULL || !jit_text_clean(s, strlen(s)))
		return NULL;
	return (struct jit_json *)json_string(s);
}

bool
jit_json_set(struct jit_json *o, const char *name, struct jit_json *v)
{
	if (!jit_canon_name(name, strlen(name))) {
		jit_json_free(v);
		return false;
	}
	return json_object_set_new(tree_of(o), name, tree_of(v)) == 0;
}

bool
jit_json_set_text(struct jit_json *o, const char *name, const char *s)
{
	return jit_json_set(o, name, new_text(s));
}

bool
jit_json_set_int(struct jit_json *o, const char *name, int64_t n)
{
	if (n > JIT_JSON_INT || n < -JIT_JSON_INT)
		return false;
	return jit_json_set(o, name, (struct jit_json *)json_integer(n));
}

bool
jit_json_set_bool(struct jit_json *o, const char *name, bool b)
{
	return jit_json_set(o, name, (struct jit_json *)json_boolean(b));
}

bool
jit_json_add(struct jit_json *list, struct jit_json *v)
{
	return json_array_append_new(tree_of(list), tree_of(v)) == 0;
}

bool
jit_json_add_text(struct jit_json *list, const char *s)
{
	return jit_json_add(list, new_text(s));
}

enum jit_json_kind
jit_json_kind(const struct jit_json *v)
{
	static const enum jit_json_kind kinds[] = {
		[JSON_OBJECT] = JIT_JSON_OBJECT,
		[JSON_ARRAY] = JIT_JSON_LIST,
		[JSON_STRING] = JIT_JSON_TEXT,
		[JSON_INTEGER] = JIT_JSON_NUMBER,
		[JSON_REAL] = JIT_JSON_NUMBER, /* none is ever let in */
		[JSON_TRUE] = JIT_JSON_BOOL,
		[JSON_FALSE] = JIT_JSON_BOOL,
		[JSON_NULL] = JIT_JSON_NULL,
	};

	return v == NULL ? JIT_JSON_NULL : kinds[json_typeof(tree_of(v))];
}

const char *
jit_json_text(const struct jit_json *v)
{
	return json_string_value(tree_of(v));
}

bool
jit_json_int(int64_t *out, const struct jit_json *v)
{
	if (!json_is_integer(tree_of(v)))
		return false;
	*out = json_integer_value(tree_of(v));
	return true;
}

bool
jit_json_bool(bool *out, const struct jit_json *v)
{
	if (!json_is_boolean(tree_of(v)))
		return false;
	*out = json_is_true(tree_of(v));
	return true;
}

size_t
jit_json_count(const struct jit_json *v)
{
	const json_t *t = tree_of(v);

	return json_is_array(t) ? json_array_size(t) : json_object_size(t);
}

const struct jit_json *
jit_json_at(const struct jit_json *list, size_t i)
{
	return (struct jit_json *)json_array_get(tree_of(list), i);
}

const struct jit_json *
jit_json_get(const struct jit_json *o, const char *name)
{
	return (struct jit_json *)json_object_get(tree_of(o), name);
}

void *
jit_json_next(const struct jit_json *o, void *iter, const char **name,
	const struct jit_json **v)
{
	if (iter == NULL)
		iter = json_object_iter(tree_of(o));
	else
		iter = json_object_iter_next(tree_of(o), iter);
	if (iter == NULL)
		return NULL;
	*name = json_object_iter_key(iter);
	*v = (struct jit_json *)json_object_iter_value(iter);
	return iter;
}

struct jit_json *
jit_json_keep(const struct jit_json *v)
{
	return (struct jit_json *)json_incref(tree_of(v));
}

void
jit_json_free(struct jit_json *v)
{
	json_decref(tree_of(v));
}
