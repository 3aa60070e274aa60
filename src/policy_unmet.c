/* SPDX-License-Identifier: ISC */
#include "policy_unmet.h"

#include <stdlib.h>
#include <string.h>

#include "pattern.h"
#include "quorum.h"

/* "policy: rule 'x': text" where 'x' is known already: "text". */
static void
shorten(struct jit_error *why)
{
	const char *at = strncmp(why->text, "policy: ", 8) == 0
		? strstr(why->text + 8, ": ")
		: NULL;

	if (at)
		memmove(why->text, at + 2, strlen(at + 2) + 1);
}

int
policy_unmet(const struct jit_state *s, const struct jit_rows *q,
	const char *id, bool touched, struct jit_error *why)
{
	struct jit_rule rule = {.id = id, .approve = *q};
	struct jit_policy p = s->policy;
	struct jit_enrolment *some;
	size_t i, n = 0;
	int rc;

	p.rules = (struct jit_rows){.count = 1, .at = &rule};
	/* The admins' own quorum is asked first: ask of all for that. */
	p.admins = q->at;
	some = calloc(s->people_count + 1, sizeof(*some));
	if (!some)
		return jit_nomem(why);
	for (i = 0; i < s->people_count; i++)
		if (!touched || s->people[i].key.type == JIT_SK_ED25519)
			some[n++] = s->people[i];
	rc = jit_quorum_check(&p, some, n, why);
	free(some);
	shorten(why);
	return rc;
}

bool
policy_all_named(const struct jit_policy *p, const struct jit_rows *q)
{
	const struct jit_quorum *asked = q->at;
	const struct jit_named *g;
	size_t i, j;

	for (i = 0; i < q->count; i++) {
		g = jit_policy_group(p, asked[i].group);
		for (j = 0; j < g->texts.count; j++)
			if (jit_pattern_wild(g->texts.at[j]))
				return false;
	}
	return true;
}
