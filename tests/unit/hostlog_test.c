/* SPDX-License-Identifier: ISC */
#include "hostlog.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define NOW 1795352900 /* 2026-11-22T13:08:20Z */
#define AT 1795352895  /* 13:08:15 */
#define ID "01M81NBQQ8VC9JSCBJXB3ZPCVW"
#define KEY "SHA256:9+0UbIKaw/87jp4CKTQksJPbs6woTVK2XPQX7YvjbFA"
#define CA "SHA256:SrjtahU1iY5o7flp6xipQ3uwqv34RPBAA8bXSQ1V3k8"
#define CERT                                                                   \
	"Accepted publickey for root from 127.0.0.1 port 49608 ssh2: "         \
	"ED25519-CERT " KEY " ID " ID " (serial 4) CA ED25519 " CA
#define PLAIN                                                                  \
	"Accepted publickey for root from ::1 port 54008 ssh2: ED25519 " KEY
#define SUDO "  nobody : PWD=/tmp ; USER=root ; COMMAND=/usr/bin/id"

/* What an entry is, in one line: "login 0 web-1 root publickey ... " */
static void
spell(char out[512], const struct jit_logged *e)
{
	static const char *const kinds[] = {"other", "login", "sudo"};

	if (e->kind == JIT_LOGGED_OTHER)
		snprintf(out, 512, "other %lld %s", (long long)(e->at - AT),
			e->host);
	else if (e->kind == JIT_LOGGED_LOGIN)
		snprintf(out, 512, "login %lld %s %s %s %s|%s|%lld|%s",
			(long long)(e->at - AT), e->host, e->account, e->method,
			e->from, e->id, (long long)e->serial, e->ca);
	else
		snprintf(out, 512, "%s %lld %s %s %s|%s", kinds[e->kind],
			(long long)(e->at - AT), e->host, e->account, e->runas,
			e->command);
}

static const struct row {
	const char *line;
	const char *want; /* "bad: why" where it cannot be read */
} rows[] = {
	/* dates and hosts */
	{"Nov 22 13:08:15 web-1 sshd[71]: Server listening", "other 0 web-1"},
	{"<38>Nov 22 13:08:15 sshd[71]: Server listening", "other 0 "},
	{"2026-11-22T13:08:15.123456+00:00 web-1 sshd[71]: hello",
		"other 0 web-1"},
	{"2026-11-22T14:08:15+01:00 web-1 sshd[71]: hello", "other 0 web-1"},
	{"2026-11-22T14:08:15+0100 web-1 sshd[71]: hello", "other 0 web-1"},
	{"2026-11-22T07:38:15-05:30 web-1 kernel: hello", "other 0 web-1"},
	{"2026-11-22T13:08:15Z web-1 last message repeated 2 times",
		"other 0 web-1"},
	{"<86>1 2026-11-22T13:08:15Z web-1 sshd 71 - - hello", "other 0 web-1"},
	{"<86>1 2026-11-22T13:08:15Z - sshd 71 - [a@1 b=\"]\\\"\"][c] " PLAIN,
		"login 0  root publickey ::1||0|"},
	{"Nov 22 13:08:15 web-1 auth.info sshd[71]: " PLAIN,
		"login 0 web-1 root publickey ::1||0|"},
	/* the new year is next to the old one */
	{"Dec 31 23:59:59 web-1 sshd[71]: hello", "other -28127296 web-1"},
	{"Nov 23 13:08:15 web-1 sshd[71]: hello", "other 86400 web-1"},
	{"Nov 24 13:08:15 web-1 sshd[71]: hello", "other -31363200 web-1"},

	/* sshd */
	{"Nov 22 13:08:15 web-1 sshd[71]: " CERT,
		"login 0 web-1 root publickey 127.0.0.1|" ID "|4|" CA},
	{"Nov 22 13:08:15 web-1 sshd-session[71]: " PLAIN,
		"login 0 web-1 root publickey ::1||0|"},
	{"Nov 22 13:08:15 web-1 sshd[71]: Accepted password for ann from "
	 "10.0.0.7 port 22 ssh2",
		"login 0 web-1 ann password 10.0.0.7||0|"},
	{"Nov 22 13:08:15 web-1 sshd[71]: message repeated 2 times: [ Accepted "
	 "password for ann from 10.0.0.7 port 22 ssh2]",
		"login 0 web-1 ann password 10.0.0.7||0|"},
	{"Nov 22 13:08:15 web-1 sshd[71]: Accepted certificate ID \"" ID "\" "
	 "(serial 4) signed by ED25519 CA " CA " via /etc/ca.pub",
		"other 0 web-1"},
	{"Nov 22 13:08:15 web-1 sshd[71]: Accepted key ED25519 " KEY
	 " found at /root/.ssh/authorized_keys:1",
		"other 0 web-1"},
	{"Nov 22 13:08:15 web-1 sshd[71]: Failed publickey for root from "
	 "127.0.0.1 port 54022 ssh2: ED25519 " KEY,
		"other 0 web-1"},
	/* a name may say what it likes: what counts is sshd's, at the end */
	{"Nov 22 13:08:15 web-1 sshd[71]: Accepted publickey for root from "
	 "::1 port 1 ssh2: ED25519-CERT " KEY " ID " ID
	 " (serial 4) CA ED25519 SHA256:jit (serial 9) CA ED25519 SHA256:evil",
		"login 0 web-1 root publickey ::1|" ID
		" (serial 4) CA ED25519 SHA256:jit|9|SHA256:evil"},
	/* nobody else is sshd, and an attacker's name is no login */
	{"Nov 22 13:08:15 web-1 cron[71]: " CERT, "other 0 web-1"},
	{"Nov 22 13:08:15 web-1 sshd[71]: Invalid user " CERT, "other 0 web-1"},
	{"Nov 22 13:08:15 web-1 sshd[71]: Accepted publickey for root",
		"bad: sshd let somebody in, and it does not say how"},
	{"Nov 22 13:08:15 web-1 sshd[71]: Accepted publickey for root from ::1 "
	 "port 1 ssh2: ED25519-CERT " KEY,
		"bad: sshd let somebody in, and it does not say how"},
	{"Nov 22 13:08:15 web-1 sshd[71]: Accepted publickey for root from ::1 "
	 "port 1 ssh2: ED25519-CERT " KEY " ID x (serial x) CA ED25519 " CA,
		"bad: sshd let somebody in, and it does not say how"},

	/* sudo */
	{"Nov 22 13:08:15 web-1 sudo: " SUDO,
		"sudo 0 web-1 nobody root|/usr/bin/id"},
	{"Nov 22 13:08:15 : nobody : TTY=pts/0 ; PWD=/tmp ; USER=root ;\n"
	 "    COMMAND=/bin/echo 'a ;\n    COMMAND=x'",
		"sudo 0  nobody root|/bin/echo 'a ; COMMAND=x'"},
	{"Nov 22 13:08:15 2026 : nobody : PWD=/ ; USER=root ; COMMAND=/bin/ls",
		"sudo 0  nobody root|/bin/ls"},
	/* a program by a path from where one stands */
	{"Nov 22 13:08:15 web-1 sudo:  nobody : PWD=/tmp ; USER=root ; "
	 "COMMAND=./x list",
		"sudo 0 web-1 nobody root|./x list"},
	/* a folder is called whatever one likes */
	{"Nov 22 13:08:15 web-1 sudo:  nobody : PWD=/w/a ; USER=nobody ; "
	 "COMMAND=list ; USER=root ; COMMAND=/bin/sh",
		"sudo 0 web-1 nobody root|/bin/sh"},
	{"Nov 22 13:08:15 web-1 sudo:  nobody : PWD=/w/a ; USER=nobody ; "
	 "COMMAND=validate ; USER=root ; ENV=A=x ; COMMAND=list ; "
	 "COMMAND=/bin/sh",
		"sudo 0 web-1 nobody root|/bin/sh"},
	/* and may be so long that syslog has the rest in a line of its own */
	{"Nov 22 13:08:15 web-1 sudo:  nobody : (command continued) ; "
	 "USER=root ; COMMAND=/bin/sh",
		"bad: sudo goes on with what it ran, which began elsewhere"},
	{"Nov 22 13:08:15 web-1 sudo:  nobody : (command continued) a b c",
		"other 0 web-1"},
	/* accounts of a directory */
	{"Nov 22 13:08:15 web-1 sudo:  EX\\ann b : PWD=/ ; USER=root ; "
	 "COMMAND=/bin/ls",
		"sudo 0 web-1 EX\\ann b root|/bin/ls"},
	/* who stays himself may still get a group */
	{"Nov 22 13:08:15 web-1 sudo:  nobody : PWD=/ ; USER=nobody ; "
	 "GROUP=shadow ; COMMAND=/usr/bin/id",
		"sudo 0 web-1 nobody nobody:shadow|/usr/bin/id"},
	{"Nov 22 13:08:15 web-1 sudo:   nobody : command not allowed ; PWD=/ ; "
	 "USER=root ; COMMAND=/bin/ls",
		"other 0 web-1"},
	{"Nov 22 13:08:15 web-1 sudo:   nobody : 3 incorrect password attempts "
	 "; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls",
		"other 0 web-1"},
	{"Nov 22 13:08:15 web-1 sudo:     root : PWD=/ ; USER=root ; "
	 "COMMAND=list",
		"other 0 web-1"},
	{"Nov 22 13:08:15 web-1 sudo: pam_unix(sudo:session): session opened "
	 "for user root(uid=0) by (uid=65534)",
		"other 0 web-1"},
	{"Nov 22 13:08:15 web-1 sudo:  nobody : PWD=/tmp ; USER=root",
		"bad: sudo ran something, and it does not say what"},
	{"Nov 22 13:08:15 web-1 sudo: @cee:{\"sudo\":{\"accept\":{"
	 "\"submit_time\":{\"seconds\":1795352895},\"submituser\":\"nobody\","
	 "\"command\":\"/usr/bin/id\",\"runuser\":\"root\","
	 "\"submithost\":\"vm\"}}}",
		"sudo 0 web-1 nobody root|/usr/bin/id"},
	{"Nov 22 13:08:15 web-1 sudo: @cee:{\"sudo\":{\"accept\":{"
	 "\"submit_time\":{\"seconds\":1795352895},\"submituser\":\"nobody\","
	 "\"command\":\"./x\",\"runuser\":\"nobody\",\"rungroup\":"
	 "\"shadow\",\"submithost\":\"vm\"}}}",
		"sudo 0 web-1 nobody nobody:shadow|./x"},
	{"Nov 22 13:08:15 web-1 sudo: @cee:{\"sudo\":{\"other\":{}}}",
		"bad: not one of sudo's events"},
	{"Nov 22 13:08:15 web-1 sudo: @cee:{\"sudo\":{}}",
		"bad: not one of sudo's events"},
	{"Nov 22 13:08:15 web-1 sudo: @cee:{\"sudo\":{\"reject\":{}}}",
		"other 0 web-1"},
	{"Nov 22 13:08:15 web-1 sudo: @cee:{\"sudo\":{\"accept\":{}}}",
		"bad: sudo ran something, and it does not say what"},

	/* a journal */
	{"{\"__REALTIME_TIMESTAMP\":\"1795352895197135\",\"_HOSTNAME\":"
	 "\"web-1\",\"SYSLOG_IDENTIFIER\":\"sshd\",\"_UID\":\"0\",\"_EXE\":"
	 "\"/usr/sbin/sshd\",\"MESSAGE\":\"" CERT "\"}",
		"login 0 web-1 root publickey 127.0.0.1|" ID "|4|" CA},
	{"{\"__REALTIME_TIMESTAMP\":\"1795352895000000\",\"_HOSTNAME\":\"w\","
	 "\"SYSLOG_IDENTIFIER\":\"sudo\",\"_UID\":\"1000\",\"_EXE\":"
	 "\"/usr/bin/sudo\",\"MESSAGE\":\"" SUDO "\"}",
		"sudo 0 w nobody root|/usr/bin/id"},
	/* whoever calls himself so */
	{"{\"__REALTIME_TIMESTAMP\":\"1795352895000000\",\"_HOSTNAME\":\"w\","
	 "\"SYSLOG_IDENTIFIER\":\"sudo\",\"_UID\":\"1000\",\"_EXE\":"
	 "\"/home/ann/sudo\",\"MESSAGE\":\"" SUDO "\"}",
		"other 0 w"},
	{"{\"__REALTIME_TIMESTAMP\":\"1795352895000000\",\"_HOSTNAME\":\"w\","
	 "\"SYSLOG_IDENTIFIER\":\"sshd\",\"_UID\":\"1000\",\"_EXE\":"
	 "\"/usr/bin/logger\",\"MESSAGE\":\"" CERT "\"}",
		"other 0 w"},
	{"{\"__REALTIME_TIMESTAMP\":\"1795352895000000\",\"_HOSTNAME\":\"w\","
	 "\"SYSLOG_IDENTIFIER\":\"sshd\",\"_UID\":\"1000\",\"MESSAGE\":\"" CERT
	 "\"}",
		"other 0 w"},
	/* of a long message journalctl says nothing */
	{"{\"__REALTIME_TIMESTAMP\":\"1795352895000000\",\"_HOSTNAME\":\"w\","
	 "\"SYSLOG_IDENTIFIER\":\"sudo\",\"MESSAGE\":null}",
		"bad: MESSAGE is no text: journalctl -a shows long ones"},
	{"{\"__REALTIME_TIMESTAMP\":\"1795352895000000\",\"_HOSTNAME\":\"w\","
	 "\"SYSLOG_IDENTIFIER\":\"cron\",\"MESSAGE\":null}",
		"other 0 w"},
	{"{\"__REALTIME_TIMESTAMP\":\"1795352895000000\","
	 "\"MESSAGE\":[104,255]}",
		"other 0 "},
	{"{\"__REALTIME_TIMESTAMP\":\"x\",\"MESSAGE\":\"y\"}",
		"bad: no entry of a journal: __REALTIME_TIMESTAMP is no "
		"number"},
	{"{\"MESSAGE\":\"y\"}",
		"bad: neither an entry of a journal nor one of sudo's"},
	{"{}", "bad: neither an entry of a journal nor one of sudo's"},
	/* sudo's compact form, in its envelope and without */
	{"{\"sudo\":{\"accept\":{\"submit_time\":{\"seconds\":1795352895},"
	 "\"submituser\":\"ann\",\"command\":\"/usr/bin/id\",\"runuser\":"
	 "\"root\",\"submithost\":\"vm\"}}}",
		"sudo 0 vm ann root|/usr/bin/id"},
	{"{\"accept\":{\"submit_time\":{\"seconds\":1795352895},"
	 "\"submituser\":\"ann\",\"command\":\"/usr/bin/id\",\"runuser\":"
	 "\"root\",\"submithost\":\"vm\"}}",
		"sudo 0 vm ann root|/usr/bin/id"},
	{"{\"MESSAGE\":", "bad: not JSON: unexpected token near end of file"},

	/* neither */
	{"hello", "bad: it begins with no date"},
	{"Nov 31 13:08:15 web-1 sshd[71]: x", "bad: it begins with no date"},
	{"Nox 22 13:08:15 web-1 sshd[71]: x", "bad: it begins with no date"},
	{"Nov 22 13:08:15", "bad: it begins with no date"},
	{"2026-11-22T13:08:15 web-1 sshd[71]: x",
		"bad: it begins with no date"},
	{"<86>1 - web-1 sshd 71 - - x", "bad: no message of RFC 5424"},
	{"<86>1 2026-11-22T13:08:15Z web-1", "bad: no message of RFC 5424"},
};

static void
read_one(char out[512], const char *line, size_t len)
{
	struct jit_hostlog x = jit_hostlog_over(line, len, NOW, 0);
	struct jit_logged e;
	struct jit_error err = {0};
	int rc = jit_hostlog_next(&e, &x, &err);

	if (rc == 1)
		spell(out, &e);
	else
		snprintf(out, 512, "bad: %.400s", err.text);
	CHECK_INT(e.line, 1);
	/* one entry is one */
	CHECK_INT(jit_hostlog_next(&e, &x, &err), 0);
}

static void
test_lines(void)
{
	char got[512];
	size_t i;

	CASE("lines");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].line);
		read_one(got, rows[i].line, strlen(rows[i].line));
		CHECK_STR(got, rows[i].want);
	}
	ROW("a NUL");
	read_one(got, "Nov 22 13:08:15 web-1 sshd[71]: x\0y", 35);
	CHECK_STR(got, "bad: a NUL is in it");
}

/* As sudo 1.9.13 writes it: one object, the same name again and again. */
static const char object[] =
	"{\n    \"accept\": {\n        \"submit_time\": {\n"
	"            \"seconds\": 1795352895\n        },\n"
	"        \"submituser\": \"nobody\",\n"
	"        \"command\": \"/usr/bin/id\",\n"
	"        \"runuser\": \"root\",\n        \"submithost\": \"vm\"\n"
	"    },\n"
	"    \"reject\": {\n        \"reason\": \"no\"\n    },\n"
	"    \"accept\": {\n        \"command\": \"/bin/ls\"\n    },\n"
	"    \"accept\": {\n        \"server_time\": {\n"
	"            \"seconds\": 1795352896\n        },\n"
	"        \"submituser\": \"ann\",\n"
	"        \"command\": \"/bin/ls\",\n        \"runuser\": \"root\"\n"
	"    }\n}\n"
	"Nov 22 13:08:15 web-1 sshd[71]: hello\n";

static void
test_object(void)
{
	struct jit_hostlog x = jit_hostlog_over(object, strlen(object), NOW, 0);
	struct jit_logged e;
	struct jit_error err = {0};
	char got[512];

	CASE("sudo's object");
	CHECK_INT(jit_hostlog_next(&e, &x, &err), 1);
	spell(got, &e);
	CHECK_STR(got, "sudo 0 vm nobody root|/usr/bin/id");
	CHECK_INT(e.line, 2);
	CHECK_INT(jit_hostlog_next(&e, &x, &err), 1);
	CHECK_INT(e.kind, JIT_LOGGED_OTHER);
	CHECK_INT(e.line, 11);
	CHECK_INT(jit_hostlog_next(&e, &x, &err), JIT_USAGE);
	CHECK_INT(e.line, 14);
	CHECK_INT(jit_hostlog_next(&e, &x, &err), 1);
	spell(got, &e);
	CHECK_STR(got, "sudo 1  ann root|/bin/ls");
	CHECK_INT(e.line, 17);
	CHECK_INT(jit_hostlog_next(&e, &x, &err), 1);
	spell(got, &e);
	CHECK_STR(got, "other 0 web-1");
	CHECK_INT(e.line, 26);
	CHECK_INT(jit_hostlog_next(&e, &x, &err), 0);
}

/* 'journalctl -o json-pretty': an entry is no line, so none is read. */
static void
test_pretty(void)
{
	static const char text[] =
		"{\n\t\"__REALTIME_TIMESTAMP\" : \"1795352895000000\",\n"
		"\t\"SYSLOG_IDENTIFIER\" : \"sshd\",\n"
		"\t\"MESSAGE\" : \"" PLAIN "\"\n}\n";
	struct jit_hostlog x = jit_hostlog_over(text, strlen(text), NOW, 0);
	struct jit_logged e;
	struct jit_error err = {0};
	size_t i;

	CASE("a journal that is laid out");
	for (i = 0; i < 3; i++)
		CHECK_INT(jit_hostlog_next(&e, &x, &err), JIT_USAGE);
	CHECK_STR(err.text, "not one of sudo's events");
	CHECK_INT(jit_hostlog_next(&e, &x, &err), 0);
}

static void
test_zone(void)
{
	const char *line = "Nov 22 14:08:15 web-1 sshd[71]: hello";
	struct jit_hostlog x = jit_hostlog_over(line, strlen(line), NOW, 3600);
	struct jit_logged e;

	CASE("a zone");
	CHECK_INT(jit_hostlog_next(&e, &x, NULL), 1);
	CHECK_INT(e.at, AT);
}

int
main(void)
{
	test_lines();
	test_object();
	test_pretty();
	test_zone();
	return UNIT_DONE();
}
