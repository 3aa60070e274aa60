/* SPDX-License-Identifier: ISC */
#include <sys/mount.h>

#include <fcntl.h>

#include "draft.h"
#include "unit.h"
#include "world.h"

#define TO_DO ": ask others for their clone; see jit-ledger(5)"

/* Open and close: the status. */
static int
look(const char *path, const char *dir, int64_t now, struct jit_error *err)
{
	struct jit_ledger *l = NULL;
	int rc;

	memset(err, 0, sizeof(*err));
	rc = jit_ledger_open(&l, path, dir, now, err);
	jit_ledger_free(l);
	return rc;
}

/* Keep the git id of each event; 'arg' has room for them. */
static int
note_id(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	unsigned char(*ids)[JIT_OID] = arg;

	(void)c;
	(void)err;
	memcpy(ids[after->seq - 1], oid, JIT_OID);
	return 0;
}

/* A replay that is shown the way, and is believed no more than its way. */
static void
replay_from_known(struct jit_ledger *l)
{
	struct jit_state was = *jit_ledger_state(l), *state = NULL;
	unsigned char ids[16][JIT_OID] = {{0}}, again[16][JIT_OID] = {{0}};
	struct jit_stone stones[2] = {{3, {0}}, {5, {0}}};
	struct jit_known known = {&was, true};
	struct jit_error err = {0};
	struct jit_verdict v;

	CASE("replay by what is known");
	CHECK_INT(jit_ledger_replay(&v, NULL, jit_ledger_store(l), NULL,
			  note_id, ids, &err),
		0);
	memcpy(stones[0].oid, ids[2], JIT_OID);
	memcpy(stones[1].oid, ids[4], JIT_OID);
	was.stones = stones;
	was.stones_count = 2;
	for (; known.trusted; known.trusted = false) {
		CHECK_INT(jit_ledger_replay(&v, &state, jit_ledger_store(l),
				  &known, note_id, again, &err),
			0);
		CHECK_INT(v.events, 9);
		CHECK_STR(state->tip, was.tip);
		CHECK_MEM(again, ids, sizeof(ids));
		jit_state_free(state);
		state = NULL;
	}

	CASE("what is known is older than the tip, or of another history");
	memcpy(was.oid, ids[7], JIT_OID);
	CHECK_INT(jit_ledger_replay(&v, NULL, jit_ledger_store(l), &known, NULL,
			  NULL, &err),
		JIT_EVIDENCE); /* its SHA-256 is that of the tip */
	CHECK(strstr(err.text, "altered: event 8 has the sha256 ") != NULL);
	memset(was.oid, 7, JIT_OID);
	CHECK_INT(jit_ledger_replay(&v, NULL, jit_ledger_store(l), &known, NULL,
			  NULL, &err),
		0);
	CHECK_INT(v.events, 9);

	CASE("what is known leads astray");
	memcpy(was.oid, ids[8], JIT_OID);
	memcpy(stones[0].oid, ids[6], JIT_OID);
	CHECK_INT(jit_ledger_replay(&v, NULL, jit_ledger_store(l), &known, NULL,
			  NULL, &err),
		JIT_EVIDENCE);
	CHECK_STR(err.text, "altered: it is not the history that was verified");
}

static int
replay(struct jit_verdict *v, const char *path, struct jit_error *err)
{
	struct jit_store *s = NULL;
	int rc;

	memset(err, 0, sizeof(*err));
	memset(v, 0, sizeof(*v));
	rc = jit_store_open(&s, path, err);
	if (rc == 0)
		rc = jit_ledger_replay(v, NULL, s, NULL, NULL, NULL, err);
	jit_store_free(s);
	return rc;
}

static bool
begins(const char *text, const char *want)
{
	if (strncmp(text, want, strlen(want)) == 0)
		return true;
	printf("\t%s\n", text);
	return false;
}

/* A new ledger 'path' with 1 + n events, remembered in 'dir'. */
static void
make(const char *path, const char *dir, int n)
{
	struct jit_error err = {0};

	run("rm -rf %s", path);
	if (world_found(path, WORLD_NOW, &err) != 0 ||
		world_grow(path, dir, n, WORLD_NOW, &err) != 0)
		world_die(path, &err);
}

static int
refuse_draft(struct jit_event *ev, const struct jit_state *s, int64_t at,
	void *arg, struct jit_error *err)
{
	(void)ev;
	(void)s;
	(void)at;
	(void)arg;
	return jit_fail(err, JIT_USAGE, "no such thing");
}

static void
test_found(void)
{
	unsigned char nonce[32] = {1};
	struct jit_error err = {0};
	struct jit_verdict v;
	int i, won = 0, status = 0;
	pid_t pid[4];

	CASE("found: one event, good for git, in nobody's way");
	CHECK_INT(world_found("f.git/", WORLD_NOW, &err), 0);
	CHECK_INT(replay(&v, "f.git", &err), 0);
	CHECK_INT(v.seq, 1);
	CHECK_INT(run("git -C f.git fsck --strict"), 0);
	CHECK_INT(run("git clone -q f.git f && git -C f fsck --strict"), 0);
	CHECK_INT(run("ls -d f.git?* | grep ."), 1);

	CASE("found: what is there stays");
	CHECK_INT(world_found("f.git", WORLD_NOW, &err), JIT_TROUBLE);
	CHECK_STR(err.text, "'f.git' is there already");
	CHECK_INT(run("mkdir empty"), 0);
	CHECK_INT(world_found("empty", WORLD_NOW, &err), JIT_TROUBLE);
	CHECK_INT(world_found("no/such/f.git", WORLD_NOW, &err), JIT_TROUBLE);

	CASE("found: a failure leaves nothing behind");
	CHECK_INT(jit_ledger_found(NULL, "g.git", refuse_draft, NULL,
			  world_names[0], world_keys[0], nonce, WORLD_NOW,
			  &err),
		JIT_USAGE);
	CHECK_STR(err.text, "no such thing");
	CHECK_INT(run("ls -d g.git* | grep ."), 1);

	CASE("found: of many founders one wins");
	fflush(stdout);
	for (i = 0; i < 4; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			_exit(world_found("w.git", WORLD_NOW, &err) != 0);
	}
	for (i = 0; i < 4; i++) {
		waitpid(pid[i], &status, 0);
		won += status == 0;
	}
	CHECK_INT(won, 1);
	CHECK_INT(replay(&v, "w.git", &err), 0);
	CHECK_INT(run("ls -d w.git?* | grep ."), 1);
}

/* Counts in 'arg'; stops at the third when going back. */
static int
count(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	int *n = arg;

	(void)oid;
	(void)err;
	if (after != NULL && after->seq != c->event.seq)
		return 98;
	++*n;
	return after == NULL && *n == 3 ? 1 : 0;
}

static int
stop(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	(void)oid;
	(void)after;
	(void)arg;
	(void)err;
	return c->event.seq == 4 ? 42 : 0;
}

static void
test_append(void)
{
	static char reason[] = "looking at the orders", shorter[] = "short";
	struct jit_error err = {0};
	const struct jit_enrolment *who = NULL;
	struct jit_signer *stranger = world_key("stranger");
	struct jit_commit c = {0};
	struct jit_state *state = NULL;
	struct jit_ledger *l = NULL;
	struct jit_verdict v;
	int n = 0;

	CASE("append: made, in the state, in git");
	make("a.git", "m", 5);
	CHECK_INT(jit_ledger_open(&l, "a.git", "m", WORLD_NOW, &err), 0);
	CHECK_INT(jit_ledger_state(l)->seq, 6);
	CHECK_INT(jit_ledger_append(&c, l, world_draft, reason, JIT_REQUEST,
			  world_keys[1], WORLD_NOW + 9, &err),
		0);
	CHECK_INT(c.event.seq, 7);
	CHECK_STR(c.event.by, "bob@ex.com");
	CHECK_INT(c.event.at, WORLD_NOW + 9);
	CHECK(jit_state_grant(jit_ledger_state(l), c.event.id) != NULL);
	CHECK_INT(run("git -C a.git fsck --strict; git -C a.git log -1 "
		      "--format=%%s | grep '^request %s pg:orders read 10m by "
		      "bob@ex.com: INC-1$'",
			  c.event.id),
		0);
	jit_commit_free(&c);

	CASE("append: time never goes back");
	CHECK_INT(world_ask(l, 0, WORLD_NOW, &err), 0);
	CHECK_INT(jit_ledger_state(l)->at, WORLD_NOW + 9);

	CASE("append: a clock that is wrong");
	CHECK_INT(world_ask(l, 0, WORLD_NOW + 9 - 120, &err), 0);
	CHECK_INT(world_ask(l, 0, WORLD_NOW + 9 - 121, &err), JIT_TROUBLE);
	CHECK_STR(err.text,
		"this clock is 2m1s behind the ledger: check the "
		"clock");
	CHECK_INT(look("a.git", "m", WORLD_NOW + 9 - 240, &err), 0);
	CHECK_INT(look("a.git", "m", WORLD_NOW + 9 - 241, &err), JIT_TROUBLE);
	CHECK_STR(err.text,
		"this clock is 4m1s behind the ledger's tip: "
		"check the clock");

	CASE("append: who is not known, what is refused");
	CHECK_INT(jit_ledger_append(NULL, l, world_draft, reason, JIT_REQUEST,
			  stranger, WORLD_NOW + 9, &err),
		JIT_NO);
	CHECK(strstr(err.text, " is enrolled by nobody in this ledger") !=
		NULL);
	CHECK_INT(jit_ledger_whoami(&who, l, jit_signer_key(stranger), &err),
		JIT_NO);
	CHECK_INT(
		jit_ledger_whoami(&who, l, jit_signer_key(world_keys[2]), &err),
		0);
	CHECK_STR(who->principal, "carol@ex.com");
	CHECK_INT(jit_ledger_append(NULL, l, refuse_draft, NULL, JIT_REQUEST,
			  world_keys[0], WORLD_NOW + 9, &err),
		JIT_USAGE);
	CHECK_INT(jit_ledger_append(NULL, l, world_draft, shorter, JIT_REQUEST,
			  world_keys[0], WORLD_NOW + 9, &err),
		JIT_NO);
	CHECK_STR(err.rule, "request-reason");
	CHECK_INT(jit_ledger_ask(l, world_draft, shorter, JIT_REQUEST,
			  jit_signer_key(world_keys[0]), WORLD_NOW + 9, &err),
		JIT_NO);
	CHECK_INT(jit_ledger_ask(l, world_draft, reason, JIT_REQUEST,
			  jit_signer_key(world_keys[0]), WORLD_NOW + 9, &err),
		0);
	CHECK_INT(jit_ledger_state(l)->seq, 9);

	CASE("replay and back");
	CHECK_INT(jit_ledger_replay(&v, &state, jit_ledger_store(l), NULL,
			  count, &n, &err),
		0);
	CHECK_INT(n, 9);
	CHECK_INT(v.seq, 9);
	CHECK_STR(v.tip, jit_ledger_state(l)->tip);
	CHECK_STR(v.bad_oid, "");
	CHECK_STR(state->tip, v.tip);
	CHECK_MEM(state->oid, jit_ledger_state(l)->oid, JIT_OID);
	jit_state_free(state);
	CHECK_INT(jit_ledger_replay(&v, NULL, jit_ledger_store(l), NULL, stop,
			  NULL, &err),
		42);
	CHECK_INT(v.seq, 4);
	replay_from_known(l);
	n = 0;
	CHECK_INT(jit_ledger_back(l, count, &n, &err), 0);
	CHECK_INT(n, 3);
	n = -99;
	CHECK_INT(jit_ledger_back(l, count, &n, &err), 0);
	CHECK_INT(n, -90);
	jit_ledger_free(l);

	CASE("no ledger in it");
	CHECK_INT(run("git init -q --bare none.git"), 0);
	CHECK_INT(look("none.git", NULL, WORLD_NOW, &err), JIT_TROUBLE);
	CHECK(strstr(err.text,
		      "none.git' holds no ledger: it has no "
		      "refs/heads/ledger") != NULL);
	CHECK_INT(replay(&v, "none.git", &err), JIT_EVIDENCE);
	jit_signer_free(stranger);
}

static void
test_warm(void)
{
	struct jit_error err = {0};
	struct jit_ledger *l = NULL;

	CASE("memory: a known tip is believed without reading an object");
	make("c.git", "m", 4);
	CHECK_INT(run("cp -a c.git d.git; find c.git/objects -type f -delete"),
		0);
	CHECK_INT(look("c.git", "m", WORLD_NOW, &err), 0);
	CHECK_INT(look("c.git", NULL, WORLD_NOW, &err), JIT_EVIDENCE);
	CHECK(begins(err.text, "incomplete: commit "));

	CASE("memory: only what is new is read");
	CHECK_INT(run("rm -r c.git; cp -a d.git c.git"), 0);
	CHECK_INT(world_grow("c.git", NULL, 3, WORLD_NOW, &err), 0);
	CHECK_INT(run("cd c.git; for i in $(git rev-list HEAD~4); do "
		      "rm objects/$(echo $i | sed 's,..,&/,'); done"),
		0);
	CHECK_INT(jit_ledger_open(&l, "c.git", "m", WORLD_NOW, &err), 0);
	CHECK_INT(jit_ledger_state(l)->seq, 8);
	jit_ledger_free(l);

	CASE("memory: a folder that cannot be written lets one read");
	CHECK_INT(run("cp -a d.git r.git; echo >file"), 0);
	CHECK_INT(look("r.git", "/proc/nowhere", WORLD_NOW, &err), 0);
	CHECK_INT(world_grow("r.git", "/proc/nowhere", 1, WORLD_NOW, &err), 0);
	CHECK_INT(look("r.git", "file", WORLD_NOW, &err), JIT_TROUBLE);

	CASE("memory: damage is no reason to go on");
	CHECK_INT(look("r.git", "m2", WORLD_NOW, &err), 0);
	CHECK_INT(run("for f in m2/*.state; do echo >$f; done"), 0);
	CHECK_INT(look("r.git", "m2", WORLD_NOW, &err), JIT_TROUBLE);
	CHECK(strstr(err.text, ".state' is damaged: remove it") != NULL);
}

/* Make the memories in 'dir' look like those of another release. */
static void
age(const char *dir)
{
	char name[128], *file;
	size_t len;

	run("ls %s/*.state", dir);
	file = slurp("said", NULL);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(file, "\n"), file);
	free(file);
	file = slurp(name, &len);
	file[11] = 77;
	jit_sha256((unsigned char *)file + 144, file, 144);
	spill(name, file, len);
	free(file);
}

/* What is done to a ledger of 8 events after it was remembered at 6. */
struct bend {
	const char *how;
	int want;
	const char *says;
};

static const struct bend bends[] = {
	{"true", 0, ""},
	{"git -C b.git update-ref refs/heads/ledger HEAD~2", 0, ""},
	{"git -C b.git update-ref refs/heads/ledger HEAD~3", JIT_EVIDENCE,
		"rolled back: expected event 6 (sha256 "},
	{"git -C b.git update-ref refs/heads/ledger HEAD~7", JIT_EVIDENCE,
		"rolled back: expected event 6 (sha256 "},
	{"git -C b.git update-ref -d refs/heads/ledger", JIT_EVIDENCE,
		"rolled back: expected event 6 (sha256 "},
	{"rm -r b.git; cp -a other.git b.git", JIT_EVIDENCE,
		"swapped: expected the ledger "},
	{"rm -r b.git; cp -a fork.git b.git", JIT_EVIDENCE,
		"forked: expected a history with event 6 (sha256 "},
	{"rm -r b.git; cp -a fork.git b.git; "
	 "git -C b.git update-ref refs/heads/ledger HEAD~3",
		JIT_EVIDENCE,
		"forked: expected a history with event 6 (sha256 "},
	{"rm -r b.git; cp -a fork.git b.git; "
	 "git -C b.git update-ref refs/heads/ledger HEAD~5",
		JIT_EVIDENCE, "rolled back: expected event 6 (sha256 "},
};

static void
test_bent(void)
{
	struct jit_error err = {0};
	size_t i, old;

	make("good.git", NULL, 4);
	run("rm -rf fork.git; cp -a good.git fork.git");
	make("other.git", NULL, 9);
	if (world_grow("fork.git", NULL, 5, WORLD_NOW + 5, &err) != 0)
		world_die("fork", &err);
	for (old = 0; old < 2; old++)
		for (i = 0; i < COUNT(bends); i++) {
			CASE(old ? "bent, known from an older release's head"
				 : "bent");
			ROW(bends[i].how);
			run("rm -rf b.git mb; cp -a good.git b.git");
			CHECK_INT(world_grow("b.git", "mb", 1, WORLD_NOW + 5,
					  &err),
				0);
			CHECK_INT(world_grow("b.git", NULL, 2, WORLD_NOW + 6,
					  &err),
				0);
			if (old)
				age("mb");
			CHECK_INT(run("%s", bends[i].how), 0);
			CHECK_INT(look("b.git", "mb", WORLD_NOW, &err),
				bends[i].want);
			CHECK(begins(err.text, bends[i].says));
			if (bends[i].want != 0)
				CHECK(strstr(err.text, TO_DO) != NULL);
			/* and it stays said */
			CHECK_INT(look("b.git", "mb", WORLD_NOW, &err),
				bends[i].want);
			/* who never saw it cannot know */
			if (strstr(bends[i].how, "-d ") == NULL)
				CHECK_INT(look("b.git", NULL, WORLD_NOW, &err),
					0);
		}
}

/*
 * One program runs for long; another is shown a fork in between, and its
 * memory is the only trace of that.
 */
static void
test_shown(void)
{
	struct jit_error err = {0};
	struct jit_ledger *l = NULL;

	CASE("a fork that only another program was shown is not forgotten");
	make("long.git", "ml", 4);
	run("rm -rf side.git; cp -a long.git side.git");
	CHECK_INT(world_grow("side.git", NULL, 1, WORLD_NOW + 5, &err), 0);
	CHECK_INT(jit_ledger_open(&l, "long.git", "ml", WORLD_NOW + 5, &err),
		0);
	CHECK_INT(run("cp -a long.git good2.git; cp -a side.git/objects "
		      "long.git; cp side.git/refs/heads/ledger "
		      "long.git/refs/heads/ledger"),
		0);
	CHECK_INT(look("long.git", "ml", WORLD_NOW + 5, &err), 0);
	CHECK_INT(run("cp good2.git/refs/heads/ledger "
		      "long.git/refs/heads/ledger"),
		0);
	CHECK_INT(world_grow("long.git", NULL, 2, WORLD_NOW + 6, &err), 0);
	CHECK_INT(jit_ledger_update(l, WORLD_NOW + 9, &err), JIT_EVIDENCE);
	CHECK(begins(err.text, "forked: expected a history with event 6 "));
	CHECK_INT(look("long.git", "ml", WORLD_NOW + 9, &err), JIT_EVIDENCE);
	jit_ledger_free(l);

	CASE("and what it was shown of this history is met");
	l = NULL;
	make("long.git", "ml2", 4);
	CHECK_INT(jit_ledger_open(&l, "long.git", "ml2", WORLD_NOW + 5, &err),
		0);
	CHECK_INT(world_grow("long.git", "ml2", 2, WORLD_NOW + 5, &err), 0);
	CHECK_INT(world_grow("long.git", NULL, 2, WORLD_NOW + 9, &err), 0);
	CHECK_INT(jit_ledger_update(l, WORLD_NOW + 15, &err), 0);
	CHECK_INT(run("git -C long.git update-ref refs/heads/ledger HEAD~1"),
		0);
	CHECK_INT(look("long.git", "ml2", WORLD_NOW + 15, &err), JIT_EVIDENCE);
	CHECK(begins(err.text, "rolled back: expected event 9 "));
	jit_ledger_free(l);
}

/* What a forger may do to a good draft before it is signed. */
struct forgery {
	const char *name;
	void (*bend)(struct jit_event *ev);
	int signer; /* 3: the issuer's key; -1: a stranger's */
	const char *says;
};

static char text_a[JIT_HEX256];

static void
nothing(struct jit_event *ev)
{
	(void)ev;
}

static void
seq_jumps(struct jit_event *ev)
{
	ev->seq++;
}

static void
prev_wrong(struct jit_event *ev)
{
	ev->prev = text_a;
}

static void
ledger_wrong(struct jit_event *ev)
{
	ev->ledger = text_a;
}

static void
time_back(struct jit_event *ev)
{
	ev->at--;
}

static void
by_other(struct jit_event *ev)
{
	ev->by = "bob@ex.com";
}

static const struct forgery forgeries[] = {
	{"none", nothing, 0, ""},
	{"seq", seq_jumps, 0, "): rule chain-seq: "},
	{"prev", prev_wrong, 0, "): rule chain-prev: "},
	{"ledger", ledger_wrong, 0, "): rule chain-ledger: "},
	{"time", time_back, 0, "): rule chain-time: "},
	{"by", by_other, 0, "): rule key-owner: "},
	{"stranger", nothing, -1, "): rule key-enrolled: "},
};

/* Put a forged event on top, by other means than the ledger's. */
static void
forge(const char *path, const struct forgery *f)
{
	struct jit_signer *stranger = world_key("stranger");
	const struct jit_signer *who =
		f->signer < 0 ? stranger : world_keys[f->signer];
	static char reason[] = "looking at the orders";
	struct jit_error err = {0};
	struct jit_ledger *l = NULL;
	struct jit_event ev;
	struct jit_draft d = {0};
	char key[JIT_FINGERPRINT];
	unsigned char oid[20];

	if (jit_ledger_open(&l, path, NULL, WORLD_NOW, &err) != 0)
		world_die(path, &err);
	jit_draft_common(&ev, key, jit_ledger_state(l), JIT_REQUEST,
		jit_signer_key(who), WORLD_NOW + 20);
	ev.by = world_names[0];
	if (world_draft(&ev, jit_ledger_state(l), WORLD_NOW + 20, reason,
		    &err) != 0)
		world_die("draft", &err);
	f->bend(&ev);
	if (ev.at != WORLD_NOW + 20)
		ev.at = jit_ledger_state(l)->at - 1;
	if (jit_draft_sign(&d, &ev, jit_ledger_state(l)->oid, who, &err) != 0 ||
		jit_store_write(oid, jit_ledger_store(l), d.raw.data, d.raw.len,
			&err) != 0 ||
		jit_store_swap(jit_ledger_store(l), jit_ledger_state(l)->oid,
			oid, &err) != 0)
		world_die("forge", &err);
	jit_arena_free(&ev.mem);
	jit_draft_free(&d);
	jit_ledger_free(l);
	jit_signer_free(stranger);
}

static void
test_forged(void)
{
	struct jit_error err = {0};
	struct jit_verdict v;
	size_t i;

	memset(text_a, 'a', 64);
	make("good.git", "mf", 3);
	for (i = 0; i < COUNT(forgeries); i++) {
		CASE("forged");
		ROW(forgeries[i].name);
		run("rm -rf e.git; cp -a good.git e.git");
		forge("e.git", &forgeries[i]);
		CHECK_INT(run("git -C e.git fsck --strict"), 0);
		CHECK_INT(look("e.git", NULL, WORLD_NOW, &err),
			i == 0 ? 0 : JIT_EVIDENCE);
		if (!CHECK(strstr(err.text, forgeries[i].says) != NULL))
			printf("\t%s\n", err.text);
		CHECK_INT(replay(&v, "e.git", &err), i == 0 ? 0 : JIT_EVIDENCE);
		if (i == 0)
			continue;
		CHECK(begins(err.text, "event 5 (git "));
		CHECK_INT(v.seq, 4);
		CHECK_INT(v.bad_seq, 5);
		CHECK(strlen(v.bad_oid) == 40 && strlen(v.bad_sha256) == 64);
		CHECK(v.rule[0] != '\0');
		/* nobody builds on it */
		CHECK_INT(world_grow("e.git", NULL, 1, WORLD_NOW, &err),
			JIT_EVIDENCE);
	}
}

/* Stock git's ways to write what is no event. */
static const struct bend graffiti[] = {
	{"git commit-tree -p HEAD -m hi 4b825dc642cb6eb9a060e54bf8d69288fbee"
	 "4904",
		JIT_EVIDENCE, "event 5 (git "},
	{"git cat-file commit HEAD~1 | sed \"s/^parent.*/parent $(git "
	 "rev-parse HEAD)/\" | git hash-object -t commit -w --stdin",
		JIT_EVIDENCE, "event 5 (git "},
	{"git cat-file commit HEAD | sed 's/INC-1/INC-2/' | "
	 "git hash-object -t commit -w --stdin",
		JIT_EVIDENCE, "event 4 (git "},
	{"git cat-file commit HEAD | sed '/^parent/d' | "
	 "git hash-object -t commit -w --stdin",
		JIT_EVIDENCE, "event 1 (git "},
	{"{ git cat-file commit HEAD; echo; } | "
	 "git hash-object -t commit -w --stdin",
		JIT_EVIDENCE, "event 4 (git "},
	{"git commit-tree -p HEAD -p HEAD~1 -m hi 4b825dc642cb6eb9a060e54bf8"
	 "d69288fbee4904",
		JIT_EVIDENCE, ""},
	{"echo x | git hash-object -w --stdin", JIT_EVIDENCE, ""},
	{"echo 4b825dc642cb6eb9a060e54bf8d69288fbee4904", JIT_EVIDENCE, ""},
	{"head -c 5000000 /dev/zero | tr '\\0' x >big; { git cat-file commit "
	 "HEAD; cat big; } | git hash-object -t commit -w --stdin",
		JIT_EVIDENCE, ""},
};

static void
test_graffiti(void)
{
	struct jit_error err = {0};
	struct jit_verdict v;
	size_t i;

	setenv("GIT_AUTHOR_NAME", "a", 1);
	setenv("GIT_AUTHOR_EMAIL", "a@ex.com", 1);
	setenv("GIT_COMMITTER_NAME", "a", 1);
	setenv("GIT_COMMITTER_EMAIL", "a@ex.com", 1);
	for (i = 0; i < COUNT(graffiti); i++) {
		CASE("not an event");
		ROW(graffiti[i].how);
		run("rm -rf e.git; cp -a good.git e.git");
		CHECK_INT(run("cd e.git && id=$(%s) && echo $id "
			      ">refs/heads/ledger",
				  graffiti[i].how),
			0);
		CHECK_INT(look("e.git", NULL, WORLD_NOW, &err), JIT_EVIDENCE);
		CHECK(begins(err.text, graffiti[i].says));
		CHECK_INT(replay(&v, "e.git", &err), JIT_EVIDENCE);
		CHECK(strchr(err.text, '\n') == NULL && v.bad_oid[0] != '\0');
	}
	CASE("any object lost or damaged is found");
	run("git -C good.git rev-list HEAD >ids");
	for (i = 1; i <= 4; i++) {
		run("rm -rf e.git; cp -a good.git e.git; cd e.git; "
		    "rm objects/$(sed -n '%zus,..,&/,p' ../ids)",
			i);
		CHECK_INT(replay(&v, "e.git", &err), JIT_EVIDENCE);
		CHECK(begins(err.text, "incomplete: commit "));
		run("rm -rf e.git; cp -a good.git e.git; cd e.git; "
		    "f=objects/$(sed -n '%zus,..,&/,p' ../ids); chmod u+w $f; "
		    "printf zz | dd of=$f bs=1 seek=60 conv=notrunc",
			i);
		CHECK_INT(replay(&v, "e.git", &err), JIT_EVIDENCE);
		CHECK(begins(err.text, "corrupt: commit "));
	}
}

static void
test_ignored(void)
{
	struct jit_error err = {0};
	struct jit_verdict v;

	CASE("replace refs, grafts and packs change nothing");
	run("rm -rf e.git; cp -a good.git e.git");
	CHECK_INT(run("cd e.git && git replace HEAD HEAD~2 && "
		      "git rev-parse HEAD >info/grafts"),
		0);
	CHECK_INT(replay(&v, "e.git", &err), 0);
	CHECK_INT(v.seq, 4);
	CHECK_INT(run("cd e.git && rm info/grafts && git gc -q && "
		      "git commit-graph write --reachable"),
		0);
	CHECK_INT(replay(&v, "e.git", &err), 0);
	CHECK_INT(v.seq, 4);
	CHECK_INT(world_grow("e.git", NULL, 2, WORLD_NOW, &err), 0);
	CHECK_INT(replay(&v, "e.git", &err), 0);
	CHECK_INT(v.seq, 6);
	CASE("a clone is a ledger too");
	CHECK_INT(run("rm -rf cl; git clone -q good.git cl"), 0);
	CHECK_INT(world_grow("cl", NULL, 2, WORLD_NOW, &err), 0);
	CHECK_INT(run("git -C cl push -q origin ledger"), 0);
	CHECK_INT(replay(&v, "good.git", &err), 0);
	CHECK_INT(v.seq, 6);
}

/* Append 'n' (0: for ever) with one key, the tip's id to 'out' for each. */
static void
writer(const char *path, const char *dir, const struct jit_signer *who, int n,
	int out)
{
	static char reason[] = "looking at the orders";
	struct jit_error err = {0};
	struct jit_ledger *l = NULL;
	char line[66];
	int i, rc;

	rc = jit_ledger_open(&l, path, dir, WORLD_NOW, &err);
	for (i = 0; rc == 0 && (n == 0 || i < n); i++) {
		rc = jit_ledger_append(NULL, l, world_draft, reason,
			JIT_REQUEST, who, WORLD_NOW, &err);
		snprintf(line, sizeof(line), "%s\n", jit_ledger_state(l)->tip);
		if (rc == 0 && write(out, line, 65) != 65)
			rc = -1;
	}
	if (rc != 0)
		printf("writer: %s\n", err.text);
	jit_ledger_free(l);
	fflush(stdout);
	_exit(rc != 0);
}

static int
note_tip(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	(void)c;
	(void)oid;
	(void)err;
	fprintf(arg, "%s\n", after->tip);
	return 0;
}

/* Whether all that was acknowledged is in the chain, once. */
static bool
all_there(const char *path, int64_t *seq)
{
	struct jit_error err = {0};
	struct jit_store *s = NULL;
	struct jit_verdict v = {0};
	FILE *f = fopen("have", "w");
	int rc;

	rc = jit_store_open(&s, path, &err);
	if (rc == 0)
		rc = jit_ledger_replay(&v, NULL, s, NULL, note_tip, f, &err);
	fclose(f);
	jit_store_free(s);
	if (rc != 0)
		printf("\t%s\n", err.text);
	*seq = v.seq;
	return rc == 0 &&
		run("sort have >h; sort acks >k; uniq -d k | grep . "
		    "|| comm -13 h k | grep .") == 1 &&
		run("git -C %s fsck --strict", path) == 0;
}

static void
test_race(void)
{
	int i, out, status = 0;
	pid_t pid[4];
	int64_t seq = 0;

	CASE("many writers: each event once, none lost");
	make("x.git", NULL, 0);
	out = open("acks", O_WRONLY | O_CREAT | O_APPEND | O_TRUNC, 0600);
	fflush(stdout);
	for (i = 0; i < 4; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			writer("x.git", "mx", world_keys[i % 3], 25, out);
	}
	CHECK_INT(
		run("for i in 1 2 3 4; do git -C x.git repack -adq && "
		    "git -C x.git prune-packed && git -C x.git pack-refs --all "
		    "|| exit; done"),
		0);
	for (i = 0; i < 4; i++) {
		waitpid(pid[i], &status, 0);
		CHECK_INT(status, 0);
	}
	CHECK(all_there("x.git", &seq));
	CHECK_INT(seq, 101);

	CASE("kill -9 at any moment: nothing acknowledged is lost");
	pid[0] = fork();
	if (pid[0] == 0)
		writer("x.git", "mx", world_keys[0], 0, out);
	for (i = 0; i < 40; i++) {
		pid[1] = fork();
		if (pid[1] == 0)
			writer("x.git", "mx", world_keys[1], 0, out);
		usleep((useconds_t)(10000 + i * 797));
		kill(pid[1], SIGKILL);
		waitpid(pid[1], NULL, 0);
	}
	CHECK_INT(waitpid(pid[0], &status, WNOHANG), 0);
	kill(pid[0], SIGKILL);
	waitpid(pid[0], NULL, 0);
	CHECK(all_there("x.git", &seq));
	close(out);
}

static void
test_strangers(void)
{
	struct jit_error err = {0};
	int out, status = 0;
	int64_t seq = 0;
	pid_t a, b, c;

	CASE("a writer that knows no jit.lock is only another loser");
	make("y.git", NULL, 0);
	out = open("acks", O_WRONLY | O_CREAT | O_APPEND | O_TRUNC, 0600);
	fflush(stdout);
	/* a lock that is removed all the time keeps nobody apart */
	a = fork();
	if (a == 0)
		writer("y.git", NULL, world_keys[0], 30, out);
	b = fork();
	if (b == 0) {
		while (run("rm -f y.git/jit.lock") == 0)
			usleep(2000);
		_exit(0);
	}
	c = fork();
	if (c == 0)
		writer("y.git", NULL, world_keys[1], 30, out);
	waitpid(c, &status, 0);
	CHECK_INT(status, 0);
	waitpid(a, &status, 0);
	CHECK_INT(status, 0);
	kill(b, SIGKILL);
	waitpid(b, NULL, 0);
	CHECK(all_there("y.git", &seq));
	CHECK_INT(seq, 61);
	close(out);
	CASE("a ref lock that stays is trouble, and named");
	spill("y.git/refs/heads/ledger.lock", "", 0);
	CHECK_INT(world_grow("y.git", NULL, 1, WORLD_NOW, &err), JIT_TROUBLE);
	CHECK(strstr(err.text,
		      "/y.git/refs/heads/ledger.lock' is held by "
		      "another program") != NULL);
	CHECK_INT(look("y.git", NULL, WORLD_NOW, &err), 0);
	CHECK_INT(unlink("y.git/refs/heads/ledger.lock"), 0);
}

/* Signers that ask an agent sign before the lock and may lose. */
static void
test_slow(void)
{
	static const char *const agent[] = {"ssh-agent", "-D", "-a", "agent",
		NULL};
	struct jit_error err = {0};
	struct jit_signer *slow = NULL;
	int i, out, status = 0;
	int64_t seq = 0;
	pid_t pid[3];

	CASE("slow and fast signers");
	make("s.git", NULL, 0);
	start("agent", agent);
	CHECK_INT(run("SSH_AUTH_SOCK=agent ssh-add -q key2"), 0);
	CHECK_INT(jit_signer_open(&slow, "key2.pub", "agent", geteuid(), &err),
		0);
	CHECK(jit_signer_slow(slow));
	out = open("acks", O_WRONLY | O_CREAT | O_APPEND | O_TRUNC, 0600);
	fflush(stdout);
	for (i = 0; i < 3; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			writer("s.git", "ms", i == 0 ? slow : world_keys[i - 1],
				20, out);
	}
	for (i = 0; i < 3; i++) {
		waitpid(pid[i], &status, 0);
		CHECK_INT(status, 0);
	}
	CHECK(all_there("s.git", &seq));
	CHECK_INT(seq, 61);
	close(out);
	jit_signer_free(slow);
}

static void
test_full(void)
{
	struct jit_error err = {0};
	struct jit_ledger *l = NULL;
	struct jit_verdict v;
	int rc = 0, n = 0;

	if (geteuid() != 0 || mkdir("small", 0700) != 0 ||
		mount("none", "small", "tmpfs", 0, "size=400k") != 0) {
		printf("ledger: a full disk: needs root\n");
		return;
	}
	CASE("a full disk loses nothing, and the next event goes in");
	if (CHECK_INT(world_found("small/l.git", WORLD_NOW, &err), 0) &&
		CHECK_INT(jit_ledger_open(&l, "small/l.git", NULL, WORLD_NOW,
				  &err),
			0))
		while ((rc = world_ask(l, 0, WORLD_NOW, &err)) == 0)
			n++;
	CHECK_INT(rc, JIT_TROUBLE);
	CHECK(strstr(err.text, "No space left on device") != NULL);
	CHECK_INT(replay(&v, "small/l.git", &err), 0);
	CHECK_INT(v.seq, n + 1);
	CHECK_INT(run("find small -name '*.lock' ! -name jit.lock | grep ."),
		1);
	CHECK_INT(run("rm small/l.git/hooks/* small/l.git/description; "
		      "mount -o remount,size=2m small"),
		0);
	CHECK_INT(world_ask(l, 0, WORLD_NOW, &err), 0);
	CHECK_INT(run("git -C small/l.git fsck --strict"), 0);
	jit_ledger_free(l);
	CHECK_INT(umount("small"), 0);
}

/* The ref of a repository; NULL: it has none. */
static const unsigned char *
ref_of(unsigned char oid[JIT_OID], const char *path)
{
	struct jit_error err = {0};
	struct jit_store *s = NULL;
	int rc;

	rc = jit_store_open(&s, path, &err);
	if (rc == 0)
		rc = jit_store_tip(oid, s, &err);
	if (rc < 0)
		world_die(path, &err);
	jit_store_free(s);
	return rc > 0 ? oid : NULL;
}

/* "from" is pushed to "to.git", where its objects wait: the answer. */
static int
receive(const char *from, int64_t now, struct jit_error *err)
{
	unsigned char old[JIT_OID], new[JIT_OID];
	struct jit_push push = {.inbox = "to.git/objects/in"};

	memset(err, 0, sizeof(*err));
	run("rm -rf to.git/objects/in; cp -a %s/objects to.git/objects/in",
		from);
	push.old = ref_of(old, "to.git");
	push.new = ref_of(new, from);
	return jit_ledger_receive(NULL, "to.git", "mr", &push, now, err);
}

static void
test_receive(void)
{
	unsigned char old[JIT_OID], new[JIT_OID];
	struct jit_error err = {0};
	struct jit_push push = {0};
	int64_t seq = 0;
	size_t i;

	make("from.git", NULL, 3);
	make("other.git", NULL, 1);
	run("rm -rf mr to.git; git init -q --bare to.git");

	CASE("receive: a new ledger, if it is the one that is expected");
	CHECK_INT(receive("from.git", WORLD_NOW, &err), JIT_NO);
	CHECK(strstr(err.text, "no ledger is here and none is expected: ") !=
		NULL);
	run("git -C to.git config jit.genesis $(git -C other.git cat-file "
	    "commit ledger~1 | sha256sum | cut -c 1-64)");
	CHECK_INT(receive("from.git", WORLD_NOW, &err), JIT_EVIDENCE);
	CHECK(begins(err.text, "swapped: expected the ledger "));
	run("git -C to.git config jit.genesis $(git -C from.git cat-file "
	    "commit ledger~3 | sha256sum | cut -c 1-64)");
	CHECK_INT(receive("from.git", WORLD_NOW, &err), 0);
	CHECK_INT(access("mr", F_OK), -1);

	CASE("receive: what goes on after the tip, seen where it is");
	run("rm -rf to.git/objects/in; git -C from.git push -q ../to.git "
	    "ledger~2:refs/heads/ledger");
	push.inbox = NULL;
	push.old = ref_of(old, "to.git");
	push.new = ref_of(new, "from.git");
	CHECK_INT(jit_ledger_receive(&seq, "to.git", "mr", &push, WORLD_NOW,
			  &err),
		JIT_EVIDENCE);
	CHECK(strstr(err.text, "incomplete: commit ") != NULL);
	CHECK_INT(receive("from.git", WORLD_NOW, &err), 0);
	push.inbox = "to.git/objects/in";
	CHECK_INT(jit_ledger_receive(&seq, "to.git", "mr", &push, WORLD_NOW,
			  &err),
		0);
	CHECK_INT(seq, 4);
	push.old = NULL;
	CHECK_INT(jit_ledger_receive(&seq, "to.git", "mr", &push, WORLD_NOW,
			  &err),
		JIT_BUSY);
	push.old = new;
	CHECK_INT(jit_ledger_receive(&seq, "to.git", "mr", &push, WORLD_NOW,
			  &err),
		JIT_BUSY);
	CHECK_INT(receive("other.git", WORLD_NOW, &err), JIT_NO);
	CHECK(begins(err.text, "not a fast-forward: "));

	CASE("receive: five seconds ahead, no more");
	CHECK_INT(receive("from.git", WORLD_NOW - 3, &err), 0);
	CHECK_INT(receive("from.git", WORLD_NOW - 4, &err), JIT_NO);
	CHECK_STR(err.text,
		"event 4 is dated 6s ahead of this server's clock: check both "
		"clocks");

	for (i = 0; i < COUNT(forgeries); i++) {
		CASE("receive: what verify refuses");
		ROW(forgeries[i].name);
		run("rm -rf f.git; cp -a from.git f.git");
		forge("f.git", &forgeries[i]);
		CHECK_INT(receive("f.git", WORLD_NOW + 20, &err),
			forgeries[i].says[0] ? JIT_EVIDENCE : 0);
		CHECK(strstr(err.text, forgeries[i].says) != NULL);
	}

	CASE("receive: nothing beside it");
	CHECK_INT(run("rm -rf s.git; cp -a from.git s.git; "
		      "echo x | git -C s.git hash-object -w --stdin"),
		0);
	CHECK_INT(receive("s.git", WORLD_NOW, &err), JIT_NO);
	CHECK_STR(err.text,
		"object 587be6b4c3f93f93c489c0111bba5596147a26cb is no event "
		"of what is pushed: a ledger holds nothing else");

	CASE("receive: what is remembered is met");
	CHECK_INT(look("to.git", "mr", WORLD_NOW, &err), 0);
	CHECK_INT(receive("from.git", WORLD_NOW, &err), 0);
	run("git -C to.git update-ref -d refs/heads/ledger");
	CHECK_INT(receive("from.git", WORLD_NOW, &err), JIT_EVIDENCE);
	CHECK(begins(err.text, "rolled back: expected event 2 "));
}

int
main(void)
{
	struct jit_error err = {0};

	temp_start();
	if (jit_hash_start(&err) != 0)
		return 1;
	world_make();
	test_found();
	test_append();
	test_warm();
	test_bent();
	test_shown();
	test_forged();
	test_graffiti();
	test_ignored();
	test_race();
	test_strangers();
	test_slow();
	test_full();
	test_receive();
	world_end();
	return UNIT_DONE();
}
