/* SPDX-License-Identifier: ISC */
/* pg: a PostgreSQL role for each grant, which is dropped at its end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "deadline.h"
#include "name.h"
#include "sql.h"
#include "when.h"

#define DEFAULT_SESSIONS 10
#define PATIENCE 8000 /* milliseconds that sessions have to end */
#define STANDING_MAX 200
#define ROLES_MAX 16 /* of the server's, that one role stands for */

struct target {
	struct sql_server server;
	const char *address;  /* for the requester; NULL: as we reach it */
	struct jit_map roles; /* role: those of the server; else itself */
	const char *owner;    /* gets what is left behind; NULL: the role */
	int64_t sessions;     /* at once, of a grant */
	int64_t timeout;
};

/* The grant at hand. */
struct pg {
	struct serve *s;
	struct target t;
	char user[40];          /* jit_ULID, lower case */
	const char *one[1];     /* the role itself */
	struct jit_texts roles; /* that it is a member of */
	const char *owner;
};

/* -- Targets --------------------------------------------------------------- */

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
		.offset = offsetof(struct target, f), .check = (chk),          \
		.expect = (exp)                                                \
	}

static const struct jit_member shape[] = {
	TEXT("host", server.host, is_host, "a host, or a socket's folder"),
	{.name = "port",
		.kind = JIT_INT,
		.offset = offsetof(struct target, server.port),
		.min = 1,
		.max = 65535},
	TEXT("database", server.database, is_plain, "a database's name"),
	TEXT("user", server.user, is_plain, "a role's name"),
	TEXT("passfile", server.passfile, is_path, "an absolute path"),
	TEXT("service", server.service, jit_name_label, "a service's name"),
	TEXT("address", address, is_host, "a host"),
	{.name = "roles",
		.kind = JIT_MAP,
		.offset = offsetof(struct target, roles),
		.check = is_plain,
		.expect = "a role's name",
		.max = ROLES_MAX},
	TEXT("owner", owner, is_plain, "a role's name"),
	{.name = "sessions",
		.kind = JIT_INT,
		.offset = offsetof(struct target, sessions),
		.min = 1,
		.max = 1000},
	SERVE_TIMEOUT(struct target), {.name = NULL}};

static void
lower(char *out, const char *id)
{
	for (; *id; id++, out++)
		*out = *id >= 'A' && *id <= 'Z' ? (char)(*id - 'A' + 'a') : *id;
	*out = '\0';
}

static int
open_target(struct target *t, struct serve *s, struct jit_error *err)
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

static int
open_grant(struct pg *g, struct serve *s, struct jit_error *err)
{
	size_t i;
	int rc = open_target(&g->t, s, err);

	if (rc)
		return rc;
	g->s = s;
	memcpy(g->user, "jit_", 4);
	lower(g->user + 4, s->ask.id);
	g->one[0] = s->ask.role;
	g->roles = (struct jit_texts){1, g->one};
	for (i = 0; i < g->t.roles.count; i++)
		if (strcmp(g->t.roles.at[i].name, s->ask.role) == 0 &&
			g->t.roles.at[i].texts.count > 0)
			g->roles = g->t.roles.at[i].texts;
	g->owner = g->t.owner ? g->t.owner : g->roles.at[0];
	return 0;
}

/* -- Scripts --------------------------------------------------------------- */

/*
 * Append 'text' with each $1 as the grant's role's identifier, $2 as a
 * literal, $3 as the owner's identifier, $4 as a literal.
 */
static void
put(struct jit_buf *out, const struct pg *g, const char *text)
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

/* Run what was put together for 'database' (NULL: the target's). */
static int
run(struct jit_buf *out, const struct pg *g, const char *database,
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

/* The next line of 'at', which goes on; NULL after the last. */
static char *
next_line(char **at)
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

/* -- Grant ----------------------------------------------------------------- */

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
check_grant(const struct pg *g, struct jit_error *err)
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
check_roles(const struct pg *g, struct jit_error *err)
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
	rc = run(&out, g, NULL, &script, err);
	at = (char *)out.data;
	line = rc == 0 ? next_line(&at) : NULL;
	if (line)
		rc = jit_fail(err, JIT_NO, "the server has no role '%s'", line);
	jit_buf_free(&out);
	return rc;
}

static void
put_grant(struct jit_buf *out, const struct pg *g)
{
	char stamp[JIT_STAMP];
	size_t i;

	jit_when_stamp(stamp, g->s->ask.until);
	put(out, g,
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
		put(out, g, " TO $1;\n");
	}
	put(out, g, "COMMENT ON ROLE $1 IS ");
	sql_text(out,
		serve_line(g->s, "jit: grant %s of %s", g->s->ask.id,
			g->s->ask.principal));
	jit_buf_str(out, ";\nCOMMIT;\n");
}

static int
connection(struct pg *g, struct jit_error *err)
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
	struct pg g = {0};
	struct jit_buf script = {0}, out = {0};
	int rc = open_grant(&g, s, err);

	if (rc == 0)
		rc = check_grant(&g, err);
	if (rc == 0)
		rc = check_roles(&g, err);
	if (rc)
		return rc;
	put_grant(&script, &g);
	rc = run(&out, &g, NULL, &script, err);
	jit_buf_free(&out);
	return rc ? rc : connection(&g, err);
}

/* -- Revoke ---------------------------------------------------------------- */

/* What is being taken away. */
struct ending {
	struct pg g;
	char oid[24];          /* of the grant's role; "" where it is gone */
	struct jit_error owed; /* the first thing that could not be done */
};

static void
owe(struct ending *x, const struct jit_error *why)
{
	if (!x->owed.text[0])
		x->owed = *why;
}

/* The role's number, which its sessions keep even when it is dropped. */
static int
find_role(struct ending *x, struct jit_error *err)
{
	struct jit_buf script = {0}, out = {0};
	int rc;

	put(&script, &x->g, "SELECT oid FROM pg_roles WHERE rolname = $2;\n");
	rc = run(&out, &x->g, NULL, &script, err);
	if (rc == 0)
		snprintf(x->oid, sizeof(x->oid), "%.*s",
			(int)strcspn(jit_buf_text(&out), "\n"),
			jit_buf_text(&out));
	jit_buf_free(&out);
	return rc;
}

static const char shut[] = "ALTER ROLE $1 NOLOGIN PASSWORD NULL;\n";

/*
 * No new session; what it was a member of, and who was one of it, no more.
 * We are, so that we may end its sessions and own what it owned.
 */
static const char part[] =
	"SELECT format('REVOKE %I FROM %I', r.rolname, m.rolname) "
	"FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid "
	"JOIN pg_roles m ON m.oid = a.member "
	"WHERE $2 IN (r.rolname, m.rolname) \\gexec\n"
	"SELECT format('GRANT %I TO %I', $2, current_user) "
	"WHERE NOT (SELECT rolsuper FROM pg_roles "
	"WHERE rolname = current_user) \\gexec\n";

static int
lock_out(struct ending *x, struct jit_error *err)
{
	struct jit_buf script = {0}, out = {0};
	struct jit_error why = {0};
	int rc;

	jit_buf_str(&script, "BEGIN;\n");
	put(&script, &x->g, shut);
	put(&script, &x->g, part);
	jit_buf_str(&script, "COMMIT;\n");
	rc = run(&out, &x->g, NULL, &script, &why);
	if (rc) { /* not all of it: then what ends the logins */
		owe(x, &why);
		put(&script, &x->g, shut);
		rc = run(&out, &x->g, NULL, &script, err);
	}
	jit_buf_free(&out);
	return rc;
}

/* One look: end each session, wait a little, end what came meanwhile. */
static const char end_all[] =
	"SELECT 'end', pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
	"WHERE usesysid = %s;\n";

/* '*left': sessions that are still there; '*ended' grows. */
static int
look(int *left, struct ending *x, struct jit_error *err)
{
	struct jit_buf script = {0}, out = {0};
	char *at, *line;
	int rc;

	jit_buf_fmt(&script, end_all, x->oid);
	jit_buf_str(&script, "SELECT pg_sleep(0.1) \\g /dev/null\n");
	jit_buf_fmt(&script, end_all, x->oid);
	jit_buf_fmt(&script,
		"SELECT 'left', count(*) FROM pg_stat_activity "
		"WHERE usesysid = %s;\n",
		x->oid);
	rc = run(&out, &x->g, NULL, &script, err);
	at = (char *)out.data;
	*left = 0;
	while (rc == 0 && (line = next_line(&at))) {
		if (strcmp(line, "end" SQL_FIELD "t") == 0)
			x->g.s->reply.ended++;
		else if (strncmp(line, "left" SQL_FIELD, 5) == 0)
			*left = atoi(line + 5);
	}
	jit_buf_free(&out);
	return rc;
}

/* Until a look ends nothing and finds nothing, for as long as there is. */
static int
end_sessions(struct ending *x, struct jit_error *err)
{
	int64_t end = jit_deadline_in(PATIENCE), before;
	int left = 0, rc;

	do {
		before = x->g.s->reply.ended;
		rc = look(&left, x, err);
	} while (rc == 0 && (left > 0 || before < x->g.s->reply.ended) &&
		!jit_deadline_over(end));
	if (rc == 0 && left > 0)
		rc = jit_fail(err, JIT_TROUBLE, "%d sessions of %s do not end",
			left, x->g.user);
	return rc;
}

/*
 * In one database: what it prepared is rolled back, what it owns is another's,
 * what it was granted is gone. To own it, one is a member for that moment.
 */
static const char hand_over[] =
	"SELECT count(*) > 0 AS prepared FROM pg_prepared_xacts "
	"WHERE owner = $2 AND database = current_database() \\gset\n"
	"\\if :prepared\n"
	"SET ROLE $1;\n"
	"SELECT format('ROLLBACK PREPARED %L', gid) FROM pg_prepared_xacts "
	"WHERE owner = $2 AND database = current_database() \\gexec\n"
	"RESET ROLE;\n"
	"\\endif\n"
	"BEGIN;\n"
	"SELECT count(*) > 0 AS owns, NOT pg_has_role($4, 'USAGE') AS joins "
	"FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass "
	"AND deptype = 'o' AND refobjid = $2::regrole "
	"AND dbid IN (0, (SELECT oid FROM pg_database "
	"WHERE datname = current_database())) \\gset\n"
	"\\if :owns\n"
	"\\if :joins\n"
	"GRANT $3 TO CURRENT_USER;\n"
	"\\endif\n"
	"REASSIGN OWNED BY $1 TO $3;\n"
	"\\if :joins\n"
	"REVOKE $3 FROM CURRENT_USER;\n"
	"\\endif\n"
	"\\endif\n"
	"DROP OWNED BY $1;\n"
	"COMMIT;\n";

/* Every database that knows the role, a line each; ours first. */
static const char databases[] =
	"SELECT current_database() UNION SELECT d.datname FROM pg_shdepend s "
	"JOIN pg_database d ON d.oid = s.dbid "
	"WHERE s.refclassid = 'pg_authid'::regclass "
	"AND s.refobjid = $2::regrole "
	"UNION SELECT database FROM pg_prepared_xacts WHERE owner = $2;\n";

static int
take_belongings(struct ending *x, struct jit_error *err)
{
	struct jit_buf script = {0}, out = {0}, nothing = {0};
	struct jit_error why = {0};
	char *at, *name;
	int rc;

	put(&script, &x->g, databases);
	rc = run(&out, &x->g, NULL, &script, err);
	at = (char *)out.data;
	while (rc == 0 && (name = next_line(&at))) {
		put(&script, &x->g, hand_over);
		if (run(&nothing, &x->g, name, &script, &why)) {
			jit_within(&why, 0, "database '%s'", name);
			owe(x, &why);
		}
	}
	jit_buf_free(&out);
	jit_buf_free(&nothing);
	return rc;
}

/* Last, its name; and nobody is left who came in by it. */
static int
drop_role(struct ending *x, struct jit_error *err)
{
	struct jit_buf script = {0}, out = {0};
	int rc;

	put(&script, &x->g, "DROP ROLE $1;\n");
	jit_buf_fmt(&script,
		"SELECT count(*) FROM pg_stat_activity WHERE usesysid = %s;\n",
		x->oid);
	rc = run(&out, &x->g, NULL, &script, err);
	if (rc == 0 && strcmp(jit_buf_text(&out), "0\n") != 0)
		rc = jit_fail(err, JIT_TROUBLE,
			"a session of %s is still there", x->g.user);
	jit_buf_free(&out);
	return rc;
}

/* Nobody can log in by then: what fails from here on is owed. */
static int
clear_away(struct ending *x, struct jit_error *err)
{
	struct jit_error why = {0};

	if (end_sessions(x, &why) || take_belongings(x, &why) ||
		drop_role(x, &why))
		owe(x, &why);
	if (!x->owed.text[0])
		return 0;
	return jit_fail(err, JIT_UNPROVEN,
		"role %s may log in no more, but is still there: %s", x->g.user,
		x->owed.text);
}

static int
pg_revoke(struct serve *s, struct jit_error *err)
{
	struct ending x = {0};
	int rc = open_grant(&x.g, s, err);

	if (rc == 0)
		rc = find_role(&x, err);
	if (rc || x.oid[0] == '\0')
		return rc;
	rc = lock_out(&x, err);
	return rc ? rc : clear_away(&x, err);
}

/* -- Probe ----------------------------------------------------------------- */

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
	int member_of, sessions;
};

static int
ask_catalog(struct found *f, bool *reached, const struct pg *g,
	struct jit_error *err)
{
	struct jit_buf script = {0}, out = {0};
	char *at, *line;
	int rc;

	put(&script, g, facts);
	rc = sql_run(&out, reached, &g->t.server, &script, err);
	at = (char *)out.data;
	while (rc == 0 && (line = next_line(&at))) {
		if (strncmp(line, "sessions" SQL_FIELD, 9) == 0) {
			f->sessions = atoi(line + 9);
		} else if (strncmp(line, "role" SQL_FIELD, 5) == 0) {
			f->there = true;
			f->may_login = line[5] == 't';
			f->valid = line[7] == 't';
			f->member_of = atoi(line + 9);
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
gets_in(const struct pg *g, struct jit_error *why)
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
conclude(struct serve *s, const struct pg *g, const struct found *f)
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
		"pg_roles: %s %s, member of %d; pg_stat_activity: %d "
		"sessions%s%s",
		g->user, state, f->member_of, f->sessions,
		allowed ? "" : "; a login: ", allowed ? "" : why.text);
}

static int
pg_probe(struct serve *s, struct jit_error *err)
{
	struct jit_error why = {0};
	struct pg g = {0};
	struct found f = {0};
	bool reached = false;
	int rc = open_grant(&g, s, err);

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

/* -- Scan ------------------------------------------------------------------ */

static const char stands[] =
	"SELECT 'superuser', rolname FROM pg_roles "
	"WHERE rolsuper AND rolcanlogin "
	"UNION ALL SELECT 'may log in, without VALID UNTIL', rolname "
	"FROM pg_roles WHERE NOT rolsuper AND rolcanlogin "
	"AND coalesce(rolvaliduntil, 'infinity') = 'infinity' "
	"ORDER BY 2;\n";

static int
add_rows(struct serve *s, struct jit_buf *out, struct jit_error *err)
{
	struct jit_stands *row =
		jit_arena_get(&s->mem, STANDING_MAX * sizeof(*row));
	const char **unseen = jit_arena_get(&s->mem, 2 * sizeof(*unseen));
	char *at = (char *)out->data, *line, *who;
	size_t n = 0, more = 0;

	if (!row || !unseen)
		return jit_nomem(err);
	while ((line = next_line(&at))) {
		who = strstr(line, SQL_FIELD);
		if (!who || n == STANDING_MAX) {
			more++;
			continue;
		}
		*who++ = '\0';
		row[n].what = serve_line(s, "role: %s", line);
		row[n++].who = serve_line(s, "%s", who);
	}
	unseen[0] = "pg_hba.conf: who needs no password";
	if (more)
		unseen[1] = serve_line(s, "%zu more roles", more);
	s->reply.standing = (struct jit_rows){n, row};
	s->reply.unseen = (struct jit_texts){more ? 2 : 1, unseen};
	return 0;
}

static int
pg_scan(struct serve *s, struct jit_error *err)
{
	struct target t = {0};
	struct jit_buf script = {0}, out = {0};
	int rc = open_target(&t, s, err);

	if (rc == 0) {
		jit_buf_str(&script, stands);
		rc = sql_run(&out, NULL, &t.server, &script, err);
	}
	if (rc == 0)
		rc = add_rows(s, &out, err);
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
		.revoke = pg_revoke,
		.probe = pg_probe,
		.scan = pg_scan};

	return serve(&me, argc, argv);
}
