/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <time.h>

#include "child.h"
#include "temp.h"
#include "unit.h"

static const char *const env[] = {"PATH=/usr/bin:/bin", "ONLY=this", NULL};

static int
sh(struct jit_buf *out, int *status, const char *script, const char *in,
	struct jit_error *err)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};
	const struct jit_child c = {.argv = argv,
		.env = env,
		.in = in,
		.in_len = strlen(in),
		.max = 100000,
		.seconds = 2};

	return jit_child_run(out, status, &c, err);
}

static void
plain(void)
{
	struct jit_buf out = {0};
	struct jit_error err = {0};
	int status = -1;

	CASE("what goes in comes out, and its status");
	CHECK(sh(&out, &status, "cat; exit 7", "hello", &err) == 0);
	CHECK_STR(jit_buf_text(&out), "hello");
	CHECK_INT(status, 7);
	jit_buf_free(&out);
	CASE("its environment is what it is given");
	CHECK(sh(&out, &status,
		      "env | grep -v ^PWD= | grep -v ^_= | "
		      "grep -v ^SHLVL= | sort",
		      "", &err) == 0);
	CHECK_STR(jit_buf_text(&out), "ONLY=this\nPATH=/usr/bin:/bin\n");
	jit_buf_free(&out);
	CASE("one that reads nothing does not hold us");
	CHECK(sh(&out, &status, "exit 0", "x", &err) == 0);
	CHECK_INT(status, 0);
	jit_buf_free(&out);
	CASE("a signal is no status 0");
	CHECK(sh(&out, &status, "kill -9 $$", "", &err) == 0);
	CHECK_INT(status, 128 + SIGKILL);
	jit_buf_free(&out);
}

static void
faults(void)
{
	const char *const argv[] = {"/nowhere/at/all", NULL};
	const struct jit_child none = {.argv = argv, .env = env, .seconds = 2};
	struct jit_buf out = {0};
	struct jit_error err = {0};
	int status = -1;
	time_t start;

	CASE("a program that is not there");
	CHECK(jit_child_run(&out, &status, &none, &err) == JIT_TROUBLE);
	CHECK_STR(err.text,
		"cannot run '/nowhere/at/all': No such file or directory");
	CASE("one that hangs is dead in time, and its children too");
	start = time(NULL);
	CHECK(sh(&out, &status, "sleep 61 & echo $! >kid; sleep 60", "",
		      &err) == JIT_TROUBLE);
	CHECK(time(NULL) - start < 10);
	CHECK(strstr(err.text, "took longer than 2 seconds") != NULL);
	CHECK(run("sleep 0.1; grep -q 'State:.[RSDT]' "
		  "/proc/$(cat kid)/status") != 0);
	CASE("one that closes its output and hangs is dead in time");
	CHECK(sh(&out, &status, "exec >&-; sleep 60", "", &err) == JIT_TROUBLE);
	CASE("one that never stops talking is stopped");
	CHECK(sh(&out, &status, "yes", "", &err) == JIT_TROUBLE);
	CHECK(strstr(err.text, "more than 100000 bytes") != NULL);
	CHECK_INT(status, -1);
	jit_buf_free(&out);
}

static void
errors(void)
{
	const char *argv[] = {"/bin/sh", "-c", NULL, NULL};
	struct jit_buf out = {0}, heard = {0};
	struct jit_child c = {.argv = argv,
		.env = env,
		.max = 100000,
		.seconds = 5,
		.said = &heard,
		.said_max = 1000};
	struct jit_error err = {0};
	int status = -1;

	CASE("what it says to people is kept apart");
	argv[2] = "echo out; echo err >&2; exit 3";
	CHECK(jit_child_run(&out, &status, &c, &err) == 0);
	CHECK_INT(status, 3);
	CHECK_STR(jit_buf_text(&out), "out\n");
	CHECK_STR(jit_buf_text(&heard), "err\n");
	jit_buf_free(&out);
	jit_buf_free(&heard);
	CASE("even when it is the last thing that it does");
	argv[2] = "exec >&-; sleep 0.1; echo last >&2";
	CHECK(jit_child_run(&out, &status, &c, &err) == 0);
	CHECK_STR(jit_buf_text(&heard), "last\n");
	jit_buf_free(&heard);
	CASE("of too much the beginning is kept");
	argv[2] = "yes | head -c 3000000 >&2; echo done";
	CHECK(jit_child_run(&out, &status, &c, &err) == 0);
	CHECK_STR(jit_buf_text(&out), "done\n");
	CHECK_INT((long long)heard.len, 1000);
	jit_buf_free(&out);
	jit_buf_free(&heard);
	CASE("what it leaves behind does not hold us");
	argv[2] = "sleep 60 >&- & echo late >&2";
	CHECK(jit_child_run(&out, &status, &c, &err) == 0);
	CHECK_STR(jit_buf_text(&heard), "late\n");
	jit_buf_free(&heard);
	CASE("a program that is not there says nothing");
	argv[0] = "/nowhere/at/all";
	CHECK(jit_child_run(&out, &status, &c, &err) == JIT_TROUBLE);
	CHECK_INT((long long)heard.len, 0);
	jit_buf_free(&out);
	jit_buf_free(&heard);
}

/* A program that runs another and is killed takes it along. */
static void
orphans(void)
{
	struct jit_buf out = {0};
	int status = 0;
	pid_t pid;

	CASE("it dies with who waits for it");
	pid = fork();
	if (pid == 0) {
		status = sh(&out, &status, "echo $$ >orphan; exec sleep 63", "",
			NULL);
		_exit(status ? 1 : 0);
	}
	CHECK(run("for i in 1 2 3 4 5 6 7 8 9; do [ -s orphan ] && exit; "
		  "sleep 0.1; done; exit 1") == 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CHECK(run("sleep 0.1; grep -q 'State:.[RSDT]' "
		  "/proc/$(cat orphan)/status") != 0);
}

static void
alone(void)
{
	const char *const argv[] = {"/bin/sh", "-c",
		"[ \"$(ps -o sid= -p $$ | tr -d ' ')\" = $$ ] && "
		"! true 2>/dev/null </dev/tty",
		NULL};
	struct jit_child c = {.argv = argv,
		.env = env,
		.max = 1000,
		.seconds = 5,
		.alone = true};
	struct jit_buf out = {0};
	struct jit_error err = {0};
	int status = -1;

	CASE("alone, it leads a session that has no terminal");
	CHECK(jit_child_run(&out, &status, &c, &err) == 0);
	CHECK_INT(status, 0);
	CASE("else it is in ours");
	c.alone = false;
	CHECK(jit_child_run(&out, &status, &c, &err) == 0);
	CHECK_INT(status, 1);
	jit_buf_free(&out);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	temp_start();
	plain();
	faults();
	errors();
	orphans();
	alone();
	return UNIT_DONE();
}
