/* SPDX-License-Identifier: ISC */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "away.h"
#include "deadline.h"
#include "service_inner.h"

#define ROUND 200      /* milliseconds between two looks */
#define RETURN 1000    /* milliseconds between two looks for the ledger */
#define DELIVERY 30000 /* milliseconds between two looks into the outbox */
#define BEAT_IDLE 3600 /* seconds between two beats */
#define BEAT_OPEN 600  /* where anything is open or owed */
#define BEAT_WORK 60   /* where something was done */

static volatile sig_atomic_t asked_to_stop;

static void
stop(int signal)
{
	(void)signal;
	asked_to_stop = 1;
}

/* -- A round --------------------------------------------------------------- */

/* What is neither open nor owed any more is forgotten. */
static void
drop_old(struct service *s)
{
	struct service_job **at = &s->jobs, *j;

	while ((j = *at) != NULL) {
		if (j->seen) {
			j->seen = false;
			at = &j->next;
			continue;
		}
		*at = j->next;
		free(j);
	}
}

/* Ids of what may need something done; what is done changes the state. */
struct list {
	char (*ids)[JIT_ULID];
	size_t count;
};

static void
note(struct list *list, struct service *s, const char *id, const char *resource)
{
	struct service_job *j =
		service_mine(s, resource) ? service_job_of(s, id) : NULL;

	if (!j)
		return;
	j->seen = true;
	if (jit_deadline_over(j->wait))
		memcpy(list->ids[list->count++], id, JIT_ULID);
}

static int
collect(struct list *list, struct service *s, struct jit_error *err)
{
	const struct jit_state *state = jit_ledger_state(s->cli->ledger);
	size_t i;

	list->ids = calloc(state->grants_count + state->unproven_count + 1,
		sizeof(*list->ids));
	if (!list->ids)
		return jit_nomem(err);
	for (i = 0; i < state->grants_count; i++)
		if (!state->grants[i]->change)
			note(list, s, state->grants[i]->id,
				state->grants[i]->resource);
	for (i = 0; i < state->unproven_count; i++)
		note(list, s, state->unproven[i].id,
			state->unproven[i].resource);
	return 0;
}

static size_t
owed(const struct service *s)
{
	const struct jit_state *state = jit_ledger_state(s->cli->ledger);
	size_t i, n = 0;

	for (i = 0; i < state->unproven_count; i++)
		n += service_mine(s, state->unproven[i].resource);
	return n;
}

/* -- Beats ----------------------------------------------------------------- */

static int
draft_beat(struct jit_event *ev, const struct jit_state *state, int64_t at,
	void *arg, struct jit_error *err)
{
	struct service *s = arg;

	(void)at;
	(void)err;
	ev->counter = jit_state_counted(state, ev->by) + 1;
	ev->due = (struct jit_maybe){true, s->due};
	ev->done = (struct jit_maybe){true, s->done};
	ev->owed = (struct jit_maybe){true, (int64_t)owed(s)};
	return 0;
}

static int64_t
period(const struct service *s)
{
	if (s->done || s->due)
		return BEAT_WORK;
	return s->jobs ? BEAT_OPEN : BEAT_IDLE;
}

static int
beat(struct service *s, struct jit_error *err)
{
	int rc;

	act_now(s->cli);
	if (s->cli->now < s->beat + period(s))
		return 0;
	rc = act(s->cli, JIT_BEAT, draft_beat, s, NULL, err);
	if (rc)
		return rc;
	s->beat = s->cli->now;
	s->due = s->done = 0;
	return 0;
}

/* -- All ------------------------------------------------------------------- */

static int
who_am_i(struct service *s, struct jit_error *err)
{
	const struct jit_enrolment *me = NULL;
	int rc;

	if (s->me[0])
		return 0;
	rc = cli_whoami(&me, s->cli, err);
	if (rc)
		return rc;
	if (me->class != JIT_ISSUER)
		return jit_fail(err, JIT_NO,
			"%s is enrolled as %s: that is for an issuer",
			me->principal, jit_class_name(me->class));
	snprintf(s->me, sizeof(s->me), "%s", me->principal);
	return 0;
}

/* One grant, as it is now: what came before may have ended it. */
static int
serve(struct service *s, const char *id, bool proofs, struct jit_error *err)
{
	struct service_job *j = service_job_of(s, id);
	enum service_step step;

	if (!j)
		return jit_nomem(err);
	act_now(s->cli);
	step = service_next(s, j);
	if ((step == SERVICE_PROVE) != proofs)
		return 0;
	return service_take(s, j, step, err);
}

/* What is to be done now: all but proofs, or proofs. */
static int
pass(struct service *s, bool proofs, int *worst, struct jit_error *err)
{
	struct list list = {0};
	size_t i;
	int rc = collect(&list, s, err), one;

	for (i = 0; rc == 0 && i < list.count; i++) {
		one = serve(s, list.ids[i], proofs, err);
		if (one && err->text[0])
			cli_complain(s->cli, err);
		err->text[0] = '\0'; /* it is said */
		*worst = one < *worst ? one : *worst;
	}
	free(list.ids);
	return rc;
}

/*
 * What was sealed while it was away comes first. Access ends all the same
 * where that cannot be delivered: why not is said, and is s->late.
 */
static int
come_back(struct service *s, struct jit_error *err)
{
	int rc;

	if (jit_ledger_away(s->cli->ledger)) {
		*err = s->cli->why_away;
		if (!jit_deadline_over(s->delivery))
			return JIT_TROUBLE;
		s->delivery = jit_deadline_in(RETURN);
		if (!away_over(s->cli, true, err))
			return JIT_TROUBLE;
		s->delivery = 0;
	}
	rc = jit_ledger_update(s->cli->ledger, s->cli->now, err);
	if (rc || !jit_deadline_over(s->delivery))
		return rc;
	s->delivery = jit_deadline_in(DELIVERY);
	s->late = away_deliver(s->cli, err);
	if (s->late)
		cli_complain(s->cli, err);
	err->text[0] = '\0';
	return 0;
}

/* All is removed before anything is asked whether it is dead. */
int
service_once(size_t *left, struct service *s, struct jit_error *err)
{
	int rc, worst = 0;

	act_now(s->cli);
	s->cli->seals = true; /* the end of what was removed already */
	rc = come_back(s, err);
	if (rc == 0)
		rc = who_am_i(s, err);
	if (rc == 0)
		rc = pass(s, false, &worst, err);
	if (rc == 0)
		rc = pass(s, true, &worst, err);
	drop_old(s);
	*left = rc ? 0 : owed(s);
	return rc ? rc : worst;
}

int
service_run(struct service *s, struct jit_error *err)
{
	struct sigaction act = {.sa_handler = stop};
	size_t left = 0;
	int rc;

	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	rc = who_am_i(s, err);
	if (rc)
		return rc;
	cli_hint(s->cli, "serving as %s", s->me);
	while (!asked_to_stop) {
		tender_keep(&s->tender, s->cli, false);
		(void)!service_once(&left, s, err);
		if (err->text[0] && !s->blind)
			cli_complain(s->cli, err);
		s->blind = err->text[0] != '\0';
		err->text[0] = '\0';
		if (!s->blind && beat(s, err) != 0) {
			cli_complain(s->cli, err);
			err->text[0] = '\0';
			s->beat = s->cli->now; /* not five times a second */
		}
		poll(NULL, 0, ROUND);
	}
	tender_stop(&s->tender);
	return 0;
}

void
service_free(struct service *s)
{
	struct service_job *j;

	while ((j = s->jobs) != NULL) {
		s->jobs = j->next;
		free(j);
	}
}
