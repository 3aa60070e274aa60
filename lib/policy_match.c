/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "mutate.h"
#include "pattern.h"
#include "policy.h"
#include "words.h"

static const struct jit_rule *
rule_at(const struct jit_policy *p, size_t i)
{
	return (const struct jit_rule *)p->rules.at + i;
}

/* jit_pattern_match, and fast where the pattern is a plain text. */
static bool
matches(const char *pattern, const char *s)
{
	return jit_pattern_wild(pattern) ? jit_pattern_match(pattern, s)
					 : strcmp(pattern, s) == 0;
}

static bool
holds(const struct jit_named *g, const char *principal)
{
	size_t i;

	for (i = 0; i < g->texts.count; i++)
		if (matches(g->texts.at[i], principal))
			return true;
	return false;
}

bool
jit_policy_member(const struct jit_policy *p, const char *group,
	const char *principal)
{
	const struct jit_named *g = jit_policy_group(p, group);

	return g && holds(g, principal);
}

static bool
has(const struct jit_texts *texts, const char *s)
{
	size_t i;

	for (i = 0; i < texts->count; i++)
		if (strcmp(texts->at[i], s) == 0)
			return true;
	return false;
}

/* Who asks, and of which groups it is known already that he is in them. */
struct asker {
	const struct jit_policy *policy;
	const char *who;
	unsigned char group[JIT_POLICY_GROUPS]; /* 0: not known yet */
};

enum { IN = 1, OUT };

static bool
is_in(struct asker *a, const char *group)
{
	const struct jit_named *g = jit_policy_group(a->policy, group);
	unsigned char *known;

	if (!g)
		return false;
	known = &a->group[g - a->policy->groups.at];
	if (!*known)
		*known = holds(g, a->who) ? IN : OUT;
	return *known == IN;
}

static bool
covers_who(struct asker *a, const struct jit_rule *r)
{
	size_t i;

	if (r->deny && r->who.count == 0)
		return true;
	for (i = 0; i < r->who.count; i++)
		if (is_in(a, r->who.at[i]))
			return true;
	return false;
}

static bool
covers_role(const struct jit_rule *r, const char *role)
{
	return (r->deny && r->roles.count == 0) || has(&r->roles, role);
}

static bool
covers(struct asker *a, const struct jit_rule *r, const char *resource,
	const char *role)
{
	return matches(r->resource, resource) && covers_role(r, role) &&
		covers_who(a, r);
}

/* Append "a, b or c". */
static void
put_list(struct jit_buf *out, const struct jit_texts *texts)
{
	size_t i;

	for (i = 0; i < texts->count; i++) {
		if (i)
			jit_buf_str(out, i + 1 == texts->count ? " or " : ", ");
		jit_buf_str(out, texts->at[i]);
	}
}

/* No rule gives it: say what the nearest rule would have wanted. */
static int
no_rule(struct asker *a, const char *resource, const char *role,
	struct jit_error *err)
{
	const struct jit_policy *p = a->policy;
	const struct jit_rule *other_role = NULL, *other_who = NULL, *r;
	struct jit_buf hint = {0};
	size_t i;

	for (i = 0; i < p->rules.count; i++) {
		r = rule_at(p, i);
		if (r->deny || !matches(r->resource, resource))
			continue;
		if (!other_role && covers_who(a, r))
			other_role = r;
		if (!other_who && covers_role(r, role))
			other_who = r;
	}
	if (other_who) {
		jit_buf_str(&hint, "rule '");
		jit_buf_str(&hint, other_who->id);
		jit_buf_str(&hint, "' gives it to ");
		put_list(&hint, &other_who->who);
	} else if (other_role) {
		jit_buf_str(&hint, "rule '");
		jit_buf_str(&hint, other_role->id);
		jit_buf_str(&hint, "' would give ");
		put_list(&hint, &other_role->roles);
	} else {
		jit_buf_str(&hint, "no rule names that role there");
	}
	jit_refuse(err, JIT_NO, "policy-match",
		"no rule gives %s '%s' on %s: %s", a->who, role, resource,
		jit_buf_text(&hint));
	jit_buf_free(&hint);
	return JIT_NO;
}

/* Whether a word has a ".." that a program may take for the folder above. */
static bool
climbs(const char *word)
{
	static const char names[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n;

	for (; *word; word += n ? n : 1) {
		n = strspn(word, names);
		if (n == 2 && word[0] == '.' && word[1] == '.')
			return true;
	}
	return false;
}

/*
 * What is meant by a wildcard is never an option, nor a way out of a folder:
 * those are in a pattern only where it spells them.
 */
bool
jit_policy_word(const char *pattern, const char *word)
{
	if (!jit_pattern_wild(pattern))
		return strcmp(pattern, word) == 0;
	if (climbs(word) || (word[0] == '-' && pattern[0] != '-'))
		return false;
	return jit_pattern_match(pattern, word);
}

/* Word by word: a pattern never crosses one. */
static bool
covers_action(const struct jit_texts *pattern, const struct jit_texts *action)
{
	size_t i;

	if (pattern->count != action->count)
		return false;
	for (i = 0; i < action->count; i++)
		if (!jit_policy_word(pattern->at[i], action->at[i]))
			return false;
	return true;
}

bool
jit_policy_actions(const struct jit_rule *rule, const struct jit_lists *actions)
{
	size_t i, j;

	for (i = 0; actions && i < actions->count; i++) {
		for (j = 0; j < rule->actions.count; j++)
			if (covers_action(&rule->actions.at[j],
				    &actions->at[i]))
				break;
		if (j == rule->actions.count)
			return false;
	}
	return actions && actions->count > 0;
}

/* A rule gives it for some actions only. */
static int
say_narrower(const struct jit_rule *r, struct jit_error *err)
{
	struct jit_buf list = {0};
	size_t i;

	for (i = 0; i < r->actions.count; i++) {
		jit_buf_str(&list, i ? ", " : "");
		jit_words_put(&list, &r->actions.at[i]);
	}
	jit_refuse(err, JIT_NO, "policy-actions",
		"rule '%s' gives these actions only (-a): %s", r->id,
		jit_buf_text(&list));
	jit_buf_free(&list);
	return JIT_NO;
}

/* What kept a rule that covers it from giving it, for the one line. */
struct kept {
	/* the first of each */
	const struct jit_rule *ended, *spent, *other, *narrower;
	struct jit_buf why; /* of 'spent' */
};

/* Whether a rule that covers what is asked gives it now. */
static bool
gives(struct kept *k, const struct jit_rule *r, const struct jit_asked *q)
{
	if (r->glass != q->glass) {
		if (!k->other)
			k->other = r;
		return false;
	}
	if (r->actions.count && JIT_RULE_ON("policy-actions") &&
		!jit_policy_actions(r, q->actions)) {
		if (!k->narrower)
			k->narrower = r;
		return false;
	}
	if (q->at >= r->ends && JIT_RULE_ON("policy-until")) {
		if (!k->ended)
			k->ended = r;
		return false;
	}
	if (!r->budget || !q->spent || !JIT_RULE_ON("policy-budget"))
		return true;
	if (k->spent ? !q->spent(NULL, r, q->arg)
		     : !q->spent(&k->why, r, q->arg))
		return true;
	if (!k->spent)
		k->spent = r;
	return false;
}

static int
say_kept(const struct kept *k, const struct jit_asked *q, struct jit_error *err)
{
	char stamp[JIT_STAMP];

	if (k->spent)
		return jit_refuse(err, JIT_NO, "policy-budget",
			"rule '%s' is spent for %s: %s", k->spent->id, q->who,
			jit_buf_text(&k->why));
	if (k->ended) {
		jit_when_stamp(stamp, k->ended->ends);
		return jit_refuse(err, JIT_NO, "policy-until",
			"rule '%s' ended at %s: it needs a change of policy",
			k->ended->id, stamp);
	}
	if (k->narrower)
		return say_narrower(k->narrower, err);
	return jit_refuse(err, JIT_NO, "policy-match",
		q->glass ? "no rule gives it by break-glass: rule '%s' gives "
			   "it by asking"
			 : "no rule gives it by asking: rule '%s' gives it by "
			   "--break-glass",
		k->other->id);
}

static int
find(const struct jit_rule **out, struct kept *k, struct asker *asker,
	const struct jit_asked *q, struct jit_error *err)
{
	const struct jit_policy *p = asker->policy;
	const struct jit_rule *r, *first = NULL;
	size_t i;

	for (i = 0; i < p->rules.count; i++) {
		r = rule_at(p, i);
		if (!covers(asker, r, q->resource, q->role))
			continue;
		if (!r->deny) {
			if (!first && gives(k, r, q))
				first = r;
		} else if (q->at < r->ends && JIT_RULE_ON("policy-deny")) {
			return jit_refuse(err, JIT_NO, "policy-deny",
				"rule '%s' denies '%s' on %s: %s", r->id,
				q->role, q->resource, r->why);
		}
	}
	*out = first;
	return 0;
}

int
jit_policy_match(const struct jit_rule **out, const struct jit_policy *p,
	const struct jit_asked *q, struct jit_error *err)
{
	struct asker asker = {.policy = p, .who = q->who};
	const struct jit_rule *found = NULL;
	struct kept k = {0};
	int rc;

	rc = find(&found, &k, &asker, q, err);
	if (rc == 0 && !found &&
		(p->rules.count == 0 || JIT_RULE_ON("policy-match"))) {
		if (k.spent || k.ended || k.other || k.narrower)
			rc = say_kept(&k, q, err);
		else
			rc = no_rule(&asker, q->resource, q->role, err);
	}
	jit_buf_free(&k.why);
	if (rc == 0)
		*out = found ? found : rule_at(p, 0);
	return rc;
}

const struct jit_rule *
jit_policy_rule(const struct jit_policy *p, const char *id)
{
	size_t i;

	for (i = 0; i < p->rules.count; i++)
		if (strcmp(rule_at(p, i)->id, id) == 0)
			return rule_at(p, i);
	return NULL;
}

const struct jit_issuing *
jit_policy_issuer(const struct jit_policy *p, const char *by,
	const char *resource)
{
	const struct jit_issuing *e = p->issuers.at;
	size_t i, j;

	for (i = 0; i < p->issuers.count; i++) {
		if (strcmp(e[i].by, by) != 0)
			continue;
		for (j = 0; j < e[i].resources.count; j++)
			if (matches(e[i].resources.at[j], resource))
				return &e[i];
	}
	return NULL;
}

void
jit_policy_spell(struct jit_buf *out, const struct jit_rule *rule)
{
	const struct jit_quorum *q = rule->approve.at;
	size_t i;

	if (rule->approve.count == 0)
		jit_buf_str(out, "nobody");
	for (i = 0; i < rule->approve.count; i++)
		jit_buf_fmt(out, "%s%lld of %s", i ? " and " : "",
			(long long)q[i].count, q[i].group);
}
