/* SPDX-License-Identifier: ISC */
/* Figures of windows: longer than usual, and growing. */
#include "figure_inner.h"

#include <stdlib.h>
#include <string.h>

#define USUAL_LEAST 10 /* grants that make a usual window */
#define LONG_LEAST 5   /* grants over it of one person */
#define GROW_LEAST 12  /* grants that make a trend */

/* -- Longer than the usual ------------------------------------------------- */

static int
by_rule(const void *a, const void *b)
{
	const struct jit_story *x = *(const struct jit_story *const *)a;
	const struct jit_story *y = *(const struct jit_story *const *)b;
	int order = strcmp(x->rule, y->rule);

	order = order ? order : strcmp(x->role, y->role);
	order = order ? order : strcmp(x->by, y->by);
	return order ? order
		     : (x->issued > y->issued) - (x->issued < y->issued);
}

static bool
same_rule(const struct jit_story *a, const struct jit_story *b)
{
	return a->rule == b->rule && a->role == b->role;
}

static bool
same_rule_and_person(const struct jit_story *a, const struct jit_story *b)
{
	return same_rule(a, b) && a->by == b->by;
}

/* What grants were given for, in their order; the caller frees. */
static int64_t *
windows(struct jit_reckoning *r, const struct jit_story **at, size_t n)
{
	int64_t *list = calloc(n + 1, sizeof(*list));
	size_t i;

	r->failed = r->failed || !list;
	for (i = 0; list && i < n; i++)
		list[i] = at[i]->given;
	return list;
}

/* The usual window of a role under a rule; 0: too few to say. */
static int64_t
usual(struct jit_reckoning *r, const struct jit_story **at, size_t n)
{
	int64_t *list, median;

	if (n < USUAL_LEAST)
		return 0;
	list = windows(r, at, n);
	median = list ? jit_figure_median(list, n) : 0;
	free(list);
	return median;
}

static bool
is_long(const struct jit_story *g, int64_t median)
{
	return g->given > 2 * median;
}

static void
put_sided(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story **at, size_t n, bool wanted)
{
	int64_t median = usual(r, at, n);
	size_t i;

	for (i = 0; median && i < n; i++)
		if (is_long(at[i], median) == wanted)
			jit_figure_put(r, &m->grants, at[i]);
}

static void
put_long(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story **at, size_t n)
{
	put_sided(m, r, at, n, true);
}

static void
put_usual(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story **at, size_t n)
{
	put_sided(m, r, at, n, false);
}

void
jit_figure_over_usual(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_runs(m, r, &r->granted, by_rule, same_rule, put_long);
	m->some = (int64_t)m->grants.count;
	jit_figure_runs(m, r, &r->granted, by_rule, same_rule, put_usual);
	m->all = (int64_t)m->grants.count;
	m->known = m->all > 0;
}

/* One person's grants of a role under a rule. */
static void
judge_long(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story **at, size_t n, int64_t median)
{
	struct jit_row *row;
	int64_t over = 0;
	size_t i;

	for (i = 0; i < n; i++)
		over += is_long(at[i], median);
	if (over < LONG_LEAST || 2 * over < (int64_t)n)
		return;
	row = jit_figure_row(r, m);
	if (!row)
		return;
	row->who = at[0]->by;
	row->role = at[0]->role;
	row->n = over;
	row->seconds = median;
	row->says = jit_figure_text(r,
		"under %s %lld of %zu times for more than twice the usual %s",
		at[0]->rule, (long long)over, n, jit_figure_span(r, median));
	for (i = 0; i < n; i++)
		if (is_long(at[i], median))
			jit_figure_put(r, &row->grants, at[i]);
}

static void
judge_rule(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story **at, size_t n)
{
	int64_t median = usual(r, at, n);
	size_t i, from = 0;

	for (i = 1; median && i <= n; i++) {
		if (i < n && at[i]->by == at[from]->by)
			continue;
		judge_long(m, r, at + from, i - from, median);
		from = i;
	}
}

void
jit_figure_long_windows(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_runs(m, r, &r->granted, by_rule, same_rule, judge_rule);
}

/* -- Longer and longer ----------------------------------------------------- */

static int
by_number(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* How many of the sorted 'list' are below x (or at most x). */
static size_t
below(const int64_t *list, size_t n, int64_t x, bool or_alike)
{
	size_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (list[mid] < x || (or_alike && list[mid] == x))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/*
 * Kendall's S: of all pairs, how many grew less how many shrank. A tree of
 * sums (Fenwick) counts what came before by its rank.
 */
static int64_t
grown(const int64_t *list, const int64_t *sorted, int64_t *tree, size_t n)
{
	int64_t s = 0, less, most;
	size_t i, k;

	for (i = 0; i < n; i++) {
		less = most = 0;
		for (k = below(sorted, n, list[i], false); k; k &= k - 1)
			less += tree[k];
		for (k = below(sorted, n, list[i], true); k; k &= k - 1)
			most += tree[k];
		s += less - ((int64_t)i - most);
		for (k = below(sorted, n, list[i], false) + 1; k <= n;
			k += k & (~k + 1))
			tree[k]++;
	}
	return s;
}

/* Four standard deviations of S where there is no trend, or more. */
static bool
is_trend(int64_t s, size_t n)
{
	double x = (double)s, k = (double)n;

	return s > 0 && 18 * x * x >= 16 * k * (k - 1) * (2 * k + 5);
}

static bool
grows(int64_t ends[2], struct jit_reckoning *r, int64_t *list, size_t n)
{
	int64_t *sorted = calloc(n + 1, sizeof(*sorted));
	int64_t *tree = calloc(n + 1, sizeof(*tree));
	bool yes = false;

	r->failed = r->failed || !sorted || !tree;
	if (sorted && tree) {
		memcpy(sorted, list, n * sizeof(*list));
		qsort(sorted, n, sizeof(*sorted), by_number);
		yes = is_trend(grown(list, sorted, tree, n), n);
		ends[0] = jit_figure_median(list, n / 3);
		ends[1] = jit_figure_median(list + n - n / 3, n / 3);
	}
	free(sorted);
	free(tree);
	return yes && 2 * ends[1] >= 3 * ends[0];
}

static void
judge_growing(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story **at, size_t n)
{
	int64_t ends[2] = {0}, *list;
	struct jit_row *row;
	size_t i;

	if (n < GROW_LEAST)
		return;
	list = windows(r, at, n);
	if (list && grows(ends, r, list, n) && (row = jit_figure_row(r, m))) {
		row->who = at[0]->by;
		row->role = at[0]->role;
		row->n = (int64_t)n;
		row->seconds = ends[1];
		row->says = jit_figure_text(r,
			"under %s from %s to %s in %zu grants", at[0]->rule,
			jit_figure_span(r, ends[0]),
			jit_figure_span(r, ends[1]), n);
		for (i = 0; i < n; i++)
			jit_figure_put(r, &row->grants, at[i]);
	}
	free(list);
}

void
jit_figure_growing(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_runs(m, r, &r->granted, by_rule, same_rule_and_person,
		judge_growing);
}

static bool
extends(const struct jit_story *g)
{
	return g->extends != NULL;
}

void
jit_figure_extensions(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->granted, extends);
}
