/* SPDX-License-Identifier: ISC */
/* Figures of exceptions: break-glass, drills, wider policies, dead sweepers. */
#include "figure_inner.h"

#include <stdlib.h>
#include <string.h>

#include "widening.h"

static bool
is_glass(const struct jit_story *g)
{
	return g->glass;
}

void
jit_figure_glass(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_count(m, r, &r->granted, is_glass);
}

/* Each of those that a review is or was owed for, drills too. */
static void
each_reviewed(struct jit_measure *m, struct jit_reckoning *r,
	void (*judge)(struct jit_measure *m, struct jit_reckoning *r,
		const struct jit_story *g))
{
	size_t i;

	for (i = 0; i < r->asked.count; i++) {
		if (!r->asked.at[i]->review_due)
			continue;
		m->known = true;
		judge(m, r, r->asked.at[i]);
	}
}

static void
judge_overdue(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story *g)
{
	struct jit_row *row;

	if (g->reviewed || g->review_due >= r->scope->until)
		return;
	row = jit_figure_grant(r, m, g);
	if (!row)
		return;
	row->from = g->review_due;
	row->seconds = r->scope->until - g->review_due;
	row->says = jit_figure_text(r, "%s of %s owed since %s by group %s",
		g->drill ? "drill, review" : "review", g->task,
		jit_figure_stamp(r, g->review_due), g->review_group);
}

void
jit_figure_reviews_overdue(struct jit_measure *m, struct jit_reckoning *r)
{
	each_reviewed(m, r, judge_overdue);
}

static void
judge_late(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story *g)
{
	if (g->reviewed > g->review_due)
		jit_figure_put(r, &m->grants, g);
	m->some = (int64_t)m->grants.count;
}

void
jit_figure_reviewed_late(struct jit_measure *m, struct jit_reckoning *r)
{
	each_reviewed(m, r, judge_late);
}

static void
judge_misuse(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story *g)
{
	struct jit_row *row;

	if (!g->reviewed || strcmp(g->verdict, "misuse") != 0)
		return;
	row = jit_figure_grant(r, m, g);
	if (!row)
		return;
	row->with = g->reviewer;
	row->from = g->reviewed;
	row->says = jit_figure_text(r, "reviewed at %s",
		jit_figure_stamp(r, g->reviewed));
}

void
jit_figure_misuse(struct jit_measure *m, struct jit_reckoning *r)
{
	each_reviewed(m, r, judge_misuse);
}

void
jit_figure_drills(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_count(m, r, &r->drills, NULL);
}

static int64_t
to_access(const struct jit_story *g)
{
	return g->from - g->at;
}

void
jit_figure_drill_time(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_seconds(m, r, &r->drills, to_access);
}

/* -- Wider policies -------------------------------------------------------- */

/* Who was enrolled at 'at'; each principal once, nearly. The caller frees. */
static const char **
crowd_at(size_t *count, struct jit_reckoning *r, int64_t at)
{
	const struct jit_story_person *p = r->all->people;
	const char **list = calloc(r->all->people_count + 1, sizeof(*list));
	size_t i, j, n = 0;

	r->failed = r->failed || !list;
	for (i = 0; list && i < r->all->people_count; i++) {
		if (p[i].enrolled > at || (p[i].retired && p[i].retired <= at))
			continue;
		for (j = 0; j < n && list[j] != p[i].principal; j++)
			;
		if (j == n)
			list[n++] = p[i].principal;
	}
	*count = n;
	return list;
}

static void
put_wider(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story_policy *v, const char *why)
{
	struct jit_row *row = jit_figure_row(r, m);

	if (!row)
		return;
	row->who = v->made ? v->made->by : v->by;
	row->n = v->version;
	row->from = v->since;
	row->says = jit_figure_text(r, "version %lld at %s: %s",
		(long long)v->version, jit_figure_stamp(r, v->since), why);
	if (v->made)
		jit_figure_put(r, &row->grants, v->made);
}

static void
compare_policies(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story_policy *v)
{
	struct jit_policy old = {0}, new = {0};
	struct jit_crowd crowd = {0};
	struct jit_buf why = {0};
	const char **list = crowd_at(&crowd.count, r, v->since);

	crowd.at = list;
	if (list && jit_policy_read(&old, v[-1].json, NULL) == 0) {
		if (jit_policy_read(&new, v->json, NULL) == 0) {
			jit_widening_put(&why, &old, &new, &crowd);
			if (why.len)
				put_wider(m, r, v, jit_buf_text(&why));
			jit_policy_free(&new);
		}
		jit_policy_free(&old);
	}
	r->failed = r->failed || why.failed;
	jit_buf_free(&why);
	free(list);
}

void
jit_figure_widened(struct jit_measure *m, struct jit_reckoning *r)
{
	const struct jit_story_policy *v = r->all->policies;
	size_t i;

	m->known = true;
	for (i = 1; i < r->all->policies_count; i++)
		if (v[i].since >= r->scope->since &&
			v[i].since < r->scope->until)
			compare_policies(m, r, &v[i]);
}

/* -- Dead sweepers --------------------------------------------------------- */

static void
put_gap(struct jit_measure *m, struct jit_reckoning *r, const char *by,
	int64_t from, int64_t to)
{
	struct jit_row *row;

	if (to <= r->scope->since || from >= r->scope->until)
		return;
	row = jit_figure_row(r, m);
	if (!row)
		return;
	row->who = by;
	row->from = from;
	row->to = to;
	row->seconds = to - from;
	row->says = jit_figure_text(r, "no beat for %s from %s on",
		jit_figure_span(r, row->seconds), jit_figure_stamp(r, from));
}

/* Until when one that beats had to: it was retired, or is there still. */
static int64_t
enlisted(const struct jit_reckoning *r, const char *who)
{
	const struct jit_story_person *p = r->all->people;
	int64_t until = 0;
	size_t i;

	for (i = 0; i < r->all->people_count; i++) {
		if (p[i].principal != who)
			continue;
		if (!p[i].retired)
			return r->scope->until;
		if (p[i].retired > until)
			until = p[i].retired;
	}
	return until;
}

void
jit_figure_sweeper_dead(struct jit_measure *m, struct jit_reckoning *r)
{
	const struct jit_stories *all = r->all;
	const struct jit_story_sweeper *w = all->sweepers;
	int64_t until;
	size_t i;

	m->known = all->sweepers_count > 0;
	for (i = 0; i < all->gaps_count; i++)
		put_gap(m, r, all->gaps[i].by, all->gaps[i].from,
			all->gaps[i].to);
	for (i = 0; i < all->sweepers_count; i++) {
		until = enlisted(r, w[i].by);
		if (until - w[i].last > JIT_STORY_SILENCE)
			put_gap(m, r, w[i].by, w[i].last, until);
	}
	for (i = 0; i < m->rows_count; i++)
		m->all += m->rows[i].seconds;
}
