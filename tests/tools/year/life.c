/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

static int64_t
midnight(const struct world *w, int day)
{
	return w->args->from + (int64_t)day * DAY;
}

static int
days(const struct world *w)
{
	return (int)((w->args->until - w->args->from) / DAY);
}

/* 0 is Sunday. */
static int
weekday(int64_t at)
{
	return (int)((at / DAY + 4) % 7);
}

/* A time at which people work. */
static int64_t
office(struct world *w, int first, int last)
{
	static const int64_t hours[11] = {6 * 60, 7 * 60 + 30, 8 * 60 + 15,
		9 * 60, 9 * 60 + 50, 10 * 60 + 50, 12 * 60, 13 * 60 + 20,
		14 * 60 + 20, 15 * 60 + 30, 18 * 60};
	int64_t at;

	do
		at = midnight(w,
			(int)chance_between(&w->c.chance, first, last));
	while (weekday(at) == 0 || weekday(at) == 6);
	return at + 60 * chance_decile(&w->c.chance, hours) +
		chance_below(&w->c.chance, 60);
}

static int
machine(struct world *w, enum rule r)
{
	int n = rule_info[r].machines ? rule_info[r].machines : BASES;

	return (int)chance_below(&w->c.chance, n);
}

static void
ordinary(struct world *w, enum rule r)
{
	struct life_grant g = {.who = -1, .rule = r};
	int64_t at, minutes;
	int last = days(w) - 1;

	g.resource = machine(w, r);
	minutes = chance_decile(&w->c.chance, rule_info[r].deciles);
	g.duration = 60 * minutes;
	if (r == CI_DEPLOY)
		at = midnight(w, 1) +
			chance_below(&w->c.chance, (int64_t)(last - 1) * DAY);
	else if (r == LAB)
		at = office(w, 43, last) / DAY * DAY + 8 * 3600 +
			chance_below(&w->c.chance, 6 * 3600);
	else
		at = office(w, 1, r == LEGACY ? 196 : last);
	world_do(w, at, grant_ask, world_add(w, &g));
}

/* Real emergencies at any hour, and a drill every second month. */
static void
plan_glass(struct world *w)
{
	struct life_grant g = {.who = -1, .rule = GLASS};
	int64_t n = 6 + w->args->grants / 1000, i;
	int last = days(w) - 3;

	for (i = 0; i < n; i++) {
		g.resource = machine(w, GLASS);
		g.duration = 60 *
			chance_decile(&w->c.chance, rule_info[GLASS].deciles);
		world_do(w,
			midnight(w, 1) +
				chance_below(&w->c.chance,
					(int64_t)(last - 1) * DAY),
			grant_ask, world_add(w, &g));
	}
	g.drill = true;
	for (i = 0; i < 6; i++) {
		g.duration = 300;
		g.resource = machine(w, GLASS);
		world_do(w, office(w, (int)(30 + i * 55), (int)(36 + i * 55)),
			grant_ask, world_add(w, &g));
	}
}

static void
plan_life(struct world *w)
{
	int64_t left = w->args->grants, n, share = 0;
	int r;

	left -= (int64_t)w->count;
	for (r = 0; r < RULES; r++)
		share += rule_info[r].share;
	for (r = 0; r < RULES; r++)
		for (n = left * rule_info[r].share / share; n > 0; n--)
			ordinary(w, (enum rule)r);
}

/* Beats, every hour while it lives. */
static void
beat(struct world *w, int64_t at, size_t i)
{
	struct who *sweeper = &w->c.who[w->c.sweeper];
	struct jit_event ev;

	if (at >= w->culprits.dead_from && at < w->culprits.dead_until) {
		world_do(w, w->culprits.dead_until, beat, i);
		return;
	}
	scribe_begin(&ev, &w->s, JIT_BEAT, sweeper, at);
	ev.counter = ++sweeper->counter;
	ev.due = (struct jit_maybe){true, w->due};
	ev.done = (struct jit_maybe){true, w->done};
	ev.owed = (struct jit_maybe){true, (int64_t)w->s.state->unproven_count};
	scribe_write(&w->s, &ev, sweeper);
	w->due = w->done = 0;
	w->beats++;
	world_do(w, at - at % 3600 + 3600 + chance_below(&w->c.chance, 9), beat,
		i);
}

/* What stands for good becomes less: on each host every week a look. */
static void
scan(struct world *w, int64_t at, size_t i)
{
	struct who *host = &w->c.who[i];
	struct jit_surface surfaces[] = {{.surface = "groups"},
		{.surface = "keys"}, {.surface = "sudoers"}};
	int64_t week = (at - w->args->from) / (7 * (int64_t)DAY);
	struct jit_event ev;
	char name[32];
	int n;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(host->principal, "@"),
		host->principal);
	scribe_begin(&ev, &w->s, JIT_SCAN, host, at);
	ev.counter = ++host->counter;
	ev.host = name;
	for (n = 0; n < 3; n++) {
		surfaces[n].seen = "all";
		surfaces[n].count = (struct jit_maybe){true,
			(int64_t)(i % 5) + 1 + (52 - week) * (n + 1) / 13};
	}
	ev.surfaces = (struct jit_rows){3, surfaces};
	scribe_write(&w->s, &ev, host);
	world_do(w, at + 7 * (int64_t)DAY, scan, i);
}

/* Who comes, who goes, whose key is new, and what the policy becomes. */
static void
plan_changes(struct world *w)
{
	struct change c = {.kind = ENROL};
	const struct who *who;
	int i;

	for (i = 0; i < w->c.count; i++) {
		who = &w->c.who[i];
		c = (struct change){.kind = ENROL, .who = i};
		c.by = who->sponsor >= 0 ? who->sponsor
			: i < w->c.persons && who->joins == 0
			? i
			: (int)chance_below(&w->c.chance, w->c.admins);
		if (who->joins > 0)
			change_plan(w, midnight(w, who->joins) + 8 * 3600, &c);
		if (who->rotates != FOREVER)
			change_plan(w,
				midnight(w, who->rotates) + 9 * 3600 + i * 60,
				&c);
		if (who->leaves != FOREVER) {
			c.kind = RETIRE;
			change_plan(w, midnight(w, who->leaves) + 15 * 3600,
				&c);
		}
	}
	c = (struct change){.kind = POLICY, .by = 0};
	c.stage.tight = true;
	change_plan(w, midnight(w, 45) + 4 * 3600, &c);
	c.stage.modern = true;
	change_plan(w, midnight(w, 200) + 10 * 3600, &c);
	world_do(w, w->args->from + 3600, beat, 0);
	for (i = 0; i < HOSTS; i++)
		world_do(w, w->args->from + DAY + 3 * 3600 + i * 61, scan,
			(size_t)(w->c.hosts + i));
}

/* Somebody leaves, and a rule goes, while a grant rests on them. */
static void
plan_cuts(struct world *w)
{
	struct life_grant g = {.who = company_find(&w->c, "marc"),
		.rule = WEB_ROOT,
		.resource = 6,
		.duration = 3600,
		.longer = false,
		.keep = 0};
	int n;

	g.cut = true;
	world_do(w, midnight(w, 121) + 14 * 3600 + 1200, grant_ask,
		world_add(w, &g));
	g.rule = LEGACY;
	g.resource = 0;
	for (n = 0; n < 2; n++) {
		g.who = company_find(&w->c, n ? "bea" : "amir");
		world_do(w, midnight(w, 200) + 9 * 3600 + 3480 + n * 20,
			grant_ask, world_add(w, &g));
	}
}

void
life(const struct life_args *a)
{
	static struct world w;
	struct jit_json *policy;
	size_t i;

	w.args = a;
	w.culprits = (struct culprits){-1, {-1, -1}, -1, -1, -1, -1, 0, 0};
	company_found(&w.c, a->seed, a->from, a->until, a->keys, a->plain);
	w.purse = calloc((size_t)w.c.count, sizeof(*w.purse));
	if (!w.purse)
		die("world", "no memory");
	scribe_open(&w.s, a->out);
	policy = company_policy(&w.c, &w.stage);
	scribe_genesis(&w.s, &w.c, "example", policy, 0);
	if (!a->plain)
		plan_troubles(&w);
	plan_changes(&w);
	plan_glass(&w);
	plan_cuts(&w);
	plan_life(&w);
	world_run(&w);
	if (a->plan)
		tally_write(&w, a->plan);
	if (a->logs)
		hostlog_write(&w, a->logs);
	scribe_close(&w.s);
	for (i = 0; i < w.changes_count; i++)
		jit_json_free(w.changes[i].json);
	jit_json_free(policy);
	company_free(&w.c);
	free(w.heap);
	free(w.grants);
	free(w.changes);
	free(w.purse);
}
