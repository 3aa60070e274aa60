/* SPDX-License-Identifier: ISC */
#include "sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PSQL_SECONDS 25
#define NO_CONNECTION 2 /* psql's exit status */
#define NO_FILE "/dev/null/none"

static void
quoted(struct jit_buf *out, const char *s, char quote)
{
	jit_buf_put(out, &quote, 1);
	for (; *s; s++) {
		if (*s == quote)
			jit_buf_put(out, &quote, 1);
		jit_buf_put(out, s, 1);
	}
	jit_buf_put(out, &quote, 1);
}

void
sql_name(struct jit_buf *out, const char *name)
{
	quoted(out, name, '"');
}

/* A backslash is itself: standard_conforming_strings is on. */
void
sql_text(struct jit_buf *out, const char *text)
{
	quoted(out, text, '\'');
}

/*
 * What a database or role has for its sessions (ALTER ... SET) is overruled.
 * No user's operator or function is ever found before the catalog's.
 */
static const char options[] =
	"PGOPTIONS=-c search_path=pg_catalog,pg_temp -c lock_timeout=4000 "
	"-c statement_timeout=20000 -c standard_conforming_strings=on "
	"-c client_min_messages=error -c default_transaction_read_only=off "
	"-c datestyle=ISO";

/* The environment of psql, a NUL after each; 'env' points into 'text'. */
struct place {
	struct jit_buf text;
	const char *env[16];
};

static void
add(struct jit_buf *b, const char *name, const char *value)
{
	if (value) {
		jit_buf_fmt(b, "%s=%s", name, value);
		jit_buf_put(b, "", 1);
	}
}

static int
place_of(struct place *p, const struct sql_server *s, struct jit_error *err)
{
	char port[24];
	size_t n = 0, at = 0;
	int rc;

	snprintf(port, sizeof(port), "%" PRId64, s->port);
	jit_buf_put(&p->text, options, sizeof(options));
	add(&p->text, "PGAPPNAME", "jit");
	add(&p->text, "PGCONNECT_TIMEOUT", "5");
	add(&p->text, "PGHOST", s->host);
	add(&p->text, "PGPORT", s->port ? port : NULL);
	add(&p->text, "PGDATABASE", s->database);
	add(&p->text, "PGUSER", s->user);
	add(&p->text, "PGPASSFILE", s->passfile ? s->passfile : NO_FILE);
	add(&p->text, "PGSERVICE", s->service);
	rc = jit_buf_failed(&p->text, err);
	for (; rc == 0 && at < p->text.len;
		at += strlen((char *)p->text.data + at) + 1)
		p->env[n++] = (char *)p->text.data + at;
	return rc;
}

int
sql_run(struct jit_buf *out, bool *reached, const struct sql_server *server,
	const struct jit_buf *script, struct jit_error *err)
{
	const char *const argv[] = {"psql", "-X", "-q", "-A", "-t", "-w", "-F",
		SQL_FIELD, "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse",
		NULL};
	struct place p = {.env = {NULL}};
	struct serve_tool t = {.argv = argv,
		.env = p.env,
		.in = script->data,
		.in_len = script->len,
		.seconds = PSQL_SECONDS};
	char line[400];
	int rc;

	rc = jit_buf_failed(script, err);
	if (rc == 0)
		rc = place_of(&p, server, err);
	if (rc == 0)
		rc = serve_run(&t, err);
	if (reached)
		*reached = rc == 0 && t.status != NO_CONNECTION;
	if (rc == 0 && t.status != 0) {
		serve_first(line, sizeof(line), &t.said);
		rc = jit_fail(err, JIT_TROUBLE, "%s",
			line[0] ? line : "psql failed and said nothing");
	}
	if (rc == 0 && t.out.len)
		jit_buf_put(out, t.out.data, t.out.len);
	serve_tool_free(&t);
	jit_buf_free(&p.text);
	return rc ? rc : jit_buf_failed(out, err);
}
