/* SPDX-License-Identifier: ISC */
/* Figures of people: vendors, workloads, who goes, whose time is near. */
#include "figure_inner.h"

#include <stdlib.h>

static bool
is_vendor(const struct jit_story *g)
{
	return g->class == JIT_VENDOR;
}

static bool
is_workload(const struct jit_story *g)
{
	return g->class == JIT_WORKLOAD;
}

void
jit_figure_vendor_grants(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->granted, is_vendor);
}

void
jit_figure_workload_grants(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->granted, is_workload);
}

/* -- Whose time is near its end -------------------------------------------- */

/* The last end of all keys of a principal that are not retired; 0: none. */
static int64_t
end_of(const struct jit_reckoning *r, const char *who)
{
	const struct jit_story_person *p = r->all->people;
	int64_t until = 0;
	size_t i;

	for (i = 0; i < r->all->people_count; i++)
		if (p[i].principal == who && !p[i].retired &&
			p[i].until > until)
			until = p[i].until;
	return until;
}

static bool
is_first(const struct jit_reckoning *r, size_t i)
{
	const struct jit_story_person *p = r->all->people;
	size_t j;

	for (j = 0; j < i; j++)
		if (p[j].principal == p[i].principal)
			return false;
	return true;
}

static const char *
end_text(struct jit_reckoning *r, const char *what, int64_t until)
{
	return jit_figure_text(r, "%s %s at %s", what,
		until <= r->scope->until ? "ended" : "ends",
		jit_figure_stamp(r, until));
}

static void
put_ending(struct jit_measure *m, struct jit_reckoning *r, bool vendors)
{
	const struct jit_story_person *p = r->all->people;
	struct jit_row *row;
	int64_t until;
	size_t i;

	for (i = 0; i < r->all->people_count; i++) {
		until = end_of(r, p[i].principal);
		if ((p[i].class == JIT_VENDOR) != vendors || !until)
			continue;
		m->known = true;
		if (!is_first(r, i) ||
			until - r->scope->until > JIT_FIGURE_SOON ||
			(vendors && until <= r->scope->until))
			continue;
		row = jit_figure_row(r, m);
		if (!row)
			return;
		row->who = p[i].principal;
		row->with = p[i].sponsor;
		row->from = until;
		row->says = end_text(r, jit_class_name(p[i].class), until);
	}
}

void
jit_figure_vendors_ending(struct jit_measure *m, struct jit_reckoning *r)
{
	put_ending(m, r, true);
}

void
jit_figure_people_ending(struct jit_measure *m, struct jit_reckoning *r)
{
	put_ending(m, r, false);
}

void
jit_figure_rules_ending(struct jit_measure *m, struct jit_reckoning *r)
{
	const struct jit_story_policy *last;
	struct jit_policy p = {0};
	const struct jit_rule *rule;
	struct jit_row *row;
	size_t i;

	if (!r->all->policies_count)
		return;
	last = &r->all->policies[r->all->policies_count - 1];
	if (jit_policy_read(&p, last->json, NULL) != 0)
		return;
	m->known = jit_policy_date(&p, last->since, NULL) == 0;
	rule = p.rules.at;
	for (i = 0; m->known && i < p.rules.count; i++) {
		if (rule[i].ends - r->scope->until > JIT_FIGURE_SOON)
			continue;
		row = jit_figure_row(r, m);
		if (!row)
			break;
		row->who = jit_figure_text(r, "%s", rule[i].id);
		row->from = rule[i].ends;
		row->says = end_text(r, "rule", rule[i].ends);
	}
	jit_policy_free(&p);
}

/* -- Who is gone ----------------------------------------------------------- */

/* Whether all keys of a principal are retired; '*at' since when. */
static bool
is_gone(int64_t *at, const struct jit_reckoning *r, const char *who)
{
	const struct jit_story_person *p = r->all->people;
	size_t i;

	*at = 0;
	for (i = 0; i < r->all->people_count; i++) {
		if (p[i].principal != who)
			continue;
		if (!p[i].retired)
			return false;
		if (p[i].retired > *at)
			*at = p[i].retired;
	}
	return *at != 0;
}

/* Whether it ended for that somebody, on whom it rests, was retired. */
static bool
rested_on(const struct jit_story *g, const char *who)
{
	const struct jit_story_vote *v;

	if (g->by == who || g->issuer == who)
		return true;
	for (v = g->votes; v; v = v->next)
		if (v->by == who && v->counted)
			return true;
	return false;
}

void
jit_figure_retired(struct jit_measure *m, struct jit_reckoning *r)
{
	const struct jit_story_person *p = r->all->people;
	const struct jit_story *g;
	struct jit_row *row;
	int64_t at;
	size_t i, j;

	m->known = true;
	for (i = 0; i < r->all->people_count; i++) {
		if (!is_first(r, i) || !is_gone(&at, r, p[i].principal) ||
			at < r->scope->since || at >= r->scope->until)
			continue;
		row = jit_figure_row(r, m);
		if (!row)
			return;
		row->who = p[i].principal;
		row->from = at;
		for (j = 0; j < r->ended.count; j++) {
			g = r->ended.at[j];
			if (g->fate == JIT_FATE_OFFBOARD && g->ended >= at &&
				rested_on(g, p[i].principal))
				jit_figure_put(r, &row->grants, g);
		}
		row->n = (int64_t)row->grants.count;
		row->says = jit_figure_text(r, "at %s, with %zu live %s",
			jit_figure_stamp(r, at), row->grants.count,
			row->grants.count == 1 ? "grant" : "grants");
	}
}

void
jit_figure_left_behind(struct jit_measure *m, struct jit_reckoning *r)
{
	const struct jit_story *g;
	struct jit_row *row;
	int64_t at;
	size_t i;

	for (i = 0; i < r->all->people_count; i++)
		m->known = m->known || r->all->people[i].retired;
	for (i = 0; i < r->granted.count; i++) {
		g = r->granted.at[i];
		if (g->ended || !is_gone(&at, r, g->by) || g->until <= at ||
			r->scope->until - at <= JIT_FIGURE_GRACE)
			continue;
		row = jit_figure_grant(r, m, g);
		if (!row)
			return;
		row->from = at;
		row->says = jit_figure_text(r,
			"retired at %s, the grant until %s has no end",
			jit_figure_stamp(r, at), jit_figure_stamp(r, g->until));
	}
}
