/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>

#include "hash.h"
#include "store.h"
#include "temp.h"
#include "unit.h"

#define MAX 4096

/*
 * libgit2 1.5.1 forgets to free what a regular expression did not match,
 * where a repository's format has extensions.
 */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libpcre2-8.so\nleak:pcre2_\nleak:default_malloc\n";
}

/* A commit that git takes, child of 'parent' (hex) or a root. */
static void
commit(struct jit_buf *raw, const char *parent, const char *text)
{
	jit_buf_reset(raw);
	jit_buf_str(raw, "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n");
	if (parent != NULL)
		jit_buf_fmt(raw, "parent %s\n", parent);
	jit_buf_fmt(raw,
		"author a <a@ex.com> 1795321661 +0000\n"
		"committer a <a@ex.com> 1795321661 +0000\n\n%s\n",
		text);
}

/* Write one, move the ref to it; its id in hex. */
static int
grow(char hex[41], struct jit_store *s, const char *text, struct jit_error *err)
{
	unsigned char tip[20], oid[20];
	struct jit_buf raw = {0};
	char parent[41];
	int had, rc;

	had = jit_store_tip(tip, s, err);
	jit_hex(parent, tip, had > 0 ? 20 : 0);
	commit(&raw, had > 0 ? parent : NULL, text);
	rc = jit_store_write(oid, s, raw.data, raw.len, err);
	if (rc == 0)
		rc = jit_store_swap(s, had > 0 ? tip : NULL, oid, err);
	if (rc == 0)
		jit_hex(hex, oid, 20);
	jit_buf_free(&raw);
	return rc;
}

/* A repository 'path' with 'n' commits; the last one's id. */
static void
make(const char *path, int n, char hex[41])
{
	struct jit_error err = {0};
	struct jit_store *s = NULL;
	char text[32];
	int i, rc;

	run("rm -rf %s", path);
	rc = jit_store_create(&s, path, &err);
	for (i = 0; rc == 0 && i < n; i++) {
		snprintf(text, sizeof(text), "%s %d", path, i);
		rc = grow(hex, s, text, &err);
	}
	if (rc != 0)
		printf("make %s: %s\n", path, err.text);
	jit_store_free(s);
}

/* Open and read the tip's commit: the first failure, or 0. */
static int
look(const char *path, struct jit_error *err)
{
	struct jit_buf raw = {0};
	struct jit_store *s = NULL;
	unsigned char oid[20];
	int rc;

	memset(err, 0, sizeof(*err));
	rc = jit_store_open(&s, path, err);
	if (rc == 0)
		rc = jit_store_tip(oid, s, err);
	if (rc > 0)
		rc = jit_store_read(&raw, s, oid, MAX, err);
	jit_buf_free(&raw);
	jit_store_free(s);
	return rc;
}

static void
test_basics(void)
{
	struct jit_error err = {0};
	struct jit_buf raw = {0};
	struct jit_store *s = NULL, *other = NULL;
	unsigned char oid[20], old[20];
	char hex[41] = "", want[128];

	CASE("create, write, swap, read");
	CHECK_INT(jit_store_create(&s, "a.git", &err), 0);
	CHECK_INT(jit_store_tip(oid, s, &err), 0);
	CHECK_INT(grow(hex, s, "first", &err), 0);
	CHECK_INT(jit_store_tip(old, s, &err), 1);
	CHECK_INT(grow(hex, s, "second", &err), 0);
	CHECK_INT(jit_store_tip(oid, s, &err), 1);
	CHECK_INT(jit_store_read(&raw, s, oid, MAX, &err), 0);
	CHECK(strstr(jit_buf_text(&raw), "\n\nsecond\n") != NULL);
	CHECK_INT(run("git -C a.git fsck --strict"), 0);
	CHECK_INT(run("git -C a.git log --oneline HEAD"), 0);
	CHECK(said("second"));
	CHECK_INT(run("git -C a.git symbolic-ref HEAD"), 0);
	CHECK(said("refs/heads/ledger"));
	snprintf(want, sizeof(want), "%s/a.git", temp_dir);
	CHECK_STR(jit_store_path(s), want);

	CASE("create does not touch what is there");
	CHECK_INT(jit_store_create(&other, "a.git", &err), JIT_TROUBLE);
	CHECK_STR(err.text, "'a.git': File exists");

	CASE("swap compares");
	CHECK_INT(jit_store_swap(s, old, oid, &err), JIT_BUSY);
	CHECK_INT(jit_store_swap(s, NULL, oid, &err), JIT_BUSY);
	CHECK_INT(jit_store_swap(s, oid, oid, &err), 0);

	CASE("too large, not a commit, missing");
	CHECK_INT(jit_store_read(&raw, s, oid, 10, &err), JIT_EVIDENCE);
	CHECK(strstr(err.text, "it is too large") != NULL);
	memset(old, 7, 20);
	CHECK_INT(jit_store_read(&raw, s, old, MAX, &err), JIT_EVIDENCE);
	CHECK_STR(err.text,
		"incomplete: commit 0707070707070707070707070707"
		"070707070707 is missing");
	CHECK_INT(run("echo x | git -C a.git hash-object -w --stdin"), 0);
	CHECK_INT(
		jit_unhex(old, 20, "587be6b4c3f93f93c489c0111bba5596147a26cb"),
		0);
	CHECK_INT(jit_store_read(&raw, s, old, MAX, &err), JIT_EVIDENCE);
	CHECK_STR(err.text,
		"corrupt: commit 587be6b4c3f93f93c489c0111bba5596147a26cb: "
		"it is no commit");

	CASE("packed by git behind our back");
	CHECK_INT(run("git -C a.git gc -q --prune=now && "
		      "test ! -e a.git/refs/heads/ledger"),
		0);
	CHECK_INT(jit_store_tip(oid, s, &err), 1);
	CHECK_INT(jit_store_read(&raw, s, oid, MAX, &err), 0);
	CHECK_INT(grow(hex, s, "third", &err), 0);
	CHECK_INT(run("git -C a.git fsck --strict"), 0);
	CHECK_INT(run("git -C a.git rev-list --count HEAD"), 0);
	CHECK(said("3"));
	jit_buf_free(&raw);
	jit_store_free(s);
}

static void
test_places(void)
{
	struct jit_error err = {0};
	char hex[41];

	CASE("bare, work tree, its .git, not a parent or below");
	make("p.git", 2, hex);
	CHECK_INT(run("git clone -q p.git clone && mkdir clone/sub"), 0);
	CHECK_INT(look("p.git", &err), 0);
	CHECK_INT(look("p.git/", &err), 0);
	CHECK_INT(look("clone", &err), 0);
	CHECK_INT(look("clone/.git", &err), 0);
	CHECK_INT(look("clone/sub", &err), JIT_TROUBLE);
	CHECK(strstr(err.text, "/clone/sub' is no git repository") != NULL);
	CHECK_INT(look("nowhere", &err), JIT_TROUBLE);
	CHECK_STR(err.text, "'nowhere': No such file or directory");
	CHECK_INT(look("said", &err), JIT_TROUBLE);

	CASE("GIT_ variables do nothing");
	setenv("GIT_DIR", "/nonexistent", 1);
	setenv("GIT_OBJECT_DIRECTORY", "/nonexistent", 1);
	setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", "/nonexistent", 1);
	CHECK_INT(look("p.git", &err), 0);
	unsetenv("GIT_DIR");
	unsetenv("GIT_OBJECT_DIRECTORY");
	unsetenv("GIT_ALTERNATE_OBJECT_DIRECTORIES");
}

/* A way to spoil a copy of a good repository, and what is said of it. */
struct spoil {
	const char *how; /* a shell command in the copy */
	int want;
	const char *says;
};

static const struct spoil spoils[] = {
	{"true", 0, ""},
	{"mv objects o && ln -s o objects", JIT_TROUBLE,
		"/objects' is a symbolic link"},
	{"echo ../../p.git/objects >objects/info/alternates", JIT_TROUBLE,
		"/objects/info/alternates' lends the objects"},
	{"echo ../p.git >commondir", JIT_TROUBLE, "/commondir' lends"},
	{"git rev-parse HEAD >shallow", JIT_EVIDENCE, "incomplete: '"},
	{"mv refs/heads/ledger x && ln -s ../../x refs/heads/ledger",
		JIT_TROUBLE, "/refs/heads/ledger' is a symbolic link"},
	{"git update-ref refs/heads/x HEAD && "
	 "git symbolic-ref refs/heads/ledger refs/heads/x",
		JIT_TROUBLE, "/refs/heads/ledger' is symbolic"},
	{"git config core.repositoryformatversion 1 && "
	 "git config extensions.objectFormat sha256",
		JIT_TROUBLE, "extensions.objectformat"},
	{"git config core.repositoryformatversion 1 && "
	 "git config extensions.partialClone origin",
		JIT_TROUBLE, "extensions.partialclone"},
	{"git config core.repositoryformatversion 1 && "
	 "git config extensions.refStorage reftable",
		JIT_TROUBLE, "extensions.refstorage"},
	{"git config core.repositoryformatversion 2", JIT_TROUBLE, "version 2"},
	{"rm -r objects", JIT_TROUBLE, "is no git repository"},
	{": >refs/heads/ledger", JIT_TROUBLE, "orrupted"},
	{"echo junk >refs/heads/ledger", JIT_TROUBLE, "orrupted"},
	{"git config gpg.ssh.program /bin/false && git config "
	 "core.fsmonitor /bin/false && git config core.hooksPath /x",
		0, ""},
	{"find objects -type f -delete", JIT_EVIDENCE, "incomplete: commit "},
	{"for f in $(find objects -type f); do chmod u+w $f; : >$f; done",
		JIT_EVIDENCE, "corrupt: commit "},
	{"for f in $(find objects -type f); do chmod u+w $f; "
	 "printf xxxx | dd of=$f bs=1 seek=9 conv=notrunc; done",
		JIT_EVIDENCE, "corrupt: commit "},
	{"set -- $(git rev-list HEAD | sed 's,..,objects/&/,'); "
	 "chmod u+w $1 $2; cp $1 t; cp $2 $1; cp t $2",
		JIT_EVIDENCE, "its bytes do not match its name"},
	{"git repack -adq && for f in objects/pack/*.pack; do chmod u+w $f; "
	 "printf xxxx | dd of=$f bs=1 seek=40 conv=notrunc; done",
		JIT_EVIDENCE, "corrupt: commit "},
	{"git repack -adq && rm objects/pack/*.pack", JIT_EVIDENCE, "commit "},
	{"git repack -adq && rm objects/pack/*.idx", JIT_EVIDENCE,
		"incomplete: commit "},
	{"git repack -adq && chmod u+w objects/pack/*.pack && "
	 "truncate -s 20 objects/pack/*.pack",
		JIT_EVIDENCE, "commit "},
};

static void
test_spoiled(void)
{
	struct jit_error err = {0};
	char hex[41];
	size_t i;

	CASE("what is refused, and how");
	make("p.git", 2, hex);
	for (i = 0; i < COUNT(spoils); i++) {
		ROW(spoils[i].how);
		run("rm -rf q.git; cp -a p.git q.git");
		if (run("cd q.git && { %s; }", spoils[i].how) != 0)
			CHECK(!"spoiling failed");
		if (!CHECK_INT(look("q.git", &err), spoils[i].want) ||
			!CHECK(strstr(err.text, spoils[i].says) != NULL))
			printf("\t%s\n", err.text);
	}

	CASE("a gitlink, a work tree, a shared clone");
	CHECK_INT(run("rm -rf c w s; git clone -q p.git c && "
		      "git -C c worktree add -q ../w -b x && "
		      "git clone -q --shared p.git s"),
		0);
	CHECK_INT(look("w", &err), JIT_TROUBLE);
	CHECK(strstr(err.text, "/w/.git' is no folder") != NULL);
	CHECK_INT(look("c/.git/worktrees/w", &err), JIT_TROUBLE);
	CHECK_INT(look("s", &err), JIT_TROUBLE);

	CASE("a shallow clone");
	CHECK_INT(run("git clone -q --depth 1 file://$PWD/p.git d"), 0);
	CHECK_INT(look("d", &err), JIT_EVIDENCE);
}

static void
test_oddities(void)
{
	struct jit_error err = {0};
	struct jit_buf out = {0}, raw = {0};
	struct jit_store *s = NULL;
	unsigned char oid[20];
	char hex[41];

	CASE("oddities are told and ignored");
	make("o.git", 3, hex);
	CHECK_INT(jit_store_open(&s, "o.git", &err), 0);
	CHECK_INT(jit_store_oddities(&out, s), 0);
	jit_store_free(s);
	CHECK_INT(run("cd o.git && git commit-graph write --reachable && "
		      "git replace HEAD HEAD~2 && git pack-refs --all"),
		0);
	CHECK_INT(run("cd o.git && mkdir -p info && "
		      "git rev-parse HEAD >info/grafts"),
		0);
	CHECK_INT(jit_store_open(&s, "o.git", &err), 0);
	CHECK_INT(jit_store_oddities(&out, s), 3);
	CHECK_STR(jit_buf_text(&out),
		"info/grafts exists: ignored\n"
		"objects/info/commit-graph exists: ignored\n"
		"refs/replace exists: ignored\n");
	CHECK_INT(jit_store_tip(oid, s, &err), 1);
	CHECK_INT(jit_store_read(&raw, s, oid, MAX, &err), 0);
	CHECK(strstr(jit_buf_text(&raw), "\n\no.git 2\n") != NULL);
	jit_store_free(s);
	jit_buf_free(&out);
	jit_buf_free(&raw);
}

/* The loose file of a commit. */
static void
loose(char path[128], const char *repo, const char *hex)
{
	snprintf(path, 128, "%s/objects/%.2s/%s", repo, hex, hex + 2);
}

static void
test_repair(void)
{
	static const char *const damage[] = {": >", "echo junk >",
		"truncate -s 30 "};
	struct jit_error err = {0};
	struct jit_buf raw = {0};
	struct jit_store *s = NULL;
	unsigned char oid[20];
	char hex[41], path[128];
	size_t i;

	make("r.git", 1, hex);
	CHECK_INT(jit_store_open(&s, "r.git", &err), 0);
	commit(&raw, NULL, "again");
	for (i = 0; i < COUNT(damage); i++) {
		CASE("a damaged object of this name is replaced");
		ROW(damage[i]);
		CHECK_INT(jit_store_write(oid, s, raw.data, raw.len, &err), 0);
		jit_hex(hex, oid, 20);
		loose(path, "r.git", hex);
		CHECK_INT(chmod(path, 0644), 0);
		CHECK_INT(run("%s%s", damage[i], path), 0);
		if (!CHECK_INT(jit_store_write(oid, s, raw.data, raw.len, &err),
			    0))
			printf("\t%s\n", err.text);
		CHECK_INT(run("git -C r.git cat-file commit %s", hex), 0);
	}
	CASE("what cannot be replaced is trouble");
	CHECK_INT(run("rm -f %s; mkdir -p %s/x", path, path), 0);
	CHECK_INT(jit_store_write(oid, s, raw.data, raw.len, &err),
		JIT_TROUBLE);
	CHECK_INT(run("rm -r %s", path), 0);
	jit_buf_free(&raw);
	jit_store_free(s);
}

/* Hold the lock in a child for 'ms'; returns when it holds it. */
static pid_t
holder(const char *path, int ms)
{
	int p[2];
	char c = 0;
	pid_t pid;

	if (pipe(p) != 0)
		abort();
	pid = fork();
	if (pid == 0) {
		struct jit_error err = {0};
		struct jit_store *s = NULL;

		if (jit_store_open(&s, path, &err) != 0 ||
			jit_store_lock(s, 5, &err) != 0 ||
			write(p[1], "x", 1) != 1)
			_exit(1);
		usleep((useconds_t)ms * 1000);
		_exit(0);
	}
	close(p[1]);
	if (read(p[0], &c, 1) != 1)
		printf("no holder\n");
	close(p[0]);
	return pid;
}

static void
test_lock(void)
{
	struct jit_error err = {0};
	struct jit_store *s = NULL;
	struct stat st;
	char hex[41];
	pid_t pid;

	make("k.git", 1, hex);
	CHECK_INT(jit_store_open(&s, "k.git", &err), 0);

	CASE("one holds it, the other waits");
	pid = holder("k.git", 300);
	CHECK_INT(jit_store_lock(s, 0, &err), JIT_BUSY);
	CHECK(strstr(err.text, "/jit.lock' is held by another writer") != NULL);
	CHECK_INT(jit_store_lock(s, 5, &err), 0);
	waitpid(pid, NULL, 0);
	jit_store_unlock(s);

	CASE("a holder that dies lets go");
	pid = holder("k.git", 100000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CHECK_INT(jit_store_lock(s, 1, &err), 0);
	jit_store_unlock(s);

	CASE("a lock file that was removed is no lock");
	pid = holder("k.git", 100000);
	CHECK_INT(unlink("k.git/jit.lock"), 0);
	CHECK_INT(jit_store_lock(s, 1, &err), 0);
	CHECK_INT(stat("k.git/jit.lock", &st), 0);
	jit_store_unlock(s);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);

	CASE("no symbolic link, no fifo is locked");
	CHECK_INT(run("cd k.git && rm jit.lock && ln -s config jit.lock"), 0);
	CHECK_INT(jit_store_lock(s, 1, &err), JIT_TROUBLE);
	CHECK_INT(run("cd k.git && rm jit.lock && mkfifo jit.lock"), 0);
	CHECK_INT(jit_store_lock(s, 1, &err), JIT_TROUBLE);
	CHECK_INT(run("cd k.git && rm jit.lock"), 0);
	jit_store_free(s);
}

/* What a dead writer can have left in the ref's lock. */
static void
leave(const char *hex, const char *content)
{
	char note[512] = {0};

	if (hex != NULL) {
		snprintf(note, sizeof(note), "%s ledger.lock pid 1\n", hex);
		spill("t.git/jit.lock", note, sizeof(note));
	} else {
		unlink("t.git/jit.lock");
	}
	spill("t.git/refs/heads/ledger.lock", content, strlen(content));
}

static void
test_stale(void)
{
	struct jit_error err = {0};
	struct jit_store *s = NULL;
	char hex[41], line[64], half[64];
	pid_t pid;

	make("t.git", 1, hex);
	snprintf(line, sizeof(line), "%s\n", hex);
	snprintf(half, sizeof(half), "%.20s", hex);
	CHECK_INT(jit_store_open(&s, "t.git", &err), 0);

	CASE("a dead writer's ref lock is removed");
	leave(hex, line);
	CHECK_INT(jit_store_lock(s, 1, &err), 0);
	jit_store_unlock(s);
	CHECK(access("t.git/refs/heads/ledger.lock", F_OK) != 0);
	leave(hex, "");
	CHECK_INT(jit_store_lock(s, 1, &err), 0);
	jit_store_unlock(s);
	leave(hex, half);
	CHECK_INT(jit_store_lock(s, 1, &err), 0);
	CHECK_INT(grow(hex, s, "goes on", &err), 0);
	jit_store_unlock(s);

	CASE("another's is not");
	leave(hex, "4b825dc642cb6eb9a060e54bf8d69288fbee4904\n");
	CHECK_INT(jit_store_lock(s, 1, &err), JIT_TROUBLE);
	CHECK(strstr(err.text,
		      "/refs/heads/ledger.lock' is held by another "
		      "program, or was left by one that died: if no git "
		      "runs there, remove it") != NULL);
	snprintf(line, sizeof(line), "%s\nx", hex);
	leave(hex, line);
	CHECK_INT(jit_store_lock(s, 1, &err), JIT_TROUBLE);
	leave(NULL, "");
	CHECK_INT(jit_store_lock(s, 1, &err), JIT_TROUBLE);
	CHECK(access("t.git/refs/heads/ledger.lock", F_OK) == 0);
	CHECK_INT(unlink("t.git/refs/heads/ledger.lock"), 0);

	CASE("one that goes away is waited for");
	leave(NULL, "");
	pid = fork();
	if (pid == 0) {
		usleep(200000);
		_exit(unlink("t.git/refs/heads/ledger.lock") != 0);
	}
	CHECK_INT(jit_store_lock(s, 1, &err), 0);
	waitpid(pid, NULL, 0);
	jit_store_unlock(s);

	CASE("swap meets a lock");
	spill("t.git/refs/heads/ledger.lock", "", 0);
	CHECK_INT(grow(hex, s, "not now", &err), JIT_BUSY);
	CHECK_INT(unlink("t.git/refs/heads/ledger.lock"), 0);
	CHECK_INT(grow(hex, s, "now", &err), 0);
	jit_store_free(s);
}

/* Append under the lock for ever, an id to 'out' for each that is there. */
static void
writer(const char *path, int out)
{
	struct jit_error err = {0};
	struct jit_store *s = NULL;
	char hex[41], line[43], text[64];
	int i;

	if (jit_store_open(&s, path, &err) != 0)
		_exit(1);
	for (i = 0;; i++) {
		snprintf(text, sizeof(text), "%ld %d", (long)getpid(), i);
		if (jit_store_lock(s, 20, &err) != 0 ||
			grow(hex, s, text, &err) != 0) {
			printf("writer: %s\n", err.text);
			_exit(1);
		}
		jit_store_unlock(s);
		snprintf(line, sizeof(line), "%s\n", hex);
		if (write(out, line, 41) != 41)
			_exit(1);
	}
}

static void
test_kill(void)
{
	char hex[41];
	int i, out;
	pid_t a, b;

	CASE("kill -9 at any moment loses nothing that was acknowledged");
	make("x.git", 1, hex);
	out = open("acks", O_WRONLY | O_CREAT | O_APPEND | O_TRUNC, 0600);
	fflush(stdout);
	b = fork();
	if (b == 0)
		writer("x.git", out);
	/* A busy machine gets more tries: what counts is what was answered. */
	for (i = 0; i < 60 || (i < 600 && lseek(out, 0, SEEK_END) < 41 * 30);
		i++) {
		a = fork();
		if (a == 0)
			writer("x.git", out);
		usleep((useconds_t)(5000 + i % 60 * 397));
		kill(a, SIGKILL);
		waitpid(a, NULL, 0);
	}
	CHECK_INT(waitpid(b, NULL, WNOHANG), 0);
	kill(b, SIGKILL);
	waitpid(b, NULL, 0);
	close(out);
	CHECK_INT(run("git -C x.git rev-list HEAD | sort >have; "
		      "sort acks | comm -23 - have | grep -q ."),
		1);
	CHECK_INT(run("sort acks | uniq -d | grep -q ."), 1);
	CHECK_INT(run("git -C x.git fsck --strict && wc -l <acks"), 0);
	CHECK_INT(run("test $(wc -l <acks) -gt 20"), 0);
}

static void
test_shared(void)
{
	struct jit_error err = {0};
	struct jit_store *s = NULL;
	mode_t was = umask(077);
	char hex[41];

	CASE("a group's repository stays one, whatever the umask");
	make("g.git", 1, hex);
	CHECK_INT(run("chmod -R g+rwX g.git; find g.git -type d -exec chmod "
		      "g+s {} +"),
		0);
	CHECK_INT(jit_store_open(&s, "g.git", &err), 0);
	CHECK_INT(jit_store_lock(s, 1, &err), 0);
	CHECK_INT(grow(hex, s, "shared", &err), 0);
	jit_store_free(s);
	CHECK_INT(run("find g.git/objects g.git/jit.lock g.git/refs -type d "
		      "! -perm -2070 -o -type f ! -perm -040 | grep ."),
		1);
	CHECK_INT(run("stat -c %%a g.git/jit.lock"), 0);
	CHECK(said("660"));
	umask(was);
}

/* Who may only read would hold up every writer, as long as he likes. */
static void
test_lock_closed(void)
{
	struct jit_error err = {0};
	struct jit_store *s = NULL;
	char hex[41];

	CASE("a lock is closed to who may only read, and one that was not is");
	make("o.git", 1, hex);
	CHECK_INT(run("chmod -R a+rX o.git && touch o.git/jit.lock && "
		      "chmod 644 o.git/jit.lock"),
		0);
	CHECK_INT(jit_store_open(&s, "o.git", &err), 0);
	CHECK_INT(jit_store_lock(s, 1, &err), 0);
	jit_store_free(s);
	CHECK_INT(run("stat -c %%a o.git/jit.lock"), 0);
	CHECK(said("600"));
}

static void
test_owner(void)
{
	struct jit_error err = {0};
	char hex[41], want[512];
	pid_t pid;
	int status = 0;

	if (geteuid() != 0) {
		printf("store: owner: needs root\n");
		return;
	}
	make("own.git", 1, hex);
	run("git clone -q own.git own; chmod -R a+rX .; chmod a+rx .");

	CASE("what is root's is trusted by all");
	pid = fork();
	if (pid == 0) {
		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(9);
		_exit(look("own.git", &err) != 0);
	}
	waitpid(pid, &status, 0);
	CHECK_INT(WEXITSTATUS(status), 0);

	CASE("another user's is refused, and its name said");
	run("chown -R 65533 own.git own");
	pid = fork();
	if (pid == 0) {
		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(9);
		if (look("own.git", &err) != JIT_TROUBLE)
			_exit(1);
		snprintf(want, sizeof(want),
			"'%s/own.git' belongs to another "
			"user; if you trust it: git config --global --add "
			"safe.directory %s/own.git",
			temp_dir, temp_dir);
		if (strcmp(err.text, want) != 0 ||
			look("own", &err) != JIT_TROUBLE)
			_exit(2);
		snprintf(want, sizeof(want), "'%s/own' belongs to", temp_dir);
		if (strncmp(err.text, want, strlen(want)) != 0)
			_exit(3);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CHECK_INT(WEXITSTATUS(status), 0);

	CASE("unless it is trusted");
	run("printf '[safe]\\n directory = %s/own.git\\n "
	    "directory = %s/own\\n' >.gitconfig; chmod a+r .gitconfig",
		temp_dir, temp_dir);
	pid = fork();
	if (pid == 0) {
		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(9);
		if (look("own.git", &err) != 0)
			_exit(1);
		if (look("own", &err) != 0)
			_exit(2);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CHECK_INT(WEXITSTATUS(status), 0);

	CASE("what may not be read is trouble, not evidence");
	run("chmod 700 own.git/objects/??");
	pid = fork();
	if (pid == 0) {
		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(9);
		_exit(look("own.git", &err) != JIT_TROUBLE);
	}
	waitpid(pid, &status, 0);
	CHECK_INT(WEXITSTATUS(status), 0);
	run("chmod 755 own.git/objects/??; git -C own.git repack -adq; "
	    "chmod 600 own.git/objects/pack/*.pack; "
	    "chmod a+r own.git/objects/pack/*.idx");
	pid = fork();
	if (pid == 0) {
		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(9);
		_exit(look("own.git", &err) != JIT_TROUBLE);
	}
	waitpid(pid, &status, 0);
	CHECK_INT(WEXITSTATUS(status), 0);
}

static void
test_config(void)
{
	struct jit_error err = {0};
	struct jit_buf out = {0};

	CASE("the user's configuration, never a repository's");
	CHECK_INT(jit_store_config(&out, "jit.ledger", &err), 0);
	CHECK_INT(run("git config --global jit.ledger /l.git && "
		      "git init -q here && git -C here config jit.other x"),
		0);
	CHECK_INT(jit_store_config(&out, "jit.ledger", &err), 1);
	CHECK_STR(jit_buf_text(&out), "/l.git");
	CHECK_INT(chdir("here"), 0);
	CHECK_INT(jit_store_config(&out, "jit.other", &err), 0);
	CHECK_INT(chdir(".."), 0);
	CHECK_INT(run("echo '[' >>.gitconfig"), 0);
	CHECK_INT(jit_store_config(&out, "jit.ledger", &err), JIT_TROUBLE);
	CHECK_INT(unlink(".gitconfig"), 0);
	jit_buf_free(&out);
}

/* Counts what is visited; stops at the 'arg'th. */
static int
count(const unsigned char oid[20], void *arg, struct jit_error *err)
{
	int *left = arg;

	(void)oid;
	(void)err;
	return --*left == 0 ? 42 : 0;
}

/* What a push brings: in i.git, beside what p.git has. */
static void
test_inbox(void)
{
	struct jit_error err = {0};
	struct jit_store *s = NULL, *from = NULL;
	struct jit_buf raw = {0};
	unsigned char oid[20];
	char hex[41] = "";
	int left;

	make("i.git", 2, hex);
	CHECK_INT(run("rm -rf p.git; cp -a i.git p.git"), 0);
	CHECK_INT(jit_store_open(&from, "p.git", &err), 0);
	CHECK_INT(grow(hex, from, "pushed", &err), 0);
	CHECK_INT(jit_store_tip(oid, from, &err), 1);
	CHECK_INT(grow(hex, from, "pushed too", &err), 0);
	jit_store_free(from);
	CHECK_INT(run("cp -a p.git/objects i.git/objects/in; "
		      "ln -s ../../p.git/objects i.git/objects/link"),
		0);

	CASE("inbox: only in the repository's own objects folder");
	CHECK_INT(jit_store_open(&s, "i.git", &err), 0);
	CHECK_INT(jit_store_arrived(s, count, &left, &err), 0);
	CHECK_INT(jit_store_inbox(s, "p.git/objects", &err), JIT_TROUBLE);
	CHECK(strstr(err.text, "is not what git makes in") != NULL);
	CHECK_INT(jit_store_inbox(s, "i.git/objects/link", &err), JIT_TROUBLE);
	CHECK_INT(jit_store_inbox(s, "i.git/objects", &err), JIT_TROUBLE);
	CHECK_INT(jit_store_inbox(s, "i.git/objects/in/pack", &err),
		JIT_TROUBLE);
	CHECK_INT(jit_store_inbox(s, "i.git/objects/no", &err), JIT_TROUBLE);
	CHECK_INT(jit_store_read(&raw, s, oid, MAX, &err), JIT_EVIDENCE);

	CASE("inbox: read as what is there, and told apart from it");
	CHECK_INT(jit_store_inbox(s, "i.git/objects/in", &err), 0);
	CHECK_INT(jit_store_read(&raw, s, oid, MAX, &err), 0);
	CHECK(strstr(jit_buf_text(&raw), "\n\npushed\n") != NULL);
	left = 100;
	CHECK_INT(jit_store_arrived(s, count, &left, &err), 0);
	CHECK_INT(left, 98);
	left = 1;
	CHECK_INT(jit_store_arrived(s, count, &left, &err), 42);
	jit_store_free(s);
	s = NULL;

	CASE("inbox: damaged, packed, gone");
	jit_hex(hex, oid, 20);
	CHECK_INT(run("git -C p.git repack -qad; rm -r i.git/objects/in; "
		      "cp -a p.git/objects i.git/objects/in"),
		0);
	CHECK_INT(jit_store_open(&s, "i.git", &err), 0);
	CHECK_INT(jit_store_inbox(s, "i.git/objects/in", &err), 0);
	CHECK_INT(jit_store_read(&raw, s, oid, MAX, &err), 0);
	CHECK_INT(run("cd i.git/objects/in && mkdir %.2s && echo x >%.2s/%s",
			  hex, hex, hex + 2),
		0);
	CHECK_INT(jit_store_read(&raw, s, oid, MAX, &err), 0); /* the pack's */
	jit_store_free(s);
	s = NULL;
	CHECK_INT(run("rm -r i.git/objects/in/pack"), 0);
	CHECK_INT(jit_store_open(&s, "i.git", &err), 0);
	CHECK_INT(jit_store_inbox(s, "i.git/objects/in", &err), 0);
	CHECK_INT(jit_store_read(&raw, s, oid, MAX, &err), JIT_EVIDENCE);
	CHECK(strstr(err.text, "corrupt: commit ") != NULL);
	jit_store_free(s);
	jit_buf_free(&raw);
}

static void
test_own_config(void)
{
	struct jit_error err = {0};
	struct jit_store *s = NULL;
	struct jit_buf out = {0};
	char hex[41] = "";

	CASE("a repository's own configuration, never its user's");
	make("c.git", 1, hex);
	CHECK_INT(run("git config --global jit.genesis mine"), 0);
	CHECK_INT(jit_store_open(&s, "c.git", &err), 0);
	CHECK_INT(jit_store_own(&out, s, "jit.genesis", &err), 0);
	CHECK_INT(run("git -C c.git config jit.genesis its"), 0);
	CHECK_INT(jit_store_own(&out, s, "jit.genesis", &err), 1);
	CHECK_STR(jit_buf_text(&out), "its");
	CHECK_INT(run("echo '[' >>c.git/config"), 0);
	CHECK_INT(jit_store_own(&out, s, "jit.genesis", &err), JIT_TROUBLE);
	CHECK_INT(unlink("c.git/config"), 0);
	CHECK_INT(jit_store_own(&out, s, "jit.genesis", &err), 0);
	CHECK_INT(unlink(".gitconfig"), 0);
	jit_store_free(s);
	jit_buf_free(&out);
}

int
main(void)
{
	struct jit_error err = {0};

	temp_start();
	if (jit_hash_start(&err) != 0)
		return 1;
	test_config();
	test_basics();
	test_inbox();
	test_own_config();
	test_places();
	test_spoiled();
	test_oddities();
	test_repair();
	test_lock();
	test_stale();
	test_kill();
	test_shared();
	test_lock_closed();
	test_owner();
	return UNIT_DONE();
}
