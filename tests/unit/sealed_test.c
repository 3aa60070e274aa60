/* SPDX-License-Identifier: ISC */
#include "court.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define SHA                                                                    \
	"0123456789abcdef0123456789abcdef"                                     \
	"0123456789abcdef0123456789abcdef"
#define OTHER_SHA                                                              \
	"0123456789abcdef0123456789abcdef"                                     \
	"0123456789abcdef0123456789abcdee"

static void
draft(struct jit_event *ev, enum jit_event_type type, enum court_who who)
{
	court_draft(ev, type, who, NULL);
	ev->seen = SHA;
	ev->id = "01M80R51J8041061050R3GG28A";
}

static struct jit_sealed
made(enum jit_event_type type, enum court_who who)
{
	struct jit_sealed s = {0};
	struct jit_error err = {0};
	struct jit_event ev;

	draft(&ev, type, who);
	CHECK_INT(jit_sealed_make(&s, &ev, court_signer(who), &err), 0);
	CHECK_STR(err.text, "");
	jit_event_free(&ev);
	return s;
}

/* Of 'size' words in its one action, 100 bytes each. */
static int
make_large(struct jit_sealed *s, size_t size, struct jit_error *err)
{
	const char *words[700];
	char word[98];
	struct jit_texts action = {size, words};
	struct jit_event ev;
	size_t i;
	int rc;

	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	for (i = 0; i < size; i++)
		words[i] = word;
	draft(&ev, JIT_REQUEST, ALICE);
	ev.actions = (struct jit_lists){1, &action};
	rc = jit_sealed_make(s, &ev, court_signer(ALICE), err);
	jit_event_free(&ev);
	return rc;
}

/* A late event has what is sealed, and what every event has. */
static void
test_large(void)
{
	struct jit_error err = {0};
	struct jit_sealed s = {0};
	struct jit_buf text = {0};
	struct jit_event late;

	CASE("what no late event can carry is not sealed");
	CHECK_INT(make_large(&s, 640, &err), JIT_USAGE);
	CHECK_STR(err.text,
		"sealed: too large to be delivered: at most 63488 bytes");

	CASE("what can be sealed can be delivered");
	CHECK_INT(make_large(&s, 626, &err), 0);
	court_draft(&late, JIT_LATE, BOB, NULL);
	late.id = late.request = late.reason = NULL;
	late.sealed = s.event.json;
	late.signature = s.line;
	CHECK_INT(jit_event_encode(&text, &late, &err), 0);
	CHECK(text.len > 63000 && text.len <= JIT_JSON_EVENT);
	jit_event_free(&late);
	jit_sealed_free(&s);
	jit_buf_free(&text);
}

static void
test_make(void)
{
	struct jit_sealed s, again = {0};
	struct jit_error err = {0};
	struct jit_buf file = {0}, second = {0};
	struct jit_event ev;

	CASE("made, written, read: the same");
	s = made(JIT_END, ALICE);
	CHECK_INT((int)s.event.type, JIT_END);
	CHECK_STR(s.event.seen, SHA);
	CHECK_INT(s.event.seq, 0);
	CHECK(s.event.prev == NULL);
	CHECK_INT(jit_sealed_write(&file, &s, &err), 0);
	CHECK_INT(jit_sealed_read(&again, file.data, file.len, &err), 0);
	CHECK_MEM(again.sha256, s.sha256, JIT_SHA256);
	CHECK_STR(again.line, s.line);
	CHECK_INT(jit_sealed_write(&second, &again, &err), 0);
	CHECK_STR(jit_buf_text(&second), jit_buf_text(&file));
	jit_sealed_free(&again);

	CASE("it names no place, and its digest is of what it says");
	CHECK(strstr(jit_buf_text(&file), "\"seq\"") == NULL);
	draft(&ev, JIT_END, ALICE);
	CHECK_INT(jit_sealed_digest(again.sha256, &ev, &err), 0);
	CHECK_MEM(again.sha256, s.sha256, JIT_SHA256);
	jit_event_free(&ev);
	jit_sealed_free(&again);

	CASE("signed by another key than it names");
	draft(&ev, JIT_END, ALICE);
	CHECK_INT(jit_sealed_make(&again, &ev, court_signer(BOB), &err),
		JIT_EVIDENCE);
	CHECK(strstr(err.text, "not by the key that it names") != NULL);

	test_large();

	CASE("what needs others is not sealed");
	ev.type = JIT_APPROVE;
	CHECK_INT(jit_sealed_make(&again, &ev, court_signer(ALICE), &err),
		JIT_USAGE);
	jit_event_free(&ev);
	jit_sealed_free(&s);
	jit_buf_free(&file);
	jit_buf_free(&second);
}

/* Whether a file with one byte changed, cut or added is refused. */
static void
test_files(void)
{
	struct jit_sealed s = made(JIT_REQUEST, ALICE), x = {0};
	struct jit_error err = {0};
	struct jit_buf file = {0};
	unsigned char was;
	size_t i;
	int n = 0;

	CASE("a file is whole, and as it was signed");
	CHECK_INT(jit_sealed_write(&file, &s, &err), 0);
	for (i = 0; i < file.len; i++) {
		n += jit_sealed_read(&x, file.data, i, &err) == 0;
		was = file.data[i];
		file.data[i] ^= 1;
		n += jit_sealed_read(&x, file.data, file.len, &err) == 0;
		file.data[i] = was;
	}
	CHECK_INT(n, 0);
	CHECK_INT(jit_sealed_read(&x, file.data, file.len, &err), 0);
	jit_sealed_free(&x);
	jit_buf_str(&file, "\n");
	CHECK(jit_sealed_read(&x, file.data, file.len, &err) != 0);
	jit_sealed_free(&s);
	jit_buf_free(&file);

	CASE("no file");
	CHECK_INT(jit_sealed_read(&x, "", 0, &err), JIT_USAGE);
	CHECK_INT(jit_sealed_read(&x, "{}\n", 3, &err), JIT_USAGE);
	CHECK_STR(err.text, "sealed: 'sealed' is missing");
}

static void
test_names(void)
{
	char id[JIT_ULID], other[JIT_ULID];
	unsigned char sha256[JIT_SHA256];
	struct jit_event ev;

	CASE("an id is of the time and of all else that is said");
	draft(&ev, JIT_REQUEST, ALICE);
	CHECK_INT(jit_sealed_id(id, &ev, NULL), 0);
	CHECK_INT(jit_ulid_time(id), ev.at);
	ev.id = id;
	CHECK_INT(jit_sealed_id(other, &ev, NULL), 0);
	CHECK_STR(other, id);
	ev.seen = OTHER_SHA;
	CHECK_INT(jit_sealed_id(other, &ev, NULL), 0);
	CHECK(strcmp(other, id) != 0);
	ev.seen = SHA;
	ev.reason = "another reason";
	CHECK_INT(jit_sealed_id(other, &ev, NULL), 0);
	CHECK(strcmp(other, id) != 0);
	jit_event_free(&ev);

	CASE("a serial is above every seq, and one that JSON holds");
	memset(sha256, 0, sizeof(sha256));
	CHECK(jit_sealed_serial(sha256) == JIT_SEALED_SERIAL);
	memset(sha256, 0xff, sizeof(sha256));
	CHECK(jit_sealed_serial(sha256) > JIT_SEALED_SERIAL);
	CHECK(jit_sealed_serial(sha256) <= JIT_JSON_INT);
}

int
main(void)
{
	court_open();
	court_reset();
	CHECK(court_accepts(JIT_GENESIS, ROOT, NULL));
	test_make();
	test_files();
	test_names();
	court_close();
	return UNIT_DONE();
}
