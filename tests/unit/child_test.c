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

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	temp_start();
	plain();
	faults();
	return UNIT_DONE();
}
