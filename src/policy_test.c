/* SPDX-License-Identifier: ISC */
/* jit-policy test: cases in a folder, each decided by the judge. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy_case.h"
#include "policy_word.h"

/* A folder of cases that is being gone through. */
struct run {
	const struct cli *cli;
	const char *dir;
	char **names; /* without ".json", in order */
	size_t count, failed;
};

/* A policy's path is relative to the case's own folder. */
static int
read_policy(struct jit_json **out, const struct run *run, const char *policy,
	struct jit_error *err)
{
	struct jit_buf path = {0};
	int rc;

	if (policy[0] != '/')
		jit_buf_fmt(&path, "%s/", run->dir);
	jit_buf_str(&path, policy);
	rc = jit_buf_failed(&path, err);
	if (rc == 0)
		rc = policy_read_json(out, jit_buf_text(&path), err);
	jit_buf_free(&path);
	return rc;
}

static int
make_state(struct jit_state **out, const struct run *run,
	const struct policy_case *k, struct jit_error *err)
{
	const struct policy_asked *had = k->history.at;
	struct jit_json *policy = NULL;
	struct jit_state *s = NULL;
	struct policy_ask ask;
	int64_t since = 0;
	size_t i;
	int rc;

	rc = policy_case_since(&since, k, run->cli->now, err);
	if (rc == 0)
		rc = read_policy(&policy, run, k->policy, err);
	if (rc == 0)
		rc = policy_world_make(&s, policy, &k->people, since, err);
	for (i = 0; rc == 0 && i < k->history.count; i++) {
		rc = policy_case_ask(&ask, &had[i], run->cli->now, err);
		if (rc == 0)
			rc = policy_world_had(s, &ask, err);
		if (rc)
			rc = jit_within(err, rc, "history[%zu]", i);
	}
	jit_json_free(policy);
	if (rc) {
		jit_state_free(s);
		return rc;
	}
	*out = s; /* transferred */
	return 0;
}

/* A refusal is known by the judge's rule, or the policy's that it begins
 * with: "rule 'frozen' denies ...". */
static bool
refused_by(const struct policy_outlook *out, const char *rule)
{
	struct jit_buf begin = {0};
	bool same;

	jit_buf_fmt(&begin, "rule '%s' ", rule);
	same = strcmp(out->no.rule, rule) == 0 ||
		strncmp(out->no.text, jit_buf_text(&begin), begin.len) == 0;
	jit_buf_free(&begin);
	return same;
}

static int
check_needs(const struct policy_outlook *out, const struct jit_json *needs,
	struct jit_error *err)
{
	const struct jit_tally *t = out->st.tally;
	int64_t n;
	size_t i;

	for (i = 0; i < out->st.tallies; i++) {
		n = 0;
		(void)jit_json_int(&n, jit_json_get(needs, t[i].group));
		if (n != t[i].need)
			return jit_fail(err, JIT_FINDINGS,
				"needs %lld of %s, not %lld",
				(long long)t[i].need, t[i].group, (long long)n);
	}
	if (jit_json_count(needs) == out->st.tallies)
		return 0;
	return jit_fail(err, JIT_FINDINGS,
		"needs votes of %zu groups, not of %zu", out->st.tallies,
		jit_json_count(needs));
}

static int
check_given(const struct policy_outlook *out,
	const struct policy_expected *want, struct jit_error *err)
{
	struct jit_buf max = {0};
	int rc = 0;

	if (want->rule && strcmp(out->rule->id, want->rule) != 0)
		return jit_fail(err, JIT_FINDINGS,
			"rule '%s' decides, not '%s'", out->rule->id,
			want->rule);
	if (want->max && want->max != out->rule->max) {
		jit_when_spell(&max, out->rule->max);
		rc = jit_fail(err, JIT_FINDINGS, "rule '%s' gives at most %s",
			out->rule->id, jit_buf_text(&max));
		jit_buf_free(&max);
	}
	if (rc == 0 && want->needs)
		rc = check_needs(out, want->needs, err);
	return rc;
}

static int
check(const struct policy_outlook *out, const struct policy_expected *want,
	struct jit_error *err)
{
	bool allow = strcmp(want->decision, "allow") == 0;

	if (allow && out->code)
		return jit_fail(err, JIT_FINDINGS, "denied (%s): %s",
			out->no.rule, out->no.text);
	if (!allow && out->code == 0)
		return jit_fail(err, JIT_FINDINGS, "allowed by rule '%s'",
			out->rule->id);
	if (allow)
		return check_given(out, want, err);
	if (!want->rule || refused_by(out, want->rule))
		return 0;
	return jit_fail(err, JIT_FINDINGS, "denied by %s, not by '%s': %s",
		out->no.rule, want->rule, out->no.text);
}

static int
decide(const struct run *run, const struct policy_case *k,
	struct jit_error *err)
{
	struct policy_outlook out = {0};
	struct jit_state *s = NULL;
	struct policy_ask ask;
	int rc;

	rc = make_state(&s, run, k, err);
	if (rc == 0)
		rc = policy_case_ask(&ask, k->request, run->cli->now, err);
	if (rc == 0)
		rc = policy_foresee(&out, s, &ask, err);
	if (rc == 0)
		rc = check(&out, k->expect, err);
	policy_outlook_free(&out);
	jit_state_free(s);
	return rc;
}

static int
print(const struct run *run, const char *name, int rc, const char *why,
	struct jit_error *err)
{
	struct jit_json *o;
	bool good;

	if (!run->cli->json) {
		cli_out("%s ", rc ? "not ok" : "ok");
		cli_out_text(name);
		if (rc) {
			cli_out(": ");
			cli_out_text(why);
		}
		cli_out("\n");
		return 0;
	}
	o = jit_json_object();
	good = jit_json_set_text(o, "case", name) &&
		jit_json_set_bool(o, "passed", rc == 0);
	if (good && rc)
		good = jit_json_set_text(o, "why", why);
	if (good)
		cli_out_json(o);
	jit_json_free(o);
	return good ? 0 : jit_nomem(err);
}

/* A case that cannot be read has failed; the others go on. */
static int
run_case(struct run *run, const char *name, struct jit_error *err)
{
	struct jit_error why = {0};
	struct jit_buf path = {0};
	struct policy_case k = {0};
	int rc;

	jit_buf_fmt(&path, "%s/%s.json", run->dir, name);
	rc = policy_case_read(&k, jit_buf_text(&path), &why);
	if (rc == 0)
		rc = decide(run, &k, &why);
	policy_case_free(&k);
	jit_buf_free(&path);
	if (rc == JIT_TROUBLE) {
		*err = why;
		return rc;
	}
	run->failed += rc != 0;
	return print(run, name, rc, why.text, err);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Any .json file but one that is called policy.json is a case. */
static bool
is_case(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && name[0] != '.' &&
		strcmp(name + len - 5, ".json") == 0 &&
		strcmp(name, "policy.json") != 0;
}

static int
take_name(struct run *run, const char *name, struct jit_error *err)
{
	char **grown = realloc(run->names, (run->count + 1) * sizeof(*grown));

	if (!grown)
		return jit_nomem(err);
	run->names = grown;
	run->names[run->count] = strndup(name, strlen(name) - 5);
	if (!run->names[run->count])
		return jit_nomem(err);
	run->count++;
	return 0;
}

static int
find_cases(struct run *run, struct jit_error *err)
{
	DIR *d = opendir(run->dir);
	struct dirent *e;
	int rc = 0;

	if (!d)
		return jit_fail(err, JIT_USAGE, "cannot read '%s': %s",
			run->dir, strerror(errno));
	while (rc == 0 && (e = readdir(d)) != NULL)
		if (is_case(e->d_name))
			rc = take_name(run, e->d_name, err);
	closedir(d);
	if (rc == 0 && run->count == 0)
		rc = jit_fail(err, JIT_USAGE, "no case (NAME.json) is in '%s'",
			run->dir);
	if (rc == 0)
		qsort(run->names, run->count, sizeof(*run->names), by_name);
	return rc;
}

int
policy_test(struct policy_options *o, struct jit_error *err)
{
	struct run run = {.cli = &o->cli, .dir = o->cli.args[1]};
	size_t i;
	int rc;

	rc = find_cases(&run, err);
	for (i = 0; rc == 0 && i < run.count; i++)
		rc = run_case(&run, run.names[i], err);
	if (rc == 0 && !o->cli.json)
		cli_out("%zu passed, %zu failed\n", run.count - run.failed,
			run.failed);
	for (i = 0; i < run.count; i++)
		free(run.names[i]);
	free(run.names);
	if (rc == 0 && run.failed) {
		rc = JIT_FINDINGS; /* each is on stdout */
		err->text[0] = '\0';
	}
	return rc;
}
