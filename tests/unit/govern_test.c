/* SPDX-License-Identifier: ISC */
/*
 * How a ledger changes its own policy and its people. Each rule is the name
 * of a case, which fails where the rule is switched off (tests/mutate); then
 * what must be accepted, and what follows from it.
 */
#include "court.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "govern.h"
#include "unit.h"

#define HOUR 3600
#define DAY 86400LL
#define SOME_SHA256                                                            \
	"abababababababababababababababab"                                     \
	"abababababababababababababababab"

/* Asking. */

static struct jit_json *said; /* the change of the last request */
static char text[16384];

static const struct jit_json *
json(const char *change)
{
	struct jit_error err = {0};

	jit_json_free(said);
	said = NULL;
	if (jit_json_read(&said, change, strlen(change), JIT_JSON_POLICY,
		    &err) != 0) {
		printf("no JSON: %s: %s\n", change, err.text);
		exit(99);
	}
	return said;
}

/* '{"enroll":...}' of somebody, with more members in 'more'. */
static const char *
enrolment(const char *principal, enum court_who key, const char *class,
	const char *more)
{
	snprintf(text, sizeof(text),
		"{\"enroll\":{\"principal\":\"%s\",\"pubkey\":\"%s\","
		"\"class\":\"%s\"%s}}",
		principal, court_line(key), class, more);
	return text;
}

static const char *
mallory(void)
{
	return enrolment("mallory@ex.com", MALLORY, "person", "");
}

static const char *
dans_third(void)
{
	return enrolment("dan@ex.com", MALLORY, "person", "");
}

static const char *
retiring(const char *who)
{
	snprintf(text, sizeof(text), "{\"retire\":{\"principal\":\"%s\"}}",
		who);
	return text;
}

static const char *
fingerprint(enum court_who who)
{
	static char print[JIT_FINGERPRINT];
	struct jit_pubkey key;

	if (jit_pubkey_parse(&key, court_line(who), NULL) != 0)
		exit(99);
	jit_pubkey_fingerprint(print, &key);
	return print;
}

static const char *
retiring_key(enum court_who who)
{
	snprintf(text, sizeof(text), "{\"retire\":{\"fingerprint\":\"%s\"}}",
		fingerprint(who));
	return text;
}

static const char *
new_policy(const char *from, const char *to)
{
	struct jit_buf b = {0};

	jit_json_encode(&b, court_policy(from, to), 0);
	snprintf(text, sizeof(text), "{\"policy\":%s}", jit_buf_text(&b));
	jit_buf_free(&b);
	return text;
}

/* The court's own policy once more. */
static const char *
same_policy(void)
{
	return new_policy("\"pending\":\"4h\"", "\"pending\":\"4h\"");
}

static void
draft_ask(struct jit_event *ev, enum court_who who, const char *change)
{
	court_draft(ev, JIT_REQUEST, who,
		"role=change;task=CHG-7;offer-;duration=0");
	ev->change = json(change);
	ev->resource = jit_json_get(ev->change, "policy") ? "ledger:policy"
							  : "ledger:people";
}

static bool
submit(struct jit_event *ev, enum court_who who)
{
	struct jit_error err = {0};
	int rc = court_submit(ev, who, &err);

	if (rc != 0)
		printf("%s by %s was refused: rule %s: %s\n",
			jit_event_name(ev->type), ev->by, err.rule, err.text);
	if (rc == 0 && ev->type == JIT_REQUEST) {
		memcpy(court_id, ev->id, JIT_ULID);
		memcpy(court_request, court->tip, JIT_HEX256);
	}
	jit_event_free(ev);
	return rc == 0;
}

static bool
proposes(enum court_who who, const char *change)
{
	struct jit_event ev;

	draft_ask(&ev, who, change);
	return submit(&ev, who);
}

static bool
consents(enum court_who who)
{
	return court_accepts(JIT_APPROVE, who, "as=admins");
}

/* Applying. */

static struct jit_arena kept; /* what an event borrows of its change */
static struct jit_json *asked_for;
static char digest[JIT_HEX256];

static void
digest_of(const struct jit_json *policy)
{
	struct jit_buf b = {0};

	jit_json_encode(&b, policy, 0);
	jit_sha256_hex(digest, b.data, b.len);
	jit_buf_free(&b);
}

static enum jit_event_type
type_of(const struct jit_change *c)
{
	return c->policy ? JIT_POLICY : c->enroll ? JIT_ENROLL : JIT_RETIRE;
}

/* The change that the last request asked for. */
static struct jit_change
asked_change(void)
{
	const struct jit_grant *g = jit_state_grant(court, court_id);
	struct jit_change c = {0};

	jit_json_free(asked_for);
	asked_for = NULL;
	if (g && g->change &&
		(jit_json_decode(&asked_for, g->change, strlen(g->change),
			 JIT_JSON_POLICY, NULL) != 0 ||
			jit_govern_read(&c, &kept, asked_for, NULL) != 0))
		exit(99);
	return c;
}

/* The event that applies it, as it must be. */
static void
draft_apply(struct jit_event *ev, enum court_who who)
{
	struct jit_change c = asked_change();

	court_draft(ev, type_of(&c), who, NULL);
	if (c.policy) {
		digest_of(c.policy);
		ev->policy_version = court->policy_version + 1;
		ev->digest = digest;
	} else if (c.enroll) {
		ev->enrolled = *c.enroll;
	} else if (c.retire) {
		ev->principal = c.retire->principal;
		ev->fingerprint = c.retire->fingerprint;
	}
}

static bool
applies(enum court_who who)
{
	struct jit_event ev;

	draft_apply(&ev, who);
	return submit(&ev, who);
}

/* An admin alone. */
static void
draft_retire(struct jit_event *ev, enum court_who by, const char *principal,
	const char *print)
{
	court_draft(ev, JIT_RETIRE, by, NULL);
	ev->id = NULL;
	ev->principal = principal;
	ev->fingerprint = print;
}

static bool
retires(enum court_who by, const char *principal, const char *print)
{
	struct jit_event ev;

	draft_retire(&ev, by, principal, print);
	return submit(&ev, by);
}

/* Asked by root, approved by rita, applied by root. */
static bool
changes(const char *change)
{
	return proposes(ROOT, change) && consents(RITA) && applies(ROOT);
}

/* Scenes. */

static void
founded(void)
{
	court_reset();
	CHECK(court_accepts(JIT_GENESIS, ROOT, NULL));
}

static void
access_asked(void)
{
	founded();
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
}

static void
access_voted(void)
{
	access_asked();
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
}

static void
access_live(void)
{
	access_voted();
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
}

static void
enrol_asked(void)
{
	founded();
	CHECK(proposes(ROOT, mallory()));
}

static void
enrol_ready(void)
{
	enrol_asked();
	CHECK(consents(RITA));
}

static void
policy_asked(void)
{
	founded();
	CHECK(proposes(ROOT, same_policy()));
}

static void
policy_ready(void)
{
	policy_asked();
	CHECK(consents(RITA));
}

static void
policy_done(void)
{
	policy_ready();
	CHECK(applies(ROOT));
}

static void
retire_ready(void)
{
	founded();
	CHECK(proposes(ROOT, retiring("bob@ex.com")));
	CHECK(consents(RITA));
}

static void
dan_retired(void)
{
	founded();
	CHECK(retires(ROOT, "dan@ex.com", NULL));
}

/* What was ready is the very thing that has happened since. */
static void
retire_late(void)
{
	retire_ready();
	CHECK(retires(ROOT, "bob@ex.com", NULL));
}

static void
enrol_late(void)
{
	char id[JIT_ULID];

	enrol_ready();
	memcpy(id, court_id, JIT_ULID);
	CHECK(changes(mallory()));
	memcpy(court_id, id, JIT_ULID);
}

/* Alice is retired while her request waits. */
static void
asker_retired(void)
{
	access_voted();
	CHECK(retires(ROOT, "alice@ex.com", NULL));
}

static void
asking_key_retired(void)
{
	founded();
	CHECK(changes(enrolment("alice@ex.com", MALLORY, "person", "")));
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(retires(ROOT, NULL, fingerprint(ALICE)));
}

static void
rule_gone(void)
{
	char id[JIT_ULID];

	access_live();
	memcpy(id, court_id, JIT_ULID);
	CHECK(changes(new_policy("\"resource\":\"ssh:web-*\"",
		"\"resource\":\"ssh:web-2\"")));
	memcpy(court_id, id, JIT_ULID);
}

static void
approver_gone(void)
{
	access_live();
	CHECK(retires(ROOT, "dan@ex.com", NULL));
}

/* What is wrong with an event. */

static void
on_policy(struct jit_event *ev)
{
	ev->resource = "ledger:policy";
}

static void
on_people(struct jit_event *ev)
{
	ev->resource = "ledger:people";
}

static void
on_ssh(struct jit_event *ev)
{
	ev->resource = "ssh:web-1";
}

static void
for_an_hour(struct jit_event *ev)
{
	ev->duration = HOUR;
}

static void
with_offer(struct jit_event *ev)
{
	ev->offer = court_line(ALICE);
}

static void
with_extends(struct jit_event *ev)
{
	ev->extends = court_id;
}

static void
with_glass(struct jit_event *ev)
{
	ev->glass = true;
}

static void
with_actions(struct jit_event *ev)
{
	static const char *word[] = {"/bin/ls"};
	static struct jit_texts line = {1, word};

	ev->actions.at = &line;
	ev->actions.count = 1;
}

static void
short_reason(struct jit_event *ev)
{
	ev->reason = "because";
}

static void
no_change(struct jit_event *ev)
{
	ev->change = NULL;
}

static void
version_one(struct jit_event *ev)
{
	ev->policy_version = 1;
}

static void
version_two(struct jit_event *ev)
{
	ev->policy_version = 2;
}

static void
version_skipped(struct jit_event *ev)
{
	ev->policy_version++;
}

static void
another_digest(struct jit_event *ev)
{
	ev->digest = SOME_SHA256;
}

static void
another_principal(struct jit_event *ev)
{
	ev->enrolled.principal = "bob@ex.com";
}

static void
another_key(struct jit_event *ev)
{
	static char line[JIT_PUBKEY_LINE];
	size_t n = strlen(court_line(MALLORY));

	/* a bit of the point: any other key that has one */
	memcpy(line, court_line(MALLORY), n + 1);
	line[n - 2] = line[n - 2] == 'A' ? 'B' : 'A';
	ev->enrolled.key = line;
}

static void
another_class(struct jit_event *ev)
{
	ev->enrolled.class = "workload";
}

static void
a_sponsor(struct jit_event *ev)
{
	ev->enrolled.sponsor = "bob@ex.com";
}

static void
another_until(struct jit_event *ev)
{
	ev->enrolled.until = ev->at + DAY;
}

static void
in_hardware(struct jit_event *ev)
{
	ev->enrolled.hardware = true;
}

static void
attested(struct jit_event *ev)
{
	ev->enrolled.attest = "https://login.ex.com repo:x";
}

static void
another_retired(struct jit_event *ev)
{
	ev->principal = "sue@ex.com";
}

static void
a_key_instead(struct jit_event *ev)
{
	ev->principal = NULL;
	ev->fingerprint = fingerprint(BOB);
}

static void
as_enroll(struct jit_event *ev)
{
	ev->type = JIT_ENROLL;
	ev->enrolled = (struct jit_enrolled){.principal = "mallory@ex.com",
		.key = court_line(MALLORY),
		.class = "person"};
}

static void
as_retire(struct jit_event *ev)
{
	ev->type = JIT_RETIRE;
	ev->principal = "bob@ex.com";
}

static void
as_policy(struct jit_event *ev)
{
	ev->type = JIT_POLICY;
	ev->policy_version = court->policy_version + 1;
	ev->digest = SOME_SHA256;
}

/* Changes that cannot be. */

static const char *
alices_key(void)
{
	return enrolment("mallory@ex.com", ALICE, "person", "");
}

static const char *
alices_key_again(void)
{
	return enrolment("alice@ex.com", ALICE, "person", "");
}

static const char *
dans_key(void)
{
	return enrolment("dan@ex.com", DAN, "person", "");
}

static const char *
dan_as_vendor(void)
{
	return enrolment("dan@ex.com", MALLORY, "workload", "");
}

static const char *
long_until(void)
{
	char more[64];

	snprintf(more, sizeof(more), ",\"until\":%lld",
		(long long)court_now + 366 * DAY + 1);
	return enrolment("mallory@ex.com", MALLORY, "person", more);
}

static const char *
past_until(void)
{
	char more[64];

	snprintf(more, sizeof(more), ",\"until\":%lld", (long long)court_now);
	return enrolment("mallory@ex.com", MALLORY, "person", more);
}

static const char *
person_attested(void)
{
	return enrolment("mallory@ex.com", MALLORY, "person",
		",\"attest\":\"https://login.ex.com repo:x\"");
}

static const char *
vendor_alone(void)
{
	char more[64];

	snprintf(more, sizeof(more), ",\"until\":%lld",
		(long long)court_now + DAY);
	return enrolment("mia@vendor.ex", MALLORY, "vendor", more);
}

static const char *
vendor_endless(void)
{
	return enrolment("mia@vendor.ex", MALLORY, "vendor",
		",\"sponsor\":\"bob@ex.com\"");
}

static const char *
sponsor_unknown(void)
{
	return enrolment("mallory@ex.com", MALLORY, "person",
		",\"sponsor\":\"nobody@ex.com\"");
}

static const char *
sponsor_itself(void)
{
	return enrolment("dan@ex.com", MALLORY, "person",
		",\"sponsor\":\"dan@ex.com\"");
}

static const char *
sponsor_no_person(void)
{
	return enrolment("mallory@ex.com", MALLORY, "person",
		",\"sponsor\":\"wanda@ex.com\"");
}

static const char *
sponsor_dan(void)
{
	return enrolment("mallory@ex.com", MALLORY, "person",
		",\"sponsor\":\"dan@ex.com\"");
}

static const char *
retire_nobody(void)
{
	return retiring("nobody@ex.com");
}

static const char *
retire_dan(void)
{
	return retiring("dan@ex.com");
}

static const char *
retire_dans_key(void)
{
	return retiring_key(DAN);
}

static const char *
retire_stranger(void)
{
	return retiring_key(MALLORY);
}

static const char *
other_issuer(void)
{
	return new_policy("\"by\":\"broker@", "\"by\":\"nobody@");
}

static const char *
person_issues(void)
{
	return new_policy("\"by\":\"broker@", "\"by\":\"bob@");
}

static const char *
all_admins(void)
{
	return new_policy("\"group\":\"admins\",\"count\":1",
		"\"group\":\"admins\",\"count\":2");
}

static const char *
fewer_admins(void)
{
	return new_policy("\"root@ex.com\",\"rita@ex.com\"", "\"root@ex.com\"");
}

static void
broker_retired(void)
{
	founded();
	CHECK(retires(ROOT, "broker@ex.com", NULL));
}

/*
 * What the judge must refuse, each by exactly this rule: a request where
 * 'change' is there, else what applies the last one, or an admin alone where
 * there is something to retire.
 */
static const struct refusal {
	const char *rule, *what;
	int code;
	void (*scene)(void);
	enum court_who who;
	const char *(*change)(void);
	void (*spoil)(struct jit_event *ev);
	const char *retire;
	const enum court_who *retire_key;
	int64_t wait;
} refusals[] = {
	{"change-class", "a workload", JIT_NO, founded, .who = WANDA,
		.change = mallory},
	{"change-class", "a vendor", JIT_NO, founded, .who = VIC,
		.change = mallory},
	{"change-alone", "for a time", JIT_USAGE, founded, .who = ROOT,
		.change = mallory, .spoil = for_an_hour},
	{"change-alone", "with a key", JIT_USAGE, founded, .who = ROOT,
		.change = mallory, .spoil = with_offer},
	{"change-alone", "extending", JIT_USAGE, access_live, .who = ROOT,
		.change = mallory, .spoil = with_extends},
	{"change-alone", "breaking glass", JIT_USAGE, founded, .who = ROOT,
		.change = mallory, .spoil = with_glass},
	{"change-alone", "with actions", JIT_USAGE, founded, .who = ROOT,
		.change = mallory, .spoil = with_actions},
	{"request-reason", "of a change", JIT_NO, founded, .who = ROOT,
		.change = mallory, .spoil = short_reason},
	{"change-resource", "people on policy", JIT_NO, founded, .who = ROOT,
		.change = mallory, .spoil = on_policy},
	{"change-resource", "retiring on policy", JIT_NO, founded, .who = ROOT,
		.change = retire_dan, .spoil = on_policy},
	{"change-resource", "policy on people", JIT_NO, founded, .who = ROOT,
		.change = same_policy, .spoil = on_people},
	{"change-resource", "a change on ssh", JIT_NO, founded, .who = ROOT,
		.change = mallory, .spoil = on_ssh},
	{"change-resource", "no change on people", JIT_NO, founded, .who = ROOT,
		.change = mallory, .spoil = no_change},
	{"request-duration", "access for no time", JIT_USAGE, founded,
		.who = ALICE},

	{"enrol-key", "another's", JIT_NO, founded, .who = ROOT,
		.change = alices_key},
	{"enrol-key", "again", JIT_NO, founded, .who = ROOT,
		.change = alices_key_again},
	{"enrol-key", "a retired one", JIT_NO, dan_retired, .who = ROOT,
		.change = dans_key},
	{"enrol-key", "enrolled since", JIT_NO, enrol_late, .who = ROOT},
	{"enrol-class", "two of one", JIT_NO, founded, .who = ROOT,
		.change = dan_as_vendor},
	{"enrol-class", "of who is retired", JIT_NO, dan_retired, .who = ROOT,
		.change = dan_as_vendor},
	{"enrol-until", "more than a year", JIT_USAGE, founded, .who = ROOT,
		.change = long_until},
	{"enrol-until", "over already", JIT_USAGE, founded, .who = ROOT,
		.change = past_until},
	{"enrol-attest", "a person", JIT_USAGE, founded, .who = ROOT,
		.change = person_attested},
	{"enrol-vendor", "without a sponsor", JIT_USAGE, founded, .who = ROOT,
		.change = vendor_alone},
	{"enrol-vendor", "without an end", JIT_USAGE, founded, .who = ROOT,
		.change = vendor_endless},
	{"enrol-sponsor", "who is nobody", JIT_USAGE, founded, .who = ROOT,
		.change = sponsor_unknown},
	{"enrol-sponsor", "itself", JIT_USAGE, founded, .who = ROOT,
		.change = sponsor_itself},
	{"enrol-sponsor", "a workload", JIT_USAGE, founded, .who = ROOT,
		.change = sponsor_no_person},
	{"enrol-sponsor", "who is retired", JIT_USAGE, dan_retired, .who = ROOT,
		.change = sponsor_dan},
	{"retire-known", "who is nobody", JIT_NO, founded, .who = ROOT,
		.change = retire_nobody},
	{"retire-known", "a strange key", JIT_NO, founded, .who = ROOT,
		.change = retire_stranger},
	{"retire-known", "asked again", JIT_NO, dan_retired, .who = ROOT,
		.change = retire_dan},
	{"retire-known", "a key of his again", JIT_NO, dan_retired, .who = ROOT,
		.change = retire_dans_key},
	{"retire-known", "alone again", JIT_NO, dan_retired, .who = ROOT,
		.retire = "dan@ex.com"},
	{"retire-known", "retired since", JIT_NO, retire_late, .who = ROOT},
	{"policy-issuer", "who is nobody", JIT_USAGE, founded, .who = ROOT,
		.change = other_issuer},
	{"policy-issuer", "a person", JIT_USAGE, founded, .who = ROOT,
		.change = person_issues},
	{"policy-issuer", "who is retired", JIT_USAGE, broker_retired,
		.who = ROOT, .change = same_policy},
	{"policy-quorum", "of all admins", JIT_USAGE, founded, .who = ROOT,
		.change = all_admins},
	{"policy-quorum", "with one admin left", JIT_USAGE, founded,
		.who = ROOT, .change = fewer_admins},

	{"change-admin", "who asked but is none", JIT_NO, enrol_ready,
		.who = BOB},
	{"change-admin", "the issuer", JIT_NO, enrol_ready, .who = ISSUER},
	{"change-admin", "a policy by no admin", JIT_NO, policy_ready,
		.who = ALICE},
	{"change-admin", "retires alone", JIT_NO, founded, .who = BOB,
		.retire = "dan@ex.com"},
	{"change-quorum", "no vote", JIT_PENDING, enrol_asked, .who = ROOT},
	{"change-quorum", "the other admin, no vote", JIT_PENDING, enrol_asked,
		.who = RITA},
	{"change-quorum", "a policy", JIT_PENDING, policy_asked, .who = ROOT},
	{"change-kind", "a policy for an enrolment", JIT_NO, enrol_ready,
		.who = ROOT, .spoil = as_policy},
	{"change-kind", "a retiring for an enrolment", JIT_NO, enrol_ready,
		.who = ROOT, .spoil = as_retire},
	{"change-kind", "an enrolment for a policy", JIT_NO, policy_ready,
		.who = ROOT, .spoil = as_enroll},
	{"change-kind", "an enrolment for a retiring", JIT_NO, retire_ready,
		.who = ROOT, .spoil = as_enroll},
	{"change-kind", "for access", JIT_NO, access_voted, .who = ROOT,
		.spoil = as_enroll},
	{"enrol-same", "principal", JIT_NO, enrol_ready, .who = ROOT,
		.spoil = another_principal},
	{"enrol-same", "key", JIT_NO, enrol_ready, .who = ROOT,
		.spoil = another_key},
	{"enrol-same", "class", JIT_NO, enrol_ready, .who = ROOT,
		.spoil = another_class},
	{"enrol-same", "a sponsor", JIT_NO, enrol_ready, .who = ROOT,
		.spoil = a_sponsor},
	{"enrol-same", "end", JIT_NO, enrol_ready, .who = ROOT,
		.spoil = another_until},
	{"enrol-same", "attested", JIT_NO, enrol_ready, .who = ROOT,
		.spoil = attested},
	{"enrol-same", "hardware", JIT_NO, enrol_ready, .who = ROOT,
		.spoil = in_hardware},
	{"retire-same", "another", JIT_NO, retire_ready, .who = ROOT,
		.spoil = another_retired},
	{"retire-same", "a key of his", JIT_NO, retire_ready, .who = ROOT,
		.spoil = a_key_instead},
	{"policy-version", "the same", JIT_NO, policy_ready, .who = ROOT,
		.spoil = version_one},
	{"policy-version", "one left out", JIT_NO, policy_ready, .who = ROOT,
		.spoil = version_skipped},
	{"policy-digest", "of another", JIT_NO, policy_ready, .who = ROOT,
		.spoil = another_digest},
	{"grant-open", "an old policy once more", JIT_NOGRANT, policy_done,
		.who = ROOT, .spoil = as_policy},
	{"grant-lapsed", "too late", JIT_OVER, enrol_ready, .who = ROOT,
		.wait = HOUR},

	{"retire-admins", "one of two", JIT_NO, founded, .who = ROOT,
		.retire = "rita@ex.com"},
	{"retire-admins", "himself", JIT_NO, founded, .who = ROOT,
		.retire = "root@ex.com"},
	{"retire-admins", "her only key", JIT_NO, founded, .who = ROOT,
		.retire_key = (const enum court_who[]){RITA}},
	{"retire-issuers", "of what waits", JIT_NO, access_asked, .who = ROOT,
		.retire = "issuer@ex.com"},
	{"retire-issuers", "of what is live", JIT_NO, access_live, .who = ROOT,
		.retire = "issuer@ex.com"},
	{"retire-issuers", "by its only key", JIT_NO, access_live, .who = ROOT,
		.retire_key = (const enum court_who[]){ISSUER}},
};

static void
draft_refused(struct jit_event *ev, const struct refusal *x)
{
	if (x->change)
		draft_ask(ev, x->who, x->change());
	else if (x->retire || x->retire_key)
		draft_retire(ev, x->who, x->retire,
			x->retire_key ? fingerprint(*x->retire_key) : NULL);
	else if (strcmp(x->rule, "request-duration") == 0)
		court_draft(ev, JIT_REQUEST, x->who, "duration=0");
	else
		draft_apply(ev, x->who);
	if (x->spoil)
		x->spoil(ev);
}

static void
check_refused(const struct refusal *x)
{
	struct jit_error err = {0}, asked = {0};
	struct jit_buf before = {0}, after = {0};
	struct jit_event ev;
	int rc;

	ROW(x->what);
	x->scene();
	court_now += x->wait;
	draft_refused(&ev, x);
	jit_state_save(&before, court);
	CHECK_INT(court_ask(&ev, x->who, &asked), x->code);
	CHECK_STR(asked.rule, x->rule);
	rc = court_submit(&ev, x->who, &err);
	CHECK_INT(rc, x->code);
	if (!CHECK_STR(err.rule, x->rule))
		printf("%s\n", err.text);
	jit_state_save(&after, court);
	if (rc != 0 && CHECK_INT((long long)after.len, (long long)before.len))
		CHECK_MEM(after.data, before.data, before.len);
	jit_buf_free(&before);
	jit_buf_free(&after);
	jit_event_free(&ev);
}

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

/* Events that the table cannot say. */
static void
refuses(const char *rule, int code, enum jit_event_type type,
	enum court_who who, const char *change)
{
	struct jit_error err = {0};
	struct jit_event ev;

	court_draft(&ev, type, who, change);
	CHECK_INT(court_submit(&ev, who, &err), code);
	if (!CHECK_STR(err.rule, rule))
		printf("%s\n", err.text);
	jit_event_free(&ev);
}

static bool
wanted(const char *only, const char *rule)
{
	if (only && strcmp(only, rule) != 0)
		return false;
	CASE(rule);
	return true;
}

static void
retires_both_or_none(const char *principal, const char *print)
{
	struct jit_error err = {0};
	struct jit_event ev;

	draft_retire(&ev, ROOT, principal, print);
	CHECK_INT(court_submit(&ev, ROOT, &err), JIT_USAGE);
	CHECK_STR(err.rule, "retire-one");
	jit_event_free(&ev);
}

static void
test_other_refusals(const char *only)
{
	if (wanted(only, "retire-one")) {
		ROW("none");
		founded();
		retires_both_or_none(NULL, NULL);
		ROW("both");
		founded();
		retires_both_or_none("dan@ex.com", fingerprint(DAN));
	}
	if (wanted(only, "grant-holder")) {
		ROW("votes for who is retired");
		asker_retired();
		refuses("grant-holder", JIT_NO, JIT_APPROVE, DORA, NULL);
		ROW("issues to who is retired");
		asker_retired();
		refuses("grant-holder", JIT_NO, JIT_ISSUE, ISSUER, NULL);
		ROW("issues to a retired key");
		asking_key_retired();
		refuses("grant-holder", JIT_NO, JIT_ISSUE, ISSUER, NULL);
	}
	if (wanted(only, "end-basis")) {
		ROW("policy, nothing has changed");
		access_live();
		refuses("end-basis", JIT_NO, JIT_END, ISSUER, "cause=policy");
		ROW("offboard, nobody is retired");
		refuses("end-basis", JIT_NO, JIT_END, ISSUER, "cause=offboard");
		ROW("offboard for policy");
		rule_gone();
		refuses("end-basis", JIT_NO, JIT_END, ISSUER, "cause=offboard");
		ROW("policy for offboard");
		approver_gone();
		refuses("end-basis", JIT_NO, JIT_END, ISSUER, "cause=policy");
	}
	if (wanted(only, "vote-self")) {
		ROW("on a change of one's own");
		enrol_asked();
		refuses("vote-self", JIT_NO, JIT_APPROVE, ROOT, "as=admins");
	}
	if (wanted(only, "vote-member")) {
		ROW("on a change, no admin");
		enrol_asked();
		refuses("vote-member", JIT_NO, JIT_APPROVE, DAN, "as=admins");
	}
	if (wanted(only, "key-enrolled")) {
		ROW("a retired person");
		dan_retired();
		refuses("key-enrolled", JIT_NO, JIT_REQUEST, DAN, NULL);
		ROW("dated before it was retired");
		court_now--;
		refuses("chain-time", JIT_NO, JIT_REQUEST, DAN, NULL);
		ROW("a retired key of who has another");
		founded();
		CHECK(retires(ROOT, NULL, fingerprint(DAN)));
		CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
		refuses("key-enrolled", JIT_NO, JIT_APPROVE, DAN, NULL);
		CHECK(court_accepts(JIT_APPROVE, DAN_TWO, NULL));
	}
	if (wanted(only, "issue-quorum")) {
		ROW("a vote of a retired key");
		access_voted();
		CHECK(retires(ROOT, NULL, fingerprint(DAN)));
		refuses("issue-quorum", JIT_PENDING, JIT_ISSUE, ISSUER, NULL);
		ROW("a vote of a retired person");
		access_voted();
		CHECK(retires(ROOT, "dan@ex.com", NULL));
		refuses("issue-quorum", JIT_PENDING, JIT_ISSUE, ISSUER, NULL);
	}
}

/* What must be accepted, and what follows. */

static enum jit_basis
basis(void)
{
	const struct jit_grant *g = jit_state_grant(court, court_id);

	return g ? jit_standing_basis(court, g) : JIT_BASIS_HOLDS;
}

static bool
is_live(void)
{
	const struct jit_grant *g = NULL;

	return jit_standing_live(&g, court, "alice@ex.com", "ssh:web-1", "root",
		       court_now, NULL) == 0;
}

/* As it is after it was saved and loaded. */
static void
reload(void)
{
	struct jit_buf saved = {0}, again = {0};
	struct jit_error err = {0};
	struct jit_state *s = NULL;

	jit_state_save(&saved, court);
	if (!CHECK_INT(jit_state_load(&s, saved.data, saved.len, &err), 0)) {
		printf("%s\n", err.text);
	} else {
		jit_state_save(&again, s);
		if (CHECK_INT((long long)again.len, (long long)saved.len))
			CHECK_MEM(again.data, saved.data, saved.len);
		jit_state_free(court);
		court = s;
	}
	jit_buf_free(&saved);
	jit_buf_free(&again);
}

static void
test_enrol(void)
{
	CASE("an enrolment: asked, approved, applied by either admin");
	enrol_ready();
	CHECK(applies(RITA));
	CHECK_INT((long long)court->grants_count, 0);
	CHECK(jit_state_person(court, "mallory@ex.com") != NULL);
	CHECK_INT(jit_state_person(court, "mallory@ex.com")->until,
		court_now + 366 * DAY);

	CASE("it is asked by who is no admin");
	founded();
	CHECK(proposes(BOB, mallory()));
	CHECK(consents(RITA));
	CHECK(applies(RITA));

	CASE("a vendor with a sponsor and an end");
	founded();
	snprintf(text, sizeof(text),
		"{\"enroll\":{\"principal\":\"mia@vendor.ex\",\"pubkey\":"
		"\"%s\",\"class\":\"vendor\",\"hardware\":true,\"sponsor\":"
		"\"bob@ex.com\",\"until\":%lld}}",
		court_line(MALLORY), (long long)court_now + DAY);
	CHECK(changes(text));
	CHECK_STR(jit_state_person(court, "mia@vendor.ex")->sponsor,
		"bob@ex.com");
	CHECK_INT(jit_state_person(court, "mia@vendor.ex")->hardware, 1);

	CASE("a workload, and who attests it");
	founded();
	CHECK(changes(enrolment("mia@ex.com", MALLORY, "workload",
		",\"attest\":\"https://login.ex.com repo:x\"")));
	CHECK_STR(jit_state_person(court, "mia@ex.com")->attest,
		"https://login.ex.com repo:x");

	CASE("a key is rotated without a gap: the second first");
	access_asked();
	CHECK(changes(dans_third()));
	CHECK(court_accepts(JIT_REQUEST, CAROL, NULL));
	CHECK(retires(ROOT, NULL, fingerprint(DAN)));
	CHECK(retires(ROOT, NULL, fingerprint(DAN_TWO)));
	CHECK(retires(ROOT, NULL, fingerprint(DAN_SK)));
	CHECK(jit_state_person(court, "dan@ex.com") != NULL);
	CHECK_STR(jit_state_person(court, "dan@ex.com")->fingerprint,
		fingerprint(MALLORY));

	CASE("who is retired is enrolled again with another key");
	access_live();
	CHECK(retires(ROOT, "alice@ex.com", NULL));
	CHECK_INT(basis(), JIT_BASIS_OFFBOARD);
	CHECK(changes(enrolment("alice@ex.com", MALLORY, "person", "")));
	CHECK(!is_live());
}

static void
test_policy(void)
{
	CASE("a policy is in force from the event that applies it");
	policy_ready();
	court_now += 60;
	CHECK(applies(ROOT));
	CHECK_INT(court->policy_version, 2);
	CHECK_INT(court->policy_since, court_now);
	CHECK_INT((long long)court->grants_count, 0);

	CASE("recertified: the same policy, and grants live on");
	access_live();
	CHECK(changes(same_policy()));
	CHECK(is_live());

	CASE("what a policy would not give has lost its basis at once");
	rule_gone();
	CHECK_INT(basis(), JIT_BASIS_POLICY);
	CHECK(!is_live());
	CHECK(court_accepts(JIT_END, ISSUER, "cause=policy"));

	CASE("a shorter maximum than it has");
	access_live();
	{
		char id[JIT_ULID];

		memcpy(id, court_id, JIT_ULID);
		CHECK(changes(new_policy("\"roles\":[\"root\"],\"max\":\"1h\"",
			"\"roles\":[\"root\"],\"max\":\"10m\"")));
		memcpy(court_id, id, JIT_ULID);
	}
	CHECK_INT(basis(), JIT_BASIS_POLICY);

	CASE("votes are counted anew under it");
	access_live();
	{
		char id[JIT_ULID];

		memcpy(id, court_id, JIT_ULID);
		CHECK(changes(new_policy("\"dba\":[\"dan@ex.com\",",
			"\"dba\":[\"bob@ex.com\",")));
		memcpy(court_id, id, JIT_ULID);
	}
	CHECK_INT(basis(), JIT_BASIS_POLICY);
	CHECK(!is_live());
}

static void
test_old_policy(void)
{
	struct jit_error err = {0};
	struct jit_event ev;
	char id[JIT_ULID];

	CASE("policy-version");
	ROW("two ready at once: the second is for version 3");
	policy_ready();
	memcpy(id, court_id, JIT_ULID);
	CHECK(changes(new_policy("\"pending\":\"4h\"", "\"pending\":\"2h\"")));
	memcpy(court_id, id, JIT_ULID);
	draft_apply(&ev, ROOT);
	version_two(&ev);
	CHECK_INT(court_submit(&ev, ROOT, &err), JIT_NO);
	CHECK_STR(err.rule, "policy-version");
	jit_event_free(&ev);
	CHECK(applies(ROOT));
	CHECK_INT(court->policy_version, 3);
}

static void
test_retire(void)
{
	CASE("who asked is retired: at once");
	access_live();
	CHECK(is_live());
	CHECK(retires(ROOT, "alice@ex.com", NULL));
	CHECK_INT(basis(), JIT_BASIS_OFFBOARD);
	CHECK(!is_live());
	CHECK(court_accepts(JIT_END, ROOT, "cause=offboard"));
	CHECK_INT((long long)court->revoked_count, 1);

	CASE("who approved is retired");
	approver_gone();
	CHECK_INT(basis(), JIT_BASIS_OFFBOARD);
	CHECK(!is_live());
	CHECK(court_accepts(JIT_END, ISSUER, "cause=offboard"));

	CASE("the key that approved is retired, the person is not");
	access_live();
	CHECK(retires(ROOT, NULL, fingerprint(DAN)));
	CHECK_INT(basis(), JIT_BASIS_OFFBOARD);
	CHECK(!is_live());

	CASE("the key that asked is retired, the person is not");
	founded();
	CHECK(changes(enrolment("alice@ex.com", MALLORY, "person", "")));
	CHECK(court_accepts(JIT_REQUEST, ALICE, NULL));
	CHECK(court_accepts(JIT_APPROVE, DAN, NULL));
	CHECK(court_accepts(JIT_ISSUE, ISSUER, NULL));
	CHECK(retires(ROOT, NULL, fingerprint(ALICE)));
	CHECK_INT(basis(), JIT_BASIS_OFFBOARD);

	CASE("another key of theirs is retired: nothing rests on it");
	access_live();
	CHECK(retires(ROOT, NULL, fingerprint(DAN_TWO)));
	CHECK(is_live());

	CASE("the issuer is retired by the quorum");
	access_live();
	{
		char id[JIT_ULID];

		memcpy(id, court_id, JIT_ULID);
		CHECK(changes(retiring("issuer@ex.com")));
		memcpy(court_id, id, JIT_ULID);
	}
	CHECK_INT(basis(), JIT_BASIS_OFFBOARD);

	CASE("an issuer of nothing that is open");
	access_live();
	CHECK(retires(ROOT, "broker@ex.com", NULL));
	CHECK(is_live());

	CASE("the issuer, where nothing is open");
	founded();
	CHECK(retires(ROOT, "issuer@ex.com", NULL));

	CASE("a request waits while who asked is retired");
	access_asked();
	CHECK(retires(ROOT, "alice@ex.com", NULL));
	CHECK_INT(basis(), JIT_BASIS_OFFBOARD);
	CHECK(court_accepts(JIT_END, ROOT, "cause=offboard"));

	CASE("the quorum retires an admin of two");
	founded();
	CHECK(proposes(BOB, retiring("rita@ex.com")));
	CHECK(consents(ROOT));
	CHECK(applies(ROOT));
	CHECK(jit_state_person(court, "rita@ex.com") == NULL);
}

static void
test_three_admins(void)
{
	CASE("of three admins one may retire another, and no more");
	founded();
	CHECK(changes(new_policy("\"rita@ex.com\"]",
		"\"rita@ex.com\",\"sue@ex.com\"]")));
	CHECK(retires(ROOT, "rita@ex.com", NULL));
	{
		struct jit_error err = {0};
		struct jit_event ev;

		draft_retire(&ev, ROOT, "sue@ex.com", NULL);
		CHECK_INT(court_submit(&ev, ROOT, &err), JIT_NO);
		CHECK_STR(err.rule, "retire-admins");
		jit_event_free(&ev);
	}

	CASE("an admin's second key is retired by one");
	founded();
	CHECK(changes(enrolment("rita@ex.com", MALLORY, "person", "")));
	CHECK(retires(ROOT, NULL, fingerprint(RITA)));
	CHECK(jit_state_person(court, "rita@ex.com") != NULL);
}

static void
test_saved(void)
{
	CASE("saved and loaded with changes that wait and people retired");
	access_live();
	CHECK(retires(ROOT, "bob@ex.com", NULL));
	CHECK(retires(ROOT, NULL, fingerprint(DAN_TWO)));
	CHECK(proposes(ROOT, mallory()));
	CHECK(consents(RITA));
	CHECK(proposes(RITA, same_policy()));
	reload();
	CHECK(jit_state_person(court, "bob@ex.com") == NULL);
	CHECK(is_live());
	CHECK(consents(ROOT));
	reload();
	CHECK(applies(ROOT));
	reload();
	CHECK_INT(court->policy_version, 2);
	CHECK(retires(RITA, NULL, fingerprint(DAN)));
	reload();
	CHECK(!is_live());
}

static void
test_lapse(void)
{
	CASE("a change that lapsed is ended by an admin, an issuer, its asker");
	enrol_asked();
	court_now += 4 * HOUR;
	CHECK(court_accepts(JIT_END, RITA, "cause=lapse"));
	enrol_asked();
	court_now += 4 * HOUR;
	CHECK(court_accepts(JIT_END, ISSUER, "cause=lapse"));
	enrol_asked();
	court_now += 4 * HOUR;
	CHECK(court_accepts(JIT_END, ROOT, "cause=lapse"));
}

/* What jit_govern_read refuses. */
static void
test_read(void)
{
	static const char *const bad[] = {"{}", "[]", "{\"surprise\":1}",
		"{\"policy\":{},\"retire\":{\"principal\":\"a@b\"}}",
		"{\"retire\":{}}", "{\"retire\":{\"surprise\":1}}",
		"{\"enroll\":{}}", "{\"enroll\":{\"principal\":\"a@b.c\"}}"};
	struct jit_arena mem = {0};
	struct jit_change c;
	size_t i;

	CASE("a change is one of three");
	for (i = 0; i < COUNT(bad); i++) {
		ROW(bad[i]);
		CHECK_INT(jit_govern_read(&c, &mem, json(bad[i]), NULL),
			JIT_USAGE);
	}
	ROW("a principal and a key");
	snprintf(text, sizeof(text),
		"{\"retire\":{\"principal\":\"a@b.c\",\"fingerprint\":\"%s\"}}",
		fingerprint(DAN));
	CHECK_INT(jit_govern_read(&c, &mem, json(text), NULL), JIT_USAGE);
	jit_arena_free(&mem);
}

/* govern_test [RULE]: with a rule, only what it must refuse. */
int
main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : NULL;

	court_open();
	test_refusals(only);
	test_other_refusals(only);
	if (!only) {
		test_enrol();
		test_policy();
		test_old_policy();
		test_retire();
		test_three_admins();
		test_saved();
		test_lapse();
		test_read();
	}
	court_close();
	jit_json_free(said);
	jit_json_free(asked_for);
	jit_arena_free(&kept);
	return UNIT_DONE();
}
