/* SPDX-License-Identifier: ISC */
#include "screen.h"

#include <string.h>

#include "screen_change.h"
#include "span.h"
#include "tty.h"
#include "when.h"
#include "words.h"

#define LABEL 11 /* columns before a row's text */

/* A screen that is being filled. */
struct screen {
	struct jit_buf *out;
	const struct jit_state *s;
	const struct jit_grant *g;
	const struct jit_standing *st;
	int64_t now;
	int columns;
	struct jit_buf text; /* of the row */
};

void
screen_missing(struct jit_buf *out, const struct jit_standing *st)
{
	const struct jit_tally *t;
	bool any = false;
	size_t i;

	for (i = 0; i < st->tallies; i++) {
		t = &st->tally[i];
		if (t->have >= t->need)
			continue;
		jit_buf_fmt(out, "%s%lld of %s", any ? " and " : "",
			(long long)(t->need - t->have), t->group);
		any = true;
	}
	if (!any)
		jit_buf_str(out, "nothing");
}

/* The row's label, its text wrapped beside it; the text is used up. */
static void
row(struct screen *x, const char *label)
{
	jit_buf_fmt(x->out, "  %-*s", LABEL - 2, label);
	tty_wrap(x->out, jit_buf_text(&x->text), LABEL, x->columns);
	jit_buf_reset(&x->text);
}

static void
show_who(struct screen *x)
{
	const struct jit_enrolment *who = jit_state_person(x->s, x->g->by);

	jit_buf_fmt(&x->text, "%s (%s", x->g->by,
		who ? jit_class_name(who->class) : "enrolled no more");
	if (who && who->sponsor)
		jit_buf_fmt(&x->text, ", sponsored by %s", who->sponsor);
	jit_buf_str(&x->text, ")");
	row(x, "who");
}

/* What is live already, and how long it would be all together. */
static void
show_extended(struct screen *x)
{
	const struct jit_grant *p = jit_state_grant(x->s, x->g->extends);
	char stamp[JIT_STAMP];

	jit_buf_str(&x->text, x->g->extends);
	if (!p || p->stage != JIT_ACTIVE || x->now >= p->until) {
		jit_buf_str(&x->text, ", which is over: this cannot be issued");
		row(x, "extends");
		return;
	}
	jit_when_stamp(stamp, p->until + x->st->duration);
	jit_buf_str(&x->text, ", live for ");
	span_spell(&x->text, p->until - x->now);
	jit_buf_fmt(&x->text, " more; then until %s, in all ", stamp);
	jit_when_spell(&x->text, p->total + x->st->duration);
	jit_buf_str(&x->text, " of at most ");
	jit_when_spell(&x->text, x->st->rule->sum);
	row(x, "extends");
}

/* One a row, word by word as it would be executed. */
static void
show_actions(struct screen *x)
{
	const struct jit_lists *list = &x->g->actions;
	size_t i;

	for (i = 0; i < list->count; i++) {
		jit_words_put(&x->text, &list->at[i]);
		if (!(x->st->actions >> i & 1))
			jit_buf_str(&x->text, " (a vote leaves it out)");
		row(x, i ? "" : "actions");
	}
}

static void
show_request(struct screen *x)
{
	char stamp[JIT_STAMP];

	show_who(x);
	jit_buf_fmt(&x->text, "%s on %s", x->g->role, x->g->resource);
	row(x, "what");
	show_actions(x);
	jit_buf_fmt(&x->text, "%s: %s", x->g->task, x->g->reason);
	row(x, "why");
	if (!x->g->change) {
		jit_when_spell(&x->text, x->g->duration);
		jit_buf_str(&x->text, " of at most ");
		jit_when_spell(&x->text, x->st->rule->max);
		row(x, "how long");
	}
	if (x->g->extends[0])
		show_extended(x);
	jit_when_stamp(stamp, x->g->at);
	span_spell(&x->text, x->now - x->g->at);
	jit_buf_fmt(&x->text, " ago from %s, at %s", x->g->source, stamp);
	row(x, "asked");
}

static void
put_list(struct jit_buf *out, const struct jit_texts *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		jit_buf_fmt(out, "%s%s", i ? ", " : "", list->at[i]);
}

/* ", actions like /usr/bin/systemctl restart *; /usr/bin/id" */
static void
put_actions(struct jit_buf *out, const struct jit_lists *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		jit_buf_str(out, i ? "; " : ", actions like ");
		jit_words_put(out, &list->at[i]);
	}
}

void
screen_rule(struct jit_buf *out, const struct jit_rule *rule, bool change)
{
	jit_buf_fmt(out, "%s: ", rule->id);
	if (change) {
		jit_buf_str(out, "a change is approved by ");
		jit_policy_spell(out, rule);
		return;
	}
	put_list(out, &rule->who);
	jit_buf_str(out, " may be ");
	put_list(out, &rule->roles);
	jit_buf_fmt(out, " on %s for at most ", rule->resource);
	jit_when_spell(out, rule->max);
	if (rule->task)
		jit_buf_fmt(out, ", task like %s", rule->task);
	put_actions(out, &rule->actions);
	jit_buf_str(out, ", approved by ");
	jit_policy_spell(out, rule);
	if (rule->key)
		jit_buf_str(out, ", each with a security key");
}

static void
show_rule(struct screen *x)
{
	screen_rule(&x->text, x->st->rule, x->g->change != NULL);
	row(x, "rule");
}

static void
show_vote(struct screen *x, const struct jit_vote *v, const char *label)
{
	jit_buf_fmt(&x->text, "%s as %s, ", v->by, v->as);
	span_spell(&x->text, x->now - v->at);
	jit_buf_str(&x->text, " ago");
	if (v->duration) {
		jit_buf_str(&x->text, ", for ");
		jit_when_spell(&x->text, v->duration);
	}
	if (v->actions.count)
		jit_buf_fmt(&x->text, ", %zu of %zu actions", v->actions.count,
			x->g->actions.count);
	if (!jit_standing_counts(x->s, x->g, x->st->rule, v, x->now))
		jit_buf_str(&x->text, " (counts no more)");
	row(x, label);
}

static void
show_votes(struct screen *x)
{
	const struct jit_vote *v = x->g->votes;

	if (!v) {
		jit_buf_str(&x->text, "none so far");
		row(x, "votes");
	}
	for (; v; v = v->next)
		show_vote(x, v, v == x->g->votes ? "votes" : "");
	screen_missing(&x->text, x->st);
	row(x, "missing");
}

static void
show_end(struct screen *x)
{
	char stamp[JIT_STAMP];

	jit_when_stamp(stamp, x->st->lapses);
	if (x->now < x->st->lapses) {
		jit_buf_str(&x->text, "in ");
		span_spell(&x->text, x->st->lapses - x->now);
		jit_buf_str(&x->text, ", ");
	}
	jit_buf_fmt(&x->text, "at %s", stamp);
	row(x, "lapses");
}

/* A row for each line. */
static void
show_lines(struct screen *x, const char *label, const char *lines)
{
	size_t n;

	for (; *lines; lines += n + (lines[n] == '\n')) {
		n = strcspn(lines, "\n");
		jit_buf_put(&x->text, lines, n);
		row(x, label);
		label = "";
	}
}

static int
show_change(struct screen *x, struct jit_error *err)
{
	struct jit_buf lines = {0};
	int rc;

	if (!x->g->change)
		return 0;
	rc = screen_change(&lines, x->s, x->g, err);
	if (rc == 0) {
		jit_buf_str(x->out, "\n");
		show_lines(x, "change", jit_buf_text(&lines));
	}
	jit_buf_free(&lines);
	return rc;
}

int
screen_grant(struct jit_buf *out, const struct jit_state *s,
	const struct jit_grant *g, const char *facts, int64_t now, int columns,
	struct jit_error *err)
{
	struct jit_standing st;
	struct screen x = {.out = out,
		.s = s,
		.g = g,
		.st = &st,
		.now = now,
		.columns = columns};
	int rc;

	rc = jit_standing_of(&st, s, g, now, err);
	if (rc)
		return rc;
	jit_buf_fmt(out, "request %s\n\n", g->id);
	show_request(&x);
	rc = show_change(&x, err);
	if (rc)
		return rc;
	jit_buf_str(out, "\n");
	show_rule(&x);
	show_votes(&x);
	show_end(&x);
	jit_buf_str(out, "\n");
	show_lines(&x, "history", facts);
	jit_buf_str(out, "\n");
	rc = jit_buf_failed(&x.text, err);
	jit_buf_free(&x.text);
	return rc ? rc : jit_buf_failed(out, err);
}
