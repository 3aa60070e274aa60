/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE /* memmem */
#include "pam.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cgroup.h"
#include "deadline.h"
#include "keeper.h"
#include "talk.h"

#define ANSWER 15000 /* milliseconds; the keeper itself gives up before */

static const char *
env(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

/*
 * The certificate of a login, in base64, from lines like "publickey
 * ssh-ed25519-cert-v01@openssh.com AAAA..."; NULL: none was shown.
 */
static char *
certificate(const char *shown)
{
	const char *line, *type, *blob;

	for (line = shown; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "publickey ", 10) != 0)
			continue;
		type = line + 10;
		blob = type + strcspn(type, " \n");
		if (*blob != ' ' ||
			!memmem(type, (size_t)(blob - type), "-cert-v01@", 10))
			continue;
		blob++;
		return strndup(blob, strcspn(blob, " \n"));
	}
	return NULL;
}

/* Whether this process is in a session that is kept. */
static bool
is_kept(void)
{
	struct jit_buf root = {0}, mine = {0};
	bool kept;

	kept = cgroup_root(&root, NULL) == 0 &&
		cgroup_of(&mine, jit_buf_text(&root), getpid());
	jit_buf_free(&root);
	jit_buf_free(&mine);
	return kept;
}

static int
knock(int *out, struct jit_error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", KEEPER_DOOR);
	if (fd >= 0 &&
		connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) ==
			0) {
		*out = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return jit_fail(err, JIT_TROUBLE,
		"no keeper answers here (jit-issue --watch): no session");
}

static struct jit_json *
question(const char *verb, const char *cert)
{
	struct jit_json *o = jit_json_object();

	if (jit_json_set_text(o, "verb", verb) &&
		jit_json_set_text(o, "service", env("PAM_SERVICE")) &&
		jit_json_set_text(o, "account", env("PAM_USER")) &&
		(!cert || jit_json_set_text(o, "cert", cert)))
		return o;
	jit_json_free(o);
	return NULL;
}

static int
await(struct jit_json **out, struct talk *t, struct jit_error *err)
{
	int64_t end = jit_deadline_in(ANSWER);
	struct pollfd fd = {.fd = t->fd, .events = POLLIN};
	bool bad = false, open = true;

	while (!*out && !bad && open && !jit_deadline_over(end)) {
		if (poll(&fd, 1, (int)jit_deadline_left(end)) < 0 &&
			errno != EINTR)
			break;
		open = talk_fill(t);
		*out = talk_take(&bad, t);
	}
	return *out ? 0
		    : jit_fail(err, JIT_TROUBLE,
			      "the keeper does not answer: no session");
}

static int
ask(const char *verb, const char *cert, struct jit_error *err)
{
	struct jit_json *answer = NULL;
	struct talk t = {.fd = -1};
	const char *said;
	int rc = knock(&t.fd, err);

	if (rc == 0 && !talk_send(&t, question(verb, cert)))
		rc = jit_fail(err, JIT_TROUBLE,
			"the keeper does not listen: no session");
	if (rc == 0)
		rc = await(&answer, &t, err);
	said = jit_json_text(jit_json_get(answer, "answer"));
	if (rc == 0 && (!said || strcmp(said, "yes") != 0)) {
		said = jit_json_text(jit_json_get(answer, "why"));
		rc = jit_fail(err, JIT_NO, "no session: %s",
			said ? said : "no reason");
	}
	jit_json_free(answer);
	talk_shut(&t);
	return rc;
}

int
pam_ask(struct cli *c, struct jit_error *err)
{
	bool opens = strcmp(env("PAM_TYPE"), "open_session") == 0;
	char *cert;
	int rc = 0;

	if (!opens && strcmp(env("PAM_TYPE"), "close_session") != 0)
		return cli_usage(c, err,
			"--pam is for pam_exec, in a line of type session");
	cert = certificate(env("SSH_AUTH_INFO_0"));
	if (cert || is_kept())
		rc = ask(opens ? "open" : "close", cert, err);
	free(cert);
	return opens || rc == JIT_USAGE ? rc : 0;
}
