/* SPDX-License-Identifier: ISC */
#include "hook.h"

#include <stdio.h>
#include <string.h>

#include "child.h"
#include "when.h"

#define SAYS_MAX 65536 /* bytes that a hook may print */

static const struct {
	const char *name, *key;
	bool workload; /* only where one of these asks */
} hooks[HOOKS_MAX] = {
	{"task", "jit.taskHook", false},
	{"attest", "jit.attestHook", true},
};

const char *const hook_env[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
	"LC_ALL=C.UTF-8", NULL};

int
hook_seconds(int *out, struct jit_error *err)
{
	struct jit_buf value = {0};
	int64_t n = HOOK_SECONDS;
	int rc = jit_store_config(&value, "jit.hookTimeout", err);

	if (rc == 1)
		rc = jit_when_duration(&n, jit_buf_text(&value), err);
	jit_buf_free(&value);
	if (rc < 0)
		return jit_within(err, JIT_TROUBLE, "jit.hookTimeout");
	*out = (int)n;
	return 0;
}

/* "ISSUER SUBJECT", as two. */
static bool
put_attest(struct jit_json *o, const char *attest)
{
	struct jit_json *inner = jit_json_object();
	char issuer[512];
	size_t n = strcspn(attest, " ");
	bool good;

	snprintf(issuer, sizeof(issuer), "%.*s", (int)n, attest);
	good = jit_json_set_text(inner, "issuer", issuer) &&
		jit_json_set_text(inner, "subject", attest + n + 1);
	return jit_json_set(o, "attest", inner) && good;
}

static int
question(struct jit_buf *out, const char *hook, const struct cli *c,
	const struct jit_grant *g, struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	const struct jit_enrolment *e = jit_state_person(s, g->by),
				   *k = jit_state_key(s, g->key);
	struct jit_json *o = cli_grant_json(s, g, c->now);
	bool good = o && jit_json_set_text(o, "hook", hook) &&
		(!k || !k->attest || put_attest(o, k->attest)) &&
		jit_json_set_text(o, "ledger", s->genesis) &&
		jit_json_set_text(o, "class",
			e ? jit_class_name(e->class) : "none");

	if (good)
		jit_json_encode(out, o, 0);
	jit_buf_str(out, "\n");
	jit_json_free(o);
	return good ? jit_buf_failed(out, err) : jit_nomem(err);
}

/* What a hook printed first, for the one line of a no. */
static void
first_line(char *line, size_t size, const struct jit_buf *said)
{
	snprintf(line, size, "%s", said->len ? jit_buf_text(said) : "no");
	line[strcspn(line, "\r\n")] = '\0';
}

static int
run(struct jit_buf *said, const char *path, const char *name,
	const struct cli *c, const struct jit_grant *g, struct jit_error *err)
{
	const char *const argv[] = {path, NULL};
	struct jit_child child = {.argv = argv,
		.env = hook_env,
		.max = SAYS_MAX};
	struct jit_buf in = {0};
	char line[200];
	int rc, status = -1;

	rc = hook_seconds(&child.seconds, err);
	if (rc == 0)
		rc = question(&in, name, c, g, err);
	child.in = in.data;
	child.in_len = in.len;
	if (rc == 0 && jit_child_run(said, &status, &child, err))
		rc = jit_within(err, JIT_NO, "%s hook", name);
	jit_buf_free(&in);
	if (rc || status == 0)
		return rc;
	first_line(line, sizeof(line), said);
	return jit_fail(err, JIT_NO, "%s hook '%s' says: %s", name, path, line);
}

static int
ask_one(struct jit_hooked *row, struct jit_arena *mem, const char *path,
	const char *name, const struct cli *c, const struct jit_grant *g,
	struct jit_error *err)
{
	struct jit_buf said = {0};
	char digest[JIT_HEX256];
	int rc = run(&said, path, name, c, g, err);

	if (rc == 0) {
		jit_sha256_hex(digest, said.len ? said.data : (void *)"",
			said.len);
		row->name = name;
		row->verdict = "yes";
		row->digest = jit_arena_str(mem, digest);
		if (!row->digest)
			rc = jit_nomem(err);
	}
	jit_buf_free(&said);
	return rc;
}

static bool
is_workload(const struct cli *c, const struct jit_grant *g)
{
	const struct jit_enrolment *e =
		jit_state_person(jit_ledger_state(c->ledger), g->by);

	return e && e->class == JIT_WORKLOAD;
}

int
hook_ask(struct jit_hooked *rows, size_t *count, struct jit_arena *mem,
	const struct cli *c, const struct jit_grant *g, struct jit_error *err)
{
	struct jit_buf path = {0};
	size_t i, n = 0;
	int rc = 0;

	for (i = 0; rc == 0 && i < HOOKS_MAX; i++) {
		if (hooks[i].workload && !is_workload(c, g))
			continue;
		jit_buf_reset(&path);
		rc = jit_store_config(&path, hooks[i].key, err);
		if (rc == 1 && jit_buf_text(&path)[0] != '/')
			rc = jit_fail(err, JIT_TROUBLE,
				"%s must be an absolute path, not '%s'",
				hooks[i].key, jit_buf_text(&path));
		if (rc == 1)
			rc = ask_one(&rows[n++], mem, jit_buf_text(&path),
				hooks[i].name, c, g, err);
	}
	jit_buf_free(&path);
	*count = n;
	return rc;
}
