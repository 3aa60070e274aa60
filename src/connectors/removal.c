/* SPDX-License-Identifier: ISC */
#include "removal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deadline.h"
#include "login.h"

#define PATIENCE 8000 /* milliseconds that sessions have to end */

/* What is being taken away. */
struct ending {
	struct login g;
	char oid[24];          /* of the grant's role; "" where it is gone */
	struct jit_error owed; /* the first thing that could not be done */
};

static void
owe(struct ending *x, const struct jit_error *why)
{
	if (!x->owed.text[0])
		x->owed = *why;
}

/*
 * No new session. We become a member, so that we may end the sessions that
 * there are, and own what they owned.
 */
static const char shut[] = "ALTER ROLE $1 NOLOGIN PASSWORD NULL;\n"
			   "SELECT format('GRANT %I TO %I', $2, current_user) "
			   "WHERE NOT (SELECT rolsuper FROM pg_roles "
			   "WHERE rolname = current_user) \\gexec\n";

/* What it was a member of, and who was one of it, no more. */
static const char part[] =
	"SELECT format('REVOKE %I FROM %I', r.rolname, m.rolname) "
	"FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid "
	"JOIN pg_roles m ON m.oid = a.member "
	"WHERE $2 IN (r.rolname, m.rolname) \\gexec\n";

/* Its number, which its sessions keep even when it is dropped. */
static const char number[] = "SELECT oid FROM pg_roles WHERE rolname = $2;\n";

/* Nothing is done, and nothing said, where there is no such role. */
static void
put_lock_out(struct jit_buf *out, const struct login *g, bool whole)
{
	login_put(out, g,
		"SELECT count(*) > 0 AS there FROM pg_roles "
		"WHERE rolname = $2 \\gset\n"
		"\\if :there\n"
		"BEGIN;\n");
	if (whole)
		login_put(out, g, part);
	login_put(out, g, shut);
	jit_buf_str(out, "COMMIT;\n");
	login_put(out, g, number);
	jit_buf_str(out, "\\endif\n");
}

static int
lock_out(struct ending *x, struct jit_error *err)
{
	struct jit_buf script = {0}, out = {0};
	struct jit_error why = {0};
	int rc;

	put_lock_out(&script, &x->g, true);
	rc = login_run(&out, &x->g, NULL, &script, &why);
	if (rc) { /* not all of it: then what ends the logins */
		owe(x, &why);
		jit_buf_reset(&out);
		put_lock_out(&script, &x->g, false);
		rc = login_run(&out, &x->g, NULL, &script, err);
	}
	if (rc == 0)
		snprintf(x->oid, sizeof(x->oid), "%.*s",
			(int)strcspn(jit_buf_text(&out), "\n"),
			jit_buf_text(&out));
	jit_buf_free(&out);
	return rc;
}

/* What a look at its sessions found. */
struct look {
	long early, late; /* that it ended, at first and a little later */
	long left;        /* that are still there */
	struct jit_buf databases; /* that know the role, a line each */
};

static const char end_all[] =
	"SELECT '%s', pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
	"WHERE usesysid = %s;\n";

/* Which databases it owns something in, or was granted something. */
static const char databases[] =
	"SELECT DISTINCT 'in', CASE WHEN s.dbid = 0 THEN current_database() "
	"ELSE d.datname END FROM pg_shdepend s "
	"LEFT JOIN pg_database d ON d.oid = s.dbid "
	"WHERE s.refclassid = 'pg_authid'::regclass "
	"AND s.refobjid = $2::regrole "
	"UNION SELECT 'in', database FROM pg_prepared_xacts "
	"WHERE owner = $2;\n";

/* End each session, wait a little, end what came meanwhile. */
static void
put_look(struct jit_buf *out, const struct ending *x)
{
	jit_buf_fmt(out, end_all, "early", x->oid);
	jit_buf_str(out, "SELECT pg_sleep(0.1) \\g /dev/null\n");
	jit_buf_fmt(out, end_all, "late", x->oid);
	jit_buf_fmt(out,
		"SELECT 'left', count(*) FROM pg_stat_activity "
		"WHERE usesysid = %s;\n",
		x->oid);
	login_put(out, &x->g, databases);
}

static int
look(struct look *k, const struct ending *x, struct jit_error *err)
{
	struct jit_buf script = {0}, out = {0};
	char *at, *line;
	int rc;

	k->early = k->late = k->left = 0;
	jit_buf_reset(&k->databases);
	put_look(&script, x);
	rc = login_run(&out, &x->g, NULL, &script, err);
	at = (char *)out.data;
	while (rc == 0 && (line = login_line(&at))) {
		if (strcmp(line, "early" SQL_FIELD "t") == 0)
			k->early++;
		else if (strcmp(line, "late" SQL_FIELD "t") == 0)
			k->late++;
		else if (strncmp(line, "left" SQL_FIELD, 5) == 0)
			k->left = strtol(line + 5, NULL, 10);
		else if (strncmp(line, "in" SQL_FIELD, 3) == 0)
			jit_buf_fmt(&k->databases, "%s\n", line + 3);
	}
	jit_buf_free(&out);
	return rc ? rc : jit_buf_failed(&k->databases, err);
}

/* Until nobody came meanwhile and nobody is left, for as long as there is. */
static int
end_sessions(struct look *k, struct ending *x, struct jit_error *err)
{
	int64_t end = jit_deadline_in(PATIENCE);
	int rc;

	do {
		rc = look(k, x, err);
		x->g.s->reply.ended += k->early + k->late;
	} while (rc == 0 && (k->late > 0 || k->left > 0) &&
		!jit_deadline_over(end));
	if (rc == 0 && k->left > 0)
		rc = jit_fail(err, JIT_TROUBLE, "%ld sessions of %s do not end",
			k->left, x->g.user);
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

static void
take_belongings(struct ending *x, struct jit_buf *names)
{
	struct jit_buf script = {0}, nothing = {0};
	struct jit_error why = {0};
	char *at = (char *)names->data, *name;

	while ((name = login_line(&at))) {
		login_put(&script, &x->g, hand_over);
		if (login_run(&nothing, &x->g, name, &script, &why) == 0)
			continue;
		jit_within(&why, 0, "database '%s'", name);
		owe(x, &why);
	}
	jit_buf_free(&nothing);
}

/* Last, its name; and nobody is left who came in by it. */
static int
drop_role(struct ending *x, struct jit_error *err)
{
	struct jit_buf script = {0}, out = {0};
	int rc;

	login_put(&script, &x->g, "DROP ROLE $1;\n");
	jit_buf_fmt(&script,
		"SELECT count(*) FROM pg_stat_activity WHERE usesysid = %s;\n",
		x->oid);
	rc = login_run(&out, &x->g, NULL, &script, err);
	if (rc == 0 && strcmp(jit_buf_text(&out), "0\n") != 0)
		rc = jit_fail(err, JIT_TROUBLE,
			"a session of %s is still there", x->g.user);
	jit_buf_free(&out);
	return rc;
}

/*
 * Nobody can log in by then. Once the role is gone all is; until then the
 * first thing that failed is why it is not.
 */
static int
clear_away(struct ending *x, struct jit_error *err)
{
	struct look k = {0};
	struct jit_error why = {0};
	int rc = end_sessions(&k, x, &why);

	if (rc == 0) {
		take_belongings(x, &k.databases);
		rc = drop_role(x, &why);
	}
	jit_buf_free(&k.databases);
	if (rc == 0)
		return 0;
	owe(x, &why);
	return jit_fail(err, JIT_UNPROVEN,
		"role %s may log in no more, but is still there: %s", x->g.user,
		x->owed.text);
}

int
removal(struct serve *s, struct jit_error *err)
{
	struct ending x = {0};
	int rc = login_open(&x.g, s, err);

	if (rc == 0)
		s->reply.left = serve_left(s);
	if (rc == 0)
		rc = lock_out(&x, err);
	if (rc || x.oid[0] == '\0')
		return rc;
	return clear_away(&x, err);
}
