/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "court.h"
#include "unit.h"
#include "words.h"

#define HOUR 3600
#define PENDING (4 * HOUR)
#define USE_BY HOUR
#define SKEW 120

/* The grant of the last request. */
static struct jit_grant *
grant(void)
{
	return jit_state_grant(court, court_id);
}

/* Found the court and ask for 'change' (may be NULL). */
static void
asked(enum court_who who, const char *change)
{
	court_reset();
	CHECK(court_accepts(JIT_GENESIS, ROOT, NULL));
	CHECK(court_accepts(JIT_REQUEST, who, change));
}

/* From here on another policy is in force: the court's with one change. */
static void
under(const char *from, const char *to)
{
	struct jit_policy p;
	struct jit_error err = {0};

	if (jit_policy_read(&p, court_policy(from, to), &err) != 0 ||
		jit_policy_date(&p, COURT_START, &err) != 0) {
		printf("policy: %s\n", err.text);
		exit(99);
	}
	jit_policy_free(&court->policy);
	court->policy = p;
}

/* Where the grant stands; "" if a rule gives it, else the judge's rule. */
static const char *
stand(struct jit_standing *st)
{
	static struct jit_error err;
	int rc;

	memset(&err, 0, sizeof(err));
	memset(st, 0, sizeof(*st));
	rc = jit_standing_of(st, court, grant(), court_now, &err);
	CHECK(rc == 0 || rc == JIT_NO);
	return err.rule;
}

static void
check_tally(const struct jit_tally *t, const char *group, int64_t need,
	int64_t have)
{
	CHECK_STR(t->group, group);
	CHECK_INT(t->need, need);
	CHECK_INT(t->have, have);
}

static void
test_tallies(void)
{
	struct jit_standing st;

	CASE("one vote of one group");
	asked(ALICE, NULL);
	CHECK_STR(stand(&st), "");
	CHECK_STR(st.rule->id, "web");
	CHECK_INT((long long)st.tallies, 1);
	check_tally(&st.tally[0], "dba", 1, 0);
	CHECK(!st.met);
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK_STR(stand(&st), "");
	check_tally(&st.tally[0], "dba", 1, 1);
	CHECK(st.met);
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	CHECK_STR(stand(&st), "");
	check_tally(&st.tally[0], "dba", 1, 2);
	CHECK(st.met);

	CASE("two groups: each has its own");
	asked(CAROL, "resource=ssh:vault-1");
	CHECK(court_accepts(JIT_APPROVE, ERIN, "as=security"));
	CHECK_STR(stand(&st), "");
	CHECK_INT((long long)st.tallies, 2);
	check_tally(&st.tally[0], "dba", 1, 0);
	check_tally(&st.tally[1], "security", 1, 1);
	CHECK(!st.met);
	CHECK(court_accepts(JIT_APPROVE, BOB, "as=security"));
	CHECK_STR(stand(&st), "");
	check_tally(&st.tally[1], "security", 1, 2);
	CHECK(!st.met);
	CHECK(court_accepts(JIT_APPROVE, DORA, "as=dba"));
	CHECK_STR(stand(&st), "");
	check_tally(&st.tally[0], "dba", 1, 1);
	CHECK(st.met);

	CASE("two of one group; one withdrawn is one less");
	asked(ALICE, "resource=ssh:pair-1");
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK_STR(stand(&st), "");
	check_tally(&st.tally[0], "dba", 2, 1);
	CHECK(!st.met);
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	CHECK_STR(stand(&st), "");
	check_tally(&st.tally[0], "dba", 2, 2);
	CHECK(st.met);
	CHECK(court_accepts(JIT_WITHDRAW, DORA, NULL));
	CHECK_STR(stand(&st), "");
	check_tally(&st.tally[0], "dba", 2, 1);
	CHECK(!st.met);
}

static void
test_lapses(void)
{
	struct jit_standing st;

	CASE("without its votes it lapses when waiting is over");
	asked(ALICE, "resource=ssh:pair-1");
	CHECK_STR(stand(&st), "");
	CHECK_INT(st.lapses, COURT_START + PENDING);
	court_now += 100;
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK_STR(stand(&st), "");
	CHECK_INT(st.lapses, COURT_START + PENDING);

	CASE("with them, an hour after the one that was needed");
	court_now += 100;
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	CHECK_STR(stand(&st), "");
	CHECK_INT(st.lapses, COURT_START + 200 + USE_BY);

	CASE("which a later vote does not move");
	court_now += 100;
	CHECK(court_accepts(JIT_APPROVE, ERIN, NULL));
	CHECK_STR(stand(&st), "");
	CHECK_INT(st.lapses, COURT_START + 200 + USE_BY);

	CASE("a vote withdrawn: the next one was the one that was needed");
	jit_hex(court_vote, grant()->votes->sha256, JIT_SHA256);
	CHECK(court_accepts(JIT_WITHDRAW, DAN, NULL));
	CHECK_STR(stand(&st), "");
	CHECK(st.met);
	CHECK_INT(st.lapses, COURT_START + 300 + USE_BY);

	CASE("too few are left: waiting began with the request");
	jit_hex(court_vote, grant()->votes->sha256, JIT_SHA256);
	CHECK(court_accepts(JIT_WITHDRAW, DORA, NULL));
	CHECK_STR(stand(&st), "");
	CHECK(!st.met);
	CHECK_INT(st.lapses, COURT_START + PENDING);

	CASE("other limits, other clocks");
	under("\"pending\":\"4h\",\"use_by\":\"1h\"",
		"\"pending\":\"10m\",\"use_by\":\"5m\"");
	CHECK_STR(stand(&st), "");
	CHECK_INT(st.lapses, COURT_START + 600);
	under("{\"group\":\"dba\",\"count\":2}",
		"{\"group\":\"dba\",\"count\":1}");
	CHECK_STR(stand(&st), "");
	CHECK_INT(st.lapses, COURT_START + 300 + USE_BY);
}

static void
test_duration(void)
{
	static const struct {
		const char *what;
		int64_t asked, dan, dora; /* seconds; 0: as asked */
		int64_t want;
	} rows[] = {
		{"as asked", 1800, 0, 0, 1800},
		{"all that the rule gives", 3600, 0, 0, 3600},
		{"narrowed by one", 1800, 600, 0, 600},
		{"narrowed by the other", 1800, 0, 600, 600},
		{"by both: the smaller", 1800, 900, 601, 601},
		{"by both: the smaller first", 1800, 601, 900, 601},
		{"to all that was asked", 1800, 1800, 1800, 1800},
		{"to a second", 3600, 1, 0, 1},
	};
	struct jit_standing st;
	char change[64];
	size_t i;

	CASE("the smallest of asked, narrowed and given");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].what);
		snprintf(change, sizeof(change), "duration=%lld",
			(long long)rows[i].asked);
		asked(ALICE, change);
		snprintf(change, sizeof(change), "duration=%lld",
			(long long)rows[i].dan);
		CHECK(court_accepts(JIT_APPROVE, DAN, change));
		snprintf(change, sizeof(change), "duration=%lld",
			(long long)rows[i].dora);
		CHECK(court_accepts(JIT_APPROVE, DORA, change));
		CHECK_STR(stand(&st), "");
		CHECK_INT(st.duration, rows[i].want);
	}

	CASE("a rule that now gives less");
	asked(ALICE, "duration=3600");
	CHECK(court_accepts(JIT_APPROVE, DAN, "duration=1200"));
	under("\"max\":\"1h\"", "\"max\":\"10m\"");
	CHECK_STR(stand(&st), "");
	CHECK_INT(st.duration, 600);
	under("\"max\":\"1h\"", "\"max\":\"30m\"");
	CHECK_STR(stand(&st), "");
	CHECK_INT(st.duration, 1200);
}

/* What changes after the votes, so that some of them stop counting. */

static void
same_as_before(void)
{
}

static void
dan_left_the_group(void)
{
	under("\"dba\":[\"dan@ex.com\",", "\"dba\":[");
}

static void
the_group_is_patterns(void)
{
	under("\"dba\":[\"dan@ex.com\",", "\"dba\":[\"d?n@*\",");
}

static void
the_group_has_another_name(void)
{
	under("\"approve\":[{\"group\":\"dba\",\"count\":1}]},"
	      "{\"id\":\"vault\"",
		"\"approve\":[{\"group\":\"security\",\"count\":1}]},"
		"{\"id\":\"vault\"");
}

static void
only_security_keys(void)
{
	under("\"task\":\"INC-#\"", "\"task\":\"INC-#\",\"key\":\"sk\"");
}

static void
all_of(const char *principal, enum jit_class class)
{
	size_t i;

	for (i = 0; i < court->people_count; i++)
		if (strcmp(court->people[i].principal, principal) == 0)
			court->people[i].class = class;
}

static void
dan_is_a_host(void)
{
	all_of("dan@ex.com", JIT_HOST);
}

static void
dan_is_gone(void)
{
	size_t i;

	for (i = 0; i < court->people_count; i++)
		if (strcmp(court->people[i].principal, "dan@ex.com") == 0)
			court->people[i].principal = "nobody@ex.com";
}

static void
dan_asked(void)
{
	grant()->by = "dan@ex.com";
	under("\"asking\":[", "\"asking\":[\"dan@ex.com\",");
}

static void
two_are_wanted(void)
{
	under("{\"group\":\"dba\",\"count\":1}",
		"{\"group\":\"dba\",\"count\":2}");
}

static void
frozen(void)
{
	under("\"resource\":\"pg:ledger-*\"", "\"resource\":\"*\"");
}

static void
no_such_rule(void)
{
	under("\"resource\":\"ssh:web-*\"", "\"resource\":\"ssh:www-*\"");
}

static void
not_for_alice(void)
{
	under("\"asking\":[\"alice@ex.com\",", "\"asking\":[");
}

static void
test_later(void)
{
	static const struct {
		const char *what;
		void (*change)(void);
		bool sk;          /* Dan votes with his security key */
		const char *rule; /* that refuses */
		int64_t have;
		bool met;
		int64_t duration;
	} rows[] = {
		{"nothing", same_as_before, false, "", 1, true, 600},
		{"left the group", dan_left_the_group, false, "", 0, false,
			1800},
		{"still in it", the_group_is_patterns, false, "", 1, true, 600},
		{"another group is asked", the_group_has_another_name, false,
			"", 0, false, 1800},
		{"a security key is wanted", only_security_keys, false, "", 0,
			false, 1800},
		{"and was used", only_security_keys, true, "", 1, true, 600},
		{"no person any more", dan_is_a_host, false, "", 0, false,
			1800},
		{"not enrolled any more", dan_is_gone, false, "", 0, false,
			1800},
		{"his own request", dan_asked, false, "", 0, false, 1800},
		{"more are wanted", two_are_wanted, false, "", 1, false, 600},
		{"a deny", frozen, false, "policy-deny", 0, false, 0},
		{"no rule", no_such_rule, false, "policy-match", 0, false, 0},
		{"not for her", not_for_alice, false, "policy-match", 0, false,
			0},
	};
	struct jit_standing st;
	size_t i;

	CASE("only what is in force counts, when it is counted");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].what);
		asked(ALICE, NULL);
		CHECK(court_accepts(JIT_APPROVE, rows[i].sk ? DAN_SK : DAN,
			"duration=600"));
		rows[i].change();
		CHECK_STR(stand(&st), rows[i].rule);
		CHECK_INT(st.tally[0].have, rows[i].have);
		CHECK(st.met == rows[i].met);
		CHECK_INT(st.duration, rows[i].duration);
		if (st.rule)
			CHECK(jit_standing_counts(court, grant(), st.rule,
				      grant()->votes,
				      court_now) == (rows[i].have == 1));
	}

	CASE("what refuses leaves its result alone");
	asked(ALICE, NULL);
	frozen();
	st.lapses = 77;
	CHECK_INT(jit_standing_of(&st, court, grant(), court_now, NULL),
		JIT_NO);
	CHECK_INT(st.lapses, 77);
}

static void
test_voter(void)
{
	static const struct {
		const char *what, *resource;
		const char *who;
		const char *as, *rule, *why;
	} rows[] = {
		{"one of the group", "ssh:web-1", "dan@ex.com", "dba", "", ""},
		{"of both: what is missing", "ssh:vault-1", "erin@ex.com",
			"security", "", ""},
		{"of what has enough", "ssh:vault-1", "dan@ex.com", "dba", "",
			""},
		{"himself", "ssh:web-1", "carol@ex.com", NULL, "vote-self",
			"nobody votes on his own request"},
		{"of neither", "ssh:vault-1", "root@ex.com", NULL,
			"vote-member",
			"rule 'vault' wants 1 of dba and 1 of security: "
			"root@ex.com is in none of them"},
		{"of another", "ssh:web-1", "bob@ex.com", NULL, "vote-member",
			"rule 'web' wants 1 of dba: bob@ex.com is in none of "
			"them"},
		{"a host", "ssh:web-1", "hal@ex.com", NULL, "vote-class",
			"only a person votes: hal@ex.com is enrolled as "
			"host"},
		{"a vendor", "ssh:web-1", "vic@vendor.ex", NULL, "vote-class",
			"only a person votes: vic@vendor.ex is enrolled as "
			"vendor"},
		{"a stranger", "ssh:web-1", "mallory@ex.com", NULL,
			"vote-class",
			"only a person votes: mallory@ex.com is enrolled as "
			"nobody"},
	};
	struct jit_error err;
	char change[64];
	const char *as;
	size_t i;
	int rc;

	CASE("who may vote, and for which group");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].what);
		snprintf(change, sizeof(change), "resource=%s",
			rows[i].resource);
		asked(CAROL, change);
		CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
		memset(&err, 0, sizeof(err));
		as = NULL;
		rc = jit_standing_voter(&as, court, grant(), rows[i].who,
			court_now, &err);
		CHECK_INT(rc, rows[i].as ? 0 : JIT_NO);
		CHECK_STR(as, rows[i].as);
		CHECK_STR(err.rule, rows[i].rule);
		CHECK_STR(err.text, rows[i].why);
	}

	CASE("nobody may where no rule gives it");
	frozen();
	CHECK_INT(jit_standing_voter(&as, court, grant(), "dan@ex.com",
			  court_now, &err),
		JIT_NO);
	CHECK_STR(err.rule, "policy-deny");

	CASE("who has voted, and whose vote would help");
	asked(CAROL, "resource=ssh:vault-1");
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(jit_standing_voted(grant(), "dan@ex.com"));
	CHECK(!jit_standing_voted(grant(), "dora@ex.com"));
	CHECK(!jit_standing_waits(court, grant(), "dan@ex.com", court_now));
	CHECK(!jit_standing_waits(court, grant(), "dora@ex.com", court_now));
	CHECK(!jit_standing_waits(court, grant(), "carol@ex.com", court_now));
	CHECK(!jit_standing_waits(court, grant(), "hal@ex.com", court_now));
	CHECK(jit_standing_waits(court, grant(), "erin@ex.com", court_now));
	CHECK(jit_standing_waits(court, grant(), "bob@ex.com", court_now));
	CHECK(court_accepts(JIT_APPROVE, BOB, "as=security"));
	CHECK(!jit_standing_waits(court, grant(), "erin@ex.com", court_now));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(!jit_standing_waits(court, grant(), "sue@ex.com", court_now));
}

/* Whether Alice is root on web-1 'after' the start, and why not. */
static void
live(int64_t after, const char *why)
{
	const struct jit_grant *g = NULL;
	struct jit_error err = {0};
	int rc;

	rc = jit_standing_live(&g, court, "alice@ex.com", "ssh:web-1", "root",
		COURT_START + after, &err);
	if (why == NULL) {
		CHECK_INT(rc, 0);
		CHECK(g && g->stage == JIT_ACTIVE);
		return;
	}
	CHECK_INT(rc, JIT_NO);
	CHECK(g == NULL);
	if (strcmp(why, "none") == 0)
		CHECK_STR(err.text,
			"alice@ex.com has no open grant for 'root' on "
			"ssh:web-1");
	else
		CHECK(strstr(err.text, why));
}

static void
test_live(void)
{
	static const struct {
		const char *who, *resource, *role;
	} others[] = {
		{"carol@ex.com", "ssh:web-1", "root"},
		{"alice@ex.com", "ssh:web-2", "root"},
		{"alice@ex.com", "ssh:web-1", "www"},
		{"alice@ex.com", "ssh:web-*", "root"},
		{"*", "ssh:web-1", "root"},
		{"", "", ""},
	};
	const struct jit_grant *g = NULL;
	struct jit_error err;
	char first[JIT_ULID];
	size_t i;

	CASE("from the first second on, and not in the last");
	asked(ALICE, "duration=600");
	live(0, "is not issued yet");
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	live(0, "is not issued yet");
	court_now += 100;
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	live(0, "begins at 2026-11-22T04:29:21Z");
	live(99, "begins at 2026-11-22T04:29:21Z");
	live(100, NULL);
	live(699, NULL);
	live(700, "ran out at 2026-11-22T04:39:21Z");
	live(1000000, "ran out at 2026-11-22T04:39:21Z");

	CASE("exactly who, on what, as what");
	for (i = 0; i < COUNT(others); i++) {
		ROW(others[i].who);
		CHECK_INT(jit_standing_live(&g, court, others[i].who,
				  others[i].resource, others[i].role,
				  COURT_START + 100, &err),
			JIT_NO);
	}

	CASE("one of several is enough");
	memcpy(first, court_id, JIT_ULID);
	court_now++;
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
	live(200, NULL);
	CHECK_INT(jit_standing_live(&g, court, "alice@ex.com", "ssh:web-1",
			  "root", COURT_START + 200, &err),
		0);
	CHECK_STR(g ? g->id : NULL, first);
	live(700, "is not issued yet");
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK_INT(jit_standing_live(&g, court, "alice@ex.com", "ssh:web-1",
			  "root", COURT_START + 200, &err),
		0);
	CHECK_STR(g ? g->id : NULL, court_id);
	live(700, NULL);

	CASE("what is ended is not there");
	CHECK(court_accepts(JIT_END, ALICE, NULL));
	live(699, NULL);
	live(700, "ran out");
	memcpy(court_id, first, JIT_ULID);
	CHECK(court_accepts(JIT_END, RITA, "cause=revoke"));
	live(200, "none");
}

#define ID_ACTION "/usr/bin/id"
#define RESTART "/usr/bin/systemctl restart nginx"

/* Whether Alice may do that on act-1 (NULL: anything), and why not. */
static void
may(const char *line, const char *why)
{
	const struct jit_asked asked = {.who = "alice@ex.com",
		.resource = "ssh:act-1",
		.role = "root",
		.at = court_now};
	const struct jit_grant *g = NULL;
	struct jit_arena mem = {0};
	struct jit_texts action = {0};
	struct jit_error err = {0};
	int rc;

	ROW(line);
	if (line)
		CHECK_INT(jit_words_split(&action, &mem, line, &err), 0);
	rc = jit_standing_may(&g, court, &asked, line ? &action : NULL, &err);
	CHECK_INT(rc, why ? JIT_NO : 0);
	CHECK((g != NULL) == (rc == 0));
	if (why)
		CHECK(strstr(err.text, why) != NULL);
	jit_arena_free(&mem);
}

static void
test_actions(void)
{
	const struct jit_grant *g = NULL;
	struct jit_standing st;

	CASE("what the votes leave of the actions");
	asked(ALICE, "resource=ssh:act-1;actions=" RESTART "|" ID_ACTION);
	CHECK_STR(stand(&st), "");
	CHECK_INT((long long)st.actions, 3);
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	CHECK(court_accepts(JIT_APPROVE, DAN, "actions=" ID_ACTION));
	CHECK_STR(stand(&st), "");
	CHECK_INT((long long)st.actions, 2);
	under("\"dba\":[\"dan@ex.com\",", "\"dba\":[");
	CHECK_STR(stand(&st), "");
	CHECK_INT((long long)st.actions, 3);

	CASE("the policy in force decides which may be asked");
	under("[\"/usr/bin/id\"],", "");
	CHECK_STR(stand(&st), "policy-actions");
	asked(ALICE, "resource=ssh:act-1;actions=" RESTART "|" ID_ACTION);
	under("\"actions\":[[\"/usr/bin/systemctl\",\"restart\",\"*\"],"
	      "[\"/usr/bin/id\"],[\"/usr/bin/cat\",\"/var/log/*\"]],",
		"");
	CHECK_STR(stand(&st), "");
	CHECK_INT((long long)st.actions, 3);

	CASE("a grant of some actions says yes to these and no others");
	asked(ALICE, "resource=ssh:act-1;actions=" RESTART "|" ID_ACTION);
	CHECK(court_accepts(JIT_APPROVE, DAN, "actions=" ID_ACTION));
	may(ID_ACTION, "is not issued yet");
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	may(ID_ACTION, NULL);
	may(ID_ACTION " -u", "does not give that action");
	may(RESTART, "does not give that action");
	may(NULL, "gives some actions only: ask for one (-a)");
	CHECK_INT(jit_standing_live(&g, court, "alice@ex.com", "ssh:act-1",
			  "root", court_now, NULL),
		0);

	CASE("and rests on what the policy lets it do");
	CHECK(jit_standing_basis(court, grant()) == JIT_BASIS_HOLDS);
	under("[\"/usr/bin/systemctl\",\"restart\",\"*\"],", "");
	CHECK(jit_standing_basis(court, grant()) == JIT_BASIS_HOLDS);
	under("[\"/usr/bin/id\"],", "");
	CHECK(jit_standing_basis(court, grant()) == JIT_BASIS_POLICY);
	may(ID_ACTION, "rests on nothing any more");

	CASE("of several the one that gives it");
	asked(ALICE, "resource=ssh:act-1;actions=" RESTART);
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	court_now++;
	CHECK(court_accepts(JIT_REQUEST, ALICE,
		"resource=ssh:act-1;actions=" ID_ACTION));
	may(RESTART, NULL);
	may(ID_ACTION, "is not issued yet");
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	may(RESTART, NULL);
	may(ID_ACTION, NULL);
	may("/usr/bin/ls", "does not give that action");
	court_now += 1799;
	may(RESTART, "ran out");
	may(ID_ACTION, NULL);

	CASE("one of any says yes to each");
	court_reset();
	CHECK(court_accepts(JIT_GENESIS, ROOT, NULL));
	under("\"actions\":[[\"/usr/bin/systemctl\",\"restart\",\"*\"],"
	      "[\"/usr/bin/id\"],[\"/usr/bin/cat\",\"/var/log/*\"]],",
		"");
	CHECK(court_accepts(JIT_REQUEST, ALICE, "resource=ssh:act-1"));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	may(NULL, NULL);
	may("/bin/sh -c x", NULL);
}

static void
test_cert(void)
{
	const struct jit_issuing recorded = {.recorder = "/usr/lib/recorder"};
	char who[JIT_PRINCIPAL] = "untouched", change[JIT_PUBKEY_LINE + 16];
	struct jit_error err = {0};
	struct jit_pubkey key;
	struct jit_cert cert;

	CASE("what a certificate must say");
	asked(ALICE, NULL);
	CHECK_INT(jit_pubkey_parse(&key, court_line(ALICE), &err), 0);
	CHECK_INT(jit_standing_cert(&cert, who, court, grant(), NULL, 7, 5000,
			  6800, &err),
		0);
	CHECK(jit_pubkey_equal(&cert.key, &key));
	CHECK_INT((long long)cert.serial, 7);
	CHECK_STR(cert.key_id, court_id);
	CHECK_STR(cert.principal, "root@web-1");
	CHECK(cert.principal == who);
	CHECK_INT(cert.after, 5000 - SKEW);
	CHECK_INT(cert.before, 6800);
	CHECK(cert.force_command == NULL);

	CASE("the recorder of the issuer's hosts is forced");
	CHECK_INT(jit_standing_cert(&cert, who, court, grant(), &recorded, 7,
			  5000, 6800, &err),
		0);
	CHECK_STR(cert.force_command, "/usr/lib/recorder");

	CASE("for a security key too, and another skew");
	under("\"skew\":\"2m\"", "\"skew\":\"1h\"");
	snprintf(change, sizeof(change), "offer=%s", court_line(DAN_SK));
	CHECK(court_accepts(JIT_REQUEST, CAROL, change));
	CHECK_INT(jit_standing_cert(&cert, who, court, grant(), NULL, 8, 5000,
			  6800, &err),
		0);
	CHECK_INT(cert.key.type, JIT_SK_ED25519);
	CHECK_INT(cert.after, 1400);

	CASE("none for what is not ssh");
	asked(ALICE, COURT_PG);
	memset(&cert, 7, sizeof(cert));
	strcpy(who, "untouched");
	CHECK_INT(jit_standing_cert(&cert, who, court, grant(), NULL, 7, 5000,
			  6800, &err),
		JIT_NO);
	CHECK_STR(err.rule, "issue-connector");
	CHECK_STR(err.text,
		"no connector here issues for pg:orders: only ssh does");
	CHECK_STR(who, "untouched");
	CHECK_INT(cert.after, 0x0707070707070707);

	CASE("none without a key");
	asked(ALICE, NULL);
	grant()->offer = NULL;
	CHECK_INT(jit_standing_cert(&cert, who, court, grant(), NULL, 7, 5000,
			  6800, &err),
		JIT_NO);
	CHECK_STR(err.rule, "request-offer");
	CHECK_STR(err.text, "the request offers no key to certify");

	CASE("the longest names fit");
	grant()->offer = court_line(ALICE);
	grant()->role = "abcdefghijklmnopqrstuvwxyz012345";
	grant()->resource = "ssh:"
			    "abcdefghijklmnopqrstuvwxyz012345"
			    "abcdefghijklmnopqrstuvwxyz01234";
	CHECK_INT(jit_standing_cert(&cert, who, court, grant(), NULL, 7, 5000,
			  6800, &err),
		0);
	CHECK_STR(who,
		"abcdefghijklmnopqrstuvwxyz012345@"
		"abcdefghijklmnopqrstuvwxyz012345"
		"abcdefghijklmnopqrstuvwxyz01234");
}

int
main(void)
{
	court_open();
	test_tallies();
	test_lapses();
	test_duration();
	test_later();
	test_voter();
	test_live();
	test_actions();
	test_cert();
	court_close();
	return UNIT_DONE();
}
