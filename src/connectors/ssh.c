/* SPDX-License-Identifier: ISC */
/* ssh: a certificate is the access; whether sshd takes it is asked of sshd. */
#define _GNU_SOURCE /* memfd_create */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cert.h"
#include "name.h"
#include "sshd.h"

#define PROBE_SECONDS 20
#define SAYS_MAX (256 * 1024) /* bytes that ssh may say about a login */
#define ACCOUNTS_MAX 8        /* of one role, that are tried */

struct target {
	const char *address;
	int64_t port;
	const char *host_key;    /* "ssh-ed25519 AAAA..." */
	const char *ca;          /* of host certificates */
	struct jit_map accounts; /* role: accounts; else the role's name */
	int64_t timeout;
};

/* -- Targets --------------------------------------------------------------- */

static bool
is_address(const char *s)
{
	size_t n = strspn(s,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:%-");

	return n >= 1 && n <= 253 && s[n] == '\0' && s[0] != '-';
}

static bool
is_account(const char *s)
{
	size_t n = strspn(s,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return n >= 1 && n <= 64 && s[n] == '\0' && s[0] != '-';
}

/* Two words of plain characters: a line of known_hosts is made of it. */
static bool
is_key(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789@.-");
	size_t m;

	if (n < 4 || n > 64 || s[n] != ' ')
		return false;
	m = strspn(s + n + 1,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=");
	return m >= 16 && m <= 4096 && s[n + 1 + m] == '\0';
}

#define TEXT(n, chk, exp)                                                      \
	{                                                                      \
		.name = #n, .kind = JIT_TEXT,                                  \
		.offset = offsetof(struct target, n), .check = (chk),          \
		.expect = (exp)                                                \
	}

static const struct jit_member shape[] = {
	TEXT(address, is_address, "a host's name or address"),
	{.name = "port",
		.kind = JIT_INT,
		.offset = offsetof(struct target, port),
		.min = 1,
		.max = 65535},
	TEXT(host_key, is_key, "a public key, type and base64"),
	TEXT(ca, is_key, "a public key, type and base64"),
	{.name = "accounts",
		.kind = JIT_MAP,
		.offset = offsetof(struct target, accounts),
		.check = is_account,
		.expect = "the name of an account",
		.max = ACCOUNTS_MAX},
	SERVE_TIMEOUT(struct target), {.name = NULL}};

/* The accounts that a role may log in to, borrowed; at least one. */
static int
open_target(struct target *t, struct jit_texts *accounts, struct serve *s,
	struct jit_error *err)
{
	size_t i;
	int rc = serve_target(t, s, shape, err);

	if (rc)
		return rc;
	if (!t->address)
		t->address = s->name;
	if (!t->port)
		t->port = 22;
	*accounts = (struct jit_texts){1, &s->ask.role};
	for (i = 0; i < t->accounts.count; i++)
		if (strcmp(t->accounts.at[i].name, s->ask.role) == 0 &&
			t->accounts.at[i].texts.count > 0)
			*accounts = t->accounts.at[i].texts;
	return 0;
}

/* -- Verbs ----------------------------------------------------------------- */

static int
ssh_grant(struct serve *s, struct jit_error *err)
{
	struct target t = {0};
	struct jit_texts accounts = {0, NULL};
	struct jit_json *o;
	int rc = open_target(&t, &accounts, s, err);

	if (rc)
		return rc;
	s->reply.account = accounts.at[0];
	s->connect = o = jit_json_object();
	if (!o || !jit_json_set_text(o, "address", t.address) ||
		!jit_json_set_int(o, "port", t.port) ||
		!jit_json_set_text(o, "account", accounts.at[0]) ||
		!jit_json_set_text(o, "principal",
			serve_line(s, "%s@%s", s->ask.role, s->name)) ||
		(t.host_key && !jit_json_set_text(o, "host_key", t.host_key)) ||
		(t.ca && !jit_json_set_text(o, "ca", t.ca)))
		return jit_nomem(err);
	return 0;
}

/* The host asks the ledger at each login, and its keeper ends sessions. */
static int
ssh_revoke(struct serve *s, struct jit_error *err)
{
	struct target t = {0};
	int rc = serve_target(&t, s, shape, err);

	if (rc == 0)
		s->reply.left = serve_left(s);
	return rc;
}

/* -- Probe ----------------------------------------------------------------- */

/* Text as a file that only we and what we run can open, and nobody finds. */
struct leaf {
	int fd;
	char path[64];
};

static int
make_leaf(struct leaf *f, const char *text, struct jit_error *err)
{
	size_t len = strlen(text);

	f->fd = memfd_create("jit", MFD_CLOEXEC);
	snprintf(f->path, sizeof(f->path), "/proc/%ld/fd/%d", (long)getpid(),
		f->fd);
	if (f->fd >= 0 && fchmod(f->fd, 0600) == 0 &&
		write(f->fd, text, len) == (ssize_t)len)
		return 0;
	return jit_fail(err, JIT_TROUBLE, "cannot keep a file in memory: %s",
		strerror(errno));
}

static void
free_leaf(struct leaf *f)
{
	if (f->fd >= 0)
		close(f->fd);
}

struct attempt {
	struct target t;
	struct leaf cert, known;
};

static int
make_leaves(struct attempt *a, struct serve *s, struct jit_error *err)
{
	struct jit_buf known = {0}, cert = {0};
	int rc;

	if (a->t.host_key)
		jit_buf_fmt(&known, "* %s\n", a->t.host_key);
	if (a->t.ca)
		jit_buf_fmt(&known, "@cert-authority * %s\n", a->t.ca);
	jit_buf_fmt(&cert, "%s\n", s->ask.certificate);
	rc = jit_buf_failed(&known, err);
	if (rc == 0)
		rc = jit_buf_failed(&cert, err);
	if (rc == 0)
		rc = make_leaf(&a->cert, jit_buf_text(&cert), err);
	if (rc == 0)
		rc = make_leaf(&a->known, jit_buf_text(&known), err);
	jit_buf_free(&known);
	jit_buf_free(&cert);
	return rc;
}

/* ssh with nothing of anybody's: no configuration, key, agent or command. */
static int
knock(struct serve_tool *tool, const struct attempt *a, const char *account,
	struct jit_error *err)
{
	char cert[100], known[100], port[24];
	bool own = a->t.host_key || a->t.ca;
	const char *const argv[] = {"ssh", "-F", "none", "-T", "-n", "-v", "-o",
		"BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o",
		"IdentityAgent=none", "-o", "IdentityFile=none", "-o", cert,
		"-o", "PreferredAuthentications=publickey", "-o", known, "-o",
		own ? "GlobalKnownHostsFile=/dev/null" : "UpdateHostKeys=no",
		"-o", "StrictHostKeyChecking=yes", "-o", "UpdateHostKeys=no",
		"-o", "ConnectTimeout=8", "-o", "ConnectionAttempts=1", "-o",
		"ClearAllForwardings=yes", "-p", port, "-l", account, "--",
		a->t.address, "true", NULL};

	snprintf(cert, sizeof(cert), "CertificateFile=%s", a->cert.path);
	snprintf(known, sizeof(known), "UserKnownHostsFile=%s",
		own ? a->known.path : "/dev/null");
	snprintf(port, sizeof(port), "%" PRId64, a->t.port);
	*tool = (struct serve_tool){.argv = argv,
		.seconds = PROBE_SECONDS,
		.said_max = SAYS_MAX};
	return serve_run(tool, err);
}

/* The last line that is not for developers, or "". */
static void
last_word(char *out, size_t size, const struct jit_buf *said)
{
	const char *at = jit_buf_text(said);
	struct jit_buf line = {0}, best = {0};
	size_t len;

	for (; *at; at += len + (at[len] == '\n')) {
		len = strcspn(at, "\n");
		jit_buf_reset(&line);
		jit_buf_put(&line, at, len);
		if (len > 1 && strncmp(at, "debug", 5) != 0) {
			jit_buf_reset(&best);
			jit_buf_put(&best, at, len);
		}
	}
	serve_first(out, size, &best);
	jit_buf_free(&line);
	jit_buf_free(&best);
}

/*
 * PROTOCOL of a login by key (RFC 4252 section 7): the client asks whether the
 * key would do, and signs only then. Ours has nothing to sign with.
 */
static const char *
outcome(const struct jit_buf *said)
{
	const char *text = jit_buf_text(said);

	if (strstr(text, "debug1: Server accepts key: ") ||
		strstr(text, "\nAuthenticated to "))
		return JIT_OUTCOME_ALLOWED;
	if (said->len < SAYS_MAX &&
		strstr(text, "debug1: Offering public key: ") &&
		strstr(text, ": Permission denied ("))
		return JIT_OUTCOME_REFUSED;
	return JIT_OUTCOME_UNKNOWN;
}

static void
try_account(struct serve *s, const struct attempt *a, const char *account)
{
	static const struct {
		const char *outcome, *words;
	} says[] = {{JIT_OUTCOME_ALLOWED, "sshd would take the signature"},
		{JIT_OUTCOME_REFUSED, "sshd refuses the key"},
		{JIT_OUTCOME_UNKNOWN, NULL}};
	struct serve_tool tool;
	struct jit_error why = {0};
	char line[sizeof(why.text)];
	size_t i = 0;

	if (knock(&tool, a, account, &why)) {
		s->reply.outcome = JIT_OUTCOME_UNKNOWN;
		snprintf(line, sizeof(line), "%s", why.text);
	} else {
		s->reply.outcome = outcome(&tool.said);
		last_word(line, sizeof(line), &tool.said);
	}
	serve_tool_free(&tool);
	while (strcmp(says[i].outcome, s->reply.outcome) != 0)
		i++;
	s->reply.how = serve_line(s,
		"ssh %s@%s, port %" PRId64 ", certificate without its key: %s",
		account, a->t.address, a->t.port,
		says[i].words ? says[i].words : line);
}

/* What could not be asked has lapsed once the certificate has ended. */
static void
maybe_lapsed(struct serve *s)
{
	int64_t before = INT64_MAX;

	if (strcmp(s->reply.outcome, JIT_OUTCOME_UNKNOWN) == 0 &&
		jit_cert_before(&before, s->ask.certificate, NULL) == 0 &&
		s->now >= before)
		s->reply.outcome = JIT_OUTCOME_LAPSED;
}

static int
ssh_probe(struct serve *s, struct jit_error *err)
{
	struct attempt a = {.cert = {.fd = -1}, .known = {.fd = -1}};
	struct jit_texts accounts = {0, NULL};
	int64_t before = 0;
	size_t i = 0;
	int rc = open_target(&a.t, &accounts, s, err);

	if (rc == 0 && !s->ask.certificate)
		rc = jit_fail(err, JIT_USAGE, "a certificate is wanted");
	if (rc == 0)
		rc = jit_cert_before(&before, s->ask.certificate, err);
	if (rc == 0)
		rc = make_leaves(&a, s, err);
	if (rc == 0) {
		do
			try_account(s, &a, accounts.at[i]);
		while (++i < accounts.count &&
			strcmp(s->reply.outcome, JIT_OUTCOME_REFUSED) == 0);
		maybe_lapsed(s);
	}
	free_leaf(&a.cert);
	free_leaf(&a.known);
	return rc;
}

/* -- Scan ------------------------------------------------------------------ */

/* Whether the resource is the machine that we run on. */
static bool
is_here(const char *name)
{
	struct utsname u;
	size_t len;

	if (strcmp(name, "localhost") == 0)
		return true;
	if (uname(&u) != 0)
		return false;
	len = strcspn(u.nodename, ".");
	return (strncmp(u.nodename, name, len) == 0 && name[len] == '\0') ||
		strcmp(u.nodename, name) == 0;
}

static int
ssh_scan(struct serve *s, struct jit_error *err)
{
	const char **unseen = jit_arena_get(&s->mem, sizeof(*unseen));

	if (!unseen)
		return jit_nomem(err);
	if (is_here(s->name))
		return sshd_standing(s, err);
	unseen[0] = serve_line(s, "sshd of %s: it is asked on that machine",
		s->name);
	s->reply.unseen = (struct jit_texts){1, unseen};
	return 0;
}

int
main(int argc, char **argv)
{
	const struct serve_connector me = {.name = "ssh",
		.offer = "ssh-ed25519",
		.proves = "the certificate is offered to sshd without its "
			  "key: sshd says whether it would take the signature",
		.actions = true,
		.grant = ssh_grant,
		.revoke = ssh_revoke,
		.probe = ssh_probe,
		.scan = ssh_scan};

	return serve(&me, argc, argv);
}
