/* SPDX-License-Identifier: ISC */
/* The words after a program's name. */
#include "cli_inner.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "when.h"

#define ROWS_MAX 40
#define LONG_ONLY 256 /* getopt values of rows without a letter */

enum { OPT_LIST = LONG_ONLY + ROWS_MAX };

/* Understood by every program, and listed by every program. */
static const struct cli_option everyone[] = {
	{'h', "help", CLI_FLAG, NULL, "say how it is used", 0, NULL},
	{'V', "version", CLI_FLAG, NULL, "say which version it is", 0, NULL},
	CLI_ROW_END};

/* "log: the oldest first", where it is for one word, and does not say so. */
static void
print_help_of(const struct cli_option *o)
{
	const char *of = o->of;

	if (of && of[0] != '-' && !strchr(of, ' ') &&
		strncmp(o->help, of, strlen(of)) != 0)
		printf("%s: ", of);
	printf("%s\n", o->help);
}

static void
print_row(const struct cli_option *o)
{
	char left[64], letter[4] = "  ";
	const char *open = "", *close = "", *arg = "";

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c", o->letter);
	if (o->arg) {
		open = o->kind == CLI_MAYBE ? "[=" : " ";
		arg = o->arg;
		close = o->kind == CLI_MAYBE ? "]" : "";
	}
	snprintf(left, sizeof(left), "%s%s --%s%s%s%s", letter,
		o->letter ? "," : " ", o->name, open, arg, close);
	printf("  %-26s ", left);
	print_help_of(o);
}

static void
print_help(const struct cli_program *p)
{
	const struct cli_option *o;
	const char *const *line;

	printf("%s: %s\n\n", p->name, p->summary);
	for (line = p->usage; *line; line++)
		printf("%s %s %s\n", line == p->usage ? "usage:" : "      ",
			p->name, *line);
	printf("\n");
	for (o = p->options; o->name; o++)
		print_row(o);
	for (o = everyone; o->name; o++)
		print_row(o);
	printf("\nExit statuses are those of jit(7). More: man %s\n", p->name);
}

/* One option a line: letter, name, argument, help; tab-separated. What may
 * be left out is in brackets. */
static void
list_options(const struct cli_program *p)
{
	const struct cli_option *tables[2] = {p->options, everyone}, *o;
	bool maybe;
	size_t i;

	for (i = 0; i < 2; i++)
		for (o = tables[i]; o->name; o++) {
			maybe = o->kind == CLI_MAYBE;
			printf("%s%.1s\t--%s\t%s%s%s\t", o->letter ? "-" : "",
				o->letter ? &o->letter : "", o->name,
				maybe ? "[" : "", o->arg ? o->arg : "",
				maybe ? "]" : "");
			print_help_of(o);
		}
}

static void
finish_early(const struct cli_program *p)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "%s: cannot write the answer: %s\n", p->name,
			strerror(errno));
		exit(-JIT_TROUBLE);
	}
	exit(0);
}

/* The table as getopt_long wants it. */
struct parser {
	char letters[3 * ROWS_MAX + 8];
	struct option words[ROWS_MAX + 4];
	size_t count;
	char wrong[900]; /* the first word that is; said when all are read */
};

static void note_wrong(struct parser *x, const char *fmt, ...) JIT_PRINTF(2, 3);

static void
note_wrong(struct parser *x, const char *fmt, ...)
{
	va_list ap;

	if (x->wrong[0])
		return;
	va_start(ap, fmt);
	vsnprintf(x->wrong, sizeof(x->wrong), fmt, ap);
	va_end(ap);
}

static void
take_list(struct parser *x, struct cli_list *list, const char *value)
{
	if (list->count == sizeof(list->at) / sizeof(list->at[0]))
		note_wrong(x, "an option is given too often");
	else
		list->at[list->count++] = value;
}

static void
take(struct parser *x, struct cli *c, const struct cli_option *o,
	const char *value)
{
	char *field = (char *)c + o->offset;
	struct jit_error err = {0};
	struct cli_maybe *maybe;
	int64_t *seconds = NULL;

	c->given |= UINT64_C(1) << (o - c->program->options);
	switch (o->kind) {
	case CLI_FLAG:
		*(bool *)field = true;
		return;
	case CLI_TEXT:
		*(const char **)field = value;
		return;
	case CLI_LIST:
		take_list(x, (struct cli_list *)field, value);
		return;
	case CLI_DURATION:
		seconds = (int64_t *)field;
		break;
	case CLI_MAYBE:
		maybe = (struct cli_maybe *)field;
		maybe->given = true;
		seconds = &maybe->seconds;
		break;
	}
	if (value && jit_when_duration(seconds, value, &err))
		note_wrong(x, "--%s: %s", o->name, err.text);
}

static void
add_word(struct parser *x, size_t at, const char *name, int has, int value)
{
	x->words[at].name = name;
	x->words[at].has_arg = has;
	x->words[at].val = value;
}

static void
build(struct parser *x, const struct cli_program *p)
{
	const struct cli_option *o;
	size_t n = 0;
	int has;

	x->letters[n++] = ':';
	for (o = p->options; o->name && x->count < ROWS_MAX; o++) {
		has = o->kind == CLI_FLAG      ? no_argument
			: o->kind == CLI_MAYBE ? optional_argument
					       : required_argument;
		add_word(x, x->count, o->name, has,
			o->letter ? o->letter : LONG_ONLY + (int)x->count);
		x->count++;
		if (!o->letter)
			continue;
		x->letters[n++] = o->letter;
		if (has != no_argument)
			x->letters[n++] = ':';
		if (has == optional_argument)
			x->letters[n++] = ':';
	}
	x->letters[n++] = 'h';
	x->letters[n++] = 'V';
	add_word(x, x->count, "help", no_argument, 'h');
	add_word(x, x->count + 1, "version", no_argument, 'V');
	add_word(x, x->count + 2, "list-options", no_argument, OPT_LIST);
}

static const struct cli_option *
row_of(const struct parser *x, const struct cli_program *p, int value)
{
	size_t i;

	for (i = 0; i < x->count; i++)
		if (x->words[i].val == value)
			return &p->options[i];
	return NULL;
}

static void
say_and_leave(const struct cli_program *p, int value)
{
	if (value == 'h')
		print_help(p);
	else if (value == 'V')
		printf("%s %s\n", p->name, JIT_VERSION);
	else
		list_options(p);
	finish_early(p);
}

static int
parse(struct cli *c, int argc, char **argv, struct jit_error *err)
{
	struct parser x = {0};
	int v;

	build(&x, c->program);
	opterr = 0;
	unsetenv("POSIXLY_CORRECT"); /* options may follow operands */
	while ((v = getopt_long(argc, argv, x.letters, x.words, NULL)) != -1) {
		if (v == ':' || v == '?')
			note_wrong(&x, "'%.100s' %s", argv[optind - 1],
				v == ':' ? "wants an argument"
					 : "is no option or takes no argument");
		else if (v != 'h' && v != 'V' && v != OPT_LIST)
			take(&x, c, row_of(&x, c->program, v), optarg);
		else if (!x.wrong[0])
			say_and_leave(c->program, v);
	}
	if (x.wrong[0])
		return cli_usage(c, err, "%s", x.wrong);
	c->args = argv + optind;
	c->count = (size_t)(argc - optind);
	return 0;
}

int
cli_parse(struct cli *c, int argc, char **argv, struct jit_error *err)
{
	const struct cli_program *p = c->program;
	int rc = parse(c, argc, argv, err);

	if (rc == 0 && c->count < p->least)
		rc = cli_usage(c, err, "%s", p->wants);
	if (rc == 0 && c->count > p->most)
		rc = cli_usage(c, err, "'%.100s' is one word too many",
			c->args[p->most]);
	return rc;
}

/* Whether 'name' is one of 'names', which have blanks between them. */
static bool
is_among(const char *names, const char *name)
{
	size_t len;

	for (; *names; names += len + (names[len] == ' ')) {
		len = strcspn(names, " ");
		if (len == strlen(name) && strncmp(names, name, len) == 0)
			return true;
	}
	return false;
}

/* The first option that was given and is of others; NULL: none. */
static const struct cli_option *
stray(const struct cli *c, const char *word)
{
	const struct cli_option *o = c->program->options;
	uint64_t given;

	for (given = c->given; given; given >>= 1, o++)
		if ((given & 1) && o->of && !is_among(o->of, word))
			return o;
	return NULL;
}

static const struct cli_word *
word_after(const struct cli_word *w, size_t size)
{
	return (const void *)((const char *)w + size);
}

static void
fail_unknown(const struct cli *c, const struct cli_word *w, size_t size,
	struct jit_error *err)
{
	struct jit_buf names = {0};

	for (; w->name; w = word_after(w, size))
		jit_buf_fmt(&names, "%s%s", names.len ? ", " : "", w->name);
	cli_usage(c, err, "'%s' is not one of %s", c->args[0],
		cli_whole(&names));
	jit_buf_free(&names);
}

const void *
cli_word(const struct cli *c, const void *table, size_t size,
	struct jit_error *err)
{
	const struct cli_option *o;
	const struct cli_word *w = table;

	while (w->name && strcmp(w->name, c->args[0]) != 0)
		w = word_after(w, size);
	o = w->name ? stray(c, w->name) : NULL;
	if (!w->name)
		fail_unknown(c, table, size, err);
	else if (c->count - 1 < w->least || c->count - 1 > w->most)
		cli_usage(c, err, "%s wants %s after it", w->name, w->wants);
	else if (o)
		cli_usage(c, err, "--%s is not for %s", o->name, w->name);
	else
		return w;
	return NULL;
}

int
cli_mode(const struct cli *c, const char *mode, struct jit_error *err)
{
	const struct cli_option *o = stray(c, mode);

	if (!o)
		return 0;
	if (o->of[1] && !strchr(o->of, ' ') && strcmp(o->of + 2, o->name) != 0)
		return cli_usage(c, err, "--%s goes with %s", o->name, o->of);
	return cli_usage(c, err, "--%s does not go with %s", o->name,
		mode[1] ? mode : "this");
}
