/* SPDX-License-Identifier: ISC */
/* jit-issue: turn an approved request into a certificate, on the record. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act.h"
#include "enact.h"
#include "hook.h"
#include "keeper.h"
#include "screen.h"
#include "when.h"

struct issue {
	struct cli cli;
	const char *ca_path, *output;
	bool watch;

	struct jit_signer *ca;
	struct jit_buf ca_name;
	char id[JIT_ULID];
	char request[JIT_HEX256];
	char digest[JIT_HEX256];
	struct jit_buf cert; /* the line, no newline */
	struct jit_credential credential;
	struct jit_hooked hooked[HOOKS_MAX];
	size_t hooks;
	struct jit_arena mem;
};

static const char *const usage[] = {"[--ca KEY] [-o FILE] ID", "--watch", NULL};

static const struct cli_option options[] = {
	{0, "ca", CLI_TEXT, "KEY", "the CA's key (else git config jit.ca)",
		CLI_AT(issue, ca_path)},
	{'o', "output", CLI_TEXT, "FILE", "write the certificate there",
		CLI_AT(issue, output)},
	{0, "watch", CLI_FLAG, NULL, "keep this host's sessions, as root",
		CLI_AT(issue, watch)},
	CLI_ROW_LEDGER, CLI_ROW_KEY, CLI_ROW_DRY, CLI_ROW_JSON, CLI_ROW_QUIET,
	CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-issue",
	"turn an approved request into a certificate", usage, options, 0, 1,
	NULL};

static int
open_ca(struct issue *x, struct jit_error *err)
{
	int rc;

	if (!x->ca_path) {
		rc = jit_store_config(&x->ca_name, "jit.ca", err);
		if (rc < 0)
			return rc;
		if (rc == 0)
			return cli_usage(&x->cli, err,
				"which CA? --ca KEY, or git config jit.ca");
		x->ca_path = jit_buf_text(&x->ca_name);
	}
	rc = cli_signer_for(&x->ca, &x->cli, x->ca_path, err);
	return rc ? jit_within(err, rc, "CA") : 0;
}

/* What would fail after the commit is better found before it. */
static int
try_output(const struct issue *x, struct jit_error *err)
{
	struct jit_buf path = {0};
	struct stat st;
	int fd = -1, rc;

	if (!x->output || strcmp(x->output, "-") == 0)
		return 0;
	if (stat(x->output, &st) == 0 && S_ISDIR(st.st_mode))
		return jit_fail(err, JIT_USAGE,
			"'%s' is a folder: -o takes "
			"a file",
			x->output);
	jit_buf_fmt(&path, "%s.XXXXXX", x->output);
	rc = jit_buf_failed(&path, err);
	if (rc == 0)
		fd = mkstemp((char *)path.data);
	if (rc == 0 && fd < 0)
		rc = jit_fail(err, JIT_TROUBLE, "cannot write '%s': %s",
			x->output, strerror(errno));
	if (fd >= 0) {
		close(fd);
		unlink(jit_buf_text(&path));
	}
	jit_buf_free(&path);
	return rc;
}

static int
not_met(const struct jit_grant *g, const struct jit_standing *st,
	struct jit_error *err)
{
	struct jit_buf missing = {0};

	screen_missing(&missing, st);
	jit_refuse(err, JIT_PENDING, "issue-quorum",
		"grant %s still misses %s by rule '%s'", g->id,
		jit_buf_text(&missing), st->rule->id);
	jit_buf_free(&missing);
	return JIT_PENDING;
}

/* Nothing is certified, not even in memory, before the votes are there. */
static int
ready(struct jit_standing *st, const struct jit_state *s,
	const struct jit_grant *g, int64_t at, struct jit_error *err)
{
	char stamp[JIT_STAMP];
	int rc;

	if (g->stage != JIT_WAITING) {
		jit_refuse(err, JIT_OVER, "grant-waiting",
			"grant %s is issued already: jit-status -o DIR %s",
			g->id, g->id);
		return JIT_OVER;
	}
	rc = jit_standing_of(st, s, g, at, err);
	if (rc)
		return rc;
	jit_when_stamp(stamp, st->lapses);
	if (at < st->lapses)
		return st->met ? 0 : not_met(g, st, err);
	jit_refuse(err, JIT_OVER, "grant-lapsed",
		"grant %s lapsed at %s: ask again", g->id, stamp);
	return JIT_OVER;
}

/* The votes that count, in their order; in the event's own memory. */
static int
put_approvals(struct jit_event *ev, const struct jit_state *s,
	const struct jit_grant *g, const struct jit_rule *rule,
	struct jit_error *err)
{
	const struct jit_vote *v;
	char hex[JIT_HEX256];
	size_t count = 0;

	for (v = g->votes; v; v = v->next)
		count++;
	ev->approvals.at = jit_arena_get(&ev->mem,
		(count + 1) * sizeof(*ev->approvals.at));
	if (!ev->approvals.at)
		return jit_nomem(err);
	for (v = g->votes, count = 0; v; v = v->next) {
		if (!jit_standing_counts(s, g, rule, v, ev->at))
			continue;
		jit_hex(hex, v->sha256, JIT_SHA256);
		ev->approvals.at[count] = jit_arena_str(&ev->mem, hex);
		if (!ev->approvals.at[count++])
			return jit_nomem(err);
	}
	ev->approvals.count = count;
	return 0;
}

static int
certify(struct issue *x, const struct jit_event *ev, const struct jit_state *s,
	const struct jit_grant *g, struct jit_error *err)
{
	unsigned char nonce[JIT_CERT_NONCE];
	char principal[JIT_PRINCIPAL];
	struct jit_cert cert;
	int rc;

	x->credential.serial = s->seq + 1;
	rc = jit_standing_cert(&cert, principal, s, g,
		jit_policy_issuer(&s->policy, ev->by, g->resource),
		x->credential.serial, ev->from, ev->until, err);
	if (rc)
		return rc;
	jit_random(nonce, sizeof(nonce));
	jit_buf_reset(&x->cert);
	rc = jit_cert_make(&x->cert, &cert, nonce, x->ca, err);
	if (rc == 0)
		rc = jit_buf_failed(&x->cert, err);
	if (rc)
		return rc;
	x->credential.cert = jit_buf_text(&x->cert);
	x->credential.sha256 = x->digest;
	return jit_cert_sha256(x->digest, x->credential.cert, err);
}

static int
draft(struct jit_event *ev, const struct jit_state *s, int64_t at, void *arg,
	struct jit_error *err)
{
	struct issue *x = arg;
	const struct jit_grant *g = jit_state_grant(s, x->id);
	struct jit_standing st = {0};
	int rc;

	if (!g)
		return jit_fail(err, JIT_NOGRANT, "no open grant '%s'", x->id);
	rc = ready(&st, s, g, at, err);
	if (rc)
		return rc;
	jit_hex(x->request, g->request, JIT_SHA256);
	ev->id = x->id;
	ev->request = x->request;
	ev->rule = st.rule->id;
	ev->policy_version = s->policy_version;
	ev->from = at;
	ev->until = jit_standing_until(s, g, at, st.duration);
	ev->connector = "ssh";
	ev->credential = &x->credential;
	ev->hooks.at = x->hooked;
	ev->hooks.count = x->hooks;
	rc = put_approvals(ev, s, g, st.rule, err);
	return rc ? rc : certify(x, ev, s, g, err);
}

static int
write_cert(const struct issue *x, struct jit_error *err)
{
	struct jit_buf line = {0};
	const char *path = x->output ? x->output : "-";
	int rc;

	jit_buf_fmt(&line, "%s\n", jit_buf_text(&x->cert));
	rc = jit_buf_failed(&line, err);
	if (rc == 0)
		rc = cli_write_file(path, line.data, line.len, true, true, err);
	jit_buf_free(&line);
	return rc;
}

/* It is on the record already: what fails here can be done again. */
static int
hand_out(struct issue *x, struct jit_error *err)
{
	bool plain = x->cli.json && !x->output;
	int rc = plain ? 0 : write_cert(x, err);

	if (rc)
		return jit_within(err, rc,
			"issued, but not handed out (try "
			"jit-status -o DIR %s)",
			x->id);
	return act_answer(&x->cli, x->id, "cert", jit_buf_text(&x->cert), err);
}

/* Only about what could be issued now, and without the ledger's lock. */
static int
ask_hooks(struct issue *x, const struct jit_grant *g, struct jit_error *err)
{
	struct jit_standing st = {0};
	int rc =
		ready(&st, jit_ledger_state(x->cli.ledger), g, x->cli.now, err);

	if (rc == 0)
		rc = hook_ask(x->hooked, &x->hooks, &x->mem, &x->cli, g, err);
	if (rc == 0 && x->hooks)
		act_now(&x->cli);
	return rc;
}

/* A service knows no user of its own and no place but root's. */
static int
watch(struct issue *x, struct jit_error *err)
{
	if (x->cli.count || x->ca_path || x->output || x->cli.ledger_path ||
		x->cli.key_path || x->cli.dry || x->cli.json)
		return cli_usage(&x->cli, err,
			"--watch stands alone: all else is in jit.conf");
	return keeper_run(&x->cli, err);
}

static int
issue(struct issue *x, struct jit_error *err)
{
	struct jit_grant *g = NULL;
	char stamp[JIT_STAMP];
	int rc;

	if (x->cli.count == 0)
		return cli_usage(&x->cli, err, "which one? name its ID");
	rc = act_open(&x->cli, err);
	if (rc == 0)
		rc = cli_grant(&g, &x->cli, x->cli.args[0], err);
	if (rc)
		return rc;
	memcpy(x->id, g->id, JIT_ULID);
	if (g->change)
		return enact(&x->cli, x->id, err);
	rc = open_ca(x, err);
	if (rc == 0)
		rc = try_output(x, err);
	if (rc == 0)
		rc = ask_hooks(x, g, err);
	if (rc == 0)
		rc = act(&x->cli, JIT_ISSUE, draft, x, x->id, err);
	if (rc)
		return rc;
	if (x->cli.dry) {
		cli_hint(&x->cli, "would issue %s", x->id);
		return 0;
	}
	g = jit_state_grant(jit_ledger_state(x->cli.ledger), x->id);
	if (g)
		jit_when_stamp(stamp, g->until);
	if (g)
		cli_hint(&x->cli, "issued until %s", stamp);
	return hand_out(x, err);
}

int
main(int argc, char **argv)
{
	struct issue x = {0};
	struct jit_error err = {0};
	int rc;

	cli_start(&x.cli, &program, argc, argv);
	rc = x.watch ? watch(&x, &err) : issue(&x, &err);
	jit_signer_free(x.ca);
	jit_buf_free(&x.ca_name);
	jit_buf_free(&x.cert);
	jit_arena_free(&x.mem);
	return cli_end(&x.cli, rc, &err);
}
