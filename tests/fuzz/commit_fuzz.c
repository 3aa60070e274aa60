/* SPDX-License-Identifier: ISC */
/*
 * Raw commits: what is accepted is made again, byte for byte, from its
 * event, parent and signature alone, and its parent is the one to walk to.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "commit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
comes_back(const struct jit_commit *c, const uint8_t *data, size_t size)
{
	struct jit_buf payload = {0}, armour = {0}, again = {0};
	unsigned char hash[JIT_SHA512];
	char parent[JIT_OID_HEX];

	jit_hex(parent, c->parent, JIT_OID);
	jit_sign_armour(&armour, &c->signature, JIT_SIGN_NAMESPACE);
	if (jit_commit_payload(&payload, &c->event,
		    c->has_parent ? parent : NULL, NULL) != 0 ||
		jit_commit_join(&again, &payload, jit_buf_text(&armour),
			NULL) != 0 ||
		again.len != size || memcmp(again.data, data, size) != 0)
		abort();
	jit_sha512(hash, payload.data, payload.len);
	if (memcmp(hash, c->payload, sizeof(hash)) != 0)
		abort();
	jit_buf_free(&payload);
	jit_buf_free(&armour);
	jit_buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char parent[JIT_OID] = {0};
	struct jit_commit c = {.has_parent = true};
	struct jit_error err = {0};
	int walk;

	if (jit_hash_start(NULL) != 0)
		abort();
	walk = jit_commit_parent(parent, data, size, NULL);
	if (jit_commit_decode(&c, data, size, &err) != 0) {
		if (err.text[0] == '\0' || !c.has_parent ||
			c.event.json != NULL)
			abort();
		return 0;
	}
	if (walk != (c.has_parent ? 1 : 0) ||
		memcmp(parent, c.parent, JIT_OID) != 0 ||
		c.has_parent == (c.event.type == JIT_GENESIS))
		abort();
	comes_back(&c, data, size);
	(void)!jit_commit_check(&c, NULL);
	jit_commit_free(&c);
	return 0;
}
