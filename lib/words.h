/* words: a command line as the words of an action, by no shell. */
#ifndef JIT_WORDS_H
#define JIT_WORDS_H

#include "shape.h"

/*
 * Split a line at its blanks. Quotes and backslashes are taken away as sh(1)
 * does, so that what a person quotes means the same here; nothing else is
 * special, and each word that is left must be a plain one (jit_name_word),
 * the first a program's path (jit_name_program). Where a shell would do more
 * than split, a word is not plain. '*out' is in 'mem'. JIT_USAGE, and why.
 */
int jit_words_split(struct jit_texts *out, struct jit_arena *mem,
	const char *line, struct jit_error *err) JIT_CHECKED;

/* Append the words with a blank between: they are plain, so that is a line. */
void jit_words_put(struct jit_buf *out, const struct jit_texts *words);

#endif
