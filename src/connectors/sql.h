/* sql: a script for psql, and what it answered. */
#ifndef SQL_H
#define SQL_H

#include "serve.h"

/* How a server is reached, as whom; NULL and 0: libpq's own ways. */
struct sql_server {
	const char *host; /* or the folder of its socket */
	int64_t port;
	const char *database;
	const char *user;
	const char *passfile; /* root's file with passwords (libpq's form) */
	const char *service;  /* of pg_service.conf */
};

/* 'name' as an identifier, 'text' as a literal, whatever is in them. */
void sql_name(struct jit_buf *out, const char *name);
void sql_text(struct jit_buf *out, const char *text);

/*
 * Run a script, which psql reads from its standard input: no part of it is on
 * a command line. Its rows are appended to 'out', a line each, fields apart
 * by SQL_FIELD. The first error ends it. Names are those of the catalog,
 * whatever a user made; nothing waits long for a lock. JIT_TROUBLE: psql's
 * first line, and '*reached' (if not NULL) whether there was a connection.
 */
#define SQL_FIELD "\x1f"
int sql_run(struct jit_buf *out, bool *reached, const struct sql_server *server,
	const struct jit_buf *script, struct jit_error *err) JIT_CHECKED;

#endif
