/* SPDX-License-Identifier: ISC */
/* Where things are: the ledger, its memory, the key, the secrets. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
env(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] ? value : NULL;
}

static bool
exists(const char *dir, const char *name)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	return n > 0 && (size_t)n < sizeof(path) && access(path, F_OK) == 0;
}

/* Whether packed-refs in 'dir' names the ledger's ref. */
static bool
packed(const char *dir)
{
	char line[512], path[4096];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/packed-refs", dir);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, " " JIT_REF "\n") != NULL;
	fclose(f);
	return found;
}

static bool
is_ledger(const char *dir)
{
	return exists(dir, "objects") && exists(dir, "HEAD") &&
		(exists(dir, JIT_REF) || packed(dir));
}

/* The clone one stands in: this folder or the nearest above it. */
static bool
stands_in(struct jit_buf *out)
{
	char dir[4096], git[4200], *slash;

	if (!getcwd(dir, sizeof(dir)))
		return false;
	for (;;) {
		snprintf(git, sizeof(git), "%s/.git", dir);
		if (is_ledger(git) || is_ledger(dir)) {
			jit_buf_str(out, is_ledger(git) ? git : dir);
			return true;
		}
		if (exists(dir, ".git"))
			return false; /* another repository */
		slash = strrchr(dir, '/');
		if (!slash || slash == dir)
			return false;
		*slash = '\0';
	}
}

/* "~/x" as people write it in a git config. */
static void
put_expanded(struct jit_buf *out, const char *path)
{
	const char *home = env("HOME");

	if (strncmp(path, "~/", 2) == 0 && home)
		jit_buf_fmt(out, "%s%s", home, path + 1);
	else
		jit_buf_str(out, path);
}

/* A path from git's configuration: 1, 0 (not set) or a code. */
static int
from_config(struct jit_buf *out, const char *name, struct jit_error *err)
{
	struct jit_buf value = {0};
	int rc = jit_store_config(&value, name, err);

	if (rc == 1)
		put_expanded(out, jit_buf_text(&value));
	jit_buf_free(&value);
	return rc;
}

/* Where none is named, one must be there to be meant. */
static int
default_under_home(struct jit_buf *out, const char *what, const char *below,
	const char *named, struct jit_error *err)
{
	const char *home = env("HOME");
	int rc;

	if (!home)
		return jit_fail(err, JIT_USAGE,
			"which %s? HOME is not set and none is named", what);
	jit_buf_fmt(out, "%s/%s", home, below);
	rc = jit_buf_failed(out, err);
	if (rc || access(jit_buf_text(out), F_OK) == 0 || errno != ENOENT)
		return rc;
	return jit_fail(err, JIT_TROUBLE, "which %s? %s; '%s' is not there",
		what, named, jit_buf_text(out));
}

int
cli_ledger_path(const char **path, struct cli *c, struct jit_error *err)
{
	struct jit_buf *name = &c->ledger_name;
	int rc = 0;

	jit_buf_reset(name);
	if (c->ledger_path)
		jit_buf_str(name, c->ledger_path);
	else if (stands_in(name))
		;
	else if (env("JIT_LEDGER"))
		jit_buf_str(name, env("JIT_LEDGER"));
	else
		rc = from_config(name, "jit.ledger", err);
	if (rc == 0 && name->len == 0)
		rc = default_under_home(name, "ledger",
			".local/share/jit/ledger.git",
			"-C LEDGER, JIT_LEDGER or git config jit.ledger", err);
	if (rc < 0)
		return rc;
	*path = jit_buf_text(name);
	return jit_buf_failed(name, err);
}

const char *
cli_memory_dir(void)
{
	static char dir[4096];
	const char *state = env("XDG_STATE_HOME"), *home = env("HOME");

	if (state)
		snprintf(dir, sizeof(dir), "%s/jit", state);
	else if (home)
		snprintf(dir, sizeof(dir), "%s/.local/state/jit", home);
	else
		return NULL;
	return dir;
}

int
cli_ledger_here(struct cli *c, struct jit_error *err)
{
	const char *path = NULL;
	int rc = cli_ledger_path(&path, c, err);

	if (rc)
		return rc;
	c->memory = cli_memory_dir();
	return jit_ledger_open(&c->ledger, path, c->memory, c->now, err);
}

int
cli_signer_for(struct jit_signer **out, const struct cli *c, const char *path,
	struct jit_error *err)
{
	return jit_signer_open(out, path, env("SSH_AUTH_SOCK"), c->uid, err);
}

/* git's own signing key, where it is the path of a file. */
static int
from_git_signing(struct jit_buf *out, struct jit_error *err)
{
	int rc = from_config(out, "user.signingkey", err);

	if (rc == 1 && access(jit_buf_text(out), F_OK) != 0) {
		jit_buf_reset(out);
		return 0;
	}
	return rc;
}

static int
key_path(struct cli *c, struct jit_error *err)
{
	struct jit_buf *name = &c->key_name;
	int rc;

	jit_buf_reset(name);
	if (c->key_path || env("JIT_KEY")) {
		jit_buf_str(name, c->key_path ? c->key_path : env("JIT_KEY"));
		return jit_buf_failed(name, err);
	}
	rc = from_config(name, "jit.key", err);
	if (rc == 0)
		rc = from_git_signing(name, err);
	if (rc == 0)
		rc = default_under_home(name, "key", ".ssh/id_ed25519",
			"-k KEY, JIT_KEY or git config jit.key", err);
	if (rc < 0)
		return rc;
	return jit_buf_failed(name, err);
}

int
cli_signer(struct cli *c, struct jit_error *err)
{
	int rc = key_path(c, err);

	if (rc)
		return rc;
	return cli_signer_for(&c->signer, c, jit_buf_text(&c->key_name), err);
}

int
cli_whoami(const struct jit_enrolment **me, const struct cli *c,
	struct jit_error *err)
{
	const struct jit_pubkey *key = jit_signer_key(c->signer);
	char fingerprint[JIT_FINGERPRINT];
	int rc = jit_ledger_whoami(me, c->ledger, key, err);

	if (rc != JIT_NO)
		return rc;
	jit_pubkey_fingerprint(fingerprint, key);
	return jit_fail(err, JIT_NO,
		"key '%s' (%s) is enrolled by nobody in this ledger: -k names "
		"another",
		jit_buf_text(&c->key_name), fingerprint);
}

void
cli_host(char *name, size_t size)
{
	memset(name, 0, size);
	if (gethostname(name, size - 1) != 0 || !jit_name_task(name))
		snprintf(name, size, "unknown");
}

static bool
is_private(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && st->st_uid == geteuid() &&
		(st->st_mode & 077) == 0;
}

/* A private folder of ours: made, or checked for owner and mode. */
static int
private_dir(const char *path, struct jit_error *err)
{
	struct stat st;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return jit_fail(err, JIT_TROUBLE,
			"cannot make '%s': %s: is XDG_RUNTIME_DIR yours?", path,
			strerror(errno));
	if (lstat(path, &st) != 0)
		return jit_fail(err, JIT_TROUBLE, "cannot look at '%s': %s",
			path, strerror(errno));
	if (!is_private(&st))
		return jit_fail(err, JIT_TROUBLE,
			"'%s' must be a folder of your own with mode 0700",
			path);
	return 0;
}

static void
secrets_path(struct jit_buf *out)
{
	const char *run = env("XDG_RUNTIME_DIR");

	if (run)
		jit_buf_fmt(out, "%s/jit", run);
	else
		jit_buf_fmt(out, "/tmp/jit-%u", (unsigned int)geteuid());
}

int
cli_secrets_dir(struct jit_buf *out, struct jit_error *err)
{
	int rc;

	secrets_path(out);
	rc = jit_buf_failed(out, err);
	return rc ? rc : private_dir(jit_buf_text(out), err);
}

bool
cli_secrets_there(struct jit_buf *out)
{
	struct stat st;

	secrets_path(out);
	return !out->failed && lstat(jit_buf_text(out), &st) == 0 &&
		is_private(&st);
}
