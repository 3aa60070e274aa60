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

/* The role's number, which its sessions keep even when it is dropped. */
static int
find_role(struct ending *x, struct jit_error *err)
{
	struct jit_buf script = {0}, out = {0};
	int rc;

	login_put(&script, &x->g,
		"SELECT oid FROM pg_roles WHERE rolname = $2;\n");
	rc = login_run(&out, &x->g, NULL, &script, err);
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
	login_put(&script, &x->g, shut);
	login_put(&script, &x->g, part);
	jit_buf_str(&script, "COMMIT;\n");
	rc = login_run(&out, &x->g, NULL, &script, &why);
	if (rc) { /* not all of it: then what ends the logins */
		owe(x, &why);
		login_put(&script, &x->g, shut);
		rc = login_run(&out, &x->g, NULL, &script, err);
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
look(long *left, struct ending *x, struct jit_error *err)
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
	rc = login_run(&out, &x->g, NULL, &script, err);
	at = (char *)out.data;
	*left = 0;
	while (rc == 0 && (line = login_line(&at))) {
		if (strcmp(line, "end" SQL_FIELD "t") == 0)
			x->g.s->reply.ended++;
		else if (strncmp(line, "left" SQL_FIELD, 5) == 0)
			*left = strtol(line + 5, NULL, 10);
	}
	jit_buf_free(&out);
	return rc;
}

/* Until a look ends nothing and finds nothing, for as long as there is. */
static int
end_sessions(struct ending *x, struct jit_error *err)
{
	int64_t end = jit_deadline_in(PATIENCE), before;
	long left = 0;
	int rc;

	do {
		before = x->g.s->reply.ended;
		rc = look(&left, x, err);
	} while (rc == 0 && (left > 0 || before < x->g.s->reply.ended) &&
		!jit_deadline_over(end));
	if (rc == 0 && left > 0)
		rc = jit_fail(err, JIT_TROUBLE, "%ld sessions of %s do not end",
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

	login_put(&script, &x->g, databases);
	rc = login_run(&out, &x->g, NULL, &script, err);
	at = (char *)out.data;
	while (rc == 0 && (name = login_line(&at))) {
		login_put(&script, &x->g, hand_over);
		if (login_run(&nothing, &x->g, name, &script, &why)) {
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

int
removal(struct serve *s, struct jit_error *err)
{
	struct ending x = {0};
	int rc = login_open(&x.g, s, err);

	if (rc == 0)
		s->reply.left = serve_left(s);
	if (rc == 0)
		rc = find_role(&x, err);
	if (rc || x.oid[0] == '\0')
		return rc;
	rc = lock_out(&x, err);
	return rc ? rc : clear_away(&x, err);
}
