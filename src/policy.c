/* SPDX-License-Identifier: ISC */
/* jit-policy: what a policy says, before anybody lives by it. */
#include <unistd.h>

#include "policy_word.h"

static const char *const usage[] = {"lint [FILE]",
	"explain [-u WHO] [-d DURATION] [-t TASK] [-a ACTION]... [--at TIME]\n"
	"                  [--break-glass] [--policy FILE] RESOURCE ROLE",
	"test DIR", "diff [OLD] NEW", NULL};

static const struct cli_option options[] = {
	{'u', "principal", CLI_TEXT, "WHO",
		"explain it for this one (else you)",
		CLI_OF(policy_options, who, "explain")},
	{'d', "duration", CLI_DURATION, "DURATION",
		"explain it for this long (else a minute)",
		CLI_OF(policy_options, duration, "explain")},
	{'t', "task", CLI_TEXT, "TASK",
		"explain it for this task (else one that will do)",
		CLI_OF(policy_options, task, "explain")},
	{'a', "action", CLI_LIST, "ACTION",
		"explain it for this command line only; may be repeated",
		CLI_OF(policy_options, actions, "explain")},
	{0, "at", CLI_TEXT, "TIME", "explain it for then: 2026-11-22T06:12:00Z",
		CLI_OF(policy_options, at, "explain")},
	{0, "break-glass", CLI_FLAG, NULL, "explain it by break-glass",
		CLI_OF(policy_options, glass, "explain")},
	{0, "policy", CLI_TEXT, "FILE",
		"explain this policy (else the ledger's)",
		CLI_OF(policy_options, policy, "explain")},
	CLI_ROW_LEDGER, CLI_ROW_WHO, CLI_ROW_JSON, CLI_ROW_QUIET,
	CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-policy",
	"lint, explain, test and compare policies", usage, options, 1, 3,
	"a word: lint, explain, test or diff"};

static const struct word {
	struct cli_word word;
	int (*run)(struct policy_options *o, struct jit_error *err);
} words[] = {
	{{"lint", 0, 1, "at most a FILE"}, policy_lint},
	{{"explain", 2, 2, "RESOURCE ROLE"}, policy_explain},
	{{"test", 1, 1, "a DIR of cases"}, policy_test},
	{{"diff", 1, 2, "one or two FILEs"}, policy_diff},
	{{0}, NULL},
};

int
policy_read_json(struct jit_json **out, const char *path, struct jit_error *err)
{
	struct jit_buf text = {0};
	int rc;

	rc = cli_read_file(&text, path, JIT_JSON_POLICY, err);
	if (rc == 0) {
		rc = jit_json_read(out, text.data, text.len, JIT_JSON_POLICY,
			err);
		if (rc)
			rc = jit_within(err, rc, "'%s'", path);
	}
	jit_buf_free(&text);
	return rc;
}

/* Whether a ledger is named, or is where one would be looked for. */
static bool
has_ledger(struct cli *c)
{
	const char *path = NULL;

	return cli_ledger_path(&path, c, NULL) == 0 &&
		(c->ledger_path || access(path, F_OK) == 0);
}

static int
open_ledger(struct cli *c, struct jit_error *err)
{
	return c->ledger ? 0 : cli_ledger(c, err);
}

static int
make_state(struct policy_source *x, struct cli *c, const struct jit_json *json,
	int64_t at, struct jit_error *err)
{
	int rc;

	x->enrolled = !json || has_ledger(c);
	if (!x->enrolled)
		return policy_world_make(&x->state, json, NULL, at, err);
	rc = open_ledger(c, err);
	if (rc)
		return rc;
	return policy_world_copy(&x->state, jit_ledger_state(c->ledger), json,
		at, err);
}

int
policy_source_open(struct policy_source *out, struct cli *c, const char *file,
	int64_t at, struct jit_error *err)
{
	struct jit_json *json = NULL;
	int rc = 0;

	if (file)
		rc = policy_read_json(&json, file, err);
	if (rc == 0)
		rc = make_state(out, c, json, at, err);
	if (rc == 0 && !out->enrolled)
		cli_more(c,
			"no ledger is here: the people are those whom the "
			"policy names");
	jit_json_free(json);
	return rc;
}

void
policy_source_free(struct policy_source *source)
{
	jit_state_free(source->state);
	source->state = NULL;
}

int
main(int argc, char **argv)
{
	struct policy_options o = {0};
	struct jit_error err = {0};
	const struct word *word;
	int rc = JIT_USAGE;

	cli_start(&o.cli, &program, argc, argv);
	word = cli_word(&o.cli, words, sizeof(*words), &err);
	if (word)
		rc = word->run(&o, &err);
	return cli_end(&o.cli, rc, &err);
}
