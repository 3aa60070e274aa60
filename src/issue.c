/* SPDX-License-Identifier: ISC */
/* jit-issue: turn an approved request into access, on the record. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act.h"
#include "away.h"
#include "connector.h"
#include "enact.h"
#include "issuance.h"
#include "pattern.h"
#include "reach.h"
#include "watch.h"
#include "when.h"

struct issue {
	struct cli cli;
	const char *ca_path, *output, *resources, *sealed;
	bool watch;

	struct jit_signer *ca;
	struct jit_buf ca_name;
	struct jit_json *target;
	struct issuance made;
};

static const char *const usage[] = {"[--ca KEY] [-o FILE] [--sealed FILE] ID",
	"--watch [--resource PATTERN]", NULL};

static const struct cli_option options[] = {
	{0, "ca", CLI_TEXT, "KEY", "the CA's key (else git config jit.ca)",
		CLI_AT(issue, ca_path)},
	{'o', "output", CLI_TEXT, "FILE", "write the certificate there",
		CLI_AT(issue, output)},
	{0, "sealed", CLI_TEXT, "FILE",
		"first take this break-glass request, made without the ledger",
		CLI_AT(issue, sealed)},
	{0, "watch", CLI_FLAG, NULL,
		"serve: issue, end, prove, and keep this host's sessions",
		CLI_AT(issue, watch)},
	{0, "resource", CLI_TEXT, "PATTERN", "with --watch: issue these only",
		CLI_AT(issue, resources)},
	CLI_ROW_LEDGER, CLI_ROW_KEY, CLI_ROW_DRY, CLI_ROW_JSON, CLI_ROW_QUIET,
	CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-issue",
	"turn an approved request into access", usage, options, 0, 1, NULL};

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

/* Where it is no certificate, the target has to be within reach. */
static int
open_target(struct issue *x, const struct jit_grant *g, struct jit_error *err)
{
	int rc;

	if (x->ca_path || x->output)
		return cli_usage(&x->cli, err,
			"%s has no certificate: --ca and -o are for ssh",
			g->resource);
	rc = connector_target(&x->target, g->resource, err);
	if (rc == 0 && !x->target)
		rc = jit_fail(err, JIT_TROUBLE,
			"%s is not within reach here: jit-connector(5)",
			g->resource);
	x->made.connect = jit_json_get(x->target, "connect");
	return rc;
}

/* It is on the record already: what fails here the service does again. */
static int
set_up(struct issue *x, struct jit_error *err)
{
	const char *outcome = NULL;
	int rc = reach_grant(&x->cli, x->made.id, err);

	if (rc)
		return jit_within(err, rc, "issued, but not made to work");
	rc = reach_show(&outcome, &x->cli, x->made.id, err);
	if (rc == 0 && strcmp(outcome, JIT_OUTCOME_ALLOWED) != 0)
		rc = jit_fail(err, JIT_UNPROVEN,
			"issued, but its probe says '%s'", outcome);
	return rc ? rc : act_answer(&x->cli, x->made.id, NULL, NULL, err);
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
write_cert(const struct issue *x, struct jit_error *err)
{
	struct jit_buf line = {0};
	const char *path = x->output ? x->output : "-";
	int rc;

	jit_buf_fmt(&line, "%s\n", jit_buf_text(&x->made.cert));
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
			x->made.id);
	return act_answer(&x->cli, x->made.id, "cert",
		jit_buf_text(&x->made.cert), err);
}

/* A service knows no user of its own and no place but root's. */
static int
watch(struct issue *x, struct jit_error *err)
{
	if (x->cli.count || x->ca_path || x->output || x->sealed ||
		x->cli.ledger_path || x->cli.key_path || x->cli.dry ||
		x->cli.json)
		return cli_usage(&x->cli, err,
			"--watch stands alone: all else is in jit.conf");
	if (x->resources && jit_pattern_check(x->resources, err))
		return JIT_USAGE;
	return watch_run(&x->cli, x->resources, err);
}

static int
issue(struct issue *x, struct jit_error *err)
{
	struct jit_grant *g = NULL;
	bool ssh;
	char stamp[JIT_STAMP];
	int rc;

	if (x->resources)
		return cli_usage(&x->cli, err, "--resource goes with --watch");
	if (x->cli.count == 0)
		return cli_usage(&x->cli, err, "which one? name its ID");
	x->cli.seals = true;
	rc = act_open(&x->cli, err);
	if (rc == 0 && x->sealed)
		rc = away_take(&x->cli, x->sealed, err);
	if (rc == 0)
		rc = cli_grant(&g, &x->cli, x->cli.args[0], err);
	if (rc)
		return rc;
	memcpy(x->made.id, g->id, JIT_ULID);
	if (g->change)
		return enact(&x->cli, x->made.id, err);
	ssh = strncmp(g->resource, "ssh:", 4) == 0;
	rc = ssh ? open_ca(x, err) : open_target(x, g, err);
	if (rc == 0)
		rc = try_output(x, err);
	x->made.ca = x->ca;
	if (rc == 0)
		rc = issuance_make(&x->made, &x->cli, x->made.id, err);
	if (rc)
		return rc;
	if (x->cli.dry) {
		cli_hint(&x->cli, "would issue %s", x->made.id);
		return 0;
	}
	g = jit_state_grant(jit_ledger_state(x->cli.ledger), x->made.id);
	if (g)
		jit_when_stamp(stamp, g->until);
	if (g)
		cli_hint(&x->cli, "issued until %s", stamp);
	return ssh ? hand_out(x, err) : set_up(x, err);
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
	jit_json_free(x.target);
	issuance_free(&x.made);
	return cli_end(&x.cli, rc, &err);
}
