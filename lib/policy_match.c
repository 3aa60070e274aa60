/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "mutate.h"
#include "pattern.h"
#include "policy.h"

static const struct jit_rule *
rule_at(const struct jit_policy *p, size_t i)
{
	return (const struct jit_rule *)p->rules.at + i;
}

bool
jit_policy_member(const struct jit_policy *p, const char *group,
	const char *principal)
{
	const struct jit_named *g = jit_policy_group(p, group);
	size_t i;

	for (i = 0; g && i < g->texts.count; i++)
		if (jit_pattern_match(g->texts.at[i], principal))
			return true;
	return false;
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

static bool
covers_who(const struct jit_policy *p, const struct jit_rule *r,
	const char *who)
{
	size_t i;

	if (r->deny && r->who.count == 0)
		return true;
	for (i = 0; i < r->who.count; i++)
		if (jit_policy_member(p, r->who.at[i], who))
			return true;
	return false;
}

static bool
covers_role(const struct jit_rule *r, const char *role)
{
	return (r->deny && r->roles.count == 0) || has(&r->roles, role);
}

static bool
covers(const struct jit_policy *p, const struct jit_rule *r, const char *who,
	const char *resource, const char *role)
{
	return jit_pattern_match(r->resource, resource) &&
		covers_role(r, role) && covers_who(p, r, who);
}

/* Append "a, b and c". */
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
no_rule(const struct jit_policy *p, const char *who, const char *resource,
	const char *role, struct jit_error *err)
{
	const struct jit_rule *other_role = NULL, *other_who = NULL, *r;
	struct jit_buf hint = {0};
	size_t i;

	for (i = 0; i < p->rules.count; i++) {
		r = rule_at(p, i);
		if (r->deny || !jit_pattern_match(r->resource, resource))
			continue;
		if (!other_role && covers_who(p, r, who))
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
		"no rule gives %s '%s' on %s: %s", who, role, resource,
		jit_buf_text(&hint));
	jit_buf_free(&hint);
	return JIT_NO;
}

int
jit_policy_match(const struct jit_rule **out, const struct jit_policy *p,
	const char *who, const char *resource, const char *role,
	struct jit_error *err)
{
	const struct jit_rule *r, *first = NULL;
	size_t i;

	for (i = 0; i < p->rules.count; i++) {
		r = rule_at(p, i);
		if (!covers(p, r, who, resource, role))
			continue;
		if (r->deny && JIT_RULE_ON("policy-deny"))
			return jit_refuse(err, JIT_NO, "policy-deny",
				"rule '%s' denies '%s' on %s: %s", r->id, role,
				resource, r->why);
		if (!r->deny && !first)
			first = r;
	}
	if (!first && (p->rules.count == 0 || JIT_RULE_ON("policy-match")))
		return no_rule(p, who, resource, role, err);
	*out = first ? first : rule_at(p, 0);
	return 0;
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
			if (jit_pattern_match(e[i].resources.at[j], resource))
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
