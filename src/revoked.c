/* SPDX-License-Identifier: ISC */
#include "revoked.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "krl.h"

#define KRL_MAX (64u << 20) /* bytes */

/* sshd takes any list; that none is older than the last is seen to here. */
static int
check_older(const char *path, const struct jit_state *s, struct jit_error *err)
{
	struct jit_buf old = {0};
	uint64_t version = 0;
	struct stat st;
	int rc;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return 0; /* none, or a pipe, which would be read for ever */
	rc = cli_read_file(&old, path, KRL_MAX, err);
	if (rc == 0 && old.len > 0) {
		rc = jit_krl_version(&version, old.data, old.len, err);
		if (rc == JIT_USAGE)
			rc = jit_within(err, JIT_TROUBLE,
				"'%s' is not replaced", path);
	}
	jit_buf_free(&old);
	if (rc == 0 && version > (uint64_t)s->seq)
		return jit_fail(err, JIT_EVIDENCE,
			"'%s' is of event %llu, this ledger is at %lld: "
			"rolled back?",
			path, (unsigned long long)version, (long long)s->seq);
	return rc;
}

static int
make(struct jit_buf *out, const struct cli *c, const struct jit_signer *ca,
	struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	struct jit_krl_entry *entries;
	size_t i;
	int rc;

	entries = calloc(s->revoked_count + 1, sizeof(*entries));
	if (!entries)
		return jit_nomem(err);
	for (i = 0; i < s->revoked_count; i++) {
		entries[i].ca = s->revoked[i].ca;
		entries[i].serial = (uint64_t)s->revoked[i].serial;
	}
	rc = jit_krl_make(out, (uint64_t)s->seq, c->now, s->genesis, entries,
		s->revoked_count, ca, err);
	free(entries);
	return rc;
}

/*
 * Two that write the same list take turns, or the older could come last: the
 * folder is locked, so that no lock file stays. The descriptor, or a code.
 */
static int
lock_folder(const char *path, struct jit_error *err)
{
	char copy[4096];
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return jit_fail(err, JIT_TROUBLE, "cannot lock the folder of '%s': %s",
		path, strerror(errno));
}

static int
replace(struct cli *c, const char *path, const struct jit_buf *list,
	struct jit_error *err)
{
	int rc, fd;

	if (strcmp(path, "-") == 0)
		return cli_write_file(path, list->data, list->len, true, true,
			err);
	fd = lock_folder(path, err);
	if (fd < 0)
		return fd;
	rc = check_older(path, jit_ledger_state(c->ledger), err);
	if (rc == 0 && !c->dry)
		rc = cli_write_file(path, list->data, list->len, true, true,
			err);
	close(fd);
	return rc;
}

int
revoked_list(struct cli *c, const char *path, const char *ca_path,
	struct jit_error *err)
{
	struct jit_signer *ca = NULL;
	struct jit_buf list = {0};
	int rc;

	rc = cli_ledger(c, err);
	if (rc == 0 && ca_path)
		rc = cli_signer_for(&ca, c, ca_path, err);
	if (rc == 0)
		rc = make(&list, c, ca, err);
	if (rc == 0)
		rc = replace(c, path, &list, err);
	if (rc == 0)
		cli_hint(c, "%zu revoked, version %lld",
			jit_ledger_state(c->ledger)->revoked_count,
			(long long)jit_ledger_state(c->ledger)->seq);
	jit_signer_free(ca);
	jit_buf_free(&list);
	return rc;
}
