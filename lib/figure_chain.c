/* SPDX-License-Identifier: ISC */
/* Figures of grants one after the other, which add up to standing access. */
#include "figure_inner.h"

#include <stdlib.h>
#include <string.h>

#define CHAIN_LEAST 4 /* grants that make a chain */
#define CHAIN_GAP 600 /* seconds between two of it, at most */
#define SPAN_LEAST (7 * 86400LL)

static int
by_place(const void *a, const void *b)
{
	const struct jit_story *x = *(const struct jit_story *const *)a;
	const struct jit_story *y = *(const struct jit_story *const *)b;
	int order = strcmp(x->by, y->by);

	order = order ? order : strcmp(x->role, y->role);
	order = order ? order : strcmp(x->resource, y->resource);
	return order ? order
		     : (x->issued > y->issued) - (x->issued < y->issued);
}

static bool
same_place(const struct jit_story *a, const struct jit_story *b)
{
	return a->by == b->by && a->role == b->role &&
		a->resource == b->resource;
}

/* Some grants without a break between them, from at[0] on. */
struct chain {
	size_t n;
	int64_t from, to;
	int64_t sum; /* the most that a rule of theirs allows, seconds */
};

static struct chain
chain_at(const struct jit_story **at, size_t n)
{
	struct chain c = {.from = at[0]->from, .to = at[0]->from};

	for (; c.n < n && at[c.n]->from <= c.to + CHAIN_GAP; c.n++) {
		if (jit_story_over(at[c.n]) > c.to)
			c.to = jit_story_over(at[c.n]);
		if (at[c.n]->sum > c.sum)
			c.sum = at[c.n]->sum;
	}
	return c;
}

static void
judge_chains(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story **at, size_t n)
{
	struct chain c, longest = {0};
	struct jit_bundle grants = {0};
	struct jit_row *row;
	size_t i, j, chains = 0;

	for (i = 0; i < n; i += c.n) {
		c = chain_at(at + i, n - i);
		if (c.n < CHAIN_LEAST || c.to - c.from <= c.sum)
			continue;
		chains++;
		if (c.to - c.from > longest.to - longest.from)
			longest = c;
		for (j = 0; j < c.n; j++)
			jit_figure_put(r, &grants, at[i + j]);
	}
	row = chains ? jit_figure_row(r, m) : NULL;
	if (!row) {
		free(grants.at);
		return;
	}
	row->who = at[0]->by;
	row->role = at[0]->role;
	row->resource = at[0]->resource;
	row->n = (int64_t)chains;
	row->seconds = longest.to - longest.from;
	row->from = longest.from;
	row->to = longest.to;
	row->says = jit_figure_text(r,
		"%zu grants in %zu %s, the longest of %zu grants for %s from "
		"%s",
		grants.count, chains, chains == 1 ? "chain" : "chains",
		longest.n, jit_figure_span(r, row->seconds),
		jit_figure_stamp(r, longest.from));
	row->grants = grants; /* transferred */
}

void
jit_figure_back_to_back(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_runs(m, r, &r->granted, by_place, same_place, judge_chains);
}

/* Seconds in which there was access, each counted once. */
static int64_t
covered(int64_t *last, const struct jit_story **at, size_t n)
{
	int64_t sum = 0, to = at[0]->from, from, over;
	size_t i;

	for (i = 0; i < n; i++) {
		from = at[i]->from > to ? at[i]->from : to;
		over = jit_story_over(at[i]);
		if (over <= from)
			continue;
		sum += over - from;
		to = over;
	}
	*last = to;
	return sum;
}

static void
judge_standing(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story **at, size_t n)
{
	int64_t to, sum = covered(&to, at, n), span = to - at[0]->from;
	struct jit_row *row;
	size_t i;

	if (span < SPAN_LEAST || 4 * sum < span)
		return;
	row = jit_figure_row(r, m);
	if (!row)
		return;
	row->who = at[0]->by;
	row->role = at[0]->role;
	row->resource = at[0]->resource;
	row->n = (int64_t)n;
	row->seconds = sum;
	row->from = at[0]->from;
	row->to = to;
	row->says = jit_figure_text(r, "%lld %% of %s by %zu grants from %s on",
		(long long)(100 * sum / span), jit_figure_span(r, span), n,
		jit_figure_stamp(r, at[0]->from));
	for (i = 0; i < n; i++)
		jit_figure_put(r, &row->grants, at[i]);
}

void
jit_figure_standing_access(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_runs(m, r, &r->granted, by_place, same_place,
		judge_standing);
}
