/* login: the role of a PostgreSQL server that is a grant, and its server. */
#ifndef LOGIN_H
#define LOGIN_H

#include "sql.h"

#define LOGIN_ROLES 16 /* of the server's, that one role of ours stands for */

struct login_target {
	struct sql_server server;
	const char *address;  /* for the requester; NULL: as we reach it */
	struct jit_map roles; /* role: those of the server; else itself */
	const char *owner;    /* gets what is left behind; NULL: the role */
	int64_t sessions;     /* at once, of a grant */
	int64_t timeout;
};

struct login {
	struct serve *s;
	struct login_target t;
	char user[40];          /* jit_ULID, lower case */
	const char *one[1];     /* the role itself */
	struct jit_texts roles; /* that it is a member of; at least one */
	const char *owner;
};

/* The target of a question; and with it the grant's role. JIT_USAGE. */
int login_target(struct login_target *t, struct serve *s,
	struct jit_error *err) JIT_CHECKED;
int login_open(struct login *g, struct serve *s,
	struct jit_error *err) JIT_CHECKED;

/*
 * Append 'text' with each $1 as the grant's role's identifier, $2 as a
 * literal, $3 as the owner's identifier, $4 as a literal.
 */
void login_put(struct jit_buf *out, const struct login *g, const char *text);

/*
 * sql_run of what was put together, in 'database' (NULL: the target's); the
 * script is freed.
 */
int login_run(struct jit_buf *out, const struct login *g, const char *database,
	struct jit_buf *script, struct jit_error *err) JIT_CHECKED;

/* The next line of 'at', which goes on; NULL after the last. */
char *login_line(char **at);

#endif
