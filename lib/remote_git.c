/* SPDX-License-Identifier: ISC */
/* Running git: fetch, push and pack. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "hash.h"
#include "remote_inner.h"
#include "repo.h"

#define REF JIT_REMOTE_REF
#define FETCHED "refs/jit/fetched"
#define SAYS_MAX 65536 /* bytes that git may print */
#define KEPT 16384     /* bytes of its complaints that are looked at */
#define ARGS_MAX 64
#define OID 20
#define OID_HEX (2 * OID + 1)

/* -- Running git ----------------------------------------------------------- */

/*
 * What the user's configuration may not change. Fetched objects are judged
 * one by one before they count, so git need not look at them first; where it
 * does, each fetch leaves a pack.
 */
static const char *const always[] = {"-c", "core.hooksPath=/dev/null", "-c",
	"core.fsync=all", "-c", "core.commitGraph=false", "-c",
	"core.multiPackIndex=false", "-c", "gc.auto=0", "-c",
	"maintenance.auto=false", "-c", "fetch.fsckObjects=false", "-c",
	"transfer.fsckObjects=false", "-c", "fetch.unpackLimit=1000", "-c",
	"fetch.writeCommitGraph=false", "-c", "fetch.prune=false", "-c",
	"push.gpgSign=false", "-c", "push.pushOption=", "-c",
	"submodule.recurse=false", "-c", "advice.detachedHead=false"};

struct said {
	struct jit_buf out, err;
	int status;
};

static void
said_free(struct said *s)
{
	jit_buf_free(&s->out);
	jit_buf_free(&s->err);
}

static int
run(struct said *said, const struct jit_remote *r, const char *const *words,
	int seconds, struct jit_error *err)
{
	const char *argv[ARGS_MAX + 1];
	struct jit_child child = {.argv = argv,
		.env = (const char *const *)r->env,
		.max = SAYS_MAX,
		.seconds = seconds,
		.said = &said->err,
		.said_max = KEPT,
		.alone = true};
	size_t n = 0, i;

	argv[n++] = r->git;
	for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		argv[n++] = always[i];
	argv[n++] = "-c";
	argv[n++] = r->sharing;
	for (i = 0; words[i] && n < ARGS_MAX; i++)
		argv[n++] = words[i];
	argv[n] = NULL;
	return jit_child_run(&said->out, &said->status, &child, err);
}

/* The first line of git's that says something, without "fatal: ". */
static void
reason(char *line, size_t size, const struct jit_buf *said)
{
	static const char *const heads[] = {"fatal: ", "error: ", "remote: "};
	const char *p = jit_buf_text(said);
	size_t i, n;

	while (*p == '\n' || strncasecmp(p, "warning:", 8) == 0) {
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (strncmp(p, heads[i], strlen(heads[i])) == 0)
			p += strlen(heads[i]);
	n = strcspn(p, "\r\n");
	while (n > 0 && p[n - 1] == ' ')
		n--;
	snprintf(line, size, "%.*s", (int)n, n ? p : "");
	if (!line[0])
		snprintf(line, size, "git says nothing");
}

/* What the remote's own programs say, which git marks so. */
static void
remote_reason(char *line, size_t size, const struct jit_buf *said)
{
	const char *p = jit_buf_text(said);
	size_t n;

	if (strncmp(p, "remote: ", 8) != 0) {
		p = strstr(p, "\nremote: ");
		p = p ? p + 1 : NULL;
	}
	if (!p) {
		snprintf(line, size, "it does not say why");
		return;
	}
	p += 8;
	n = strcspn(p, "\r\n");
	while (n > 0 && p[n - 1] == ' ')
		n--;
	snprintf(line, size, "%.*s", (int)n, p);
}

static int
unreached(const struct jit_remote *r, const struct said *s,
	struct jit_error *err)
{
	char line[300];

	reason(line, sizeof(line), &s->err);
	return jit_fail(err, JIT_TROUBLE, "cannot reach '%s': %s", r->url,
		line);
}

/* -- Its three verbs ------------------------------------------------------- */

/* The tip that git left where we told it to. */
static int
read_tip(unsigned char oid[OID], const struct jit_remote *r,
	struct jit_error *err)
{
	char *path = jit_repo_path("%s/%s", r->dir, FETCHED);
	char hex[OID_HEX] = "";
	bool good = false;
	FILE *f;

	if (!path)
		return jit_nomem(err);
	f = fopen(path, "re");
	if (f) {
		good = fgets(hex, sizeof(hex), f) &&
			jit_unhex(oid, OID, hex) == 0;
		fclose(f);
	}
	free(path);
	return good ? 1
		    : jit_fail(err, JIT_TROUBLE, "git fetched no %s from '%s'",
			      REF, r->url);
}

/* What we have already, so that only the rest is sent and looked at. */
static int
prepare(const struct jit_remote *r, const unsigned char *have,
	struct jit_error *err)
{
	char hex[OID_HEX], *path;
	int rc = jit_remote_furnish(r, err);

	path = jit_repo_path("%s/%s", r->dir, FETCHED);
	if (!path)
		return jit_nomem(err);
	unlink(path);
	free(path);
	if (rc || !have)
		return rc;
	jit_hex(hex, have, OID);
	return jit_remote_put(r, REF, hex, err);
}

int
jit_remote_fetch(unsigned char oid[20], struct jit_remote *r,
	const unsigned char *have, int seconds, struct jit_error *err)
{
	const char *const words[] = {"fetch", "--quiet", "--no-tags",
		"--no-write-fetch-head", "--no-auto-maintenance",
		"--no-recurse-submodules", "--no-prune", "--", r->url,
		"+" REF ":" FETCHED, NULL};
	struct said said = {0};
	int rc;

	rc = prepare(r, have, err);
	if (rc == 0)
		rc = run(&said, r, words, seconds, err);
	if (rc)
		rc = jit_within(err, rc, "cannot reach '%s'", r->url);
	else if (said.status == 0)
		rc = read_tip(oid, r, err);
	else if (!strstr(jit_buf_text(&said.err), "find remote ref " REF))
		rc = unreached(r, &said, err);
	said_free(&said);
	return rc;
}

/* Of a "!" line of --porcelain: was another writer faster? */
static bool
lost(const char *line)
{
	static const char *const ways[] = {"(fetch first)",
		"(non-fast-forward)", "(stale info)",
		"(incorrect old value provided)", "(failed to update ref)",
		"(cannot lock ref", "(failed to lock)",
		"(reference already exists)", "(already exists)"};
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strstr(line, ways[i]))
			return true;
	return false;
}

/* What a push that did not go well means. */
static int
rejected(const struct jit_remote *r, const struct said *s,
	struct jit_error *err)
{
	const char *found = jit_buf_text(&s->out), *why;
	char line[512], text[300];

	if (strncmp(found, "!\t", 2) != 0)
		found = strstr(found, "\n!\t");
	if (!found)
		return unreached(r, s, err);
	found += *found == '\n';
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(found, "\n"), found);
	if (lost(line))
		return jit_fail(err, JIT_BUSY, "another writer was faster");
	if (strstr(line, "hook declined)")) {
		remote_reason(text, sizeof(text), &s->err);
		return jit_fail(err, JIT_NO, "'%s' refuses it: %s", r->url,
			text);
	}
	why = strrchr(line, '\t');
	return jit_fail(err, JIT_TROUBLE, "'%s' does not take it: %s", r->url,
		why ? why + 1 : line);
}

int
jit_remote_push(struct jit_remote *r, const unsigned char oid[20], int seconds,
	struct jit_error *err)
{
	char spec[OID_HEX + sizeof(":" REF)], hex[OID_HEX];
	const char *const words[] = {"push", "--porcelain", "--quiet",
		"--no-verify", "--no-signed", "--no-follow-tags",
		"--recurse-submodules=no", "--no-progress", "--", r->url, spec,
		NULL};
	struct said said = {0};
	int rc;

	jit_hex(hex, oid, OID);
	snprintf(spec, sizeof(spec), "%s:%s", hex, REF);
	rc = jit_remote_furnish(r, err);
	if (rc == 0)
		rc = run(&said, r, words, seconds, err);
	if (rc)
		rc = jit_within(err, rc, "cannot reach '%s'", r->url);
	else if (said.status)
		rc = rejected(r, &said, err);
	said_free(&said);
	return rc;
}

int
jit_remote_pack(struct jit_remote *r, int seconds, struct jit_error *err)
{
	const char *const words[] = {"repack", "--geometric=2", "-d", "-n",
		"-q", NULL};
	struct said said = {0};
	char line[300];
	int rc;

	rc = jit_remote_furnish(r, err);
	if (rc == 0)
		rc = run(&said, r, words, seconds, err);
	if (rc == 0 && said.status) {
		reason(line, sizeof(line), &said.err);
		rc = jit_fail(err, JIT_TROUBLE, "cannot pack: %s", line);
	}
	said_free(&said);
	return rc;
}
