/* SPDX-License-Identifier: ISC */
/*
 * Texts of nsswitch.conf(5). What is named is in the text, is no source of
 * the machine's own, and is named the same way if it stands alone; but for
 * "[", which is what does not end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "nss.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_buf out = {0}, again = {0}, alone = {0};
	char *text = malloc(size + 1);
	bool any;

	if (text == NULL)
		abort();
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	any = jit_nss_others(&out, text, "sudoers");
	if (any != (out.len > 0))
		abort();
	jit_buf_fmt(&alone, "sudoers: files %s\n", jit_buf_text(&out));
	(void)jit_nss_others(&again, jit_buf_text(&alone), "sudoers");
	if (!strchr(jit_buf_text(&out), '[') &&
		strcmp(jit_buf_text(&again), jit_buf_text(&out)) != 0)
		abort();
	jit_buf_free(&out);
	jit_buf_free(&again);
	jit_buf_free(&alone);
	free(text);
	return 0;
}
