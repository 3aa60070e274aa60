/* SPDX-License-Identifier: ISC */
#include "login.h"

#include <string.h>

#include "name.h"

#define DEFAULT_SESSIONS 10

/* -- Targets -------------------------------------------------------------- */

static bool
is_host(const char *s)
{
	size_t n = strspn(s,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.:%-");

	return n >= 1 && n <= 253 && s[n] == '\0' && s[0] != '-';
}

/* What libpq takes from its environment as it is. */
static bool
is_plain(const char *s)
{
	size_t n = strlen(s);

	return n >= 1 && n <= 63;
}

static bool
is_path(const char *s)
{
	return s[0] == '/' && strlen(s) <= 300;
}

#define TEXT(n, f, chk, exp)                                                   \
	{                                                                      \
		.name = (n), .kind = JIT_TEXT,                                 \
		.offset = offsetof(struct login_target, f), .check = (chk),    \
		.expect = (exp)                                                \
	}

static const struct jit_member shape[] = {
	TEXT("host", server.host, is_host, "a host, or a socket's folder"),
	{.name = "port",
		.kind = JIT_INT,
		.offset = offsetof(struct login_target, server.port),
		.min = 1,
		.max = 65535},
	TEXT("database", server.database, is_plain, "a database's name"),
	TEXT("user", server.user, is_plain, "a role's name"),
	TEXT("passfile", server.passfile, is_path, "an absolute path"),
	TEXT("service", server.service, jit_name_label, "a service's name"),
	TEXT("address", address, is_host, "a host"),
	{.name = "roles",
		.kind = JIT_MAP,
		.offset = offsetof(struct login_target, roles),
		.check = is_plain,
		.expect = "a role's name",
		.max = LOGIN_ROLES},
	TEXT("owner", owner, is_plain, "a role's name"),
	{.name = "sessions",
		.kind = JIT_INT,
		.offset = offsetof(struct login_target, sessions),
		.min = 1,
		.max = 1000},
	SERVE_TIMEOUT(struct login_target), {.name = NULL}};

int
login_target(struct login_target *t, struct serve *s, struct jit_error *err)
{
	int rc = serve_target(t, s, shape, err);

	if (rc)
		return rc;
	if (!t->server.database && !t->server.service)
		t->server.database = "postgres";
	if (!t->sessions)
		t->sessions = DEFAULT_SESSIONS;
	return 0;
}

int
login_open(struct login *g, struct serve *s, struct jit_error *err)
{
	size_t i;
	int rc = login_target(&g->t, s, err);

	if (rc)
		return rc;
	g->s = s;
	memcpy(g->user, "jit_", 4);
	serve_lower(g->user + 4, s->ask.id);
	g->one[0] = s->ask.role;
	g->roles = (struct jit_texts){1, g->one};
	for (i = 0; i < g->t.roles.count; i++)
		if (strcmp(g->t.roles.at[i].name, s->ask.role) == 0 &&
			g->t.roles.at[i].texts.count > 0)
			g->roles = g->t.roles.at[i].texts;
	g->owner = g->t.owner ? g->t.owner : g->roles.at[0];
	return 0;
}

/* -- Scripts -------------------------------------------------------------- */

void
login_put(struct jit_buf *out, const struct login *g, const char *text)
{
	for (; *text; text++) {
		if (text[0] != '$' || text[1] < '1' || text[1] > '4') {
			jit_buf_put(out, text, 1);
			continue;
		}
		text++;
		if (*text == '1')
			sql_name(out, g->user);
		else if (*text == '2')
			sql_text(out, g->user);
		else if (*text == '3')
			sql_name(out, g->owner);
		else
			sql_text(out, g->owner);
	}
}

int
login_run(struct jit_buf *out, const struct login *g, const char *database,
	struct jit_buf *script, struct jit_error *err)
{
	struct sql_server server = g->t.server;
	int rc;

	if (database)
		server.database = database;
	rc = sql_run(out, NULL, &server, script, err);
	jit_buf_free(script);
	return rc;
}

char *
login_line(char **at)
{
	char *line = *at, *end;

	if (!line || *line == '\0')
		return NULL;
	end = strchr(line, '\n');
	*at = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	return line;
}
