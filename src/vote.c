/* SPDX-License-Identifier: ISC */
#include "vote.h"

#include <string.h>

#include "act.h"
#include "context.h"
#include "screen.h"
#include "tty.h"
#include "when.h"

#define COLUMNS 80 /* a screen is read on any terminal, and in a log */

/* The grant as it is now, or NULL. */
static struct jit_grant *
grant(const struct vote *v)
{
	return jit_state_grant(jit_ledger_state(v->cli->ledger), v->id);
}

static int
whoami(const char **who, const struct vote *v, struct jit_error *err)
{
	const struct jit_enrolment *me = NULL;
	int rc;

	rc = jit_ledger_whoami(&me, v->cli->ledger,
		jit_signer_key(v->cli->signer), err);
	if (rc == 0)
		*who = me->principal;
	return rc;
}

int
vote_take(struct vote *v, const char *id, struct jit_error *err)
{
	struct jit_grant *g = NULL;
	int rc = cli_grant(&g, v->cli, id, err);

	if (rc)
		return rc;
	memcpy(v->id, g->id, JIT_ULID);
	jit_hex(v->request, g->request, JIT_SHA256);
	return 0;
}

static int
draft_approve(struct jit_event *ev, const struct jit_state *s, int64_t at,
	void *arg, struct jit_error *err)
{
	const struct vote *v = arg;
	const struct jit_grant *g = jit_state_grant(s, v->id);

	ev->id = v->id;
	ev->request = v->request;
	ev->as = v->as;
	ev->duration = v->duration;
	ev->actions = v->actions;
	ev->note = v->message;
	if (!g || v->as)
		return 0; /* the judge says what there is to say */
	return jit_standing_voter(&ev->as, s, g, ev->by, at, err);
}

static int
draft_deny(struct jit_event *ev, const struct jit_state *s, int64_t at,
	void *arg, struct jit_error *err)
{
	const struct vote *v = arg;

	(void)s;
	(void)at;
	(void)err;
	ev->id = v->id;
	ev->request = v->request;
	ev->reason = v->message;
	return 0;
}

static int
draft_withdraw(struct jit_event *ev, const struct jit_state *s, int64_t at,
	void *arg, struct jit_error *err)
{
	const struct vote *v = arg;

	(void)s;
	(void)at;
	(void)err;
	ev->id = v->id;
	ev->vote = v->mine;
	ev->reason = v->message ? v->message : "withdrawn";
	return 0;
}

int
vote_may(struct vote *v, struct jit_error *err)
{
	struct cli *c = v->cli;

	return jit_ledger_ask(c->ledger, draft_approve, v, JIT_APPROVE,
		jit_signer_key(c->signer), c->now, err);
}

static int
columns(void)
{
	int wide = tty_columns();

	return wide < COLUMNS ? wide : COLUMNS;
}

/* How many actions, of which each has a bit. */
static size_t
left(uint64_t bits)
{
	size_t n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

int
vote_show(struct jit_buf *screen, struct jit_buf *question,
	const struct vote *v, struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(v->cli->ledger);
	const struct jit_grant *g = grant(v);
	const char *who = NULL, *as = v->as;
	struct jit_buf facts = {0};
	struct jit_standing st;
	int rc;

	rc = whoami(&who, v, err);
	if (rc == 0)
		rc = context_facts(&facts, v->cli->ledger, g, who, v->cli->now,
			err);
	if (rc == 0)
		rc = screen_grant(screen, s, g, jit_buf_text(&facts),
			v->cli->now, columns(), err);
	jit_buf_free(&facts);
	if (rc == 0 && !as)
		rc = jit_standing_voter(&as, s, g, who, v->cli->now, err);
	if (rc == 0)
		rc = jit_standing_of(&st, s, g, v->cli->now, err);
	if (rc)
		return rc;
	jit_buf_fmt(question, "Approve as %s", as);
	if (!g->change) {
		jit_buf_str(question, ", for ");
		jit_when_spell(question,
			v->duration && v->duration < st.duration ? v->duration
								 : st.duration);
	}
	if (g->actions.count)
		jit_buf_fmt(question, ", %zu of %zu actions",
			left(st.actions & jit_standing_actions(g, &v->actions)),
			g->actions.count);
	jit_buf_str(question, "?");
	return jit_buf_failed(question, err);
}

/* The group of my live vote. */
static const char *
voted_as(const struct vote *v, const char *who)
{
	const struct jit_grant *g = grant(v);
	const struct jit_vote *x = g ? g->votes : NULL;

	while (x && strcmp(x->by, who) != 0)
		x = x->next;
	return x ? x->as : "";
}

static int
say_approved(const struct vote *v, struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(v->cli->ledger);
	struct jit_buf missing = {0};
	struct jit_standing st;
	const char *who = NULL;
	int rc;

	rc = whoami(&who, v, err);
	if (rc == 0)
		rc = jit_standing_of(&st, s, grant(v), v->cli->now, err);
	if (rc)
		return rc;
	screen_missing(&missing, &st);
	if (st.met)
		cli_hint(v->cli, "approved as %s; complete: jit-issue %s",
			voted_as(v, who), v->id);
	else
		cli_hint(v->cli, "approved as %s; still missing %s",
			voted_as(v, who), jit_buf_text(&missing));
	jit_buf_free(&missing);
	return act_answer(v->cli, v->id, NULL, NULL, err);
}

int
vote_approve(struct vote *v, struct jit_error *err)
{
	int rc = act(v->cli, JIT_APPROVE, draft_approve, v, v->id, err);

	if (rc)
		return rc;
	if (!v->cli->dry)
		return say_approved(v, err);
	cli_hint(v->cli, "would approve %s", v->id);
	return 0;
}

int
vote_deny(struct vote *v, struct jit_error *err)
{
	int rc = act(v->cli, JIT_DENY, draft_deny, v, v->id, err);

	if (rc)
		return rc;
	cli_hint(v->cli, "%s %s", v->cli->dry ? "would deny" : "denied", v->id);
	if (v->cli->dry)
		return 0;
	return act_answer_over(v->cli, v->id, "deny", err);
}

static int
find_mine(struct vote *v, struct jit_error *err)
{
	const struct jit_vote *x;
	const char *who = NULL;
	int rc = whoami(&who, v, err);

	if (rc)
		return rc;
	for (x = grant(v)->votes; x; x = x->next)
		if (strcmp(x->by, who) == 0) {
			jit_hex(v->mine, x->sha256, JIT_SHA256);
			return 0;
		}
	return jit_fail(err, JIT_NO, "%s has no vote on grant %s", who, v->id);
}

int
vote_withdraw(struct vote *v, struct jit_error *err)
{
	struct cli *c = v->cli;
	int rc = find_mine(v, err);

	if (rc == 0)
		rc = act(c, JIT_WITHDRAW, draft_withdraw, v, v->id, err);
	if (rc)
		return rc;
	cli_hint(c, "%s your vote on %s",
		c->dry ? "would withdraw" : "withdrew", v->id);
	return c->dry ? 0 : act_answer(c, v->id, NULL, NULL, err);
}
