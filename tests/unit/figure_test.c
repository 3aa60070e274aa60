/* SPDX-License-Identifier: ISC */
/* Figures, on both sides of each threshold. */
#include "figure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "story_inner.h"
#include "unit.h"

#define T0 1767607200LL /* 2026-01-05T10:00:00Z */
#define HOUR 3600LL
#define DAY 86400LL

static struct jit_stories all;
static struct jit_figures figures;
static struct jit_scope scope;
static int64_t serial;

static void
clear(void)
{
	jit_figures_free(&figures);
	jit_stories_free(&all);
	memset(&scope, 0, sizeof(scope));
	scope.since = T0;
	scope.until = T0 + 100 * DAY;
	all.founded = T0;
	serial = 0;
}

/* A grant of alice's for root on ssh:web-1, asked at 'at', for 'seconds'. */
static struct jit_story *
grant(int64_t at, int64_t seconds)
{
	char id[40];
	struct jit_story *g;

	snprintf(id, sizeof(id), "01ARYZ6S41%016lld", (long long)++serial);
	g = jit_story_begin(&all, id);
	g->seq = g->issued = serial;
	g->at = at;
	g->by = jit_story_text(&all, "alice@ex.com");
	g->role = jit_story_text(&all, "root");
	g->resource = jit_story_text(&all, "ssh:web-1");
	g->task = jit_story_text(&all, "INC-1");
	g->rule = jit_story_text(&all, "web");
	g->issuer = jit_story_text(&all, "issuer@ex.com");
	g->cap = HOUR;
	g->sum = 2 * HOUR;
	g->from = at;
	g->given = seconds;
	g->until = at + seconds;
	return g;
}

static void
by(struct jit_story *g, const char *who)
{
	g->by = jit_story_text(&all, who);
}

static void
ended(struct jit_story *g, int64_t at)
{
	g->fate = JIT_FATE_TTL;
	g->ended = at;
	g->ended_by = g->issuer;
	g->ended_class = JIT_ISSUER;
	g->due = at < g->until ? at : g->until;
}

/* Who votes on it, after 'pace' seconds. */
static struct jit_story_vote *
vote(struct jit_story *g, const char *who, int64_t pace)
{
	struct jit_story_vote *v = jit_arena_get(&all.mem, sizeof(*v));

	v->by = jit_story_text(&all, who);
	v->as = jit_story_text(&all, "dba");
	v->at = g->at + pace;
	v->counted = true;
	v->next = g->votes;
	g->votes = v;
	return v;
}

static void
person(const char *who, enum jit_class class, int64_t until, int64_t retired)
{
	void *list = all.people;
	struct jit_story_person *p = jit_story_more(&list, &all.people_count,
		&all.people_cap, sizeof(*p));

	all.people = list;
	p->principal = jit_story_text(&all, who);
	p->class = class;
	p->enrolled = T0;
	p->until = until;
	p->retired = retired;
}

static const struct jit_measure *
measure(const char *id)
{
	jit_figures_free(&figures);
	CHECK_INT(jit_figures_measure(&figures, &all, &scope, NULL), 0);
	return jit_figures_of(&figures, id);
}

/* How many rows a list has; and a finding is found where it has any. */
static int64_t
rows(const char *id)
{
	const struct jit_measure *m = measure(id);

	CHECK_INT(m->some, m->rows_count);
	CHECK_INT(m->found, m->figure->finding && m->rows_count > 0);
	return m->some;
}

static void
is_share(const char *id, int64_t some, int64_t of)
{
	const struct jit_measure *m = measure(id);

	CHECK_INT(m->some, some);
	CHECK_INT(m->all, of);
	CHECK_INT(m->grants.count, of);
	CHECK_INT(m->known, of > 0);
}

static void
is_seconds(const char *id, int64_t median, int64_t p95, int64_t most)
{
	const struct jit_measure *m = measure(id);

	CHECK_INT(m->median, median);
	CHECK_INT(m->p95, p95);
	CHECK_INT(m->most, most);
}

static void
test_table(void)
{
	const struct jit_figure *table;
	size_t i, n;

	CASE("table");
	table = jit_figure_table(&n);
	for (i = 0; i < n; i++) {
		ROW(table[i].id);
		CHECK(jit_figure_find(table[i].id) == &table[i]);
		CHECK(strlen(table[i].id) <= 22);
		CHECK(table[i].is[strlen(table[i].is) - 1] != '.');
	}
	CHECK(jit_figure_find("tied") == NULL);

	CASE("nothing there");
	clear();
	measure("requests");
	CHECK_INT(figures.count, n);
	CHECK_INT(figures.found, 0);
}

static void
test_scope(void)
{
	CASE("what is asked of");
	clear();
	grant(T0 - 1, 60);
	grant(T0, 60);
	by(grant(T0 + 5, 60), "bob@ex.com");
	grant(T0 + 6, 60)->resource = jit_story_text(&all, "pg:orders");
	grant(T0 + 7, 60)->want = JIT_WANT_POLICY;
	grant(T0 + 8, 60)->drill = true;
	grant(T0 + 9, 60)->issued = 0;
	grant(scope.until, 60);
	CHECK_INT(measure("requests")->some, 4);
	is_share("granted", 3, 4);
	CHECK_INT(measure("drills")->some, 1);
	scope.by = "bob@ex.com";
	CHECK_INT(measure("requests")->some, 1);
	scope.by = NULL;
	scope.resource = "pg:*";
	CHECK_INT(measure("requests")->some, 1);
}

static void
test_numbers(void)
{
	int i;

	CASE("median and percentile");
	clear();
	for (i = 100; i >= 1; i--)
		grant(T0 + i, i);
	is_seconds("duration", 50, 95, 100);
	clear();
	grant(T0, 10);
	grant(T0, 20);
	is_seconds("duration", 10, 20, 20);
	clear();
	grant(T0, HOUR);
	grant(T0, HOUR - 1);
	is_share("at-the-cap", 1, 2);
	CHECK_INT(measure("at-the-cap")->grants.at[0]->given, HOUR);

	CASE("approval latency");
	clear();
	grant(T0, 60)->decided = T0 + 7;
	grant(T0, 60)->decided = T0 + 9;
	grant(T0, 60)->decided = T0 + 90;
	grant(T0, 60)->unvoted = true;
	is_seconds("approval-latency", 9, 90, 90);
}

static void
test_proofs(void)
{
	struct jit_story *g;

	CASE("ended and proven");
	clear();
	g = grant(T0, 600);
	ended(g, T0 + 610);
	g->provable = true;
	g->dead = T0 + 612;
	g = grant(T0, 600);
	ended(g, T0 + 100);
	g->provable = true;
	ended(grant(T0, 600), T0 + 100);
	grant(T0, 600);
	is_share("ended-by-ttl", 3, 3);
	is_share("ended-automatically", 3, 3);
	is_share("proven", 1, 3);
	is_share("owed", 1, 3);
	is_share("not-provable", 1, 3);
	is_seconds("time-to-dead", 12, 12, 12);

	CASE("owed long");
	scope.until = T0 + 100 + HOUR;
	CHECK_INT(rows("owed-long"), 0);
	scope.until++;
	CHECK_INT(rows("owed-long"), 1);

	CASE("not ended");
	scope.until = T0 + 600 + HOUR;
	CHECK_INT(rows("not-ended"), 0);
	scope.until++;
	CHECK_INT(rows("not-ended"), 1);

	CASE("alive after the end");
	clear();
	g = grant(T0, 600);
	ended(g, T0 + 100);
	CHECK(!measure("alive-after-end")->known);
	g->probes = 1;
	g->alive = T0 + 159;
	CHECK_INT(rows("alive-after-end"), 0);
	g->alive = T0 + 160;
	CHECK_INT(rows("alive-after-end"), 1);

	CASE("used");
	clear();
	g = grant(T0, 600);
	ended(g, T0 + 100);
	g = grant(T0, 600);
	ended(g, T0 + 100);
	g->uses = jit_arena_get(&all.mem, sizeof(*g->uses));
	g = grant(T0, 600);
	ended(g, T0 + 100);
	g->fate = JIT_FATE_FAILED;
	is_share("used", 1, 2);
	is_share("ended-by-failure", 1, 3);
}

/* 'n' of bob's grants are for 'over', and twenty of others for 600. */
static void
windows(int n, int64_t over, int ordinary)
{
	int i;

	clear();
	for (i = 0; i < 20; i++)
		grant(T0 + i * DAY, 600);
	for (i = 0; i < n; i++)
		by(grant(T0 + i * DAY + 5, over), "bob@ex.com");
	for (i = 0; i < ordinary; i++)
		by(grant(T0 + i * DAY + 6, 600), "bob@ex.com");
}

static void
test_windows(void)
{
	CASE("over the usual");
	windows(5, 1200, 0);
	is_share("over-the-usual", 0, 25);
	windows(5, 1201, 0);
	is_share("over-the-usual", 5, 25);
	CHECK_INT(rows("long-windows"), 1);
	CHECK_STR(measure("long-windows")->rows[0].who, "bob@ex.com");
	windows(4, 1201, 0);
	CHECK_INT(rows("long-windows"), 0);
	windows(5, 1201, 5);
	CHECK_INT(rows("long-windows"), 1);
	windows(5, 1201, 6);
	CHECK_INT(rows("long-windows"), 0);

	CASE("too few to say");
	clear();
	for (int i = 0; i < 9; i++)
		grant(T0 + i * DAY, i ? 60 : 600);
	is_share("over-the-usual", 0, 0);
	grant(T0 + DAY, 60);
	is_share("over-the-usual", 1, 10);
}

static void
test_growing(void)
{
	int i;

	CASE("growing");
	clear();
	for (i = 0; i < 11; i++)
		grant(T0 + i * DAY, 600 + 100 * i);
	CHECK_INT(rows("growing-windows"), 0);
	grant(T0 + 11 * DAY, 1700);
	CHECK_INT(rows("growing-windows"), 1);
	CHECK_INT(measure("growing-windows")->rows[0].grants.count, 12);

	CASE("growing, and by too little");
	clear();
	for (i = 0; i < 30; i++)
		grant(T0 + i * DAY, 1000 + 10 * i);
	CHECK_INT(rows("growing-windows"), 0);

	CASE("shrinking");
	clear();
	for (i = 0; i < 30; i++)
		grant(T0 + i * DAY, 4000 - 100 * i);
	CHECK_INT(rows("growing-windows"), 0);

	CASE("up and down");
	clear();
	for (i = 0; i < 60; i++)
		grant(T0 + i * DAY, 600 + 600 * ((i * 7) % 5));
	CHECK_INT(rows("growing-windows"), 0);
}

/* 'n' grants of 1800 s, 'gap' seconds between them. */
static void
chain(int n, int64_t gap, int64_t seconds)
{
	int i;

	clear();
	for (i = 0; i < n; i++)
		grant(T0 + i * (seconds + gap), seconds);
}

static void
test_chains(void)
{
	const struct jit_measure *m;
	struct jit_story *g;
	int i;

	CASE("back to back");
	chain(5, 0, 1800); /* 2h30m of 2h */
	CHECK_INT(rows("back-to-back"), 1);
	m = measure("back-to-back");
	CHECK_INT(m->rows[0].seconds, 9000);
	CHECK_INT(m->rows[0].grants.count, 5);
	chain(4, 0, 1800); /* no longer than the rule may give */
	CHECK_INT(rows("back-to-back"), 0);
	chain(4, 1, 1800);
	CHECK_INT(rows("back-to-back"), 1);
	chain(3, 0, HOUR); /* too few */
	CHECK_INT(rows("back-to-back"), 0);
	chain(5, 600, 1800);
	CHECK_INT(rows("back-to-back"), 1);
	chain(5, 601, 1800);
	CHECK_INT(rows("back-to-back"), 0);

	CASE("not of one person");
	chain(5, 0, 1800);
	by(all.at[2], "bob@ex.com");
	CHECK_INT(rows("back-to-back"), 0);

	CASE("what ended sooner leaves a gap");
	chain(5, 0, 1800);
	ended(all.at[2], all.at[2]->from + 60);
	CHECK_INT(rows("back-to-back"), 0);

	CASE("standing access");
	clear();
	for (i = 0; i < 8; i++)
		grant(T0 + i * DAY, 6 * HOUR);
	CHECK_INT(rows("standing-access"), 1);
	CHECK_INT(measure("standing-access")->rows[0].seconds, 48 * HOUR);
	for (i = 0; i < 8; i++)
		all.at[i]->until -= HOUR;
	CHECK_INT(rows("standing-access"), 0);
	clear();
	grant(T0, 7 * DAY - 1);
	CHECK_INT(rows("standing-access"), 0);
	grant(T0 + DAY, 6 * DAY);
	CHECK_INT(rows("standing-access"), 1);
	CHECK_INT(measure("standing-access")->rows[0].seconds, 7 * DAY);

	CASE("extensions");
	clear();
	g = grant(T0, 60);
	grant(T0 + 30, 60)->extends = g;
	is_share("extensions", 1, 2);
}

/* 'n' votes of dan's, each after 'pace'; twenty of dora's after 'other'. */
static void
votes(int n, int64_t pace, int64_t other)
{
	int i;

	clear();
	for (i = 0; i < 20; i++)
		vote(grant(T0 + i * DAY, 60), "dora@ex.com", other);
	vote(all.at[0], "dora@ex.com", other)->as = NULL;
	for (i = 0; i < n; i++)
		vote(grant(T0 + i * DAY + HOUR, 60), "dan@ex.com", pace);
}

static void
test_stamps(void)
{
	CASE("rubber stamps");
	votes(20, 30, 120);
	CHECK_INT(rows("rubber-stamps"), 1);
	CHECK_STR(measure("rubber-stamps")->rows[0].who, "dan@ex.com");
	CHECK_INT(measure("rubber-stamps")->rows[0].seconds, 30);
	votes(19, 30, 120);
	CHECK_INT(rows("rubber-stamps"), 0);
	votes(20, 31, 1200);
	CHECK_INT(rows("rubber-stamps"), 0);
	votes(20, 30, 119);
	CHECK_INT(rows("rubber-stamps"), 0);
	votes(20, 5, 1200);
	all.at[25]->votes->narrowed = 30;
	CHECK_INT(rows("rubber-stamps"), 0);
	votes(20, 5, 1200);
	all.at[25]->votes->withdrawn = T0;
	CHECK_INT(rows("rubber-stamps"), 0);
	votes(20, 5, 1200);
	all.at[25]->votes->as = NULL;
	CHECK_INT(rows("rubber-stamps"), 0);

	CASE("never refused");
	votes(20, 500, 500);
	CHECK_INT(rows("never-refused"), 1);
	votes(19, 500, 500);
	CHECK_INT(rows("never-refused"), 0);
	is_share("votes-for", 39, 40);
	is_seconds("decision-time", 500, 500, 500);
}

static void
burst(int n, int64_t apart)
{
	int i;

	clear();
	for (i = 0; i < n; i++)
		vote(grant(T0 + i * apart, 60), "dan@ex.com", 900);
}

static void
test_bursts(void)
{
	CASE("bursts");
	burst(5, 15);
	CHECK_INT(rows("bursts"), 1);
	CHECK_INT(measure("bursts")->rows[0].grants.count, 5);
	burst(4, 1);
	CHECK_INT(rows("bursts"), 0);
	burst(8, 16);
	CHECK_INT(rows("bursts"), 0);
	burst(11, 10);
	CHECK_INT(measure("bursts")->rows[0].n, 1);
	burst(12, 10);
	CHECK_INT(measure("bursts")->rows[0].n, 2);
}

/* Dan and dora for each other 'n' times, and others 'more' times for dan. */
static void
pair(int n, int more)
{
	int i;

	clear();
	for (i = 0; i < n; i++) {
		by(grant(T0 + i * DAY, 60), "dan@ex.com");
		vote(all.at[all.count - 1], "dora@ex.com", 600);
		by(grant(T0 + i * DAY + HOUR, 60), "dora@ex.com");
		vote(all.at[all.count - 1], "dan@ex.com", 600);
	}
	for (i = 0; i < more; i++) {
		by(grant(T0 + i * DAY + 2 * HOUR, 60), "dan@ex.com");
		vote(all.at[all.count - 1], "zoe@ex.com", 600);
	}
}

static void
test_pairs(void)
{
	CASE("reciprocal pairs");
	pair(10, 0);
	CHECK_INT(rows("reciprocal-pairs"), 1);
	CHECK_INT(measure("reciprocal-pairs")->rows[0].grants.count, 20);
	pair(9, 0);
	CHECK_INT(rows("reciprocal-pairs"), 0);
	pair(10, 10);
	CHECK_INT(rows("reciprocal-pairs"), 1);
	pair(10, 11);
	CHECK_INT(rows("reciprocal-pairs"), 0);
	pair(10, 0);
	all.at[4]->votes->withdrawn = T0;
	CHECK_INT(rows("reciprocal-pairs"), 0);
}

static void
test_exceptions(void)
{
	struct jit_story *g;

	CASE("reviews");
	clear();
	g = grant(T0, 600);
	CHECK(!measure("reviews-overdue")->known);
	g->glass = true;
	g->review_due = scope.until;
	g->review_group = "security";
	CHECK_INT(rows("reviews-overdue"), 0);
	g->review_due--;
	CHECK_INT(rows("reviews-overdue"), 1);
	g->reviewed = scope.until - 1;
	g->reviewer = jit_story_text(&all, "bob@ex.com");
	g->verdict = jit_story_text(&all, "ok");
	CHECK_INT(rows("reviews-overdue"), 0);
	CHECK_INT(measure("reviewed-late")->some, 0);
	g->reviewed++;
	CHECK_INT(measure("reviewed-late")->some, 1);
	CHECK_INT(rows("misuse"), 0);
	g->verdict = jit_story_text(&all, "misuse");
	CHECK_INT(rows("misuse"), 1);
	CHECK_INT(measure("break-glass")->some, 1);

	CASE("drills");
	g->drill = true;
	g->from = T0 + 9;
	CHECK_INT(measure("break-glass")->some, 0);
	is_seconds("drill-time", 9, 9, 9);
	CHECK_INT(rows("misuse"), 1);
}

static void
beat(int64_t last)
{
	void *list = all.sweepers;
	struct jit_story_sweeper *w = jit_story_more(&list, &all.sweepers_count,
		&all.sweepers_cap, sizeof(*w));

	all.sweepers = list;
	w->by = jit_story_text(&all, "issuer@ex.com");
	w->first = T0;
	w->last = last;
}

static void
test_sweepers(void)
{
	CASE("sweepers");
	clear();
	person("issuer@ex.com", JIT_ISSUER, scope.until + 99 * DAY, 0);
	CHECK(!measure("sweeper-dead")->known);
	beat(scope.until - 2 * HOUR);
	CHECK_INT(rows("sweeper-dead"), 0);
	all.sweepers[0].last--;
	CHECK_INT(rows("sweeper-dead"), 1);
	CHECK_INT(measure("sweeper-dead")->rows[0].seconds, 2 * HOUR + 1);

	CASE("a sweeper that was retired");
	all.people[0].retired = scope.until - HOUR;
	CHECK_INT(rows("sweeper-dead"), 0);
	all.sweepers[0].last = T0;
	CHECK_INT(rows("sweeper-dead"), 1);
}

static void
test_people(void)
{
	struct jit_story *g;

	CASE("whose time is near");
	clear();
	person("alice@ex.com", JIT_PERSON, scope.until + 30 * DAY, 0);
	CHECK(!measure("vendors-ending")->known);
	person("vic@vendor.ex", JIT_VENDOR, scope.until + 30 * DAY + 1, 0);
	CHECK_INT(rows("vendors-ending"), 0);
	CHECK_INT(rows("people-ending"), 1);
	all.people[1].until--;
	CHECK_INT(rows("vendors-ending"), 1);
	person("vic@vendor.ex", JIT_VENDOR, scope.until + 90 * DAY, 0);
	CHECK_INT(rows("vendors-ending"), 0);
	all.people[2].retired = T0;
	CHECK_INT(rows("vendors-ending"), 1);

	CASE("who is gone");
	clear();
	g = grant(T0, DAY);
	person("alice@ex.com", JIT_PERSON, scope.until + DAY, T0 + HOUR);
	scope.until = T0 + 2 * HOUR;
	CHECK_INT(rows("left-behind"), 0);
	scope.until++;
	CHECK_INT(rows("left-behind"), 1);
	CHECK_INT(rows("retired"), 1);
	CHECK_INT(measure("retired")->rows[0].n, 0);
	ended(g, T0 + HOUR + 1);
	g->fate = JIT_FATE_OFFBOARD;
	CHECK_INT(rows("left-behind"), 0);
	CHECK_INT(measure("retired")->rows[0].n, 1);
	is_share("ended-by-offboarding", 1, 1);
	person("alice@ex.com", JIT_PERSON, scope.until + DAY, 0);
	CHECK_INT(rows("retired"), 0);

	CASE("what they are");
	grant(T0, 60)->class = JIT_VENDOR;
	grant(T0, 60)->class = JIT_WORKLOAD;
	is_share("vendor-grants", 1, 3);
	is_share("workload-grants", 1, 3);
}

static void
scan(const char *surface, int64_t at, int64_t count, bool whole)
{
	void *list = all.scans;
	struct jit_story_scan *s = jit_story_more(&list, &all.scans_count,
		&all.scans_cap, sizeof(*s));

	all.scans = list;
	s->by = s->host = jit_story_text(&all, "web-1");
	s->surface = jit_story_text(&all, surface);
	s->at = at;
	s->count = count;
	s->whole = whole;
}

static void
test_scans(void)
{
	const struct jit_measure *m;

	CASE("scans");
	clear();
	CHECK_STR(measure("standing-shrinking")->answer, "not enough scans");
	scan("keys", T0, 5, true);
	scan("groups", T0, 3, true);
	CHECK_STR(measure("standing-shrinking")->answer, "not enough scans");
	scan("keys", T0 + DAY, 4, true);
	m = measure("standing-shrinking");
	CHECK_STR(m->answer, "yes");
	CHECK_INT(m->all, 5);
	CHECK_INT(m->some, 4);
	CHECK(!m->found);
	CHECK_INT(rows("standing-privilege"), 2);
	scan("keys", T0 + 2 * DAY, 5, true);
	CHECK_STR(measure("standing-shrinking")->answer, "no");
	CHECK(!measure("standing-shrinking")->found);
	scan("keys", T0 + 3 * DAY, 6, true);
	CHECK(measure("standing-shrinking")->found);
	CHECK_INT(rows("unseen-surfaces"), 0);

	CASE("what was not seen is not less");
	scan("keys", T0 + 4 * DAY, 1, false);
	scan("keys", T0 + 5 * DAY, -1, false);
	CHECK_INT(measure("standing-shrinking")->some, 6);
	CHECK_INT(rows("unseen-surfaces"), 1);
}

int
main(void)
{
	test_table();
	test_scope();
	test_numbers();
	test_proofs();
	test_windows();
	test_growing();
	test_chains();
	test_stamps();
	test_bursts();
	test_pairs();
	test_exceptions();
	test_sweepers();
	test_people();
	test_scans();
	clear();
	return UNIT_DONE();
}
