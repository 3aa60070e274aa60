/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "errand.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is written, and that reads as the same. */
static void
question(enum jit_verb verb, const uint8_t *data, size_t size)
{
	struct jit_errand e, again;
	struct jit_arena mem = {0};
	struct jit_json *json = NULL, *json_again = NULL;
	struct jit_buf line = {0}, twice = {0};
	struct jit_error err = {0};

	if (jit_errand_read(&e, &json, &mem, verb, data, size, &err) == 0) {
		if (jit_errand_write(&line, &e, verb, &err) != 0 ||
			jit_errand_read(&again, &json_again, &mem, verb,
				line.data, line.len, &err) != 0 ||
			jit_errand_write(&twice, &again, verb, &err) != 0 ||
			strcmp(jit_buf_text(&line), jit_buf_text(&twice)) != 0)
			abort();
	} else if (!jit_text_clean(err.text, strlen(err.text))) {
		abort();
	}
	jit_json_free(json);
	jit_json_free(json_again);
	jit_arena_free(&mem);
	jit_buf_free(&line);
	jit_buf_free(&twice);
}

/* The same; and there is nothing in it that a terminal would obey. */
static void
answer(enum jit_verb verb, const uint8_t *data, size_t size)
{
	struct jit_reply r = {0}, again = {0};
	struct jit_buf line = {0}, twice = {0};
	struct jit_error err = {0};

	if (jit_reply_read(&r, verb, data, size, &err) == 0) {
		if (jit_reply_write(&line, &r, verb, &err) != 0 ||
			!jit_text_clean(jit_buf_text(&line), line.len - 1) ||
			jit_reply_read(&again, verb, line.data, line.len,
				&err) != 0 ||
			jit_reply_write(&twice, &again, verb, &err) != 0 ||
			strcmp(jit_buf_text(&line), jit_buf_text(&twice)) != 0)
			abort();
	} else if (!jit_text_clean(err.text, strlen(err.text))) {
		abort();
	}
	jit_reply_free(&r);
	jit_reply_free(&again);
	jit_buf_free(&line);
	jit_buf_free(&twice);
}

/* The first byte is the verb. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum jit_verb verb;

	if (size < 1 || size > 200000)
		return 0;
	verb = (enum jit_verb)(data[0] % JIT_VERBS);
	question(verb, data + 1, size - 1);
	answer(verb, data + 1, size - 1);
	return 0;
}
