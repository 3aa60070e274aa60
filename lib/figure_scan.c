/* SPDX-License-Identifier: ISC */
/* Figures of what stands for good, by the scans. */
#include "figure_inner.h"

#include <stdlib.h>
#include <string.h>

/* Scans of one surface of one machine, in the order of the chain. */
struct series {
	const struct jit_story_scan **at;
	size_t n;
};

static int
by_surface(const void *a, const void *b)
{
	const struct jit_story_scan *x =
		*(const struct jit_story_scan *const *)a;
	const struct jit_story_scan *y =
		*(const struct jit_story_scan *const *)b;
	int order = strcmp(x->host, y->host);

	order = order ? order : strcmp(x->surface, y->surface);
	return order ? order : (x > y) - (x < y);
}

/* Those of the period, in the order of their surfaces; the caller frees. */
static struct series
collect(struct jit_reckoning *r)
{
	const struct jit_story_scan *scans = r->all->scans;
	struct series s = {0};
	size_t i;

	s.at = calloc(r->all->scans_count + 1, sizeof(struct jit_story_scan *));
	r->failed = r->failed || !s.at;
	for (i = 0; s.at && i < r->all->scans_count; i++)
		if (scans[i].at >= r->scope->since &&
			scans[i].at < r->scope->until)
			s.at[s.n++] = &scans[i];
	if (s.at)
		qsort(s.at, s.n, sizeof(struct jit_story_scan *), by_surface);
	return s;
}

static void
each_surface(struct jit_measure *m, struct jit_reckoning *r,
	void (*judge)(struct jit_measure *m, struct jit_reckoning *r,
		const struct series *one))
{
	struct series all = collect(r), one;
	size_t i, from = 0;

	m->known = all.n > 0;
	for (i = 1; all.n && i <= all.n; i++) {
		if (i < all.n && all.at[i]->host == all.at[from]->host &&
			all.at[i]->surface == all.at[from]->surface)
			continue;
		one = (struct series){all.at + from, i - from};
		judge(m, r, &one);
		from = i;
	}
	free(all.at);
}

/* The first and the last scan that saw all of it; false: there are none. */
static bool
ends_of(const struct jit_story_scan *ends[2], const struct series *one)
{
	size_t i;

	ends[0] = ends[1] = NULL;
	for (i = 0; i < one->n; i++) {
		if (!one->at[i]->whole || one->at[i]->count < 0)
			continue;
		ends[0] = ends[0] ? ends[0] : one->at[i];
		ends[1] = one->at[i];
	}
	return ends[0] != NULL;
}

static struct jit_row *
row_of(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story_scan *s)
{
	struct jit_row *row = jit_figure_row(r, m);

	if (!row)
		return NULL;
	row->who = s->host;
	row->resource = s->surface;
	return row;
}

static void
judge_standing(struct jit_measure *m, struct jit_reckoning *r,
	const struct series *one)
{
	const struct jit_story_scan *ends[2];
	struct jit_row *row = row_of(m, r, one->at[0]);

	if (!row)
		return;
	if (!ends_of(ends, one)) {
		row->says = "never wholly seen";
		row->n = -1;
		return;
	}
	row->from = ends[0]->at;
	row->to = ends[1]->at;
	row->n = ends[1]->count;
	row->says = jit_figure_text(r, "%lld at %s, %lld at %s, %zu scans",
		(long long)ends[0]->count, jit_figure_stamp(r, ends[0]->at),
		(long long)ends[1]->count, jit_figure_stamp(r, ends[1]->at),
		one->n);
}

void
jit_figure_standing(struct jit_measure *m, struct jit_reckoning *r)
{
	each_surface(m, r, judge_standing);
}

/* 'some' by the last scans, 'all' by the first. */
static void
judge_shrinking(struct jit_measure *m, struct jit_reckoning *r,
	const struct series *one)
{
	const struct jit_story_scan *ends[2];

	(void)r;
	if (!ends_of(ends, one) || ends[0] == ends[1])
		return;
	m->all += ends[0]->count;
	m->some += ends[1]->count;
	m->answer = "no";
}

void
jit_figure_shrinking(struct jit_measure *m, struct jit_reckoning *r)
{
	each_surface(m, r, judge_shrinking);
	if (!m->answer) {
		m->answer = "not enough scans";
		m->known = false;
		return;
	}
	if (m->some < m->all)
		m->answer = "yes";
	m->found = m->some > m->all;
}

static void
judge_unseen(struct jit_measure *m, struct jit_reckoning *r,
	const struct series *one)
{
	const struct jit_story_scan *last = one->at[one->n - 1];
	struct jit_row *row;

	if (last->whole)
		return;
	row = row_of(m, r, last);
	if (!row)
		return;
	row->from = last->at;
	row->says = jit_figure_text(r, "%s by the scan at %s",
		last->count < 0 ? "unseen" : "seen in part",
		jit_figure_stamp(r, last->at));
}

void
jit_figure_unseen(struct jit_measure *m, struct jit_reckoning *r)
{
	each_surface(m, r, judge_unseen);
}
