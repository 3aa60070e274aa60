/* SPDX-License-Identifier: ISC */
/*
 * What a terminal may be shown: to tame it again changes nothing, ESC is
 * followed by what draws, and text has no controls at all.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_known(const unsigned char *p, size_t left)
{
	size_t n = 1;

	if (left < 2 || !strchr("[78DEM()", p[1]) || p[1] == '\0')
		return false;
	if (p[1] == '(' || p[1] == ')')
		return left > 2 && p[2] != '\0' && strchr("0AB", p[2]) != NULL;
	if (p[1] != '[')
		return true;
	do
		n++;
	while (n < left && p[n] < 0x40);
	return n < left && strchr("cntxpqi", p[n]) == NULL;
}

static void
check(const struct jit_buf *b, bool plain)
{
	const unsigned char *p = b->data;
	size_t i;

	for (i = 0; i < b->len; i++) {
		if (p[i] == 0x1b && (plain || !is_known(p + i, b->len - i)))
			abort();
		if (p[i] < 0x20 && p[i] != 0x1b &&
			!strchr(plain ? "\n\t" : "\b\t\n\v\f\r\016\017", p[i]))
			abort();
		if (p[i] == 0xc2 && i + 1 < b->len && p[i + 1] < 0xa0)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_tame wild = {0}, again = {0}, plain = {.plain = true};
	struct jit_buf once = {0}, twice = {0}, text = {0};

	jit_tame(&wild, &once, (const char *)data, size);
	check(&once, false);
	jit_tame(&again, &twice, (const char *)once.data, once.len);
	if (once.len != twice.len ||
		(once.len && memcmp(once.data, twice.data, once.len) != 0))
		abort();
	jit_tame(&plain, &text, (const char *)data, size);
	check(&text, true);
	jit_tame_end(&wild, &once);
	check(&once, false);
	jit_buf_free(&once);
	jit_buf_free(&twice);
	jit_buf_free(&text);
	return 0;
}
