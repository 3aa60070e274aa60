/* SPDX-License-Identifier: ISC */
/* The screen of jit-audit show. */
#include <string.h>

#include "audit.h"
#include "audit_decide.h"
#include "screen.h"
#include "screen_change.h"
#include "tty.h"
#include "when.h"
#include "words.h"

#define LABEL 11 /* columns before a row's text */

struct page {
	const struct cli *cli;
	const struct jit_past *past;
	const struct audit_decision *d;
	const struct jit_event *request;
	int columns;
	struct jit_buf text; /* of the row */
};

/* The row's label, its text wrapped beside it; the text is used up. */
static void
row(struct page *x, const char *label)
{
	struct jit_buf lines = {0};

	tty_wrap(&lines, jit_buf_text(&x->text), LABEL, x->columns);
	cli_out("  %-*s%s", LABEL - 2, label, jit_buf_text(&lines));
	jit_buf_free(&lines);
	jit_buf_reset(&x->text);
}

static void
put_stamp(struct jit_buf *out, int64_t at)
{
	char stamp[JIT_STAMP];

	jit_when_stamp(stamp, at);
	jit_buf_str(out, stamp);
}

/* One a row, word by word. */
static void
show_actions(struct page *x, const struct jit_lists *list, const char *label)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		jit_words_put(&x->text, &list->at[i]);
		row(x, i ? "" : label);
	}
}

/* What a change would do, as its approver is shown it. */
static void
show_change(struct page *x)
{
	struct jit_buf lines = {0};
	const char *p, *end;

	if (screen_change(&lines, x->past->state, x->d->grant, NULL) != 0)
		jit_buf_reset(&lines);
	for (p = jit_buf_text(&lines); (end = strchr(p, '\n')); p = end + 1) {
		jit_buf_put(&x->text, p, (size_t)(end - p));
		row(x, p == jit_buf_text(&lines) ? "change" : "");
	}
	jit_buf_free(&lines);
}

static void
show_request(struct page *x)
{
	const struct jit_event *ev = x->request;
	const struct jit_enrolment *who =
		jit_state_person(x->past->state, ev->by);

	jit_buf_fmt(&x->text, "%s (%s)", ev->by,
		who ? jit_class_name(who->class) : "enrolled no more");
	row(x, "who");
	jit_buf_fmt(&x->text, "%s on %s%s", ev->role, ev->resource,
		ev->glass ? ", by break-glass" : "");
	row(x, "what");
	show_actions(x, &ev->actions, "actions");
	if (ev->change)
		show_change(x);
	jit_buf_fmt(&x->text, "%s: %s", ev->task, ev->reason);
	row(x, "why");
}

static void
tell_request(struct jit_buf *out, const struct jit_event *ev)
{
	if (ev->duration) {
		jit_buf_str(out, "for ");
		jit_when_spell(out, ev->duration);
		jit_buf_str(out, ", ");
	}
	jit_buf_fmt(out, "from %s", ev->source);
	if (ev->extends)
		jit_buf_fmt(out, ", extends %s", ev->extends);
}

static void
tell_approve(struct jit_buf *out, const struct jit_event *ev)
{
	jit_buf_fmt(out, "%s as %s", ev->by, ev->as);
	if (ev->duration) {
		jit_buf_str(out, ", for ");
		jit_when_spell(out, ev->duration);
	}
	if (ev->actions.count)
		jit_buf_fmt(out, ", %zu actions", ev->actions.count);
	if (ev->note)
		jit_buf_fmt(out, ": %s", ev->note);
}

static void
tell_reason(struct jit_buf *out, const struct jit_event *ev)
{
	jit_buf_str(out, ev->by);
	if (ev->reason)
		jit_buf_fmt(out, ": %s", ev->reason);
}

static void
tell_issue(struct jit_buf *out, const struct jit_event *ev)
{
	jit_buf_str(out, "until ");
	put_stamp(out, ev->until);
	jit_buf_fmt(out, " by %s", ev->by);
	if (ev->credential)
		jit_buf_fmt(out, ", serial %lld, certificate %.12s",
			(long long)ev->credential->serial,
			ev->credential->sha256);
}

static void
tell_end(struct jit_buf *out, const struct jit_event *ev)
{
	jit_buf_fmt(out, "%s, by %s", ev->cause, ev->by);
	if (ev->reason)
		jit_buf_fmt(out, ": %s", ev->reason);
}

static void
tell_use(struct jit_buf *out, const struct jit_event *ev)
{
	jit_buf_fmt(out, "%s on %s, by %s", ev->phase, ev->host, ev->by);
	if (ev->program)
		jit_buf_fmt(out, ": %s", ev->program);
	if (ev->exit.given)
		jit_buf_fmt(out, ", status %lld", (long long)ev->exit.n);
	if (ev->killed)
		jit_buf_fmt(out, ", %lld killed", (long long)ev->killed);
	if (ev->recordings.count)
		jit_buf_str(out, ", recorded");
}

static void
tell_probe(struct jit_buf *out, const struct jit_event *ev)
{
	jit_buf_fmt(out, "%s, by %s", ev->outcome, ev->by);
	if (ev->how)
		jit_buf_fmt(out, ": %s", ev->how);
}

static void
tell_review(struct jit_buf *out, const struct jit_event *ev)
{
	jit_buf_fmt(out, "%s, by %s", ev->verdict, ev->by);
	if (ev->note)
		jit_buf_fmt(out, ": %s", ev->note);
}

static void
tell_change(struct jit_buf *out, const struct jit_event *ev)
{
	jit_buf_fmt(out, "by %s", ev->by);
	if (ev->type == JIT_POLICY)
		jit_buf_fmt(out, ", version %lld",
			(long long)ev->policy_version);
}

/* What is said of each type beside when and which. */
static const struct {
	const char *label;
	void (*tell)(struct jit_buf *out, const struct jit_event *ev);
} types[JIT_EVENT_TYPES] = {
	[JIT_REQUEST] = {"request", tell_request},
	[JIT_APPROVE] = {"approve", tell_approve},
	[JIT_DENY] = {"deny", tell_reason},
	[JIT_WITHDRAW] = {"withdraw", tell_reason},
	[JIT_ISSUE] = {"issue", tell_issue},
	[JIT_END] = {"end", tell_end},
	[JIT_USE] = {"use", tell_use},
	[JIT_PROBE] = {"probe", tell_probe},
	[JIT_REVIEW] = {"review", tell_review},
	[JIT_POLICY] = {"policy", tell_change},
	[JIT_ENROLL] = {"enroll", tell_change},
	[JIT_RETIRE] = {"retire", tell_change},
};

/* Whatever the connector and the hooks said, as it is in the event. */
static void
show_given(struct page *x, const struct jit_event *ev)
{
	const struct jit_hooked *hook = ev->hooks.at;
	size_t i;

	for (i = 0; i < ev->hooks.count; i++) {
		jit_buf_fmt(&x->text, "%s %s %s", hook[i].name, hook[i].verdict,
			hook[i].digest);
		row(x, i ? "" : "hooks");
	}
	if (!ev->connect)
		return;
	jit_json_encode(&x->text, ev->connect, 0);
	row(x, "connect");
}

/* "2026-11-22T06:12:00Z [4] until ...": the event's number in brackets. */
static void
show_event(struct page *x, const struct jit_event *ev)
{
	put_stamp(&x->text, ev->at);
	jit_buf_fmt(&x->text, " [%lld] ", (long long)ev->seq);
	if (types[ev->type].tell)
		types[ev->type].tell(&x->text, ev);
	row(x, types[ev->type].label ? types[ev->type].label : "");
	if (ev->type == JIT_ISSUE)
		show_given(x, ev);
}

static void
show_votes(struct page *x)
{
	const struct jit_vote *v;
	const char *fault;

	for (v = x->d->grant->votes; v; v = v->next) {
		fault = audit_vote_fault(x->past->state, x->d, v);
		jit_buf_fmt(&x->text, "%s as %s ", v->by, v->as);
		if (fault)
			jit_buf_fmt(&x->text, "does not count: %s", fault);
		else
			jit_buf_str(&x->text, "counts");
		if (v == x->d->last)
			jit_buf_fmt(&x->text, ", the last: %s was missing",
				jit_buf_text(&x->d->before));
		row(x, v == x->d->grant->votes ? "votes" : "");
	}
	if (x->d->st.met)
		return;
	screen_missing(&x->text, &x->d->st);
	row(x, "missing");
}

/* In one paragraph; the rule's id says more than the room allows. */
static void
show_ifs(struct page *x)
{
	const struct audit_decision *d = x->d;
	size_t i;

	for (i = 0; i < d->ifs_count; i++)
		jit_buf_fmt(&x->text, "%s%s (%s)", i ? "; " : "",
			jit_buf_text(&d->ifs[i].what), d->ifs[i].no.rule);
	if (d->ifs_count)
		row(x, "refused");
}

static void
show_decision(struct page *x)
{
	const struct jit_past_event *e = x->past->decision;

	cli_out("\n");
	if (e)
		jit_buf_fmt(&x->text, "by event %lld under policy %lld: %s",
			(long long)e->ev.seq,
			(long long)x->past->state->policy_version,
			x->d->code ? "asked again, the judge says otherwise"
				   : "asked again, the judge says the same");
	else
		jit_buf_fmt(&x->text, "not yet; under policy %lld",
			(long long)x->past->state->policy_version);
	row(x, "decided");
	if (!x->d->ruled) {
		jit_buf_fmt(&x->text, "none: %s (%s)", x->d->no.text,
			x->d->no.rule);
		row(x, "rule");
		return;
	}
	screen_rule(&x->text, x->d->st.rule, x->request->change != NULL);
	row(x, "rule");
	show_votes(x);
	show_ifs(x);
}

/* What is open says what it still needs; what is over said so above. */
static void
show_now(const struct page *x)
{
	const struct jit_state *s = jit_ledger_state(x->cli->ledger);
	const struct jit_grant *g = jit_state_grant(s, x->past->id);
	struct jit_standing st = {0};
	struct jit_buf missing = {0};
	struct jit_json *o;
	const char *stage;

	o = g ? cli_grant_json(s, g, x->cli->now) : NULL;
	stage = o ? jit_json_text(jit_json_get(o, "stage")) : NULL;
	cli_out("\nnow %s", stage ? stage : "over");
	if (jit_state_unproven(s, x->past->id))
		cli_out(", unproven");
	if (jit_state_debt(s, x->past->id))
		cli_out(", a review is owed");
	if (g && g->stage == JIT_WAITING &&
		jit_standing_of(&st, s, g, s->at, NULL) == 0 && !st.met) {
		screen_missing(&missing, &st);
		cli_out(", needs %s (rule %s)", jit_buf_text(&missing),
			st.rule->id);
	}
	cli_out("\n");
	jit_buf_free(&missing);
	jit_json_free(o);
}

int
audit_screen(const struct audit *a, const struct jit_past *p,
	const struct audit_decision *d, struct jit_error *err)
{
	struct page x = {.cli = &a->cli,
		.past = p,
		.d = d,
		.request = &p->events[0].ev,
		.columns = tty_columns()};
	size_t i;
	int rc;

	cli_out("grant %s\n", p->id);
	show_request(&x);
	for (i = 0; i < p->count; i++)
		show_event(&x, &p->events[i].ev);
	show_decision(&x);
	show_now(&x);
	rc = jit_buf_failed(&x.text, err);
	jit_buf_free(&x.text);
	return rc;
}
