/* SPDX-License-Identifier: ISC */
#include "audit_decide.h"

#include <string.h>

#include "policy_foresee.h"
#include "screen.h"
#include "when.h"

#define DAY 86400LL

/* What is asked again, and of what. */
struct asking {
	struct audit_decision *d;
	struct jit_state *s;
	struct jit_grant *g;
	const struct jit_past_event *event; /* that decided; NULL: none yet */
	const struct jit_event *request;
};

const char *
audit_vote_fault(const struct jit_state *s, const struct audit_decision *d,
	const struct jit_vote *v)
{
	const struct jit_enrolment *e = jit_state_person(s, v->by);
	const struct jit_rule *rule = d->st.rule;
	const struct jit_quorum *q;
	size_t i;

	if (!d->ruled)
		return "no rule gives it";
	if (jit_standing_counts(s, d->grant, rule, v, d->at))
		return NULL;
	if (!e || !jit_state_key(s, v->key))
		return "voter or key was retired";
	if (e->class != JIT_PERSON)
		return "only persons vote";
	if (strcmp(v->by, d->grant->by) == 0)
		return "it is the requester's own";
	if (jit_standing_bound(s, v->by, d->grant->by))
		return "sponsor and sponsored";
	if (d->at >= e->until)
		return "the enrolment had ended";
	if (rule->key && !v->sk)
		return "no security key was touched";
	q = rule->approve.at;
	for (i = 0; i < rule->approve.count; i++)
		if (strcmp(q[i].group, v->as) == 0)
			return "not in that group any more";
	return "the rule asks no vote of that group";
}

/* The place for one more, or NULL where there are enough. */
static struct audit_if *
one_more(struct asking *a)
{
	struct audit_decision *d = a->d;

	return d->ifs_count < AUDIT_IFS ? &d->ifs[d->ifs_count] : NULL;
}

/* Keep it if it was refused by a rule; else it is no answer. */
static void
keep_if(struct asking *a, struct audit_if *x, int code)
{
	if (code && x->no.rule[0]) {
		a->d->ifs_count++;
		return;
	}
	jit_buf_reset(&x->what);
	memset(&x->no, 0, sizeof(x->no));
}

/* The counted vote after which nothing was missing. */
static const struct jit_vote *
find_last(struct asking *a)
{
	struct jit_standing st;
	struct jit_vote *v, *rest;
	const struct jit_vote *found = NULL;

	if (!a->d->st.met || a->d->st.rule->approve.count == 0)
		return NULL;
	for (v = a->g->votes; v && !found; v = v->next) {
		rest = v->next;
		v->next = NULL;
		if (jit_standing_of(&st, a->s, a->g, a->d->at, NULL) == 0 &&
			st.met)
			found = v;
		v->next = rest;
	}
	return found;
}

static int
ask(struct asking *a, const struct jit_event *ev, struct jit_error *no)
{
	return jit_judge_ask(a->s, ev, &a->event->proof.key,
		(a->event->proof.flags & JIT_SIGN_PRESENT) != 0, no);
}

/* One vote fewer: the last one, and none after it. */
static void
without_vote(struct asking *a)
{
	struct jit_vote *last, **place, *rest;
	struct audit_if *x = one_more(a);
	struct jit_standing st;
	int code = 0;

	a->d->last = find_last(a);
	if (!a->d->last)
		return;
	place = &a->g->votes;
	while (*place != a->d->last)
		place = &(*place)->next;
	last = *place;
	rest = last->next;
	*place = NULL;
	if (jit_standing_of(&st, a->s, a->g, a->d->at, NULL) == 0)
		screen_missing(&a->d->before, &st);
	if (x && a->event) {
		jit_buf_fmt(&x->what, "without the vote of %s", last->by);
		code = ask(a, &a->event->ev, &x->no);
	}
	*place = last;
	last->next = rest;
	if (x)
		keep_if(a, x, code);
}

/* The moment it lapses: the same event, and nothing else of it. */
static void
too_late(struct asking *a)
{
	struct audit_if *x = one_more(a);
	char stamp[JIT_STAMP];
	struct jit_event ev;

	if (!x || !a->event || !a->d->st.met)
		return;
	ev = a->event->ev;
	ev.at = a->d->st.lapses;
	ev.until += ev.at - ev.from;
	ev.from = ev.at;
	jit_when_stamp(stamp, ev.at);
	jit_buf_fmt(&x->what, "%s at %s", jit_event_name(ev.type), stamp);
	keep_if(a, x, ask(a, &ev, &x->no));
}

/* A second more than what was left of it; in words that people read. */
static void
too_long(struct asking *a)
{
	struct audit_if *x = one_more(a);
	struct jit_event ev;
	int code;

	if (!x || !a->event || a->event->ev.type != JIT_ISSUE)
		return;
	ev = a->event->ev;
	ev.until++;
	jit_buf_str(&x->what, "issued for longer than ");
	jit_when_spell(&x->what, a->d->st.duration);
	code = ask(a, &ev, &x->no);
	if (code && strcmp(x->no.rule, "issue-until") == 0)
		jit_refuse(&x->no, code, "issue-until", "%s",
			a->d->st.duration < a->g->duration &&
					a->d->st.duration == a->d->st.rule->max
				? "that is the rule's max"
				: a->d->st.duration < a->g->duration
				? "a vote narrowed it"
				: "that is what was asked");
	keep_if(a, x, code);
}

static struct policy_ask
asked(const struct asking *a)
{
	return (struct policy_ask){.by = a->g->by,
		.resource = a->g->resource,
		.role = a->g->role,
		.task = a->g->task,
		.reason = a->g->reason,
		.duration = a->g->duration,
		.at = a->d->at,
		.glass = a->g->glass != 0,
		.actions = a->request->actions};
}

/* A request that was not made; whatever it takes from the judge. */
static int
foresee(struct asking *a, struct audit_if *x, const struct policy_ask *q,
	struct jit_error *err)
{
	struct policy_outlook out = {0};
	int rc = policy_foresee(&out, a->s, q, err);

	if (rc)
		return rc;
	x->no = out.no;
	keep_if(a, x, out.code);
	policy_outlook_free(&out);
	return 0;
}

static int
asked_longer(struct asking *a, struct jit_error *err)
{
	struct audit_if *x = one_more(a);
	struct policy_ask q = asked(a);

	if (!x)
		return 0;
	q.duration = a->d->st.rule->max + 1;
	jit_buf_str(&x->what, "asked for more than ");
	jit_when_spell(&x->what, a->d->st.rule->max);
	return foresee(a, x, &q, err);
}

static int
other_task(struct asking *a, struct jit_error *err)
{
	struct audit_if *x = one_more(a);
	struct policy_ask q = asked(a);

	if (!x || !a->d->st.rule->task)
		return 0;
	q.task = "none";
	jit_buf_fmt(&x->what, "without a task like '%s'", a->d->st.rule->task);
	return foresee(a, x, &q, err);
}

/* The next minute within a week that is not one of the rule's hours. */
static int
other_hours(struct asking *a, struct jit_error *err)
{
	const struct jit_rule *r = a->d->st.rule;
	struct audit_if *x = one_more(a);
	struct policy_ask q = asked(a);
	char stamp[JIT_STAMP];

	if (!x || !r->when)
		return 0;
	q.at -= q.at % 60;
	while (jit_when_hours_hold(&r->hours, q.at) &&
		q.at < a->d->at + 7 * DAY)
		q.at += 60;
	jit_when_stamp(stamp, q.at);
	jit_buf_fmt(&x->what, "asked at %s", stamp);
	return foresee(a, x, &q, err);
}

/* No refusal: the rule that comes then, and what that one wants. */
static void
next_rule(struct audit_if *x, const struct jit_rule *rule)
{
	struct jit_buf votes = {0};

	jit_policy_spell(&votes, rule);
	jit_refuse(&x->no, JIT_PENDING, "policy-match",
		"rule '%s' would decide it, approved by %s", rule->id,
		jit_buf_text(&votes));
	jit_buf_free(&votes);
}

/* What would give it if this rule did not: with its own quorum, or none. */
static int
without_rule(struct asking *a, struct jit_error *err)
{
	struct audit_if *x = one_more(a);
	struct jit_rows *rows = &a->s->policy.rules;
	struct jit_rule *at = rows->at, gone;
	size_t i = (size_t)(a->d->st.rule - at);
	struct policy_outlook out = {0};
	struct policy_ask q = asked(a);
	int rc;

	if (!x)
		return 0;
	gone = at[i];
	memmove(&at[i], &at[i + 1], (rows->count - i - 1) * sizeof(*at));
	rows->count--;
	rc = policy_foresee(&out, a->s, &q, err);
	if (rc == 0) {
		jit_buf_fmt(&x->what, "without rule '%s'", gone.id);
		x->no = out.no;
		if (out.code == 0)
			next_rule(x, out.rule);
		keep_if(a, x, out.code ? out.code : JIT_PENDING);
		policy_outlook_free(&out);
	}
	memmove(&at[i + 1], &at[i], (rows->count - i) * sizeof(*at));
	rows->count++;
	at[i] = gone;
	return rc;
}

/* What is asked of a request that is not there. */
static int
ask_requests(struct asking *a, struct jit_error *err)
{
	int rc;

	/* a change has no other rule; an extension is of what it extends */
	if (a->g->change || a->g->extends[0] || !a->d->ruled)
		return 0;
	rc = asked_longer(a, err);
	if (rc == 0)
		rc = other_task(a, err);
	if (rc == 0)
		rc = other_hours(a, err);
	if (rc == 0)
		rc = without_rule(a, err);
	return rc;
}

int
audit_decide(struct audit_decision *out, struct jit_past *p, int64_t now,
	struct jit_error *err)
{
	struct audit_decision d = {.grant = jit_state_grant(p->state, p->id)};
	struct asking a = {.d = &d,
		.s = p->state,
		.event = p->decision,
		.request = &p->events[0].ev};
	int rc;

	a.g = jit_state_grant(p->state, p->id);
	if (!a.g)
		return jit_fail(err, JIT_TROUBLE, "grant %s does not wait",
			p->id);
	d.at = p->decision ? p->decision->ev.at : now;
	d.ruled = jit_standing_of(&d.st, p->state, a.g, d.at, &d.no) == 0;
	d.code = jit_past_judge(p, &d.no);
	if (d.ruled)
		without_vote(&a);
	if (d.ruled && d.code == 0) {
		too_late(&a);
		too_long(&a);
	}
	rc = ask_requests(&a, err);
	if (rc) {
		audit_decision_free(&d);
		return rc;
	}
	*out = d; /* transferred */
	return 0;
}

void
audit_decision_free(struct audit_decision *d)
{
	size_t i;

	for (i = 0; i < AUDIT_IFS; i++)
		jit_buf_free(&d->ifs[i].what);
	jit_buf_free(&d->before);
	*d = (struct audit_decision){0};
}
