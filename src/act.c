/* SPDX-License-Identifier: ISC */
#include "act.h"

#include <stdio.h>
#include <time.h>

#include "away.h"
#include "notify.h"
#include "tidy.h"

int
act_open(struct cli *c, struct jit_error *err)
{
	const struct jit_enrolment *me = NULL;
	int rc;

	c->writes = !c->dry;
	rc = cli_ledger(c, err);
	if (rc == JIT_TROUBLE && c->seals && c->ledger_name.len)
		rc = away_open(c, jit_buf_text(&c->ledger_name),
			cli_memory_dir(), err);
	else if (rc == 0 && c->seals && jit_ledger_cut_off(c->ledger))
		(void)!away_now(c, err);
	if (rc == 0)
		rc = cli_signer(c, err);
	if (rc == 0)
		rc = cli_whoami(&me, c, err);
	if (rc || c->dry || jit_ledger_away(c->ledger) ||
		jit_ledger_cut_off(c->ledger))
		return rc;
	if (away_deliver(c, err) != 0)
		cli_complain(c, err); /* it lies there for the next one */
	err->text[0] = '\0';
	return 0;
}

void
act_now(struct cli *c)
{
	c->now = (int64_t)time(NULL);
}

/* A person who touched a key again wants to know why. */
static void
tell_asked(const struct cli *c)
{
	int times = jit_ledger_signed(c->ledger);

	if (times > 1 && jit_signer_key(c->signer)->type == JIT_SK_ED25519)
		cli_hint(c,
			"others wrote meanwhile: your key was asked %d times",
			times);
}

/*
 * It could not be appended, for the reason in 'err', which stays where it
 * cannot be sealed either. What was sent may be on record already: then only
 * an end is made twice.
 */
static int
seal(struct cli *c, enum jit_event_type type, jit_ledger_draft *draft,
	void *arg, struct jit_error *err)
{
	const bool unsure = jit_ledger_unsure(c->ledger);
	const struct jit_error why = *err;
	int rc;

	if (!c->seals || (unsure && type != JIT_END) || !away_now(c, err))
		return JIT_TROUBLE;
	rc = away_act(c, type, draft, arg, err);
	if (rc == JIT_TROUBLE)
		*err = why;
	return rc;
}

/* Who wants to know is told, and not waited for. */
static int
append(struct cli *c, enum jit_event_type type, jit_ledger_draft *draft,
	void *arg, struct jit_error *err)
{
	struct jit_commit made = {0};
	int rc;

	if (jit_ledger_away(c->ledger))
		return away_act(c, type, draft, arg, err);
	rc = jit_ledger_append(&made, c->ledger, draft, arg, type, c->signer,
		c->now, err);
	if (rc == JIT_TROUBLE)
		return seal(c, type, draft, arg, err);
	if (rc)
		return rc;
	if (made.event.id != NULL)
		snprintf(c->made, sizeof(c->made), "%s", made.event.id);
	tell_asked(c);
	notify(c, &made);
	tidy(c);
	jit_commit_free(&made);
	return 0;
}

int
act(struct cli *c, enum jit_event_type type, jit_ledger_draft *draft, void *arg,
	const char *id, struct jit_error *err)
{
	struct jit_grant *g = NULL;
	int rc, over;

	if (c->dry && jit_ledger_away(c->ledger))
		rc = away_act(c, type, draft, arg, err);
	else if (c->dry)
		rc = jit_ledger_ask(c->ledger, draft, arg, type,
			jit_signer_key(c->signer), c->now, err);
	else
		rc = append(c, type, draft, arg, err);
	if (rc != JIT_NOGRANT || !id)
		return rc;
	over = cli_grant(&g, c, id, err);
	return over ? over : rc;
}

static int
print(struct jit_json *o, bool good, struct jit_error *err)
{
	if (good)
		cli_out_json(o);
	jit_json_free(o);
	return good ? 0 : jit_nomem(err);
}

int
act_answer(struct cli *c, const char *id, const char *name, const char *value,
	struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	struct jit_grant *g = jit_state_grant(s, id);
	struct jit_json *o;

	if (!c->json || !g)
		return 0;
	o = cli_grant_json(s, g, c->now);
	return print(o, o && (!name || jit_json_set_text(o, name, value)), err);
}

int
act_answer_over(struct cli *c, const char *id, const char *cause,
	struct jit_error *err)
{
	struct jit_json *o;

	if (!c->json)
		return 0;
	o = jit_json_object();
	return print(o,
		jit_json_set_text(o, "id", id) &&
			jit_json_set_text(o, "cause", cause) &&
			jit_json_set_int(o, "at",
				jit_ledger_state(c->ledger)->at),
		err);
}
