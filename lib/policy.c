/* SPDX-License-Identifier: ISC */
#include "policy.h"

#include <string.h>

#include "name.h"
#include "pattern.h"

#define LATE_MAX (90 * 86400)
#define SKEW_MAX 3600
#define COUNT_MAX 64 /* persons of one group */
#define WILD_MAX 256 /* members of all groups that are patterns */

static bool
is_pattern(const char *s)
{
	return jit_pattern_check(s, NULL) == 0;
}

/* Words of actions are plainer than other names: no blank, no quote. */
static bool
is_word_pattern(const char *s)
{
	size_t n = strspn(s,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-*?#[]");

	return s[n] == '\0' && n >= 1 && is_pattern(s);
}

static bool
is_instant(const char *s)
{
	int64_t at;

	return jit_when_instant(&at, s, NULL) == 0;
}

/* A path that a shell takes for one word: sshd runs it by one. */
static bool
is_plain_path(const char *s)
{
	size_t n = strspn(s,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-");

	return s[0] == '/' && s[n] == '\0' && n <= 255;
}

static bool
is_sk(const char *s)
{
	return strcmp(s, "sk") == 0;
}

#define LABEL(st, n, f, req)                                                   \
	{                                                                      \
		.name = (n), .kind = JIT_TEXT, .required = (req),              \
		.offset = offsetof(st, f), .check = jit_name_label,            \
		.expect = "a name: [a-z_][a-z0-9_-]{0,31}"                     \
	}
#define GLOB(st, n, f, req)                                                    \
	{                                                                      \
		.name = (n), .kind = JIT_TEXT, .required = (req),              \
		.offset = offsetof(st, f), .check = is_pattern,                \
		.expect = "a pattern (jit-policy(5), PATTERNS)"                \
	}
#define SECONDS(st, n, f, req)                                                 \
	{                                                                      \
		.name = (n), .kind = JIT_DURATION, .required = (req),          \
		.offset = offsetof(st, f)                                      \
	}
#define LAST                                                                   \
	{                                                                      \
		.name = NULL                                                   \
	}

static const struct jit_member quorum_shape[] = {
	LABEL(struct jit_quorum, "group", group, true),
	{.name = "count",
		.kind = JIT_INT,
		.required = true,
		.offset = offsetof(struct jit_quorum, count),
		.min = 1,
		.max = COUNT_MAX},
	LAST};

static const struct jit_member budget_shape[] = {
	{.name = "grants",
		.kind = JIT_INT,
		.required = true,
		.offset = offsetof(struct jit_budget, grants),
		.min = 1,
		.max = 10000},
	SECONDS(struct jit_budget, "time", time, true),
	SECONDS(struct jit_budget, "per", per, true), LAST};

static const struct jit_member review_shape[] = {
	LABEL(struct jit_review, "group", group, true),
	SECONDS(struct jit_review, "within", within, true), LAST};

#define PART(n)                                                                \
	{                                                                      \
		.name = #n, .kind = JIT_TEXT, .required = true,                \
		.offset = offsetof(struct jit_hours, n)                        \
	}

static const struct jit_member hours_shape[] = {PART(days), PART(from),
	PART(until), PART(zone), LAST};

static const struct jit_member limits_shape[] = {
	SECONDS(struct jit_limits, "skew", skew, false),
	SECONDS(struct jit_limits, "pending", pending, false),
	SECONDS(struct jit_limits, "use_by", use_by, false),
	SECONDS(struct jit_limits, "stale", stale, false),
	{.name = "reason",
		.kind = JIT_INT,
		.offset = offsetof(struct jit_limits, reason),
		.min = 1,
		.max = 500},
	SECONDS(struct jit_limits, "late", late, false), LAST};

static const struct jit_member issuing_shape[] = {
	{.name = "by",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct jit_issuing, by),
		.check = jit_name_principal,
		.expect = "a principal"},
	{.name = "resources",
		.kind = JIT_TEXTS,
		.required = true,
		.offset = offsetof(struct jit_issuing, resources),
		.min = 1,
		.check = is_pattern,
		.expect = "a pattern (jit-policy(5), PATTERNS)"},
	{.name = "ca",
		.kind = JIT_TEXTS,
		.offset = offsetof(struct jit_issuing, ca),
		.check = jit_name_fingerprint,
		.expect = "a fingerprint: SHA256:..."},
	{.name = "recorder",
		.kind = JIT_TEXT,
		.offset = offsetof(struct jit_issuing, recorder),
		.check = is_plain_path,
		.expect = "an absolute path of letters, digits and /._-"},
	LAST};

static const struct jit_member rule_shape[] = {
	LABEL(struct jit_rule, "id", id, true),
	{.name = "deny",
		.kind = JIT_FLAG,
		.offset = offsetof(struct jit_rule, deny)},
	{.name = "why",
		.kind = JIT_TEXT,
		.offset = offsetof(struct jit_rule, why),
		.check = jit_name_reason,
		.expect = "1 to 500 bytes of text"},
	{.name = "who",
		.kind = JIT_TEXTS,
		.offset = offsetof(struct jit_rule, who),
		.check = jit_name_label,
		.expect = "a group's name"},
	GLOB(struct jit_rule, "resource", resource, true),
	{.name = "roles",
		.kind = JIT_TEXTS,
		.offset = offsetof(struct jit_rule, roles),
		.check = jit_name_label,
		.expect = "a role's name"},
	SECONDS(struct jit_rule, "max", max, false),
	GLOB(struct jit_rule, "task", task, false),
	{.name = "approve",
		.kind = JIT_ROWS,
		.offset = offsetof(struct jit_rule, approve),
		.max = JIT_POLICY_APPROVE,
		.inner = quorum_shape,
		.size = sizeof(struct jit_quorum)},
	{.name = "key",
		.kind = JIT_TEXT,
		.offset = offsetof(struct jit_rule, key),
		.check = is_sk,
		.expect = "\"sk\""},
	{.name = "break_glass",
		.kind = JIT_FLAG,
		.offset = offsetof(struct jit_rule, glass)},
	{.name = "budget",
		.kind = JIT_INNER,
		.offset = offsetof(struct jit_rule, budget),
		.inner = budget_shape,
		.size = sizeof(struct jit_budget)},
	{.name = "review",
		.kind = JIT_INNER,
		.offset = offsetof(struct jit_rule, review),
		.inner = review_shape,
		.size = sizeof(struct jit_review)},
	{.name = "when",
		.kind = JIT_INNER,
		.offset = offsetof(struct jit_rule, when),
		.inner = hours_shape,
		.size = sizeof(struct jit_hours)},
	SECONDS(struct jit_rule, "sum", sum, false),
	{.name = "until",
		.kind = JIT_TEXT,
		.offset = offsetof(struct jit_rule, until),
		.check = is_instant,
		.expect = "a date or instant: 2027-01-31"},
	{.name = "actions",
		.kind = JIT_LISTS,
		.offset = offsetof(struct jit_rule, actions),
		.min = 1,
		.max = JIT_ACTIONS_MAX,
		.check = is_word_pattern,
		.expect = "a pattern of a word (jit-policy(5), PATTERNS)"},
	LAST};

static const struct jit_member policy_shape[] = {
	{.name = "groups",
		.kind = JIT_MAP,
		.required = true,
		.offset = offsetof(struct jit_policy, groups),
		.min = 1,
		.max = JIT_POLICY_GROUPS,
		.check = is_pattern,
		.expect = "a principal or a pattern"},
	{.name = "admins",
		.kind = JIT_INNER,
		.required = true,
		.offset = offsetof(struct jit_policy, admins),
		.inner = quorum_shape,
		.size = sizeof(struct jit_quorum)},
	{.name = "issuers",
		.kind = JIT_ROWS,
		.required = true,
		.offset = offsetof(struct jit_policy, issuers),
		.inner = issuing_shape,
		.size = sizeof(struct jit_issuing)},
	{.name = "limits",
		.kind = JIT_INNER,
		.offset = offsetof(struct jit_policy, set),
		.inner = limits_shape,
		.size = sizeof(struct jit_limits)},
	{.name = "rules",
		.kind = JIT_ROWS,
		.required = true,
		.offset = offsetof(struct jit_policy, rules),
		.inner = rule_shape,
		.size = sizeof(struct jit_rule)},
	LAST};

static const struct jit_rule *
rule_at(const struct jit_policy *p, size_t i)
{
	return (const struct jit_rule *)p->rules.at + i;
}

/* They are in the order of their names. */
const struct jit_named *
jit_policy_group(const struct jit_policy *p, const char *name)
{
	size_t lo = 0, hi = p->groups.count, mid;
	int order;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		order = strcmp(p->groups.at[mid].name, name);
		if (order == 0)
			return &p->groups.at[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static int
want_group(const struct jit_policy *p, const char *name, const char *place,
	struct jit_error *err)
{
	if (jit_policy_group(p, name))
		return 0;
	return jit_fail(err, JIT_USAGE, "policy: %s: there is no group '%s'",
		place, name);
}

static int
check_approve(const struct jit_policy *p, const struct jit_rule *r,
	struct jit_error *err)
{
	const struct jit_quorum *q = r->approve.at;
	size_t i, j;
	int rc;

	for (i = 0; i < r->approve.count; i++) {
		rc = want_group(p, q[i].group, r->id, err);
		if (rc)
			return rc;
		for (j = 0; j < i; j++)
			if (strcmp(q[i].group, q[j].group) == 0)
				return jit_fail(err, JIT_USAGE,
					"policy: rule '%s': 'approve' names "
					"group '%s' twice",
					r->id, q[i].group);
	}
	return 0;
}

static int
check_deny(const struct jit_rule *r, struct jit_error *err)
{
	if (!r->why)
		return jit_fail(err, JIT_USAGE,
			"policy: rule '%s': a deny says 'why'", r->id);
	if (r->max || r->task || r->approve.count || r->key || r->budget ||
		r->review || r->when || r->glass || r->sum || r->actions.count)
		return jit_fail(err, JIT_USAGE,
			"policy: rule '%s': a deny has only who, resource, "
			"roles, until and why",
			r->id);
	return 0;
}

/* Break-glass has a review in place of votes. */
static int
check_glass(const struct jit_policy *p, const struct jit_rule *r,
	struct jit_error *err)
{
	if (!r->review)
		return jit_fail(err, JIT_USAGE,
			"policy: rule '%s': break-glass owes a 'review'",
			r->id);
	if (r->approve.count || r->key)
		return jit_fail(err, JIT_USAGE,
			"policy: rule '%s': break-glass has no approve and "
			"no key",
			r->id);
	return want_group(p, r->review->group, r->id, err);
}

/* Who votes: somebody, or within a budget nobody. */
static int
check_votes(const struct jit_policy *p, const struct jit_rule *r,
	struct jit_error *err)
{
	if (r->glass)
		return check_glass(p, r, err);
	if (r->review)
		return jit_fail(err, JIT_USAGE,
			"policy: rule '%s': a 'review' belongs to break-glass",
			r->id);
	if (r->approve.count == 0 && !r->budget)
		return jit_fail(err, JIT_USAGE,
			"policy: rule '%s': 'approve' must name a group, or a "
			"'budget' bound what nobody approves",
			r->id);
	if (r->approve.count == 0 && r->key)
		return jit_fail(err, JIT_USAGE,
			"policy: rule '%s': 'key' is for votes, and none is "
			"asked",
			r->id);
	return check_approve(p, r, err);
}

/* What a table alone cannot read. */
static int
read_times(struct jit_rule *r, struct jit_error *err)
{
	int rc = 0;

	if (r->when)
		rc = jit_when_hours_read(&r->hours, r->when->days,
			r->when->from, r->when->until, r->when->zone, err);
	if (rc)
		return jit_within(err, rc, "policy: rule '%s': when", r->id);
	if (r->deny)
		return 0;
	if (!r->sum)
		r->sum = 2 * r->max;
	if (r->sum < r->max)
		return jit_fail(err, JIT_USAGE,
			"policy: rule '%s': 'sum' is less than 'max'", r->id);
	return 0;
}

/* Each action begins with a program, by its path. */
static int
check_actions(const struct jit_rule *r, struct jit_error *err)
{
	size_t i;

	for (i = 0; i < r->actions.count; i++)
		if (r->actions.at[i].count == 0 ||
			!jit_name_program(r->actions.at[i].at[0]))
			return jit_fail(err, JIT_USAGE,
				"policy: rule '%s': an action begins with an "
				"absolute path",
				r->id);
	return 0;
}

static int
check_allow(const struct jit_policy *p, const struct jit_rule *r,
	struct jit_error *err)
{
	const char *missing = NULL;

	if (r->who.count == 0)
		missing = "who";
	else if (r->roles.count == 0)
		missing = "roles";
	else if (r->max == 0)
		missing = "max";
	if (missing)
		return jit_fail(err, JIT_USAGE,
			"policy: rule '%s': '%s' is missing", r->id, missing);
	if (r->why)
		return jit_fail(err, JIT_USAGE,
			"policy: rule '%s': 'why' belongs to a deny", r->id);
	if (check_actions(r, err) != 0)
		return JIT_USAGE;
	return check_votes(p, r, err);
}

static int
check_rule(const struct jit_policy *p, size_t at, struct jit_error *err)
{
	const struct jit_rule *r = rule_at(p, at);
	size_t i;
	int rc;

	for (i = 0; i < at; i++)
		if (strcmp(rule_at(p, i)->id, r->id) == 0)
			return jit_fail(err, JIT_USAGE,
				"policy: there are two rules '%s'", r->id);
	for (i = 0; i < r->who.count; i++) {
		rc = want_group(p, r->who.at[i], r->id, err);
		if (rc)
			return rc;
	}
	rc = r->deny ? check_deny(r, err) : check_allow(p, r, err);
	return rc ? rc : read_times((struct jit_rule *)p->rules.at + at, err);
}

/*
 * A pattern is tried on every person, a principal is looked up: patterns are
 * few, so that a policy of 1 MiB takes seconds to check and not hours.
 */
static int
check_wild(const struct jit_policy *p, struct jit_error *err)
{
	const struct jit_texts *texts;
	size_t i, j, wild = 0;

	for (i = 0; i < p->groups.count; i++) {
		texts = &p->groups.at[i].texts;
		for (j = 0; j < texts->count; j++)
			wild += jit_pattern_wild(texts->at[j]);
	}
	if (wild <= WILD_MAX)
		return 0;
	return jit_fail(err, JIT_USAGE,
		"policy: groups: %zu patterns, at most %d are allowed: name "
		"the principals",
		wild, WILD_MAX);
}

static int
check_whole(const struct jit_policy *p, struct jit_error *err)
{
	size_t i;
	int rc;

	if (p->limits.skew > SKEW_MAX)
		return jit_fail(err, JIT_USAGE,
			"policy: limits.skew: at most 1h");
	if (p->limits.late > LATE_MAX)
		return jit_fail(err, JIT_USAGE,
			"policy: limits.late: at most 90d");
	rc = check_wild(p, err);
	if (rc == 0)
		rc = want_group(p, p->admins->group, "admins", err);
	for (i = 0; rc == 0 && i < p->rules.count; i++)
		rc = check_rule(p, i, err);
	return rc;
}

/* A change is asked like access, and the admins' quorum gives it. */
static void
fill_change(struct jit_policy *p)
{
	p->change.id = "admins";
	p->change.resource = "ledger:*";
	p->change.approve.at = (void *)(uintptr_t)p->admins;
	p->change.approve.count = 1;
	p->change.max = JIT_WHEN_MAX;
	p->change.sum = JIT_WHEN_MAX;
	p->change.ends = INT64_MAX;
}

static void
fill_limits(struct jit_policy *p)
{
	if (p->set)
		p->limits = *p->set;
	if (!p->limits.skew)
		p->limits.skew = JIT_POLICY_SKEW;
	if (!p->limits.pending)
		p->limits.pending = JIT_POLICY_PENDING;
	if (!p->limits.use_by)
		p->limits.use_by = JIT_POLICY_USE_BY;
	if (!p->limits.stale)
		p->limits.stale = JIT_POLICY_STALE;
	if (!p->limits.reason)
		p->limits.reason = JIT_POLICY_REASON;
	if (!p->limits.late)
		p->limits.late = JIT_POLICY_LATE;
}

int
jit_policy_read(struct jit_policy *out, const struct jit_json *json,
	struct jit_error *err)
{
	struct jit_policy p = {0};
	int rc;

	p.json = jit_json_keep(json);
	rc = jit_shape_read(&p, &p.mem, policy_shape, json, "policy", err);
	if (rc == 0) {
		fill_limits(&p);
		fill_change(&p);
		rc = check_whole(&p, err);
	}
	if (rc) {
		jit_policy_free(&p);
		return rc;
	}
	*out = p; /* transferred */
	return 0;
}

void
jit_policy_free(struct jit_policy *p)
{
	jit_json_free(p->json);
	jit_arena_free(&p->mem);
	memset(p, 0, sizeof(*p));
}

int
jit_policy_date(struct jit_policy *p, int64_t at, struct jit_error *err)
{
	struct jit_rule *r = p->rules.at;
	size_t i;

	for (i = 0; i < p->rules.count; i++) {
		/* What nobody bounds goes on denying, and ends giving. */
		r[i].ends = r[i].deny ? INT64_MAX : at + JIT_POLICY_YEAR;
		if (!r[i].until)
			continue;
		if (jit_when_instant(&r[i].ends, r[i].until, err))
			return JIT_USAGE;
		if (r[i].ends <= at || r[i].ends > at + JIT_POLICY_YEAR)
			return jit_fail(err, JIT_USAGE,
				"policy: rule '%s': until %s must be within "
				"the coming year",
				r[i].id, r[i].until);
	}
	return 0;
}
