/* SPDX-License-Identifier: ISC */
/* What was issued for a grant, put where ssh or libpq finds it. */
#include "collect.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "when.h"

#define KEY_MAX 16384 /* bytes of a key file */

/* The certificate in the history, for the grant it belongs to. */
struct search {
	const struct jit_grant *grant;
	struct jit_buf *line;
};

static int
look(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct search *s = arg;
	const struct jit_event *ev = &c->event;

	(void)oid;
	(void)after;
	if (ev->seq > s->grant->issued)
		return 0;
	if (ev->type != JIT_ISSUE || strcmp(ev->id, s->grant->id) != 0 ||
		!ev->credential)
		return jit_fail(err, JIT_EVIDENCE,
			"event %lld does not issue grant %s",
			(long long)ev->seq, s->grant->id);
	jit_buf_fmt(s->line, "%s %s\n", ev->credential->cert, ev->id);
	return 1;
}

int
collect_cert(struct jit_buf *line, struct cli *c, const struct jit_grant *g,
	struct jit_error *err)
{
	struct search s = {g, line};
	int rc;

	rc = jit_ledger_back(c->ledger, look, &s, err);
	return rc ? rc : jit_buf_failed(line, err);
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
 * What was made for the grant, the key or the password file, if it is on this
 * machine: its path in 'dir' is appended to 'secret', which stays empty
 * otherwise.
 */
static int
copy_secret(struct jit_buf *secret, const char *dir, const struct jit_grant *g,
	struct jit_error *err)
{
	const char *suffix = g->serial ? "" : ".pgpass";
	struct jit_buf from = {0};
	bool there;
	int rc;

	rc = cli_secrets_dir(&from, err);
	if (rc)
		goto out;
	there = same_file(jit_buf_text(&from), dir);
	jit_buf_fmt(&from, "/%s%s", g->id, suffix);
	if (access(jit_buf_text(&from), F_OK) != 0)
		goto out;
	jit_buf_fmt(secret, "%s/%s%s", dir, g->id, suffix);
	if (!there && g->serial)
		rc = copy_pair(jit_buf_text(secret), jit_buf_text(&from), err);
	else if (!there)
		rc = copy(jit_buf_text(secret), jit_buf_text(&from), false,
			err);
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

	if (!c->json) {
		cli_out_text(cert[0] ? cert : key);
		cli_out(cert[0] || key[0] ? "\n" : "");
		return 0;
	}
	o = jit_json_object();
	made = jit_json_set_text(o, "id", g->id) &&
		(!cert[0] || jit_json_set_text(o, "cert", cert)) &&
		(!key[0] || jit_json_set_text(o, "secret", key)) &&
		jit_json_set_int(o, "until", g->until);
	if (made)
		cli_out_json(o);
	jit_json_free(o);
	return made ? 0 : jit_nomem(err);
}

/* The certificate of the grant, if it has one, in 'dir'. */
static int
write_cert(struct jit_buf *path, struct cli *c, const struct jit_grant *g,
	const char *dir, struct jit_error *err)
{
	struct jit_buf cert = {0};
	int rc;

	if (!g->serial)
		return 0;
	rc = collect_cert(&cert, c, g, err);
	if (rc == 0) {
		jit_buf_fmt(path, "%s/%s-cert.pub", dir, g->id);
		rc = cli_write_file(jit_buf_text(path), cert.data, cert.len,
			true, true, err);
	}
	jit_buf_free(&cert);
	return rc;
}

int
collect(struct cli *c, const struct jit_grant *g, const char *dir,
	struct jit_error *err)
{
	struct jit_buf path = {0}, key = {0};
	int rc;

	rc = check_live(g, c->now, err);
	if (rc == 0)
		rc = write_cert(&path, c, g, dir, err);
	if (rc == 0)
		rc = copy_secret(&key, dir, g, err);
	if (rc == 0)
		rc = answer(c, g, jit_buf_text(&path), jit_buf_text(&key), err);
	if (rc == 0 && path.len && key.len)
		cli_hint(c, "log in with: ssh -i '%s' %s@%s",
			jit_buf_text(&key), g->role,
			strchr(g->resource, ':') + 1);
	else if (rc == 0 && !path.len && !key.len)
		cli_hint(c, "grant %s has no file to collect here", g->id);
	jit_buf_free(&path);
	jit_buf_free(&key);
	return rc;
}
