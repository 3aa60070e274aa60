/* SPDX-License-Identifier: ISC */
#include "survey.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "text.h"

const char *const survey_own[] = {"cas", "certs", "groups", "keys", "sudoers",
	"uid0", NULL};

int
survey_add(struct survey *v, const char *name, struct jit_error *err)
{
	if (survey_get(v, name))
		return jit_fail(err, JIT_USAGE, "'%s' is named twice", name);
	if (v->count == SURVEY_MAX)
		return jit_fail(err, JIT_USAGE,
			"more than %d surfaces: name some", SURVEY_MAX);
	v->at[v->count++].name = name;
	return 0;
}

struct surface *
survey_get(struct survey *v, const char *name)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		if (strcmp(v->at[i].name, name) == 0)
			return &v->at[i];
	return NULL;
}

/* Room for one more of 'size' bytes; false: no memory. */
static bool
grow(void **list, size_t count, size_t *cap, size_t size)
{
	size_t more = *cap ? 2 * *cap : 16;
	void *p;

	if (count < *cap)
		return true;
	p = reallocarray(*list, more, size);
	if (!p)
		return false;
	*list = p;
	*cap = more;
	return true;
}

/* A copy that JSON may hold: names are anybody's. */
static const char *
keep(struct survey *v, const char *text)
{
	struct jit_buf shown = {0};
	const char *copy;

	if (jit_text_clean(text, strlen(text)))
		return jit_arena_str(&v->mem, text);
	jit_text_escape(&shown, text, strlen(text));
	copy = shown.failed ? NULL
			    : jit_arena_str(&v->mem, jit_buf_text(&shown));
	jit_buf_free(&shown);
	return copy;
}

void
survey_found(struct survey *v, struct surface *x, const char *what,
	const char *who)
{
	struct finding f = {.what = keep(v, what), .who = keep(v, who)};
	void *list = x->found;

	if (!f.what || !f.who || !grow(&list, x->count, &x->cap, sizeof(f))) {
		v->failed = true;
		return;
	}
	x->found = list;
	x->found[x->count++] = f;
}

void
survey_missed(struct survey *v, struct surface *x, const char *fmt, ...)
{
	void *list = x->unseen;
	char text[1200];
	const char *copy;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	copy = keep(v, text);
	if (!copy ||
		!grow(&list, x->missed, &x->unseen_cap, sizeof(*x->unseen))) {
		v->failed = true;
		return;
	}
	x->unseen = list;
	x->unseen[x->missed++] = copy;
}

/* -- In order -------------------------------------------------------------- */

static int
by_words(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int n = strcmp(x->what, y->what);

	return n ? n : strcmp(x->who, y->who);
}

static int
by_name(const void *a, const void *b)
{
	const struct surface *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* The salt, then each finding's two texts, a NUL after each. */
static int
seal(struct surface *x, struct jit_error *err)
{
	unsigned char salt[SURVEY_SALT];
	struct jit_buf bytes = {0};
	size_t i;
	int rc;

	jit_random(salt, sizeof(salt));
	jit_hex(x->salt, salt, sizeof(salt));
	jit_buf_put(&bytes, salt, sizeof(salt));
	for (i = 0; i < x->count; i++) {
		jit_buf_put(&bytes, x->found[i].what,
			strlen(x->found[i].what) + 1);
		jit_buf_put(&bytes, x->found[i].who,
			strlen(x->found[i].who) + 1);
	}
	rc = jit_buf_failed(&bytes, err);
	if (rc == 0)
		jit_sha256_hex(x->digest, bytes.data, bytes.len);
	jit_buf_free(&bytes);
	return rc;
}

int
survey_close(struct survey *v, struct jit_error *err)
{
	size_t i;
	int rc = v->failed ? jit_nomem(err) : 0;

	for (i = 0; rc == 0 && i < v->count; i++) {
		if (v->at[i].count)
			qsort(v->at[i].found, v->at[i].count,
				sizeof(struct finding), by_words);
		rc = seal(&v->at[i], err);
	}
	qsort(v->at, v->count, sizeof(struct surface), by_name);
	return rc;
}

const char *
survey_seen(const struct surface *x)
{
	if (x->missed == 0)
		return "all";
	return x->count ? "part" : "none";
}

/* -- What is said ---------------------------------------------------------- */

static bool
say_finding(const struct surface *x, const struct finding *f)
{
	struct jit_json *o = jit_json_object();
	bool good = jit_json_set_text(o, "surface", x->name) &&
		jit_json_set_text(o, "what", f->what) &&
		jit_json_set_text(o, "who", f->who);

	if (good)
		cli_out_json(o);
	jit_json_free(o);
	return good;
}

static bool
say_surface(const struct surface *x)
{
	struct jit_json *o = jit_json_object(), *unseen = jit_json_list();
	bool seen = strcmp(survey_seen(x), "none") != 0;
	bool good = jit_json_set_text(o, "surface", x->name) &&
		jit_json_set_text(o, "seen", survey_seen(x));
	size_t i;

	for (i = 0; good && i < x->missed; i++)
		good = jit_json_add_text(unseen, x->unseen[i]);
	good = jit_json_set(o, "unseen", unseen) && good;
	if (good && seen)
		good = jit_json_set_int(o, "count", (int64_t)x->count) &&
			jit_json_set_text(o, "digest", x->digest) &&
			jit_json_set_text(o, "salt", x->salt);
	if (good)
		cli_out_json(o);
	jit_json_free(o);
	return good;
}

static int
print_json(const struct survey *v, struct jit_error *err)
{
	const struct surface *x;
	bool good = true;
	size_t i;

	for (x = v->at; x < v->at + v->count; x++)
		for (i = 0; good && i < x->count; i++)
			good = say_finding(x, &x->found[i]);
	for (i = 0; good && i < v->count; i++)
		good = say_surface(&v->at[i]);
	return good ? 0 : jit_nomem(err);
}

static int
put_row(struct table *t, const char *a, const char *b, const char *c,
	struct jit_error *err)
{
	int rc = table_put(t, a, err);

	if (rc == 0)
		rc = table_put(t, b, err);
	return rc ? rc : table_put(t, c, err);
}

static int
print_findings(const struct survey *v, struct jit_error *err)
{
	struct table t = {.columns = 3};
	const struct surface *x;
	size_t i;
	int rc = 0;

	for (x = v->at; x < v->at + v->count; x++) {
		if (x->count && t.count == 0)
			rc = put_row(&t, "STANDS", "WHO", "WHAT", err);
		for (i = 0; rc == 0 && i < x->count; i++)
			rc = put_row(&t, x->name, x->found[i].who,
				x->found[i].what, err);
	}
	if (rc == 0 && t.count) {
		table_print(&t);
		cli_out("\n");
	}
	table_free(&t);
	return rc;
}

static int
print_counts(const struct survey *v, struct jit_error *err)
{
	struct table t = {.columns = 3};
	char count[24];
	size_t i;
	int rc = put_row(&t, "SURFACE", "SEEN", "COUNT", err);

	for (i = 0; rc == 0 && i < v->count; i++) {
		snprintf(count, sizeof(count), "%zu", v->at[i].count);
		if (strcmp(survey_seen(&v->at[i]), "none") == 0)
			count[0] = '\0';
		rc = put_row(&t, v->at[i].name, survey_seen(&v->at[i]), count,
			err);
	}
	if (rc == 0)
		table_print(&t);
	table_free(&t);
	return rc;
}

int
survey_print(const struct survey *v, struct jit_error *err)
{
	int rc;

	if (v->cli->json)
		return print_json(v, err);
	rc = print_findings(v, err);
	return rc ? rc : print_counts(v, err);
}

size_t
survey_complain(const struct survey *v)
{
	const struct surface *x;
	struct jit_error why;
	size_t i, n = 0;

	for (x = v->at; x < v->at + v->count; x++) {
		n += x->missed > 0;
		for (i = 0; i < x->missed; i++) {
			why = (struct jit_error){0};
			jit_fail(&why, JIT_FINDINGS, "not seen: %s: %s",
				x->name, x->unseen[i]);
			cli_complain(v->cli, &why);
		}
	}
	return n;
}

void
survey_free(struct survey *v)
{
	size_t i;

	for (i = 0; i < v->count; i++) {
		free(v->at[i].found);
		free(v->at[i].unseen);
	}
	jit_arena_free(&v->mem);
}
