/* SPDX-License-Identifier: ISC */
#include "asking.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act.h"
#include "name.h"
#include "screen.h"
#include "when.h"

/* "-w 5m" leaves 5m among the operands. */
int
asking_operands(struct asking *a, const struct cli *c,
	const struct cli_maybe *wait, struct jit_error *err)
{
	int64_t seconds;
	size_t i;

	for (i = 0; wait->given && i < c->count; i++)
		if (jit_when_duration(&seconds, c->args[i], NULL) == 0)
			return cli_usage(c, err,
				"-w takes its duration without a blank: -w%s",
				c->args[i]);
	if (c->count > 2)
		return cli_usage(c, err, "'%s' is one word too many",
			c->args[2]);
	if (c->count < 2)
		return cli_usage(c, err,
			"RESOURCE and ROLE are wanted, like ssh:web-1 root");
	a->resource = c->args[0];
	a->role = c->args[1];
	return 0;
}

int
asking_check(struct asking *a, const struct cli *c, struct jit_error *err)
{
	int rc;

	if (!a->task)
		a->task = getenv("JIT_TASK");
	if (!a->task)
		return cli_usage(c, err, "which task? -t TASK, or JIT_TASK");
	if (!a->reason)
		return cli_usage(c, err, "why? -m REASON");
	if (!a->duration)
		return cli_usage(c, err, "for how long? -d DURATION");
	rc = jit_name_want_resource(a->resource, err);
	if (rc == 0)
		rc = jit_name_want_label("role", a->role, err);
	if (rc == 0)
		rc = jit_name_want_task(a->task, err);
	if (rc == 0)
		rc = jit_name_want_reason("reason", a->reason, err);
	return rc;
}

/* The files of a new key take the id's name before there is a request. */
static int
draft(struct jit_event *ev, const struct jit_state *s, int64_t at, void *arg,
	struct jit_error *err)
{
	struct asking *a = arg;
	unsigned char chance[10];

	int rc = 0;

	(void)s;
	if (jit_ulid_time(a->id) != at) {
		jit_random(chance, sizeof(chance));
		jit_ulid_make(a->id, at, chance);
	}
	ev->id = a->id;
	ev->resource = a->resource;
	ev->role = a->role;
	ev->task = a->task;
	ev->reason = a->reason;
	ev->duration = a->duration;
	ev->source = a->source;
	ev->glass = a->glass;
	ev->extends = a->extends;
	ev->actions = a->actions;
	if (a->offer.line.len)
		ev->offer = jit_buf_text(&a->offer.line);
	if (ev->seen)
		rc = jit_sealed_id(a->id, ev, err);
	return rc ? rc : offer_name(&a->offer, a->id, err);
}

int
asking_append(struct asking *a, struct cli *c, struct jit_error *err)
{
	int rc;

	cli_host(a->source, sizeof(a->source));
	rc = act(c, JIT_REQUEST, draft, a, NULL, err);
	if (rc == 0 && c->made[0] && strcmp(a->id, c->made) != 0) {
		/* an earlier try, whose answer was late */
		memcpy(a->id, c->made, JIT_ULID);
		rc = offer_name(&a->offer, a->id, err);
	} else if (rc && jit_ledger_unsure(c->ledger)) {
		cli_hint(c,
			"its key is kept: jit-status %s says whether it was "
			"recorded",
			a->id);
	} else if (rc) {
		offer_drop(&a->offer);
	}
	return rc;
}

static int
rule_for(const struct jit_rule **rule, const struct asking *a,
	const struct cli *c, const char *who, struct jit_error *err)
{
	const struct jit_asked asked = {.who = who,
		.resource = a->resource,
		.role = a->role,
		.actions = &a->actions,
		.at = c->now,
		.glass = a->glass};

	return jit_standing_rule(rule, jit_ledger_state(c->ledger), &asked,
		a->duration, err);
}

int
asking_foretell(const struct asking *a, const struct cli *c,
	struct jit_error *err)
{
	const struct jit_enrolment *me = NULL;
	const struct jit_rule *rule = NULL;
	struct jit_buf who = {0};
	int rc;

	rc = cli_whoami(&me, c, err);
	if (rc == 0)
		rc = rule_for(&rule, a, c, me->principal, err);
	if (rc)
		return rc;
	jit_policy_spell(&who, rule);
	cli_hint(c, "rule '%s' would decide: approval by %s", rule->id,
		jit_buf_text(&who));
	jit_buf_free(&who);
	return 0;
}

int
asking_waits(struct jit_buf *out, const struct asking *a, const struct cli *c,
	struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	struct jit_standing st;
	int rc;

	rc = jit_standing_of(&st, s, jit_state_grant(s, a->id), c->now, err);
	if (rc)
		return rc;
	if (st.met)
		jit_buf_str(out, "its issue");
	else
		screen_missing(out, &st);
	return jit_buf_failed(out, err);
}

struct cancel {
	char id[JIT_ULID];
	char asked[JIT_HEX256]; /* SHA-256 of the request */
	const char *reason;
};

static int
draft_cancel(struct jit_event *ev, const struct jit_state *s, int64_t at,
	void *arg, struct jit_error *err)
{
	const struct cancel *x = arg;

	(void)s;
	(void)at;
	(void)err;
	ev->id = x->id;
	ev->vote = x->asked;
	ev->reason = x->reason ? x->reason : "cancelled";
	return 0;
}

int
asking_cancel(struct cli *c, const struct jit_grant *g, const char *reason,
	struct jit_error *err)
{
	struct cancel x = {.reason = reason};

	memcpy(x.id, g->id, JIT_ULID);
	jit_hex(x.asked, g->request, JIT_SHA256);
	return act(c, JIT_WITHDRAW, draft_cancel, &x, x.id, err);
}
