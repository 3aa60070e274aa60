/* SPDX-License-Identifier: ISC */
/* Random policies and requests: what is foreseen is what the judge does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "policy_foresee.h"
#include "unit.h"

#define WORLDS 10000
#define NOW 1795321661LL /* a Sunday, 06:27:41 UTC */

static const char *const people[] = {"ann@ex.com", "ben@ex.com", "cyd@ex.com",
	"dot@ex.com", "eve@ex.com", "fay@ex.com"};
static const char *const groups[] = {"a", "b", "c"};
static const char *const patterns[] = {"ssh:*", "ssh:web-*", "ssh:web-#",
	"ssh:web-1", "pg:*", "pg:orders", "*"};
static const char *const resources[] = {"ssh:web-1", "ssh:web-x", "ssh:db",
	"pg:orders", "pg:ledger"};
static const char *const roles[] = {"read", "admin", "root"};

/* A small generator of our own, so that a seed means the same everywhere. */
static uint64_t seed = 4;

static unsigned int
any(unsigned int below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(seed >> 33) % below;
}

#define PICK(list) ((list)[any(COUNT(list))])

static void
put_groups(struct jit_buf *b)
{
	size_t i, j;

	jit_buf_str(b, "\"groups\":{\"admins\":[\"ann@ex.com\"]");
	for (i = 0; i < COUNT(groups); i++) {
		jit_buf_fmt(b, ",\"%s\":[\"%s\"", groups[i], PICK(people));
		for (j = any(4); j > 0; j--)
			jit_buf_fmt(b, ",\"%s\"",
				any(12) ? PICK(people) : "*@ex.com");
		jit_buf_str(b, "]");
	}
	jit_buf_str(b, "}");
}

static void
put_votes(struct jit_buf *b)
{
	size_t n = any(3), first = any(COUNT(groups)), i;

	jit_buf_str(b, ",\"approve\":[");
	for (i = 0; i < n; i++)
		jit_buf_fmt(b, "%s{\"group\":\"%s\",\"count\":%u}",
			i ? "," : "", groups[(first + i) % COUNT(groups)],
			1 + any(2));
	jit_buf_str(b, "]");
	if (n > 0 && any(5) == 0)
		jit_buf_str(b, ",\"key\":\"sk\"");
	if (n == 0 || any(4) == 0)
		jit_buf_fmt(b,
			",\"budget\":{\"grants\":%u,\"time\":\"%um\","
			"\"per\":\"1d\"}",
			1 + any(3), 10 + any(110));
}

static void
put_rule(struct jit_buf *b, size_t i)
{
	jit_buf_fmt(b, "%s{\"id\":\"r%zu\",\"resource\":\"%s\"", i ? "," : "",
		i, PICK(patterns));
	if (any(8) == 0) {
		jit_buf_fmt(b,
			",\"deny\":true,\"why\":\"frozen\",\"roles\":[\"%s\"]}",
			PICK(roles));
		return;
	}
	jit_buf_fmt(b, ",\"who\":[\"%s\"],\"roles\":[\"%s\",\"%s\"]",
		PICK(groups), PICK(roles), PICK(roles));
	jit_buf_fmt(b, ",\"max\":\"%um\"", 5 + any(60));
	if (any(6) == 0)
		jit_buf_fmt(b,
			",\"break_glass\":true,\"review\":{\"group\":\"%s\","
			"\"within\":\"1h\"}",
			PICK(groups));
	else
		put_votes(b);
	if (any(4) == 0)
		jit_buf_str(b, ",\"task\":\"INC-#\"");
	if (any(5) == 0)
		jit_buf_str(b, ",\"actions\":[[\"/bin/*\"]]");
	if (any(5) == 0)
		jit_buf_fmt(b, ",\"until\":\"2026-%s\"",
			any(2) ? "11-22T06:00:00Z" : "12-24");
	if (any(5) == 0)
		jit_buf_str(b,
			",\"when\":{\"days\":\"mon-sat\",\"from\":\"05:00\","
			"\"until\":\"20:00\",\"zone\":\"Z\"}");
	jit_buf_str(b, "}");
}

static void
put_policy(struct jit_buf *b)
{
	size_t i, n = 1 + any(6);

	jit_buf_str(b, "{");
	put_groups(b);
	jit_buf_str(b,
		",\"admins\":{\"group\":\"admins\",\"count\":1},\"issuers\":["
		"{\"by\":\"i@ex.com\",\"resources\":[\"ssh:web-*\"],"
		"\"recorder\":\"/r\"}],\"rules\":[");
	for (i = 0; i < n; i++)
		put_rule(b, i);
	jit_buf_str(b, "]}");
}

static struct jit_state *
make_world(void)
{
	struct policy_person row[COUNT(people)];
	const struct jit_rows rows = {.count = COUNT(row), .at = row};
	struct jit_error err = {"", ""};
	struct jit_json *json = NULL;
	struct jit_state *s = NULL;
	struct jit_buf b = {0};
	size_t i;

	for (i = 0; i < COUNT(row); i++)
		row[i] = (struct policy_person){.principal = people[i],
			.class = any(12) ? NULL
				: any(2) ? "workload"
					 : "host",
			.sponsor = any(5) ? NULL : PICK(people),
			.until = any(16) ? NULL : "2026-11-22T06:10:00Z",
			.key = any(3) ? NULL : "sk"};
	put_policy(&b);
	if (jit_json_read(&json, b.data, b.len, JIT_JSON_POLICY, &err) != 0 ||
		policy_world_make(&s, json, &rows, NOW - 86400, &err) != 0) {
		printf("%s: %s\n", jit_buf_text(&b), err.text);
		exit(99);
	}
	jit_json_free(json);
	jit_buf_free(&b);
	return s;
}

static void
make_ask(struct policy_ask *ask, int64_t at)
{
	static const char *words[] = {"/bin/ls", "/bin/cat", "/sbin/ls"};
	static struct jit_texts lines[] = {{1, &words[0]}, {1, &words[1]},
		{1, &words[2]}};

	*ask = (struct policy_ask){.by = PICK(people),
		.resource = PICK(resources),
		.role = PICK(roles),
		.task = any(5) ? "INC-7" : "other",
		.reason = "for a good reason",
		.duration = 60 * (1 + (int64_t)any(40)),
		.at = at,
		.glass = any(7) == 0};
	if (any(4) == 0)
		ask->actions = (struct jit_lists){1 + any(2), &lines[any(2)]};
}

/* What was had before, where it was to be had. */
static void
make_history(struct jit_state *s)
{
	struct policy_ask had;
	int64_t at = NOW - 80000;

	for (; at < NOW; at += 1 + any(20000)) {
		make_ask(&had, at);
		(void)!policy_world_had(s, &had, NULL);
	}
}

/* The request as jit-request drafts it, decoded as every reader does. */
static void
make_request(struct jit_event *ev, const struct jit_state *s,
	const struct policy_ask *ask)
{
	static const unsigned char chance[10] = {1, 2, 3};
	const struct jit_enrolment *e = jit_state_person(s, ask->by);
	struct jit_buf line = {0};
	char id[JIT_ULID], key[JIT_FINGERPRINT];

	jit_draft_common(ev, key, s, JIT_REQUEST, &e->key, ask->at);
	jit_ulid_make(id, ask->at, chance);
	jit_pubkey_text(&line, &e->key);
	ev->key = e->fingerprint;
	ev->id = jit_arena_str(&ev->mem, id);
	ev->resource = ask->resource;
	ev->role = ask->role;
	ev->task = ask->task;
	ev->reason = ask->reason;
	ev->duration = ask->duration;
	ev->source = "here";
	ev->glass = ask->glass;
	ev->actions = ask->actions;
	if (strncmp(ask->resource, "pg:", 3) == 0)
		ev->offer = "SCRAM-SHA-256$4096:AAECAwQFBgcICQoLDA0ODw==$"
			    "QJyj1aALupyLhjc2Rs982qkLjRI8WNtpABWyZKnIpaI=:"
			    "e879l9YNKuH8ybMJf7d2RK7vmCpG8OYJc58GCc9QMfs=";
	if (strncmp(ask->resource, "ssh:", 4) == 0)
		ev->offer = jit_arena_str(&ev->mem, jit_buf_text(&line));
	jit_buf_free(&line);
}

static bool
foreseen(const struct policy_voters *v, const char *who)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		if (strcmp(v->who[i], who) == 0)
			return true;
	return false;
}

/* Whether the judge takes a vote of this person, and it would count. */
static bool
takes_vote(const struct jit_state *s, const struct jit_grant *g,
	const struct jit_rule *rule, const struct jit_enrolment *e,
	const char *as)
{
	bool sk = e->key.type == JIT_SK_ED25519;
	struct jit_vote vote = {.by = e->principal,
		.as = as,
		.at = g->at,
		.sk = sk};
	char key[JIT_FINGERPRINT], request[JIT_HEX256];
	struct jit_event ev;

	jit_draft_common(&ev, key, s, JIT_APPROVE, &e->key, g->at);
	jit_hex(request, g->request, JIT_SHA256);
	ev.id = g->id;
	ev.request = request;
	ev.as = as;
	return jit_judge_ask(s, &ev, &e->key, true, NULL) == 0 &&
		jit_standing_counts(s, g, rule, &vote, g->at);
}

static bool
same_votes(const struct jit_state *s, const struct jit_grant *g,
	const struct policy_outlook *o)
{
	size_t i, j;

	for (i = 0; i < o->st.tallies; i++)
		for (j = 0; j < s->people_count; j++)
			if (foreseen(&o->voters[i], s->people[j].principal) !=
				takes_vote(s, g, o->rule, &s->people[j],
					o->voters[i].group))
				return false;
	return true;
}

/* It is asked for: the judge's state then says what was foreseen. */
static void
check_taken(struct jit_state *s, const struct jit_event *ev,
	const struct policy_outlook *o)
{
	struct jit_proof proof = {.sha256 = {7}};
	struct jit_standing st = {0};
	struct jit_error err = {"", ""};
	struct jit_event next = *ev;
	const struct jit_grant *g;

	next.prev = s->tip;
	proof.key = jit_state_key(s, ev->key)->key;
	if (!CHECK_INT(jit_judge_apply(s, &next, &proof, &err), 0))
		return;
	g = jit_state_grant(s, ev->id);
	CHECK(g != NULL);
	CHECK_INT(jit_standing_of(&st, s, g, ev->at, &err), 0);
	CHECK_STR(o->rule->id, st.rule->id);
	CHECK_INT(o->st.duration, st.duration);
	CHECK_INT(o->st.met, st.met);
	CHECK(same_votes(s, g, o));
	if (st.rule->budget)
		CHECK(o->grants_left > 0 && o->time_left >= st.duration);
}

static int counts[2]; /* taken, refused */

static void
check_world(unsigned int number)
{
	struct policy_outlook o = {0};
	struct jit_state *s = make_world();
	struct jit_error err = {"", ""};
	struct policy_ask ask;
	struct jit_event ev;
	char row[32];
	int rc;

	snprintf(row, sizeof(row), "world %u", number);
	ROW(row);
	make_history(s);
	make_ask(&ask, NOW);
	make_request(&ev, s, &ask);
	rc = jit_judge_ask(s, &ev, &jit_state_person(s, ask.by)->key, false,
		&err);
	if (CHECK_INT(policy_foresee(&o, s, &ask, NULL), 0)) {
		CHECK_INT(o.code, rc);
		CHECK_STR(o.no.rule, err.rule);
		CHECK_STR(o.no.text, err.text);
		if (rc == 0 && o.code == 0)
			check_taken(s, &ev, &o);
		counts[rc != 0]++;
	}
	policy_outlook_free(&o);
	jit_event_free(&ev);
	jit_state_free(s);
}

int
main(void)
{
	struct jit_error err;
	unsigned int i;

	if (jit_hash_start(&err) != 0)
		return 99;
	CASE("what is foreseen is what the judge decides");
	for (i = 0; i < WORLDS; i++)
		check_world(i);
	CASE("both answers are met often");
	CHECK(counts[0] > WORLDS / 20);
	CHECK(counts[1] > WORLDS / 20);
	printf("# %d taken, %d refused\n", counts[0], counts[1]);
	return UNIT_DONE();
}
