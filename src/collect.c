/* SPDX-License-Identifier: ISC */
/* What was issued for a grant, put where ssh finds it. */
#include "collect.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "offer.h"
#include "when.h"

#define KEY_MAX 16384 /* bytes of a key file */

/* The issue in the history, of the grant it belongs to. */
struct search {
	const struct jit_grant *grant;
	struct jit_json *issue;
};

static int
look(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct search *s = arg;
	const struct jit_event *ev = jit_event_said(&c->event);

	(void)oid;
	(void)after;
	if (ev->seq > s->grant->issued)
		return 0;
	if (ev->type != JIT_ISSUE || strcmp(ev->id, s->grant->id) != 0)
		return jit_fail(err, JIT_EVIDENCE,
			"event %lld does not issue grant %s",
			(long long)ev->seq, s->grant->id);
	s->issue = jit_json_keep(ev->json);
	return s->issue ? 1 : jit_nomem(err);
}

static int
find_issue(struct jit_json **out, struct cli *c, const struct jit_grant *g,
	struct jit_error *err)
{
	struct search s = {.grant = g};
	int rc = jit_ledger_back(c->ledger, look, &s, err);

	*out = s.issue;
	return rc;
}

static const char *
text(const struct jit_json *o, const char *name)
{
	return jit_json_text(jit_json_get(o, name));
}

int
collect_cert(struct jit_buf *line, struct cli *c, const struct jit_grant *g,
	struct jit_error *err)
{
	struct jit_json *issue = NULL;
	const char *cert;
	int rc = find_issue(&issue, c, g, err);

	cert = text(jit_json_get(issue, "credential"), "cert");
	if (rc == 0 && !cert)
		rc = jit_fail(err, JIT_USAGE,
			"grant %s is for %s, which has no certificate", g->id,
			g->resource);
	if (rc == 0) {
		jit_buf_fmt(line, "%s %s\n", cert, g->id);
		rc = jit_buf_failed(line, err);
	}
	jit_json_free(issue);
	return rc;
}

static int
check_live(const struct jit_grant *g, int64_t now, struct jit_error *err)
{
	char stamp[JIT_STAMP];

	if (g->stage != JIT_ACTIVE)
		return jit_fail(err, JIT_PENDING, "grant %s is not issued yet",
			g->id);
	if (now < g->until)
		return 0;
	jit_when_stamp(stamp, g->until);
	return jit_fail(err, JIT_OVER, "grant %s ran out at %s", g->id, stamp);
}

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
		x.st_ino == y.st_ino;
}

static int
copy(const char *to, const char *from, bool open, struct jit_error *err)
{
	struct jit_buf bytes = {0};
	int rc;

	rc = cli_read_file(&bytes, from, KEY_MAX, err);
	if (rc == 0)
		rc = cli_write_file(to, bytes.data, bytes.len, open, true, err);
	jit_buf_free(&bytes);
	return rc;
}

/* A secret key, and the public one beside it. */
static int
copy_pair(const char *to, const char *from, struct jit_error *err)
{
	struct jit_buf to_pub = {0}, from_pub = {0};
	int rc;

	jit_buf_fmt(&to_pub, "%s.pub", to);
	jit_buf_fmt(&from_pub, "%s.pub", from);
	rc = copy(to, from, false, err);
	if (rc == 0)
		rc = copy(jit_buf_text(&to_pub), jit_buf_text(&from_pub), true,
			err);
	jit_buf_free(&to_pub);
	jit_buf_free(&from_pub);
	return rc;
}

/*
 * The key that was made for the grant, if it is on this machine: its path in
 * 'dir' is appended to 'key', which stays empty otherwise.
 */
static int
copy_key(struct jit_buf *key, const char *dir, const char *id,
	struct jit_error *err)
{
	struct jit_buf from = {0};
	bool there;
	int rc;

	rc = cli_secrets_dir(&from, err);
	if (rc)
		goto out;
	there = same_file(jit_buf_text(&from), dir);
	jit_buf_fmt(&from, "/%s", id);
	if (access(jit_buf_text(&from), F_OK) != 0)
		goto out;
	jit_buf_fmt(key, "%s/%s", dir, id);
	if (!there)
		rc = copy_pair(jit_buf_text(key), jit_buf_text(&from), err);
out:
	jit_buf_free(&from);
	return rc;
}

static int
answer(const struct cli *c, const struct jit_grant *g, const char *cert,
	const char *key, struct jit_error *err)
{
	struct jit_json *o;
	bool made;

	if (!c->json && !cert[0])
		return 0;
	if (!c->json) {
		cli_out_text(cert);
		cli_out("\n");
		return 0;
	}
	o = jit_json_object();
	made = jit_json_set_text(o, "id", g->id) &&
		jit_json_set_text(o, "cert", cert) &&
		(!key[0] || jit_json_set_text(o, "secret", key)) &&
		jit_json_set_int(o, "until", g->until);
	if (made)
		cli_out_json(o);
	jit_json_free(o);
	return made ? 0 : jit_nomem(err);
}

/* -- The password of a database -------------------------------------------- */

/* One field of a password file: ':' and '\\' are escaped. */
static void
put_field(struct jit_buf *out, const char *value)
{
	for (; *value; value++) {
		if (*value == ':' || *value == '\\')
			jit_buf_str(out, "\\");
		jit_buf_put(out, value, 1);
	}
}

/* A text or number of 'connect', or any. */
static void
put_member(struct jit_buf *out, const struct jit_json *connect,
	const char *name)
{
	const struct jit_json *v = jit_json_get(connect, name);
	const char *value = jit_json_text(v);
	int64_t n = 0;

	if (value)
		put_field(out, value);
	else if (jit_json_int(&n, v))
		jit_buf_fmt(out, "%lld", (long long)n);
	else
		jit_buf_str(out, "*");
	jit_buf_str(out, ":");
}

/* The account that a connector makes for a grant. */
static void
put_account(struct jit_buf *out, const char *id)
{
	char name[JIT_ULID];
	size_t i;

	for (i = 0; id[i]; i++)
		name[i] = (char)tolower((unsigned char)id[i]);
	name[i] = '\0';
	jit_buf_fmt(out, "jit_%s", name);
}

static int
pgpass(struct jit_buf *out, struct cli *c, const struct jit_grant *g,
	struct jit_error *err)
{
	struct jit_buf path = {0}, password = {0};
	struct jit_json *issue = NULL;
	const struct jit_json *connect;
	int rc = find_issue(&issue, c, g, err);

	if (rc == 0)
		rc = offer_path(&path, g->id, "", err);
	if (rc == 0 &&
		cli_read_file(&password, jit_buf_text(&path), KEY_MAX, err) !=
			0)
		rc = jit_fail(err, JIT_TROUBLE,
			"the password of grant %s is not on this machine",
			g->id);
	if (rc == 0) {
		connect = jit_json_get(issue, "connect");
		put_member(out, connect, "host");
		put_member(out, connect, "port");
		put_member(out, connect, "database");
		put_account(out, g->id);
		jit_buf_str(out, ":");
		put_field(out, jit_buf_text(&password));
		jit_buf_str(out, "\n");
		rc = jit_buf_failed(out, err);
	}
	jit_json_free(issue);
	jit_buf_free(&path);
	jit_buf_free(&password);
	return rc;
}

/* What lies beside the secret, by the scheme of the resource. */
static const struct {
	const char *scheme, *suffix;
	bool open; /* others may read it */
	int (*make)(struct jit_buf *out, struct cli *c,
		const struct jit_grant *g, struct jit_error *err);
} kinds[] = {
	{"ssh:", "-cert.pub", true, collect_cert},
	{"pg:", ".pgpass", false, pgpass},
};

int
collect_write(struct jit_buf *path, struct cli *c, const struct jit_grant *g,
	const char *dir, struct jit_error *err)
{
	struct jit_buf bytes = {0};
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(g->resource, kinds[i].scheme,
			    strlen(kinds[i].scheme)) == 0)
			break;
	if (i == sizeof(kinds) / sizeof(kinds[0]))
		return 0; /* nothing is needed to use it */
	rc = kinds[i].make(&bytes, c, g, err);
	if (rc == 0) {
		jit_buf_fmt(path, "%s/%s%s", dir, g->id, kinds[i].suffix);
		rc = jit_buf_failed(path, err);
	}
	if (rc == 0)
		rc = cli_write_file(jit_buf_text(path), bytes.data, bytes.len,
			kinds[i].open, true, err);
	jit_buf_free(&bytes);
	return rc;
}

/* How it is used from here. */
static void
advise(const struct cli *c, const struct jit_grant *g, const char *path,
	const char *key)
{
	struct jit_buf account = {0};

	if (strncmp(g->resource, "ssh:", 4) == 0 && key[0])
		cli_hint(c, "log in with: ssh -i '%s' %s@%s", key, g->role,
			g->resource + 4);
	if (strncmp(g->resource, "pg:", 3) == 0) {
		put_account(&account, g->id);
		cli_hint(c, "connect with: PGPASSFILE='%s' psql -U %s", path,
			jit_buf_text(&account));
	}
	jit_buf_free(&account);
}

int
collect(struct cli *c, const struct jit_grant *g, const char *dir,
	struct jit_error *err)
{
	bool ssh = strncmp(g->resource, "ssh:", 4) == 0;
	struct jit_buf path = {0}, key = {0};
	int rc;

	rc = check_live(g, c->now, err);
	if (rc == 0)
		rc = collect_write(&path, c, g, dir, err);
	if (rc == 0 && ssh)
		rc = copy_key(&key, dir, g->id, err);
	if (rc == 0)
		rc = answer(c, g, jit_buf_text(&path), jit_buf_text(&key), err);
	if (rc == 0)
		advise(c, g, jit_buf_text(&path), jit_buf_text(&key));
	jit_buf_free(&path);
	jit_buf_free(&key);
	return rc;
}
