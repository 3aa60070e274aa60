/* SPDX-License-Identifier: ISC */
/*
 * Armoured signatures: what is decoded has this one armour, and nothing
 * that is not an armour of its own verifies.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_signature s = {0};
	struct jit_buf again = {0};

	if (jit_hash_start(NULL) != 0)
		abort();
	if (jit_sign_decode(&s, (const char *)data, size, JIT_SIGN_NAMESPACE,
		    NULL) == 0) {
		jit_sign_armour(&again, &s, JIT_SIGN_NAMESPACE);
		if (again.len != size || memcmp(again.data, data, size) != 0)
			abort();
		if (jit_sign_check(&s, JIT_SIGN_NAMESPACE, "message", 7,
			    NULL) == 0 &&
			s.key.type == JIT_SK_ED25519 &&
			(s.flags & JIT_SIGN_PRESENT) == 0)
			abort();
	}
	jit_buf_free(&again);
	return 0;
}
