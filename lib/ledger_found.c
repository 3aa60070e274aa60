/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger_inner.h"
#include "repo.h"

/* The signed genesis, accepted by the judge. */
static int
make_genesis(struct jit_draft *d, jit_ledger_draft *draft, void *arg,
	const char *by, const struct jit_signer *signer,
	const unsigned char nonce[32], int64_t now, struct jit_error *err)
{
	char key[JIT_FINGERPRINT], ledger[JIT_HEX256], zeros[JIT_HEX256];
	const struct jit_pubkey *pub = jit_signer_key(signer);
	struct jit_state *s = NULL;
	struct jit_proof proof;
	struct jit_event ev = {0};
	int rc;

	memset(zeros, '0', sizeof(zeros) - 1);
	zeros[sizeof(zeros) - 1] = '\0';
	jit_hex(ledger, nonce, JIT_SHA256);
	rc = jit_state_new(&s, err);
	if (rc < 0)
		return rc;
	jit_draft_common(&ev, key, s, JIT_GENESIS, pub, now);
	ev.ledger = ledger;
	ev.prev = zeros;
	ev.by = by;
	rc = draft(&ev, s, now, arg, err);
	if (rc == 0)
		rc = jit_judge_ask(s, &ev, pub, pub->type == JIT_SK_ED25519,
			err);
	if (rc == 0)
		rc = jit_draft_sign(d, &ev, NULL, signer, err);
	if (rc == 0) {
		jit_replay_proof(&proof, &d->commit);
		rc = jit_judge_apply(s, &d->commit.event, &proof, err);
	}
	jit_arena_free(&ev.mem);
	jit_state_free(s);
	return rc;
}

/* A new repository at 'path' that holds this one event. */
static int
make_store(const char *path, void *arg, struct jit_error *err)
{
	const struct jit_buf *raw = arg;
	struct jit_store *store = NULL;
	unsigned char oid[JIT_OID];
	int rc;

	rc = jit_store_create(&store, path, err);
	if (rc == 0)
		rc = jit_store_write(oid, store, raw->data, raw->len, err);
	if (rc == 0)
		rc = jit_store_swap(store, NULL, oid, err);
	jit_store_free(store);
	return rc;
}

/* The folder that 'path' is in; the caller's to free. */
static char *
parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return jit_repo_path(".");
	if (slash == path)
		return jit_repo_path("/");
	return jit_repo_path("%.*s", (int)(slash - path), path);
}

/*
 * Give what was made its name. An empty folder claims the name, so that of
 * two founders one fails; rename(2) then puts the ledger in its place.
 */
static int
settle(const char *made, const char *path, struct jit_error *err)
{
	char *parent = NULL;
	int rc = 0;

	if (mkdir(path, 0700) < 0)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", path,
			strerror(errno));
	if (rename(made, path) < 0) {
		rc = jit_fail(err, JIT_TROUBLE, "'%s': %s", path,
			strerror(errno));
		rmdir(path);
		return rc;
	}
	parent = parent_of(path);
	rc = parent != NULL ? jit_repo_sync(parent, err) : jit_nomem(err);
	free(parent);
	return rc;
}

/* Made in the folder 'temp', and moved to its place whole. */
static int
make_and_settle(const char *temp, const char *path, jit_ledger_fill *fill,
	void *arg, struct jit_error *err)
{
	char *inner = jit_repo_path("%s/ledger", temp);
	int rc;

	if (inner == NULL)
		return jit_nomem(err);
	rc = fill(inner, arg, err);
	if (rc == 0)
		rc = settle(inner, path, err);
	free(inner);
	return rc;
}

/* Without slashes at its end; the caller's to free. */
static char *
bare_name(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return jit_repo_path("%.*s", (int)len, path);
}

int
jit_ledger_publish(const char *path, jit_ledger_fill *fill, void *arg,
	struct jit_error *err)
{
	char *name = bare_name(path), *temp = NULL;
	struct stat st;
	int rc;

	if (name != NULL)
		temp = jit_repo_path("%s.XXXXXX", name);
	if (temp == NULL)
		rc = jit_nomem(err);
	else if (lstat(name, &st) == 0)
		rc = jit_fail(err, JIT_TROUBLE, "'%s' is there already", name);
	else if (mkdtemp(temp) == NULL)
		rc = jit_fail(err, JIT_TROUBLE, "'%s': %s", name,
			strerror(errno));
	else {
		rc = make_and_settle(temp, name, fill, arg, err);
		jit_repo_remove_all(temp);
	}
	free(temp);
	free(name);
	return rc;
}

int
jit_ledger_found(struct jit_commit *made, const char *path,
	jit_ledger_draft *draft, void *arg, const char *by,
	const struct jit_signer *signer, const unsigned char nonce[32],
	int64_t now, struct jit_error *err)
{
	struct jit_draft d = {0};
	int rc;

	rc = make_genesis(&d, draft, arg, by, signer, nonce, now, err);
	if (rc == 0)
		rc = jit_ledger_publish(path, make_store, &d.raw, err);
	if (rc == 0 && made != NULL) {
		*made = d.commit;
		d.made = false; /* transferred */
	}
	jit_draft_free(&d);
	return rc;
}
