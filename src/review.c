/* SPDX-License-Identifier: ISC */
#include "review.h"

#include <string.h>

#include "act.h"
#include "name.h"
#include "span.h"
#include "table.h"
#include "when.h"

struct review {
	char id[JIT_ULID];
	const char *verdict, *note;
};

/* The one of those looked at so far whose id begins so. */
struct search {
	char wanted[JIT_ULID];
	const char *found; /* NULL: none */
	bool several;
};

static void
look(struct search *x, const char *id)
{
	if (strncmp(id, x->wanted, strlen(x->wanted)) != 0)
		return;
	if (x->found && strcmp(x->found, id) != 0)
		x->several = true;
	x->found = id;
}

/* What a review can pay: broken glass, and a proof that no probe can give. */
static int
find(char id[JIT_ULID], const struct jit_state *s, const char *prefix,
	struct jit_error *err)
{
	struct search x = {.found = NULL};
	size_t i;

	if (!jit_ulid_prefix(x.wanted, prefix))
		return jit_fail(err, JIT_USAGE,
			"'%s' is no id: 26 characters, as jit-status --owed "
			"prints it",
			prefix);
	for (i = 0; i < s->debts_count; i++)
		look(&x, s->debts[i].id);
	for (i = 0; i < s->unproven_count; i++)
		if (!s->unproven[i].control)
			look(&x, s->unproven[i].id);
	if (x.several)
		return jit_fail(err, JIT_USAGE,
			"several begin with '%s': give more of the id", prefix);
	if (!x.found)
		return jit_fail(err, JIT_NOGRANT, "no review is owed for '%s'",
			prefix);
	memcpy(id, x.found, JIT_ULID);
	return 0;
}

static int
draft(struct jit_event *ev, const struct jit_state *s, int64_t at, void *arg,
	struct jit_error *err)
{
	struct review *r = arg;

	(void)s;
	(void)at;
	(void)err;
	ev->id = r->id;
	ev->verdict = r->verdict;
	ev->note = r->note;
	return 0;
}

int
review_pay(struct cli *c, const char *id, const char *verdict, const char *note,
	struct jit_error *err)
{
	struct review r = {.verdict = verdict, .note = note};
	int rc;

	if (strcmp(verdict, "ok") != 0 && strcmp(verdict, "misuse") != 0 &&
		strcmp(verdict, "unclear") != 0)
		return cli_usage(c, err,
			"'%s' is no verdict: ok, misuse or unclear", verdict);
	if (!note)
		return cli_usage(c, err, "what was found? -m NOTE");
	rc = jit_name_want_reason("note", note, err);
	if (rc == 0)
		rc = find(r.id, jit_ledger_state(c->ledger), id, err);
	if (rc == 0)
		rc = act(c, JIT_REVIEW, draft, &r, NULL, err);
	if (rc)
		return rc;
	cli_hint(c, "%s %s: %s", c->dry ? "would review" : "reviewed", r.id,
		verdict);
	return c->dry ? 0 : act_answer_over(c, r.id, verdict, err);
}
