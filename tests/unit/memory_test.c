/* SPDX-License-Identifier: ISC */
#include "memory.h"
#include "unit.h"
#include "world.h"

static char store[128];

/* The state at the tip of the test's ledger, replayed. */
static struct jit_state *
replayed(void)
{
	struct jit_error err = {0};
	struct jit_store *s = NULL;
	struct jit_state *state = NULL;
	struct jit_verdict v;

	if (jit_store_open(&s, store, &err) != 0 ||
		jit_ledger_replay(&v, &state, s, NULL, NULL, NULL, &err) != 0)
		world_die("replay", &err);
	jit_store_free(s);
	return state;
}

/* Open the memory in 'dir' and say what is known; the path of its file. */
static int
recall(const char *dir, int64_t *seq, bool *has_state, char path[256],
	struct jit_error *err)
{
	char genesis[JIT_HEX256], tip[JIT_HEX256];
	struct jit_memory *m = NULL;
	struct jit_state *s = NULL;
	int rc;

	*seq = 0;
	rc = jit_memory_open(&m, &s, dir, store, err);
	if (rc < 0)
		return rc;
	if (jit_memory_known(m, genesis, seq, tip) && s != NULL &&
		(s->seq != *seq || strcmp(s->tip, tip) != 0 ||
			strcmp(s->genesis, genesis) != 0))
		rc = 99;
	*has_state = s != NULL;
	snprintf(path, 256, "%s", jit_memory_path(m));
	jit_state_free(s);
	jit_memory_free(m);
	return rc;
}

static int
keep(const char *dir, const struct jit_state *state, struct jit_error *err)
{
	struct jit_memory *m = NULL;
	struct jit_state *s = NULL;
	int rc;

	rc = jit_memory_open(&m, &s, dir, store, err);
	if (rc == 0)
		rc = jit_memory_keep(m, state, err);
	jit_state_free(s);
	jit_memory_free(m);
	return rc;
}

static void
test_keep(struct jit_state *state, struct jit_state *later)
{
	struct jit_error err = {0};
	struct jit_buf a = {0}, b = {0};
	struct jit_memory *m = NULL;
	struct jit_state *s = NULL;
	char path[256], tip;
	struct stat st;
	bool has = false;
	int64_t seq = 0;

	CASE("empty, kept, recalled");
	CHECK_INT(recall("mem", &seq, &has, path, &err), 0);
	CHECK_INT(seq, 0);
	CHECK(!has && access("mem", F_OK) != 0);
	CHECK_INT(keep("mem", state, &err), 0);
	CHECK_INT(recall("mem", &seq, &has, path, &err), 0);
	CHECK_INT(seq, state->seq);
	CHECK(has);

	CASE("byte for byte the state that was kept");
	CHECK_INT(jit_memory_open(&m, &s, "mem", store, &err), 0);
	jit_state_save(&a, state);
	if (s != NULL)
		jit_state_save(&b, s);
	CHECK_INT((long long)a.len, (long long)b.len);
	CHECK_MEM(b.data, a.data, a.len < b.len ? a.len : b.len);
	jit_memory_free(m);
	jit_state_free(s);
	jit_buf_free(&a);
	jit_buf_free(&b);

	CASE("private, and nothing else beside it");
	CHECK(stat("mem", &st) == 0 && (st.st_mode & 0777) == 0700);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK_INT(run("ls mem | grep -v '^[0-9a-f]\\{32\\}[.]state$' | "
		      "grep -v '[.]lock$'"),
		1);

	CASE("folders are made, all private");
	CHECK_INT(run("umask 0; true"), 0);
	CHECK_INT(keep("x/y/z", state, &err), 0);
	CHECK(stat("x/y", &st) == 0 && (st.st_mode & 0777) == 0700);

	CASE("never back");
	CHECK_INT(keep("mem", later, &err), 0);
	CHECK_INT(keep("mem", state, &err), 0);
	CHECK_INT(recall("mem", &seq, &has, path, &err), 0);
	CHECK_INT(seq, later->seq);

	CASE("another history at the same place is evidence");
	tip = later->tip[5];
	later->tip[5] = tip == 'a' ? 'b' : 'a';
	CHECK_INT(keep("mem", later, &err), JIT_EVIDENCE);
	CHECK(strncmp(err.text, "forked: ", 8) == 0);
	later->tip[5] = tip;

	CASE("a crashed writer's temporary file is in nobody's way");
	CHECK_INT(run("cd mem && echo x >$(ls | sed -n "
		      "'s/[.]state$/.new/p') && rm *.state"),
		0);
	CHECK_INT(keep("mem", state, &err), 0);
	CHECK_INT(recall("mem", &seq, &has, path, &err), 0);
	CHECK_INT(seq, state->seq);
}

static void
test_refused(struct jit_state *state)
{
	struct jit_error err = {0};
	char path[256], other[512], want[512];
	bool has = false;
	int64_t seq = 0;

	CASE("what others may write is refused");
	CHECK_INT(chmod("mem", 0720), 0);
	CHECK_INT(recall("mem", &seq, &has, path, &err), JIT_TROUBLE);
	CHECK_STR(err.text, "'mem' can be written by others: chmod go-w");
	CHECK_INT(chmod("mem", 0700), 0);
	CHECK_INT(recall("mem", &seq, &has, path, &err), 0);
	CHECK_INT(chmod(path, 0602), 0);
	CHECK_INT(recall("mem", &seq, &has, other, &err), JIT_TROUBLE);
	CHECK_INT(chmod(path, 0600), 0);
	if (geteuid() == 0) {
		CHECK_INT(chown(path, 65534, 65534), 0);
		CHECK_INT(recall("mem", &seq, &has, other, &err), JIT_TROUBLE);
		snprintf(want, sizeof(want), "'%s' belongs to another user",
			path);
		CHECK_STR(err.text, want);
		CHECK_INT(chown(path, 0, 0), 0);
	}

	CASE("a symbolic link, a fifo, a folder");
	CHECK_INT(run("mv %s m && ln -s ../m %s", path, path), 0);
	CHECK_INT(recall("mem", &seq, &has, other, &err), JIT_TROUBLE);
	CHECK_INT(keep("mem", state, &err), JIT_TROUBLE);
	CHECK_INT(run("rm %s && mkfifo %s", path, path), 0);
	CHECK_INT(recall("mem", &seq, &has, other, &err), JIT_TROUBLE);
	CHECK_INT(run("rm %s && mkdir %s", path, path), 0);
	CHECK_INT(recall("mem", &seq, &has, other, &err), JIT_TROUBLE);
	CHECK_INT(run("rmdir %s && mv m %s", path, path), 0);
	CHECK_INT(recall("mem", &seq, &has, other, &err), 0);
	CHECK_INT(run("touch f"), 0);
	CHECK_INT(recall("f", &seq, &has, other, &err), JIT_TROUBLE);
	CHECK_STR(err.text, "'f' is no folder");
}

/* Every byte of the head counts, and all of the body. */
static void
test_damaged(void)
{
	struct jit_error err = {0};
	char path[256], other[256], want[512];
	size_t len = 0, i, missed = 0;
	char *good;
	bool has = false;
	int64_t seq = 0;

	CASE("damage is found, wherever it is");
	CHECK_INT(recall("mem", &seq, &has, path, &err), 0);
	good = slurp(path, &len);
	snprintf(want, sizeof(want),
		"'%s' is damaged: remove it to start "
		"again from genesis (what it remembered against rollback is "
		"lost)",
		path);
	for (i = 0; i < len; i += i < 180 ? 1 : 13) {
		good[i] ^= 0x10;
		spill(path, good, len);
		good[i] ^= 0x10;
		missed +=
			recall("mem", &seq, &has, other, &err) != JIT_TROUBLE ||
			strcmp(err.text, want) != 0;
	}
	CHECK_INT((long long)missed, 0);
	for (i = 0; i < len; i += 31) {
		spill(path, good, i);
		missed +=
			recall("mem", &seq, &has, other, &err) != JIT_TROUBLE ||
			strcmp(err.text, want) != 0;
	}
	good[len] = 'x';
	spill(path, good, len + 1);
	missed += recall("mem", &seq, &has, other, &err) != JIT_TROUBLE;
	CHECK_INT((long long)missed, 0);

	CASE("damage is not written over");
	spill(path, "", 0);
	{
		struct jit_state *s = replayed();

		CHECK_INT(keep("mem", s, &err), JIT_TROUBLE);
		jit_state_free(s);
	}
	spill(path, good, len);
	CHECK_INT(recall("mem", &seq, &has, other, &err), 0);
	free(good);
}

static void
test_format(struct jit_state *state)
{
	struct jit_error err = {0};
	char path[256], *file;
	size_t len = 0;
	bool has = false;
	int64_t seq = 0;

	CASE("another format: no state, but what it knew counts");
	CHECK_INT(recall("mem", &seq, &has, path, &err), 0);
	file = slurp(path, &len);
	file[11]++;
	jit_sha256((unsigned char *)file + 144, file, 144);
	spill(path, file, len);
	free(file);
	CHECK_INT(recall("mem", &seq, &has, path, &err), 0);
	CHECK(!has);
	CHECK_INT(seq, state->seq);

	CASE("and it is replaced at the same seq");
	CHECK_INT(keep("mem", state, &err), 0);
	CHECK_INT(recall("mem", &seq, &has, path, &err), 0);
	CHECK(has);
	CHECK_INT(seq, state->seq);
}

static void
test_race(struct jit_state *state, struct jit_state *later)
{
	struct jit_error err = {0};
	char path[256];
	bool has = false;
	int i, bad = 0, status = 0;
	int64_t seq = 0;
	pid_t pid[4];

	CASE("many at once, some killed: always whole, never back");
	fflush(stdout);
	CHECK_INT(keep("race", later, &err), 0);
	for (i = 0; i < 4; i++) {
		pid[i] = fork();
		while (pid[i] == 0)
			if (keep("race", i % 2 ? state : later, &err) != 0)
				_exit(1);
	}
	for (i = 0; i < 300; i++)
		if (recall("race", &seq, &has, path, &err) != 0 ||
			seq != later->seq || !has)
			bad++;
	CHECK_INT(bad, 0);
	for (i = 0; i < 4; i++) {
		CHECK_INT(waitpid(pid[i], &status, WNOHANG), 0);
		kill(pid[i], SIGKILL);
		waitpid(pid[i], &status, 0);
	}
	CHECK_INT(recall("race", &seq, &has, path, &err), 0);
	CHECK_INT(seq, later->seq);
}

int
main(void)
{
	struct jit_error err = {0};
	struct jit_state *state = NULL, *later = NULL;

	temp_start();
	if (jit_hash_start(&err) != 0)
		return 1;
	world_make();
	snprintf(store, sizeof(store), "%s/l.git", temp_dir);
	if (world_found(store, WORLD_NOW, &err) != 0 ||
		world_grow(store, NULL, 3, WORLD_NOW, &err) != 0)
		world_die("ledger", &err);
	state = replayed();
	if (world_grow(store, NULL, 3, WORLD_NOW + 9, &err) != 0)
		world_die("ledger", &err);
	later = replayed();
	test_keep(state, later);
	test_refused(state);
	test_format(state);
	test_race(state, later);
	CHECK_INT(keep("mem", later, &err), 0);
	test_damaged();
	jit_state_free(state);
	jit_state_free(later);
	world_end();
	return UNIT_DONE();
}
