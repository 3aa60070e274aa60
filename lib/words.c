/* SPDX-License-Identifier: ISC */
#include "words.h"

#include <string.h>

#include "name.h"
#include "text.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * What a backslash stands before loses its meaning: any byte, and within
 * double quotes only some. Appends what is left; returns how much was read.
 */
static size_t
escaped(struct jit_buf *word, const char *s, bool quoted)
{
	if (quoted && (s[1] == '\0' || strchr("\"\\$`", s[1]) == NULL)) {
		jit_buf_put(word, s, 1);
		return 1;
	}
	if (s[1] == '\0')
		return 0;
	jit_buf_put(word, s + 1, 1);
	return 2;
}

/* What is between two quotes, from the first one on; 0: it has no end. */
static size_t
quoted(struct jit_buf *word, const char *s)
{
	const char quote = *s;
	size_t i = 1;

	while (s[i] != '\0' && s[i] != quote) {
		if (quote == '"' && s[i] == '\\') {
			i += escaped(word, s + i, true);
		} else {
			jit_buf_put(word, s + i, 1);
			i++;
		}
	}
	return s[i] == quote ? i + 1 : 0;
}

/* The word that begins at 's', without quotes; 0: one of them has no end. */
static size_t
take(struct jit_buf *word, const char *s)
{
	size_t i = 0, n;

	while (s[i] != '\0' && !is_blank(s[i])) {
		if (s[i] == '\'' || s[i] == '"') {
			n = quoted(word, s + i);
		} else if (s[i] == '\\') {
			n = escaped(word, s + i, false);
		} else {
			jit_buf_put(word, s + i, 1);
			n = 1;
		}
		if (n == 0)
			return 0;
		i += n;
	}
	return i;
}

static int
refuse(const char *text, const char *why, struct jit_error *err)
{
	struct jit_buf shown = {0};

	jit_text_quote(&shown, text);
	jit_fail(err, JIT_USAGE, "%s %s", jit_buf_text(&shown), why);
	jit_buf_free(&shown);
	return JIT_USAGE;
}

/* Keep a word that is a plain one; the first is the program. */
static int
keep(struct jit_texts *out, struct jit_arena *mem, const struct jit_buf *word,
	struct jit_error *err)
{
	const char *s = jit_buf_text(word);

	if (word->failed)
		return jit_nomem(err);
	if (!jit_name_word(s))
		return refuse(s,
			"is no word of an action: 1 to 128 of A-Z, a-z, 0-9 "
			"and @%+=:,./_-",
			err);
	if (out->count == 0 && !jit_name_program(s))
		return refuse(s,
			"is no program: an action begins with its path, like "
			"/usr/bin/id",
			err);
	out->at[out->count] = jit_arena_str(mem, s);
	return out->at[out->count++] ? 0 : jit_nomem(err);
}

int
jit_words_split(struct jit_texts *out, struct jit_arena *mem, const char *line,
	struct jit_error *err)
{
	struct jit_texts words = {0};
	struct jit_buf word = {0};
	const char *s;
	size_t n;
	int rc = 0;

	/* each has a byte, and a blank after it */
	words.at =
		jit_arena_get(mem, (strlen(line) / 2 + 1) * sizeof(*words.at));
	if (!words.at)
		return jit_nomem(err);
	for (s = line; rc == 0 && *s; s += n) {
		n = 1;
		if (is_blank(*s))
			continue;
		jit_buf_reset(&word);
		n = take(&word, s);
		rc = n ? keep(&words, mem, &word, err)
		       : refuse(line,
				 "has a quote or a backslash that nothing ends",
				 err);
	}
	if (rc == 0 && words.count == 0)
		rc = jit_fail(err, JIT_USAGE,
			"an action has a word: the path of its program");
	jit_buf_free(&word);
	if (rc == 0)
		*out = words;
	return rc;
}

void
jit_words_put(struct jit_buf *out, const struct jit_texts *words)
{
	size_t i;

	for (i = 0; i < words->count; i++) {
		jit_buf_str(out, i ? " " : "");
		jit_buf_str(out, words->at[i]);
	}
}
