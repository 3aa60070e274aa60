/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was accepted comes back as the same bytes. */
static void
same(const struct jit_json *v, const void *bytes, size_t len)
{
	struct jit_buf b = {0};

	jit_json_encode(&b, v, 0);
	if (b.failed || b.len != len || memcmp(b.data, bytes, len) != 0)
		abort();
	jit_buf_free(&b);
}

/* What a person wrote has canonical bytes, and they mean the same. */
static void
canonical(const struct jit_json *v)
{
	struct jit_json *again = NULL;
	struct jit_buf b = {0};

	jit_json_encode(&b, v, 0);
	if (jit_json_decode(&again, b.data, b.len, b.len, NULL) != 0)
		abort();
	same(again, b.data, b.len);
	jit_json_free(again);
	jit_buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_json *v = NULL, *read = NULL;
	struct jit_error err = {0};

	if (jit_json_decode(&v, data, size, JIT_JSON_EVENT, &err) == 0)
		same(v, data, size);
	else if (v != NULL || !jit_text_clean(err.text, strlen(err.text)))
		abort();
	if (jit_json_read(&read, data, size, JIT_JSON_EVENT, &err) == 0)
		canonical(read);
	else if (read != NULL || !jit_text_clean(err.text, strlen(err.text)))
		abort();
	jit_json_free(v);
	jit_json_free(read);
	return 0;
}
