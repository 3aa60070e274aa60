/* SPDX-License-Identifier: ISC */
#include "requesting.h"

#include <string.h>

#include "govern.h"
#include "name.h"
#include "pattern.h"
#include "scram.h"
#include "ulid.h"
#include "when.h"

static int64_t
letters(const char *s)
{
	int64_t n = 0;

	for (; *s; s++)
		if (*s != ' ' && ((unsigned char)*s & 0xc0) != 0x80)
			n++;
	return n;
}

/*
 * What comes late may have an id that is older than the tip, and one of its
 * own choice follows on that: nothing that is left of another grant has it,
 * or the two would be taken for one.
 */
static bool
id_left(const struct jit_state *s, const char *id)
{
	size_t i;

	for (i = 0; i < s->spends_count; i++)
		if (strcmp(s->spends[i].id, id) == 0)
			return true;
	for (i = 0; i < s->sessions_count; i++)
		if (strcmp(s->sessions[i].id, id) == 0)
			return true;
	return jit_state_unproven(s, id) != NULL ||
		jit_state_debt(s, id) != NULL;
}

/* The time in an id is the request's, so none that is younger is the same. */
static bool
id_used(const struct jit_state *s, const char *id)
{
	return jit_state_recent(s, id) || jit_state_grant(s, id) != NULL ||
		(jit_ulid_time(id) <= s->at && id_left(s, id));
}

static int
rules_of_rule(const struct jit_rule *rule, const struct jit_event *ev,
	struct jit_error *err)
{
	struct jit_buf max = {0};
	bool fits = ev->duration <= rule->max;

	if (!fits && JIT_RULE_ON("request-max")) {
		jit_when_spell(&max, rule->max);
		jit_refuse(err, JIT_NO, "request-max",
			"rule '%s' gives at most %s", rule->id,
			jit_buf_text(&max));
		jit_buf_free(&max);
		return JIT_NO;
	}
	JIT_RULE("request-task", JIT_NO,
		!rule->task || jit_pattern_match(rule->task, ev->task),
		"rule '%s' wants a task like '%s'", rule->id, rule->task);
	return 0;
}

static int
rules_of_reason(const struct jit_trial *t, struct jit_error *err)
{
	int64_t have = letters(t->ev->reason);
	int64_t want = t->s->policy.limits.reason;

	JIT_RULE("request-reason", JIT_NO, have >= want,
		"the reason has %lld letters, at least %lld are wanted",
		(long long)have, (long long)want);
	return 0;
}

/* A change of policy or people is asked by a person, for no time. */
static int
rules_of_change(const struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	int rc;

	JIT_RULE("change-class", JIT_NO, t->author->class == JIT_PERSON,
		"only a person asks for a change: %s is enrolled as %s", ev->by,
		jit_class_name(t->author->class));
	JIT_RULE("change-alone", JIT_USAGE,
		!ev->duration && !ev->offer && !ev->extends && !ev->glass &&
			!ev->actions.count,
		"a change has no duration, offer, actions, extends or "
		"break_glass");
	rc = rules_of_reason(t, err);
	return rc ? rc : jit_govern_propose(t, err);
}

/* Whether somebody there can see to it that nothing else is done. */
static bool
can_enforce(const struct jit_policy *p, const char *resource)
{
	const struct jit_issuing *e = p->issuers.at;
	size_t i;

	if (strncmp(resource, "pg:", 3) == 0)
		return false;
	if (strncmp(resource, "ssh:", 4) != 0)
		return true;
	for (i = 0; i < p->issuers.count; i++)
		if (e[i].recorder &&
			jit_policy_issuer(p, e[i].by, resource) == &e[i])
			return true;
	return false;
}

/* Actions are programs by their one path, each said once. */
int
jit_requesting_actions(const struct jit_lists *list, struct jit_error *err)
{
	struct jit_lists before = *list;
	size_t i;

	for (i = 0; i < list->count; i++) {
		before.count = i;
		JIT_RULE("action-program", JIT_USAGE,
			list->at[i].count > 0 &&
				jit_name_program(list->at[i].at[0]),
			"an action begins with the path of its program");
		JIT_RULE("action-once", JIT_USAGE,
			!jit_standing_action(&before, &list->at[i]),
			"an action is named twice");
	}
	return 0;
}

/* What verifies the requester's secret, by the scheme of the resource. */
static int
rules_of_offer(const struct jit_event *ev, struct jit_error *err)
{
	bool key = ev->offer && !jit_scram_valid(ev->offer);
	bool scram = ev->offer && !key;

	if (strncmp(ev->resource, "ssh:", 4) == 0)
		JIT_RULE("request-offer", JIT_NO, key,
			"%s needs the public key to certify (-p)",
			ev->resource);
	if (strncmp(ev->resource, "pg:", 3) == 0)
		JIT_RULE("request-offer", JIT_NO, scram,
			"%s needs the verifier of a password, and no public "
			"key",
			ev->resource);
	if (strncmp(ev->resource, "sudo:", 5) == 0)
		JIT_RULE("request-offer", JIT_NO, !ev->offer,
			"%s takes no public key", ev->resource);
	return 0;
}

int
jit_requesting_judge(struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	const struct jit_asked asked = {.who = ev->by,
		.resource = ev->resource,
		.role = ev->role,
		.actions = &ev->actions,
		.at = ev->at,
		.glass = ev->glass};
	const struct jit_rule *rule = NULL;
	int rc;

	JIT_RULE("request-class", JIT_NO,
		t->author->class != JIT_HOST && t->author->class != JIT_ISSUER,
		"%s is enrolled as %s, which asks for nothing", ev->by,
		jit_class_name(t->author->class));
	JIT_RULE("request-id", JIT_NO, jit_ulid_time(ev->id) == ev->at,
		"the time in its id is not its own");
	JIT_RULE("request-fresh", JIT_NO, !id_used(t->s, ev->id),
		"its id was used before");
	JIT_RULE("change-resource", JIT_NO,
		(strncmp(ev->resource, "ledger:", 7) == 0) ==
			(ev->change != NULL),
		"a change, and nothing else, is asked on ledger:policy and "
		"ledger:people");
	if (ev->change)
		return rules_of_change(t, err);
	JIT_RULE("request-duration", JIT_USAGE, ev->duration > 0,
		"it asks for no time");
	rc = jit_requesting_actions(&ev->actions, err);
	if (rc == 0)
		rc = jit_standing_rule(&rule, t->s, &asked, ev->duration, err);
	if (rc)
		return rc;
	JIT_RULE("request-actions", JIT_NO,
		ev->actions.count == 0 ||
			can_enforce(&t->s->policy, ev->resource),
		"nothing on %s can be kept to actions: ask without -a",
		ev->resource);
	rc = rules_of_offer(ev, err);
	if (rc == 0)
		rc = rules_of_reason(t, err);
	if (rc)
		return rc;
	rc = rules_of_rule(rule, ev, err);
	if (rc == 0)
		rc = jit_trial_hours(t, rule, err);
	if (rc == 0 && ev->extends)
		rc = jit_trial_extension(t, ev->extends, rule, ev->duration,
			err);
	if (rc == 0 && ev->glass)
		rc = jit_trial_debts(t, ev->by, err);
	return rc;
}
