/* SPDX-License-Identifier: ISC */
/* A ledger whose tip is at a remote: how git is run, and what is said. */
#include "cli.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "span.h"
#include "tidy.h"
#include "which.h"

#define SECONDS 10 /* that a remote has before one goes on without it */
#define ENV_MAX 40

/* What git, ssh, agents, credential helpers and proxies are found by. */
static const char *const passed[] = {"PATH", "HOME", "USER", "LOGNAME",
	"TMPDIR", "SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY", "WAYLAND_DISPLAY",
	"XAUTHORITY", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR",
	"DBUS_SESSION_BUS_ADDRESS", "KRB5CCNAME", "GIT_CONFIG_GLOBAL",
	"GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_SSH",
	"GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ASKPASS", "http_proxy",
	"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy",
	"NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"};

/* A service has no HOME in its environment, and root's git config one. */
static const char *
value_of(const char *name)
{
	const char *value = getenv(name);
	const struct passwd *pw;

	if (value || strcmp(name, "HOME") != 0)
		return value;
	pw = getpwuid(geteuid());
	return pw ? pw->pw_dir : NULL;
}

/* The user's, as far as it is passed on; it lasts as long as the program. */
static const char *const *
environment(void)
{
	static const char *env[ENV_MAX + 1];
	static char *made[ENV_MAX];
	struct jit_buf entry = {0};
	const char *value;
	size_t i, n = 0;

	for (i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
		value = value_of(passed[i]);
		if (!value)
			continue;
		jit_buf_reset(&entry);
		jit_buf_fmt(&entry, "%s=%s", passed[i], value);
		free(made[n]);
		made[n] = strdup(jit_buf_text(&entry));
		if (!made[n])
			break;
		env[n] = made[n];
		n++;
	}
	env[n] = NULL;
	jit_buf_free(&entry);
	return env;
}

static const char *
scratch(void)
{
	const char *run = getenv("XDG_RUNTIME_DIR");

	return run && run[0] == '/' && access(run, W_OK | X_OK) == 0 ? run
								     : "/tmp";
}

int
cli_way(struct jit_remote_way *out, const char *url, struct jit_error *err)
{
	static char git[4096];
	struct jit_buf path = {0};
	int rc;

	rc = jit_remote_url(url, err);
	if (rc == 0 && which(&path, "git", err) != 0)
		rc = jit_within(err, JIT_TROUBLE, "'%s' is reached by git",
			url);
	if (rc == 0)
		snprintf(git, sizeof(git), "%s", jit_buf_text(&path));
	jit_buf_free(&path);
	if (rc)
		return rc;
	*out = (struct jit_remote_way){.url = url,
		.git = git,
		.scratch = scratch(),
		.env = environment()};
	return 0;
}

int
cli_attach(struct jit_ledger *l, struct jit_error *err)
{
	const struct jit_store *store = jit_ledger_store(l);
	const char *url = jit_ledger_url(l);
	struct jit_remote_way way = {0};
	struct jit_remote *r = NULL;
	int rc;

	if (!url)
		return 0;
	rc = cli_way(&way, url, err);
	if (rc == JIT_USAGE)
		rc = jit_within(err, JIT_TROUBLE, "'%s/config': jit.remote",
			jit_store_path(store));
	if (rc == 0)
		rc = jit_remote_open(&r, jit_store_objects(store),
			jit_store_sharing(store), &way, err);
	if (rc == 0)
		jit_ledger_attach(l, r);
	return rc;
}

/* How old what one sees is, where the remote does not answer. */
static void
tell_age(struct cli *c, const struct jit_error *why)
{
	int64_t heard = jit_ledger_heard(c->ledger);
	struct jit_buf age = {0};

	if (heard)
		span_spell(&age, c->now > heard ? c->now - heard : 0);
	cli_hint(c, "%s: this view is %s old", why->text,
		heard ? jit_buf_text(&age) : "nobody knows how");
	jit_buf_free(&age);
}

static bool
ours(const struct cli *c)
{
	const struct jit_store *store = jit_ledger_store(c->ledger);

	return access(jit_store_objects(store), W_OK | X_OK) == 0;
}

/* A host's clone is read by all, and followed by its keeper alone. */
static int
as_it_is(struct cli *c, struct jit_error *err)
{
	struct jit_error why = {0};
	int rc = jit_ledger_update(c->ledger, c->now, err);

	if (rc == 0 && !c->away &&
		jit_ledger_fresh(c->ledger, c->now, &why) != 0) {
		cli_hint(c, "%s", why.text);
		c->away = true;
	}
	return rc;
}

int
cli_refresh(struct cli *c, struct jit_error *err)
{
	struct jit_error why = {0};
	int rc;

	if (!jit_ledger_url(c->ledger))
		return jit_ledger_update(c->ledger, c->now, err);
	if (!ours(c)) /* it is another's to keep fresh */
		return as_it_is(c, err);
	rc = jit_ledger_fetch(c->ledger, c->now, SECONDS, &why);
	if (rc != JIT_TROUBLE) {
		c->away = false;
		if (rc && err)
			*err = why;
		if (rc == 0)
			tidy(c);
		return rc;
	}
	if (!c->away && !c->writes)
		tell_age(c, &why);
	c->away = true;
	return jit_ledger_update(c->ledger, c->now, err);
}

int
cli_ledger(struct cli *c, struct jit_error *err)
{
	int rc = cli_ledger_here(c, err);

	if (rc == 0)
		rc = cli_attach(c->ledger, err);
	return rc || !jit_ledger_url(c->ledger) ? rc : cli_refresh(c, err);
}
