/* SPDX-License-Identifier: ISC */
#include "agent_answer.h"

#include <string.h>

/* draft-miller-ssh-agent, section 5.1 */
enum message {
	FAILURE = 5,
	REQUEST_IDENTITIES = 11,
	IDENTITIES_ANSWER = 12,
	SIGN_REQUEST = 13,
	SIGN_RESPONSE = 14
};

#define USERAUTH_REQUEST 50 /* RFC 4252 section 6 */

static void
refuse(struct jit_buf *out)
{
	jit_buf_u8(out, FAILURE);
}

static bool
next_is(struct jit_cursor *c, const char *want)
{
	size_t len = 0;
	const unsigned char *p = jit_cursor_string(c, &len);

	return !c->bad && len == strlen(want) && memcmp(p, want, len) == 0;
}

static bool
same(const struct jit_buf *b, const unsigned char *p, size_t len)
{
	return !b->failed && len > 0 && b->len == len &&
		memcmp(b->data, p, len) == 0;
}

/* Whether the next string is the key or one of its certificates. */
static bool
next_is_ours(struct jit_cursor *c, const struct jit_agent_hand *hand)
{
	size_t len = 0;
	const unsigned char *p = jit_cursor_string(c, &len);
	struct jit_buf plain = {0};
	bool ours = false;
	size_t i = 0;

	if (c->bad)
		return false;
	jit_pubkey_blob(&plain, hand->key);
	ours = same(&plain, p, len);
	for (i = 0; i < hand->certs_count && !ours; i++)
		ours = same(&hand->certs[i], p, len);
	jit_buf_free(&plain);
	return ours;
}

/* The bytes that a client signs to log in: PROTOCOL, section 3.1 too. */
static bool
is_login(const struct jit_agent_hand *hand, const unsigned char *msg,
	size_t len)
{
	struct jit_cursor c = jit_cursor_over(msg, len);
	struct jit_cursor method = {0};
	bool bound = false;
	size_t n = 0;

	jit_cursor_string(&c, &n); /* the session's id */
	if (c.bad || n == 0 || jit_cursor_u8(&c) != USERAUTH_REQUEST)
		return false;
	jit_cursor_string(&c, &n); /* the account */
	if (!next_is(&c, "ssh-connection"))
		return false;
	method = c;
	bound = next_is(&method, "publickey-hostbound-v00@openssh.com");
	if (bound)
		c = method;
	else if (!next_is(&c, "publickey"))
		return false;
	if (jit_cursor_u8(&c) != 1)
		return false;
	jit_cursor_string(&c, &n); /* the algorithm */
	if (!next_is_ours(&c, hand))
		return false;
	if (bound)
		jit_cursor_string(&c, &n); /* the host's key */
	return jit_cursor_done(&c);
}

static void
put_identities(struct jit_buf *out, const struct jit_agent_hand *hand)
{
	size_t i = 0, held = hand->sign == NULL ? 0 : hand->certs_count;
	struct jit_buf plain = {0};

	jit_buf_u8(out, IDENTITIES_ANSWER);
	jit_buf_u32(out, hand->sign == NULL ? 0 : (uint32_t)held + 1);
	for (i = 0; i < held; i++) {
		jit_buf_string(out, hand->certs[i].data, hand->certs[i].len);
		jit_buf_cstring(out, hand->comment);
	}
	if (hand->sign == NULL)
		return;
	jit_pubkey_blob(&plain, hand->key);
	jit_buf_string(out, plain.data, plain.len);
	jit_buf_cstring(out, hand->comment);
	out->failed = out->failed || plain.failed;
	jit_buf_free(&plain);
}

/* There are only RSA's flags, and this is no RSA key: draft section 3.6. */
static void
put_signature(struct jit_buf *out, const struct jit_agent_hand *hand,
	struct jit_cursor *c)
{
	bool ours = next_is_ours(c, hand);
	const unsigned char *msg = NULL;
	struct jit_buf wire = {0};
	uint32_t flags = 0;
	size_t len = 0;

	msg = jit_cursor_string(c, &len);
	flags = jit_cursor_u32(c);
	if (!ours || !jit_cursor_done(c) || flags != 0 || hand->sign == NULL ||
		!is_login(hand, msg, len) ||
		hand->sign(&wire, msg, len, hand->arg, NULL) != 0) {
		refuse(out);
	} else {
		jit_buf_u8(out, SIGN_RESPONSE);
		jit_buf_string(out, wire.data, wire.len);
	}
	jit_buf_free(&wire);
}

int
jit_agent_answer(struct jit_buf *out, const struct jit_agent_hand *hand,
	const void *request, size_t len, struct jit_error *err)
{
	struct jit_cursor c = jit_cursor_over(request, len);
	uint8_t type = jit_cursor_u8(&c);

	if (type == REQUEST_IDENTITIES && jit_cursor_done(&c))
		put_identities(out, hand);
	else if (type == SIGN_REQUEST)
		put_signature(out, hand, &c);
	else
		refuse(out);
	return jit_buf_failed(out, err);
}
