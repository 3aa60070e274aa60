/* SPDX-License-Identifier: ISC */
#include "widening.h"

#include <string.h>

#include "pattern.h"

/* What is compared, and what it comes to. */
struct widening {
	const struct jit_policy *old, *new;
	const struct jit_crowd *crowd;
	struct jit_buf *out;
};

static const struct jit_rule *
rule_at(const struct jit_policy *p, size_t i)
{
	return (const struct jit_rule *)p->rules.at + i;
}

static void
begin(struct widening *w)
{
	if (w->out->len)
		jit_buf_str(w->out, "; ");
}

/* Whether all that 'b' matches 'a' matches; false where that is not plain. */
static bool
covers(const char *a, const char *b)
{
	size_t n = strcspn(a, "*?[#");

	if (strcmp(a, b) == 0)
		return true;
	if (!jit_pattern_wild(b))
		return jit_pattern_match(a, b);
	return strcmp(a + n, "*") == 0 && strncmp(a, b, n) == 0 &&
		strcspn(b, "*?[#") >= n;
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
names(const struct jit_policy *p, const struct jit_rule *r, const char *who)
{
	size_t i;

	for (i = 0; i < r->who.count; i++)
		if (jit_policy_member(p, r->who.at[i], who))
			return true;
	return r->deny && r->who.count == 0;
}

/* Whether 'a' asks for all the votes that 'b' asks for. */
static bool
asks_all(const struct jit_rule *a, const struct jit_rule *b)
{
	const struct jit_quorum *q = a->approve.at, *p = b->approve.at;
	size_t i, j;

	for (j = 0; j < b->approve.count; j++) {
		for (i = 0; i < a->approve.count; i++)
			if (strcmp(q[i].group, p[j].group) == 0 &&
				q[i].count >= p[j].count)
				break;
		if (i == a->approve.count)
			return false;
	}
	return true;
}

static bool
same_text(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static bool
same_hours(const struct jit_hours *a, const struct jit_hours *b)
{
	return a && same_text(a->days, b->days) &&
		same_text(a->from, b->from) && same_text(a->until, b->until) &&
		same_text(a->zone, b->zone);
}

static bool
is_budget_more(const struct jit_budget *a, const struct jit_budget *b)
{
	return !a || a->grants > b->grants || a->time > b->time ||
		a->per < b->per;
}

static bool
has_action(const struct jit_lists *list, const struct jit_texts *action)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (jit_shape_same(&list->at[i], action))
			return true;
	return false;
}

static bool
is_actions_more(const struct jit_rule *a, const struct jit_rule *b)
{
	size_t i;

	for (i = 0; i < a->actions.count; i++)
		if (!has_action(&b->actions, &a->actions.at[i]))
			return true;
	return a->actions.count == 0;
}

static int64_t
sum_of(const struct jit_rule *r)
{
	return r->sum ? r->sum : 2 * r->max;
}

/* In which term 'new' gives more than 'old'; NULL: in none. */
static const char *
term(const struct jit_rule *new, const struct jit_rule *old)
{
	if (new->max > old->max)
		return "for longer";
	if (sum_of(new) > sum_of(old))
		return "for longer with extensions";
	if (!asks_all(new, old))
		return "with fewer or other votes";
	if (old->key && !new->key)
		return "without a security key's vote";
	if (old->task && !same_text(new->task, old->task))
		return "for other tasks";
	if (old->when && !same_hours(new->when, old->when))
		return "at other hours";
	if (old->budget && is_budget_more(new->budget, old->budget))
		return "more often";
	if (old->actions.count && is_actions_more(new, old))
		return "for other actions";
	if (old->review &&
		(!new->review || new->review->within > old->review->within))
		return "with a later review";
	return NULL;
}

/* In what it is more for 'who' than the old policy gave; NULL: in nothing. */
static const char *
more(const struct widening *w, const struct jit_rule *r, const char *role,
	const char *who)
{
	const char *why = "anew", *differs;
	const struct jit_rule *o;
	size_t i;

	for (i = 0; i < w->old->rules.count; i++) {
		o = rule_at(w->old, i);
		if (o->deny || o->glass != r->glass || !has(&o->roles, role) ||
			!covers(o->resource, r->resource) ||
			!names(w->old, o, who))
			continue;
		differs = term(r, o);
		if (!differs)
			return NULL;
		why = differs;
	}
	return why;
}

/* One role of a rule: to how many it gives more, and in what. */
static void
compare_role(struct widening *w, const struct jit_rule *r, const char *role)
{
	const char *why = NULL, *one;
	size_t i, n = 0;

	for (i = 0; i < w->crowd->count; i++) {
		if (!names(w->new, r, w->crowd->at[i]))
			continue;
		one = more(w, r, role, w->crowd->at[i]);
		if (!one)
			continue;
		why = why ? why : one;
		n++;
	}
	if (n == 0)
		return;
	begin(w);
	jit_buf_fmt(w->out, "rule %s gives %s on %s to %zu %s %s", r->id, role,
		r->resource, n, n == 1 ? "principal" : "principals", why);
}

/* Whether a deny of the new policy is as wide as 'old'. */
static bool
is_still_denied(const struct widening *w, const struct jit_rule *old)
{
	const struct jit_rule *r;
	size_t i, j;

	for (i = 0; i < w->new->rules.count; i++) {
		r = rule_at(w->new, i);
		if (!r->deny || !covers(r->resource, old->resource))
			continue;
		for (j = 0; j < old->roles.count; j++)
			if (r->roles.count && !has(&r->roles, old->roles.at[j]))
				break;
		if (j < old->roles.count ||
			(!old->roles.count && r->roles.count))
			continue;
		for (j = 0; j < old->who.count; j++)
			if (r->who.count && !has(&r->who, old->who.at[j]))
				break;
		if (j == old->who.count && (old->who.count || !r->who.count))
			return true;
	}
	return false;
}

static void
compare_rules(struct widening *w)
{
	const struct jit_rule *r;
	size_t i, j;

	for (i = 0; i < w->new->rules.count; i++) {
		r = rule_at(w->new, i);
		for (j = 0; !r->deny && j < r->roles.count; j++)
			compare_role(w, r, r->roles.at[j]);
	}
	for (i = 0; i < w->old->rules.count; i++) {
		r = rule_at(w->old, i);
		if (!r->deny || is_still_denied(w, r))
			continue;
		begin(w);
		jit_buf_fmt(w->out, "rule %s no longer denies %s", r->id,
			r->resource);
	}
}

static void
compare_admins(struct widening *w)
{
	const struct jit_quorum *a = w->old->admins, *b = w->new->admins;
	size_t i, n = 0;

	for (i = 0; i < w->crowd->count; i++)
		n += jit_policy_member(w->new, b->group, w->crowd->at[i]) &&
			!jit_policy_member(w->old, a->group, w->crowd->at[i]);
	if (n) {
		begin(w);
		jit_buf_fmt(w->out, "admins: %zu more", n);
	}
	if (b->count < a->count) {
		begin(w);
		jit_buf_fmt(w->out,
			"a change needs %lld of the admins, not %lld",
			(long long)b->count, (long long)a->count);
	}
}

static bool
issues(const struct jit_policy *p, const struct jit_issuing *e,
	const char *resource)
{
	const struct jit_issuing *o = p->issuers.at;
	size_t i, j, k;

	for (i = 0; i < p->issuers.count; i++) {
		if (strcmp(o[i].by, e->by) != 0 ||
			(o[i].recorder && !e->recorder))
			continue;
		for (k = 0; k < e->ca.count; k++)
			if (!has(&o[i].ca, e->ca.at[k]))
				break;
		for (j = 0; k == e->ca.count && j < o[i].resources.count; j++)
			if (covers(o[i].resources.at[j], resource))
				return true;
	}
	return false;
}

static void
compare_issuers(struct widening *w)
{
	const struct jit_issuing *e = w->new->issuers.at;
	size_t i, j;

	for (i = 0; i < w->new->issuers.count; i++)
		for (j = 0; j < e[i].resources.count; j++) {
			if (issues(w->old, &e[i], e[i].resources.at[j]))
				continue;
			begin(w);
			jit_buf_fmt(w->out, "%s issues %s on other terms",
				e[i].by, e[i].resources.at[j]);
		}
}

static void
compare_limits(struct widening *w)
{
	const struct jit_limits *a = &w->old->limits, *b = &w->new->limits;
	const struct {
		const char *name;
		bool more;
	} limits[] = {{"skew", b->skew > a->skew},
		{"pending", b->pending > a->pending},
		{"use_by", b->use_by > a->use_by},
		{"reason", b->reason < a->reason}};
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (!limits[i].more)
			continue;
		begin(w);
		jit_buf_fmt(w->out, "limit %s is wider", limits[i].name);
	}
}

void
jit_widening_put(struct jit_buf *out, const struct jit_policy *old,
	const struct jit_policy *new, const struct jit_crowd *crowd)
{
	struct jit_buf text = {0};
	struct widening w = {old, new, crowd, &text};

	compare_rules(&w);
	compare_admins(&w);
	compare_issuers(&w);
	compare_limits(&w);
	jit_buf_put(out, text.data, text.len);
	out->failed = out->failed || text.failed;
	jit_buf_free(&text);
}
