/* SPDX-License-Identifier: ISC */
/* What figures are made with. */
#include "figure_inner.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "when.h"

#define TEXT_MAX 1024

void
jit_figure_put(struct jit_reckoning *r, struct jit_bundle *b,
	const struct jit_story *g)
{
	size_t cap = b->cap ? 2 * b->cap : 16;
	void *grown;

	if (b->count == b->cap) {
		grown = reallocarray(b->at, cap, sizeof(struct jit_story *));
		r->failed = r->failed || !grown;
		if (!grown)
			return;
		b->at = grown;
		b->cap = cap;
	}
	b->at[b->count++] = g;
}

struct jit_row *
jit_figure_row(struct jit_reckoning *r, struct jit_measure *m)
{
	size_t cap = m->rows_cap ? 2 * m->rows_cap : 8;
	struct jit_row *grown;

	if (m->rows_count == m->rows_cap) {
		grown = reallocarray(m->rows, cap, sizeof(*grown));
		r->failed = r->failed || !grown;
		if (!grown)
			return NULL;
		m->rows = grown;
		m->rows_cap = cap;
	}
	memset(&m->rows[m->rows_count], 0, sizeof(*m->rows));
	return &m->rows[m->rows_count++];
}

const char *
jit_figure_text(struct jit_reckoning *r, const char *fmt, ...)
{
	char text[TEXT_MAX];
	const char *kept;
	va_list list;

	va_start(list, fmt);
	vsnprintf(text, sizeof(text), fmt, list);
	va_end(list);
	kept = jit_arena_str(r->mem, text);
	r->failed = r->failed || !kept;
	return kept ? kept : "";
}

const char *
jit_figure_span(struct jit_reckoning *r, int64_t seconds)
{
	struct jit_buf text = {0};
	const char *kept;

	jit_when_spell(&text, seconds);
	kept = jit_figure_text(r, "%s", jit_buf_text(&text));
	jit_buf_free(&text);
	return kept;
}

const char *
jit_figure_stamp(struct jit_reckoning *r, int64_t at)
{
	char stamp[JIT_STAMP];

	jit_when_stamp(stamp, at);
	return jit_figure_text(r, "%s", stamp);
}

/* First those that count, so that both sides can be listed. */
void
jit_figure_share(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_bundle *of, bool (*hit)(const struct jit_story *g))
{
	size_t i;

	m->known = of->count > 0;
	for (i = 0; i < of->count; i++)
		if (hit(of->at[i]))
			jit_figure_put(r, &m->grants, of->at[i]);
	m->some = (int64_t)m->grants.count;
	for (i = 0; i < of->count; i++)
		if (!hit(of->at[i]))
			jit_figure_put(r, &m->grants, of->at[i]);
	m->all = (int64_t)m->grants.count;
}

void
jit_figure_count(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_bundle *of, bool (*hit)(const struct jit_story *g))
{
	size_t i;

	m->known = true;
	for (i = 0; i < of->count; i++)
		if (!hit || hit(of->at[i]))
			jit_figure_put(r, &m->grants, of->at[i]);
	m->some = (int64_t)m->grants.count;
}

static int
by_number(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int64_t
jit_figure_median(int64_t *list, size_t n)
{
	if (n == 0)
		return 0;
	qsort(list, n, sizeof(*list), by_number);
	return list[(n - 1) / 2];
}

void
jit_figure_spread(struct jit_measure *m, int64_t *list, size_t n)
{
	m->known = n > 0;
	m->all = (int64_t)n;
	if (n == 0)
		return;
	m->median = jit_figure_median(list, n);
	m->p95 = list[(95 * n + 99) / 100 - 1];
	m->most = list[n - 1];
}

void
jit_figure_seconds(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_bundle *of,
	int64_t (*value)(const struct jit_story *g))
{
	int64_t *list = calloc(of->count + 1, sizeof(*list)), x;
	size_t i, n = 0;

	r->failed = r->failed || !list;
	for (i = 0; list && i < of->count; i++) {
		x = value(of->at[i]);
		if (x < 0)
			continue;
		list[n++] = x;
		jit_figure_put(r, &m->grants, of->at[i]);
	}
	if (list)
		jit_figure_spread(m, list, n);
	free(list);
}

struct jit_row *
jit_figure_grant(struct jit_reckoning *r, struct jit_measure *m,
	const struct jit_story *g)
{
	struct jit_row *row = jit_figure_row(r, m);

	if (!row)
		return NULL;
	row->who = g->by;
	row->role = g->role;
	row->resource = g->resource;
	row->n = 1;
	jit_figure_put(r, &row->grants, g);
	return row;
}

void
jit_figure_runs(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_bundle *of, int (*order)(const void *a, const void *b),
	bool (*same)(const struct jit_story *a, const struct jit_story *b),
	jit_figure_run *run)
{
	const struct jit_story **at;
	size_t i, from = 0;

	m->known = of->count > 0;
	at = calloc(of->count + 1, sizeof(struct jit_story *));
	r->failed = r->failed || !at;
	if (!at)
		return;
	if (of->count)
		memcpy(at, of->at, of->count * sizeof(struct jit_story *));
	qsort(at, of->count, sizeof(struct jit_story *), order);
	for (i = 1; i <= of->count; i++) {
		if (i < of->count && same(at[from], at[i]))
			continue;
		run(m, r, at + from, i - from);
		from = i;
	}
	free(at);
}
