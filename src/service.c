/* SPDX-License-Identifier: ISC */
#include "service.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "connector.h"
#include "deadline.h"
#include "ending.h"
#include "issuance.h"
#include "pattern.h"
#include "reach.h"

#define ROUND 200         /* milliseconds between two looks */
#define PAUSE_FIRST 500   /* milliseconds before something is tried again */
#define PAUSE_LAST 60000
#define TRIES 5           /* until what cannot be made to work has failed */
#define BEAT_IDLE 3600    /* seconds between two beats */
#define BEAT_OPEN 600     /* where anything is open or owed */
#define BEAT_WORK 60      /* where something was done */

/* What is known of a grant beside the ledger. */
struct service_job {
	char id[JIT_ULID];
	bool set;      /* its connector has made it work */
	bool gone;     /* its connector has removed it */
	bool hopeless; /* no probe can prove it any more */
	bool seen;     /* still open or owed */
	int tries;
	int64_t wait, pause;
	struct service_job *next;
};

enum step { NOTHING, ISSUE, SET, CONTROL, END, REMOVE, PROVE };

static volatile sig_atomic_t asked_to_stop;

static void
stop(int signal)
{
	(void)signal;
	asked_to_stop = 1;
}

/* -- Jobs ------------------------------------------------------------------ */

static struct service_job *
job_of(struct service *s, const char *id)
{
	struct service_job *j;

	for (j = s->jobs; j; j = j->next)
		if (strcmp(j->id, id) == 0)
			return j;
	j = calloc(1, sizeof(*j));
	if (!j)
		return NULL;
	memcpy(j->id, id, JIT_ULID);
	j->pause = PAUSE_FIRST;
	j->next = s->jobs;
	s->jobs = j;
	return j;
}

/* It did not work: later, and later each time. */
static void
put_off(struct service_job *j)
{
	j->tries++;
	j->wait = jit_deadline_in(j->pause);
	j->pause = 2 * j->pause < PAUSE_LAST ? 2 * j->pause : PAUSE_LAST;
}

static void
at_once(struct service_job *j)
{
	j->tries = 0;
	j->wait = 0;
	j->pause = PAUSE_FIRST;
}

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

/* -- What there is to do --------------------------------------------------- */

static bool
is_mine(const struct service *s, const char *resource)
{
	const struct jit_state *state = jit_ledger_state(s->cli->ledger);

	return jit_policy_issuer(&state->policy, s->me, resource) &&
		(!s->resources || jit_pattern_match(s->resources, resource));
}

/* What is extended ends with what extends it. */
static bool
goes_on(const struct jit_state *s, const char *id, int64_t now)
{
	const struct jit_grant *g;
	size_t i;

	for (i = 0; i < s->grants_count; i++) {
		g = s->grants[i];
		if (g->stage == JIT_ACTIVE && strcmp(g->extends, id) == 0 &&
			(now < g->until || goes_on(s, g->id, now)))
			return true;
	}
	return false;
}

/*
 * Whether another live grant gives the same: what is over cannot be shown to
 * be dead before that one is.
 */
static bool
is_covered(const struct service *s, const char *id)
{
	const struct jit_state *state = jit_ledger_state(s->cli->ledger);
	const struct jit_unproven *u = jit_state_unproven(state, id);
	const struct jit_grant *g;
	size_t i;

	for (i = 0; u && i < state->grants_count; i++) {
		g = state->grants[i];
		if (g->stage == JIT_ACTIVE && s->cli->now < g->until &&
			strcmp(g->by, u->holder) == 0 &&
			strcmp(g->resource, u->resource) == 0 &&
			strcmp(g->role, u->role) == 0 &&
			jit_standing_basis(state, g) == JIT_BASIS_HOLDS)
			return true;
	}
	return false;
}

static bool
is_over(const struct service *s, const struct jit_grant *g)
{
	const struct jit_state *state = jit_ledger_state(s->cli->ledger);

	if (!ending_due(state, g, s->cli->now))
		return false;
	return g->stage != JIT_ACTIVE ||
		jit_standing_basis(state, g) != JIT_BASIS_HOLDS ||
		!goes_on(state, g->id, s->cli->now);
}

/* Whether it can be made here, if it is issued. */
static bool
can_make(const struct service *s, const struct jit_grant *g)
{
	if (strncmp(g->resource, "ssh:", 4) == 0)
		return s->ca != NULL;
	return reach_here(g->resource);
}

static enum step
step_of(const struct service *s, const struct jit_grant *g,
	const struct service_job *j)
{
	const struct jit_state *state = jit_ledger_state(s->cli->ledger);
	struct jit_standing st;

	if (is_over(s, g))
		return s->work & SERVICE_SWEEP ? END : NOTHING;
	if (!(s->work & SERVICE_ISSUE))
		return NOTHING;
	if (g->stage == JIT_WAITING)
		return issuance_ready(&st, state, g, s->cli->now, NULL) == 0 &&
				can_make(s, g)
			? ISSUE
			: NOTHING;
	if (!j->set)
		return SET;
	return g->control ? NOTHING : CONTROL;
}

/* Of what is over and not shown to be dead. */
static enum step
step_after(const struct service *s, const struct service_job *j)
{
	if (!(s->work & SERVICE_SWEEP) || j->hopeless)
		return NOTHING;
	if (!j->gone)
		return REMOVE;
	return is_covered(s, j->id) ? NOTHING : PROVE;
}

/* -- Steps ----------------------------------------------------------------- */

static int
end(struct service *s, const char *id, struct jit_error *err)
{
	int rc = ending(s->cli, id, NULL, err);

	s->done += rc == 0;
	return rc;
}

/* Its first life sign goes on record. */
static int
control(struct service *s, struct service_job *j, struct jit_error *err)
{
	const char *outcome = NULL;
	int rc = reach_show(&outcome, s->cli, j->id, err);

	if (rc == JIT_NOGRANT) { /* nobody here can tell */
		j->wait = jit_deadline_in(PAUSE_LAST);
		err->text[0] = '\0';
		return 0;
	}
	if (rc || strcmp(outcome, JIT_OUTCOME_ALLOWED) != 0)
		put_off(j);
	else
		at_once(j);
	return rc;
}

static int
set(struct service *s, struct service_job *j, struct jit_error *err)
{
	int rc = reach_grant(s->cli, j->id, err);

	if (rc == JIT_NOGRANT) { /* a certificate needs nothing at its target */
		rc = 0;
		err->text[0] = '\0';
	}
	if (rc == 0) {
		j->set = true;
		at_once(j);
		return control(s, j, err);
	}
	put_off(j);
	if (rc != JIT_NO && rc != JIT_USAGE && j->tries < TRIES)
		return rc;
	cli_complain(s->cli, err);
	return end(s, j->id, err); /* an issuer's end is "failed" */
}

static int
issue(struct service *s, struct service_job *j, struct jit_error *err)
{
	const struct jit_state *state = jit_ledger_state(s->cli->ledger);
	const struct jit_grant *g = jit_state_grant(state, j->id);
	struct issuance made = {.ca = s->ca};
	struct jit_json *target = NULL;
	struct service_job *parent = NULL;
	int rc;

	if (g && g->extends[0])
		parent = job_of(s, g->extends);
	rc = g ? connector_target(&target, g->resource, err) : JIT_NOGRANT;
	made.connect = jit_json_get(target, "connect");
	if (rc == 0)
		rc = issuance_make(&made, s->cli, j->id, err);
	issuance_free(&made);
	jit_json_free(target);
	if (rc) {
		put_off(j);
		return rc;
	}
	s->done++;
	cli_hint(s->cli, "issued %s", j->id);
	if (parent)
		parent->set = false; /* it lasts longer now */
	return set(s, j, err);
}

/* Remove it from its target, where that is within reach. */
static int
remove_it(struct service *s, struct service_job *j, struct jit_error *err)
{
	int rc = reach_revoke(s->cli, j->id, err);

	j->gone = rc == 0;
	if (rc == JIT_NOGRANT) { /* somebody else's to show */
		j->wait = jit_deadline_in(PAUSE_LAST);
		err->text[0] = '\0';
		return 0;
	}
	if (rc)
		put_off(j);
	return rc;
}

/* What the target says after its end: dead, or loud. */
static int
prove(struct service *s, struct service_job *j, struct jit_error *err)
{
	const char *outcome = NULL;
	int rc = reach_show(&outcome, s->cli, j->id, err);

	if (rc == 0 && strcmp(outcome, JIT_OUTCOME_REFUSED) == 0) {
		j->hopeless = jit_state_unproven(
				      jit_ledger_state(s->cli->ledger),
				      j->id) != NULL;
		s->done++;
		return 0;
	}
	j->gone = false; /* it is removed again */
	put_off(j);
	return rc ? rc
		  : jit_fail(err, JIT_UNPROVEN,
			    "grant %s is over, and its target says '%s'",
			    j->id, outcome);
}

/* Who can reach the target ends it there first, and records it then. */
static int
finish(struct service *s, struct service_job *j, struct jit_error *err)
{
	const struct jit_grant *g =
		jit_state_grant(jit_ledger_state(s->cli->ledger), j->id);
	int rc = 0;

	s->due++;
	if (g && g->stage == JIT_ACTIVE)
		rc = remove_it(s, j, err);
	if (rc)
		cli_complain(s->cli, err);
	err->text[0] = '\0';
	act_now(s->cli);
	rc = end(s, j->id, err);
	if (rc)
		put_off(j);
	else
		j->wait = 0;
	return rc;
}

static int
take(struct service *s, struct service_job *j, enum step step,
	struct jit_error *err)
{
	switch (step) {
	case ISSUE:
		return issue(s, j, err);
	case SET:
		return set(s, j, err);
	case CONTROL:
		return control(s, j, err);
	case END:
		return finish(s, j, err);
	case REMOVE:
		return remove_it(s, j, err);
	case PROVE:
		return prove(s, j, err);
	case NOTHING:
		break;
	}
	return 0;
}

/* -- A round --------------------------------------------------------------- */

/* One thing to do, by its id: what is done changes the state. */
struct task {
	char id[JIT_ULID];
	enum step step;
};

static void
note(struct task *list, size_t *count, struct service *s, const char *id,
	enum step step)
{
	struct service_job *j = job_of(s, id);

	if (!j)
		return;
	j->seen = true;
	if (step == NOTHING || !jit_deadline_over(j->wait))
		return;
	memcpy(list[*count].id, id, JIT_ULID);
	list[(*count)++].step = step;
}

static int
collect(struct task **list, size_t *count, struct service *s,
	struct jit_error *err)
{
	const struct jit_state *state = jit_ledger_state(s->cli->ledger);
	const struct jit_unproven *u = state->unproven;
	const struct jit_grant *g;
	struct service_job *j;
	size_t i;

	*list = calloc(state->grants_count + state->unproven_count + 1,
		sizeof(**list));
	if (!*list)
		return jit_nomem(err);
	for (i = 0; i < state->grants_count; i++) {
		g = state->grants[i];
		j = g->change || !is_mine(s, g->resource) ? NULL
							  : job_of(s, g->id);
		if (j)
			note(*list, count, s, g->id, step_of(s, g, j));
	}
	for (i = 0; i < state->unproven_count; i++) {
		j = is_mine(s, u[i].resource) ? job_of(s, u[i].id) : NULL;
		if (j)
			note(*list, count, s, u[i].id, step_after(s, j));
	}
	return 0;
}

static size_t
owed(const struct service *s)
{
	const struct jit_state *state = jit_ledger_state(s->cli->ledger);
	size_t i, n = 0;

	for (i = 0; i < state->unproven_count; i++)
		n += is_mine(s, state->unproven[i].resource);
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

/* What is to be done now: all but proofs, or proofs. */
static int
pass(struct service *s, bool proofs, int *worst, struct jit_error *err)
{
	struct task *list = NULL;
	struct service_job *j;
	size_t i, count = 0;
	int rc = collect(&list, &count, s, err), one;

	for (i = 0; rc == 0 && i < count; i++) {
		if ((list[i].step == PROVE) != proofs)
			continue;
		act_now(s->cli);
		j = job_of(s, list[i].id);
		one = j ? take(s, j, list[i].step, err) : jit_nomem(err);
		if (one && err->text[0])
			cli_complain(s->cli, err);
		err->text[0] = '\0'; /* it is said */
		*worst = one < *worst ? one : *worst;
	}
	free(list);
	return rc;
}

/* All is removed before anything is asked whether it is dead. */
int
service_once(size_t *left, struct service *s, struct jit_error *err)
{
	int rc, worst = 0;

	act_now(s->cli);
	rc = jit_ledger_update(s->cli->ledger, s->cli->now, err);
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
		rc = service_once(&left, s, err);
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
