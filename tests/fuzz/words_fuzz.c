/* SPDX-License-Identifier: ISC */
/*
 * Lines as words of an action. What is accepted is made of plain words, the
 * first a program's path, and written as a line it is the same words again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct jit_texts *words)
{
	struct jit_texts again = {0};
	struct jit_arena mem = {0};
	struct jit_buf line = {0};
	size_t i;

	if (words->count == 0 || !jit_name_program(words->at[0]))
		abort();
	for (i = 0; i < words->count; i++)
		if (!jit_name_word(words->at[i]))
			abort();
	jit_words_put(&line, words);
	if (jit_words_split(&again, &mem, jit_buf_text(&line), NULL) != 0 ||
		again.count != words->count)
		abort();
	for (i = 0; i < again.count; i++)
		if (strcmp(again.at[i], words->at[i]) != 0)
			abort();
	jit_buf_free(&line);
	jit_arena_free(&mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	struct jit_texts words = {0};
	struct jit_arena mem = {0};
	struct jit_error err = {0};

	if (line == NULL)
		abort();
	if (size > 0)
		memcpy(line, data, size);
	line[size] = '\0';
	if (jit_words_split(&words, &mem, line, &err) == 0)
		check(&words);
	else if (err.text[0] == '\0' || words.at != NULL)
		abort();
	jit_arena_free(&mem);
	free(line);
	return 0;
}
