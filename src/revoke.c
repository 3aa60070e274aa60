/* SPDX-License-Identifier: ISC */
/* jit-revoke: end access: from that record on every gate says no. */
#include <string.h>

#include "act.h"
#include "name.h"
#include "offer.h"

struct revoke {
	struct cli cli;
	const char *message;

	char id[JIT_ULID];
	const char *cause;
};

static const char *const usage[] = {"[-m REASON] ID...", NULL};

static const struct cli_option options[] = {{'m', "message", CLI_TEXT, "REASON",
						    "why it ends",
						    CLI_AT(revoke, message)},
	CLI_ROW_LEDGER, CLI_ROW_KEY, CLI_ROW_DRY, CLI_ROW_JSON, CLI_ROW_QUIET,
	CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-revoke", "end access", usage,
	options, 1, 4096};

static bool
has_lapsed(const struct jit_state *s, const struct jit_grant *g, int64_t at)
{
	struct jit_standing st;

	return jit_standing_of(&st, s, g, NULL) != 0 || at >= st.lapses;
}

/* Why it ends follows from where it stands and who says so. */
static const char *
cause_of(const struct jit_state *s, const struct jit_grant *g,
	const struct jit_enrolment *me, int64_t at)
{
	if (g && g->stage == JIT_WAITING && has_lapsed(s, g, at))
		return "lapse";
	if (g && g->stage == JIT_ACTIVE && at >= g->until)
		return "ttl";
	return me && me->class == JIT_ISSUER ? "failed" : "revoke";
}

static int
draft(struct jit_event *ev, const struct jit_state *s, int64_t at, void *arg,
	struct jit_error *err)
{
	struct revoke *r = arg;

	(void)err;
	r->cause = cause_of(s, jit_state_grant(s, r->id),
		jit_state_key(s, ev->key), at);
	ev->id = r->id;
	ev->cause = r->cause;
	ev->reason = r->message;
	return 0;
}

static int
revoke(struct revoke *r, const char *id, struct jit_error *err)
{
	struct cli *c = &r->cli;
	struct jit_grant *g = NULL;
	int rc;

	rc = cli_grant(&g, c, id, err);
	if (rc)
		return rc;
	memcpy(r->id, g->id, JIT_ULID);
	rc = act(c, JIT_END, draft, r, r->id, err);
	if (rc)
		return rc;
	cli_hint(c, "%s %s, cause %s", c->dry ? "would end" : "ended", r->id,
		r->cause);
	if (c->dry)
		return 0;
	offer_forget(r->id);
	return act_answer_over(c, r->id, r->cause, err);
}

/* Each is tried and each refusal said; the highest status is the whole's. */
static int
revoke_all(struct revoke *r, struct jit_error *err)
{
	int rc, worst = 0;
	size_t i;

	for (i = 0; i < r->cli.count; i++) {
		rc = revoke(r, r->cli.args[i], err);
		if (rc)
			cli_complain(&r->cli, err);
		if (rc < worst)
			worst = rc;
	}
	err->text[0] = '\0'; /* all is said */
	return worst;
}

int
main(int argc, char **argv)
{
	struct revoke r = {0};
	struct jit_error err = {0};
	int rc = 0;

	cli_start(&r.cli, &program, argc, argv);
	if (r.message)
		rc = jit_name_want_reason("reason", r.message, &err);
	if (rc == 0)
		rc = act_open(&r.cli, &err);
	if (rc == 0)
		rc = revoke_all(&r, &err);
	return cli_end(&r.cli, rc, &err);
}
