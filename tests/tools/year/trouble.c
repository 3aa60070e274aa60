/* SPDX-License-Identifier: ISC */
/* What is wrong in the year, put there on purpose. */
#include "world.h"

static int64_t
midnight(const struct world *w, int day)
{
	return w->args->from + (int64_t)day * DAY;
}

/* The next day on which people work. */
static int64_t
workday(const struct world *w, int day)
{
	int64_t at = midnight(w, day);

	while ((at / DAY + 4) % 7 == 0 || (at / DAY + 4) % 7 == 6)
		at += DAY;
	return at;
}

static int64_t
some_hour(struct world *w, int day)
{
	return workday(w, day) +
		chance_between(&w->c.chance, 7 * 3600, 16 * 3600);
}

/* The rubber-stamper: enough to be seen, however few grants there are. */
static void
plan_stamper(struct world *w)
{
	struct life_grant g = {.rule = WEB_DEPLOY, .planted = STAMPED};
	int i;

	w->culprits.stamper = company_find(&w->c, "otto");
	for (i = 0; i < 60; i++) {
		g.who = -1;
		g.resource = (int)chance_below(&w->c.chance, WEBS);
		g.duration = 60 * chance_between(&w->c.chance, 10, 40);
		world_do(w, some_hour(w, 65 + i * 4), grant_ask,
			world_add(w, &g));
	}
}

/* Two who approve each other, each the other's again and again. */
static void
plan_pair(struct world *w)
{
	struct life_grant g = {.rule = WEB_ROOT, .planted = PAIRED};
	int i, n = 50 + (int)(w->args->grants / 500);

	w->culprits.pair[0] = company_find(&w->c, "pia");
	w->culprits.pair[1] = company_find(&w->c, "paul");
	for (i = 0; i < 2 * n; i++) {
		g.who = w->culprits.pair[i % 2];
		g.resource = (int)chance_below(&w->c.chance, WEBS);
		g.duration = 60 * chance_between(&w->c.chance, 10, 40);
		world_do(w,
			some_hour(w, (int)chance_between(&w->c.chance, 3, 350)),
			grant_ask, world_add(w, &g));
	}
}

/* A role kept alive all day by grants of 25 minutes, for ten days. */
static void
plan_keeper(struct world *w)
{
	struct life_grant g = {.rule = WEB_DEPLOY,
		.planted = KEPT,
		.resource = 3,
		.duration = 1500};
	int64_t at = workday(w, 160);
	int i;

	w->culprits.keeper = g.who = company_find(&w->c, "kurt");
	for (i = 0; i < 10; i++) {
		g.keep = at + 19 * 3600;
		world_do(w, at + 7 * 3600, grant_ask, world_add(w, &g));
		at = workday(w, (int)((at - w->args->from) / DAY) + 1);
	}
}

/* Each month a little longer: from 10 minutes to 2 hours. */
static void
plan_grower(struct world *w)
{
	struct life_grant g = {.rule = DB_ADMIN, .planted = GROWING};
	int i, n, each = 6 + (int)(w->args->grants / 8000);

	w->culprits.grower = g.who = company_find(&w->c, "greta");
	for (i = 0; i < 12; i++)
		for (n = 0; n < each; n++) {
			g.duration = 600 * (i + 1) + 60 * (n % 5);
			world_do(w,
				some_hour(w,
					2 + i * 30 +
						(int)chance_below(&w->c.chance,
							27)),
				grant_ask, world_add(w, &g));
		}
}

/* An emergency that nobody looked at afterwards. */
static void
plan_breaker(struct world *w)
{
	struct life_grant g = {.rule = GLASS,
		.planted = UNREVIEWED,
		.resource = 10,
		.duration = 840};

	w->culprits.breaker = g.who = company_find(&w->c, "gus");
	world_do(w, midnight(w, 240) + 2 * 3600 + 1020, grant_ask,
		world_add(w, &g));
}

/* A grant that nobody used, in the time that the logs are of. */
static void
plan_unused(struct world *w)
{
	struct life_grant g = {.rule = WEB_ROOT,
		.planted = UNUSED,
		.resource = 8,
		.duration = 1200};
	int last = (int)((w->args->until - w->args->from) / DAY) - 1;

	g.who = company_find(&w->c, "olga");
	world_do(w, workday(w, last - 8) + 10 * 3600, grant_ask,
		world_add(w, &g));
}

/* A rule that gives more than it did; nobody else's change does. */
static void
plan_wider(struct world *w)
{
	struct change c = {.kind = POLICY, .by = 1, .planted = true};

	c.stage = (struct stage){.tight = true, .modern = true, .wide = true};
	change_plan(w, workday(w, 250) + 11 * 3600, &c);
}

void
plan_troubles(struct world *w)
{
	int64_t at = workday(w, 182);

	w->culprits.vendor = company_find(&w->c, "vera");
	w->culprits.dead_from = at + 6 * 3600 + 600;
	w->culprits.dead_until = w->culprits.dead_from + 2 * (int64_t)DAY;
	plan_keeper(w);
	plan_stamper(w);
	plan_pair(w);
	plan_grower(w);
	plan_breaker(w);
	plan_unused(w);
	plan_wider(w);
}
