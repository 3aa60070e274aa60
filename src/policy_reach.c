/* SPDX-License-Identifier: ISC */
#include "policy_reach.h"

#include <string.h>

#include "pattern.h"

/* How long a pattern is that is surely matched by itself only: to its '*'. */
static size_t
prefix(const char *pattern)
{
	return strcspn(pattern, "*?[#");
}

/* Whether all that 'b' matches 'a' matches; false where that is not plain. */
static bool
covers_pattern(const char *a, const char *b)
{
	size_t n = prefix(a);

	if (strcmp(a, b) == 0)
		return true;
	if (!jit_pattern_wild(b))
		return jit_pattern_match(a, b);
	return strcmp(a + n, "*") == 0 && prefix(b) >= n &&
		strncmp(a, b, n) == 0;
}

bool
policy_overlap(const char *a, const char *b)
{
	size_t n = prefix(a), m = prefix(b);

	if (!jit_pattern_wild(a))
		return jit_pattern_match(b, a);
	if (!jit_pattern_wild(b))
		return jit_pattern_match(a, b);
	return strncmp(a, b, n < m ? n : m) == 0;
}

static bool
has(const struct jit_texts *list, const char *s)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (strcmp(list->at[i], s) == 0)
			return true;
	return false;
}

static bool
covers_texts(const struct jit_texts *a, const struct jit_texts *b)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		if (!has(a, b->at[i]))
			return false;
	return b->count > 0;
}

/* Whether each member of group 'name' is in one of the groups 'who'. */
static bool
covers_group(const struct jit_policy *p, const struct jit_texts *who,
	const char *name)
{
	const struct jit_named *g = jit_policy_group(p, name), *h;
	size_t i, j, k;
	bool in;

	if (has(who, name))
		return true;
	for (i = 0; i < g->texts.count; i++) {
		in = false;
		for (j = 0; !in && j < who->count; j++) {
			h = jit_policy_group(p, who->at[j]);
			for (k = 0; !in && k < h->texts.count; k++)
				in = covers_pattern(h->texts.at[k],
					g->texts.at[i]);
		}
		if (!in)
			return false;
	}
	return g->texts.count > 0;
}

static bool
covers_who(const struct jit_policy *p, const struct jit_rule *a,
	const struct jit_rule *b)
{
	size_t i;

	if (a->deny && a->who.count == 0)
		return true;
	for (i = 0; i < b->who.count; i++)
		if (!covers_group(p, &a->who, b->who.at[i]))
			return false;
	return b->who.count > 0;
}

/* As covers_pattern, of a word of actions, which a wildcard takes less of. */
static bool
covers_word(const char *a, const char *b)
{
	if (strcmp(a, b) == 0)
		return true;
	if (!jit_pattern_wild(b))
		return jit_policy_word(a, b);
	return b[0] != '-' && covers_pattern(a, b);
}

/* Whether all actions of the one pattern are of the other, word by word. */
static bool
covers_words(const struct jit_texts *a, const struct jit_texts *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (!covers_word(a->at[i], b->at[i]))
			return false;
	return true;
}

/* What is asked for some actions only is no less than what has no such rule. */
static bool
covers_actions(const struct jit_rule *a, const struct jit_rule *b)
{
	size_t i, j;

	if (a->actions.count == 0)
		return true;
	for (i = 0; i < b->actions.count; i++) {
		for (j = 0; j < a->actions.count; j++)
			if (covers_words(&a->actions.at[j], &b->actions.at[i]))
				break;
		if (j == a->actions.count)
			return false;
	}
	return b->actions.count > 0;
}

bool
policy_hides(const struct jit_policy *p, const struct jit_rule *a,
	const struct jit_rule *b)
{
	bool roles = (a->deny && a->roles.count == 0) ||
		covers_texts(&a->roles, &b->roles);

	if (!a->deny && (a->glass != b->glass || a->budget))
		return false;
	return a->ends >= b->ends && roles && covers_actions(a, b) &&
		covers_pattern(a->resource, b->resource) && covers_who(p, a, b);
}

static bool
share_who(const struct jit_policy *p, const struct jit_rule *a,
	const struct jit_rule *b)
{
	const struct jit_named *g, *h;
	size_t i, j, k, l;

	for (i = 0; i < a->who.count; i++)
		for (j = 0; j < b->who.count; j++) {
			g = jit_policy_group(p, a->who.at[i]);
			h = jit_policy_group(p, b->who.at[j]);
			for (k = 0; k < g->texts.count; k++)
				for (l = 0; l < h->texts.count; l++)
					if (policy_overlap(g->texts.at[k],
						    h->texts.at[l]))
						return true;
		}
	return a->who.count == 0;
}

static bool
share_roles(const struct jit_rule *a, const struct jit_rule *b)
{
	size_t i;

	for (i = 0; i < a->roles.count; i++)
		if (has(&b->roles, a->roles.at[i]))
			return true;
	return a->roles.count == 0;
}

bool
policy_meets(const struct jit_policy *p, const struct jit_rule *a,
	const struct jit_rule *b)
{
	return policy_overlap(a->resource, b->resource) && share_roles(a, b) &&
		share_who(p, a, b);
}
