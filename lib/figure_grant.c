/* SPDX-License-Identifier: ISC */
/* Figures of grants: asked, given, ended, proven. */
#include "figure_inner.h"

#include <stdlib.h>

#define MINUTE 60

void
jit_figure_requests(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_count(m, r, &r->access, NULL);
}

static bool
is_granted(const struct jit_story *g)
{
	return g->issued != 0;
}

void
jit_figure_granted(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->access, is_granted);
}

static bool
has_task(const struct jit_story *g)
{
	return g->task && g->task[0];
}

void
jit_figure_with_task(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->granted, has_task);
}

static bool
is_checked(const struct jit_story *g)
{
	return g->checked;
}

void
jit_figure_task_checked(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->granted, is_checked);
}

static int64_t
latency(const struct jit_story *g)
{
	return g->unvoted || !g->decided ? -1 : g->decided - g->at;
}

void
jit_figure_latency(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_seconds(m, r, &r->granted, latency);
}

static int64_t
window(const struct jit_story *g)
{
	return g->given;
}

void
jit_figure_duration(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_seconds(m, r, &r->granted, window);
}

static bool
is_capped(const struct jit_story *g)
{
	return g->cap && g->given >= g->cap;
}

void
jit_figure_at_the_cap(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->granted, is_capped);
}

/* A session that goes on under an extension was opened before it. */
static bool
is_used(const struct jit_story *g)
{
	const struct jit_story_use *u;
	const struct jit_story *x;

	if (g->uses)
		return true;
	for (x = g->extends; x; x = x->extends)
		for (u = x->uses; u; u = u->next)
			if (!u->closed || u->closed > g->from)
				return true;
	return false;
}

void
jit_figure_used(struct jit_measure *m, struct jit_reckoning *r)
{
	struct jit_bundle given = {0};
	size_t i;

	for (i = 0; i < r->ended.count; i++)
		if (r->ended.at[i]->fate != JIT_FATE_FAILED)
			jit_figure_put(r, &given, r->ended.at[i]);
	jit_figure_share(m, r, &given, is_used);
	free(given.at);
}

/* How they ended. */

static bool
by_task(const struct jit_story *g)
{
	return g->fate == JIT_FATE_TASK;
}

static bool
by_ttl(const struct jit_story *g)
{
	return g->fate == JIT_FATE_TTL;
}

static bool
by_person(const struct jit_story *g)
{
	return g->fate == JIT_FATE_REVOKE;
}

static bool
by_offboarding(const struct jit_story *g)
{
	return g->fate == JIT_FATE_OFFBOARD;
}

static bool
by_policy(const struct jit_story *g)
{
	return g->fate == JIT_FATE_POLICY;
}

static bool
by_failure(const struct jit_story *g)
{
	return g->fate == JIT_FATE_FAILED;
}

void
jit_figure_by_task(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->ended, by_task);
}

void
jit_figure_by_ttl(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->ended, by_ttl);
}

void
jit_figure_by_person(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->ended, by_person);
}

void
jit_figure_by_offboarding(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->ended, by_offboarding);
}

void
jit_figure_by_policy(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->ended, by_policy);
}

void
jit_figure_by_failure(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->ended, by_failure);
}

void
jit_figure_automatic(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->ended, jit_story_automatic);
}

void
jit_figure_not_ended(struct jit_measure *m, struct jit_reckoning *r)
{
	const struct jit_story *g;
	struct jit_row *row;
	size_t i;

	m->known = r->granted.count > 0;
	for (i = 0; i < r->granted.count; i++) {
		g = r->granted.at[i];
		if (g->ended || r->scope->until - g->until <= JIT_FIGURE_GRACE)
			continue;
		row = jit_figure_grant(r, m, g);
		if (!row)
			return;
		row->from = g->until;
		row->says = jit_figure_text(r, "until %s, no end recorded",
			jit_figure_stamp(r, g->until));
	}
}

/* That they are dead. */

static int64_t
time_to_dead(const struct jit_story *g)
{
	return g->dead ? g->dead - g->due : -1;
}

void
jit_figure_time_to_dead(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_seconds(m, r, &r->ended, time_to_dead);
}

static bool
is_proven(const struct jit_story *g)
{
	return g->dead != 0;
}

static bool
is_owed(const struct jit_story *g)
{
	return g->provable && jit_story_owed(g);
}

static bool
is_not_provable(const struct jit_story *g)
{
	return !g->provable && !g->dead;
}

void
jit_figure_proven(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->ended, is_proven);
}

void
jit_figure_owed(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->ended, is_owed);
}

void
jit_figure_not_provable(struct jit_measure *m, struct jit_reckoning *r)
{
	jit_figure_share(m, r, &r->ended, is_not_provable);
}

void
jit_figure_owed_long(struct jit_measure *m, struct jit_reckoning *r)
{
	const struct jit_story *g;
	struct jit_row *row;
	size_t i;

	m->known = r->ended.count > 0;
	for (i = 0; i < r->ended.count; i++) {
		g = r->ended.at[i];
		if (!is_owed(g) || r->scope->until - g->due <= JIT_FIGURE_GRACE)
			continue;
		row = jit_figure_grant(r, m, g);
		if (!row)
			return;
		row->from = g->due;
		row->seconds = r->scope->until - g->due;
		row->says = jit_figure_text(r, "should be dead since %s",
			jit_figure_stamp(r, g->due));
	}
}

void
jit_figure_alive(struct jit_measure *m, struct jit_reckoning *r)
{
	const struct jit_story *g;
	struct jit_row *row;
	size_t i;

	for (i = 0; i < r->ended.count; i++) {
		g = r->ended.at[i];
		m->known = m->known || g->probes;
		if (!g->alive || g->alive - g->due < MINUTE)
			continue;
		row = jit_figure_grant(r, m, g);
		if (!row)
			return;
		row->from = g->due;
		row->to = g->alive;
		row->seconds = g->alive - g->due;
		row->says = jit_figure_text(r, "still working at %s, %s late",
			jit_figure_stamp(r, g->alive),
			jit_figure_span(r, row->seconds));
	}
}
