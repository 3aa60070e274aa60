/* SPDX-License-Identifier: ISC */
/* jit-policy diff: who gains and who loses what by a new policy. */
#include <stdlib.h>
#include <string.h>

#include "policy_word.h"
#include "words.h"

/* What somebody may have by a rule, in words. */
struct line {
	char *key;   /* "alice@ex.com root on ssh:web-*" */
	char *terms; /* "web-root: 1h, 1 of dba" */
	size_t rank; /* in which order they were found */
};

/* All of one policy: in the order of their keys, each once. */
struct lines {
	struct line *at;
	size_t count, cap;
};

struct side {
	const struct jit_state *s;
	struct lines lines;
};

struct diff {
	const struct cli *cli;
	bool people; /* those of a ledger; else groups */
	struct side old, new;
};

static void
free_lines(struct lines *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		free(l->at[i].key);
		free(l->at[i].terms);
	}
	free(l->at);
}

/* Add one; both texts are used up. */
static int
add(struct lines *l, struct jit_buf *key, struct jit_buf *terms,
	struct jit_error *err)
{
	size_t cap = l->cap ? 2 * l->cap : 64;
	struct line *grown, next = {0};
	int rc = jit_buf_failed(key, err);

	if (rc == 0)
		rc = jit_buf_failed(terms, err);
	if (rc)
		goto out;
	if (l->count == l->cap) {
		grown = realloc(l->at, cap * sizeof(*grown));
		if (!grown) {
			rc = jit_nomem(err);
			goto out;
		}
		l->at = grown;
		l->cap = cap;
	}
	next.key = strdup(jit_buf_text(key));
	next.terms = strdup(jit_buf_text(terms));
	next.rank = l->count;
	l->at[l->count++] = next; /* transferred */
	if (!next.key || !next.terms)
		rc = jit_nomem(err);
out:
	jit_buf_reset(key);
	jit_buf_reset(terms);
	return rc;
}

/* "web-root: 1h, 1 of dba" */
static void
put_terms(struct jit_buf *out, const struct jit_rule *r)
{
	size_t i;

	jit_buf_fmt(out, "%s: ", r->id);
	if (r->deny) {
		jit_buf_str(out, r->why);
		return;
	}
	jit_when_spell(out, r->max);
	jit_buf_str(out, ", ");
	if (r->glass) {
		jit_buf_fmt(out, "review by %s within ", r->review->group);
		jit_when_spell(out, r->review->within);
	} else {
		jit_policy_spell(out, r);
	}
	if (r->key)
		jit_buf_str(out, ", security key");
	if (r->task)
		jit_buf_fmt(out, ", task %s", r->task);
	for (i = 0; i < r->actions.count; i++) {
		jit_buf_str(out, i ? "; " : ", actions ");
		jit_words_put(out, &r->actions.at[i]);
	}
	if (r->budget) {
		jit_buf_fmt(out, ", %lld grants and ",
			(long long)r->budget->grants);
		jit_when_spell(out, r->budget->time);
		jit_buf_str(out, " in ");
		jit_when_spell(out, r->budget->per);
	}
	if (r->when)
		jit_buf_fmt(out, ", %s %s-%s %s", r->when->days, r->when->from,
			r->when->until, r->when->zone);
}

/*
 * A budget that is spent, another glass, some actions: such rules stand
 * beside others.
 */
static void
put_key(struct jit_buf *out, const char *who, const char *role,
	const struct jit_rule *r)
{
	jit_buf_fmt(out, "%s %s%s on %s", who, r->deny ? "denied " : "", role,
		r->resource);
	if (r->glass)
		jit_buf_str(out, " by break-glass");
	if (r->budget && r->approve.count == 0)
		jit_buf_str(out, " without a vote");
	if (r->actions.count)
		jit_buf_fmt(out, " for some actions (%s)", r->id);
}

static int
add_rule(struct lines *l, const char *who, const struct jit_rule *r,
	struct jit_error *err)
{
	static const char *any[] = {"*"};
	const struct jit_texts all = {.count = 1, .at = any};
	const struct jit_texts *roles = r->roles.count ? &r->roles : &all;
	struct jit_buf key = {0}, terms = {0};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < roles->count; i++) {
		put_key(&key, who, roles->at[i], r);
		put_terms(&terms, r);
		rc = add(l, &key, &terms, err);
	}
	jit_buf_free(&key);
	jit_buf_free(&terms);
	return rc;
}

static bool
names(const struct jit_policy *p, const struct jit_rule *r, const char *who,
	bool people)
{
	size_t i;

	for (i = 0; i < r->who.count; i++)
		if (people ? jit_policy_member(p, r->who.at[i], who)
			   : strcmp(r->who.at[i], who) == 0)
			return true;
	return false;
}

static int
add_rules(struct side *side, const char *who, bool people,
	struct jit_error *err)
{
	const struct jit_policy *p = &side->s->policy;
	const struct jit_rule *r = p->rules.at;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < p->rules.count; i++)
		if (names(p, &r[i], who, people))
			rc = add_rule(&side->lines, who, &r[i], err);
	return rc;
}

static int
add_member(struct lines *l, const char *who, const char *group,
	struct jit_error *err)
{
	struct jit_buf key = {0}, terms = {0};
	int rc;

	jit_buf_fmt(&key, "%s in group %s", who, group);
	rc = add(l, &key, &terms, err);
	jit_buf_free(&key);
	jit_buf_free(&terms);
	return rc;
}

/* Each person: the groups he is in, and what he may have. */
static int
add_people(struct side *side, struct jit_error *err)
{
	const struct jit_state *s = side->s;
	const struct jit_named *g = s->policy.groups.at;
	const char *who;
	size_t i, j;
	int rc = 0;

	for (i = 0; rc == 0 && i < s->people_count; i++) {
		who = s->people[i].principal;
		for (j = 0; rc == 0 && j < s->policy.groups.count; j++)
			if (jit_policy_member(&s->policy, g[j].name, who))
				rc = add_member(&side->lines, who, g[j].name,
					err);
		if (rc == 0)
			rc = add_rules(side, who, true, err);
	}
	return rc;
}

static int
add_groups(struct side *side, struct jit_error *err)
{
	const struct jit_policy *p = &side->s->policy;
	const struct jit_named *g = p->groups.at;
	size_t i, j;
	int rc = 0;

	for (i = 0; rc == 0 && i < p->groups.count; i++) {
		for (j = 0; rc == 0 && j < g[i].texts.count; j++)
			rc = add_member(&side->lines, g[i].texts.at[j],
				g[i].name, err);
		if (rc == 0)
			rc = add_rules(side, g[i].name, false, err);
	}
	return rc;
}

static void
put_texts(struct jit_buf *out, const struct jit_texts *texts)
{
	size_t i;

	for (i = 0; i < texts->count; i++)
		jit_buf_fmt(out, "%s%s", i ? ", " : "", texts->at[i]);
}

/* Who may issue what, by which CA, and what is forced upon a login. */
static int
add_issuers(struct side *side, struct jit_error *err)
{
	const struct jit_policy *p = &side->s->policy;
	const struct jit_issuing *e = p->issuers.at;
	struct jit_buf key = {0}, terms = {0};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < p->issuers.count; i++) {
		jit_buf_fmt(&key, "%s issues ", e[i].by);
		put_texts(&key, &e[i].resources);
		jit_buf_str(&terms, e[i].ca.count ? "ca " : "no ca");
		put_texts(&terms, &e[i].ca);
		jit_buf_fmt(&terms, ", %s%s",
			e[i].recorder ? "recorder " : "no recorder",
			e[i].recorder ? e[i].recorder : "");
		rc = add(&side->lines, &key, &terms, err);
	}
	jit_buf_free(&key);
	jit_buf_free(&terms);
	return rc;
}

/* What is about nobody in particular. */
static int
add_common(struct side *side, struct jit_error *err)
{
	const struct jit_policy *p = &side->s->policy;
	const struct jit_rule *r = p->rules.at;
	struct jit_buf key = {0}, terms = {0};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < p->rules.count; i++)
		if (r[i].deny && r[i].who.count == 0)
			rc = add_rule(&side->lines, "everybody", &r[i], err);
	jit_buf_str(&key, "change of policy");
	jit_buf_fmt(&terms, "%lld of %s", (long long)p->admins->count,
		p->admins->group);
	if (rc == 0)
		rc = add(&side->lines, &key, &terms, err);
	jit_buf_str(&key, "limits");
	jit_buf_str(&terms, "skew ");
	jit_when_spell(&terms, p->limits.skew);
	jit_buf_str(&terms, ", pending ");
	jit_when_spell(&terms, p->limits.pending);
	jit_buf_str(&terms, ", use_by ");
	jit_when_spell(&terms, p->limits.use_by);
	jit_buf_str(&terms, ", stale ");
	jit_when_spell(&terms, p->limits.stale);
	jit_buf_fmt(&terms, ", reason %lld", (long long)p->limits.reason);
	if (rc == 0)
		rc = add(&side->lines, &key, &terms, err);
	jit_buf_free(&key);
	jit_buf_free(&terms);
	return rc;
}

static int
by_key(const void *a, const void *b)
{
	const struct line *l = a, *m = b;
	int order = strcmp(l->key, m->key);

	return order ? order : (l->rank > m->rank) - (l->rank < m->rank);
}

/* In the order of their keys; of one key the first counts, as of rules. */
static void
sort(struct lines *l)
{
	size_t i, n = 0;

	if (l->count == 0)
		return;
	qsort(l->at, l->count, sizeof(*l->at), by_key);
	for (i = 1; i < l->count; i++) {
		if (strcmp(l->at[n].key, l->at[i].key) != 0) {
			l->at[++n] = l->at[i];
			continue;
		}
		free(l->at[i].key);
		free(l->at[i].terms);
	}
	l->count = n + 1;
}

static int
list(struct side *side, bool people, struct jit_error *err)
{
	int rc = people ? add_people(side, err) : add_groups(side, err);

	if (rc == 0)
		rc = add_issuers(side, err);
	if (rc == 0)
		rc = add_common(side, err);
	if (rc == 0)
		sort(&side->lines);
	return rc;
}

/* One difference; either is NULL where there is none. */
static int
print(const struct diff *x, const struct line *old, const struct line *new,
	struct jit_error *err)
{
	const struct line *any = new ? new : old;
	struct jit_json *o;
	bool good;

	if (!any)
		return 0;
	if (!x->cli->json) {
		cli_out("%c ", !old ? '+' : !new ? '-' : '~');
		cli_out_text(any->key);
		if (any->terms[0])
			cli_out(" (");
		if (old && new) {
			cli_out_text(old->terms);
			cli_out(" -> ");
		}
		cli_out_text(any->terms);
		cli_out(any->terms[0] ? ")\n" : "\n");
		return 0;
	}
	o = jit_json_object();
	good = jit_json_set_text(o, "change",
		       !old           ? "gains"
			       : !new ? "loses"
				      : "changes") &&
		jit_json_set_text(o, "what", any->key);
	if (good && old)
		good = jit_json_set_text(o, "old", old->terms);
	if (good && new)
		good = jit_json_set_text(o, "new", new->terms);
	if (good)
		cli_out_json(o);
	jit_json_free(o);
	return good ? 0 : jit_nomem(err);
}

/* Both are in order: go through them side by side. */
static int
compare(const struct diff *x, size_t *shown, struct jit_error *err)
{
	const struct lines *a = &x->old.lines, *b = &x->new.lines;
	const struct line *old, *new;
	size_t i = 0, j = 0;
	int order, rc = 0;

	while (rc == 0 && (i < a->count || j < b->count)) {
		old = i < a->count ? &a->at[i] : NULL;
		new = j < b->count ? &b->at[j] : NULL;
		order = !old ? 1 : !new ? -1 : strcmp(old->key, new->key);
		old = order <= 0 ? old : NULL;
		new = order >= 0 ? new : NULL;
		i += old != NULL;
		j += new != NULL;
		if (old && new &&strcmp(old->terms, new->terms) == 0)
			continue;
		rc = print(x, old, new, err);
		++*shown;
	}
	return rc;
}

int
policy_diff(struct policy_options *o, struct jit_error *err)
{
	struct policy_source old = {0}, new = {0};
	struct diff x = {.cli = &o->cli};
	struct cli *c = &o->cli;
	size_t shown = 0;
	int rc;

	rc = policy_source_open(&old, c, c->count > 2 ? c->args[1] : NULL,
		c->now, err);
	if (rc == 0)
		rc = policy_source_open(&new, c, c->args[c->count - 1], c->now,
			err);
	x.people = old.enrolled && new.enrolled;
	x.old.s = old.state;
	x.new.s = new.state;
	if (rc == 0)
		rc = list(&x.old, x.people, err);
	if (rc == 0)
		rc = list(&x.new, x.people, err);
	if (rc == 0)
		rc = compare(&x, &shown, err);
	if (rc == 0 && shown == 0)
		cli_hint(c, "nobody gains or loses anything");
	free_lines(&x.old.lines);
	free_lines(&x.new.lines);
	policy_source_free(&old);
	policy_source_free(&new);
	return rc;
}
