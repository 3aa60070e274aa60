/* SPDX-License-Identifier: ISC */
/* Figures of votes: how fast, how often no, and who for whom. */
#include "figure_inner.h"

#include <stdlib.h>
#include <string.h>

#define DECISIONS_LEAST 20 /* votes that say something of an approver */
#define STAMP_SECONDS 30
#define STAMP_RATIO 4 /* times faster than all others */
#define BURST_LEAST 5
#define BURST_SECONDS 60
#define PAIR_LEAST 10

/* A vote and what it is on. */
struct ballot {
	const struct jit_story *g;
	const struct jit_story_vote *v;
};

struct ballots {
	struct ballot *at;
	size_t count;
};

/* All votes on what was asked; the caller frees. */
static struct ballots
collect(struct jit_reckoning *r)
{
	const struct jit_story_vote *v;
	struct ballots b = {0};
	size_t i, n = 0;

	for (i = 0; i < r->asked.count; i++)
		for (v = r->asked.at[i]->votes; v; v = v->next)
			n++;
	b.at = calloc(n + 1, sizeof(*b.at));
	r->failed = r->failed || !b.at;
	for (i = 0; b.at && i < r->asked.count; i++)
		for (v = r->asked.at[i]->votes; v; v = v->next)
			b.at[b.count++] = (struct ballot){r->asked.at[i], v};
	return b;
}

static int64_t
pace(const struct ballot *b)
{
	return b->v->at - b->g->at;
}

void
jit_figure_decision_time(struct jit_measure *m, struct jit_reckoning *r)
{
	struct ballots b = collect(r);
	int64_t *list = calloc(b.count + 1, sizeof(*list));
	size_t i;

	r->failed = r->failed || !list;
	for (i = 0; list && i < b.count; i++) {
		list[i] = pace(&b.at[i]);
		jit_figure_put(r, &m->grants, b.at[i].g);
	}
	if (list)
		jit_figure_spread(m, list, b.count);
	free(list);
	free(b.at);
}

void
jit_figure_votes_for(struct jit_measure *m, struct jit_reckoning *r)
{
	struct ballots b = collect(r);
	size_t i;

	m->known = b.count > 0;
	for (i = 0; i < b.count; i++)
		if (b.at[i].v->as)
			jit_figure_put(r, &m->grants, b.at[i].g);
	m->some = (int64_t)m->grants.count;
	for (i = 0; i < b.count; i++)
		if (!b.at[i].v->as)
			jit_figure_put(r, &m->grants, b.at[i].g);
	m->all = (int64_t)b.count;
	free(b.at);
}

/* -- One approver ---------------------------------------------------------- */

static int
by_voter(const void *a, const void *b)
{
	const struct ballot *x = a, *y = b;
	int order = strcmp(x->v->by, y->v->by);

	return order ? order : (x->v->at > y->v->at) - (x->v->at < y->v->at);
}

/* All votes, those of one approver in a row; 'judge' sees each such row. */
static void
each_voter(struct jit_measure *m, struct jit_reckoning *r,
	void (*judge)(struct jit_measure *m, struct jit_reckoning *r,
		const struct ballots *all, size_t from, size_t n))
{
	struct ballots b = collect(r);
	size_t i, from = 0;

	m->known = b.count > 0;
	if (b.at)
		qsort(b.at, b.count, sizeof(*b.at), by_voter);
	for (i = 1; b.at && b.count && i <= b.count; i++) {
		if (i < b.count && b.at[i].v->by == b.at[from].v->by)
			continue;
		judge(m, r, &b, from, i - from);
		from = i;
	}
	free(b.at);
}

static struct jit_row *
row_of(struct jit_measure *m, struct jit_reckoning *r, const struct ballot *b,
	size_t n)
{
	struct jit_row *row = jit_figure_row(r, m);
	size_t i;

	if (!row)
		return NULL;
	row->who = b->v->by;
	row->n = (int64_t)n;
	for (i = 0; i < n; i++)
		jit_figure_put(r, &row->grants, b[i].g);
	return row;
}

static bool
never_refused(const struct ballot *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!b[i].v->as)
			return false;
	return n >= DECISIONS_LEAST;
}

/* Said yes to all of it, and never thought better of it. */
static bool
never_minded(const struct ballot *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (b[i].v->narrowed || b[i].v->fewer || b[i].v->withdrawn)
			return false;
	return never_refused(b, n);
}

/* The median time to decide of 'n' from 'from' on, or of all others. */
static int64_t
median_pace(struct jit_reckoning *r, const struct ballots *b, size_t from,
	size_t n, bool others)
{
	int64_t *list = calloc(b->count + 1, sizeof(*list)), median = 0;
	size_t i, k = 0;

	r->failed = r->failed || !list;
	for (i = 0; list && i < b->count; i++)
		if ((i >= from && i - from < n) != others)
			list[k++] = pace(&b->at[i]);
	if (list)
		median = jit_figure_median(list, k);
	free(list);
	return median;
}

static void
judge_stamp(struct jit_measure *m, struct jit_reckoning *r,
	const struct ballots *b, size_t from, size_t n)
{
	struct jit_row *row;
	int64_t own, others;

	if (!never_minded(b->at + from, n))
		return;
	own = median_pace(r, b, from, n, false);
	if (own > STAMP_SECONDS)
		return;
	others = median_pace(r, b, from, n, true);
	if (STAMP_RATIO * own > others)
		return;
	row = row_of(m, r, b->at + from, n);
	if (!row)
		return;
	row->seconds = own;
	row->says = jit_figure_text(r,
		"%zu votes, all for it, median %s; all others %s", n,
		jit_figure_span(r, own), jit_figure_span(r, others));
}

void
jit_figure_rubber_stamps(struct jit_measure *m, struct jit_reckoning *r)
{
	each_voter(m, r, judge_stamp);
}

static void
judge_never(struct jit_measure *m, struct jit_reckoning *r,
	const struct ballots *b, size_t from, size_t n)
{
	struct jit_row *row;

	if (!never_refused(b->at + from, n))
		return;
	row = row_of(m, r, b->at + from, n);
	if (row)
		row->says = jit_figure_text(r, "%zu votes, all for it", n);
}

void
jit_figure_never_refused(struct jit_measure *m, struct jit_reckoning *r)
{
	each_voter(m, r, judge_never);
}

/* Votes on one request are one decision, however often it is taken back. */
static void
judge_burst(struct jit_measure *m, struct jit_reckoning *r,
	const struct ballots *b, size_t from, size_t n)
{
	const struct ballot *at = b->at + from;
	struct jit_row *row = NULL;
	size_t i, j, bursts = 0;

	for (i = 0; i < n; i = j) {
		for (j = i + 1; j < n; j++)
			if (at[j].v->at - at[i].v->at > BURST_SECONDS)
				break;
		if (j - i < BURST_LEAST) {
			j = i + 1;
			continue;
		}
		row = row ? row : row_of(m, r, at + i, 0);
		if (!row)
			return;
		row->from = bursts++ ? row->from : at[i].v->at;
		for (; i < j; i++)
			jit_figure_put(r, &row->grants, at[i].g);
	}
	if (!row)
		return;
	row->n = (int64_t)bursts;
	row->says = jit_figure_text(r, "%zu votes in %zu %s, first at %s",
		row->grants.count, bursts, bursts == 1 ? "minute" : "minutes",
		jit_figure_stamp(r, row->from));
}

void
jit_figure_bursts(struct jit_measure *m, struct jit_reckoning *r)
{
	each_voter(m, r, judge_burst);
}

/* -- Two approvers --------------------------------------------------------- */

/* How often 'to' voted for what 'from' asked; of how many voted for. */
struct favour {
	const char *from, *to;
	size_t first, n; /* of the sorted ballots */
	size_t all;
};

static int
by_favour(const void *a, const void *b)
{
	const struct ballot *x = a, *y = b;
	int order = strcmp(x->g->by, y->g->by);

	order = order ? order : strcmp(x->v->by, y->v->by);
	return order ? order
		     : (x->g->seq > y->g->seq) - (x->g->seq < y->g->seq);
}

/* Only votes that were for it, and stood. */
static void
keep_for(struct ballots *b)
{
	size_t i, n = 0;

	for (i = 0; i < b->count; i++)
		if (b->at[i].v->as && !b->at[i].v->withdrawn)
			b->at[n++] = b->at[i];
	b->count = n;
}

/* How many of what 'who' asked were voted for at all. */
static size_t
asked_by(const struct jit_reckoning *r, const char *who)
{
	const struct jit_story_vote *v;
	size_t i, n = 0;

	for (i = 0; i < r->asked.count; i++) {
		if (r->asked.at[i]->by != who)
			continue;
		for (v = r->asked.at[i]->votes; v; v = v->next)
			if (v->as && !v->withdrawn)
				break;
		n += v != NULL;
	}
	return n;
}

/* The favours of ten and more; the caller frees. */
static struct favour *
favours(size_t *count, struct jit_reckoning *r, const struct ballots *b)
{
	struct favour *list = calloc(b->count / PAIR_LEAST + 1, sizeof(*list));
	size_t i, from = 0, n = 0;

	r->failed = r->failed || !list;
	for (i = 1; list && b->at && b->count && i <= b->count; i++) {
		if (i < b->count && b->at[i].g->by == b->at[from].g->by &&
			b->at[i].v->by == b->at[from].v->by)
			continue;
		if (i - from >= PAIR_LEAST)
			list[n++] = (struct favour){b->at[from].g->by,
				b->at[from].v->by, from, i - from, 0};
		from = i;
	}
	for (i = 0; i < n; i++)
		list[i].all = i && list[i].from == list[i - 1].from
			? list[i - 1].all
			: asked_by(r, list[i].from);
	*count = n;
	return list;
}

static void
put_pair(struct jit_measure *m, struct jit_reckoning *r,
	const struct ballots *b, const struct favour *x, const struct favour *y)
{
	struct jit_row *row = row_of(m, r, b->at + x->first, x->n);
	size_t i;

	if (!row)
		return;
	for (i = 0; i < y->n; i++)
		jit_figure_put(r, &row->grants, b->at[y->first + i].g);
	row->who = x->from;
	row->with = y->from;
	row->n = (int64_t)(x->n + y->n);
	row->says = jit_figure_text(r,
		"%zu of %zu requests of the one were voted for by the other, "
		"%zu of %zu the other way round",
		x->n, x->all, y->n, y->all);
}

void
jit_figure_reciprocal(struct jit_measure *m, struct jit_reckoning *r)
{
	struct ballots b = collect(r);
	struct favour *list = NULL;
	size_t i, j, n = 0;

	m->known = b.count > 0;
	keep_for(&b);
	if (b.at)
		qsort(b.at, b.count, sizeof(*b.at), by_favour);
	if (b.at)
		list = favours(&n, r, &b);
	for (i = 0; i < n; i++)
		for (j = i + 1; j < n && 2 * list[i].n >= list[i].all; j++)
			if (list[i].from == list[j].to &&
				list[i].to == list[j].from &&
				2 * list[j].n >= list[j].all)
				put_pair(m, r, &b, &list[i], &list[j]);
	free(list);
	free(b.at);
}
