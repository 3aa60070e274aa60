/* SPDX-License-Identifier: ISC */
/* jit-policy lint: what a policy says that its author cannot have meant. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pattern.h"
#include "policy_reach.h"
#include "policy_unmet.h"
#include "policy_vain.h"
#include "policy_word.h"
#include "span.h"

#define MONTH (30LL * 86400) /* seconds */
#define KINDS 3              /* kinds of resources of one group, at most */

struct lint {
	const struct cli *cli;
	const struct jit_state *s;
	const struct jit_policy *p;
	const struct jit_rule *rule; /* the policy's, in order */
	size_t rules;
	bool enrolled; /* people are those of a ledger */
	size_t found;
	bool failed; /* no memory */
};

static void found(struct lint *x, const char *about, const char *kind,
	const char *fmt, ...) JIT_PRINTF(4, 5);

static void
found(struct lint *x, const char *about, const char *kind, const char *fmt, ...)
{
	struct jit_json *o = NULL;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	x->found++;
	if (!x->cli->json) {
		cli_out("%s: ", about);
		cli_out_text(text);
		cli_out("\n");
		return;
	}
	o = jit_json_object();
	if (jit_json_set_text(o, "about", about) &&
		jit_json_set_text(o, "finding", kind) &&
		jit_json_set_text(o, "text", text))
		cli_out_json(o);
	else
		x->failed = true;
	jit_json_free(o);
}

static void
lint_reach(struct lint *x, size_t at)
{
	const struct jit_rule *r = &x->rule[at], *a;
	size_t i;

	for (i = 0; i < x->rules; i++) {
		a = &x->rule[i];
		if (i == at || (!a->deny && i > at) || r->deny ||
			!policy_hides(x->p, a, r))
			continue;
		found(x, r->id, "unreachable",
			"is never reached: rule '%s' %s all that it covers",
			a->id, a->deny ? "denies" : "decides");
		return;
	}
}

static void
lint_deny(struct lint *x, const struct jit_rule *r)
{
	size_t i;

	if (!r->deny)
		return;
	for (i = 0; i < x->rules; i++)
		if (!x->rule[i].deny && policy_meets(x->p, r, &x->rule[i]))
			return;
	found(x, r->id, "deny-nothing", "denies what no rule gives");
}

static void
lint_budget(struct lint *x, const struct jit_rule *r)
{
	const struct jit_budget *b = r->budget;
	struct jit_buf per = {0};

	if (!b || r->deny || r->glass || r->approve.count)
		return;
	jit_when_spell(&per, b->per);
	if (b->time >= b->per)
		found(x, r->id, "budget",
			"nobody approves it, and its budget's time is no less "
			"than its per of %s: it can be had without a gap",
			jit_buf_text(&per));
	else if (b->grants >= (b->per + r->max - 1) / r->max)
		found(x, r->id, "budget",
			"nobody approves it, and %lld grants of its max fill "
			"its per of %s: they bound nothing",
			(long long)b->grants, jit_buf_text(&per));
	jit_buf_free(&per);
}

static void
lint_end(struct lint *x, const char *about, const char *what, int64_t ends)
{
	int64_t left = ends - x->cli->now;
	struct jit_buf b = {0};

	if (left > MONTH)
		return;
	span_spell(&b, left);
	if (left > 0)
		found(x, about, "ends", "%s ends in %s", what,
			jit_buf_text(&b));
	else
		found(x, about, "ends", "%s has ended", what);
	jit_buf_free(&b);
}

/* Whether some issuer of what a pattern is about forces a recorder there. */
static bool
is_recorded(const struct lint *x, const char *resource)
{
	const struct jit_issuing *e = x->p->issuers.at;
	size_t i, j;

	for (i = 0; i < x->p->issuers.count; i++)
		for (j = 0; e[i].recorder && j < e[i].resources.count; j++)
			if (policy_overlap(e[i].resources.at[j], resource))
				return true;
	return false;
}

/* What nothing keeps to its actions nobody can ask for. */
static void
lint_actions(struct lint *x, const struct jit_rule *r)
{
	if (r->actions.count == 0)
		return;
	if (strncmp(r->resource, "pg:", 3) == 0)
		found(x, r->id, "actions",
			"has actions, and a database keeps nobody to them");
	else if (strncmp(r->resource, "ssh:", 4) == 0 &&
		!is_recorded(x, r->resource))
		found(x, r->id, "actions",
			"has actions, and no issuer of %s has a 'recorder' "
			"that keeps to them",
			r->resource);
}

/* Groups. */

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
is_used(const struct lint *x, const char *group)
{
	const struct jit_quorum *q;
	size_t i, j;

	if (strcmp(x->p->admins->group, group) == 0)
		return true;
	for (i = 0; i < x->rules; i++) {
		q = x->rule[i].approve.at;
		if (has(&x->rule[i].who, group))
			return true;
		if (x->rule[i].review &&
			strcmp(x->rule[i].review->group, group) == 0)
			return true;
		for (j = 0; j < x->rule[i].approve.count; j++)
			if (strcmp(q[j].group, group) == 0)
				return true;
	}
	return false;
}

static bool
is_empty(const struct lint *x, const char *group)
{
	size_t i;

	for (i = 0; i < x->s->people_count; i++)
		if (jit_policy_member(x->p, group, x->s->people[i].principal))
			return false;
	return true;
}

/* How much of a resource's pattern says of which kind it is: "ssh:web". */
static size_t
kind(const char *pattern)
{
	size_t scheme = strcspn(pattern, ":");

	return scheme + strcspn(pattern + scheme, "*?[#-.0123456789");
}

/* What a group alone opens, by kinds; each is counted at its first rule. */
static void
lint_opener(struct lint *x, const char *group)
{
	const char *seen[KINDS + 1] = {0};
	const struct jit_quorum *q;
	size_t i, j, n = 0;

	for (i = 0; i < x->rules && n <= KINDS; i++) {
		q = x->rule[i].approve.at;
		if (x->rule[i].approve.count != 1 ||
			strcmp(q->group, group) != 0)
			continue;
		for (j = 0; j < n; j++)
			if (kind(seen[j]) == kind(x->rule[i].resource) &&
				strncmp(seen[j], x->rule[i].resource,
					kind(seen[j])) == 0)
				break;
		if (j == n)
			seen[n++] = x->rule[i].resource;
	}
	if (n > KINDS)
		found(x, group, "opens-much",
			"this group alone opens more than %d kinds of "
			"resources: %s, %s, %s, %s ...",
			KINDS, seen[0], seen[1], seen[2], seen[3]);
}

static void
lint_members(struct lint *x, const struct jit_named *group)
{
	size_t i;

	for (i = 0; i < group->texts.count; i++)
		if (policy_vain_principal(group->texts.at[i]))
			found(x, group->name, "matches-nothing",
				"its member '%s' is no principal, nor a "
				"pattern of any: write alice@example.com",
				group->texts.at[i]);
}

static void
lint_groups(struct lint *x)
{
	const char *name;
	size_t i;

	for (i = 0; i < x->p->groups.count; i++) {
		name = x->p->groups.at[i].name;
		if (!is_used(x, name))
			found(x, name, "unused", "no rule uses this group");
		if (is_empty(x, name) && x->enrolled)
			found(x, name, "empty",
				"nobody who is enrolled is in this group");
		lint_members(x, &x->p->groups.at[i]);
		lint_opener(x, name);
	}
}

/*
 * Quorums, each alone, so that all that cannot be met are named. Without a
 * ledger only groups without patterns are known to the last man.
 */

static int
lint_quorum(struct lint *x, const char *about, const struct jit_rows *q,
	bool touched, struct jit_error *err)
{
	struct jit_error why = {0};
	int rc = 0;

	if (q->count && (x->enrolled || policy_all_named(x->p, q)))
		rc = policy_unmet(x->s, q, about, touched, &why);
	if (rc == JIT_USAGE)
		found(x, about, "quorum", "%s%s",
			touched ? "with security keys " : "", why.text);
	if (rc == 0 || rc == JIT_USAGE)
		return 0;
	*err = why;
	return rc;
}

static int
lint_quorums(struct lint *x, struct jit_error *err)
{
	struct jit_quorum one = *x->p->admins;
	const struct jit_rows rows = {.count = 1, .at = &one};
	const struct jit_rule *r;
	size_t i;
	int rc;

	rc = lint_quorum(x, "admins", &rows, false, err);
	for (i = 0; rc == 0 && i < x->rules; i++) {
		r = &x->rule[i];
		rc = lint_quorum(x, r->id, &r->approve, r->key && x->enrolled,
			err);
		if (rc || !r->review)
			continue;
		one = (struct jit_quorum){r->review->group, 1};
		rc = lint_quorum(x, r->id, &rows, false, err);
	}
	return rc;
}

static void
lint_resource(struct lint *x, const char *about, const char *resource)
{
	if (policy_vain_resource(resource))
		found(x, about, "matches-nothing",
			"'%s' matches no resource: write it like ssh:web-1 or "
			"ssh:*",
			resource);
}

static void
lint_patterns(struct lint *x)
{
	const struct jit_issuing *issuer = x->p->issuers.at;
	size_t i, j;

	for (i = 0; i < x->rules; i++) {
		lint_resource(x, x->rule[i].id, x->rule[i].resource);
		if (x->rule[i].task && policy_vain_task(x->rule[i].task))
			found(x, x->rule[i].id, "matches-nothing",
				"'%s' matches no task", x->rule[i].task);
	}
	for (i = 0; i < x->p->issuers.count; i++)
		for (j = 0; j < issuer[i].resources.count; j++)
			lint_resource(x, issuer[i].by,
				issuer[i].resources.at[j]);
}

static void
lint_rules(struct lint *x)
{
	const struct jit_rule *r;
	size_t i;

	for (i = 0; i < x->rules; i++) {
		r = &x->rule[i];
		lint_reach(x, i);
		lint_deny(x, r);
		lint_budget(x, r);
		lint_actions(x, r);
		if (!r->deny || r->until)
			lint_end(x, r->id, "it", r->ends);
	}
}

static void
lint_people(struct lint *x)
{
	const struct jit_enrolment *e = x->s->people;
	size_t i;

	for (i = 0; x->enrolled && i < x->s->people_count; i++)
		lint_end(x, e[i].principal, "the enrolment", e[i].until);
}

static int
lint(struct lint *x, struct jit_error *err)
{
	int rc;

	lint_rules(x);
	lint_patterns(x);
	lint_groups(x);
	rc = lint_quorums(x, err);
	lint_people(x);
	if (rc)
		return rc;
	if (x->failed)
		return jit_nomem(err);
	if (x->found == 0)
		return 0;
	return jit_fail(err, JIT_FINDINGS, "%zu finding%s", x->found,
		x->found == 1 ? "" : "s");
}

int
policy_lint(struct policy_options *o, struct jit_error *err)
{
	const char *file = o->cli.count > 1 ? o->cli.args[1] : NULL;
	struct policy_source source = {0};
	struct lint x = {.cli = &o->cli};
	int rc;

	rc = policy_source_open(&source, &o->cli, file, o->cli.now, err);
	if (rc == 0) {
		x.s = source.state;
		x.p = &source.state->policy;
		x.rule = x.p->rules.at;
		x.rules = x.p->rules.count;
		x.enrolled = source.enrolled;
		rc = lint(&x, err);
	}
	if (rc == JIT_FINDINGS && o->cli.quiet)
		err->text[0] = '\0';
	policy_source_free(&source);
	return rc;
}
