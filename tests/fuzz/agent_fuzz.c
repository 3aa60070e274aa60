/* SPDX-License-Identifier: ISC */
/*
 * Requests to an agent. The answer is always one of the three, and what is
 * signed is a login, bytes of the request itself.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent_answer.h"
#include "hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The key of RFC 8032, section 7.1, TEST 1. */
static const char user[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31"
			   "Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

/* Stands for a signature: what is signed is looked at. */
static int
sign(struct jit_buf *wire, const void *msg, size_t len, void *arg,
	struct jit_error *err)
{
	const uint8_t *at = msg, *request = arg;

	(void)err;
	if (at <= request || len < 64 || memcmp(at, "SSHSIG", 6) == 0)
		abort();
	jit_buf_str(wire, "signed");
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_agent_hand hand = {.certs_count = 1, .comment = "id"};
	struct jit_pubkey key = {0};
	struct jit_buf cert = {0}, out = {0};

	if (jit_hash_start(NULL) != 0 ||
		jit_pubkey_parse(&key, user, NULL) != 0)
		abort();
	jit_buf_str(&cert, "certificate");
	hand.key = &key;
	hand.certs = &cert;
	hand.sign = sign;
	hand.arg = (void *)(uintptr_t)data;
	if (jit_agent_answer(&out, &hand, data, size, NULL) != 0)
		abort();
	if (out.len == 0 || !strchr("\5\14\16", out.data[0]) ||
		(out.data[0] == 14 && (size < 64 || out.len != 11)))
		abort();
	jit_buf_free(&out);
	jit_buf_free(&cert);
	return 0;
}
