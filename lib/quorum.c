/* SPDX-License-Identifier: ISC */
#include "quorum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"

/*
 * By Hall's theorem all votes can be had from everybody but one, whoever
 * that one is, exactly if each set of the groups has one person more than
 * there are votes asked of it. Persons are counted by which of the groups
 * they are in: that takes 2^groups steps, however many persons there are.
 */
struct hall {
	const struct jit_policy *policy;
	const char **persons; /* principals, in order, each once */
	size_t count;
	uint16_t *groups; /* by person: the set of groups that hold him */
	uint32_t *within; /* by set of groups: persons in no other ones */
	uint32_t *votes;  /* by set of groups: votes that are asked of it */
	bool **members;   /* by group: who is in it; NULL: not known yet */
	struct jit_arena mem;
};

#define SETS ((size_t)1 << JIT_POLICY_APPROVE)

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
gather(struct hall *h, const struct jit_enrolment *people, size_t count)
{
	size_t i, n = 0;

	for (i = 0; i < count; i++)
		if (people[i].class == JIT_PERSON && !people[i].retired)
			h->persons[n++] = people[i].principal;
	qsort(h->persons, n, sizeof(*h->persons), by_text);
	h->count = 0;
	for (i = 0; i < n; i++)
		if (i == 0 || by_text(&h->persons[i - 1], &h->persons[i]) != 0)
			h->persons[h->count++] = h->persons[i];
}

/* Mark who a member of a group is, or whom it matches. */
static void
mark(const struct hall *h, bool *in, const char *member)
{
	const char **p;
	size_t i;

	if (!jit_pattern_wild(member)) {
		p = bsearch(&member, h->persons, h->count, sizeof(*p), by_text);
		if (p)
			in[p - h->persons] = true;
		return;
	}
	for (i = 0; i < h->count; i++)
		if (jit_pattern_match(member, h->persons[i]))
			in[i] = true;
}

/* Who is in a group of the policy, found once; NULL: no memory. */
static const bool *
members(struct hall *h, const char *group)
{
	const struct jit_named *g = jit_policy_group(h->policy, group);
	size_t i, at = (size_t)(g - h->policy->groups.at);
	bool *in = h->members[at];

	if (in)
		return in;
	in = jit_arena_get(&h->mem, h->count * sizeof(*in));
	for (i = 0; in && i < g->texts.count; i++)
		mark(h, in, g->texts.at[i]);
	h->members[at] = in;
	return in;
}

static int
count_persons(struct hall *h, const struct jit_quorum *asked, size_t groups,
	struct jit_error *err)
{
	size_t g, i, set, sets = (size_t)1 << groups;
	const bool *in;

	memset(h->groups, 0, h->count * sizeof(*h->groups));
	memset(h->within, 0, sets * sizeof(*h->within));
	for (g = 0; g < groups; g++) {
		in = members(h, asked[g].group);
		if (!in)
			return jit_nomem(err);
		for (i = 0; i < h->count; i++)
			h->groups[i] |= (uint16_t)(in[i] << g);
	}
	for (i = 0; i < h->count; i++)
		h->within[h->groups[i]]++;
	for (g = 0; g < groups; g++)
		for (set = 0; set < sets; set++)
			if (set >> g & 1)
				h->within[set] += h->within[set ^ 1U << g];
	return 0;
}

static void
count_votes(struct hall *h, const struct jit_quorum *asked, size_t groups)
{
	size_t g, set;

	h->votes[0] = 0;
	for (g = 0; g < groups; g++)
		for (set = 0; set >> g == 0; set++)
			h->votes[set | 1U << g] =
				h->votes[set] + (uint32_t)asked[g].count;
}

static int
too_few(const char *rule, const struct jit_quorum *asked, size_t set,
	size_t votes, size_t have, struct jit_error *err)
{
	struct jit_buf what = {0};
	size_t g;

	for (g = 0; set >> g; g++)
		if (set >> g & 1)
			jit_buf_fmt(&what, "%s%lld of %s",
				what.len ? " and " : "",
				(long long)asked[g].count, asked[g].group);
	jit_fail(err, JIT_USAGE,
		"policy: %s: %s cannot be had whoever asks: it takes %zu "
		"persons enrolled, there are %zu",
		rule, jit_buf_text(&what), votes + 1, have);
	jit_buf_free(&what);
	return JIT_USAGE;
}

/* The first set with too few is named: no part of it has too few. */
static int
check_asked(struct hall *h, const char *rule, const struct jit_quorum *asked,
	size_t groups, struct jit_error *err)
{
	size_t set, have, all = ((size_t)1 << groups) - 1;
	int rc;

	count_votes(h, asked, groups);
	rc = count_persons(h, asked, groups, err);
	for (set = 1; rc == 0 && set <= all; set++) {
		have = h->count - h->within[all & ~set];
		if (have <= h->votes[set])
			rc = too_few(rule, asked, set, h->votes[set], have,
				err);
	}
	return rc;
}

static int
check_all(struct hall *h, struct jit_error *err)
{
	const struct jit_policy *p = h->policy;
	const struct jit_rule *r = p->rules.at;
	struct jit_quorum review = {.count = 1}; /* one person, not the user */
	char name[64];
	size_t i;
	int rc;

	rc = check_asked(h, "admins", p->admins, 1, err);
	for (i = 0; rc == 0 && i < p->rules.count; i++) {
		if (r[i].deny)
			continue;
		if (r[i].review)
			review.group = r[i].review->group;
		snprintf(name, sizeof(name), "rule '%s'", r[i].id);
		rc = check_asked(h, name,
			r[i].review ? &review : r[i].approve.at,
			r[i].review ? 1 : r[i].approve.count, err);
	}
	return rc;
}

int
jit_quorum_check(const struct jit_policy *p, const struct jit_enrolment *people,
	size_t count, struct jit_error *err)
{
	struct hall h = {.policy = p};
	int rc;

	h.persons = jit_arena_get(&h.mem, count * sizeof(*h.persons));
	h.groups = jit_arena_get(&h.mem, count * sizeof(*h.groups));
	h.within = jit_arena_get(&h.mem, SETS * sizeof(*h.within));
	h.votes = jit_arena_get(&h.mem, SETS * sizeof(*h.votes));
	h.members = jit_arena_get(&h.mem, p->groups.count * sizeof(*h.members));
	if (h.persons && h.groups && h.within && h.votes && h.members) {
		gather(&h, people, count);
		rc = check_all(&h, err);
	} else {
		rc = jit_nomem(err);
	}
	jit_arena_free(&h.mem);
	return rc;
}
