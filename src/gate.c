/* SPDX-License-Identifier: ISC */
#include "gate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "away.h"
#include "name.h"
#include "when.h"

#define CONF_MAX 65536 /* bytes */
#define ACCOUNT_MAX 64 /* bytes of a Unix account's name */

static bool
is_host(const char *s)
{
	char resource[96];

	return strlen(s) < 80 &&
		snprintf(resource, sizeof(resource), "ssh:%s", s) > 0 &&
		jit_name_resource(resource);
}

static bool
is_account(const char *s)
{
	size_t n = strspn(s,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return n >= 1 && n <= ACCOUNT_MAX && s[n] == '\0' && s[0] != '-';
}

static bool
is_path(const char *s)
{
	return s[0] == '/';
}

#define CONF_TEXT(n, req, chk, exp)                                            \
	{                                                                      \
		.name = #n, .kind = JIT_TEXT, .required = (req),               \
		.offset = offsetof(struct gate, n), .check = (chk),            \
		.expect = (exp)                                                \
	}

static const struct jit_member shape[] = {
	CONF_TEXT(ledger, true, is_path, "an absolute path"),
	CONF_TEXT(genesis, true, jit_name_sha256,
		"the ledger's fingerprint, 64 hex digits"),
	CONF_TEXT(state, false, is_path, "an absolute path"),
	CONF_TEXT(host, true, is_host, "this host's name, like web-1"),
	{.name = "accounts",
		.kind = JIT_MAP,
		.offset = offsetof(struct gate, accounts),
		.check = is_account,
		.expect = "the name of an account"},
	CONF_TEXT(key, false, is_path, "an absolute path"),
	CONF_TEXT(issuer, false, is_path, "an absolute path"),
	CONF_TEXT(ca, false, is_path, "an absolute path"),
	{.name = "recording",
		.kind = JIT_INT,
		.offset = offsetof(struct gate, limit),
		.min = 65536,
		.max = 1LL << 40},
	{.name = NULL}};

/* Whoever may write it, or put another in its place, may let anyone in. */
static int
check_owner(const char *path, mode_t type, struct jit_error *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return jit_fail(err, JIT_TROUBLE, "cannot look at '%s': %s",
			path, strerror(errno));
	if ((st.st_mode & S_IFMT) != type || st.st_uid != 0 ||
		(st.st_mode & 022))
		return jit_fail(err, JIT_TROUBLE,
			"'%s' must be a %s of root's that nobody else may "
			"write",
			path, type == S_IFDIR ? "folder" : "file");
	return 0;
}

int
gate_read(struct gate *g, struct jit_error *err)
{
	struct jit_buf text = {0};
	int rc;

	rc = check_owner(GATE_DIR, S_IFDIR, err);
	if (rc == 0)
		rc = check_owner(GATE_CONF, S_IFREG, err);
	if (rc == 0)
		rc = cli_read_file(&text, GATE_CONF, CONF_MAX, err);
	if (rc == 0)
		rc = jit_json_read(&g->json, text.data, text.len, CONF_MAX,
			err);
	if (rc == 0)
		rc = jit_shape_read(g, &g->mem, shape, g->json, "jit.conf",
			err);
	jit_buf_free(&text);
	if (rc == 0 && g->limit == 0)
		g->limit = GATE_LIMIT;
	return rc == JIT_USAGE ? JIT_TROUBLE : rc;
}

/*
 * Several accounts may ask one gate: root is then whoever owns its memory,
 * or what root remembers would shut the others out.
 */
static int
become_owner(const char *dir, struct jit_error *err)
{
	struct stat st;

	if (geteuid() != 0 || stat(dir, &st) != 0 || st.st_uid == 0)
		return 0;
	if (setegid(st.st_gid) == 0 && seteuid(st.st_uid) == 0)
		return 0;
	return jit_fail(err, JIT_TROUBLE, "cannot act as the owner of '%s': %s",
		dir, strerror(errno));
}

/* Without a memory a ledger that was rolled back would look like a new one. */
static int
check_state(const char *dir, struct jit_error *err)
{
	if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) == 0)
		return 0;
	return jit_fail(err, JIT_TROUBLE,
		"a gate must remember, and cannot write to '%s': %s", dir,
		strerror(errno));
}

static int
open_ledger(struct gate *g, struct cli *c, const char *memory,
	struct jit_error *err)
{
	const struct jit_state *s;
	int rc;

	c->memory = memory;
	rc = jit_ledger_open(&c->ledger, g->ledger, memory, c->now, err);

	if (rc)
		return rc;
	s = jit_ledger_state(c->ledger);
	if (strcmp(s->genesis, g->genesis) == 0)
		return 0;
	return jit_fail(err, JIT_EVIDENCE,
		"swapped: '%s' names the ledger %.12s, '%s' holds %.12s",
		GATE_CONF, g->genesis, g->ledger, s->genesis);
}

int
gate_open(struct gate *g, struct cli *c, struct jit_error *err)
{
	const char *memory;
	int rc;

	rc = gate_read(g, err);
	memory = g->state ? g->state : GATE_STATE;
	if (rc == 0)
		rc = become_owner(memory, err);
	if (rc == 0)
		rc = check_state(memory, err);
	return rc ? rc : open_ledger(g, c, memory, err);
}

int
gate_open_as(struct gate *g, struct cli *c, const char *memory,
	struct jit_error *err)
{
	int rc = gate_read(g, err);

	return rc ? rc : open_ledger(g, c, memory, err);
}

int
gate_recall(const struct gate *g, struct cli *c, const char *memory,
	struct jit_error *err)
{
	struct jit_ledger *l = NULL;
	struct jit_error why = {0}, first = *err;
	const char *own = g->state ? g->state : GATE_STATE;
	int rc;

	if (!g->ledger)
		return JIT_TROUBLE; /* not even the file could be read */
	rc = jit_ledger_recall(&l, g->ledger, memory ? memory : own, c->now,
		&why);
	if (rc == 0 && strcmp(jit_ledger_state(l)->genesis, g->genesis) != 0)
		rc = JIT_TROUBLE;
	if (rc == 0) {
		rc = away_admit(c, l, GATE_OUTBOX, memory == NULL, &why);
		if (rc)
			jit_fail(err, rc, "%.300s; %.400s", first.text,
				why.text);
	}
	if (rc) {
		jit_ledger_free(l);
		return JIT_TROUBLE; /* for the first reason */
	}
	c->why_away = *err;
	err->text[0] = '\0';
	jit_ledger_free(c->ledger);
	c->ledger = l; /* transferred */
	return 0;
}

int
gate_trust(const struct cli *c, const struct jit_grant *grant,
	struct jit_error *err)
{
	if (!jit_ledger_away(c->ledger) || (grant->late && grant->glass))
		return 0;
	return jit_fail(err, JIT_TROUBLE,
		"%s; without the ledger only break-glass that was sealed here "
		"lets in",
		c->why_away.text);
}

/* Whether a role of this host is this account. */
static bool
is_for(const struct gate *g, const char *role, const char *account)
{
	const struct jit_named *row = g->accounts.at;
	size_t i, j;

	for (i = 0; i < g->accounts.count; i++) {
		if (strcmp(row[i].name, role) != 0)
			continue;
		for (j = 0; j < row[i].texts.count; j++)
			if (strcmp(row[i].texts.at[j], account) == 0)
				return true;
		return false;
	}
	return strcmp(role, account) == 0;
}

static int
digest_of(char digest[JIT_HEX256], const char *cert, struct jit_error *err)
{
	struct jit_buf blob = {0};
	int rc;

	rc = jit_unbase64(&blob, cert, strlen(cert));
	if (rc)
		rc = jit_fail(err, JIT_NO, "the certificate is no base64");
	if (rc == 0)
		rc = jit_buf_failed(&blob, err);
	if (rc == 0)
		jit_sha256_hex(digest, blob.data, blob.len);
	jit_buf_free(&blob);
	return rc;
}

static const struct jit_grant *
find(const struct jit_state *s, const char *digest)
{
	size_t i;

	for (i = 0; i < s->grants_count; i++)
		if (s->grants[i]->stage == JIT_ACTIVE &&
			strcmp(s->grants[i]->cert, digest) == 0)
			return s->grants[i];
	return NULL;
}

static int
judge(const struct gate *g, const struct jit_state *s,
	const struct jit_grant *grant, const char *account, int64_t now,
	struct jit_error *err)
{
	char stamp[JIT_STAMP];

	if (strncmp(grant->resource, "ssh:", 4) != 0 ||
		strcmp(grant->resource + 4, g->host) != 0)
		return jit_fail(err, JIT_NO, "grant %s is for %s, this is %s",
			grant->id, grant->resource, g->host);
	if (!is_for(g, grant->role, account))
		return jit_fail(err, JIT_NO,
			"grant %s is for role '%s', which is not account '%s'",
			grant->id, grant->role, account);
	if (jit_standing_basis(s, grant) != JIT_BASIS_HOLDS)
		return jit_fail(err, JIT_NO,
			"grant %s rests on nothing any more", grant->id);
	if (grant->from <= now && now < grant->until)
		return 0;
	jit_when_stamp(stamp, grant->until);
	return jit_fail(err, JIT_NO, "grant %s ran out at %s", grant->id,
		stamp);
}

int
gate_grant(const struct jit_grant **out, const struct gate *g,
	const struct cli *c, const char *account, const char *cert,
	struct jit_error *err)
{
	const struct jit_grant *grant;
	char digest[JIT_HEX256];
	int rc;

	rc = digest_of(digest, cert, err);
	if (rc)
		return rc;
	grant = find(jit_ledger_state(c->ledger), digest);
	if (!grant && jit_ledger_away(c->ledger))
		return jit_fail(err, JIT_TROUBLE, "%s", c->why_away.text);
	if (!grant)
		return jit_fail(err, JIT_NO,
			"no live grant has issued this certificate");
	rc = gate_trust(c, grant, err);
	if (rc)
		return rc;
	rc = judge(g, jit_ledger_state(c->ledger), grant, account, c->now, err);
	if (rc == 0)
		*out = grant;
	return rc;
}

int
gate_principal(struct jit_buf *out, const struct gate *g, const struct cli *c,
	const char *account, const char *cert, struct jit_error *err)
{
	const struct jit_grant *grant = NULL;
	int rc = gate_grant(&grant, g, c, account, cert, err);

	if (rc)
		return rc;
	jit_buf_fmt(out, "%s@%s", grant->role, g->host);
	return jit_buf_failed(out, err);
}

void
gate_free(struct gate *g)
{
	jit_json_free(g->json);
	jit_arena_free(&g->mem);
	memset(g, 0, sizeof(*g));
}
