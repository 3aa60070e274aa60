/* SPDX-License-Identifier: ISC */
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "unit.h"

#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A128 A32 A32 A32 A32

#define NO_WORD                                                                \
	" is no word of an action: 1 to 128 of A-Z, a-z, 0-9 and @%+=:,./_-"
#define NO_PROGRAM                                                             \
	" is no program: an action begins with its path, like /usr/bin/id"
#define NO_END " has a quote or a backslash that nothing ends"

static const struct row {
	const char *line;
	const char *words; /* with '|' between; NULL: refused */
	const char *why;
} rows[] = {
	{"/bin/ls", "/bin/ls", NULL},
	{"/bin/ls -l /tmp", "/bin/ls|-l|/tmp", NULL},
	{" \t /bin/ls \t -l \t ", "/bin/ls|-l", NULL},
	{"'/bin/ls' \"-l\"", "/bin/ls|-l", NULL},
	{"/bin/'ls' -\"l\"a'h'", "/bin/ls|-lah", NULL},
	{"''/bin/ls\"\"", "/bin/ls", NULL},
	{"\\/bin/l\\s \\-l", "/bin/ls|-l", NULL},
	{"/bin/a a@b%c+d=e:f,g.h_i-J0", "/bin/a|a@b%c+d=e:f,g.h_i-J0", NULL},
	{"/bin/a " A128, "/bin/a|" A128, NULL},
	{"/bin/a -- ..", "/bin/a|--|..", NULL},

	{"", NULL, "an action has a word: the path of its program"},
	{" \t ", NULL, "an action has a word: the path of its program"},
	{"ls", NULL, "'ls'" NO_PROGRAM},
	{"./ls", NULL, "'./ls'" NO_PROGRAM},
	{"/bin/../ls", NULL, "'/bin/../ls'" NO_PROGRAM},
	{"/bin//ls", NULL, "'/bin//ls'" NO_PROGRAM},
	{"A=b /bin/ls", NULL, "'A=b'" NO_PROGRAM},
	{"'/bin/ls -l'", NULL, "'/bin/ls -l'" NO_WORD},
	{"/bin/ls\\ -l", NULL, "'/bin/ls -l'" NO_WORD},
	{"/bin/ls ''", NULL, "''" NO_WORD},
	{"/bin/ls \"\"", NULL, "''" NO_WORD},
	{"/bin/a " A128 "a", NULL, "'" A32 "aaaaaaaaaaaaaaaa...'" NO_WORD},
	/* what a shell would do more with than to split it */
	{"/bin/ls *", NULL, "'*'" NO_WORD},
	{"/bin/ls a?", NULL, "'a?'" NO_WORD},
	{"/bin/ls [a]", NULL, "'[a]'" NO_WORD},
	{"/bin/ls ~", NULL, "'~'" NO_WORD},
	{"/bin/ls $HOME", NULL, "'$HOME'" NO_WORD},
	{"/bin/ls \"$HOME\"", NULL, "'$HOME'" NO_WORD},
	{"/bin/ls `id`", NULL, "'`id`'" NO_WORD},
	{"/bin/ls;id", NULL, "'/bin/ls;id'" NO_WORD},
	{"/bin/ls & id", NULL, "'&'" NO_WORD},
	{"/bin/ls|id", NULL, "'/bin/ls|id'" NO_WORD},
	{"/bin/ls >x", NULL, "'>x'" NO_WORD},
	{"/bin/ls <x", NULL, "'<x'" NO_WORD},
	{"/bin/ls (x)", NULL, "'(x)'" NO_WORD},
	{"/bin/ls {a,b}", NULL, "'{a,b}'" NO_WORD},
	{"/bin/ls #x", NULL, "'#x'" NO_WORD},
	{"/bin/ls !x", NULL, "'!x'" NO_WORD},
	{"/bin/ls a\nb", NULL, "'a\\u{000A}b'" NO_WORD},
	{"/bin/ls a\\\nb", NULL, "'a\\u{000A}b'" NO_WORD},
	{"/bin/ls caf\xc3\xa9", NULL, "'caf\xc3\xa9'" NO_WORD},
	{"/bin/ls \xc2\xa0", NULL, "'\xc2\xa0'" NO_WORD},
	/* quotes of quotes */
	{"/bin/a '\"'", NULL, "'\"'" NO_WORD},
	{"/bin/a \"'\"", NULL, "'''" NO_WORD},
	{"/bin/a \"a\\\"b\"", NULL, "'a\"b'" NO_WORD},
	{"/bin/a \"a\\b\"", NULL, "'a\\b'" NO_WORD},
	{"/bin/a 'a\\b'", NULL, "'a\\b'" NO_WORD},
	{"/bin/a 'x", NULL, "'/bin/a 'x'" NO_END},
	{"/bin/a \"x", NULL, "'/bin/a \"x'" NO_END},
	{"/bin/a \"x\\\"", NULL, "'/bin/a \"x\\\"'" NO_END},
	{"/bin/a x\\", NULL, "'/bin/a x\\'" NO_END},
	{"'", NULL, "'''" NO_END},
	{"\\", NULL, "'\\'" NO_END},
};

static void
join(struct jit_buf *out, const struct jit_texts *words)
{
	size_t i;

	jit_buf_reset(out);
	for (i = 0; i < words->count; i++)
		jit_buf_fmt(out, "%s%s", i ? "|" : "", words->at[i]);
}

static void
test_rows(void)
{
	struct jit_arena mem = {0};
	struct jit_texts words;
	struct jit_error err;
	struct jit_buf b = {0};
	size_t i;

	CASE("a line is split at its blanks, and no shell is asked");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].line);
		memset(&err, 0, sizeof(err));
		words = (struct jit_texts){77, NULL};
		CHECK_INT(jit_words_split(&words, &mem, rows[i].line, &err),
			rows[i].words ? 0 : JIT_USAGE);
		CHECK_STR(err.text, rows[i].why ? rows[i].why : "");
		if (!rows[i].words) {
			CHECK(words.count == 77 && words.at == NULL);
			CHECK_INT(jit_words_split(&words, &mem, rows[i].line,
					  NULL),
				JIT_USAGE);
			continue;
		}
		join(&b, &words);
		CHECK_STR(jit_buf_text(&b), rows[i].words);
	}
	jit_arena_free(&mem);
	jit_buf_free(&b);
}

static void
test_put(void)
{
	struct jit_arena mem = {0};
	struct jit_texts words = {0}, again = {0};
	struct jit_buf b = {0}, c = {0};

	CASE("words are a line again, and that the same words");
	CHECK_INT(jit_words_split(&words, &mem, " '/bin/a'  \"b\" c", NULL), 0);
	jit_words_put(&b, &words);
	CHECK_STR(jit_buf_text(&b), "/bin/a b c");
	CHECK_INT(jit_words_split(&again, &mem, jit_buf_text(&b), NULL), 0);
	jit_words_put(&c, &again);
	CHECK_STR(jit_buf_text(&c), jit_buf_text(&b));
	words.count = 0;
	jit_buf_reset(&b);
	jit_words_put(&b, &words);
	CHECK_INT((long long)b.len, 0);
	jit_arena_free(&mem);
	jit_buf_free(&b);
	jit_buf_free(&c);
}

/* What sh makes of the line: its words, each on a line of its own. */
static void
by_shell(struct jit_buf *out, const char *line)
{
	static const char *const env[] = {NULL};
	struct jit_buf command = {0};
	const char *argv[] = {"/bin/sh", "-c", NULL, NULL};
	struct jit_child sh = {.argv = argv,
		.env = env,
		.max = 4096,
		.seconds = 60};
	int status = -1;

	jit_buf_reset(out);
	jit_buf_fmt(&command, "printf '%%s\\n' %s", line);
	argv[2] = jit_buf_text(&command);
	CHECK_INT(jit_child_run(out, &status, &sh, NULL), 0);
	CHECK_INT(status, 0);
	jit_buf_free(&command);
}

static unsigned
next(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245U + 12345U;
	return (*seed >> 16) % below;
}

/* Whatever is accepted, sh splits in the same way. */
static void
test_shell(void)
{
	static const char *const parts[] = {"/a", "b", "-c", " ", "\t", "'",
		"\"", "\\", "$", "*", "=", "/", ".", "#", ";", "~", "''",
		"\"\""};
	struct jit_arena mem = {0};
	struct jit_buf line = {0}, ours = {0}, shells = {0};
	struct jit_texts words;
	unsigned seed = 1, i, n, accepted = 0;
	size_t j;

	CASE("what is accepted means the same to a shell");
	for (i = 0; i < 20000; i++) {
		jit_buf_reset(&line);
		jit_buf_str(&line, "/x");
		for (n = 1 + next(&seed, 8); n > 0; n--)
			jit_buf_str(&line, parts[next(&seed, COUNT(parts))]);
		if (jit_words_split(&words, &mem, jit_buf_text(&line), NULL) !=
				0 ||
			++accepted % 20)
			continue;
		ROW(jit_buf_text(&line));
		jit_buf_reset(&ours);
		for (j = 0; j < words.count; j++)
			jit_buf_fmt(&ours, "%s\n", words.at[j]);
		by_shell(&shells, jit_buf_text(&line));
		CHECK_STR(jit_buf_text(&ours), jit_buf_text(&shells));
	}
	CHECK(accepted > 1000);
	jit_arena_free(&mem);
	jit_buf_free(&line);
	jit_buf_free(&ours);
	jit_buf_free(&shells);
}

int
main(void)
{
	test_rows();
	test_put();
	test_shell();
	return UNIT_DONE();
}
