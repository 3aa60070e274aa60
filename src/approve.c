/* SPDX-License-Identifier: ISC */
/* jit-approve: see what is asked, then say yes or no to it, or take it back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "review.h"
#include "name.h"
#include "queue.h"
#include "screen.h"
#include "tty.h"
#include "vote.h"
#include "when.h"

struct approve {
	struct cli cli;
	const char *message, *as, *review;
	int64_t duration;
	struct cli_list actions;
	struct jit_arena mem;
	bool deny, withdraw, yes;
};

static const char *const usage[] = {
	"[-m NOTE] [-d SHORTER] [-a ACTION]... [--as GROUP] [-y] [ID]",
	"--deny -m REASON ID", "--withdraw [-m REASON] ID",
	"--review VERDICT -m NOTE ID", NULL};

static const struct cli_option options[] = {{'m', "message", CLI_TEXT, "TEXT",
						    "a note; why it is denied",
						    CLI_AT(approve, message)},
	{'d', "duration", CLI_DURATION, "SHORTER", "approve for less time",
		CLI_AT(approve, duration)},
	{'a', "action", CLI_LIST, "ACTION",
		"approve only this action of those asked; may be repeated",
		CLI_AT(approve, actions)},
	{0, "as", CLI_TEXT, "GROUP", "vote as a member of this group",
		CLI_AT(approve, as)},
	{0, "deny", CLI_FLAG, NULL, "say no, for good", CLI_AT(approve, deny)},
	{0, "withdraw", CLI_FLAG, NULL, "take back your approval",
		CLI_AT(approve, withdraw)},
	{0, "review", CLI_TEXT, "VERDICT",
		"of broken glass: ok, misuse or unclear",
		CLI_AT(approve, review)},
	{'y', "yes", CLI_FLAG, NULL, "approve without being asked",
		CLI_AT(approve, yes)},
	CLI_ROW_LEDGER, CLI_ROW_KEY, CLI_ROW_DRY, CLI_ROW_JSON, CLI_ROW_QUIET,
	CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-approve",
	"show what is asked, and vote on it", usage, options, 0, 1, NULL};

static int
check_words(const struct approve *a, struct jit_error *err)
{
	const struct cli *c = &a->cli;
	int rc = 0;

	if (a->deny + a->withdraw + (a->review != NULL) > 1)
		return cli_usage(c, err,
			"--deny, --withdraw or --review: one of them");
	if ((a->deny || a->withdraw || a->review) &&
		(a->duration || a->actions.count || a->as || a->yes))
		return cli_usage(c, err,
			"-d, -a, --as and -y go with a yes only");
	if (c->count == 0 &&
		(a->deny || a->withdraw || a->review || a->duration ||
			a->actions.count || a->as || a->yes || a->message))
		return cli_usage(c, err, "which one? name its ID");
	if (a->deny && !a->message)
		return cli_usage(c, err, "why not? -m REASON");
	if (a->message)
		rc = jit_name_want_reason(a->deny ? "reason" : "note",
			a->message, err);
	if (rc == 0 && a->as)
		rc = jit_name_want_label("group", a->as, err);
	return rc;
}

/* Yes or no to what is shown: 0, or JIT_NO. Who looks at nothing need not
 * wait for it. */
static int
ask(const struct approve *a, const struct vote *v, struct jit_error *err)
{
	struct jit_buf screen = {0}, question = {0};
	int rc;

	if (a->yes && !a->cli.verbose)
		return 0;
	rc = vote_show(&screen, &question, v, err);
	if (rc == 0 && a->yes)
		fputs(jit_buf_text(&screen), stderr);
	if (rc == 0 && !a->yes) {
		jit_buf_str(&question, " [y/N] ");
		rc = tty_ask(jit_buf_text(&screen), jit_buf_text(&question),
			err);
		if (rc >= 0)
			rc = rc ? 0 : jit_fail(err, JIT_NO, "not approved");
	}
	jit_buf_free(&screen);
	jit_buf_free(&question);
	return rc;
}

/* Nobody reads what he may not vote on; what is shown is what is signed. */
static int
approve(struct approve *a, struct vote *v, struct jit_error *err)
{
	int rc = vote_may(v, err);

	if (rc == 0)
		rc = vote_take(v, v->id, err);
	if (rc == 0 && !a->cli.dry)
		rc = ask(a, v, err);
	if (rc)
		return rc;
	act_now(&a->cli);
	return vote_approve(v, err);
}

static int
vote(struct approve *a, struct jit_error *err)
{
	struct vote v = {.cli = &a->cli,
		.as = a->as,
		.message = a->message,
		.duration = a->duration};
	int rc = cli_actions(&v.actions, &a->mem, &a->actions, err);

	if (rc == 0)
		rc = vote_take(&v, a->cli.args[0], err);
	if (rc)
		return rc;
	if (a->deny)
		return vote_deny(&v, err);
	if (a->withdraw)
		return vote_withdraw(&v, err);
	return approve(a, &v, err);
}

int
main(int argc, char **argv)
{
	struct approve a = {0};
	struct jit_error err = {0};
	int rc;

	cli_start(&a.cli, &program, argc, argv);
	rc = check_words(&a, &err);
	if (rc == 0)
		rc = act_open(&a.cli, &err);
	if (rc == 0 && a.review)
		rc = review_pay(&a.cli, a.cli.args[0], a.review, a.message,
			&err);
	else if (rc == 0)
		rc = a.cli.count ? vote(&a, &err) : queue_walk(&a.cli, &err);
	jit_arena_free(&a.mem);
	return cli_end(&a.cli, rc, &err);
}
