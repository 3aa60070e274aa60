/* SPDX-License-Identifier: ISC */
#include "quorum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Seats (one for each vote asked) are filled by persons through augmenting
 * paths (Kuhn's algorithm); the sizes are those of a company's groups.
 */
struct hall {
	const struct jit_policy *policy;
	const struct jit_quorum *asked; /* groups and their counts */
	size_t groups;
	const char **persons; /* principals, each once */
	size_t count;
	bool *member;   /* [group * count + person] */
	size_t *seat;   /* person -> seat + 1 that is taken, or 0 */
	bool *visited;  /* persons in this search */
	size_t without; /* person who asks; 'count': nobody */
};

static size_t
group_of(const struct hall *h, size_t seat)
{
	size_t g = 0;

	while (seat >= (size_t)h->asked[g].count)
		seat -= (size_t)h->asked[g++].count;
	return g;
}

static bool
fill(struct hall *h, size_t seat)
{
	size_t i, g = group_of(h, seat);

	for (i = 0; i < h->count; i++) {
		if (i == h->without || h->visited[i] ||
			!h->member[g * h->count + i])
			continue;
		h->visited[i] = true;
		if (h->seat[i] == 0 || fill(h, h->seat[i] - 1)) {
			h->seat[i] = seat + 1;
			return true;
		}
	}
	return false;
}

/* Whether all seats can be filled; '*seat' is the first that cannot. */
static bool
full(struct hall *h, size_t *seat)
{
	size_t i, seats = 0;

	for (i = 0; i < h->groups; i++)
		seats += (size_t)h->asked[i].count;
	memset(h->seat, 0, h->count * sizeof(*h->seat));
	for (i = 0; i < seats; i++) {
		memset(h->visited, 0, h->count * sizeof(*h->visited));
		if (!fill(h, i)) {
			*seat = i;
			return false;
		}
	}
	return true;
}

static int
check(struct hall *h, const char *rule, struct jit_error *err)
{
	size_t i, seat = 0, g;

	for (i = h->count + 1; i-- > 0;) {
		h->without = i; /* first: nobody is left out */
		if (full(h, &seat))
			continue;
		g = group_of(h, seat);
		if (i == h->count)
			return jit_fail(err, JIT_USAGE,
				"policy: %s: %lld of group '%s' cannot be "
				"had: enrol more persons that are in it",
				rule, (long long)h->asked[g].count,
				h->asked[g].group);
		return jit_fail(err, JIT_USAGE,
			"policy: %s: %lld of group '%s' cannot be had when "
			"%s is the one who asks: enrol one person more "
			"that is in it",
			rule, (long long)h->asked[g].count, h->asked[g].group,
			h->persons[i]);
	}
	return 0;
}

static void
gather(struct hall *h, const struct jit_enrolment *people, size_t count)
{
	size_t i, j;

	h->count = 0;
	for (i = 0; i < count; i++) {
		if (people[i].class != JIT_PERSON)
			continue;
		for (j = 0; j < h->count; j++)
			if (strcmp(h->persons[j], people[i].principal) == 0)
				break;
		if (j == h->count)
			h->persons[h->count++] = people[i].principal;
	}
}

static int
check_asked(struct hall *h, const char *rule, const struct jit_quorum *asked,
	size_t groups, struct jit_error *err)
{
	size_t g, i;
	int rc;

	h->asked = asked;
	h->groups = groups;
	h->member = calloc(groups * h->count + 1, sizeof(*h->member));
	if (!h->member)
		return jit_nomem(err);
	for (g = 0; g < groups; g++)
		for (i = 0; i < h->count; i++)
			h->member[g * h->count + i] = jit_policy_member(
				h->policy, asked[g].group, h->persons[i]);
	rc = check(h, rule, err);
	free(h->member);
	h->member = NULL;
	return rc;
}

int
jit_quorum_check(const struct jit_policy *p, const struct jit_enrolment *people,
	size_t count, struct jit_error *err)
{
	struct hall h = {.policy = p};
	const struct jit_rule *r = p->rules.at;
	char name[64];
	size_t i;
	int rc = 0;

	h.persons = calloc(count + 1, sizeof(*h.persons));
	h.seat = calloc(count + 1, sizeof(*h.seat));
	h.visited = calloc(count + 1, sizeof(*h.visited));
	if (!h.persons || !h.seat || !h.visited) {
		rc = jit_nomem(err);
		goto out;
	}
	gather(&h, people, count);
	rc = check_asked(&h, "admins", p->admins, 1, err);
	for (i = 0; rc == 0 && i < p->rules.count; i++) {
		if (r[i].deny)
			continue;
		snprintf(name, sizeof(name), "rule '%s'", r[i].id);
		rc = check_asked(&h, name, r[i].approve.at, r[i].approve.count,
			err);
	}
out:
	free(h.persons);
	free(h.seat);
	free(h.visited);
	return rc;
}
