/* SPDX-License-Identifier: ISC */
/* What there is to do about one grant, and doing it. */
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "connector.h"
#include "deadline.h"
#include "ending.h"
#include "issuance.h"
#include "pattern.h"
#include "reach.h"
#include "service_inner.h"

#define TRIES 5 /* until what cannot be made to work has failed */

/* -- Jobs ------------------------------------------------------------------ */

struct service_job *
service_job_of(struct service *s, const char *id)
{
	struct service_job *j;

	for (j = s->jobs; j; j = j->next)
		if (strcmp(j->id, id) == 0)
			return j;
	j = calloc(1, sizeof(*j));
	if (!j)
		return NULL;
	memcpy(j->id, id, JIT_ULID);
	j->pause = SERVICE_PAUSE;
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
	j->pause = 2 * j->pause < SERVICE_PAUSE_MOST ? 2 * j->pause
						     : SERVICE_PAUSE_MOST;
}

static void
at_once(struct service_job *j)
{
	j->tries = 0;
	j->wait = 0;
	j->pause = SERVICE_PAUSE;
}

/* -- What there is to do --------------------------------------------------- */

bool
service_mine(const struct service *s, const char *resource)
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

static enum service_step
next_of_open(const struct service *s, const struct jit_grant *g,
	const struct service_job *j)
{
	const struct jit_state *state = jit_ledger_state(s->cli->ledger);
	struct jit_standing st;

	if (is_over(s, g))
		return s->work & SERVICE_SWEEP ? SERVICE_END : SERVICE_NOTHING;
	if (!(s->work & SERVICE_ISSUE))
		return SERVICE_NOTHING;
	if (g->stage == JIT_WAITING)
		return issuance_ready(&st, state, g, s->cli->now, NULL) == 0 &&
				can_make(s, g)
			? SERVICE_MAKE
			: SERVICE_NOTHING;
	if (!j->set)
		return SERVICE_SET;
	return g->control ? SERVICE_NOTHING : SERVICE_CONTROL;
}

enum service_step
service_next(const struct service *s, const struct service_job *j)
{
	const struct jit_state *state = jit_ledger_state(s->cli->ledger);
	const struct jit_grant *g = jit_state_grant(state, j->id);

	if (g)
		return next_of_open(s, g, j);
	if (!jit_state_unproven(state, j->id) || !(s->work & SERVICE_SWEEP) ||
		j->hopeless)
		return SERVICE_NOTHING;
	if (!j->gone)
		return SERVICE_REMOVE;
	return is_covered(s, j->id) ? SERVICE_NOTHING : SERVICE_PROVE;
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
		j->wait = jit_deadline_in(SERVICE_PAUSE_MOST);
		err->text[0] = '\0';
		return 0;
	}
	if (rc || strcmp(outcome, JIT_OUTCOME_ALLOWED) != 0)
		put_off(j);
	else
		at_once(j);
	return rc;
}

/* Whether it is active still, after what took its time. */
static bool
still_live(struct service *s, const char *id)
{
	const struct jit_grant *g;

	act_now(s->cli);
	if (jit_ledger_update(s->cli->ledger, s->cli->now, NULL) != 0)
		return true; /* nobody says that it is over */
	g = jit_state_grant(jit_ledger_state(s->cli->ledger), id);
	return g && g->stage == JIT_ACTIVE;
}

static int
set(struct service *s, struct service_job *j, struct jit_error *err)
{
	int rc = reach_grant(s->cli, j->id, err);

	/* ended, and even shown to be dead, while its connector made it */
	if (rc != JIT_NOGRANT && !still_live(s, j->id))
		return reach_revoke(s->cli, j->id, err);
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
		parent = service_job_of(s, g->extends);
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
		j->wait = jit_deadline_in(SERVICE_PAUSE_MOST);
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

	if (rc == JIT_NOGRANT) { /* another has shown it meanwhile */
		j->wait = jit_deadline_in(SERVICE_PAUSE_MOST);
		err->text[0] = '\0';
		return 0;
	}
	if (rc == 0 && strcmp(outcome, JIT_OUTCOME_REFUSED) == 0) {
		j->hopeless =
			jit_state_unproven(jit_ledger_state(s->cli->ledger),
				j->id) != NULL;
		s->done++;
		return 0;
	}
	j->gone = false; /* it is removed again */
	put_off(j);
	return rc ? rc
		  : jit_fail(err, JIT_UNPROVEN,
			    "grant %s is over, and its target says '%s'", j->id,
			    outcome);
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

int
service_take(struct service *s, struct service_job *j, enum service_step step,
	struct jit_error *err)
{
	switch (step) {
	case SERVICE_MAKE:
		return issue(s, j, err);
	case SERVICE_SET:
		return set(s, j, err);
	case SERVICE_CONTROL:
		return control(s, j, err);
	case SERVICE_END:
		return finish(s, j, err);
	case SERVICE_REMOVE:
		return remove_it(s, j, err);
	case SERVICE_PROVE:
		return prove(s, j, err);
	case SERVICE_NOTHING:
		break;
	}
	return 0;
}
