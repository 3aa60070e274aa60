/* SPDX-License-Identifier: ISC */
/* What the stories say of what the judge accepted. */
#include "court.h"

#include <stdio.h>
#include <string.h>

#include "story.h"
#include "unit.h"

#define HOUR 3600
#define CLOSE "phase=close;program-"
#define GLASS "resource=ssh:glass-1;break_glass=1"

static struct jit_stories all;

static void
hear(const struct jit_event *ev)
{
	const struct jit_commit c = {.event = *ev};

	CHECK_INT(jit_story_visit(&c, NULL, court, &all, NULL), 0);
}

static void
does(enum jit_event_type type, enum court_who who, const char *change)
{
	CHECK(court_accepts(type, who, change));
}

static void
founded(void)
{
	jit_stories_free(&all);
	court_reset();
	does(JIT_GENESIS, ROOT, NULL);
}

static struct jit_story *
story(void)
{
	struct jit_story *g = jit_story_find(&all, court_id);

	CHECK(g != NULL);
	return g;
}

/* Alice asks, Dan approves a minute later, the issuer issues ten after. */
static struct jit_story *
issued(void)
{
	founded();
	does(JIT_REQUEST, ALICE, NULL);
	court_now += 60;
	does(JIT_APPROVE, DAN, "duration=900");
	court_now += 10;
	does(JIT_ISSUE, ISSUER, NULL);
	return story();
}

static void
test_whole_life(void)
{
	struct jit_story *g = issued();

	CASE("a whole life");
	CHECK_STR(g->by, "alice@ex.com");
	CHECK_STR(g->resource, "ssh:web-1");
	CHECK_STR(g->role, "root");
	CHECK_STR(g->task, "INC-4211");
	CHECK_STR(g->rule, "web");
	CHECK_STR(g->issuer, "issuer@ex.com");
	CHECK_INT(g->class, JIT_PERSON);
	CHECK_INT(g->want, JIT_WANT_ACCESS);
	CHECK_INT(g->at, COURT_START);
	CHECK_INT(g->decided, COURT_START + 60);
	CHECK_INT(g->from, COURT_START + 70);
	CHECK_INT(g->until, COURT_START + 970);
	CHECK_INT(g->given, 900);
	CHECK_INT(g->cap, HOUR);
	CHECK_INT(g->sum, 2 * HOUR);
	CHECK(g->checked);
	CHECK_INT(g->serial, g->issued);
	CHECK_STR(g->votes->by, "dan@ex.com");
	CHECK_STR(g->votes->as, "dba");
	CHECK_INT(g->votes->narrowed, 900);
	CHECK(g->votes->counted && !g->votes->withdrawn && !g->unvoted);
	CHECK_INT(g->fate, JIT_FATE_OPEN);
	CHECK_INT(g->due, 0);

	court_now += 5;
	does(JIT_PROBE, WEB_ONE, "outcome=allowed");
	does(JIT_USE, WEB_ONE, NULL);
	court_now += 100;
	does(JIT_USE, WEB_ONE, CLOSE ";killed=2;exit=3");
	court_now += 1;
	does(JIT_END, WEB_ONE, NULL);
	CHECK_INT(g->control, COURT_START + 75);
	CHECK_STR(g->uses->host, "web-1");
	CHECK_STR(g->uses->program, "bash");
	CHECK_INT(g->uses->opened, COURT_START + 75);
	CHECK_INT(g->uses->closed, COURT_START + 175);
	CHECK_INT(g->uses->killed, 2);
	CHECK_INT(g->uses->exit.n, 3);
	CHECK_INT(g->fate, JIT_FATE_TASK);
	CHECK_STR(g->ended_by, "web-1@ex.com");
	CHECK_INT(g->due, COURT_START + 176);
	CHECK(g->provable && jit_story_owed(g) && jit_story_automatic(g));
	CHECK_INT(jit_story_over(g), COURT_START + 176);

	court_now += 2;
	does(JIT_PROBE, WEB_ONE, "outcome=allowed");
	court_now += 2;
	does(JIT_PROBE, WEB_ONE, NULL);
	CHECK_INT(g->alive, COURT_START + 178);
	CHECK_INT(g->dead, COURT_START + 180);
	CHECK_STR(g->dead_by, "web-1@ex.com");
	CHECK_INT(g->probes, 3);
	CHECK(!jit_story_owed(g));
}

static void
test_hands(void)
{
	struct jit_story *g = issued();

	CASE("ended by a person's hand");
	does(JIT_END, ALICE, NULL);
	CHECK(!jit_story_automatic(g));
	CHECK_INT(g->fate, JIT_FATE_TASK);
	CHECK(!g->provable);

	CASE("ended by the holder's program");
	g = issued();
	does(JIT_USE, ALICE, NULL);
	does(JIT_USE, ALICE, CLOSE);
	court_now += JIT_STORY_CLOSE;
	does(JIT_END, ALICE, NULL);
	CHECK(jit_story_automatic(g));

	CASE("ended by the holder later");
	g = issued();
	does(JIT_USE, ALICE, NULL);
	does(JIT_USE, ALICE, CLOSE);
	court_now += JIT_STORY_CLOSE + 1;
	does(JIT_END, ALICE, NULL);
	CHECK(!jit_story_automatic(g));

	CASE("ended by an approver just then");
	g = issued();
	does(JIT_USE, ALICE, NULL);
	does(JIT_USE, ALICE, CLOSE);
	does(JIT_END, DAN, "cause=revoke");
	CHECK(!jit_story_automatic(g));

	CASE("run out");
	g = issued();
	court_now += 950;
	does(JIT_END, ISSUER, "cause=ttl");
	CHECK_INT(g->fate, JIT_FATE_TTL);
	CHECK_INT(g->due, g->until);
	CHECK(jit_story_automatic(g));

	CASE("an admin writes the proof off");
	does(JIT_REVIEW, RITA, NULL);
	CHECK_INT(g->written_off, court_now);
	CHECK(!g->reviewed && !jit_story_owed(g));
}

static void
test_votes(void)
{
	struct jit_story *g;

	CASE("votes");
	founded();
	does(JIT_REQUEST, CAROL, "resource=ssh:vault-1");
	g = story();
	CHECK_STR(g->rule, "vault");
	does(JIT_APPROVE, DAN, NULL);
	CHECK_INT(g->decided, 0);
	court_now += 30;
	does(JIT_APPROVE, BOB, "as=security");
	CHECK_INT(g->decided, COURT_START + 30);
	court_now += 5;
	does(JIT_WITHDRAW, BOB, NULL);
	CHECK_INT(g->decided, 0);
	CHECK_INT(g->votes->next->withdrawn, COURT_START + 35);
	CHECK_INT(g->votes->withdrawn, 0);
	court_now += 5;
	does(JIT_APPROVE, SUE, "as=security");
	CHECK_INT(g->decided, COURT_START + 40);
	does(JIT_ISSUE, ISSUER, NULL);
	CHECK(g->votes->counted && !g->votes->next->counted);
	CHECK(g->votes->next->next->counted);

	CASE("a deny");
	founded();
	does(JIT_REQUEST, ALICE, NULL);
	g = story();
	does(JIT_DENY, DAN, NULL);
	CHECK_INT(g->fate, JIT_FATE_DENIED);
	CHECK_STR(g->ended_by, "dan@ex.com");
	CHECK_STR(g->votes->by, "dan@ex.com");
	CHECK(g->votes->as == NULL);
	CHECK_INT(g->due, 0);

	CASE("taken back");
	founded();
	does(JIT_REQUEST, ALICE, NULL);
	memcpy(court_vote, court_request, sizeof(court_vote));
	does(JIT_WITHDRAW, ALICE, NULL);
	CHECK_INT(story()->fate, JIT_FATE_WITHDRAWN);

	CASE("without a vote");
	founded();
	does(JIT_REQUEST, ALICE, "resource=ssh:auto-1");
	CHECK(story()->unvoted);
	CHECK_INT(story()->decided, COURT_START);

	CASE("lapsed");
	founded();
	does(JIT_REQUEST, ALICE, NULL);
	court_now += 5 * HOUR;
	does(JIT_END, ISSUER, "cause=lapse");
	CHECK_INT(story()->fate, JIT_FATE_LAPSE);
	CHECK(!jit_story_owed(story()));
}

static void
test_glass(void)
{
	struct jit_story *g;

	CASE("break-glass");
	founded();
	does(JIT_REQUEST, ALICE, GLASS);
	does(JIT_ISSUE, ISSUER, NULL);
	g = story();
	CHECK(g->glass && !g->drill);
	CHECK_INT(g->review_due, COURT_START + COURT_DAY);
	CHECK_STR(g->review_group, "security");
	court_now += 30;
	does(JIT_REVIEW, BOB, "verdict=unclear");
	CHECK_INT(g->reviewed, COURT_START + 30);
	CHECK_STR(g->reviewer, "bob@ex.com");
	CHECK_STR(g->verdict, "unclear");
	CHECK_INT(g->written_off, 0);

	CASE("a drill");
	founded();
	does(JIT_REQUEST, ALICE, GLASS ";task=drill");
	CHECK(story()->drill);
}

static void
test_extension(void)
{
	struct jit_story *g = issued(), *more;
	char change[128];

	CASE("an extension");
	court_now += 300;
	snprintf(change, sizeof(change), "extends=%s;duration=600", g->id);
	does(JIT_REQUEST, ALICE, change);
	does(JIT_APPROVE, DAN, NULL);
	does(JIT_ISSUE, ISSUER, NULL);
	more = story();
	CHECK(more->extends == g && g->extended == more);
	CHECK_INT(more->until, g->until + 600);
	CHECK_INT(more->given, 600);
}

static void
test_ledger(void)
{
	size_t before;

	CASE("people");
	founded();
	before = all.people_count;
	CHECK_INT(before, COURT_ENROLLED);
	CHECK_INT(all.people[VIC].until, COURT_START + 30 * COURT_DAY);
	CHECK_INT(all.people[VIC].class, JIT_VENDOR);
	CHECK_STR(all.people[VIC].sponsor, "dora@ex.com");
	court_now += 9;
	does(JIT_RETIRE, ROOT, "id-;principal=carol@ex.com;fingerprint-");
	CHECK_INT(all.people[CAROL].retired, COURT_START + 9);
	CHECK_INT(all.people[ALICE].retired, 0);

	CASE("policies");
	CHECK_INT(all.policies_count, 1);
	CHECK_INT(all.policies[0].version, 1);
	CHECK_INT(all.policies[0].since, COURT_START);
	CHECK(all.policies[0].json != NULL && !all.policies[0].made);

	CASE("beats");
	does(JIT_BEAT, ISSUER, "owed=4");
	court_now += JIT_STORY_SILENCE;
	does(JIT_BEAT, ISSUER, NULL);
	CHECK_INT(all.gaps_count, 0);
	court_now += JIT_STORY_SILENCE + 1;
	does(JIT_BEAT, ISSUER, "owed=2");
	CHECK_INT(all.gaps_count, 1);
	CHECK_INT(all.gaps[0].to - all.gaps[0].from, JIT_STORY_SILENCE + 1);
	CHECK_INT(all.sweepers_count, 1);
	CHECK_INT(all.sweepers[0].beats, 3);
	CHECK_INT(all.sweepers[0].owed, 2);
	CHECK_INT(all.events[JIT_BEAT], 3);
	CHECK_INT(all.last, court_now);

	CASE("scans");
	does(JIT_SCAN, ISSUER, NULL);
	CHECK_INT(all.scans_count, 3);
	CHECK_STR(all.scans[0].surface, "groups");
	CHECK_STR(all.scans[0].by, "issuer@ex.com");
	CHECK_INT(all.scans[0].count, 2);
	CHECK(all.scans[0].whole && !all.scans[2].whole);
	CHECK_INT(all.scans[1].count, -1);
	CHECK_INT(all.scans[2].count, 0);
}

/* Many, so that the tables grow. */
static void
test_many(void)
{
	char first[JIT_ULID], task[32], change[64];
	int i;

	CASE("many");
	founded();
	for (i = 0; i < 600; i++) {
		court_now++;
		snprintf(task, sizeof(task), "INC-%d", i);
		snprintf(change, sizeof(change), "task=%s", task);
		does(JIT_REQUEST, ALICE, change);
		CHECK_STR(story()->task, task);
		CHECK(story()->by == all.at[0]->by);
		if (i == 0)
			memcpy(first, court_id, JIT_ULID);
	}
	CHECK_INT(all.count, 600);
	CHECK(jit_story_find(&all, first) == all.at[0]);
	CHECK(jit_story_find(&all, "01M80R51J8041061050R3GG28A") == NULL);
	CHECK(jit_story_text(&all, "INC-7") == all.at[7]->task);
}

int
main(void)
{
	court_open();
	court_heard = hear;
	test_whole_life();
	test_hands();
	test_votes();
	test_glass();
	test_extension();
	test_ledger();
	test_many();
	jit_stories_free(&all);
	court_close();
	return UNIT_DONE();
}
