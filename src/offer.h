/* offer: what verifies a requester's secret, and where that secret is. */
#ifndef OFFER_H
#define OFFER_H

#include "cli.h"

/* Start with = {0}; free with offer_free. */
struct offer {
	struct jit_buf line;   /* the public key without comment; a verifier */
	struct jit_buf folder; /* of the secrets; empty: no files are ours */
	char name[JIT_ULID];   /* of the files: the id, once there is one */
	bool password;         /* the secret is one, in a file for libpq */
};

/* Offer the key in a public key file. JIT_USAGE, JIT_TROUBLE. */
int offer_read(struct offer *o, const char *path,
	struct jit_error *err) JIT_CHECKED;

/*
 * Offer a new key. Unless 'dry', its two halves lie in the secrets directory
 * before this returns, under a name of chance. JIT_TROUBLE.
 */
int offer_make(struct offer *o, bool dry, struct jit_error *err) JIT_CHECKED;

/*
 * Offer the SCRAM verifier of a new password. Unless 'dry', it lies in the
 * secrets directory before this returns, as libpq reads it (PGPASSFILE).
 * JIT_TROUBLE.
 */
int offer_password(struct offer *o, bool dry,
	struct jit_error *err) JIT_CHECKED;

/*
 * The files are those of grant 'id': ID and ID.pub, or ID.pgpass.
 * JIT_TROUBLE.
 */
int offer_name(struct offer *o, const char *id,
	struct jit_error *err) JIT_CHECKED;

/* Nothing was asked: the files go. */
void offer_drop(struct offer *o);

void offer_free(struct offer *o);

/* Append the path of ID followed by 'suffix' in the secrets directory. */
int offer_path(struct jit_buf *out, const char *id, const char *suffix,
	struct jit_error *err) JIT_CHECKED;

/* The grant is over: what was kept for it here goes, if there is any. */
void offer_forget(const char *id);

/*
 * What was kept for grants that others ended, or that nobody did, goes too:
 * where the certificate beside the key has ended; and where there is none,
 * a week after the request, unless this ledger's grant is open still. The
 * folder may serve other ledgers too. Not with -n; nothing of it is an error.
 */
void offer_sweep(const struct cli *c);

#endif
