/* SPDX-License-Identifier: ISC */
/* With a git that is a shell script: what it is given, what it answers. */
#include "remote.h"
#include "temp.h"
#include "unit.h"

static const char *const env[] = {"PATH=/usr/bin:/bin", "HOME=/home/x", NULL};

static void
addresses(void)
{
	static const char *const good[] = {"ssh://git@example.org:22/srv/l.git",
		"https://example.org/l", "file:///srv/l.git", "/srv/l.git",
		"example.org:l.git", "git@example.org:/srv/l.git",
		"host.example.org:~/l"};
	static const char *const bad[] = {"", "x", "../l", "-x", "--exec=x",
		"ext::sh -c true", "ext::x", "fd::1", "http://example.org/l",
		"git://example.org/l", "ftp://example.org/l",
		"file://example.org/l", "ssh:", "host:", ":path", "a b:c",
		"host:pa\nth", "host:pa\x7fth", "HTTPS://example.org/l",
		"foo::bar/baz"};
	struct jit_error err = {0};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CASE(good[i]);
		CHECK_INT(jit_remote_url(good[i], &err), 0);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CASE(bad[i]);
		CHECK_INT(jit_remote_url(bad[i], &err), JIT_USAGE);
		CHECK(strstr(err.text, "is no address") != NULL);
	}
}

/* A remote whose git is this script. */
static struct jit_remote *
with_git(const char *script)
{
	const struct jit_remote_way way = {"ssh://example.org/l", "./git", ".",
		env};
	struct jit_remote *r = NULL;
	struct jit_error err = {0};
	char text[2048];
	FILE *f = fopen("git", "w");

	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 ||
		chmod("git", 0700) != 0)
		abort();
	if (jit_remote_open(&r, "/objects", "umask", &way, &err) != 0) {
		printf("%s\n", err.text);
		abort();
	}
	return r;
}

#define OID "0123456789abcdef0123456789abcdef01234567"

static void
fetches(void)
{
	static const struct {
		const char *script;
		int rc;
		const char *says;
	} cases[] = {
		{"echo " OID " >$GIT_DIR/refs/jit/fetched", 1, ""},
		{"exit 0", JIT_TROUBLE,
			"git fetched no refs/heads/ledger from "
			"'ssh://example.org/l'"},
		{"echo nonsense >$GIT_DIR/refs/jit/fetched", JIT_TROUBLE,
			"git fetched no "},
		{"echo 'fatal: couldn'\"'\"'t find remote ref "
		 "refs/heads/ledger' >&2; exit 128",
			0, ""},
		{"echo 'warning: this is nothing' >&2; echo >&2; "
		 "echo 'fatal: no way' >&2; exit 128",
			JIT_TROUBLE,
			"cannot reach 'ssh://example.org/l': no way"},
		{"exit 1", JIT_TROUBLE,
			"cannot reach 'ssh://example.org/l': git says nothing"},
		{"exec sleep 20", JIT_TROUBLE,
			"cannot reach 'ssh://example.org/l': './git' took "
			"longer than 1 seconds"},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jit_remote *r = with_git(cases[i].script);
		struct jit_error err = {0};
		unsigned char oid[20] = {0};

		CASE(cases[i].script);
		CHECK_INT(jit_remote_fetch(oid, r, NULL, 1, &err), cases[i].rc);
		CHECK(strstr(err.text, cases[i].says) != NULL);
		CHECK((oid[0] == 0x01) == (cases[i].rc == 1));
		jit_remote_free(r);
	}
}

static void
pushes(void)
{
#define REFUSED(how) "printf 'To x\\n!\\ta:b\\t" how "\\nDone\\n'; exit 1"
	static const struct {
		const char *script;
		int rc;
		const char *says;
	} cases[] = {
		{"exit 0", 0, ""},
		{REFUSED("[rejected] (fetch first)"), JIT_BUSY,
			"another writer was faster"},
		{REFUSED("[rejected] (non-fast-forward)"), JIT_BUSY, ""},
		{REFUSED("[remote rejected] (failed to update ref)"), JIT_BUSY,
			""},
		{REFUSED("[remote rejected] (cannot lock ref x: y)"), JIT_BUSY,
			""},
		{REFUSED("[remote rejected] (incorrect old value provided)"),
			JIT_BUSY, ""},
		{"echo 'remote: not on sundays  ' >&2; " REFUSED(
			 "[remote rejected] (pre-receive hook declined)"),
			JIT_NO,
			"'ssh://example.org/l' refuses it: not on sundays"},
		{"echo hello >&2; echo 'remote: no' >&2; " REFUSED(
			 "[remote rejected] (hook declined)"),
			JIT_NO, "refuses it: no"},
		{REFUSED("[remote rejected] (pre-receive hook declined)"),
			JIT_NO, "refuses it: it does not say why"},
		{REFUSED("[remote rejected] (unpacker error)"), JIT_TROUBLE,
			"'ssh://example.org/l' does not take it: [remote "
			"rejected] (unpacker error)"},
		{"echo 'error: (fetch first)' >&2; exit 1", JIT_TROUBLE,
			"cannot reach"},
		{"exit 128", JIT_TROUBLE, "git says nothing"},
	};
	const unsigned char oid[20] = {1};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jit_remote *r = with_git(cases[i].script);
		struct jit_error err = {0};

		CASE(cases[i].script);
		CHECK_INT(jit_remote_push(r, oid, 5, &err), cases[i].rc);
		CHECK(strstr(err.text, cases[i].says) != NULL);
		jit_remote_free(r);
	}
}

static void
given(void)
{
	const unsigned char oid[20] = {0xab};
	struct jit_remote *r;
	struct jit_error err = {0};
	unsigned char got[20];
	char *all;

	CASE("git gets this environment and no other");
	setenv("GIT_SSH_COMMAND", "evil", 1);
	setenv("LD_PRELOAD", "", 1);
	r = with_git("env | grep -vE '^(PWD|OLDPWD|SHLVL|_)=' | "
		     "sed 's/jit-git-[^/]*/X/' | LC_ALL=C sort >env");
	CHECK_INT(jit_remote_push(r, oid, 5, &err), 0);
	all = slurp("env", NULL);
	CHECK_STR(all,
		"GIT_ALLOW_PROTOCOL=file:https:ssh\n"
		"GIT_DIR=./X\n"
		"GIT_NO_REPLACE_OBJECTS=1\n"
		"GIT_OBJECT_DIRECTORY=/objects\n"
		"GIT_TERMINAL_PROMPT=0\n"
		"HOME=/home/x\n"
		"LC_ALL=C\n"
		"PATH=/usr/bin:/bin\n");
	free(all);
	jit_remote_free(r);

	CASE("a push is of one commit to one ref, never by force");
	r = with_git("printf '%s\\n' \"$@\" >words");
	CHECK_INT(jit_remote_push(r, oid, 5, &err), 0);
	all = slurp("words", NULL);
	CHECK(strstr(all,
		      "\n--\nssh://example.org/l\n"
		      "ab00000000000000000000000000000000000000:refs/"
		      "heads/ledger\n") != NULL);
	CHECK(strstr(all, "\n--no-verify\n") != NULL);
	CHECK(strstr(all, "\ncore.hooksPath=/dev/null\n") != NULL);
	CHECK(strstr(all, "force") == NULL);
	free(all);
	jit_remote_free(r);

	CASE("what is there already is named to git, and is all it knows");
	r = with_git("cat $GIT_DIR/refs/heads/ledger >have; "
		     "ls $GIT_DIR >files; "
		     "echo " OID " >$GIT_DIR/refs/jit/fetched");
	CHECK_INT(jit_remote_fetch(got, r, oid, 5, &err), 1);
	all = slurp("have", NULL);
	CHECK_STR(all, "ab00000000000000000000000000000000000000\n");
	free(all);
	all = slurp("files", NULL);
	CHECK_STR(all, "HEAD\nrefs\n");
	free(all);
	CHECK_STR(jit_remote_where(r), "ssh://example.org/l");
	jit_remote_free(r);

	CASE("nothing is left behind");
	CHECK_INT(run("ls -d jit-git-*"), 2);
	jit_remote_free(NULL);
}

static void
packs(void)
{
	struct jit_remote *r;
	struct jit_error err = {0};
	char *all;

	CASE("nothing is pruned");
	r = with_git("printf '%s\\n' \"$@\" >words");
	CHECK_INT(jit_remote_pack(r, 5, &err), 0);
	all = slurp("words", NULL);
	CHECK(strstr(all, "\nrepack\n--geometric=2\n-d\n") != NULL);
	CHECK(strstr(all, "\ngc.auto=0\n") != NULL);
	free(all);
	jit_remote_free(r);
	CASE("what git says of it");
	r = with_git("echo 'fatal: no room' >&2; exit 128");
	CHECK_INT(jit_remote_pack(r, 5, &err), JIT_TROUBLE);
	CHECK_STR(err.text, "cannot pack: no room");
	jit_remote_free(r);
	CASE("a folder that cannot be made");
	{
		const struct jit_remote_way way = {"/l", "./git", "/nowhere",
			env};

		CHECK_INT(jit_remote_open(&r, "/objects", "umask", &way, &err),
			JIT_TROUBLE);
	}
}

int
main(void)
{
	temp_start();
	addresses();
	fetches();
	pushes();
	given();
	packs();
	return UNIT_DONE();
}
