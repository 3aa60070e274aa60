/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "agent_answer.h"
#include "hash.h"
#include "signer.h"
#include "unit.h"

#define BOUND "publickey-hostbound-v00@openssh.com"

static struct jit_secret *secret;
static struct jit_pubkey key;
static struct jit_buf plain;    /* its wire form */
static struct jit_buf certs[2]; /* stand-ins: what is in them is not read */
static int signed_times;

static int
sign(struct jit_buf *wire, const void *msg, size_t len, void *arg,
	struct jit_error *err)
{
	struct jit_signature s = {.key = key};

	signed_times++;
	if (jit_secret_sign(s.sig, arg, msg, len, err) != 0)
		return JIT_TROUBLE;
	jit_signature_wire(wire, &s);
	return 0;
}

static int
cannot_sign(struct jit_buf *wire, const void *msg, size_t len, void *arg,
	struct jit_error *err)
{
	(void)msg;
	(void)len;
	(void)arg;
	jit_buf_str(wire, "half a sig");
	return jit_fail(err, JIT_TROUBLE, "the person said no");
}

static struct jit_agent_hand
hand(void)
{
	return (struct jit_agent_hand){.key = &key,
		.certs = certs,
		.certs_count = COUNT(certs),
		.comment = "id",
		.sign = sign,
		.arg = secret};
}

/* What a client signs to log in; 'bound' is the host's key or NULL. */
static void
put_login(struct jit_buf *out, const char *service, const char *method,
	const struct jit_buf *blob, const char *bound)
{
	jit_buf_cstring(out, "session");
	jit_buf_u8(out, 50);
	jit_buf_cstring(out, "root");
	jit_buf_cstring(out, service);
	jit_buf_cstring(out, method);
	jit_buf_u8(out, 1);
	jit_buf_cstring(out, "ssh-ed25519");
	jit_buf_string(out, blob->data, blob->len);
	if (bound)
		jit_buf_cstring(out, bound);
}

static void
put_sign(struct jit_buf *out, const struct jit_buf *blob,
	const struct jit_buf *msg, uint32_t flags)
{
	jit_buf_u8(out, 13);
	jit_buf_string(out, blob->data, blob->len);
	jit_buf_string(out, msg->data, msg->len);
	jit_buf_u32(out, flags);
}

static void
answers(const struct jit_agent_hand *h, const void *request, size_t len,
	const void *want, size_t want_len)
{
	struct jit_error err = {0};
	struct jit_buf out = {0};

	CHECK_INT(jit_agent_answer(&out, h, request, len, &err), 0);
	if (CHECK_INT((long long)out.len, (long long)want_len))
		CHECK_MEM(out.data, want, want_len);
	jit_buf_free(&out);
}

static void
test_list(void)
{
	struct jit_agent_hand h = hand();
	struct jit_buf want = {0};

	CASE("the certificates are listed, then the key");
	jit_buf_u8(&want, 12);
	jit_buf_u32(&want, 3);
	jit_buf_string(&want, "newer", 5);
	jit_buf_cstring(&want, "id");
	jit_buf_string(&want, "older", 5);
	jit_buf_cstring(&want, "id");
	jit_buf_string(&want, plain.data, plain.len);
	jit_buf_cstring(&want, "id");
	answers(&h, "\13", 1, want.data, want.len);

	CASE("without a certificate it is the key");
	h.certs_count = 0;
	jit_buf_reset(&want);
	jit_buf_u8(&want, 12);
	jit_buf_u32(&want, 1);
	jit_buf_string(&want, plain.data, plain.len);
	jit_buf_cstring(&want, "id");
	answers(&h, "\13", 1, want.data, want.len);

	CASE("when it is over there is none");
	h = hand();
	h.sign = NULL;
	answers(&h, "\13", 1, "\14\0\0\0\0", 5);
	jit_buf_free(&want);
}

/* The answer to a request to sign: good, or a refusal that signed nothing. */
static void
signs(const struct jit_agent_hand *h, const struct jit_buf *blob,
	const struct jit_buf *msg, uint32_t flags, bool good)
{
	struct jit_buf request = {0}, out = {0};
	struct jit_signature s = {0};
	struct jit_error err = {0};
	struct jit_cursor c = {0};
	const unsigned char *wire = NULL;
	size_t n = 0;

	signed_times = 0;
	put_sign(&request, blob, msg, flags);
	CHECK_INT(jit_agent_answer(&out, h, request.data, request.len, &err),
		0);
	CHECK_INT(signed_times, good);
	if (!good) {
		CHECK_INT((long long)out.len, 1);
		CHECK_INT(out.data[0], 5);
	} else {
		c = jit_cursor_over(out.data, out.len);
		CHECK_INT(jit_cursor_u8(&c), 14);
		wire = jit_cursor_string(&c, &n);
		CHECK(jit_cursor_done(&c));
		CHECK(jit_signature_read(&s, &key, wire, n, &err) == 0);
		CHECK(jit_signature_verify(&s, msg->data, msg->len, &err) == 0);
	}
	jit_buf_free(&request);
	jit_buf_free(&out);
}

static void
test_logins(void)
{
	struct jit_agent_hand h = hand();
	struct jit_buf msg = {0}, other = {0};

	CASE("a login by key or certificate is signed");
	jit_buf_str(&other, "other");
	put_login(&msg, "ssh-connection", "publickey", &plain, NULL);
	signs(&h, &plain, &msg, 0, true);
	signs(&h, &certs[0], &msg, 0, true);
	jit_buf_reset(&msg);
	put_login(&msg, "ssh-connection", "publickey", &certs[1], NULL);
	signs(&h, &plain, &msg, 0, true);
	signs(&h, &certs[1], &msg, 0, true);

	CASE("and bound to a host's key");
	jit_buf_reset(&msg);
	put_login(&msg, "ssh-connection", BOUND, &certs[0], "host");
	signs(&h, &certs[0], &msg, 0, true);

	CASE("not with another key, nor flags, nor when it is over");
	signs(&h, &other, &msg, 0, false);
	signs(&h, &certs[0], &msg, 2, false);
	signs(&h, &certs[0], &msg, 4, false);
	h.sign = NULL;
	signs(&h, &certs[0], &msg, 0, false);
	h = hand();
	h.certs_count = 0;
	signs(&h, &certs[0], &msg, 0, false);
	h = hand();
	h.sign = cannot_sign;
	signs(&h, &certs[0], &msg, 0, false);
	jit_buf_free(&msg);
	jit_buf_free(&other);
}

static void
test_others(void)
{
	static const struct {
		const char *name, *service, *method, *bound;
	} rows[] = {
		{"another service", "ssh-userauth", "publickey", NULL},
		{"another method", "ssh-connection", "hostbased", NULL},
		{"no method", "ssh-connection", "", NULL},
		{"more than it", "ssh-connection", "publickey", "host"},
		{"less than it", "ssh-connection", BOUND, NULL},
	};
	struct jit_agent_hand h = hand();
	struct jit_buf msg = {0}, other = {0};
	size_t i = 0;

	CASE("what is no login is not signed");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].name);
		jit_buf_reset(&msg);
		put_login(&msg, rows[i].service, rows[i].method, &plain,
			rows[i].bound);
		signs(&h, &plain, &msg, 0, false);
	}
	ROW("with another key");
	jit_buf_str(&other, "other");
	jit_buf_reset(&msg);
	put_login(&msg, "ssh-connection", "publickey", &other, NULL);
	signs(&h, &plain, &msg, 0, false);
	ROW("a signature of a file or a commit");
	jit_buf_reset(&msg);
	jit_buf_str(&msg, "SSHSIG");
	jit_buf_cstring(&msg, "git");
	jit_buf_cstring(&msg, "");
	jit_buf_cstring(&msg, "sha512");
	jit_buf_cstring(&msg, "hash");
	signs(&h, &plain, &msg, 0, false);
	ROW("nothing");
	jit_buf_reset(&msg);
	signs(&h, &plain, &msg, 0, false);

	CASE("nor is a part of one");
	put_login(&msg, "ssh-connection", "publickey", &plain, NULL);
	while (msg.len > 0) {
		msg.len--;
		signs(&h, &plain, &msg, 0, false);
	}
	ROW("not one that is only asked about");
	put_login(&msg, "ssh-connection", "publickey", &plain, NULL);
	msg.data[4 + 7 + 1 + 4 + 4 + 4 + 14 + 4 + 9] = 0;
	signs(&h, &plain, &msg, 0, false);
	jit_buf_free(&msg);
	jit_buf_free(&other);
}

static void
test_refused(void)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
	} rows[] = {
		{"nothing", "", 0},
		{"no type", "\0", 1},
		{"a list and more", "\13\0", 2},
		{"sign", "\15", 1},
		{"sign what", "\15\0\0\0\5newer", 10},
		{"sign with", "\15\0\0\0\0\0\0\0\0\0\0\0\0", 13},
		{"sign much", "\15\377\377\377\377", 5},
		{"version 1's list", "\1", 1},
		{"add", "\21\0\0\0\13ssh-ed25519", 16},
		{"add bound", "\31\0\0\0\13ssh-ed25519", 16},
		{"remove", "\22\0\0\0\5newer", 10},
		{"remove all", "\23", 1},
		{"smart card", "\24\0\0\0\0\0\0\0\0", 9},
		{"lock", "\26\0\0\0\1x", 6},
		{"unlock", "\27\0\0\0\1x", 6},
		{"session-bind", "\33\0\0\0\30session-bind@openssh.com", 29},
		{"an answer", "\14\0\0\0\0", 5},
	};
	struct jit_agent_hand h = hand();
	struct jit_buf request = {0}, msg = {0};
	size_t i = 0, whole = 0;

	CASE("all else is refused");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].name);
		answers(&h, rows[i].bytes, rows[i].len, "\5", 1);
	}

	CASE("and what is cut, or followed by more");
	put_login(&msg, "ssh-connection", "publickey", &plain, NULL);
	put_sign(&request, &plain, &msg, 0);
	whole = request.len;
	for (i = 0; i < whole; i++)
		answers(&h, request.data, i, "\5", 1);
	jit_buf_u8(&request, 0);
	answers(&h, request.data, request.len, "\5", 1);
	jit_buf_free(&request);
	jit_buf_free(&msg);
}

int
main(void)
{
	struct jit_error err = {0};

	if (jit_hash_start(&err) != 0 || jit_secret_make(&secret, &err) != 0)
		return 1;
	jit_secret_public(&key, secret);
	jit_pubkey_blob(&plain, &key);
	jit_buf_str(&certs[0], "newer");
	jit_buf_str(&certs[1], "older");
	test_list();
	test_logins();
	test_others();
	test_refused();
	jit_secret_free(secret);
	jit_buf_free(&plain);
	jit_buf_free(&certs[0]);
	jit_buf_free(&certs[1]);
	return UNIT_DONE();
}
