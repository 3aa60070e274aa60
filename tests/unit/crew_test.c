/* SPDX-License-Identifier: ISC */
#include "crew.h"
#include "unit.h"
#include "world.h"

#define PARENT "0123456789abcdef0123456789abcdef01234567"
#define SHA                                                                    \
	"0123456789abcdef0123456789abcdef"                                     \
	"0123456789abcdef0123456789abcdef"
#define MANY 600
#define FORM "commit: no tree where it belongs"
#define SIGNATURE "the signature does not belong to these bytes and key"

static struct jit_buf good[MANY], bad_form, bad_signature;

/* A signed request whose seq is 'n'. */
static void
make(struct jit_buf *raw, int n)
{
	struct jit_buf json = {0}, payload = {0}, armour = {0};
	char key[JIT_FINGERPRINT];
	struct jit_error err = {0};
	struct jit_event ev;

	jit_pubkey_fingerprint(key, jit_signer_key(world_keys[0]));
	jit_buf_fmt(&json,
		"{\"at\":1795321661,\"by\":\"alice@ex.com\",\"duration\":60,"
		"\"id\":\"01M80R51J8041061050R3GG28A\",\"key\":\"%s\","
		"\"ledger\":\"" SHA "\",\"prev\":\"" SHA "\","
		"\"reason\":\"a slow query\",\"resource\":\"ssh:web-1\","
		"\"role\":\"root\",\"seq\":%d,\"source\":\"laptop\","
		"\"task\":\"INC-1\",\"type\":\"request\",\"v\":1}",
		key, n);
	if (jit_event_decode(&ev, json.data, json.len, &err) != 0 ||
		jit_commit_payload(&payload, &ev, PARENT, &err) != 0 ||
		jit_sign_make(&armour, world_keys[0], JIT_SIGN_NAMESPACE,
			payload.data, payload.len, &err) != 0 ||
		jit_commit_join(raw, &payload, jit_buf_text(&armour), &err) !=
			0)
		world_die("commit", &err);
	jit_event_free(&ev);
	jit_buf_free(&json);
	jit_buf_free(&payload);
	jit_buf_free(&armour);
}

/* Signed for other words than it has. */
static void
spoil(struct jit_buf *raw)
{
	char *at;

	jit_buf_put(raw, good[0].data, good[0].len);
	at = strstr((char *)raw->data, "a slow query");
	memcpy(at, "a slaw query", 12);
}

static const struct jit_buf *
nth(int i)
{
	return i % 7 == 3 ? &bad_form : i % 11 == 5 ? &bad_signature : &good[i];
}

/* Take one, which must be the nth. */
static void
take(struct jit_crew *crew, int i)
{
	const struct jit_buf *raw = NULL, *want = nth(i);
	struct jit_error err = {0};
	struct jit_commit c = {0};
	int rc = jit_crew_take(&c, &raw, crew, &err);

	CHECK_INT((long long)raw->len, (long long)want->len);
	CHECK_MEM(raw->data, want->data, want->len);
	CHECK_INT(rc, want == &good[i] ? 0 : JIT_EVIDENCE);
	if (rc == 0) {
		CHECK_INT(c.event.seq, i + 1);
		jit_commit_free(&c);
	} else {
		CHECK_STR(err.text, want == &bad_form ? FORM : SIGNATURE);
	}
}

static void
put(struct jit_crew *crew, struct jit_buf *room, int i)
{
	CHECK_INT((long long)room->len, 0);
	jit_buf_put(room, nth(i)->data, nth(i)->len);
	jit_crew_put(crew, false);
}

static void
test_order(size_t commits, int count)
{
	struct jit_crew *crew = NULL;
	struct jit_buf *room;
	int in = 0, out = 0;

	CHECK_INT(jit_crew_new(&crew, commits, NULL), 0);
	CHECK(jit_crew_empty(crew));
	while (out < count) {
		while (in < count && (room = jit_crew_room(crew)) != NULL)
			put(crew, room, in++);
		CHECK(!jit_crew_empty(crew));
		take(crew, out++);
		if (out % 3 == 0 && out < in)
			take(crew, out++);
	}
	CHECK(jit_crew_empty(crew));
	jit_crew_free(crew);
}

static void
test_left(void)
{
	struct jit_crew *crew = NULL;
	struct jit_buf *room;
	int i = 0;

	CASE("what is not taken is not lost memory, and there is an end to it");
	CHECK_INT(jit_crew_new(&crew, MANY, NULL), 0);
	while (i < MANY && (room = jit_crew_room(crew)) != NULL)
		put(crew, room, i++);
	CHECK(i >= 1 && i < MANY);
	take(crew, 0);
	jit_crew_free(crew);
	jit_crew_free(NULL);
}

static void
test_known(void)
{
	const struct jit_buf *all[] = {&good[0], &bad_signature, &bad_form};
	const int want[] = {0, 0, JIT_EVIDENCE};
	struct jit_crew *crew = NULL;
	const struct jit_buf *raw;
	struct jit_commit c = {0};
	struct jit_error err;
	int i;

	CASE("of what is known its signature is not asked, its form is");
	CHECK_INT(jit_crew_new(&crew, MANY, NULL), 0);
	for (i = 0; i < 3; i++) {
		jit_buf_put(jit_crew_room(crew), all[i]->data, all[i]->len);
		jit_crew_put(crew, true);
		CHECK_INT(jit_crew_take(&c, &raw, crew, &err), want[i]);
		if (want[i] == 0)
			jit_commit_free(&c);
	}
	jit_crew_free(crew);
}

static void
test_large(void)
{
	struct jit_crew *crew = NULL;
	struct jit_buf *room;
	size_t i, n = 0;

	CASE("few large ones are under way, but always one");
	CHECK_INT(jit_crew_new(&crew, MANY, NULL), 0);
	while ((room = jit_crew_room(crew)) != NULL) {
		for (i = 0; i < 1 << 20; i += 64)
			jit_buf_put(room, good[0].data, 64);
		jit_crew_put(crew, false);
		n++;
	}
	CHECK(n >= 1 && n <= 4);
	jit_crew_free(crew);
}

int
main(void)
{
	int i;

	temp_start();
	if (jit_hash_start(NULL) != 0)
		return 99;
	world_make();
	for (i = 0; i < MANY; i++)
		make(&good[i], i + 1);
	jit_buf_str(&bad_form, "no commit");
	spoil(&bad_signature);
	CASE("in order, whoever works on them");
	test_order(MANY, MANY);
	CASE("in order, by the caller alone");
	test_order(1, 20);
	test_left();
	test_known();
	test_large();
	for (i = 0; i < MANY; i++)
		jit_buf_free(&good[i]);
	jit_buf_free(&bad_form);
	jit_buf_free(&bad_signature);
	world_end();
	return UNIT_DONE();
}
