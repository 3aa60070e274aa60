/* SPDX-License-Identifier: ISC */
/* jit-doctor: of the repository that the ledger is in. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"
#include "span.h"
#include "tidy.h"
#include "when.h"

#define SECONDS 10 /* that a remote has to answer */
#define LEFT 3600  /* seconds after which a file of git's was left behind */

/* -- The remote ------------------------------------------------------------ */

static const char *
what_to_run(int rc, const struct jit_error *err)
{
	if (rc != JIT_EVIDENCE)
		return "see that git reaches it, as who you are: git ls-remote";
	return strstr(err->text, "see jit-ledger(5)")
		? "keep this clone: it has seen more than the remote shows"
		: "jit audit verify";
}

void
doctor_remote(struct doctor *d)
{
	const char *url = d->ledger ? jit_ledger_url(d->cli.ledger) : NULL;
	struct jit_buf age = {0};
	struct jit_error err = {0};
	int rc;

	if (!url)
		return;
	/* a host's clone is kept fresh by another, before it is asked here */
	if (d->is_host &&
		jit_ledger_fresh(d->cli.ledger, d->cli.now, &err) != 0) {
		doctor_say(d, "see that it runs: jit issue --watch", "%s",
			err.text);
		return;
	}
	rc = cli_attach(d->cli.ledger, &err);
	if (rc == 0)
		rc = jit_ledger_fetch(d->cli.ledger, d->cli.now, SECONDS, &err);
	if (rc == 0 && jit_ledger_fresh(d->cli.ledger, d->cli.now, &err) == 0) {
		doctor_say(d, NULL, "'%s' answers, and this clone follows it",
			url);
		return;
	}
	if (rc == JIT_TROUBLE && jit_ledger_heard(d->cli.ledger)) {
		span_spell(&age, d->cli.now - jit_ledger_heard(d->cli.ledger));
		jit_within(&err, rc, "heard %s ago", jit_buf_text(&age));
	}
	doctor_say(d,
		rc ? what_to_run(rc, &err)
		   : "see that an issuer runs: jit issue --watch",
		"%s", err.text);
	jit_buf_free(&age);
}

/* -- Packs ----------------------------------------------------------------- */

/* Files that a git that died left, which nobody removes. */
static size_t
leftovers(const struct doctor *d, const char *objects)
{
	const struct dirent *e;
	char path[4200];
	struct stat st;
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/pack", objects);
	dir = opendir(path);
	while (dir && (e = readdir(dir)) != NULL)
		n += strncmp(e->d_name, "tmp_", 4) == 0 &&
			fstatat(dirfd(dir), e->d_name, &st, 0) == 0 &&
			d->cli.now - (int64_t)st.st_mtime > LEFT;
	if (dir)
		closedir(dir);
	return n;
}

void
doctor_packs(struct doctor *d)
{
	const char *objects;
	size_t loose, packs, left;

	if (!d->ledger)
		return;
	objects = jit_store_objects(jit_ledger_store(d->cli.ledger));
	loose = tidy_loose(objects);
	packs = tidy_packs(objects);
	left = leftovers(d, objects);
	if (left)
		doctor_say(d,
			"remove what is older than an hour: rm pack/tmp_*",
			"%zu files that git left in '%s/pack'", left, objects);
	if (loose > 4 * TIDY_LOOSE || packs > 4 * TIDY_PACKS)
		doctor_say(d, "git repack --geometric=2 -d, never git gc",
			"about %zu loose objects and %zu packs", loose, packs);
	else if (!left)
		doctor_say(d, NULL, "about %zu loose objects and %zu packs",
			loose, packs);
}

/* -- Traps in git's configuration ------------------------------------------ */

/* What a repository's own configuration may have stock git run or believe. */
static const char *const programs[] = {"core.fsmonitor", "core.sshcommand",
	"core.hookspath", "core.pager", "core.editor", "core.askpass",
	"core.alternaterefscommand", "core.gitproxy", "credential.helper",
	"gpg.program", "gpg.ssh.program", "gpg.ssh.allowedsignersfile",
	"gpg.ssh.defaultkeycommand", "uploadpack.packobjectshook",
	"include.path", "core.worktree"};

static size_t
own_programs(struct doctor *d, const struct jit_store *store)
{
	struct jit_buf value = {0};
	size_t i, n = 0;

	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		jit_buf_reset(&value);
		if (jit_store_own(&value, store, programs[i], NULL) != 1)
			continue;
		doctor_say(d, "jit never asks it; git would: remove it",
			"'%s/config' sets %s", jit_store_path(store),
			programs[i]);
		n++;
	}
	jit_buf_free(&value);
	return n;
}

/* git gc takes what nothing names yet, as a writer's next event. */
static size_t
prunes(struct doctor *d, const struct jit_store *store)
{
	static const char name[] = "gc.pruneexpire";
	struct jit_buf value = {0};
	size_t n;

	if (jit_store_own(&value, store, name, NULL) != 1)
		(void)!jit_store_config(&value, name, NULL);
	n = strcmp(jit_buf_text(&value), "now") == 0 ||
		strcmp(jit_buf_text(&value), "all") == 0;
	if (n)
		doctor_say(d, "git config gc.pruneExpire never",
			"gc.pruneExpire is '%s': git gc would take an event "
			"from under its writer",
			jit_buf_text(&value));
	jit_buf_free(&value);
	return n;
}

/* With safe.directory = * git trusts the configuration of anybody's. */
static size_t
trusts_all(struct doctor *d)
{
	struct jit_buf value = {0};
	size_t n;

	n = jit_store_config(&value, "safe.directory", NULL) == 1 &&
		strcmp(jit_buf_text(&value), "*") == 0;
	if (n)
		doctor_say(d, "name the folders that are meant",
			"safe.directory is '*': git obeys whatever repository "
			"it stands in");
	jit_buf_free(&value);
	return n;
}

static size_t
oddities(struct doctor *d, const struct jit_store *store)
{
	struct jit_buf lines = {0};
	size_t n;

	n = (size_t)jit_store_oddities(&lines, store);
	if (n)
		doctor_say(d, "stock git would not show all: remove it", "%.*s",
			(int)strcspn(jit_buf_text(&lines), "\n"),
			jit_buf_text(&lines));
	jit_buf_free(&lines);
	return n;
}

void
doctor_git(struct doctor *d)
{
	const struct jit_store *store;

	if (!d->ledger)
		return;
	store = jit_ledger_store(d->cli.ledger);
	if (own_programs(d, store) + prunes(d, store) + trusts_all(d) +
			oddities(d, store) ==
		0)
		doctor_say(d, NULL, "no trap in its configuration");
}
