/* SPDX-License-Identifier: ISC */
#include "quorum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#define MOST 4096

/* People as a line: "a b +c" are persons a@x and b@x and the host c@x. */
static size_t
enrol(struct jit_enrolment *people, struct jit_arena *mem, const char *line)
{
	struct jit_buf who = {0};
	size_t n = 0, len;

	for (; *line; line += len + (line[len] == ' ')) {
		len = strcspn(line, " ");
		memset(&people[n], 0, sizeof(people[n]));
		people[n].class = line[0] == '+' ? JIT_HOST : JIT_PERSON;
		jit_buf_reset(&who);
		jit_buf_put(&who, line + (line[0] == '+'),
			len - (line[0] == '+'));
		jit_buf_str(&who, "@x");
		people[n++].principal = jit_arena_str(mem, jit_buf_text(&who));
	}
	jit_buf_free(&who);
	return n;
}

/*
 * A policy with these groups, whose rule asks 'approve'; the admins are
 * two persons of their own, r and s.
 */
static int
read_policy(struct jit_policy *p, const char *groups, const char *approve,
	struct jit_error *err)
{
	struct jit_json *json = NULL;
	struct jit_buf text = {0};
	int rc;

	jit_buf_str(&text, "{\"groups\":{\"admins\":[\"r@x\",\"s@x\"],");
	jit_buf_str(&text, groups);
	jit_buf_str(&text,
		"},\"admins\":{\"group\":\"admins\",\"count\":1},"
		"\"issuers\":[],\"rules\":[{\"id\":\"web\","
		"\"who\":[\"admins\"],\"resource\":\"*\",\"roles\":[\"r\"],"
		"\"max\":\"1h\",\"approve\":[");
	jit_buf_str(&text, approve);
	jit_buf_str(&text, "]}]}");
	rc = jit_json_read(&json, text.data, text.len, JIT_JSON_POLICY, err);
	if (rc == 0)
		rc = jit_policy_read(p, json, err);
	jit_json_free(json);
	jit_buf_free(&text);
	return rc;
}

#define ABC "\"d\":[\"a@x\",\"b@x\",\"c@x\"]"
#define CANNOT(who, need, have)                                                \
	"policy: rule 'web': " who                                             \
	" cannot be had whoever asks: it takes " need                          \
	" persons enrolled, there are " have
#define ASK(group, count) "{\"group\":\"" group "\",\"count\":" count "}"

static const struct quorum {
	const char *what;
	const char *people, *groups, *approve;
	const char *why; /* NULL: it can be had */
} quorums[] = {
	{"one more than asked", "r s a b c", ABC, ASK("d", "2"), NULL},
	{"as many as asked", "r s a b c", ABC, ASK("d", "3"),
		CANNOT("3 of d", "4", "3")},
	{"fewer than asked", "r s a b c", ABC, ASK("d", "4"),
		CANNOT("4 of d", "5", "3")},
	{"nobody at all", "r s", ABC, ASK("d", "1"),
		CANNOT("1 of d", "2", "0")},
	{"an empty group", "r s a b c", "\"d\":[]", ASK("d", "1"),
		CANNOT("1 of d", "2", "0")},
	{"not all are enrolled", "r s a b", ABC, ASK("d", "2"),
		CANNOT("2 of d", "3", "2")},
	{"others do not count", "r s a b e f g", ABC, ASK("d", "2"),
		CANNOT("2 of d", "3", "2")},
	{"hosts do not count", "r s a b +c", ABC, ASK("d", "2"),
		CANNOT("2 of d", "3", "2")},
	{"two keys are one person", "r s a b b b", ABC, ASK("d", "2"),
		CANNOT("2 of d", "3", "2")},
	{"two keys are no harm", "a r s b a b c c r", ABC, ASK("d", "2"), NULL},
	{"named twice is one person", "r s a b",
		"\"d\":[\"a@x\",\"a@x\",\"b@x\",\"b@x\"]", ASK("d", "2"),
		CANNOT("2 of d", "3", "2")},
	{"a pattern is whom it matches", "r s a b c", "\"d\":[\"[a-c]@x\"]",
		ASK("d", "2"), NULL},
	{"and nobody else", "r s a b c", "\"d\":[\"[a-b]@x\"]", ASK("d", "2"),
		CANNOT("2 of d", "3", "2")},
	{"everybody", "r s a", "\"d\":[\"*\"]", ASK("d", "2"), NULL},
	{"a pattern and a name are one", "r s a b",
		"\"d\":[\"a@x\",\"?@x\",\"b@x\"]", ASK("d", "3"), NULL},
	{"a pattern for hosts", "r s a b +c", "\"d\":[\"*@x\"]", ASK("d", "4"),
		CANNOT("4 of d", "5", "4")},

	{"two groups apart", "r s a b c e",
		"\"d\":[\"a@x\",\"b@x\"],"
		"\"f\":[\"c@x\",\"e@x\"]",
		ASK("d", "1") "," ASK("f", "1"), NULL},
	{"two groups that share all", "r s a b",
		"\"d\":[\"a@x\",\"b@x\"],"
		"\"f\":[\"a@x\",\"b@x\"]",
		ASK("d", "1") "," ASK("f", "1"),
		CANNOT("1 of d and 1 of f", "3", "2")},
	{"and one more in one of them", "r s a b c",
		"\"d\":[\"a@x\",\"b@x\",\"c@x\"],\"f\":[\"a@x\",\"b@x\"]",
		ASK("d", "1") "," ASK("f", "1"), NULL},
	{"two groups that share one", "r s a b c",
		"\"d\":[\"a@x\",\"b@x\"],\"f\":[\"b@x\",\"c@x\"]",
		ASK("d", "1") "," ASK("f", "1"), NULL},
	{"one of them too small", "r s a b c",
		"\"d\":[\"a@x\",\"b@x\",\"c@x\"],\"f\":[\"a@x\"]",
		ASK("d", "1") "," ASK("f", "1"), CANNOT("1 of f", "2", "1")},
	{"the smaller within the larger", "r s a b c e",
		"\"d\":[\"[abce]@x\"],\"f\":[\"a@x\",\"b@x\"]",
		ASK("d", "3") "," ASK("f", "1"),
		CANNOT("3 of d and 1 of f", "5", "4")},
	{"three groups in a ring", "r s a b c",
		"\"d\":[\"a@x\",\"b@x\"],\"e\":[\"b@x\",\"c@x\"],"
		"\"f\":[\"c@x\",\"a@x\"]",
		ASK("d", "1") "," ASK("e", "1") "," ASK("f", "1"),
		CANNOT("1 of d and 1 of e and 1 of f", "4", "3")},
	{"three groups in a ring and one more", "r s a b c g",
		"\"d\":[\"a@x\",\"b@x\"],\"e\":[\"b@x\",\"c@x\"],"
		"\"f\":[\"c@x\",\"a@x\",\"g@x\"]",
		ASK("d", "1") "," ASK("e", "1") "," ASK("f", "1"), NULL},
	{"only the last two are short", "r s a b c",
		"\"d\":[\"*@x\"],\"e\":[\"a@x\",\"b@x\"],"
		"\"f\":[\"b@x\",\"a@x\"]",
		ASK("d", "1") "," ASK("e", "1") "," ASK("f", "1"),
		CANNOT("1 of e and 1 of f", "3", "2")},
	{"admins may be asked too", "r s", "\"d\":[]", ASK("admins", "1"),
		NULL},
};

static void
by_hand(void)
{
	struct jit_enrolment people[32];
	struct jit_arena mem = {0};
	struct jit_error err;
	struct jit_policy p;
	size_t i, n;

	CASE("what can be had, and what is missing");
	for (i = 0; i < COUNT(quorums); i++) {
		ROW(quorums[i].what);
		memset(&err, 0, sizeof(err));
		if (!CHECK_INT(read_policy(&p, quorums[i].groups,
				       quorums[i].approve, &err),
			    0)) {
			CHECK_STR(err.text, "");
			continue;
		}
		n = enrol(people, &mem, quorums[i].people);
		CHECK_INT(jit_quorum_check(&p, people, n, &err),
			quorums[i].why ? JIT_USAGE : 0);
		CHECK_STR(err.text, quorums[i].why ? quorums[i].why : "");
		CHECK_INT(jit_quorum_check(&p, people, n, NULL),
			quorums[i].why ? JIT_USAGE : 0);
		jit_policy_free(&p);
	}

	CASE("the admins come first");
	memset(&err, 0, sizeof(err));
	if (CHECK_INT(read_policy(&p, ABC, ASK("d", "9"), &err), 0)) {
		n = enrol(people, &mem, "r a b c");
		CHECK_INT(jit_quorum_check(&p, people, n, &err), JIT_USAGE);
		CHECK_STR(err.text,
			"policy: admins: 1 of admins cannot be had whoever "
			"asks: it takes 2 persons enrolled, there are 1");
		CHECK_INT(jit_quorum_check(&p, NULL, 0, &err), JIT_USAGE);
		jit_policy_free(&p);
	}
	jit_arena_free(&mem);
}

/* What the room says is compared with the slow and plain way. */
#define PERSONS 6
#define GROUPS 4

struct hall {
	size_t persons, groups;
	int count[GROUPS];
	bool in[GROUPS][PERSONS];
};

/* Whether the votes can be had from persons 'from' on: each in every seat. */
static bool
seats(struct hall *h, size_t from, size_t without)
{
	size_t g;
	bool done = true;

	for (g = 0; g < h->groups; g++)
		done = done && h->count[g] == 0;
	if (done || from == h->persons)
		return done;
	for (g = 0; from != without && g < h->groups; g++) {
		if (h->count[g] == 0 || !h->in[g][from])
			continue;
		h->count[g]--;
		done = seats(h, from + 1, without);
		h->count[g]++;
		if (done)
			return true;
	}
	return seats(h, from + 1, without);
}

static bool
plain(struct hall *h)
{
	size_t i;

	for (i = 0; i <= h->persons; i++)
		if (!seats(h, 0, i))
			return false;
	return true;
}

static unsigned
next(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245U + 12345U;
	return (*seed >> 16) % below;
}

static void
draw(struct hall *h, unsigned *seed)
{
	unsigned dense = 1 + next(seed, 4);
	size_t g, i;

	h->persons = next(seed, PERSONS + 1);
	h->groups = 1 + next(seed, GROUPS);
	for (g = 0; g < h->groups; g++) {
		h->count[g] = 1 + (int)next(seed, 2);
		for (i = 0; i < h->persons; i++)
			h->in[g][i] = next(seed, 4) < dense;
	}
}

/* The same as a policy and people. */
static int
ask(const struct hall *h, struct jit_error *err)
{
	struct jit_buf groups = {0}, approve = {0};
	struct jit_enrolment people[PERSONS + 2];
	struct jit_arena mem = {0};
	struct jit_policy p;
	size_t g, i, n = 0;
	int rc;

	for (g = 0; g < h->groups; g++) {
		jit_buf_fmt(&groups, "%s\"g%zu\":[\"-\"", g ? "," : "", g);
		for (i = 0; i < h->persons; i++)
			if (h->in[g][i])
				jit_buf_fmt(&groups, ",\"%c@x\"",
					(char)('a' + i));
		jit_buf_str(&groups, "]");
		jit_buf_fmt(&approve, "%s{\"group\":\"g%zu\",\"count\":%d}",
			g ? "," : "", g, h->count[g]);
	}
	if (read_policy(&p, jit_buf_text(&groups), jit_buf_text(&approve),
		    err) != 0)
		return -99;
	n = enrol(people, &mem, "r s");
	n += enrol(people + n, &mem,
		&"f e d c b a "[2 * (PERSONS - h->persons)]);
	rc = jit_quorum_check(&p, people, n, err);
	jit_policy_free(&p);
	jit_arena_free(&mem);
	jit_buf_free(&groups);
	jit_buf_free(&approve);
	return rc;
}

static void
by_chance(void)
{
	struct jit_error err = {0};
	struct hall h;
	char name[32];
	unsigned seed = 7, i, had = 0;
	int rc;

	CASE("halls by chance, as the plain way has them");
	for (i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "%u", seed);
		ROW(name);
		draw(&h, &seed);
		rc = ask(&h, &err);
		CHECK(rc == 0 || rc == JIT_USAGE);
		CHECK((rc == 0) == plain(&h));
		had += rc == 0;
	}
	CHECK(had > 300 && had < 2700);
}

/* Thousands of persons in all groups of a rule, 64 votes of each. */
static void
many(void)
{
	struct jit_enrolment *people = calloc(MOST, sizeof(*people));
	struct jit_buf groups = {0}, approve = {0};
	struct jit_arena mem = {0};
	struct jit_error err = {0};
	struct jit_policy p;
	char who[32];
	size_t i;

	for (i = 0; i < MOST; i++) {
		snprintf(who, sizeof(who), "p%zu@x", i);
		people[i].principal = jit_arena_str(&mem, who);
	}
	for (i = 0; i < JIT_POLICY_APPROVE; i++) {
		jit_buf_fmt(&groups, "%s\"g%zu\":[\"*p*%zu*@*\",\"p*@x\"]",
			i ? "," : "", i, i);
		jit_buf_fmt(&approve, "%s{\"group\":\"g%zu\",\"count\":64}",
			i ? "," : "", i);
	}
	people[0].principal = "r@x";
	people[1].principal = "s@x";
	CASE("thousands of persons: in seconds");
	alarm(300);
	if (CHECK_INT(read_policy(&p, jit_buf_text(&groups),
			      jit_buf_text(&approve), &err),
		    0)) {
		CHECK_INT(jit_quorum_check(&p, people, MOST, &err), 0);
		CHECK_INT(jit_quorum_check(&p, people, 1027, &err), 0);
		CHECK_INT(jit_quorum_check(&p, people, 1026, &err), JIT_USAGE);
		CHECK(strstr(err.text,
			"it takes 1025 persons enrolled, there are 1024"));
		jit_policy_free(&p);
	}
	alarm(0);
	jit_buf_free(&groups);
	jit_buf_free(&approve);
	jit_arena_free(&mem);
	free(people);
}

int
main(void)
{
	by_hand();
	by_chance();
	many();
	return UNIT_DONE();
}
