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
	CHECK(court_accepts(JIT_REQUEST, ALICE,
		"resource=pg:orders;role=admin;offer-"));
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

/* What is wrong with an event where a word or a number cannot say it. */

static struct jit_enrolled *
person(struct jit_event *ev, enum court_who who)
{
	return (struct jit_enrolled *)ev->people.at + who;
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
founder_a_vendor(struct jit_event *ev)
{
	person(ev, ROOT)->class = "vendor";
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

static void
with_actions(struct jit_event *ev)
{
	static const char *word[] = {"/bin/ls"};
	static struct jit_texts line = {1, word};

	ev->actions = (struct jit_lists){1, &line};
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

	{"genesis-key", "of two persons", JIT_NO, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = bobs_key_is_sues},
	{"genesis-key", "twice", JIT_NO, nothing, JIT_GENESIS, .who = ROOT,
		.spoil = dans_key_twice},
	{"genesis-class", "two of one", JIT_NO, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = dan_is_a_vendor_too},
	{"genesis-founder", "a stranger", JIT_NO, nothing, JIT_GENESIS,
		.who = MALLORY},
	{"genesis-founder", "another's name", JIT_NO, nothing, JIT_GENESIS,
		.who = ROOT, .change = "by=rita@ex.com"},
	{"genesis-founder", "another's key", JIT_NO, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = founder_not_enrolled},
	{"genesis-founder", "a vendor", JIT_NO, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = founder_a_vendor},
	{"genesis-founder", "an issuer", JIT_NO, nothing, JIT_GENESIS,
		.who = ISSUER},
	{"genesis-issuer", "not enrolled", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = policy_with_another_issuer},
	{"genesis-issuer", "a person", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = policy_with_a_person_as_issuer},
	{"genesis-quorum", "all admins", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = policy_with_all_admins},
	{"genesis-quorum", "all of a group", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = policy_with_too_many_votes},
	{"genesis-quorum", "one in two groups", JIT_USAGE, nothing, JIT_GENESIS,
		.who = ROOT, .spoil = policy_that_counts_one_twice},

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
		.change = "resource=pg:ledger-1;role=admin;offer-"},
	{"request-actions", "one", JIT_NO, founded, JIT_REQUEST, .who = ALICE,
		.spoil = with_actions},
	{"request-offer", "none for ssh", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = "offer-"},
	{"request-offer", "a key for pg", JIT_NO, founded, JIT_REQUEST,
		.who = ALICE, .change = "resource=pg:orders;role=admin"},
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
	{"vote-actions", "one", JIT_NO, asked, JIT_APPROVE, .who = DAN,
		.spoil = with_actions},
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
	{"issue-connector", "another", JIT_NO, voted, JIT_ISSUE, .who = ISSUER,
		.change = "connector=pg"},
	{"issue-connector", "a resource of another", JIT_NO, voted_pg,
		JIT_ISSUE, .who = ISSUER, .change = "connector=pg"},
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

	CASE("no key for what takes none");
	voted_pg();
	CHECK(grant() && grant()->offer == NULL);
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
	}
	court_close();
	return UNIT_DONE();
}
