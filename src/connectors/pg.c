/* SPDX-License-Identifier: ISC */
/* pg: a PostgreSQL role for each grant, which is dropped at its end. */
#include <stdlib.h>
#include <string.h>

#include "login.h"
#include "removal.h"
#include "stands.h"
#include "when.h"

/* -- Grant ---------------------------------------------------------------- */

static size_t
base64(const char *s)
{
	return strspn(s,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/=");
}

/* Anything else PostgreSQL would take for a password, and keep. */
static bool
is_verifier(const char *s)
{
	size_t n;

	if (!s || strncmp(s, "SCRAM-SHA-256$", 14) != 0)
		return false;
	s += 14;
	n = strspn(s, "0123456789");
	if (n < 4 || n > 7 || s[n] != ':')
		return false;
	s += n + 1;
	n = base64(s);
	if (n < 4 || s[n] != '$')
		return false;
	s += n + 1;
	n = base64(s);
	if (n != 44 || s[n] != ':')
		return false;
	s += n + 1;
	return base64(s) == 44 && s[44] == '\0';
}

static int
check_grant(const struct login *g, struct jit_error *err)
{
	if (!is_verifier(g->s->ask.offer))
		return jit_fail(err, JIT_USAGE,
			"a SCRAM-SHA-256 verifier is wanted as the offer");
	if (g->s->ask.actions.count)
		return jit_fail(err, JIT_NO,
			"PostgreSQL holds nobody to actions: ask for a role");
	return 0;
}

/* Every role that it shall be a member of is there. */
static int
check_roles(const struct login *g, struct jit_error *err)
{
	struct jit_buf script = {0}, out = {0};
	char *at, *line;
	size_t i;
	int rc;

	for (i = 0; i < g->roles.count; i++) {
		jit_buf_str(&script, "SELECT ");
		sql_text(&script, g->roles.at[i]);
		jit_buf_str(&script,
			" WHERE NOT EXISTS (SELECT FROM pg_roles "
			"WHERE rolname = ");
		sql_text(&script, g->roles.at[i]);
		jit_buf_str(&script, ");\n");
	}
	rc = login_run(&out, g, NULL, &script, err);
	at = (char *)out.data;
	line = rc == 0 ? login_line(&at) : NULL;
	if (line)
		rc = jit_fail(err, JIT_NO, "the server has no role '%s'", line);
	jit_buf_free(&out);
	return rc;
}

static void
put_grant(struct jit_buf *out, const struct login *g)
{
	char stamp[JIT_STAMP];
	size_t i;

	jit_when_stamp(stamp, g->s->ask.until);
	login_put(out, g,
		"BEGIN;\n"
		"SELECT count(*) = 0 AS fresh FROM pg_roles "
		"WHERE rolname = $2 \\gset\n"
		"\\if :fresh\n"
		"CREATE ROLE $1;\n"
		"\\endif\n"
		"ALTER ROLE $1 LOGIN INHERIT CONNECTION LIMIT ");
	jit_buf_fmt(out, "%d PASSWORD ", (int)g->t.sessions);
	sql_text(out, g->s->ask.offer);
	jit_buf_str(out, " VALID UNTIL ");
	sql_text(out, stamp);
	jit_buf_str(out, ";\n");
	for (i = 0; i < g->roles.count; i++) {
		jit_buf_str(out, "GRANT ");
		sql_name(out, g->roles.at[i]);
		login_put(out, g, " TO $1;\n");
	}
	login_put(out, g, "COMMENT ON ROLE $1 IS ");
	sql_text(out,
		serve_line(g->s, "jit: grant %s of %s", g->s->ask.id,
			g->s->ask.principal));
	jit_buf_str(out, ";\nCOMMIT;\n");
}

static int
connection(struct login *g, struct jit_error *err)
{
	const struct sql_server *v = &g->t.server;
	const char *host = g->t.address ? g->t.address : v->host;
	struct jit_json *o = jit_json_object();
	bool good = o && jit_json_set_text(o, "user", g->user);

	if (good && host)
		good = jit_json_set_text(o, "host", host);
	if (good && v->port)
		good = jit_json_set_int(o, "port", v->port);
	if (good && v->database)
		good = jit_json_set_text(o, "database", v->database);
	g->s->connect = o;
	g->s->reply.account = serve_line(g->s, "%s", g->user);
	return good ? 0 : jit_nomem(err);
}

static int
pg_grant(struct serve *s, struct jit_error *err)
{
	struct login g = {0};
	struct jit_buf script = {0}, out = {0};
	int rc = login_open(&g, s, err);

	if (rc == 0)
		rc = check_grant(&g, err);
	if (rc == 0)
		rc = check_roles(&g, err);
	if (rc)
		return rc;
	put_grant(&script, &g);
	rc = login_run(&out, &g, NULL, &script, err);
	jit_buf_free(&out);
	return rc ? rc : connection(&g, err);
}

/* -- Probe ---------------------------------------------------------------- */

/* What the catalog says of the role, and who is there by it or by nobody. */
static const char facts[] =
	"SELECT 'role', rolcanlogin, "
	"coalesce(rolvaliduntil, 'infinity') > now(), "
	"(SELECT count(*) FROM pg_auth_members WHERE member = r.oid) "
	"FROM pg_roles r WHERE rolname = $2;\n"
	"SELECT 'sessions', count(*) FROM pg_stat_activity a "
	"WHERE usesysid IS NOT NULL AND (usename = $2 OR NOT EXISTS "
	"(SELECT FROM pg_roles WHERE oid = a.usesysid));\n";

struct found {
	bool there, may_login, valid;
	long member_of, sessions;
};

static int
ask_catalog(struct found *f, bool *reached, const struct login *g,
	struct jit_error *err)
{
	struct jit_buf script = {0}, out = {0};
	char *at, *line;
	int rc;

	login_put(&script, g, facts);
	rc = sql_run(&out, reached, &g->t.server, &script, err);
	at = (char *)out.data;
	while (rc == 0 && (line = login_line(&at))) {
		if (strncmp(line, "sessions" SQL_FIELD, 9) == 0) {
			f->sessions = strtol(line + 9, NULL, 10);
		} else if (strncmp(line, "role" SQL_FIELD, 5) == 0) {
			f->there = true;
			f->may_login = line[5] == 't';
			f->valid = line[7] == 't';
			f->member_of = strtol(line + 9, NULL, 10);
		}
	}
	jit_buf_free(&script);
	jit_buf_free(&out);
	return rc;
}

/*
 * A login as that role, without its secret: it tells whether the server asks
 * for one at all. true: it is in. What it says otherwise goes to 'why'.
 */
static bool
gets_in(const struct login *g, struct jit_error *why)
{
	struct sql_server server = g->t.server;
	struct jit_buf script = {0}, out = {0};
	bool in;

	server.user = g->user;
	server.passfile = NULL;
	jit_buf_str(&script, "SELECT 1;\n");
	in = sql_run(&out, NULL, &server, &script, why) == 0;
	jit_buf_free(&script);
	jit_buf_free(&out);
	return in;
}

static void
conclude(struct serve *s, const struct login *g, const struct found *f)
{
	struct jit_error why = {0};
	const char *state = !f->there ? "is gone"
		: !f->may_login       ? "may not log in"
		: !f->valid           ? "is valid no more"
				      : "may log in";
	bool allowed =
		f->sessions > 0 || (f->there && f->may_login && f->valid);

	s->reply.outcome = JIT_OUTCOME_ALLOWED;
	if (!allowed && gets_in(g, &why)) {
		s->reply.how = serve_line(s,
			"a login as %s, without a password: it is in", g->user);
		return;
	}
	if (!allowed)
		s->reply.outcome = JIT_OUTCOME_REFUSED;
	s->reply.how = serve_line(s,
		"pg_roles: %s %s, member of %ld; pg_stat_activity: %ld "
		"sessions%s%s",
		g->user, state, f->member_of, f->sessions,
		allowed ? "" : "; a login: ", allowed ? "" : why.text);
}

static int
pg_probe(struct serve *s, struct jit_error *err)
{
	struct jit_error why = {0};
	struct login g = {0};
	struct found f = {0};
	bool reached = false;
	int rc = login_open(&g, s, err);

	if (rc)
		return rc;
	if (ask_catalog(&f, &reached, &g, &why) == 0) {
		conclude(s, &g, &f);
		return 0;
	}
	s->reply.outcome = reached || s->now < s->ask.until
		? JIT_OUTCOME_UNKNOWN
		: JIT_OUTCOME_LAPSED;
	s->reply.how = serve_line(s, "%s", why.text);
	return 0;
}

/* -- Scan ----------------------------------------------------------------- */

/*
 * A superuser needs no grant, and one that may not log in is for its members.
 * Only a role with an end ends; an end after more than a year is none. Then
 * whom the server asks for nothing at all, which some let only superusers
 * see. A row without a 'who' is what could not be seen.
 */
static const char standing[] =
	"SELECT 'role: superuser', rolname FROM pg_roles WHERE rolsuper "
	"UNION ALL SELECT 'role: may log in, without VALID UNTIL', rolname "
	"FROM pg_roles WHERE NOT rolsuper AND rolcanlogin "
	"AND coalesce(rolvaliduntil, 'infinity') > now() + interval '366 days' "
	"ORDER BY 2;\n"
	"SELECT has_table_privilege('pg_hba_file_rules', 'SELECT') AND "
	"has_function_privilege('pg_hba_file_rules()', 'EXECUTE') AS may "
	"\\gset\n"
	"\\if :may\n"
	"SELECT CASE WHEN error IS NULL THEN 'pg_hba.conf:' || line_number || "
	"': trust' ELSE 'line ' || line_number || ' is not understood' END, "
	"CASE WHEN error IS NULL THEN "
	"coalesce(array_to_string(user_name, ', '), 'all') ELSE '' END "
	"FROM pg_hba_file_rules WHERE auth_method = 'trust' "
	"OR error IS NOT NULL ORDER BY line_number;\n"
	"\\else\n"
	"SELECT 'pg_hba_file_rules may not be read', '';\n"
	"\\endif\n";

static void
add_rows(struct stands *x, struct jit_buf *out)
{
	char *at = (char *)out->data, *line, *who;

	while (at && (line = login_line(&at))) {
		who = strstr(line, SQL_FIELD);
		if (who)
			*who++ = '\0';
		if (who && *who)
			stands_add(x, NULL, serve_line(x->s, "%s", line),
				serve_line(x->s, "%s", who));
		else
			stands_miss(x, NULL,
				"pg_hba.conf: who needs no password", line);
	}
}

static int
pg_scan(struct serve *s, struct jit_error *err)
{
	static const char *const surfaces[] = {NULL};
	struct jit_buf script = {0}, out = {0};
	struct login_target t = {0};
	struct stands x;
	int rc = login_target(&t, s, err);

	jit_buf_str(&script, standing);
	if (rc == 0)
		rc = stands_open(&x, s, surfaces, err);
	if (rc == 0)
		rc = sql_run(&out, NULL, &t.server, &script, err);
	if (rc == 0) {
		add_rows(&x, &out);
		rc = stands_done(&x, err);
	}
	jit_buf_free(&script);
	jit_buf_free(&out);
	return rc;
}

int
main(int argc, char **argv)
{
	const struct serve_connector me = {.name = "pg",
		.offer = "scram-sha-256",
		.proves = "the catalog is asked whether the grant's role may "
			  "log in and has sessions, and a login is tried "
			  "without its secret",
		.actions = false,
		.grant = pg_grant,
		.revoke = removal,
		.probe = pg_probe,
		.scan = pg_scan};

	return serve(&me, argc, argv);
}
