/* SPDX-License-Identifier: ISC */
/*
 * Files of an outbox: what is read is written to the same bytes, names no
 * place in the chain, and was signed by the key that it names.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_sealed s = {0};
	struct jit_buf again = {0};
	char print[JIT_FINGERPRINT];

	if (jit_hash_start(NULL) != 0)
		abort();
	if (jit_sealed_read(&s, data, size, NULL) == 0) {
		jit_pubkey_fingerprint(print, &s.signature.key);
		if (jit_sealed_write(&again, &s, NULL) != 0 ||
			again.len != size ||
			memcmp(again.data, data, size) != 0)
			abort();
		if (s.event.seq != 0 || s.event.prev || !s.event.seen ||
			strcmp(print, s.event.key) != 0)
			abort();
	}
	jit_sealed_free(&s);
	jit_buf_free(&again);
	return 0;
}
