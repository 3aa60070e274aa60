/* SPDX-License-Identifier: ISC */
/* What connectors say that stands, of this machine and of their targets. */
#include <stdio.h>
#include <string.h>

#include "connector.h"
#include "survey.h"

#define OTHERS 1024 /* grants that a connector is told of */

/* This machine's own, and who knows them. */
static const struct {
	const char *surface;
	const char *resource;
} own[] = {
	{"cas", "ssh:localhost"},
	{"certs", "ssh:localhost"},
	{"keys", "ssh:localhost"},
	{"sudoers", "sudo:localhost"},
};

#define OWN (sizeof(own) / sizeof(own[0]))

/* -- What is asked --------------------------------------------------------- */

/* What is live there was given, and ends. JIT_TROUBLE: no memory. */
static int
put_others(struct jit_errand *ask, struct jit_arena *mem,
	const struct survey *v, struct jit_error *err)
{
	struct jit_other *others;
	const struct jit_grant *g;
	size_t i, n = 0;

	if (!v->state)
		return 0;
	others = jit_arena_get(mem, OTHERS * sizeof(*others));
	if (!others)
		return jit_nomem(err);
	for (i = 0; i < v->state->grants_count && n < OTHERS; i++) {
		g = v->state->grants[i];
		if (g->stage == JIT_ACTIVE && v->cli->now < g->until &&
			strcmp(g->resource, ask->resource) == 0)
			others[n++] = (struct jit_other){.id = g->id,
				.role = g->role,
				.principal = g->by,
				.until = g->until,
				.actions = g->actions};
	}
	ask->others = (struct jit_rows){n, others};
	return 0;
}

static int
ask_connector(struct jit_reply *reply, const struct survey *v,
	const char *resource, const struct jit_json *target,
	struct jit_error *err)
{
	struct jit_errand ask = {.resource = resource, .target = target};
	struct jit_arena mem = {0};
	int rc = put_others(&ask, &mem, v, err);

	if (rc == 0)
		rc = connector_run(reply, JIT_VERB_SCAN, &ask, err);
	jit_arena_free(&mem);
	return rc;
}

/* -- This machine ---------------------------------------------------------- */

static bool
is_whole(const struct jit_reply *r, const char *surface)
{
	size_t i;

	for (i = 0; i < r->whole.count; i++)
		if (strcmp(r->whole.at[i], surface) == 0)
			return true;
	return r->unseen.count == 0;
}

/* Whether that connector speaks of such a surface. */
static bool
is_known(const char *surface, const char *resource)
{
	size_t i;

	for (i = 0; surface && i < OWN; i++)
		if (strcmp(own[i].surface, surface) == 0 &&
			strcmp(own[i].resource, resource) == 0)
			return true;
	return false;
}

/* What an answer says of one surface; what is of none may be of any. */
static void
take_own(struct survey *v, struct surface *x, const struct jit_reply *r,
	const char *resource)
{
	const struct jit_stands *s = r->standing.at;
	size_t i;

	for (i = 0; i < r->standing.count; i++)
		if (!is_known(s[i].surface, resource))
			survey_missed(v, x, "of no known surface: %s",
				s[i].what);
		else if (strcmp(s[i].surface, x->name) == 0)
			survey_found(v, x, s[i].what, s[i].who);
	for (i = 0; !is_whole(r, x->name) && i < r->unseen.count; i++)
		survey_missed(v, x, "%s", r->unseen.at[i]);
}

/* Each connector once, for all that it is asked for. */
static void
look_here(struct survey *v, const char *resource)
{
	struct jit_reply reply = {0};
	struct jit_error err = {0};
	struct surface *x;
	bool asked = false;
	size_t i;
	int rc = 0;

	for (i = 0; i < OWN; i++) {
		x = strcmp(own[i].resource, resource) == 0
			? survey_get(v, own[i].surface)
			: NULL;
		if (!x)
			continue;
		if (!asked)
			rc = ask_connector(&reply, v, resource, NULL, &err);
		asked = true;
		if (rc)
			survey_missed(v, x, "%s", err.text);
		else
			take_own(v, x, &reply, resource);
	}
	jit_reply_free(&reply);
}

/* -- Targets --------------------------------------------------------------- */

static void
take_all(struct survey *v, struct surface *x, const struct jit_reply *r)
{
	const struct jit_stands *s = r->standing.at;
	char what[1100];
	size_t i;

	for (i = 0; i < r->standing.count; i++) {
		snprintf(what, sizeof(what), "%s%s%s",
			s[i].surface ? s[i].surface : "",
			s[i].surface ? ": " : "", s[i].what);
		survey_found(v, x, what, s[i].who);
	}
	for (i = 0; i < r->unseen.count; i++)
		survey_missed(v, x, "%s", r->unseen.at[i]);
}

static void
look_at_target(struct survey *v, struct surface *x)
{
	struct jit_reply reply = {0};
	struct jit_json *target = NULL;
	struct jit_error err = {0};
	int rc = connector_target(&target, x->name, &err);

	if (rc == 0 && !target)
		rc = jit_fail(&err, JIT_TROUBLE, "it is not within reach here");
	if (rc == 0)
		rc = connector_strip(&target, &err);
	if (rc == 0)
		rc = ask_connector(&reply, v, x->name, target, &err);
	if (rc)
		survey_missed(v, x, "%s", err.text);
	else
		take_all(v, x, &reply);
	jit_reply_free(&reply);
	jit_json_free(target);
}

void
survey_connectors(struct survey *v)
{
	size_t i;

	look_here(v, "ssh:localhost");
	look_here(v, "sudo:localhost");
	for (i = 0; i < v->count; i++)
		if (strchr(v->at[i].name, ':'))
			look_at_target(v, &v->at[i]);
}
