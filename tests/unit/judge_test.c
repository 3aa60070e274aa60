/* SPDX-License-Identifier: ISC */
/*
 * The judge. Each of its rules is the name of a case, which fails where the
 * rule is switched off (tests/mutate); then what must be accepted.
 */
#include "court.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "using.h"
#include "words.h"

#define HOUR 3600
#define SOME_SHA256                                                            \
	"abababababababababababababababab"                                     \
	"abababababababababababababababab"

/* Scenes: what happened before. */

static void
nothing(void)
{
	court_reset();
}

static void
founded(void)
{
	court_reset();
	CHECK(court_accepts(JIT_GENESIS, ROOT, NULL));
}

static void
asked(void)
{
	founded();
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
}

static void
asked_by_carol(void)
{
	founded();
	CHECK(court_accepts(JIT_REQUEST, CAROL, NULL));
}

static void
asked_vault(void)
{
	founded();
	CHECK(court_accepts(JIT_REQUEST, CAROL, "resource=ssh:vault-1"));
}

static void
asked_pair(void)
{
	founded();
	CHECK(court_accepts(JIT_REQUEST, CAROL, "resource=ssh:pair-1"));
}

static void
asked_prod(void)
{
	founded();
	CHECK(court_accepts(JIT_REQUEST, ALICE, "resource=ssh:prod-1"));
}

static void
asked_pg(void)
{
	founded();
	CHECK(court_accepts(JIT_REQUEST, ALICE, COURT_PG));
}

static void
voted(void)
{
	asked();
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
}

static void
voted_half(void)
{
	asked_vault();
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
}

static void
voted_one_of_two(void)
{
	asked_pair();
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
}

static void
voted_pg(void)
{
	asked_pg();
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
}

static void
voted_less(void)
{
	asked();
	CHECK(court_accepts(JIT_APPROVE, DAN, "duration=600"));
}

static void
voted_then_withdrawn(void)
{
	voted();
	CHECK(court_accepts(JIT_WITHDRAW, DAN, NULL));
}

static void
issued(void)
{
	voted();
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
}

#define CLOSE "phase=close;program-"

static void
opened(void)
{
	issued();
	CHECK(court_accepts(JIT_USE, WEB_ONE, NULL));
}

/* Its session goes on when its grant is over. */
static void
opened_and_ended(void)
{
	opened();
	CHECK(court_accepts(JIT_END, ALICE, NULL));
}

static void
opened_and_closed(void)
{
	opened();
	CHECK(court_accepts(JIT_USE, WEB_ONE, CLOSE));
}

/* A second grant, and its session beside that of the first. */
static void
opened_for_carol(void)
{
	opened();
	CHECK(court_accepts(JIT_REQUEST, CAROL, NULL));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
}

static void
denied(void)
{
	asked();
	CHECK(court_accepts(JIT_DENY, DORA, NULL));
}

static void
ended(void)
{
	issued();
	CHECK(court_accepts(JIT_END, ALICE, NULL));
}

static void
lapsed(void)
{
	asked();
	court_now += 4 * HOUR;
	CHECK(court_accepts(JIT_END, ISSUER, "cause=lapse"));
}

static void
cancelled(void)
{
	char change[128];

	asked();
	snprintf(change, sizeof(change), "vote=%s", court_request);
	CHECK(court_accepts(JIT_WITHDRAW, ALICE, change));
}

/* Scenes of rules that no vote, or not votes alone, decide. */

/* Alice has 'seconds' of ssh:auto-1, without a vote. */
static void
take_auto(int seconds)
{
	char change[64];

	snprintf(change, sizeof(change), "resource=ssh:auto-1;duration=%d",
		seconds);
	CHECK(court_accepts(JIT_REQUEST, ALICE, change));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
}

static void
auto_twice(void)
{
	founded();
	take_auto(60);
	take_auto(60);
}

static void
auto_long(void)
{
	founded();
	take_auto(3000);
}

/* Three wait at once, and two of them are issued. */
static void
auto_three_asked(void)
{
	char third[JIT_ULID], request[JIT_HEX256];

	founded();
	CHECK(court_accepts(JIT_REQUEST, ALICE,
		"resource=ssh:auto-1;duration=60"));
	memcpy(third, court_id, JIT_ULID);
	memcpy(request, court_request, JIT_HEX256);
	take_auto(60);
	take_auto(60);
	memcpy(court_id, third, JIT_ULID);
	memcpy(court_request, request, JIT_HEX256);
}

static void
over_voted(void)
{
	auto_twice();
	CHECK(court_accepts(JIT_REQUEST, ALICE,
		"resource=ssh:auto-2;duration=60"));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
}

static void
over_asked(void)
{
	auto_twice();
	CHECK(court_accepts(JIT_REQUEST, ALICE,
		"resource=ssh:auto-2;duration=60"));
}

static void
voted_on(const char *change)
{
	founded();
	CHECK(court_accepts(JIT_REQUEST, ALICE, change));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
}

static void
asked_brief(void)
{
	founded();
	CHECK(court_accepts(JIT_REQUEST, ALICE, "resource=ssh:brief-1"));
}

static void
voted_brief(void)
{
	voted_on("resource=ssh:brief-1");
}

static void
voted_lab(void)
{
	voted_on("resource=ssh:lab-1");
}

static void
break_glass(enum court_who who, const char *more)
{
	char change[128];

	snprintf(change, sizeof(change), "resource=ssh:glass-1;break_glass=1%s",
		more);
	CHECK(court_accepts(JIT_REQUEST, who, change));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
}

static void
broken(void)
{
	founded();
	break_glass(ALICE, "");
}

static void
broken_by_erin(void)
{
	founded();
	break_glass(ERIN, "");
}

static void
broken_and_ended(void)
{
	broken();
	CHECK(court_accepts(JIT_END, ALICE, NULL));
}

static void
reviewed(void)
{
	broken();
	CHECK(court_accepts(JIT_REVIEW, BOB, NULL));
}

/* The second was asked for while the first was not overdue yet. */
static void
broken_and_asked_in_time(void)
{
	broken_and_ended();
	court_now += COURT_DAY - 1;
	CHECK(court_accepts(JIT_REQUEST, ALICE,
		"resource=ssh:glass-1;break_glass=1"));
}

/* What an extension makes longer. */
static char parent[JIT_ULID];

static void
keep_parent(void)
{
	memcpy(parent, court_id, JIT_ULID);
}

static void
issued_before(void)
{
	issued();
	keep_parent();
}

static void
waiting_before(void)
{
	voted();
	keep_parent();
}

static void
ended_before(void)
{
	ended();
	keep_parent();
}

static void
auto_before(void)
{
	auto_long();
	keep_parent();
}

static void
broken_before(void)
{
	broken();
	keep_parent();
}

/* Ask for 'seconds' more of 'parent'. */
static void
ask_more(int seconds)
{
	char change[128];

	snprintf(change, sizeof(change), "extends=%s;duration=%d", parent,
		seconds);
	CHECK(court_accepts(JIT_REQUEST, ALICE, change));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
}

static void
more_voted(void)
{
	issued_before();
	court_now += 600;
	ask_more(1800);
}

/* What it would extend has ended meanwhile. */
static void
more_voted_and_ended(void)
{
	char more[JIT_ULID];

	more_voted();
	memcpy(more, court_id, JIT_ULID);
	memcpy(court_id, parent, JIT_ULID);
	CHECK(court_accepts(JIT_END, RITA, "cause=revoke"));
	memcpy(court_id, more, JIT_ULID);
}

/* All that the rule gives, then the same again. */
static void
twice_the_longest(void)
{
	voted_on("duration=3600");
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	keep_parent();
	ask_more(3600);
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	keep_parent();
}

/* Scenes of actions. */

#define ID "/usr/bin/id"
#define RESTART "/usr/bin/systemctl restart nginx"
#define CAT "/usr/bin/cat /var/log/syslog"
#define ACT "resource=ssh:act-1;actions="
#define SU "resource=sudo:web-1;offer-;"

static void
asked_act(void)
{
	founded();
	CHECK(court_accepts(JIT_REQUEST, ALICE, ACT ID "|" RESTART "|" CAT));
}

static void
voted_act(void)
{
	asked_act();
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
}

static void
voted_id(void)
{
	asked_act();
	CHECK(court_accepts(JIT_APPROVE, DAN, "actions=" ID));
}

/* Two votes that no writer could put side by side. */
static void
voted_apart(void)
{
	static const char *words[] = {"/usr/bin/systemctl", "restart", "nginx"};
	static struct jit_texts restart = {3, words};

	voted_id();
	CHECK(court_accepts(JIT_APPROVE, DORA, "actions=" ID));
	jit_state_grant(court, court_id)->votes->actions =
		(struct jit_lists){1, &restart};
}

/* On a host whose rule leaves actions to who asks. */
static void
issued_su(const char *actions)
{
	voted_on(actions);
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	keep_parent();
}

static void
su_before(void)
{
	issued_su(SU "actions=" ID "|" CAT);
}

static void
su_any_before(void)
{
	issued_su(SU);
}

static void
su_more_asked(void)
{
	char change[256];

	su_before();
	snprintf(change, sizeof(change), SU "actions=" CAT "|" ID ";extends=%s",
		parent);
	CHECK(court_accepts(JIT_REQUEST, ALICE, change));
}

static void
issued_pg(void)
{
	voted_pg();
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
}

/* Scenes of proofs. */

static void
shown(void)
{
	issued();
	CHECK(court_accepts(JIT_PROBE, WEB_ONE, "outcome=allowed"));
}

static void
shown_and_ended(void)
{
	shown();
	CHECK(court_accepts(JIT_END, ALICE, NULL));
}

static void
proven(void)
{
	shown_and_ended();
	CHECK(court_accepts(JIT_PROBE, WEB_ONE, NULL));
}

static void
written_off(void)
{
	ended();
	CHECK(court_accepts(JIT_REVIEW, RITA, NULL));
}

static void
beaten(void)
{
	founded();
	CHECK(court_accepts(JIT_BEAT, WEB_ONE, "due=3;done=2;owed=1"));
}

static void
scanned(void)
{
	founded();
	CHECK(court_accepts(JIT_SCAN, WEB_ONE, NULL));
}

static void
beaten_live(void)
{
	issued();
	CHECK(court_accepts(JIT_BEAT, WEB_ONE, NULL));
}

/* What is wrong with an event where a word or a number cannot say it. */

static void
extends_parent(struct jit_event *ev)
{
	ev->extends = parent;
}

static void
extends_nothing(struct jit_event *ev)
{
	ev->extends = "01M80R51J8041061050R3GG28A";
}

static struct jit_surface *
last_surface(const struct jit_event *ev)
{
	return (struct jit_surface *)ev->surfaces.at + ev->surfaces.count - 1;
}

static void
surface_twice(struct jit_event *ev)
{
	last_surface(ev)->surface = "keys";
}

static void
surface_early(struct jit_event *ev)
{
	last_surface(ev)->surface = "admins";
}

static void
counted_unseen(struct jit_event *ev)
{
	last_surface(ev)->seen = "none";
}

static void
uncounted(struct jit_event *ev)
{
	last_surface(ev)->count.given = false;
}

static void
digest_unseen(struct jit_event *ev)
{
	last_surface(ev)[-1].digest = "abababababababababababababababab"
				      "abababababababababababababababab";
}

static void
surface_of_web_two(struct jit_event *ev)
{
	last_surface(ev)->surface = "ssh:web-2";
}

static struct jit_enrolled *
person(struct jit_event *ev, enum court_who who)
{
	return (struct jit_enrolled *)ev->people.at + who;
}

/* A court in which something else is enrolled. */
static void
founded_with(void (*spoil)(struct jit_event *ev))
{
	struct jit_error err = {0};
	struct jit_event ev;

	court_reset();
	court_draft(&ev, JIT_GENESIS, ROOT, NULL);
	spoil(&ev);
	if (!CHECK_INT(court_submit(&ev, ROOT, &err), 0))
		CHECK_STR(err.text, "");
	jit_event_free(&ev);
}

static void
bobs_key_is_sues(struct jit_event *ev)
{
	person(ev, SUE)->key = court_line(BOB);
}

static void
dans_key_twice(struct jit_event *ev)
{
	person(ev, DAN_TWO)->key = court_line(DAN);
}

static void
dan_is_a_vendor_too(struct jit_event *ev)
{
	person(ev, DAN_TWO)->class = "vendor";
}

static void
founder_not_enrolled(struct jit_event *ev)
{
	person(ev, ROOT)->key = court_line(MALLORY);
}

static void
founder_a_workload(struct jit_event *ev)
{
	person(ev, ROOT)->class = "workload";
}

static void
policy_with_another_issuer(struct jit_event *ev)
{
	ev->policy = court_policy("\"by\":\"broker@", "\"by\":\"nobody@");
}

static void
policy_with_a_person_as_issuer(struct jit_event *ev)
{
	ev->policy = court_policy("\"by\":\"broker@", "\"by\":\"bob@");
}

static void
policy_with_all_admins(struct jit_event *ev)
{
	ev->policy = court_policy("\"group\":\"admins\",\"count\":1",
		"\"group\":\"admins\",\"count\":2");
}

static void
policy_with_too_many_votes(struct jit_event *ev)
{
	ev->policy = court_policy("\"group\":\"security\",\"count\":1",
		"\"group\":\"security\",\"count\":3");
}

/* Each quorum can be had alone, but not both of them at once. */
static void
policy_that_counts_one_twice(struct jit_event *ev)
{
	ev->policy = court_policy("[{\"group\":\"dba\",\"count\":2}]",
		"[{\"group\":\"dba\",\"count\":3},"
		"{\"group\":\"asking\",\"count\":2}]");
}

static void
policy_with_one_reviewer(struct jit_event *ev)
{
	ev->policy = court_policy("\"review\":{\"group\":\"security\"",
		"\"review\":{\"group\":\"lone\"");
}

static void
vic_without_sponsor(struct jit_event *ev)
{
	person(ev, VIC)->sponsor = NULL;
}

static void
vic_without_end(struct jit_event *ev)
{
	person(ev, VIC)->until = 0;
}

static void
vics_sponsor_unknown(struct jit_event *ev)
{
	person(ev, VIC)->sponsor = "mallory@ex.com";
}

static void
vics_sponsor_a_host(struct jit_event *ev)
{
	person(ev, VIC)->sponsor = "hal@ex.com";
}

static void
dora_her_own_sponsor(struct jit_event *ev)
{
	person(ev, DORA)->sponsor = "dora@ex.com";
}

static void
alice_ends_at_once(struct jit_event *ev)
{
	person(ev, ALICE)->until = COURT_START;
}

static void
alice_lasts_too_long(struct jit_event *ev)
{
	person(ev, ALICE)->until = COURT_START + JIT_POLICY_YEAR + 1;
}

/* Some end an hour after the start. */
static void
some_end(struct jit_event *ev)
{
	static const enum court_who who[] = {ALICE, DAN, DAN_TWO, DAN_SK, BOB,
		ISSUER};
	size_t i;

	for (i = 0; i < COUNT(who); i++)
		person(ev, who[i])->until = COURT_START + HOUR;
}

static void
alice_ends(struct jit_event *ev)
{
	person(ev, ALICE)->until = COURT_START + HOUR;
}

static void
an_admin_ends(struct jit_event *ev)
{
	some_end(ev);
	ev->policy = court_policy("\"admins\":[\"root@ex.com\",",
		"\"admins\":[\"root@ex.com\",\"alice@ex.com\","
		"\"dan@ex.com\",");
}

static void
alice_is_admin(struct jit_event *ev)
{
	ev->policy = court_policy("\"admins\":[\"root@ex.com\",",
		"\"admins\":[\"root@ex.com\",\"alice@ex.com\",");
}

static void
alice_is_ritas(struct jit_event *ev)
{
	person(ev, ALICE)->sponsor = "rita@ex.com";
}

static void
dora_is_alices(struct jit_event *ev)
{
	person(ev, DORA)->sponsor = "alice@ex.com";
}

static void
alice_is_bobs(struct jit_event *ev)
{
	person(ev, ALICE)->sponsor = "bob@ex.com";
}

/* Scenes of them. */

static void
founded_some_end(void)
{
	founded_with(some_end);
}

static void
asked_some_end(void)
{
	founded_with(some_end);
	CHECK(court_accepts(JIT_REQUEST, CAROL, NULL));
}

static void
voted_some_end(void)
{
	asked_some_end();
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	court_now += HOUR - 1;
}

static void
broken_some_end(void)
{
	founded_with(some_end);
	break_glass(CAROL, "");
}

/* A grant that was given and ended, by a court of one's own. */
static void
ended_with(void (*spoil)(struct jit_event *ev))
{
	founded_with(spoil);
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(court_accepts(JIT_END, ALICE, NULL));
}

static void
ended_by_an_admin(void)
{
	ended_with(alice_is_admin);
}

static void
ended_by_ritas(void)
{
	ended_with(alice_is_ritas);
}

static void
asked_by_vic(void)
{
	founded();
	CHECK(court_accepts(JIT_REQUEST, VIC, NULL));
}

static void
asked_of_her_sponsored(void)
{
	founded_with(dora_is_alices);
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
}

static void
broken_by_bobs(void)
{
	founded_with(alice_is_bobs);
	break_glass(ALICE, "");
}

static void
id_before(struct jit_event *ev)
{
	char id[JIT_ULID];

	court_ulid(id, ev->at - 1);
	ev->id = jit_arena_str(&ev->mem, id);
}

static void
id_after(struct jit_event *ev)
{
	char id[JIT_ULID];

	court_ulid(id, ev->at + 1);
	ev->id = jit_arena_str(&ev->mem, id);
}

static void
id_again(struct jit_event *ev)
{
	ev->id = court_id;
}

/* Of a session. */

static void
named(struct jit_event *ev, int64_t at)
{
	char id[JIT_ULID];

	court_ulid(id, at);
	ev->session = jit_arena_str(&ev->mem, id);
}

static void
named_late(struct jit_event *ev)
{
	named(ev, ev->at + 1);
}

static void
named_long_ago(struct jit_event *ev)
{
	named(ev, ev->at - HOUR);
}

static void
named_now(struct jit_event *ev)
{
	named(ev, ev->at);
}

static void
with_exit(struct jit_event *ev)
{
	ev->exit.given = true;
}

static void
with_recording(struct jit_event *ev)
{
	static const char *digest[] = {SOME_SHA256};

	ev->recordings = (struct jit_texts){1, digest};
}

/* One action, which has no word. */
static void
no_words(struct jit_event *ev)
{
	static struct jit_texts none;

	ev->actions = (struct jit_lists){1, &none};
}

/* The withdrawal of the request itself. */
static void
vote_is_the_request(struct jit_event *ev)
{
	ev->vote = court_request;
}

static void
one_approval_less(struct jit_event *ev)
{
	ev->approvals.count--;
}

static void
no_approvals(struct jit_event *ev)
{
	ev->approvals.count = 0;
}

static void
one_approval_more(struct jit_event *ev)
{
	ev->approvals.at[ev->approvals.count++] = SOME_SHA256;
}

static void
one_approval_twice(struct jit_event *ev)
{
	ev->approvals.at[1] = ev->approvals.at[0];
	ev->approvals.count = 2;
}

static void
another_approval(struct jit_event *ev)
{
	ev->approvals.at[0] = SOME_SHA256;
}

static struct jit_credential *
own_credential(struct jit_event *ev)
{
	struct jit_credential *c = jit_arena_get(&ev->mem, sizeof(*c));

	*c = *ev->credential;
	ev->credential = c;
	return c;
}

static void
no_credential(struct jit_event *ev)
{
	ev->credential = NULL;
}

static void
some_credential(struct jit_event *ev)
{
	struct jit_credential *c = jit_arena_get(&ev->mem, sizeof(*c));

	c->cert = "ssh-ed25519-cert-v01@openssh.com AAAA";
	c->sha256 = SOME_SHA256;
	c->serial = ev->seq;
	ev->credential = c;
}

static struct jit_json *said; /* by an issue, of how to connect */

static void
connect_by(struct jit_event *ev, const char *how)
{
	jit_json_free(said);
	said = NULL;
	if (jit_json_read(&said, how, strlen(how), JIT_JSON_EVENT, NULL) != 0)
		exit(99);
	ev->connect = said;
}

static void
connect_by_list(struct jit_event *ev)
{
	connect_by(ev, "[\"db.ex.com\"]");
}

static void
connect_by_object(struct jit_event *ev)
{
	connect_by(ev, "{\"host\":\"db.ex.com\",\"port\":5432}");
}

static void
serial_next(struct jit_event *ev)
{
	own_credential(ev)->serial++;
}

static void
digest_of_another(struct jit_event *ev)
{
	own_credential(ev)->sha256 = SOME_SHA256;
}

static void
cert_damaged(struct jit_event *ev)
{
	struct jit_credential *c = own_credential(ev);
	char *line = jit_arena_get(&ev->mem, strlen(c->cert) + 1);

	/* within the CA's signature, which ends the certificate */
	strcpy(line, c->cert);
	line[strlen(line) - 10] ^= 1;
	c->cert = line;
}

static void
cert_of_another_type(struct jit_event *ev)
{
	own_credential(ev)->cert = "ssh-rsa-cert-v01@openssh.com AAAA";
}

/* What a certificate that its CA signed must not say. */

static void
cert_serial(struct jit_cert *cert)
{
	cert->serial++;
}

static void
cert_key(struct jit_cert *cert)
{
	cert->key.pk[0] ^= 2;
}

static void
cert_key_id(struct jit_cert *cert)
{
	cert->key_id = "01KAPPW6A8W5R3WAS6XJHFMVBZ";
}

static void
cert_host(struct jit_cert *cert)
{
	cert->principal = "root@web-2";
}

static void
cert_role(struct jit_cert *cert)
{
	cert->principal = "admin@web-1";
}

static void
cert_earlier(struct jit_cert *cert)
{
	cert->after--;
}

static void
cert_later(struct jit_cert *cert)
{
	cert->after++;
}

static void
cert_longer(struct jit_cert *cert)
{
	cert->before++;
}

static void
cert_shorter(struct jit_cert *cert)
{
	cert->before--;
}

static void
cert_command(struct jit_cert *cert)
{
	cert->force_command = "/bin/sh";
}

/* What the judge must refuse, each by exactly this rule. */
static const struct refusal {
	const char *rule;
	const char *what;
	int code;
	void (*scene)(void);
	enum jit_event_type type;
	enum court_who who;
	int64_t wait; /* seconds since the scene */
	const char *change;
	void (*spoil)(struct jit_event *ev);
	void (*tweak)(struct jit_cert *cert);
	bool rogue, untouched;
} refusals[] = {
	{"chain-genesis", "a second genesis", JIT_NO, asked, JIT_GENESIS,
		.who = ROOT},
	{"chain-genesis", "no genesis", JIT_NO, nothing, JIT_REQUEST,
		.who = ALICE},
	{"chain-seq", "one left out", JIT_NO, asked, JIT_APPROVE, .who = DAN,
		.change = "seq+1"},
	{"chain-seq", "one again", JIT_NO, asked, JIT_APPROVE, .who = DAN,
		.change = "seq-1"},
	{"chain-seq", "genesis", JIT_NO, nothing, JIT_GENESIS, .who = ROOT,
		.change = "seq+1"},
	{"chain-prev", "another", JIT_NO, asked, JIT_APPROVE, .who = DAN,
		.change = "prev=" SOME_SHA256},
	{"chain-prev", "genesis", JIT_NO, nothing, JIT_GENESIS, .who = ROOT,
		.change = "prev=" SOME_SHA256},
	{"chain-ledger", "another", JIT_NO, asked, JIT_APPROVE, .who = DAN,
		.change = "ledger=" SOME_SHA256},
	{"chain-time", "a second back", JIT_NO, asked, JIT_APPROVE, .who = DAN,
		.change = "at-1"},
	{"key-enrolled", "never", JIT_NO, asked, JIT_REQUEST, .who = MALLORY},
	{"key-enrolled", "another's name", JIT_NO, asked, JIT_REQUEST,
		.who = MALLORY, .change = "by=alice@ex.com"},
	{"key-owner", "another's name", JIT_NO, asked, JIT_REQUEST,
		.who = CAROL, .change = "by=alice@ex.com"},

	{"enrol-key", "of two persons", JIT_NO, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = bobs_key_is_sues},
	{"enrol-key", "twice", JIT_NO, nothing, JIT_GENESIS, .who = ROOT,
		.spoil = dans_key_twice},
	{"enrol-class", "two of one", JIT_NO, nothing, JIT_GENESIS, .who = ROOT,
		.spoil = dan_is_a_vendor_too},
	{"genesis-founder", "a stranger", JIT_NO, nothing, JIT_GENESIS,
		.who = MALLORY},
	{"genesis-founder", "another's name", JIT_NO, nothing, JIT_GENESIS,
		.who = ROOT, .change = "by=rita@ex.com"},
	{"genesis-founder", "another's key", JIT_NO, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = founder_not_enrolled},
	{"genesis-founder", "a workload", JIT_NO, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = founder_a_workload},
	{"genesis-founder", "an issuer", JIT_NO, nothing, JIT_GENESIS,
		.who = ISSUER},
	{"policy-issuer", "not enrolled", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = policy_with_another_issuer},
	{"policy-issuer", "a person", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = policy_with_a_person_as_issuer},
	{"policy-quorum", "all admins", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = policy_with_all_admins},
	{"policy-quorum", "all of a group", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = policy_with_too_many_votes},
	{"policy-quorum", "one in two groups", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = policy_that_counts_one_twice},

	{"policy-quorum", "a single reviewer", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = policy_with_one_reviewer},
	{"enrol-until", "at once", JIT_USAGE, nothing, JIT_GENESIS, .who = ROOT,
		.spoil = alice_ends_at_once},
	{"enrol-until", "after more than a year", JIT_USAGE, nothing,
		JIT_GENESIS, .who = ROOT, .spoil = alice_lasts_too_long},
	{"enrol-vendor", "without a sponsor", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = vic_without_sponsor},
	{"enrol-vendor", "without an end", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = vic_without_end},
	{"enrol-sponsor", "not enrolled", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = vics_sponsor_unknown},
	{"enrol-sponsor", "a host", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = vics_sponsor_a_host},
	{"enrol-sponsor", "herself", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = dora_her_own_sponsor},

	{"person-until", "asks", JIT_NO, founded_some_end, JIT_REQUEST,
		.who = ALICE, .wait = HOUR},
	{"person-until", "votes", JIT_NO, asked_some_end, JIT_APPROVE,
		.who = DAN, .wait = HOUR},
	{"person-until", "votes by another key", JIT_NO, asked_some_end,
		JIT_APPROVE, .who = DAN_SK, .wait = HOUR},
	{"person-until", "issues", JIT_NO, voted_some_end, JIT_ISSUE,
		.who = ISSUER, .wait = 1},
	{"person-until", "reviews", JIT_NO, broken_some_end, JIT_REVIEW,
		.who = BOB, .wait = HOUR},
	{"person-until", "a vendor", JIT_NO, founded, JIT_REQUEST, .who = VIC,
		.wait = 30 * COURT_DAY},
	{"person-until", "after a year, unless it is said", JIT_NO, founded,
		JIT_REQUEST, .who = ALICE, .wait = JIT_POLICY_YEAR},

	{"request-class", "a host", JIT_NO, founded, JIT_REQUEST, .who = HAL},
	{"request-class", "an issuer", JIT_NO, founded, JIT_REQUEST,
		.who = ISSUER},
	{"request-id", "before", JIT_NO, founded, JIT_REQUEST, .who = ALICE,
		.spoil = id_before},
	{"request-id", "after", JIT_NO, founded, JIT_REQUEST, .who = ALICE,
		.spoil = id_after},
	{"request-fresh", "still open", JIT_NO, asked, JIT_REQUEST,
		.who = ALICE, .spoil = id_again},
	{"request-fresh", "another's", JIT_NO, asked, JIT_REQUEST, .who = CAROL,
		.spoil = id_again},
	{"request-fresh", "cancelled this second", JIT_NO, cancelled,
		JIT_REQUEST, .who = ALICE, .spoil = id_again},
	{"request-fresh", "denied this second", JIT_NO, denied, JIT_REQUEST,
		.who = ALICE, .spoil = id_again},
	{"request-fresh", "ended this second", JIT_NO, ended, JIT_REQUEST,
		.who = ALICE, .spoil = id_again},
	{"policy-match", "resource", JIT_NO, founded, JIT_REQUEST, .who = ALICE,
		.change = "resource=ssh:db-1"},
	{"policy-match", "role", JIT_NO, founded, JIT_REQUEST, .who = ALICE,
		.change = "role=admin"},
	{"policy-match", "who", JIT_NO, founded, JIT_REQUEST, .who = BOB},
	{"policy-deny", "before a rule that gives it", JIT_NO, founded,
		JIT_REQUEST, .who = ALICE,
		.change = "resource=pg:ledger-1;role=admin;offer=" COURT_SCRAM},
	{"policy-deny", "in its last second", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .wait = 138, .change = "resource=ssh:brief-9"},
	{"policy-match", "asked for what is behind glass", JIT_NO, founded,
		JIT_REQUEST, .who = ALICE, .change = "resource=ssh:glass-1"},
	{"policy-match", "glass broken for what is asked for", JIT_NO, founded,
		JIT_REQUEST, .who = ALICE, .change = "break_glass=1"},
	{"policy-until", "asked in its first second", JIT_NO, founded,
		JIT_REQUEST, .who = ALICE, .wait = 1939,
		.change = "resource=ssh:brief-1"},
	{"policy-until", "voted on", JIT_NO, asked_brief, JIT_APPROVE,
		.who = DAN, .wait = 1939},
	{"policy-until", "issued", JIT_NO, voted_brief, JIT_ISSUE,
		.who = ISSUER, .wait = 1939},
	{"policy-budget", "a third grant", JIT_NO, auto_twice, JIT_REQUEST,
		.who = ALICE, .change = "resource=ssh:auto-1;duration=60"},
	{"policy-budget", "of another resource of the rule", JIT_NO, auto_twice,
		JIT_REQUEST, .who = ALICE,
		.change = "resource=ssh:auto-3;duration=60"},
	{"policy-budget", "a second before it is forgotten", JIT_NO, auto_twice,
		JIT_REQUEST, .who = ALICE, .wait = COURT_DAY - 1,
		.change = "resource=ssh:auto-1;duration=60"},
	{"policy-budget", "a second too long", JIT_NO, auto_long, JIT_REQUEST,
		.who = ALICE, .change = "resource=ssh:auto-1;duration=601"},
	{"policy-budget", "the third of three at its issue", JIT_NO,
		auto_three_asked, JIT_ISSUE, .who = ISSUER},
	{"rule-when", "asked in the first second after", JIT_NO, founded,
		JIT_REQUEST, .who = ALICE, .wait = 1759,
		.change = "resource=ssh:lab-1"},
	{"rule-when", "asked on another day", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .wait = COURT_DAY,
		.change = "resource=ssh:lab-1"},
	{"rule-when", "asked a second before, a week later", JIT_NO, founded,
		JIT_REQUEST, .who = ALICE, .wait = 7 * COURT_DAY - 1842,
		.change = "resource=ssh:lab-1"},
	{"rule-when", "issued after", JIT_NO, voted_lab, JIT_ISSUE,
		.who = ISSUER, .wait = 1759},
	{"glass-debt", "in the first second", JIT_NO, broken_and_ended,
		JIT_REQUEST, .who = ALICE, .wait = COURT_DAY,
		.change = "resource=ssh:glass-1;break_glass=1"},
	{"glass-debt", "a drill", JIT_NO, broken_and_ended, JIT_REQUEST,
		.who = ALICE, .wait = 2 * COURT_DAY,
		.change = "resource=ssh:glass-2;break_glass=1;task=drill"},
	{"glass-debt", "asked in time, issued late", JIT_NO,
		broken_and_asked_in_time, JIT_ISSUE, .who = ISSUER, .wait = 1},
	{"extend-live", "waits", JIT_OVER, waiting_before, JIT_REQUEST,
		.who = ALICE, .spoil = extends_parent},
	{"extend-live", "in its first second after", JIT_OVER, issued_before,
		JIT_REQUEST, .who = ALICE, .wait = 1800,
		.spoil = extends_parent},
	{"extend-live", "has ended", JIT_OVER, ended_before, JIT_REQUEST,
		.who = ALICE, .spoil = extends_parent},
	{"extend-live", "never was", JIT_OVER, founded, JIT_REQUEST,
		.who = ALICE, .spoil = extends_nothing},
	{"extend-live", "ended before the issue", JIT_OVER,
		more_voted_and_ended, JIT_ISSUE, .who = ISSUER},
	{"extend-live", "ran out before the issue", JIT_OVER, more_voted,
		JIT_ISSUE, .who = ISSUER, .wait = 1200},
	{"extend-same", "another holder", JIT_NO, issued_before, JIT_REQUEST,
		.who = CAROL, .spoil = extends_parent},
	{"extend-same", "another resource", JIT_NO, issued_before, JIT_REQUEST,
		.who = ALICE, .change = "resource=ssh:web-2",
		.spoil = extends_parent},
	{"extend-same", "another role", JIT_NO, auto_before, JIT_REQUEST,
		.who = ALICE,
		.change = "resource=ssh:auto-1;role=www;duration=60",
		.spoil = extends_parent},
	{"extend-glass", "by breaking it again", JIT_NO, broken_before,
		JIT_REQUEST, .who = ALICE,
		.change = "resource=ssh:glass-1;break_glass=1",
		.spoil = extends_parent},
	{"extend-sum", "a second more", JIT_NO, twice_the_longest, JIT_REQUEST,
		.who = ALICE, .change = "duration=1", .spoil = extends_parent},
	{"extend-actions", "one less", JIT_NO, su_before, JIT_REQUEST,
		.who = ALICE, .change = SU "actions=" ID,
		.spoil = extends_parent},
	{"extend-actions", "another", JIT_NO, su_before, JIT_REQUEST,
		.who = ALICE, .change = SU "actions=" ID "|" RESTART,
		.spoil = extends_parent},
	{"extend-actions", "one more", JIT_NO, su_before, JIT_REQUEST,
		.who = ALICE, .change = SU "actions=" ID "|" CAT "|" RESTART,
		.spoil = extends_parent},
	{"extend-actions", "any where there were some", JIT_NO, su_before,
		JIT_REQUEST, .who = ALICE, .change = SU,
		.spoil = extends_parent},
	{"extend-actions", "some where there were any", JIT_NO, su_any_before,
		JIT_REQUEST, .who = ALICE, .change = SU "actions=" ID,
		.spoil = extends_parent},
	{"action-program", "without a path", JIT_USAGE, founded, JIT_REQUEST,
		.who = ALICE, .change = SU "actions=id"},
	{"action-program", "not by its one path", JIT_USAGE, founded,
		JIT_REQUEST, .who = ALICE,
		.change = SU "actions=/usr/bin/../bin/id"},
	{"action-program", "the second", JIT_USAGE, founded, JIT_REQUEST,
		.who = ALICE, .change = SU "actions=" ID "|/usr//bin/id"},
	{"action-program", "no word at all", JIT_USAGE, founded, JIT_REQUEST,
		.who = ALICE, .change = SU, .spoil = no_words},
	{"action-once", "asked twice", JIT_USAGE, founded, JIT_REQUEST,
		.who = ALICE, .change = SU "actions=" ID "|" CAT "|" ID},
	{"action-once", "allowed twice", JIT_USAGE, asked_act, JIT_APPROVE,
		.who = DAN, .change = "actions=" ID "|" ID},
	{"policy-actions", "none asked", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = "resource=ssh:act-1"},
	{"policy-actions", "another program", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = ACT "/usr/bin/idx"},
	{"policy-actions", "one of two is another", JIT_NO, founded,
		JIT_REQUEST, .who = ALICE, .change = ACT ID "|/usr/bin/ls"},
	{"policy-actions", "a word more", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = ACT ID " -a"},
	{"policy-actions", "a word less", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = ACT "/usr/bin/systemctl restart"},
	{"policy-actions", "a wildcard is one word", JIT_NO, founded,
		JIT_REQUEST, .who = ALICE, .change = ACT RESTART " sshd"},
	{"policy-actions", "a wildcard is no option", JIT_NO, founded,
		JIT_REQUEST, .who = ALICE,
		.change = ACT "/usr/bin/systemctl restart --root=/tmp"},
	{"policy-actions", "a wildcard leads nowhere else", JIT_NO, founded,
		JIT_REQUEST, .who = ALICE,
		.change = ACT "/usr/bin/cat /var/log/../../etc/shadow"},
	{"request-actions", "no recorder is on that host", JIT_NO, founded,
		JIT_REQUEST, .who = ALICE, .change = "actions=" ID},
	{"request-actions", "of a database", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = COURT_PG ";actions=" ID},
	{"request-offer", "none for ssh", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = "offer-"},
	{"request-offer", "a verifier for ssh", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = "offer=" COURT_SCRAM},
	{"request-offer", "a key for pg", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = "resource=pg:orders;role=admin"},
	{"request-offer", "none for pg", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = "resource=pg:orders;role=admin;offer-"},
	{"request-offer", "a key for sudo", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = "resource=sudo:web-1"},
	{"request-offer", "a verifier for sudo", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE,
		.change = "resource=sudo:web-1;offer=" COURT_SCRAM},
	{"request-reason", "nine letters", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = "reason=123456789"},
	{"request-reason", "blanks are none", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = "reason=12345     6789"},
	{"request-reason", "letters, not bytes", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE,
		.change = "reason=\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f 123"},
	{"request-max", "a second more", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = "duration=3601"},
	{"request-task", "of another kind", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = "task=CHG-1"},
	{"request-task", "only its beginning", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = "task=INC-1x"},

	{"grant-open", "approve nothing", JIT_NOGRANT, founded, JIT_APPROVE,
		.who = DAN},
	{"grant-open", "approve what is denied", JIT_NOGRANT, denied,
		JIT_APPROVE, .who = DAN},
	{"grant-open", "approve what is cancelled", JIT_NOGRANT, cancelled,
		JIT_APPROVE, .who = DAN},
	{"grant-open", "deny what has lapsed", JIT_NOGRANT, lapsed, JIT_DENY,
		.who = DAN},
	{"grant-open", "issue what is denied", JIT_NOGRANT, denied, JIT_ISSUE,
		.who = ISSUER},
	{"grant-open", "issue what is ended", JIT_NOGRANT, ended, JIT_ISSUE,
		.who = ISSUER},
	{"grant-open", "end what is ended", JIT_NOGRANT, ended, JIT_END,
		.who = ALICE},
	{"grant-open", "withdraw after the end", JIT_NOGRANT, ended,
		JIT_WITHDRAW, .who = DAN},
	{"grant-waiting", "approve late", JIT_OVER, issued, JIT_APPROVE,
		.who = DORA},
	{"grant-waiting", "deny late", JIT_OVER, issued, JIT_DENY, .who = DORA},
	{"grant-waiting", "withdraw a vote late", JIT_OVER, issued,
		JIT_WITHDRAW, .who = DAN},
	{"grant-waiting", "cancel late", JIT_OVER, issued, JIT_WITHDRAW,
		.who = ALICE, .spoil = vote_is_the_request},
	{"grant-waiting", "issue twice", JIT_OVER, issued, JIT_ISSUE,
		.who = ISSUER},
	{"grant-lapsed", "approve late", JIT_OVER, asked, JIT_APPROVE,
		.who = DAN, .wait = 4 * HOUR},
	{"grant-lapsed", "deny late", JIT_OVER, asked, JIT_DENY, .who = DAN,
		.wait = 4 * HOUR},
	{"grant-lapsed", "issue late", JIT_OVER, voted, JIT_ISSUE,
		.who = ISSUER, .wait = HOUR},
	{"grant-lapsed", "issue late, half the votes", JIT_OVER, voted_half,
		JIT_ISSUE, .who = ISSUER, .wait = 4 * HOUR},
	{"grant-request", "approve another", JIT_NO, asked, JIT_APPROVE,
		.who = DAN, .change = "request=" SOME_SHA256},
	{"grant-request", "deny another", JIT_NO, asked, JIT_DENY, .who = DAN,
		.change = "request=" SOME_SHA256},
	{"grant-request", "issue another", JIT_NO, voted, JIT_ISSUE,
		.who = ISSUER, .change = "request=" SOME_SHA256},

	{"vote-self", "approve", JIT_NO, asked, JIT_APPROVE, .who = ALICE},
	{"vote-self", "deny", JIT_NO, asked, JIT_DENY, .who = ALICE},
	{"vote-class", "a host", JIT_NO, asked, JIT_APPROVE, .who = HAL},
	{"vote-class", "a vendor", JIT_NO, asked, JIT_APPROVE, .who = VIC},
	{"vote-class", "a host denies", JIT_NO, asked, JIT_DENY, .who = HAL},
	{"vote-class", "an issuer", JIT_NO, asked, JIT_APPROVE, .who = ISSUER},
	{"vote-sponsor", "the sponsor approves", JIT_NO, asked_by_vic,
		JIT_APPROVE, .who = DORA},
	{"vote-sponsor", "the sponsor denies", JIT_NO, asked_by_vic, JIT_DENY,
		.who = DORA},
	{"vote-sponsor", "who is sponsored approves", JIT_NO,
		asked_of_her_sponsored, JIT_APPROVE, .who = DORA},
	{"vote-member", "approve", JIT_NO, asked, JIT_APPROVE, .who = BOB},
	{"vote-member", "deny", JIT_NO, asked, JIT_DENY, .who = BOB},
	{"vote-member", "an admin", JIT_NO, asked, JIT_APPROVE, .who = ROOT},
	{"vote-group", "her other one", JIT_NO, asked_by_carol, JIT_APPROVE,
		.who = ERIN, .change = "as=security"},
	{"vote-as", "a group of the rule", JIT_NO, asked_vault, JIT_APPROVE,
		.who = DAN, .change = "as=security"},
	{"vote-once", "again", JIT_NO, voted_half, JIT_APPROVE, .who = DAN},
	{"vote-once", "with another key", JIT_NO, voted_half, JIT_APPROVE,
		.who = DAN_TWO},
	{"vote-once", "again where two are wanted", JIT_NO, voted_one_of_two,
		JIT_APPROVE, .who = DAN},
	{"vote-narrow", "a second more", JIT_NO, asked, JIT_APPROVE, .who = DAN,
		.change = "duration=1801"},
	{"vote-actions", "where none is asked", JIT_NO, asked, JIT_APPROVE,
		.who = DAN, .change = "actions=" ID},
	{"vote-actions", "another", JIT_NO, asked_act, JIT_APPROVE, .who = DAN,
		.change = "actions=" ID "|/usr/bin/systemctl restart sshd"},
	{"vote-actions", "a word more", JIT_NO, asked_act, JIT_APPROVE,
		.who = DAN, .change = "actions=" ID "|" ID " -a"},
	{"vote-actions", "of words in another order", JIT_NO, asked_act,
		JIT_APPROVE, .who = DAN,
		.change = "actions=" ID "|/usr/bin/systemctl nginx restart"},
	{"vote-common", "none of those before it", JIT_NO, voted_id,
		JIT_APPROVE, .who = DORA, .change = "actions=" RESTART},
	{"extend-whole", "one less", JIT_NO, su_more_asked, JIT_APPROVE,
		.who = DAN, .change = "actions=" ID},
	{"vote-key", "a plain key", JIT_NO, asked_prod, JIT_APPROVE,
		.who = DAN},
	{"vote-key", "untouched", JIT_NO, asked_prod, JIT_APPROVE,
		.who = DAN_SK, .untouched = true},
	{"withdraw-known", "no such vote", JIT_NO, voted, JIT_WITHDRAW,
		.who = DAN, .change = "vote=" SOME_SHA256},
	{"withdraw-known", "gone already", JIT_NO, voted_then_withdrawn,
		JIT_WITHDRAW, .who = DAN},
	{"withdraw-own", "another's vote", JIT_NO, voted, JIT_WITHDRAW,
		.who = DORA},
	{"withdraw-own", "the requester", JIT_NO, voted, JIT_WITHDRAW,
		.who = ALICE},
	{"withdraw-own", "another's request", JIT_NO, voted, JIT_WITHDRAW,
		.who = DAN, .spoil = vote_is_the_request},

	{"issue-class", "a person", JIT_NO, voted, JIT_ISSUE, .who = DAN},
	{"issue-class", "the requester", JIT_NO, voted, JIT_ISSUE,
		.who = ALICE},
	{"issue-issuer", "of something else", JIT_NO, voted, JIT_ISSUE,
		.who = BROKER},
	{"issue-quorum", "no vote", JIT_PENDING, asked, JIT_ISSUE,
		.who = ISSUER},
	{"issue-quorum", "one group of two", JIT_PENDING, voted_half, JIT_ISSUE,
		.who = ISSUER},
	{"issue-quorum", "one person of two", JIT_PENDING, voted_one_of_two,
		JIT_ISSUE, .who = ISSUER},
	{"issue-quorum", "withdrawn", JIT_PENDING, voted_then_withdrawn,
		JIT_ISSUE, .who = ISSUER},
	{"issue-quorum", "over the budget, without the next rule's vote",
		JIT_PENDING, over_asked, JIT_ISSUE, .who = ISSUER},
	{"issue-approvals", "none", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.spoil = no_approvals},
	{"issue-approvals", "one less", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.spoil = one_approval_less},
	{"issue-approvals", "one more", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.spoil = one_approval_more},
	{"issue-approvals", "one twice", JIT_NO, voted, JIT_ISSUE,
		.who = ISSUER, .spoil = one_approval_twice},
	{"issue-approvals", "another", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.spoil = another_approval},
	{"issue-rule", "another", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.change = "rule=pair"},
	{"issue-policy", "another", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.change = "policy+1"},
	{"issue-from", "earlier", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.change = "from-1;until-1"},
	{"issue-from", "later", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.change = "from+1;until+1"},
	{"issue-until", "longer", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.change = "until+1", .tweak = cert_longer},
	{"issue-until", "shorter", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.change = "until-1", .tweak = cert_shorter},
	{"issue-until", "longer than a vote", JIT_NO, voted_less, JIT_ISSUE,
		.who = ISSUER, .change = "until+1", .tweak = cert_longer},
	{"issue-until", "more shorter", JIT_NO, more_voted, JIT_ISSUE,
		.who = ISSUER, .change = "until-1", .tweak = cert_shorter},
	{"issue-until", "more longer", JIT_NO, more_voted, JIT_ISSUE,
		.who = ISSUER, .change = "until+1", .tweak = cert_longer},
	{"issue-until", "more from now, not from the end", JIT_NO, more_voted,
		JIT_ISSUE, .who = ISSUER, .change = "until-1200"},
	{"issue-rule", "the one that is over", JIT_NO, over_voted, JIT_ISSUE,
		.who = ISSUER, .change = "rule=auto"},
	{"issue-connector", "another", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.change = "connector=pg"},
	{"issue-connector", "of a database", JIT_NO, voted_pg, JIT_ISSUE,
		.who = ISSUER, .change = "connector=ssh"},
	{"issue-connector", "only its beginning", JIT_NO, voted_pg, JIT_ISSUE,
		.who = ISSUER, .change = "connector=p"},
	{"issue-connect", "a list", JIT_NO, voted_pg, JIT_ISSUE, .who = ISSUER,
		.spoil = connect_by_list},
	{"issue-connect", "a list beside a certificate", JIT_NO, voted,
		JIT_ISSUE, .who = ISSUER, .spoil = connect_by_list},
	{"issue-credential", "none for ssh", JIT_NO, voted, JIT_ISSUE,
		.who = ISSUER, .spoil = no_credential},
	{"issue-credential", "one for a database", JIT_NO, voted_pg, JIT_ISSUE,
		.who = ISSUER, .spoil = some_credential},
	{"issue-actions", "the votes leave none", JIT_NO, voted_apart,
		JIT_ISSUE, .who = ISSUER},
	{"issue-recorder", "an issuer without one", JIT_NO, voted_act,
		JIT_ISSUE, .who = BROKER},
	{"issue-serial", "the next", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.spoil = serial_next},
	{"issue-cert", "serial", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.tweak = cert_serial},
	{"issue-cert", "key", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.tweak = cert_key},
	{"issue-cert", "key id", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.tweak = cert_key_id},
	{"issue-cert", "host", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.tweak = cert_host},
	{"issue-cert", "role", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.tweak = cert_role},
	{"issue-cert", "valid earlier", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.tweak = cert_earlier},
	{"issue-cert", "valid later", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.tweak = cert_later},
	{"issue-cert", "valid longer", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.tweak = cert_longer},
	{"issue-cert", "valid shorter", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.tweak = cert_shorter},
	{"issue-cert", "force-command", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.tweak = cert_command},
	{"issue-cert", "its signature", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.spoil = cert_damaged},
	{"issue-cert", "its type", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.spoil = cert_of_another_type},
	{"issue-ca", "another", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.rogue = true},
	{"issue-digest", "another", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.spoil = digest_of_another},

	{"end-who", "another requester", JIT_NO, issued, JIT_END, .who = CAROL,
		.change = "cause=revoke"},
	{"end-who", "of another group", JIT_NO, issued, JIT_END, .who = BOB,
		.change = "cause=revoke"},
	{"end-who", "a vendor of the group", JIT_NO, issued, JIT_END,
		.who = VIC, .change = "cause=revoke"},
	{"end-who", "an issuer of others", JIT_NO, issued, JIT_END,
		.who = BROKER, .change = "cause=failed"},
	{"end-who", "another, once it ran out", JIT_NO, issued, JIT_END,
		.who = CAROL, .wait = 1800, .change = "cause=ttl"},
	{"end-who", "no reviewer of it", JIT_NO, broken, JIT_END, .who = DORA,
		.change = "cause=revoke"},
	{"end-stage", "not issued", JIT_NO, voted, JIT_END, .who = ALICE},
	{"end-stage", "revoke what waits", JIT_NO, asked, JIT_END, .who = RITA,
		.change = "cause=revoke"},
	{"end-stage", "lapse of what is issued", JIT_NO, issued, JIT_END,
		.who = ISSUER, .wait = 4 * HOUR, .change = "cause=lapse"},
	{"end-lapse", "a second early", JIT_NO, asked, JIT_END, .who = ISSUER,
		.wait = 4 * HOUR - 1, .change = "cause=lapse"},
	{"end-lapse", "a second early, voted", JIT_NO, voted, JIT_END,
		.who = ISSUER, .wait = HOUR - 1, .change = "cause=lapse"},
	{"end-ttl", "a second early", JIT_NO, issued, JIT_END, .who = ISSUER,
		.wait = 1799, .change = "cause=ttl"},
	{"end-task", "an admin", JIT_NO, issued, JIT_END, .who = RITA},
	{"end-task", "an issuer", JIT_NO, issued, JIT_END, .who = ISSUER},
	{"end-failed", "the holder", JIT_NO, issued, JIT_END, .who = ALICE,
		.change = "cause=failed"},
	{"end-failed", "an admin", JIT_NO, issued, JIT_END, .who = RITA,
		.change = "cause=failed"},
	{"end-revoke", "an issuer", JIT_NO, issued, JIT_END, .who = ISSUER,
		.change = "cause=revoke"},

	{"end-who", "a host of others", JIT_NO, issued, JIT_END, .who = HAL},
	{"end-revoke", "its host", JIT_NO, issued, JIT_END, .who = WEB_ONE,
		.change = "cause=revoke"},
	{"end-failed", "its host", JIT_NO, issued, JIT_END, .who = WEB_ONE,
		.change = "cause=failed"},
	{"end-ttl", "its host, a second early", JIT_NO, issued, JIT_END,
		.who = WEB_ONE, .wait = 1799, .change = "cause=ttl"},

	{"use-form", "opened without a program", JIT_USAGE, issued, JIT_USE,
		.who = WEB_ONE, .change = "program-"},
	{"use-form", "opened with a status", JIT_USAGE, issued, JIT_USE,
		.who = WEB_ONE, .spoil = with_exit},
	{"use-form", "opened with a recording", JIT_USAGE, issued, JIT_USE,
		.who = WEB_ONE, .spoil = with_recording},
	{"use-form", "opened with somebody killed", JIT_USAGE, issued, JIT_USE,
		.who = WEB_ONE, .change = "killed=1"},
	{"use-form", "closed with a program", JIT_USAGE, opened, JIT_USE,
		.who = WEB_ONE, .change = "phase=close"},
	{"use-form", "closed with its words", JIT_USAGE, opened, JIT_USE,
		.who = WEB_ONE, .change = CLOSE ";argv=" SOME_SHA256},
	{"use-who", "another person", JIT_NO, issued, JIT_USE, .who = CAROL},
	{"use-who", "who approved it", JIT_NO, issued, JIT_USE, .who = DAN},
	{"use-who", "another host", JIT_NO, issued, JIT_USE, .who = HAL},
	{"use-who", "an issuer of others", JIT_NO, issued, JIT_USE,
		.who = BROKER},
	{"use-live", "not issued", JIT_OVER, voted, JIT_USE, .who = ALICE},
	{"use-live", "run out", JIT_OVER, issued, JIT_USE, .who = WEB_ONE,
		.wait = 1800},
	{"use-session", "open already", JIT_NO, opened, JIT_USE,
		.who = WEB_ONE},
	{"use-session", "named in the future", JIT_NO, issued, JIT_USE,
		.who = WEB_ONE, .spoil = named_late},
	{"use-session", "named an hour ago", JIT_NO, issued, JIT_USE,
		.who = WEB_ONE, .spoil = named_long_ago},
	{"use-open", "never opened", JIT_NOGRANT, issued, JIT_USE,
		.who = WEB_ONE, .change = CLOSE},
	{"use-open", "closed already", JIT_NOGRANT, opened_and_closed, JIT_USE,
		.who = WEB_ONE, .change = CLOSE},
	{"use-grant", "closed under another", JIT_NO, opened_for_carol, JIT_USE,
		.who = WEB_ONE, .change = CLOSE},
	{"use-owner", "closed by the holder", JIT_NO, opened, JIT_USE,
		.who = ALICE, .change = CLOSE},
	{"use-owner", "closed by another host", JIT_NO, opened, JIT_USE,
		.who = HAL, .change = CLOSE},
	{"use-owner", "closed by an issuer of others", JIT_NO, opened, JIT_USE,
		.who = BROKER, .change = CLOSE},
	{"use-counter", "a gap", JIT_NO, issued, JIT_USE, .who = WEB_ONE,
		.change = "counter+1"},
	{"use-counter", "the same again", JIT_NO, opened, JIT_USE,
		.who = WEB_ONE, .change = CLOSE ";counter-1"},
	{"use-counter", "a gap at the close", JIT_NO, opened, JIT_USE,
		.who = WEB_ONE, .change = CLOSE ";counter+1"},
	{"use-counter", "another's", JIT_NO, opened, JIT_USE, .who = ALICE,
		.spoil = named_now, .change = "counter+1"},
	{"use-counter", "one of its own, beside beats", JIT_NO, beaten_live,
		JIT_USE, .who = WEB_ONE, .change = "counter=1"},
	{"grant-open", "used after its end", JIT_NOGRANT, ended, JIT_USE,
		.who = WEB_ONE},

	{"probe-known", "never asked", JIT_NOGRANT, founded, JIT_PROBE,
		.who = ISSUER, .change = "id=01M80R51J8041061050R3GG28A"},
	{"probe-known", "not issued", JIT_NOGRANT, voted, JIT_PROBE,
		.who = ISSUER},
	{"probe-known", "never issued, over", JIT_NOGRANT, lapsed, JIT_PROBE,
		.who = ISSUER},
	{"probe-known", "paid already", JIT_NOGRANT, proven, JIT_PROBE,
		.who = WEB_ONE},
	{"probe-known", "written off", JIT_NOGRANT, written_off, JIT_PROBE,
		.who = WEB_ONE},
	{"probe-who", "another person", JIT_NO, issued, JIT_PROBE,
		.who = CAROL},
	{"probe-who", "who approved it", JIT_NO, issued, JIT_PROBE, .who = DAN},
	{"probe-who", "another host", JIT_NO, issued, JIT_PROBE, .who = HAL},
	{"probe-who", "an issuer of others", JIT_NO, issued, JIT_PROBE,
		.who = BROKER},
	{"probe-who", "another host, once it is over", JIT_NO, shown_and_ended,
		JIT_PROBE, .who = HAL},
	{"probe-who", "an issuer of others, once it is over", JIT_NO,
		shown_and_ended, JIT_PROBE, .who = BROKER},
	{"probe-who", "an admin", JIT_NO, shown_and_ended, JIT_PROBE,
		.who = ROOT},
	{"beat-class", "a person", JIT_NO, founded, JIT_BEAT, .who = ROOT},
	{"beat-class", "a vendor", JIT_NO, founded, JIT_BEAT, .who = VIC},
	{"beat-class", "a workload", JIT_NO, founded, JIT_BEAT, .who = WANDA},
	{"beat-counter", "a gap", JIT_NO, founded, JIT_BEAT, .who = ISSUER,
		.change = "counter+1"},
	{"beat-counter", "the same again", JIT_NO, beaten, JIT_BEAT,
		.who = WEB_ONE, .change = "counter-1"},
	{"beat-counter", "one of its own, beside its uses", JIT_NO, opened,
		JIT_BEAT, .who = WEB_ONE, .change = "counter=1"},
	{"scan-class", "a person", JIT_NO, founded, JIT_SCAN, .who = ROOT},
	{"scan-class", "a vendor", JIT_NO, founded, JIT_SCAN, .who = VIC},
	{"scan-class", "a workload", JIT_NO, founded, JIT_SCAN, .who = WANDA},
	{"scan-host", "another host's", JIT_NO, founded, JIT_SCAN,
		.who = WEB_ONE, .change = "host=hal"},
	{"scan-host", "the first letters of its own", JIT_NO, founded, JIT_SCAN,
		.who = WEB_ONE, .change = "host=web"},
	{"scan-host", "its whole principal", JIT_NO, founded, JIT_SCAN,
		.who = WEB_ONE, .change = "host=web-1@ex.com"},
	{"scan-counter", "a gap", JIT_NO, founded, JIT_SCAN, .who = ISSUER,
		.change = "counter+1"},
	{"scan-counter", "the same again", JIT_NO, scanned, JIT_SCAN,
		.who = WEB_ONE, .change = "counter-1"},
	{"scan-counter", "one of its own, beside beats", JIT_NO, beaten,
		JIT_SCAN, .who = WEB_ONE, .change = "counter=1"},
	{"beat-counter", "one of its own, beside scans", JIT_NO, scanned,
		JIT_BEAT, .who = WEB_ONE, .change = "counter=1"},
	{"scan-order", "one twice", JIT_USAGE, founded, JIT_SCAN,
		.who = WEB_ONE, .spoil = surface_twice},
	{"scan-order", "not by their names", JIT_USAGE, founded, JIT_SCAN,
		.who = WEB_ONE, .spoil = surface_early},
	{"scan-count", "of what was not seen", JIT_USAGE, founded, JIT_SCAN,
		.who = WEB_ONE, .spoil = counted_unseen},
	{"scan-count", "none of what was seen", JIT_USAGE, founded, JIT_SCAN,
		.who = WEB_ONE, .spoil = uncounted},
	{"scan-count", "a digest of what was not seen", JIT_USAGE, founded,
		JIT_SCAN, .who = WEB_ONE, .spoil = digest_unseen},
	{"scan-resource", "another host's", JIT_NO, founded, JIT_SCAN,
		.who = WEB_ONE, .spoil = surface_of_web_two},
	{"scan-resource", "an issuer of others", JIT_NO, founded, JIT_SCAN,
		.who = BROKER, .spoil = surface_of_web_two},

	{"review-owed", "for what was asked for", JIT_NOGRANT, issued,
		JIT_REVIEW, .who = BOB},
	{"review-owed", "a proof that a probe can give", JIT_NOGRANT,
		shown_and_ended, JIT_REVIEW, .who = RITA},
	{"review-owed", "written off already", JIT_NOGRANT, written_off,
		JIT_REVIEW, .who = ROOT},
	{"review-owed", "paid already", JIT_NOGRANT, reviewed, JIT_REVIEW,
		.who = SUE},
	{"review-class", "a host", JIT_NO, broken, JIT_REVIEW, .who = HAL},
	{"review-class", "a vendor", JIT_NO, broken, JIT_REVIEW, .who = VIC},
	{"review-class", "a host writes off", JIT_NO, ended, JIT_REVIEW,
		.who = WEB_ONE},
	{"review-self", "of the group", JIT_NO, broken_by_erin, JIT_REVIEW,
		.who = ERIN},
	{"review-self", "writes off what was his", JIT_NO, ended_by_an_admin,
		JIT_REVIEW, .who = ALICE},
	{"review-sponsor", "of who broke it", JIT_NO, broken_by_bobs,
		JIT_REVIEW, .who = BOB},
	{"review-sponsor", "writes off what was hers", JIT_NO, ended_by_ritas,
		JIT_REVIEW, .who = RITA},
	{"review-member", "of another group", JIT_NO, broken, JIT_REVIEW,
		.who = DAN},
	{"review-member", "an admin", JIT_NO, broken, JIT_REVIEW, .who = ROOT},
	{"review-admin", "who approved it", JIT_NO, ended, JIT_REVIEW,
		.who = DAN},
	{"review-admin", "who reviews broken glass", JIT_NO, ended, JIT_REVIEW,
		.who = BOB},
};

/* All rules but these are asked before there is a commit. */
static bool
is_of_chain(const char *rule)
{
	return strcmp(rule, "chain-genesis") == 0 ||
		strcmp(rule, "chain-seq") == 0 ||
		strcmp(rule, "chain-prev") == 0 ||
		strcmp(rule, "chain-ledger") == 0;
}

static void
check_refused(const struct refusal *r)
{
	struct jit_buf before = {0}, after = {0};
	struct jit_error err = {0};
	struct jit_event ev;

	ROW(r->what);
	r->scene();
	court_now += r->wait;
	court_tweak = r->tweak;
	court_rogue = r->rogue;
	court_untouched = r->untouched;
	court_draft(&ev, r->type, r->who, r->change);
	if (r->spoil)
		r->spoil(&ev);
	jit_state_save(&before, court);
	if (!is_of_chain(r->rule)) {
		CHECK_INT(court_ask(&ev, r->who, &err), r->code);
		CHECK_STR(err.rule, r->rule);
	}
	memset(&err, 0, sizeof(err));
	CHECK_INT(court_submit(&ev, r->who, &err), r->code);
	CHECK_STR(err.rule, r->rule);
	CHECK(err.text[0] != '\0');
	jit_state_save(&after, court);
	CHECK_INT((long long)after.len, (long long)before.len);
	if (after.len == before.len)
		CHECK_MEM(after.data, before.data, before.len);
	jit_event_free(&ev);
	jit_buf_free(&before);
	jit_buf_free(&after);
}

/* All of them, or those of one rule. */
static void
test_refusals(const char *only)
{
	const char *last = "";
	size_t i;

	for (i = 0; i < COUNT(refusals); i++) {
		if (only && strcmp(refusals[i].rule, only) != 0)
			continue;
		if (strcmp(refusals[i].rule, last) != 0)
			CASE(refusals[i].rule);
		last = refusals[i].rule;
		check_refused(&refusals[i]);
	}
}

/* What must be accepted. */

static const struct jit_grant *
grant(void)
{
	return jit_state_grant(court, court_id);
}

static void
test_two_groups(void)
{
	CASE("a vote of each of two groups");
	asked_vault();
	CHECK(court_accepts(JIT_APPROVE, DAN, "as=dba"));
	CHECK(court_accepts(JIT_APPROVE, BOB, "as=security"));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(grant() && grant()->stage == JIT_ACTIVE);

	CASE("who is in both groups fills one seat");
	asked_vault();
	CHECK(court_accepts(JIT_APPROVE, ERIN, "as=security"));
	CHECK(court_accepts(JIT_APPROVE, DORA, "as=dba"));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));

	CASE("two of one group");
	asked_pair();
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));

	CASE("more votes than are wanted");
	voted();
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	CHECK(court_accepts(JIT_APPROVE, ERIN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
}

static void
test_duration(void)
{
	CASE("the longest that the rule gives");
	founded();
	CHECK(court_accepts(JIT_REQUEST, ALICE, "duration=3600"));
	CHECK(court_accepts(JIT_APPROVE, DAN, "duration=3600"));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(grant() && grant()->until - grant()->from == 3600);

	CASE("the smallest vote decides");
	asked();
	CHECK(court_accepts(JIT_APPROVE, DAN, "duration=900"));
	CHECK(court_accepts(JIT_APPROVE, DORA, "duration=600"));
	CHECK(court_accepts(JIT_APPROVE, ERIN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(grant() && grant()->until - grant()->from == 600);

	CASE("a vote that is withdrawn narrows nothing");
	voted_less();
	CHECK(court_accepts(JIT_WITHDRAW, DAN, NULL));
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(grant() && grant()->until - grant()->from == 1800);
}

static void
test_withdraw(void)
{
	CASE("a vote again after its withdrawal");
	voted_then_withdrawn();
	CHECK(grant() && grant()->votes == NULL);
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));

	CASE("the first vote of two withdrawn, by another key");
	voted();
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	jit_hex(court_vote, grant()->votes->sha256, JIT_SHA256);
	CHECK(court_accepts(JIT_WITHDRAW, DAN_TWO, NULL));
	CHECK_STR(grant()->votes->by, "dora@ex.com");
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));

	CASE("a request cancelled by who made it");
	cancelled();
	CHECK_INT((long long)court->grants_count, 0);

	CASE("a denial is final");
	denied();
	CHECK_INT((long long)court->grants_count, 0);
}

static void
test_clocks(void)
{
	CASE("a vote in the last second");
	asked();
	court_now += 4 * HOUR - 1;
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));

	CASE("the quorum starts another clock");
	asked();
	court_now += 4 * HOUR - 1;
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	court_now += HOUR - 1;
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));

	CASE("a vote after the quorum moves no clock");
	voted();
	court_now += HOUR - 1;
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	court_now++;
	CHECK(court_accepts(JIT_END, ISSUER, "cause=lapse"));
	CHECK_INT((long long)court->grants_count, 0);

	CASE("a lapse in its first second");
	lapsed();
	CHECK_INT((long long)court->grants_count, 0);

	CASE("a second grant in the same second");
	asked();
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
	CHECK(court_accepts(JIT_REQUEST, CAROL, NULL));
	CHECK_INT((long long)court->grants_count, 3);
	CHECK_INT((long long)court->recent_count, 3);

	CASE("ids are remembered for one second");
	court_now++;
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
	CHECK_INT((long long)court->recent_count, 1);
}

static void
test_end(void)
{
	static const struct {
		const char *what;
		enum court_who who;
		int64_t wait;
		const char *change;
	} ends[] = {
		{"its holder, done", ALICE, 0, "cause=task"},
		{"its holder, revoking", ALICE, 0, "cause=revoke"},
		{"its holder, at its end", ALICE, 1800, "cause=ttl"},
		{"who approved it", DAN, 0, "cause=revoke"},
		{"who might have", DORA, 0, "cause=revoke"},
		{"an admin", RITA, 0, "cause=revoke"},
		{"an issuer, at its end", ISSUER, 1800, "cause=ttl"},
		{"an issuer, failed", ISSUER, 0, "cause=failed"},
		{"without a reason", ALICE, 0, "cause=task;reason-"},
	};
	size_t i;

	CASE("an end by each who may");
	for (i = 0; i < COUNT(ends); i++) {
		ROW(ends[i].what);
		issued();
		court_now += ends[i].wait;
		CHECK(court_accepts(JIT_END, ends[i].who, ends[i].change));
		CHECK_INT((long long)court->grants_count, 0);
	}
}

static void
test_people(void)
{
	CASE("a vendor and a workload ask");
	founded();
	CHECK(court_accepts(JIT_REQUEST, VIC, NULL));
	CHECK(court_accepts(JIT_REQUEST, WANDA, NULL));

	CASE("a vote by a touched security key");
	asked_prod();
	CHECK(court_accepts(JIT_APPROVE, DAN_SK, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));

	CASE("a security key where none is wanted");
	asked();
	CHECK(court_accepts(JIT_APPROVE, DAN_SK, NULL));

	CASE("who denies is a person of the group");
	denied();
	CHECK_INT(court->seq, 3);

	CASE("ten letters are a reason");
	founded();
	CHECK(court_accepts(JIT_REQUEST, ALICE, "reason=1 2 3 4 5 6 7 8 9 0"));

	CASE("each scheme has its own offer");
	voted_pg();
	CHECK_STR(grant() ? grant()->offer : "", COURT_SCRAM);
	voted_on(SU);
	CHECK(grant() && grant()->offer == NULL);
}

static int64_t
spent(void)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < court->spends_count; i++)
		n += court->spends[i].seconds;
	return n;
}

static void
test_budget(void)
{
	CASE("within its budget a rule gives without a vote");
	auto_twice();
	CHECK_STR(grant()->rule, "auto");
	CHECK(grant()->stage == JIT_ACTIVE && grant()->votes == NULL);
	CHECK_INT((long long)court->spends_count, 2);

	CASE("what one has spent is not another's");
	CHECK(court_accepts(JIT_REQUEST, CAROL,
		"resource=ssh:auto-1;duration=3600"));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));

	CASE("over it the next rule decides, with its votes");
	over_voted();
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK_STR(grant()->rule, "over");

	CASE("it rests on that rule, not on the one that was spent");
	auto_twice();
	CHECK(court_accepts(JIT_REQUEST, ALICE,
		"resource=ssh:auto-2;duration=7200"));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(jit_standing_basis(court, grant()) == JIT_BASIS_HOLDS);

	CASE("and who said yes may end it");
	CHECK(court_accepts(JIT_END, DAN, "cause=revoke"));

	CASE("one asked within it falls to the next rule, too");
	founded();
	CHECK(court_accepts(JIT_REQUEST, ALICE,
		"resource=ssh:auto-2;duration=60"));
	keep_parent();
	take_auto(60);
	take_auto(60);
	memcpy(court_id, parent, JIT_ULID);
	jit_hex(court_request, grant()->request, JIT_SHA256);
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK_STR(grant()->rule, "over");

	CASE("all of the time, to the second");
	auto_long();
	take_auto(600);
	CHECK_INT(spent(), 3600);

	CASE("an early end gives time back");
	auto_long();
	court_now += 600;
	CHECK(court_accepts(JIT_END, ALICE, NULL));
	CHECK_INT(spent(), 600);
	take_auto(3000);

	CASE("an end after its end takes none");
	auto_long();
	court_now += 3300;
	CHECK(court_accepts(JIT_END, ISSUER, "cause=ttl"));
	CHECK_INT(spent(), 3000);

	CASE("it is forgotten when its time is over, to the second");
	auto_twice();
	court_now += COURT_DAY;
	take_auto(60);
	CHECK_INT((long long)court->spends_count, 1);

	CASE("more of a grant spends what it adds");
	founded();
	take_auto(1800);
	keep_parent();
	court_now += 600;
	{
		char change[128];

		snprintf(change, sizeof(change),
			"resource=ssh:auto-1;extends=%s", parent);
		CHECK(court_accepts(JIT_REQUEST, ALICE, change));
	}
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK_INT(spent(), 3600);
	CHECK_INT(grant()->until, COURT_START + 3600);
}

static void
test_hours(void)
{
	static const int64_t good[] = {0, 1758, 7 * COURT_DAY,
		7 * COURT_DAY - 1841};
	size_t i;

	CASE("within the hours of a rule");
	for (i = 0; i < COUNT(good); i++) {
		founded();
		court_now += good[i];
		CHECK(court_accepts(JIT_REQUEST, ALICE, "resource=ssh:lab-1"));
		CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
		CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	}

	CASE("a vote may come at any hour");
	founded();
	CHECK(court_accepts(JIT_REQUEST, ALICE, "resource=ssh:lab-1"));
	court_now += 2 * HOUR;
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
}

static void
test_until(void)
{
	CASE("a rule in its last second");
	founded();
	court_now += 1938;
	CHECK(court_accepts(JIT_REQUEST, ALICE, "resource=ssh:brief-1"));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));

	CASE("what it gave is ended by who said yes, after its end");
	court_now += 60;
	CHECK(court_accepts(JIT_END, DAN, "cause=revoke"));

	CASE("a deny that has an end is over then, and what is given stays");
	founded();
	court_now += 139;
	CHECK(court_accepts(JIT_REQUEST, ALICE, "resource=ssh:brief-9"));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(jit_standing_basis(court, grant()) == JIT_BASIS_HOLDS);

	CASE("whose enrolment has ended takes back, denies and ends");
	asked_some_end();
	court_now += HOUR;
	CHECK(court_accepts(JIT_DENY, DAN, NULL));
	founded_with(alice_ends);
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
	court_now += HOUR;
	{
		char change[128];

		snprintf(change, sizeof(change), "vote=%s", court_request);
		CHECK(court_accepts(JIT_WITHDRAW, ALICE, change));
	}
	founded_with(alice_ends);
	CHECK(court_accepts(JIT_REQUEST, ALICE, "duration=3600"));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	court_now += HOUR - 1;
	CHECK(court_accepts(JIT_END, ALICE, NULL));

	CASE("a vote of one whose enrolment has ended since does not count");
	asked_some_end();
	court_now += HOUR - 1;
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	court_now++;
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	{
		struct jit_standing st = {0};

		CHECK_INT(jit_standing_of(&st, court, grant(), court_now, NULL),
			0);
		CHECK_INT(st.tally[0].have, 1);
	}

	CASE("an admin's end is only reported");
	founded_with(an_admin_ends);
	court_now += HOUR;
	CHECK(court_accepts(JIT_REQUEST, ALICE, "resource=ssh:pair-1"));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_APPROVE, DORA, NULL));
	{
		struct jit_standing st = {0};

		CHECK_INT(jit_standing_of(&st, court, grant(), court_now, NULL),
			0);
		CHECK(st.met);
	}
}

static void
test_extension(void)
{
	char first[JIT_ULID];

	CASE("more is added to the end");
	more_voted();
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK_INT(grant()->from, COURT_START + 600);
	CHECK_INT(grant()->until, COURT_START + 3600);
	CHECK_INT(grant()->total, 3600);
	CHECK_STR(grant()->extends, parent);
	CHECK_STR(grant()->by, "alice@ex.com");
	CHECK_STR(grant()->resource, "ssh:web-1");

	CASE("what it adds to ends, and it goes on");
	memcpy(first, court_id, JIT_ULID);
	memcpy(court_id, parent, JIT_ULID);
	court_now = COURT_START + 1800;
	CHECK(court_accepts(JIT_END, ISSUER, "cause=ttl"));
	CHECK(jit_state_grant(court, first) != NULL);

	CASE("more of more, up to the sum");
	twice_the_longest();
	CHECK_INT(grant()->total, 7200);
	CHECK_INT(grant()->until, COURT_START + 7200);

	CASE("in the last second");
	issued_before();
	court_now += 1799;
	ask_more(60);
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK_INT(grant()->until, COURT_START + 1860);
}

static void
test_sponsors(void)
{
	struct jit_vote v = {.by = "dora@ex.com", .as = "dba"};
	struct jit_standing st = {0};

	CASE("a sponsor's vote never counts, however it came there");
	asked_by_vic();
	CHECK_INT(jit_standing_of(&st, court, grant(), court_now, NULL), 0);
	CHECK(!jit_standing_counts(court, grant(), st.rule, &v, court_now));
	v.by = "dan@ex.com";
	CHECK(jit_standing_counts(court, grant(), st.rule, &v, court_now));

	CASE("nor that of who is sponsored");
	asked_of_her_sponsored();
	v.by = "dora@ex.com";
	CHECK_INT(jit_standing_of(&st, court, grant(), court_now, NULL), 0);
	CHECK(!jit_standing_counts(court, grant(), st.rule, &v, court_now));

	CASE("who sponsors nobody here votes for the vendor");
	asked_by_vic();
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
}

static void
test_use(void)
{
	const struct jit_session *x;

	CASE("opened by its host, closed when its grant is over");
	opened_and_ended();
	x = jit_state_session(court, court_session);
	if (CHECK(x != NULL)) {
		CHECK_STR(x->id, court_id);
		CHECK_STR(x->by, "web-1@ex.com");
		CHECK_STR(x->holder, "alice@ex.com");
		CHECK_STR(x->resource, "ssh:web-1");
		CHECK_STR(x->host, "web-1");
		CHECK_INT(x->at, COURT_START);
		CHECK_INT(x->due, COURT_START + 1800);
		CHECK_INT(jit_using_until(court, x), 0);
	}
	court_now += 5;
	CHECK(court_accepts(JIT_USE, WEB_ONE, CLOSE ";killed=2"));
	CHECK_INT((long long)court->sessions_count, 0);
	CHECK_INT(jit_state_counted(court, "web-1@ex.com"), 2);

	CASE("by the holder and an issuer too, each with a count of its own");
	issued();
	CHECK(court_accepts(JIT_USE, ALICE, NULL));
	CHECK(court_accepts(JIT_USE, ALICE, CLOSE));
	CHECK(court_accepts(JIT_USE, ISSUER, NULL));
	CHECK(court_accepts(JIT_USE, ISSUER, CLOSE));
	CHECK(court_accepts(JIT_USE, ALICE, "counter=3"));
	CHECK_INT(jit_state_counted(court, "alice@ex.com"), 3);
	CHECK_INT(jit_state_counted(court, "issuer@ex.com"), 2);
	CHECK_INT(jit_state_counted(court, "web-1@ex.com"), 0);

	CASE("an issuer closes what a host left open");
	opened();
	CHECK(court_accepts(JIT_USE, ISSUER, CLOSE));

	CASE("to the last second, and named by a clock that was behind");
	issued();
	court_now += 1799;
	court_ulid(court_session, court_now - HOUR + 1);
	CHECK(court_accepts(JIT_USE, WEB_ONE, NULL));

	CASE("a session lasts as long as the last extension");
	issued_before();
	CHECK(court_accepts(JIT_USE, WEB_ONE, NULL));
	ask_more(60);
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	x = jit_state_session(court, court_session);
	if (CHECK(x != NULL)) {
		CHECK_STR(x->live, court_id);
		CHECK_INT(jit_using_until(court, x), COURT_START + 1860);
	}
	court_now = COURT_START + 1801;
	memcpy(court_id, x ? x->id : court_id, JIT_ULID);
	CHECK(court_accepts(JIT_END, ISSUER, "cause=ttl"));
	CHECK_INT(x ? jit_using_until(court, x) : 0, COURT_START + 1860);

	CASE("its host says that it ran out, or that the task is done");
	issued();
	court_now += 1800;
	CHECK(court_accepts(JIT_END, WEB_ONE, "cause=ttl"));
	issued();
	CHECK(court_accepts(JIT_END, WEB_ONE, "cause=task"));
}

static void
test_glass(void)
{
	const struct jit_debt *d;

	CASE("broken glass: at once, without a vote, and a review is owed");
	founded();
	CHECK(court_accepts(JIT_REQUEST, ALICE,
		"resource=ssh:glass-1;break_glass=1"));
	court_now += 7;
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(grant()->stage == JIT_ACTIVE && grant()->glass);
	CHECK_STR(grant()->rule, "glass");
	d = jit_state_debt(court, court_id);
	if (CHECK(d != NULL)) {
		CHECK_STR(d->by, "alice@ex.com");
		CHECK_STR(d->group, "security");
		CHECK_INT(d->asked, COURT_START);
		CHECK_INT(d->at, COURT_START + 7);
		CHECK_INT(d->due, COURT_START + 7 + COURT_DAY);
		CHECK_INT(d->drill, 0);
	}

	CASE("who reviews it may end it");
	CHECK(court_accepts(JIT_END, BOB, "cause=revoke"));

	CASE("its end pays nothing, a review pays");
	CHECK_INT((long long)court->debts_count, 1);
	CHECK(court_accepts(JIT_REVIEW, SUE, "verdict=misuse"));
	CHECK_INT((long long)court->debts_count, 0);

	CASE("a second one in the last second before it is overdue");
	broken_and_ended();
	court_now += COURT_DAY - 1;
	break_glass(ALICE, "");
	CHECK_INT((long long)court->debts_count, 2);

	CASE("a debt is never forgotten, and keeps only its own from glass");
	broken_and_ended();
	court_now += 90 * COURT_DAY;
	break_glass(CAROL, "");
	CHECK_INT((long long)court->debts_count, 2);
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));

	CASE("overdue, paid, broken again");
	broken_and_ended();
	court_now += 2 * COURT_DAY;
	CHECK(court_accepts(JIT_REVIEW, BOB, "verdict=unclear"));
	break_glass(ALICE, "");

	CASE("a drill is one");
	founded();
	break_glass(ALICE, ";task=drill");
	d = jit_state_debt(court, court_id);
	CHECK(d && d->drill == 1);
	CHECK(court_accepts(JIT_REVIEW, ERIN, NULL));
}

/* What a grant gives: "/bin/a x|/bin/b". */
static const char *
given(void)
{
	static char line[1024];
	const struct jit_lists *list = &grant()->actions;
	struct jit_buf b = {0};
	size_t i;

	for (i = 0; i < list->count; i++) {
		jit_buf_str(&b, i ? "|" : "");
		jit_words_put(&b, &list->at[i]);
	}
	snprintf(line, sizeof(line), "%s", jit_buf_text(&b));
	jit_buf_free(&b);
	return line;
}

/* As many actions as there may be, the last of them a restart. */
static void
all_sixty_four(struct jit_event *ev)
{
	const char **words;
	size_t i;

	ev->actions.count = JIT_ACTIONS_MAX;
	ev->actions.at = jit_arena_get(&ev->mem,
		JIT_ACTIONS_MAX * sizeof(*ev->actions.at));
	for (i = 0; i < JIT_ACTIONS_MAX; i++) {
		words = jit_arena_get(&ev->mem, 3 * sizeof(*words));
		words[0] = "/usr/bin/systemctl";
		words[1] = "restart";
		words[2] = "units_0123456789abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ" +
			i;
		ev->actions.at[i] = (struct jit_texts){3, words};
	}
}

static void
test_actions(void)
{
	struct jit_standing st = {0};
	struct jit_event ev;

	CASE("what is asked is given, in that order");
	voted_act();
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK_STR(given(), ID "|" RESTART "|" CAT);

	CASE("what each vote allows, and no more");
	asked_act();
	CHECK(court_accepts(JIT_APPROVE, DAN, "actions=" CAT "|" ID));
	CHECK(court_accepts(JIT_APPROVE, ERIN, NULL));
	CHECK(court_accepts(JIT_APPROVE, DORA, "actions=" RESTART "|" CAT));
	CHECK_STR(given(), ID "|" RESTART "|" CAT);
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK_STR(given(), CAT);

	CASE("a vote that is withdrawn narrows nothing");
	voted_id();
	CHECK(court_accepts(JIT_WITHDRAW, DAN, NULL));
	CHECK(court_accepts(JIT_APPROVE, DORA, "actions=" RESTART));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK_STR(given(), RESTART);

	CASE("any of a rule that names none, where the host can keep them");
	voted_on(SU "actions=/bin/sh -c x|/bin/sh -c y|/bin/sh");
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK_STR(given(), "/bin/sh -c x|/bin/sh -c y|/bin/sh");
	voted_on(SU);
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK_INT((long long)grant()->actions.count, 0);

	CASE("an option or a folder above where the word is spelled so");
	voted_on(SU "actions=/bin/rm -rf ../x|/bin/a --b=../c");
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));

	CASE("sixty-four of them, and each of them");
	founded();
	court_draft(&ev, JIT_REQUEST, ALICE, "resource=ssh:act-1");
	all_sixty_four(&ev);
	CHECK_INT(court_submit(&ev, ALICE, NULL), 0);
	memcpy(court_id, ev.id, JIT_ULID);
	memcpy(court_request, court->tip, JIT_HEX256);
	jit_event_free(&ev);
	CHECK_INT(jit_standing_of(&st, court, grant(), court_now, NULL), 0);
	CHECK(st.actions == UINT64_MAX);
	CHECK(court_accepts(JIT_APPROVE, DAN,
		"actions=/usr/bin/systemctl restart FGHIJKLMNOPQRSTUVWXYZ|"
		"/usr/bin/systemctl restart "
		"units_0123456789abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
	CHECK_INT(jit_standing_of(&st, court, grant(), court_now, NULL), 0);
	CHECK_INT((long long)(st.actions & 1), 1);
	CHECK_INT((long long)(st.actions >> 47), 1);
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK_INT((long long)grant()->actions.count, 2);

	CASE("an extension of the same ones, in whatever order");
	su_more_asked();
	CHECK(court_accepts(JIT_APPROVE, DAN, "actions=" ID "|" CAT));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK_STR(given(), CAT "|" ID);
}

static void
test_connectors(void)
{
	struct jit_event ev;

	CASE("a database is given without a certificate");
	issued_pg();
	CHECK(grant()->stage == JIT_ACTIVE);
	CHECK_INT(grant()->serial, 0);
	CHECK_STR(grant()->cert, "");

	CASE("and with what is needed to connect");
	voted_pg();
	court_draft(&ev, JIT_ISSUE, ISSUER, NULL);
	connect_by_object(&ev);
	CHECK_INT(court_submit(&ev, ISSUER, NULL), 0);
	jit_event_free(&ev);

	CASE("so is ssh, beside its certificate");
	voted();
	court_draft(&ev, JIT_ISSUE, ISSUER, NULL);
	connect_by_object(&ev);
	CHECK_INT(court_submit(&ev, ISSUER, NULL), 0);
	CHECK_INT(grant()->serial, ev.seq);
	jit_event_free(&ev);

	CASE("its end revokes no certificate, and is owed all the same");
	issued_pg();
	CHECK(court_accepts(JIT_END, ALICE, NULL));
	CHECK_INT((long long)court->revoked_count, 0);
	CHECK_INT((long long)court->unproven_count, 1);
}

/* What is owed of the last grant, or nothing. */
static const struct jit_unproven *
owed(void)
{
	return jit_state_unproven(court, court_id);
}

static void
test_owed(void)
{
	const struct jit_unproven *u;

	CASE("every end of what was given is owed a proof");
	issued();
	court_now += 60;
	CHECK(court_accepts(JIT_END, ALICE, NULL));
	u = owed();
	if (CHECK(u != NULL)) {
		CHECK_STR(u->id, court_id);
		CHECK_STR(u->resource, "ssh:web-1");
		CHECK_STR(u->role, "root");
		CHECK_STR(u->holder, "alice@ex.com");
		CHECK_INT(u->due, COURT_START + 60);
		CHECK_INT(u->ended, COURT_START + 60);
		CHECK_INT(u->control, 0);
	}
	issued();
	court_now += 1805;
	CHECK(court_accepts(JIT_END, ISSUER, "cause=ttl"));
	u = owed();
	CHECK(u && u->due == COURT_START + 1800 &&
		u->ended == COURT_START + 1805);

	CASE("what was never given owes none");
	lapsed();
	CHECK_INT((long long)court->unproven_count, 0);
	cancelled();
	CHECK_INT((long long)court->unproven_count, 0);
	denied();
	CHECK_INT((long long)court->unproven_count, 0);

	CASE("no time ends it");
	ended();
	court_now += 400 * COURT_DAY;
	CHECK(court_accepts(JIT_BEAT, WEB_ONE, NULL));
	CHECK(owed() != NULL);

	CASE("they are in the order of their ids, whatever ended first");
	opened_for_carol();
	CHECK(court_accepts(JIT_END, CAROL, NULL));
	memcpy(court_id, court->grants[0]->id, JIT_ULID);
	CHECK(court_accepts(JIT_END, ISSUER, "cause=failed"));
	if (CHECK_INT((long long)court->unproven_count, 2))
		CHECK(strcmp(court->unproven[0].id, court->unproven[1].id) < 0);
}

static void
test_probe(void)
{
	static const struct {
		const char *what;
		void (*scene)(void);
		enum court_who who;
		int64_t wait;
		const char *outcome;
		bool paid;
	} rows[] = {
		{"its host", shown_and_ended, WEB_ONE, 0, "outcome=refused",
			true},
		{"an issuer", shown_and_ended, ISSUER, 0, "outcome=refused",
			true},
		{"much later", shown_and_ended, ISSUER, 90 * COURT_DAY,
			"outcome=refused", true},
		{"its holder", shown_and_ended, ALICE, 0, "outcome=refused",
			false},
		{"still allowed", shown_and_ended, WEB_ONE, 0,
			"outcome=allowed", false},
		{"lapsed", shown_and_ended, WEB_ONE, 3600, "outcome=lapsed",
			false},
		{"not known", shown_and_ended, WEB_ONE, 0, "outcome=unknown",
			false},
		{"never seen at work", ended, WEB_ONE, 0, "outcome=refused",
			false},
	};
	size_t i;

	CASE("a refusal pays where the same probe was allowed before");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].what);
		rows[i].scene();
		court_now += rows[i].wait;
		CHECK(court_accepts(JIT_PROBE, rows[i].who, rows[i].outcome));
		CHECK((owed() == NULL) == rows[i].paid);
	}

	CASE("a refusal pays only once it is over");
	shown();
	CHECK(court_accepts(JIT_PROBE, WEB_ONE, NULL));
	CHECK(court_accepts(JIT_END, ALICE, NULL));
	CHECK(owed() && owed()->control == 1);

	CASE("it is no control that its holder says so");
	issued();
	CHECK(court_accepts(JIT_PROBE, ALICE, "outcome=allowed"));
	CHECK_INT(grant()->control, 0);
	CHECK(court_accepts(JIT_PROBE, ISSUER, "outcome=refused"));
	CHECK(court_accepts(JIT_PROBE, ISSUER, "outcome=unknown"));
	CHECK(court_accepts(JIT_PROBE, ISSUER, "outcome=lapsed"));
	CHECK_INT(grant()->control, 0);
	court_now += 1799;
	CHECK(court_accepts(JIT_PROBE, ISSUER, "outcome=allowed"));
	CHECK_INT(grant()->control, 1);

	CASE("nor that it works when its time is over");
	issued();
	court_now += 1800;
	CHECK(court_accepts(JIT_PROBE, WEB_ONE, "outcome=allowed"));
	CHECK_INT(grant()->control, 0);
	CHECK(court_accepts(JIT_END, WEB_ONE, "cause=ttl"));
	CHECK(court_accepts(JIT_PROBE, WEB_ONE, "outcome=allowed"));
	CHECK(court_accepts(JIT_PROBE, WEB_ONE, "outcome=refused"));
	CHECK(owed() && owed()->control == 0);

	CASE("what was never given needs none");
	issued();
	CHECK(court_accepts(JIT_END, ISSUER, "cause=failed"));
	CHECK(owed() && owed()->control == 1);
	CHECK(court_accepts(JIT_PROBE, ISSUER, "outcome=allowed"));
	CHECK(owed() != NULL);
	CHECK(court_accepts(JIT_PROBE, ISSUER, "outcome=refused"));
	CHECK(owed() == NULL);

	CASE("an enrolment that has ended goes on looking");
	founded_with(some_end);
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(court_accepts(JIT_PROBE, ISSUER, "outcome=allowed"));
	court_now += HOUR;
	CHECK(court_accepts(JIT_END, ISSUER, "cause=ttl"));
	CHECK(court_accepts(JIT_PROBE, ISSUER, NULL));
	CHECK(court_accepts(JIT_BEAT, ISSUER, NULL));
	CHECK(owed() == NULL);
}

static void
test_write_off(void)
{
	CASE("an admin writes off what no probe can prove");
	written_off();
	CHECK(owed() == NULL);
	ended();
	CHECK(court_accepts(JIT_REVIEW, ROOT, "verdict=unclear"));
	CHECK(owed() == NULL);

	CASE("the review of broken glass comes first, and pays nothing else");
	broken_and_ended();
	CHECK(owed() && jit_state_debt(court, court_id));
	CHECK(court_accepts(JIT_REVIEW, BOB, NULL));
	CHECK(owed() && !jit_state_debt(court, court_id));
	CHECK(court_accepts(JIT_REVIEW, ROOT, NULL));
	CHECK(owed() == NULL);
}

static void
test_beat(void)
{
	const struct jit_counter *c;

	CASE("a beat is counted, and what it says is kept");
	beaten();
	court_now += 600;
	CHECK(court_accepts(JIT_BEAT, WEB_ONE, "owed=7"));
	CHECK(court_accepts(JIT_BEAT, ISSUER, NULL));
	CHECK(court_accepts(JIT_BEAT, HAL, NULL));
	c = court->counters;
	CHECK_INT((long long)court->counters_count, 3);
	CHECK_STR(c[0].by, "web-1@ex.com");
	CHECK_INT(c[0].n, 2);
	CHECK_INT(c[0].beat, COURT_START + 600);
	CHECK_INT(c[0].owed, 7);
	CHECK_INT(c[1].n, 1);
	CHECK_INT(c[1].owed, 0);

	CASE("a scan is counted, and nothing else is kept of it");
	scanned();
	CHECK(court_accepts(JIT_SCAN, WEB_ONE, NULL));
	CHECK(court_accepts(JIT_SCAN, ISSUER, "host=any.ex.com"));
	CHECK_INT((long long)court->counters_count, 2);
	CHECK_INT(jit_state_counted(court, "web-1@ex.com"), 2);
	CHECK_INT(court->counters[0].beat, 0);

	CASE("uses, beats and scans are counted together");
	opened();
	CHECK(court_accepts(JIT_BEAT, WEB_ONE, "counter=2"));
	CHECK(court_accepts(JIT_USE, WEB_ONE, CLOSE ";counter=3"));
	CHECK(court_accepts(JIT_SCAN, WEB_ONE, "counter=4"));
	CHECK_INT(jit_state_counted(court, "web-1@ex.com"), 4);
}

/* judge_test [RULE]: with a rule, only what it must refuse. */
int
main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : NULL;

	court_open();
	test_refusals(only);
	if (!only) {
		test_two_groups();
		test_duration();
		test_withdraw();
		test_clocks();
		test_end();
		test_people();
		test_budget();
		test_hours();
		test_until();
		test_extension();
		test_use();
		test_sponsors();
		test_glass();
		test_actions();
		test_connectors();
		test_owed();
		test_probe();
		test_write_off();
		test_beat();
	}
	jit_json_free(said);
	court_close();
	return UNIT_DONE();
}
