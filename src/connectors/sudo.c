/* SPDX-License-Identifier: ISC */
/* sudo: a drop-in of sudoers for each grant, which ends by itself. */
#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "dropin.h"
#include "sudoers.h"

#define TOOL_SECONDS 10

struct target {
	struct jit_rows accounts; /* struct serve_account */
	const char *dir;          /* of the drop-ins */
	const char *host;         /* on which they hold */
	int64_t timeout;
};

/* -- Targets ------------------------------------------------------------- */

static bool
is_folder(const char *s)
{
	size_t n = strspn(s,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.-");

	return s[0] == '/' && s[n] == '\0' && n <= 200;
}

/* No alias of sudoers, which begins with a capital. */
static bool
is_host(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-");

	return n >= 1 && n <= 253 && s[n] == '\0' && s[0] != '-' && s[0] != '.';
}

static const struct jit_member shape[] = {
	{.name = "accounts",
		.kind = JIT_ROWS,
		.offset = offsetof(struct target, accounts),
		.inner = serve_account_shape,
		.size = sizeof(struct serve_account)},
	{.name = "dir",
		.kind = JIT_TEXT,
		.offset = offsetof(struct target, dir),
		.check = is_folder,
		.expect = "a folder's absolute path"},
	{.name = "host",
		.kind = JIT_TEXT,
		.offset = offsetof(struct target, host),
		.check = is_host,
		.expect = "a host's name"},
	SERVE_TIMEOUT(struct target), {.name = NULL}};

static int
open_target(struct target *t, struct serve *s, struct jit_error *err)
{
	*t = (struct target){.dir = DROPIN_FOLDER, .host = "ALL"};
	return serve_target(t, s, shape, err);
}

static int
open_account(const char **account, struct target *t, struct serve *s,
	struct jit_error *err)
{
	int rc = open_target(t, s, err);

	return rc ? rc
		  : serve_account(account, &t->accounts, s->ask.principal, err);
}

/* 0: there is such an account here; 1: there is none. JIT_TROUBLE. */
static int
known(const char *account, struct jit_error *err)
{
	errno = 0;
	if (getpwnam(account))
		return 0;
	if (errno == 0 || errno == ENOENT || errno == ESRCH)
		return 1;
	return jit_fail(err, JIT_TROUBLE, "cannot look for account '%s': %s",
		account, strerror(errno));
}

static int
want_known(const char *account, struct jit_error *err)
{
	int rc = known(account, err);

	if (rc == 1)
		return jit_fail(err, JIT_NO, "there is no account '%s' here",
			account);
	return rc;
}

/* -- Verbs --------------------------------------------------------------- */

static int
sudo_grant(struct serve *s, struct jit_error *err)
{
	struct target t = {0};
	const char *account = NULL;
	int rc = open_account(&account, &t, s, err);

	if (rc == 0)
		rc = want_known(account, err);
	if (rc == 0)
		rc = want_known(s->ask.role, err);
	if (rc == 0)
		rc = dropin_put(t.dir, t.host, account, &s->ask, err);
	if (rc)
		return rc;
	s->reply.account = account;
	s->connect = jit_json_object();
	if (!s->connect || !jit_json_set_text(s->connect, "account", account) ||
		!jit_json_set_text(s->connect, "host", s->name))
		return jit_nomem(err);
	return 0;
}

/* Sessions on this host are its keeper's to end. */
static int
sudo_revoke(struct serve *s, struct jit_error *err)
{
	struct target t = {0};
	int rc = open_target(&t, s, err);

	if (rc == 0)
		rc = dropin_remove(t.dir, s->ask.id, err);
	if (rc == 0)
		s->reply.left = serve_left(s);
	return rc;
}

/* -- Probe --------------------------------------------------------------- */

/* Something but what sudo says of a host without a name in the DNS. */
static bool
complains(char *line, size_t size, const struct jit_buf *said)
{
	const char *at = jit_buf_text(said);
	struct jit_buf one = {0};
	size_t len;
	bool found = false;

	for (; *at && !found; at += len + (at[len] == '\n')) {
		len = strcspn(at, "\n");
		jit_buf_reset(&one);
		jit_buf_put(&one, at, len);
		found = len > 0 &&
			!strstr(jit_buf_text(&one), "unable to resolve host");
	}
	serve_first(line, size, &one);
	jit_buf_free(&one);
	return found;
}

/* Ask sudo about one command line; into the reply. */
static int
probe_one(struct serve *s, const char *account, const struct jit_texts *words,
	struct jit_error *err)
{
	const char *argv[64] = {"sudo", "-n", "-l", "-U", account, "-u",
		s->ask.role, "--"};
	struct serve_tool t = {.argv = argv, .seconds = TOOL_SECONDS};
	struct jit_buf shown = {0};
	char line[300];
	size_t i, n = 8;
	int rc;

	for (i = 0; i < words->count && n < 62; i++)
		argv[n++] = words->at[i];
	if (i < words->count)
		return jit_fail(err, JIT_USAGE, "an action has too many words");
	for (i = 0; i < n; i++)
		jit_buf_fmt(&shown, "%s%s", i ? " " : "", argv[i]);
	rc = serve_run(&t, err);
	s->reply.outcome = JIT_OUTCOME_UNKNOWN;
	if (rc == 0 && t.status == 0)
		s->reply.outcome = JIT_OUTCOME_ALLOWED;
	if (rc == 0 && t.status == 0)
		s->reply.how = serve_line(s, "%s: status 0, it may",
			jit_buf_text(&shown));
	else if (rc == 0 && complains(line, sizeof(line), &t.said))
		s->reply.how =
			serve_line(s, "%s: %s", jit_buf_text(&shown), line);
	else if (rc == 0 && t.status == 1)
		s->reply.outcome = JIT_OUTCOME_REFUSED;
	if (rc == 0 && !s->reply.how)
		s->reply.how =
			serve_line(s, "%s: status %d%s", jit_buf_text(&shown),
				t.status, t.status == 1 ? ", it may not" : "");
	serve_tool_free(&t);
	jit_buf_free(&shown);
	return rc;
}

/* An account that is not there may nothing. */
static int
probe_accounts(bool *gone, struct serve *s, const char *account,
	struct jit_error *err)
{
	const char *const names[] = {account, s->ask.role};
	size_t i;
	int rc;

	*gone = false;
	for (i = 0; i < 2 && !*gone; i++) {
		rc = known(names[i], err);
		if (rc < 0)
			return rc;
		*gone = rc == 1;
		if (!*gone)
			continue;
		s->reply.outcome = JIT_OUTCOME_REFUSED;
		s->reply.how = serve_line(s, "there is no account '%s' here",
			names[i]);
	}
	return 0;
}

/* Each action is asked until one is not refused. */
static int
sudo_probe(struct serve *s, struct jit_error *err)
{
	static const char *any[] = {"/bin/true"};
	const struct jit_texts all = {1, any};
	const struct jit_lists *actions = &s->ask.actions;
	struct target t = {0};
	const char *account = NULL;
	bool gone = false;
	size_t i = 0;
	int rc = open_account(&account, &t, s, err);

	if (rc == 0)
		rc = probe_accounts(&gone, s, account, err);
	if (rc || gone)
		return rc;
	do {
		s->reply.how = NULL;
		rc = probe_one(s, account,
			actions->count ? &actions->at[i] : &all, err);
	} while (rc == 0 && ++i < actions->count &&
		strcmp(s->reply.outcome, JIT_OUTCOME_REFUSED) == 0);
	return rc;
}

int
main(int argc, char **argv)
{
	const struct serve_connector me = {.name = "sudo",
		.offer = "none",
		.proves = "sudo itself is asked, as root, whether the account "
			  "may run each action as the role",
		.actions = true,
		.grant = sudo_grant,
		.revoke = sudo_revoke,
		.probe = sudo_probe,
		.scan = sudoers_standing};

	return serve(&me, argc, argv);
}
