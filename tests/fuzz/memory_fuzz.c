/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The body of a state file: any bytes are refused or make a state that can
 * be looked at, and saved to bytes that load again and save the same.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_buf first = {0}, second = {0};
	struct jit_state *s = NULL, *again = NULL;
	struct jit_error err = {0};

	if (jit_state_load(&s, data, size, &err) != 0) {
		if (err.text[0] == '\0')
			abort();
		return 0;
	}
	jit_state_save(&first, s);
	if (first.failed ||
		jit_state_load(&again, first.data, first.len, &err) != 0)
		abort();
	jit_state_save(&second, again);
	if (first.len != second.len ||
		memcmp(first.data, second.data, first.len) != 0)
		abort();
	jit_state_free(s);
	jit_state_free(again);
	jit_buf_free(&first);
	jit_buf_free(&second);
	return 0;
}
