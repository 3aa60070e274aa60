/* SPDX-License-Identifier: ISC */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "court.h"
#include "unit.h"

#define HOUR 3600

/* Looking. */

static void
test_classes(void)
{
	static const char *const names[] = {"person", "vendor", "workload",
		"host", "issuer"};
	static const char *const none[] = {"", "Person", "persons", "pers",
		"admin", " person"};
	size_t i;

	CASE("classes");
	CHECK_INT(JIT_CLASSES, COUNT(names));
	for (i = 0; i < COUNT(names); i++) {
		CHECK_STR(jit_class_name((enum jit_class)i), names[i]);
		CHECK_INT(jit_class_read(names[i]), (int)i);
	}
	for (i = 0; i < COUNT(none); i++)
		CHECK_INT(jit_class_read(none[i]), -1);
}

static struct jit_state *
fresh(void)
{
	struct jit_state *s = NULL;

	if (jit_state_new(&s, NULL) != 0)
		exit(99);
	return s;
}

/* Put in an empty grant of that id. */
static struct jit_grant *
put(struct jit_state *s, const char *id)
{
	struct jit_grant *g = jit_grant_new();

	if (g == NULL)
		exit(99);
	snprintf(g->id, sizeof(g->id), "%s", id);
	if (jit_state_add(s, g, NULL) != 0)
		exit(99);
	return g;
}

#define ID(end) "01M80R51J8041061050R3GG" end

static void
test_find(void)
{
	static const struct {
		const char *prefix, *found; /* NULL: the error says why */
		int code;
		const char *why;
	} rows[] = {
		{ID("28A"), ID("28A"), 0, ""},
		{"01m80r51j8041061050r3gg28a", ID("28A"), 0, ""},
		{"01M80R51J8041061050R3GG28", NULL, JIT_USAGE,
			"several grants begin with "
			"'01M80R51J8041061050R3GG28': give more of the id"},
		{ID("28B"), ID("28B"), 0, ""},
		{ID("3"), ID("3ZZ"), 0, ""},
		{ID("30"), NULL, JIT_NOGRANT,
			"no open grant '01M80R51J8041061050R3GG30'"},
		{"01M80R51", NULL, JIT_USAGE,
			"several grants begin with '01M80R51': give more of "
			"the id"},
		{"01M80R52", "01M80R52000000000000000000", 0, ""},
		{"01m80r520", "01M80R52000000000000000000", 0, ""},
		{"7ZZZZZZZ", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", 0, ""},
		{"7ZZZZZZZZZZZZZZZZZZZZZZZZY", NULL, JIT_NOGRANT,
			"no open grant '7ZZZZZZZZZZZZZZZZZZZZZZZZY'"},
		{"00000000", NULL, JIT_NOGRANT, "no open grant '00000000'"},
		{"01M80R53", NULL, JIT_NOGRANT, "no open grant '01M80R53'"},
		{"01M80R5", NULL, JIT_USAGE,
			"'01M80R5' is no id: give all 26 characters, or the "
			"first 8 or more"},
		{"", NULL, JIT_USAGE,
			"'' is no id: give all 26 characters, or the first 8 "
			"or more"},
		{"01M80R5I", NULL, JIT_USAGE,
			"'01M80R5I' is no id: give all 26 characters, or the "
			"first 8 or more"},
		{"81M80R51", NULL, JIT_USAGE,
			"'81M80R51' is no id: give all 26 characters, or the "
			"first 8 or more"},
		{ID("28AA"), NULL, JIT_USAGE,
			"'01M80R51J8041061050R3GG28AA' is no id: give all 26 "
			"characters, or the first 8 or more"},
		{"01M80R51*", NULL, JIT_USAGE,
			"'01M80R51*' is no id: give all 26 characters, or the "
			"first 8 or more"},
	};
	struct jit_state *s = fresh();
	struct jit_grant *g, untouched;
	struct jit_error err;
	size_t i;

	CASE("nothing is found where nothing is");
	CHECK(jit_state_grant(s, ID("28A")) == NULL);
	CHECK_INT(jit_state_find(&g, s, ID("28A"), &err), JIT_NOGRANT);
	CHECK(jit_state_key(s, "SHA256:x") == NULL);
	CHECK(jit_state_person(s, "alice@ex.com") == NULL);

	CASE("an id, or as much of it as only one has");
	put(s, ID("3ZZ"));
	put(s, ID("28B"));
	put(s, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
	put(s, "01M80R52000000000000000000");
	put(s, ID("28A"));
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].prefix);
		memset(&err, 0, sizeof(err));
		g = &untouched;
		CHECK_INT(jit_state_find(&g, s, rows[i].prefix, &err),
			rows[i].code);
		CHECK_STR(err.text, rows[i].why);
		if (rows[i].found)
			CHECK_STR(g->id, rows[i].found);
		else
			CHECK(g == &untouched);
	}
	CHECK_STR(jit_state_grant(s, ID("28B"))->id, ID("28B"));
	CHECK(jit_state_grant(s, ID("28")) == NULL);
	CHECK(jit_state_grant(s, ID("28C")) == NULL);
	CHECK(jit_state_grant(s, "") == NULL);
	jit_state_free(s);
	jit_state_free(NULL);
	jit_grant_free(NULL);
}

static bool
in_order(const struct jit_state *s)
{
	size_t i;

	for (i = 1; i < s->grants_count; i++)
		if (strcmp(s->grants[i - 1]->id, s->grants[i]->id) >= 0)
			return false;
	return true;
}

static void
test_order(void)
{
	struct jit_state *s = fresh();
	char id[JIT_ULID], kept[JIT_ULID] = "";
	size_t i;

	CASE("grants stay in the order of their ids");
	for (i = 0; i < 500; i++) {
		court_ulid(id, COURT_START + (int64_t)(i % 7));
		put(s, id);
		if (i == 250)
			memcpy(kept, id, sizeof(kept));
	}
	CHECK_INT((long long)s->grants_count, 500);
	CHECK(in_order(s));
	for (i = 0; s->grants_count > 1; i++)
		if (strcmp(s->grants[i % s->grants_count]->id, kept) != 0)
			jit_state_drop(s, s->grants[i % s->grants_count]);
	CHECK_STR(s->grants[0]->id, kept);
	jit_state_drop(s, jit_state_grant(s, kept));
	CHECK_INT((long long)s->grants_count, 0);
	CHECK(jit_state_grant(s, kept) == NULL);
	jit_state_free(s);
}

static void
test_revoked(void)
{
	struct jit_state *s = fresh();
	struct jit_grant *g = put(s, ID("28A"));
	int64_t i;

	CASE("what is revoked is known until its certificate is over");
	s->policy.limits.skew = 10;
	for (i = 1; i <= 40; i++) {
		g->serial = i;
		g->until = 1000 + i;
		g->ca.pk[0] = (unsigned char)i;
		CHECK_INT(jit_state_revoke(s, g, NULL), 0);
	}
	CHECK_INT((long long)s->revoked_count, 40);
	CHECK_STR(s->revoked[39].id, g->id);
	CHECK_INT(s->revoked[39].until, 1050);
	CHECK_INT(s->revoked[39].ca.pk[0], 40);
	jit_state_forget(s, 1010);
	CHECK_INT((long long)s->revoked_count, 40);
	jit_state_forget(s, 1011);
	CHECK_INT((long long)s->revoked_count, 39);
	CHECK_INT(s->revoked[0].serial, 2);
	jit_state_forget(s, 1049);
	CHECK_INT((long long)s->revoked_count, 1);
	CHECK_INT(s->revoked[0].serial, 40);
	jit_state_forget(s, 1050);
	CHECK_INT((long long)s->revoked_count, 0);
	jit_state_forget(s, 9999);
	jit_state_free(s);
}

static void
test_spent(void)
{
	struct jit_state *s;
	struct jit_grant *g;

	CASE("a budget remembers what it gave, and how much of it was had");
	court_reset();
	CHECK(court_accepts(JIT_GENESIS, ROOT, NULL));
	s = court;
	g = put(s, ID("28A"));
	g->rule = "auto";
	g->by = "alice@ex.com";
	g->from = 1000;
	g->until = 1600;
	CHECK_INT(jit_state_spend(s, g, NULL), 0);
	CHECK_STR(s->spends[0].rule, "auto");
	CHECK_STR(s->spends[0].by, "alice@ex.com");
	CHECK_INT(s->spends[0].at, 1000);
	CHECK_INT(s->spends[0].seconds, 600);
	jit_state_spent(s, ID("28B"), 1100);
	CHECK_INT(s->spends[0].seconds, 600);
	jit_state_spent(s, ID("28A"), 1700);
	CHECK_INT(s->spends[0].seconds, 600);
	jit_state_spent(s, ID("28A"), 1100);
	CHECK_INT(s->spends[0].seconds, 100);
	jit_state_spent(s, ID("28A"), 1000);
	CHECK_INT(s->spends[0].seconds, 0);

	CASE("until its time is over");
	jit_state_forget(s, 1000 + COURT_DAY - 1);
	CHECK_INT((long long)s->spends_count, 1);
	jit_state_forget(s, 1000 + COURT_DAY);
	CHECK_INT((long long)s->spends_count, 0);

	CASE("or no rule has such a budget any more");
	g->rule = "web";
	CHECK_INT(jit_state_spend(s, g, NULL), 0);
	g->rule = "gone";
	CHECK_INT(jit_state_spend(s, g, NULL), 0);
	jit_state_forget(s, 1001);
	CHECK_INT((long long)s->spends_count, 0);
	g->rule = g->by = NULL;
}

static void
test_debts(void)
{
	const struct jit_review review = {.group = "security", .within = 60};
	struct jit_state *s = fresh();
	struct jit_grant *g[3];
	static const char *const ids[] = {ID("28A"), ID("28B"), ID("28C")};
	size_t i;

	CASE("a review is owed until it is paid, whatever the time");
	for (i = 0; i < COUNT(ids); i++) {
		g[i] = put(s, ids[i]);
		g[i]->by = "alice@ex.com";
		g[i]->at = 900;
		g[i]->from = 1000 + (int64_t)i;
		g[i]->task = i == 1 ? "drill" : "drills";
		CHECK_INT(jit_state_owe(s, g[i], &review, NULL), 0);
	}
	CHECK_INT((long long)s->debts_count, 3);
	CHECK_STR(s->debts[1].group, "security");
	CHECK_STR(s->debts[1].by, "alice@ex.com");
	CHECK_INT(s->debts[1].asked, 900);
	CHECK_INT(s->debts[1].at, 1001);
	CHECK_INT(s->debts[1].due, 1061);
	CHECK_INT(s->debts[0].drill, 0);
	CHECK_INT(s->debts[1].drill, 1);
	CHECK_INT(s->debts[2].drill, 0);
	jit_state_forget(s, 999999);
	CHECK_INT((long long)s->debts_count, 3);
	jit_state_pay(s, jit_state_debt(s, ids[1]));
	CHECK_INT((long long)s->debts_count, 2);
	CHECK(jit_state_debt(s, ids[1]) == NULL);
	CHECK_STR(s->debts[1].id, ids[2]);
	jit_state_pay(s, jit_state_debt(s, ids[2]));
	jit_state_pay(s, jit_state_debt(s, ids[0]));
	CHECK_INT((long long)s->debts_count, 0);
	CHECK(jit_state_debt(s, ids[0]) == NULL);
	jit_state_free(s);
}

static void
test_sessions(void)
{
	struct jit_session x = {.session = ID("28D"),
		.id = ID("28A"),
		.live = ID("28A"),
		.by = "web-1@ex.com",
		.at = 7};
	struct jit_state *s = fresh();
	int i;

	CASE("a session is open until it is closed, whatever the time");
	CHECK(jit_state_session(s, x.session) == NULL);
	for (i = 0; i < 40; i++) {
		x.session[JIT_ULID - 2] = (char)('A' + i % 8);
		x.session[JIT_ULID - 3] = (char)('0' + i / 8);
		CHECK_INT(jit_state_open(s, &x, NULL), 0);
	}
	jit_state_forget(s, 999999);
	CHECK_INT((long long)s->sessions_count, 40);
	CHECK(jit_state_session(s, x.session) == &s->sessions[39]);
	jit_state_close(s, &s->sessions[7]);
	CHECK_INT((long long)s->sessions_count, 39);
	CHECK(jit_state_session(s, x.session) == &s->sessions[38]);

	CASE("it follows the extensions of its grant, and no others");
	jit_state_extend(s, ID("28B"), ID("28C"));
	CHECK_STR(s->sessions[3].live, ID("28A"));
	jit_state_extend(s, ID("28A"), ID("28B"));
	CHECK_STR(s->sessions[3].live, ID("28B"));
	CHECK_STR(s->sessions[3].id, ID("28A"));
	jit_state_free(s);

	CASE("each principal's uses and beats are counted");
	s = fresh();
	CHECK_INT(jit_state_counted(s, "web-1@ex.com"), 0);
	for (i = 0; i < 20; i++) {
		CHECK_INT(jit_state_count(s, "web-1@ex.com", NULL), 0);
		snprintf(x.by, sizeof(x.by), "web-%d@ex.com", 2 + i);
		CHECK_INT(jit_state_count(s, x.by, NULL), 0);
	}
	CHECK_INT(jit_state_counted(s, "web-1@ex.com"), 20);
	CHECK_INT(jit_state_counted(s, "web-21@ex.com"), 1);
	CHECK_INT(jit_state_counted(s, "web-2"), 0);

	CASE("and the last beat is kept");
	jit_state_beat(s, "web-9@ex.com", 77, 3);
	jit_state_beat(s, "nobody@ex.com", 78, 4);
	CHECK_INT((long long)s->counters_count, 21);
	CHECK_STR(s->counters[8].by, "web-9@ex.com");
	CHECK_INT(s->counters[8].beat, 77);
	CHECK_INT(s->counters[8].owed, 3);
	CHECK_INT(s->counters[9].beat, 0);
	jit_state_free(s);
}

/* A proof of 'id', whose texts are gone when this returns. */
static void
unprove(struct jit_state *s, const char *id, int64_t ended)
{
	char resource[] = "ssh:web-1", role[] = "root", by[] = "alice@ex.com";
	struct jit_unproven u = {.resource = resource,
		.role = role,
		.holder = by,
		.due = ended,
		.ended = ended,
		.control = ended % 2};

	memcpy(u.id, id, JIT_ULID);
	CHECK_INT(jit_state_unprove(s, &u, NULL), 0);
	memset(resource, 'x', sizeof(resource) - 1);
	memset(role, 'x', sizeof(role) - 1);
	memset(by, 'x', sizeof(by) - 1);
}

static bool
unproven_in_order(const struct jit_state *s)
{
	size_t i;

	for (i = 1; i < s->unproven_count; i++)
		if (strcmp(s->unproven[i - 1].id, s->unproven[i].id) >= 0)
			return false;
	return true;
}

static void
test_unproven(void)
{
	struct jit_state *s = fresh();
	struct jit_unproven *u;
	char id[JIT_ULID], kept[JIT_ULID] = "";
	size_t i;

	CASE("a proof is owed until it is given, whatever the time");
	CHECK(jit_state_unproven(s, ID("28A")) == NULL);
	for (i = 0; i < 500; i++) {
		court_ulid(id, COURT_START + (int64_t)(i % 7));
		unprove(s, id, (int64_t)i);
		if (i == 250)
			memcpy(kept, id, sizeof(kept));
	}
	jit_state_forget(s, INT64_MAX / 2);
	CHECK_INT((long long)s->unproven_count, 500);
	CHECK(unproven_in_order(s));
	u = jit_state_unproven(s, kept);
	if (CHECK(u != NULL)) {
		CHECK_STR(u->id, kept);
		CHECK_STR(u->resource, "ssh:web-1");
		CHECK_STR(u->role, "root");
		CHECK_STR(u->holder, "alice@ex.com");
		CHECK_INT(u->due, 250);
		CHECK_INT(u->ended, 250);
		CHECK_INT(u->control, 0);
	}
	for (i = 0; s->unproven_count > 1; i++)
		if (strcmp(s->unproven[i % s->unproven_count].id, kept) != 0)
			jit_state_prove(s, &s->unproven[i % s->unproven_count]);
	CHECK_STR(s->unproven[0].id, kept);
	CHECK(jit_state_unproven(s, ID("28A")) == NULL);
	CHECK(jit_state_unproven(s, "") == NULL);
	jit_state_prove(s, jit_state_unproven(s, kept));
	CHECK_INT((long long)s->unproven_count, 0);
	CHECK(jit_state_unproven(s, kept) == NULL);
	unprove(s, ID("28A"), 1);
	jit_state_free(s);
}

/* Saving and loading. */

static void
in_session(void)
{
	court_reset();
	CHECK(court_accepts(JIT_GENESIS, ROOT, NULL));
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(court_accepts(JIT_USE, WEB_ONE, NULL));
}

static void
nothing_open(void)
{
	court_reset();
	CHECK(court_accepts(JIT_GENESIS, ROOT, NULL));
}

static void
one_waits(void)
{
	nothing_open();
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
}

static void
no_offer(void)
{
	nothing_open();
	CHECK(court_accepts(JIT_REQUEST, ALICE, COURT_PG));
}

static void
with_votes(void)
{
	one_waits();
	CHECK(court_accepts(JIT_APPROVE, DAN_SK, "duration=60"));
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	CHECK(court_accepts(JIT_APPROVE, ERIN, "duration=1800"));
}

static void
active(void)
{
	with_votes();
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
}

static void
revoked(void)
{
	active();
	CHECK(court_accepts(JIT_END, ALICE, NULL));
}

/* A budget spent, glass broken and a drill, more of a live grant. */
static void
owe(void)
{
	char change[128];

	CHECK(court_accepts(JIT_REQUEST, ALICE,
		"resource=ssh:auto-1;duration=600"));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	snprintf(change, sizeof(change),
		"resource=ssh:auto-1;duration=900;extends=%s", court_id);
	court_now += 60;
	CHECK(court_accepts(JIT_REQUEST, ALICE, change));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(court_accepts(JIT_REQUEST, CAROL,
		"resource=ssh:glass-1;break_glass=1"));
	court_now += 5;
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(court_accepts(JIT_END, CAROL, NULL));
	CHECK(court_accepts(JIT_REQUEST, ERIN,
		"resource=ssh:glass-2;break_glass=1;task=drill"));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(court_accepts(JIT_REQUEST, WANDA,
		"resource=ssh:glass-1;break_glass=1"));
}

#define ACTIONS "/usr/bin/systemctl restart nginx|/usr/bin/id"

/* Some actions: asked for, narrowed by a vote, given. */
static void
choose(void)
{
	CHECK(court_accepts(JIT_REQUEST, ALICE,
		"resource=ssh:act-1;actions=" ACTIONS));
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	CHECK(court_accepts(JIT_REQUEST, CAROL,
		"resource=ssh:act-1;actions=" ACTIONS));
	CHECK(court_accepts(JIT_APPROVE, DAN, "actions=/usr/bin/id"));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
}

/* A database that was seen to work and is over; who looks after it. */
static void
beat(void)
{
	CHECK(court_accepts(JIT_REQUEST, ALICE, COURT_PG));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(court_accepts(JIT_PROBE, ISSUER, "outcome=allowed"));
	CHECK(court_accepts(JIT_REQUEST, ALICE, COURT_PG));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(court_accepts(JIT_PROBE, ISSUER, "outcome=allowed"));
	CHECK(court_accepts(JIT_END, ALICE, NULL));
	CHECK(court_accepts(JIT_BEAT, ISSUER, "due=4;done=3;owed=1"));
	CHECK(court_accepts(JIT_BEAT, HAL, NULL));
}

/* All of it at once: revoked, active, waiting with and without votes, owed. */
static void
rich(void)
{
	int i;

	revoked();
	for (i = 0; i < 3; i++) {
		court_now += 60;
		CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
		CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
		CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	}
	CHECK(court_accepts(JIT_END, RITA, "cause=revoke"));
	CHECK(court_accepts(JIT_REQUEST, CAROL, "resource=ssh:vault-1"));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_APPROVE, ERIN, "as=security"));
	CHECK(court_accepts(JIT_REQUEST, VIC,
		"reason=\xe2\x82\xac \"quoted\" \\ \xf0\x9f\x91\x8d here"));
	CHECK(court_accepts(JIT_REQUEST, WANDA, "resource=ssh:prod-9"));
	owe();
	choose();
	beat();
}

static void
owing(void)
{
	nothing_open();
	owe();
}

static void
choosing(void)
{
	nothing_open();
	choose();
}

static void
beating(void)
{
	nothing_open();
	beat();
}

static void (*const scenes[])(void) = {owing, nothing_open, one_waits, no_offer,
	with_votes, active, revoked, in_session, choosing, beating, rich};

static void
same_lists(const struct jit_lists *a, const struct jit_lists *b)
{
	size_t i, j;

	if (!CHECK_INT((long long)b->count, (long long)a->count))
		return;
	for (i = 0; i < a->count; i++)
		if (CHECK_INT((long long)b->at[i].count,
			    (long long)a->at[i].count))
			for (j = 0; j < a->at[i].count; j++)
				CHECK_STR(b->at[i].at[j], a->at[i].at[j]);
}

static void
same_votes(const struct jit_vote *a, const struct jit_vote *b)
{
	for (; a && b; a = a->next, b = b->next) {
		CHECK_MEM(b->sha256, a->sha256, JIT_SHA256);
		CHECK_STR(b->by, a->by);
		CHECK_STR(b->as, a->as);
		CHECK_INT(b->at, a->at);
		CHECK_INT(b->duration, a->duration);
		CHECK_INT(b->sk, a->sk);
		same_lists(&a->actions, &b->actions);
	}
	CHECK(a == NULL && b == NULL);
}

static void
same_grant(const struct jit_grant *a, const struct jit_grant *b)
{
	CHECK_STR(b->id, a->id);
	CHECK_INT(b->stage, a->stage);
	CHECK_MEM(b->request, a->request, JIT_SHA256);
	CHECK_INT(b->at, a->at);
	CHECK_STR(b->by, a->by);
	CHECK_STR(b->resource, a->resource);
	CHECK_STR(b->role, a->role);
	CHECK_STR(b->task, a->task);
	CHECK_STR(b->reason, a->reason);
	CHECK_STR(b->source, a->source);
	CHECK_STR(b->offer, a->offer);
	CHECK_INT(b->duration, a->duration);
	CHECK_INT(b->issued, a->issued);
	CHECK_STR(b->issuer, a->issuer);
	CHECK_STR(b->rule, a->rule);
	CHECK_INT(b->from, a->from);
	CHECK_INT(b->until, a->until);
	CHECK_INT(b->serial, a->serial);
	CHECK_STR(b->cert, a->cert);
	CHECK(jit_pubkey_equal(&b->ca, &a->ca));
	CHECK_INT(b->glass, a->glass);
	CHECK_STR(b->extends, a->extends);
	CHECK_INT(b->total, a->total);
	CHECK_INT(b->control, a->control);
	same_lists(&a->actions, &b->actions);
	same_votes(a->votes, b->votes);
}

static void
same_people(const struct jit_state *a, const struct jit_state *b)
{
	size_t i;

	if (!CHECK_INT((long long)b->people_count, (long long)a->people_count))
		return;
	for (i = 0; i < a->people_count; i++) {
		CHECK_STR(b->people[i].principal, a->people[i].principal);
		CHECK_INT(b->people[i].class, a->people[i].class);
		CHECK_STR(b->people[i].fingerprint, a->people[i].fingerprint);
		CHECK_INT(b->people[i].seq, a->people[i].seq);
		CHECK_INT(b->people[i].until, a->people[i].until);
		CHECK_STR(b->people[i].sponsor, a->people[i].sponsor);
		CHECK_INT(b->people[i].hardware, a->people[i].hardware);
		CHECK_STR(b->people[i].attest, a->people[i].attest);
		CHECK(jit_pubkey_equal(&b->people[i].key, &a->people[i].key));
	}
}

static void
same_revoked(const struct jit_state *a, const struct jit_state *b)
{
	size_t i;

	if (!CHECK_INT((long long)b->revoked_count,
		    (long long)a->revoked_count))
		return;
	for (i = 0; i < a->revoked_count; i++) {
		CHECK_STR(b->revoked[i].id, a->revoked[i].id);
		CHECK_INT(b->revoked[i].serial, a->revoked[i].serial);
		CHECK_INT(b->revoked[i].until, a->revoked[i].until);
		CHECK(jit_pubkey_equal(&b->revoked[i].ca, &a->revoked[i].ca));
	}
}

static void
same_memory(const struct jit_state *a, const struct jit_state *b)
{
	size_t i;

	if (CHECK_INT((long long)b->spends_count, (long long)a->spends_count))
		for (i = 0; i < a->spends_count; i++) {
			CHECK_STR(b->spends[i].id, a->spends[i].id);
			CHECK_STR(b->spends[i].rule, a->spends[i].rule);
			CHECK_STR(b->spends[i].by, a->spends[i].by);
			CHECK_INT(b->spends[i].at, a->spends[i].at);
			CHECK_INT(b->spends[i].seconds, a->spends[i].seconds);
		}
	if (CHECK_INT((long long)b->sessions_count,
		    (long long)a->sessions_count))
		for (i = 0; i < a->sessions_count; i++)
			CHECK_MEM(&b->sessions[i], &a->sessions[i],
				sizeof(a->sessions[i]));
	if (CHECK_INT((long long)b->counters_count,
		    (long long)a->counters_count))
		for (i = 0; i < a->counters_count; i++) {
			CHECK_STR(b->counters[i].by, a->counters[i].by);
			CHECK_INT(b->counters[i].n, a->counters[i].n);
			CHECK_INT(b->counters[i].beat, a->counters[i].beat);
			CHECK_INT(b->counters[i].owed, a->counters[i].owed);
		}
	if (CHECK_INT((long long)b->unproven_count,
		    (long long)a->unproven_count))
		for (i = 0; i < a->unproven_count; i++) {
			CHECK_STR(b->unproven[i].id, a->unproven[i].id);
			CHECK_STR(b->unproven[i].resource,
				a->unproven[i].resource);
			CHECK_STR(b->unproven[i].role, a->unproven[i].role);
			CHECK_STR(b->unproven[i].holder, a->unproven[i].holder);
			CHECK_INT(b->unproven[i].due, a->unproven[i].due);
			CHECK_INT(b->unproven[i].ended, a->unproven[i].ended);
			CHECK_INT(b->unproven[i].control,
				a->unproven[i].control);
		}
	if (CHECK_INT((long long)b->debts_count, (long long)a->debts_count))
		for (i = 0; i < a->debts_count; i++) {
			CHECK_STR(b->debts[i].id, a->debts[i].id);
			CHECK_STR(b->debts[i].group, a->debts[i].group);
			CHECK_STR(b->debts[i].by, a->debts[i].by);
			CHECK_INT(b->debts[i].asked, a->debts[i].asked);
			CHECK_INT(b->debts[i].at, a->debts[i].at);
			CHECK_INT(b->debts[i].drill, a->debts[i].drill);
			CHECK_INT(b->debts[i].due, a->debts[i].due);
		}
}

/* When its rules end follows from when the policy came into force. */
static void
same_ends(const struct jit_policy *a, const struct jit_policy *b)
{
	const struct jit_rule *r = a->rules.at, *q = b->rules.at;
	size_t i;

	for (i = 0; i < a->rules.count && i < b->rules.count; i++)
		CHECK_INT(q[i].ends, r[i].ends);
}

static void
same_state(const struct jit_state *a, const struct jit_state *b)
{
	size_t i;

	CHECK_STR(b->genesis, a->genesis);
	CHECK_STR(b->name, a->name);
	CHECK_INT(b->seq, a->seq);
	CHECK_STR(b->tip, a->tip);
	CHECK_MEM(b->oid, a->oid, JIT_OID);
	if (CHECK_INT((long long)b->stones_count, (long long)a->stones_count))
		for (i = 0; i < a->stones_count; i++) {
			CHECK_INT(b->stones[i].seq, a->stones[i].seq);
			CHECK_MEM(b->stones[i].oid, a->stones[i].oid, JIT_OID);
		}
	CHECK_INT(b->at, a->at);
	CHECK_INT(b->policy_version, a->policy_version);
	CHECK_INT((long long)b->policy.rules.count,
		(long long)a->policy.rules.count);
	CHECK_INT(b->policy.limits.pending, a->policy.limits.pending);
	CHECK_INT(b->policy_since, a->policy_since);
	same_ends(&a->policy, &b->policy);
	same_people(a, b);
	same_revoked(a, b);
	same_memory(a, b);
	CHECK_INT((long long)b->recent_count, (long long)a->recent_count);
	for (i = 0; i < a->recent_count && i < b->recent_count; i++)
		CHECK_STR(b->recent[i], a->recent[i]);
	if (CHECK_INT((long long)b->grants_count, (long long)a->grants_count))
		for (i = 0; i < a->grants_count; i++)
			same_grant(a->grants[i], b->grants[i]);
}

/* Let it have come by 'n' stones. */
static void
walk_stones(struct jit_state *s, const unsigned char oid[JIT_OID], size_t n)
{
	int64_t seq = s->seq;
	size_t i;

	for (i = 1; i <= n; i++) {
		s->seq = (int64_t)i * JIT_STONE_EVERY - 1;
		CHECK_INT(jit_state_stand(s, oid, NULL), 0);
		s->seq++;
		CHECK_INT(jit_state_stand(s, oid, NULL), 0);
	}
	s->seq = seq;
	CHECK_INT(jit_state_stand(s, oid, NULL), 0);
	CHECK_INT((long long)s->stones_count, (long long)n);
}

static void
test_identity(void)
{
	struct jit_buf first = {0}, second = {0};
	struct jit_error err = {0};
	unsigned char oid[JIT_OID];
	struct jit_state *s;
	char name[32];
	size_t i;

	CASE("what is loaded is what was saved");
	for (i = 0; i < COUNT(scenes); i++) {
		snprintf(name, sizeof(name), "scene %zu", i);
		ROW(name);
		scenes[i]();
		memset(oid, (int)i + 1, JIT_OID);
		walk_stones(court, oid, i);
		jit_buf_reset(&first);
		jit_buf_reset(&second);
		jit_state_save(&first, court);
		CHECK(!first.failed);
		s = NULL;
		if (!CHECK_INT(jit_state_load(&s, first.data, first.len, &err),
			    0))
			continue;
		same_state(court, s);
		jit_state_save(&second, s);
		if (CHECK_INT((long long)second.len, (long long)first.len))
			CHECK_MEM(second.data, first.data, first.len);
		jit_state_free(s);
	}
	jit_buf_free(&first);
	jit_buf_free(&second);
}

/* One that was loaded is as good as the one that was saved. */
static void
test_going_on(void)
{
	struct jit_buf body = {0};
	struct jit_state *s = NULL;

	CASE("a state that was loaded goes on");
	with_votes();
	jit_state_save(&body, court);
	if (CHECK_INT(jit_state_load(&s, body.data, body.len, NULL), 0)) {
		jit_state_free(court);
		court = s; /* transferred */
		CHECK(court_accepts(JIT_REQUEST, CAROL, NULL));
		CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
		CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
		CHECK(court_accepts(JIT_END, CAROL, NULL));
		CHECK_INT((long long)court->grants_count, 1);
		CHECK_INT((long long)court->recent_count, 2);
		CHECK_INT((long long)court->revoked_count, 1);
		court_now++;
		CHECK(court_accepts(JIT_REQUEST, CAROL, NULL));
		CHECK_INT((long long)court->recent_count, 1);
	}
	jit_buf_free(&body);
}

/* Load a copy without a byte to spare, so that any overrun is seen. */
static int
load(struct jit_state **s, const unsigned char *bytes, size_t len,
	struct jit_error *err)
{
	unsigned char *copy = malloc(len + (len == 0));
	int rc;

	if (len > 0)
		memcpy(copy, bytes, len);
	rc = jit_state_load(s, copy, len, err);
	free(copy);
	return rc;
}

/* It is refused as damaged. */
static void
damaged(const unsigned char *bytes, size_t len)
{
	struct jit_state untouched, *s = &untouched;
	struct jit_error err = {0};

	CHECK_INT(load(&s, bytes, len, &err), JIT_TROUBLE);
	CHECK_STR(err.text, "the state is damaged");
	CHECK(s == &untouched);
}

/* All of it again, under a policy that is read in no time. */
static void
rich_and_quick(void)
{
	static const char text[] =
		"{\"groups\":{\"admins\":[\"root@ex.com\"],"
		"\"asking\":[\"*@ex.com\"]},"
		"\"admins\":{\"group\":\"admins\",\"count\":1},"
		"\"issuers\":[],\"rules\":["
		"{\"id\":\"web\",\"who\":[\"asking\"],"
		"\"resource\":\"ssh:*\",\"roles\":[\"root\"],"
		"\"max\":\"1h\",\"actions\":[[\"/usr/bin/*\"]],"
		"\"approve\":[{\"group\":\"admins\",\"count\":1}]}]}";
	struct jit_json *json = NULL;

	rich();
	jit_policy_free(&court->policy);
	if (jit_json_read(&json, text, strlen(text), JIT_JSON_POLICY, NULL) ||
		jit_policy_read(&court->policy, json, NULL) ||
		jit_policy_date(&court->policy, COURT_START, NULL))
		exit(99);
	jit_json_free(json);
}

static void
test_lengths(void)
{
	struct jit_buf body = {0};
	char name[32];
	size_t i;

	CASE("no part of a state is one, nor is more than one");
	rich_and_quick();
	jit_state_save(&body, court);
	for (i = 0; i < body.len; i++) {
		snprintf(name, sizeof(name), "%zu bytes", i);
		ROW(name);
		damaged(body.data, i);
	}
	jit_buf_put(&body, "", 1);
	damaged(body.data, body.len);
	damaged(NULL, 0);
	damaged((const unsigned char *)"{}", 2);
	jit_buf_free(&body);
}

/* What can be done with any state that is loaded. */
static void
use(struct jit_state *s)
{
	struct jit_standing st;
	const struct jit_grant *g;
	struct jit_buf again = {0};
	char who[JIT_PRINCIPAL];
	struct jit_cert cert;
	size_t i;

	for (i = 0; i < s->grants_count; i++) {
		g = s->grants[i];
		(void)!jit_standing_of(&st, s, g, COURT_START, NULL);
		(void)!jit_standing_live(&g, s, g->by, g->resource, g->role,
			COURT_START, NULL);
		g = s->grants[i];
		(void)!jit_standing_cert(&cert, who, s, g, NULL, 1, g->from,
			g->until, NULL);
		CHECK(jit_state_grant(s, g->id) == g);
	}
	CHECK(in_order(s));
	CHECK(unproven_in_order(s));
	for (i = 0; i < s->unproven_count; i++)
		CHECK(jit_state_unproven(s, s->unproven[i].id) ==
			&s->unproven[i]);
	jit_state_forget(s, COURT_START);
	jit_state_save(&again, s);
	CHECK(!again.failed);
	jit_buf_free(&again);
	while (s->grants_count > 0)
		jit_state_drop(s, s->grants[s->grants_count / 2]);
}

static unsigned
next(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245U + 12345U;
	return (*seed >> 16) % below;
}

static void
try(struct jit_buf *body, size_t *loaded)
{
	struct jit_state *s = NULL;
	struct jit_error err = {0};
	int rc = load(&s, body->data, body->len, &err);

	CHECK(rc == 0 || rc == JIT_TROUBLE);
	if (rc != 0)
		return;
	use(s);
	jit_state_free(s);
	++*loaded;
}

static void
test_flips(void)
{
	struct jit_buf body = {0};
	unsigned seed = 1;
	unsigned char was[8];
	size_t i, j, at[8], loaded = 0;

	CASE("any byte changed: damaged, or a state that can be used");
	rich_and_quick();
	jit_state_save(&body, court);
	for (i = 0; i < body.len; i++) {
		was[0] = body.data[i];
		body.data[i] ^= i % 2 ? 0x01 : 0xff;
		try(&body, &loaded);
		body.data[i] = was[0];
	}
	CHECK(loaded > 0);

	CASE("several bytes changed");
	for (i = 0; i < 1000; i++) {
		for (j = 0; j < 8; j++) {
			at[j] = next(&seed, 0x8000) * body.len / 0x8000;
			was[j] = body.data[at[j]];
			body.data[at[j]] = (unsigned char)next(&seed, 256);
		}
		try(&body, &loaded);
		for (j = 8; j-- > 0;)
			body.data[at[j]] = was[j];
	}
	jit_buf_free(&body);
}

static long left; /* allocations of jansson's until one fails */

static void *
scarce(size_t size)
{
	return left-- == 0 ? NULL : malloc(size);
}

static void
test_memory(void)
{
	struct jit_buf body = {0}, again = {0};
	struct jit_state *s;
	char name[32];
	long i;
	int rc;

	CASE("no memory for the policy: nothing is loaded, or all of it");
	nothing_open();
	jit_policy_free(&court->policy);
	rc = jit_policy_read(&court->policy,
		court_policy("\"root@ex.com\"",
			"\"a-name-of-some-length@vendor.example.com\""),
		NULL);
	CHECK_INT(rc, 0);
	jit_state_save(&body, court);
	rc = JIT_TROUBLE;
	for (i = 0; rc != 0 && i < 100000; i++) {
		snprintf(name, sizeof(name), "allocation %ld", i);
		ROW(name);
		left = i;
		json_set_alloc_funcs(scarce, free);
		rc = jit_state_load(&s, body.data, body.len, NULL);
		json_set_alloc_funcs(malloc, free);
		CHECK(rc == 0 || rc == JIT_TROUBLE);
	}
	CHECK(i > 100);
	if (CHECK_INT(rc, 0)) {
		jit_state_save(&again, s);
		CHECK_INT((long long)again.len, (long long)body.len);
		CHECK_MEM(again.data, body.data, body.len);
		jit_state_free(s);
	}
	jit_buf_free(&body);
	jit_buf_free(&again);
}

/* What a state can be made to hold, and no file may. */

static void
id_twice(void)
{
	memcpy(court->grants[1]->id, court->grants[0]->id, JIT_ULID);
}

static void
ids_out_of_order(void)
{
	struct jit_grant *g = court->grants[0];

	court->grants[0] = court->grants[1];
	court->grants[1] = g;
}

static void
no_id(void)
{
	strcpy(court->grants[0]->id, "01M8");
}

static void
no_name(void)
{
	court->name = NULL;
}

static void
nobody_asks(void)
{
	court->grants[0]->by = NULL;
}

static void
no_resource(void)
{
	court->grants[0]->resource = "";
}

static void
before_all_time(void)
{
	court->grants[0]->at = -1;
}

static void
after_all_time(void)
{
	court->grants[0]->at = INT64_MAX - 1;
}

static void
never_over(void)
{
	court->grants[0]->until = INT64_MAX;
}

static void
a_seq_too_high(void)
{
	court->seq = JIT_JSON_INT + 1;
}

static void
another_stage(void)
{
	court->grants[0]->stage = (enum jit_stage)7;
}

static void
active_by_nobody(void)
{
	court->grants[0]->stage = JIT_ACTIVE;
	court->grants[0]->issuer = NULL;
}

static void
active_under_no_rule(void)
{
	court->grants[0]->stage = JIT_ACTIVE;
	court->grants[0]->rule = NULL;
}

static void
a_vote_by_nobody(void)
{
	court->grants[0]->votes->by = NULL;
}

static void
a_vote_as_nothing(void)
{
	court->grants[0]->votes->as = NULL;
}

static void
another_class(void)
{
	court->people[0].class = JIT_CLASSES;
}

static void
another_key_type(void)
{
	court->people[0].key.type = (enum jit_key_type)2;
}

static void
an_endless_application(void)
{
	memset(court->people[0].key.application, 'a', JIT_APPLICATION);
}

static void
an_endless_fingerprint(void)
{
	memset(court->people[0].fingerprint, 'a', JIT_FINGERPRINT);
}

static void
nobody_enrolled(void)
{
	court->people[0].principal = NULL;
}

static void
serial_zero(void)
{
	court->revoked[0].serial = 0;
}

static void
a_proof_of_nothing(void)
{
	*(char *)(uintptr_t)court->unproven[0].resource = '\0';
}

static void
a_proof_twice(void)
{
	unprove(court, court->unproven[0].id, 1);
}

static void
a_word_of_nothing(void)
{
	static const char *word[] = {""};
	static struct jit_texts action = {1, word};

	court->grants[0]->actions = (struct jit_lists){1, &action};
}

static void
too_many_actions(void)
{
	static const char *word[] = {"/bin/ls"};
	static struct jit_texts actions[JIT_ACTIONS_MAX + 1];
	size_t i;

	for (i = 0; i < COUNT(actions); i++)
		actions[i] = (struct jit_texts){1, word};
	court->grants[0]->actions = (struct jit_lists){COUNT(actions), actions};
}

static const struct {
	const char *what;
	void (*spoil)(void);
} spoils[] = {
	{"an id twice", id_twice},
	{"ids out of order", ids_out_of_order},
	{"an id that is none", no_id},
	{"a ledger without a name", no_name},
	{"a grant that nobody asked for", nobody_asks},
	{"a grant of nothing", no_resource},
	{"a time before all time", before_all_time},
	{"a time after all time", after_all_time},
	{"a grant that never ends", never_over},
	{"a seq too high", a_seq_too_high},
	{"another stage", another_stage},
	{"active by nobody", active_by_nobody},
	{"active under no rule", active_under_no_rule},
	{"a vote by nobody", a_vote_by_nobody},
	{"a vote as nothing", a_vote_as_nothing},
	{"another class", another_class},
	{"another type of key", another_key_type},
	{"an application without an end", an_endless_application},
	{"a fingerprint without an end", an_endless_fingerprint},
	{"a key of nobody", nobody_enrolled},
	{"serial 0", serial_zero},
	{"a proof of nothing", a_proof_of_nothing},
	{"a proof that is owed twice", a_proof_twice},
	{"a word of nothing", a_word_of_nothing},
	{"more actions than there are bits", too_many_actions},
};

static void
test_spoilt(void)
{
	struct jit_buf body = {0};
	struct jit_state *s = NULL;
	size_t i;

	CASE("what no history makes is damaged");
	for (i = 0; i < COUNT(spoils); i++) {
		ROW(spoils[i].what);
		revoked();
		court_now++;
		CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
		CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
		court_now++;
		CHECK(court_accepts(JIT_REQUEST, CAROL, NULL));
		jit_buf_reset(&body);
		jit_state_save(&body, court);
		CHECK_INT(jit_state_load(&s, body.data, body.len, NULL), 0);
		jit_state_free(s);
		spoils[i].spoil();
		jit_buf_reset(&body);
		jit_state_save(&body, court);
		CHECK(!body.failed);
		damaged(body.data, body.len);
	}

	CASE("before genesis there is nothing to save");
	court_reset();
	jit_buf_reset(&body);
	jit_state_save(&body, court);
	CHECK(body.failed);
	jit_buf_free(&body);
}

static void
test_people(void)
{
	const struct jit_enrolment *e;

	CASE("people and keys");
	nothing_open();
	e = jit_state_person(court, "dan@ex.com");
	CHECK(e == &court->people[DAN]);
	CHECK(jit_state_key(court, court->people[DAN_SK].fingerprint) ==
		&court->people[DAN_SK]);
	CHECK(jit_state_person(court, "mallory@ex.com") == NULL);
	CHECK(jit_state_person(court, "") == NULL);
	CHECK(jit_state_key(court, "SHA256:") == NULL);
	CHECK_INT(e->seq, 1);
}

static void
test_recent(void)
{
	struct jit_state *s = NULL;
	char ids[200][JIT_ULID];
	size_t i, j;

	CASE("each id of a second is found again, and no other");
	CHECK_INT(jit_state_new(&s, NULL), 0);
	for (i = 0; i < COUNT(ids); i++)
		court_ulid(ids[i], COURT_START);
	for (i = 0; i < COUNT(ids); i++) {
		CHECK(!jit_state_recent(s, ids[i % 2 ? COUNT(ids) - i : i]));
		CHECK_INT(jit_state_recent_room(s, NULL), 0);
		/* from both ends: neither in order nor against it */
		jit_state_recent_add(s, ids[i % 2 ? COUNT(ids) - i : i]);
		for (j = 0; j <= i; j++)
			CHECK(jit_state_recent(s,
				ids[j % 2 ? COUNT(ids) - j : j]));
	}
	jit_state_free(s);
}

int
main(void)
{
	court_open();
	test_recent();
	test_classes();
	test_find();
	test_order();
	test_revoked();
	test_spent();
	test_debts();
	test_sessions();
	test_unproven();
	test_people();
	test_identity();
	test_going_on();
	test_lengths();
	test_flips();
	test_memory();
	test_spoilt();
	court_close();
	return UNIT_DONE();
}
