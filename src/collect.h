/* collect: what was issued for a grant, put where ssh or libpq finds it. */
#ifndef COLLECT_H
#define COLLECT_H

#include "cli.h"

/* Append the certificate line of an active grant, from the history. */
int collect_cert(struct jit_buf *line, struct cli *c, const struct jit_grant *g,
	struct jit_error *err) JIT_CHECKED;

/*
 * Write what is needed to use the active grant 'g' beside its secret:
 * DIR/ID-cert.pub for ssh, DIR/ID.pgpass for a database, nothing else. Its
 * path is appended to 'path'.
 */
int collect_write(struct jit_buf *path, struct cli *c,
	const struct jit_grant *g, const char *dir,
	struct jit_error *err) JIT_CHECKED;

/*
 * Write the certificate of 'g' to DIR/ID-cert.pub and, where the secrets
 * directory holds the key that jit-request made, DIR/ID and DIR/ID.pub; of a
 * grant without a certificate the password file, DIR/ID.pgpass. Answers with
 * the paths. JIT_PENDING: it is not issued yet; JIT_OVER: it has run out.
 */
int collect(struct cli *c, const struct jit_grant *g, const char *dir,
	struct jit_error *err) JIT_CHECKED;

#endif
