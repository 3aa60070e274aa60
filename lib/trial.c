/* SPDX-License-Identifier: ISC */
#include "trial.h"

#include <string.h>

#include "when.h"

bool
jit_trial_same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

bool
jit_trial_hash(const char *hex, const unsigned char sha256[JIT_SHA256])
{
	char other[JIT_HEX256];

	jit_hex(other, sha256, JIT_SHA256);
	return jit_trial_same(hex, other);
}

int
jit_trial_waiting(struct jit_standing *st, const struct jit_trial *t,
	struct jit_error *err)
{
	char stamp[JIT_STAMP];
	int rc;

	JIT_RULE("grant-waiting", JIT_OVER, t->grant->stage == JIT_WAITING,
		"grant %s is issued already", t->grant->id);
	rc = jit_standing_of(st, t->s, t->grant, t->ev->at, err);
	if (rc)
		return rc;
	jit_when_stamp(stamp, st->lapses);
	JIT_RULE("grant-lapsed", JIT_OVER, t->ev->at < st->lapses,
		"grant %s lapsed at %s: ask again", t->grant->id, stamp);
	return 0;
}

int
jit_trial_reference(const struct jit_trial *t, struct jit_error *err)
{
	JIT_RULE("grant-request", JIT_NO,
		jit_trial_hash(t->ev->request, t->grant->request),
		"it names another request than that of grant %s", t->grant->id);
	return 0;
}

/* In any order; neither names one twice. */
static bool
same_actions(const struct jit_lists *a, const struct jit_lists *b)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (!jit_standing_action(b, &a->at[i]))
			return false;
	return a->count == b->count;
}

int
jit_trial_extension(const struct jit_trial *t, const char *parent,
	const struct jit_rule *rule, int64_t duration, struct jit_error *err)
{
	const struct jit_grant *p = jit_state_grant(t->s, parent);
	const struct jit_grant *g = t->grant; /* NULL: a request */
	const struct jit_event *ev = t->ev;
	struct jit_buf sum = {0};

	JIT_NEED("extend-live", JIT_OVER,
		p != NULL && p->stage == JIT_ACTIVE && ev->at < p->until,
		"grant %s is not live: ask anew", parent);
	JIT_RULE("extend-same", JIT_NO,
		jit_trial_same(p->by, g ? g->by : ev->by) &&
			jit_trial_same(p->resource,
				g ? g->resource : ev->resource) &&
			jit_trial_same(p->role, g ? g->role : ev->role),
		"grant %s is for other access than what is asked", parent);
	JIT_RULE("extend-actions", JIT_NO,
		same_actions(&p->actions, g ? &g->actions : &ev->actions),
		"grant %s is for other actions: an extension has the same",
		parent);
	JIT_RULE("extend-glass", JIT_NO, !p->glass && !ev->glass,
		"break-glass is not extended: break it again");
	if (p->total + duration <= rule->sum || !JIT_RULE_ON("extend-sum"))
		return 0;
	jit_when_spell(&sum, rule->sum);
	jit_refuse(err, JIT_NO, "extend-sum",
		"rule '%s' gives at most %s with all extensions", rule->id,
		jit_buf_text(&sum));
	jit_buf_free(&sum);
	return JIT_NO;
}

int
jit_trial_debts(const struct jit_trial *t, const char *who,
	struct jit_error *err)
{
	const struct jit_debt *d = t->s->debts;
	size_t i;

	for (i = 0; i < t->s->debts_count; i++)
		JIT_RULE("glass-debt", JIT_NO,
			!jit_trial_same(d[i].by, who) || t->ev->at < d[i].due ||
				(t->late && d[i].at > t->known),
			"the review of %s by group '%s' is overdue: it comes "
			"first",
			d[i].id, d[i].group);
	return 0;
}

int
jit_trial_hours(const struct jit_trial *t, const struct jit_rule *rule,
	struct jit_error *err)
{
	const struct jit_hours *w = rule->when;

	JIT_RULE("rule-when", JIT_NO,
		!w || jit_when_hours_hold(&rule->hours, t->ev->at),
		"rule '%s' gives it %s from %s to %s %s only", rule->id,
		w->days, w->from, w->until,
		strcmp(w->zone, "Z") == 0 ? "UTC" : w->zone);
	return 0;
}
