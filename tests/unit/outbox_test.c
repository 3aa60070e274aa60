/* SPDX-License-Identifier: ISC */
#include "court.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outbox.h"
#include "unit.h"

#define SHA                                                                    \
	"0123456789abcdef0123456789abcdef"                                     \
	"0123456789abcdef0123456789abcdef"

static struct jit_sealed
made(const char *change)
{
	struct jit_sealed s = {0};
	struct jit_event ev;

	court_draft(&ev, JIT_END, ALICE, change);
	ev.seen = SHA;
	ev.id = "01M80R51J8041061050R3GG28A";
	CHECK_INT(jit_sealed_make(&s, &ev, court_signer(ALICE), NULL), 0);
	jit_event_free(&ev);
	return s;
}

static size_t
count(const char *dir)
{
	struct jit_outbox o = {0};
	size_t n;

	CHECK_INT(jit_outbox_list(&o, dir, NULL), 0);
	n = o.count;
	jit_outbox_free(&o);
	return n;
}

static mode_t
mode_of(const char *path)
{
	struct stat st = {0};

	(void)!stat(path, &st);
	return st.st_mode & 0777;
}

static void
test_put(void)
{
	struct jit_sealed a = made(NULL), b = made("cause=revoke"), x = {0};
	struct jit_buf first = {0}, again = {0}, second = {0}, aside = {0};
	struct jit_outbox o = {0};
	struct jit_error err = {0};

	CASE("no folder is an empty one");
	CHECK_INT((long long)count("box/here"), 0);

	CASE("what is put is listed in its order, and is there once");
	CHECK_INT(jit_outbox_put(&first, "box/here", false, &a, &err), 0);
	CHECK_INT(jit_outbox_put(&second, "box/here", false, &b, &err), 0);
	CHECK_INT(jit_outbox_put(&again, "box/here", false, &a, &err), 0);
	CHECK_STR(jit_buf_text(&again), jit_buf_text(&first));
	CHECK_INT(jit_outbox_list(&o, "box/here", &err), 0);
	if (CHECK_INT((long long)o.count, 2)) {
		CHECK_STR(o.paths[0], jit_buf_text(&first));
		CHECK_STR(o.paths[1], jit_buf_text(&second));
	}
	jit_outbox_free(&o);
	CHECK_INT(mode_of("box/here"), 0700);
	CHECK_INT(mode_of(jit_buf_text(&first)), 0600);

	CASE("it is read as it was put");
	CHECK_INT(jit_outbox_read(&x, jit_buf_text(&second), &err), 0);
	CHECK_MEM(x.sha256, b.sha256, JIT_SHA256);
	jit_sealed_free(&x);

	CASE("what others may write is not read, nor what is no file");
	chmod(jit_buf_text(&second), 0620);
	CHECK_INT(jit_outbox_read(&x, jit_buf_text(&second), &err),
		JIT_TROUBLE);
	CHECK_INT(jit_outbox_read(&x, "box/here", &err), JIT_TROUBLE);
	CHECK_INT(symlink("000001", "box/here/000003-end-0123456789abcdef"), 0);
	CHECK_INT(jit_outbox_read(&x, "box/here/000003-end-0123456789abcdef",
			  &err),
		JIT_TROUBLE);
	CHECK_INT(unlink("box/here/000003-end-0123456789abcdef"), 0);
	chmod(jit_buf_text(&second), 0600);

	CASE("another whose name begins alike is not taken for it");
	jit_buf_reset(&again);
	jit_buf_fmt(&again, "box/here/000002-end-%s",
		strrchr(jit_buf_text(&first), '-') + 1);
	CHECK_INT(rename(jit_buf_text(&second), jit_buf_text(&again)), 0);
	CHECK_INT(jit_outbox_drop(jit_buf_text(&first), &err), 0);
	jit_buf_reset(&first);
	CHECK_INT(jit_outbox_put(&first, "box/here", false, &a, &err), 0);
	CHECK_INT((long long)count("box/here"), 2);
	CHECK_INT(jit_outbox_read(&x, jit_buf_text(&first), &err), 0);
	CHECK_MEM(x.sha256, a.sha256, JIT_SHA256);
	jit_sealed_free(&x);
	CHECK_INT(rename(jit_buf_text(&again), jit_buf_text(&second)), 0);

	CASE("aside, and gone; gone twice is no trouble");
	CHECK_INT(jit_outbox_refuse(&aside, jit_buf_text(&second), &err), 0);
	CHECK(strstr(jit_buf_text(&aside), "box/here/refused/000002-end-") !=
		NULL);
	CHECK_INT(access(jit_buf_text(&aside), F_OK), 0);
	CHECK_INT(jit_outbox_drop(jit_buf_text(&first), &err), 0);
	CHECK_INT(jit_outbox_drop(jit_buf_text(&first), &err), 0);
	CHECK_INT((long long)count("box/here"), 0);

	CASE("a shared one may be read by others");
	jit_buf_reset(&first);
	CHECK_INT(jit_outbox_put(&first, "shared", true, &a, &err), 0);
	CHECK_INT(mode_of("shared"), 0755);
	CHECK_INT(mode_of(jit_buf_text(&first)), 0644);

	jit_sealed_free(&a);
	jit_sealed_free(&b);
	jit_buf_free(&first);
	jit_buf_free(&again);
	jit_buf_free(&second);
	jit_buf_free(&aside);
}

int
main(void)
{
	court_open();
	court_reset();
	CHECK(court_accepts(JIT_GENESIS, ROOT, NULL));
	test_put();
	court_close();
	return UNIT_DONE();
}
