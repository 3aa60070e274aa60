/* SPDX-License-Identifier: ISC */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "text.h"
#include "when.h"

#define ROWS_MAX 40
#define LONG_ONLY 256 /* getopt values of rows without a letter */

enum { OPT_LIST = LONG_ONLY + ROWS_MAX };

/* Understood by every program, and listed by every program. */
static const struct cli_option everyone[] = {
	{'h', "help", CLI_FLAG, NULL, "say how it is used", 0},
	{'V', "version", CLI_FLAG, NULL, "say which version it is", 0},
	CLI_ROW_END};

/* The three standard descriptors exist, or a file would take their place. */
static void
open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		_exit(-JIT_TROUBLE);
	close(fd);
}

static int crash_status = -JIT_TROUBLE;

/*
 * What is read may be damaged in ways that a library does not foresee: an
 * index that points beyond its pack, a file that shrinks while it is mapped.
 * That is no answer, and it is said as one line.
 */
static void
crashed(int signal)
{
	static const char line[] = "jit: crashed on what it read: look at the "
				   "ledger with git fsck\n";

	(void)signal;
	if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
		_exit(crash_status);
	_exit(crash_status);
}

static void
catch_crashes(const struct cli *c)
{
	if (c->refusal)
		crash_status = c->refusal;
	signal(SIGSEGV, crashed);
	signal(SIGBUS, crashed);
	signal(SIGFPE, crashed);
	signal(SIGILL, crashed);
}

static void
sane_process(const struct cli *c)
{
	const struct rlimit none = {0, 0};

	open_standard();
	setrlimit(RLIMIT_CORE, &none);
	umask(umask(0) | S_IWOTH);
	signal(SIGPIPE, SIG_IGN);
	catch_crashes(c);
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
	printf("  %-26s %s\n", left, o->help);
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
			printf("%s%.1s\t--%s\t%s%s%s\t%s\n",
				o->letter ? "-" : "",
				o->letter ? &o->letter : "", o->name,
				maybe ? "[" : "", o->arg ? o->arg : "",
				maybe ? "]" : "", o->help);
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

/* The exit status that says 'code'. */
static int
status_of(const struct cli *c, int code, const char *why)
{
	if (c->refused)
		c->refused(c, code, why);
	return c->refusal ? c->refusal : -code;
}

static void
wrong_word(const struct cli *c, const char *text)
{
	const char *name = c->program->name;
	struct jit_buf shown = {0};

	jit_text_escape(&shown, text, strlen(text));
	fprintf(stderr, "%s: %s (see %s -h)\n", name, jit_buf_text(&shown),
		name);
	jit_buf_free(&shown);
	exit(status_of(c, JIT_USAGE, text));
}

/* The table as getopt_long wants it. */
struct parser {
	char letters[3 * ROWS_MAX + 8];
	struct option words[ROWS_MAX + 4];
	const struct cli_option *rows[ROWS_MAX];
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
		x->rows[x->count++] = o;
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
row_of(const struct parser *x, int value)
{
	size_t i;

	for (i = 0; i < x->count; i++)
		if (x->words[i].val == value)
			return x->rows[i];
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

static void
parse(struct cli *c, int argc, char **argv)
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
			take(&x, c, row_of(&x, v), optarg);
		else if (!x.wrong[0])
			say_and_leave(c->program, v);
	}
	if (x.wrong[0])
		wrong_word(c, x.wrong);
	c->args = argv + optind;
	c->count = (size_t)(argc - optind);
}

static void
check_operands(const struct cli *c)
{
	char text[200];

	if (c->count < c->program->least)
		wrong_word(c, c->program->wants);
	if (c->count > c->program->most) {
		snprintf(text, sizeof(text), "'%.100s' is one word too many",
			c->args[c->program->most]);
		wrong_word(c, text);
	}
}

void
cli_start(struct cli *options, const struct cli_program *program, int argc,
	char **argv)
{
	struct jit_error err = {0};

	sane_process(options);
	options->program = program;
	options->now = (int64_t)time(NULL);
	options->uid = (unsigned int)geteuid();
	parse(options, argc, argv);
	check_operands(options);
	if (jit_hash_start(&err))
		exit(cli_end(options, JIT_TROUBLE, &err));
}

void
cli_out(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

void
cli_out_text(const char *s)
{
	struct jit_buf shown = {0};

	jit_text_escape(&shown, s, strlen(s));
	fputs(jit_buf_text(&shown), stdout);
	jit_buf_free(&shown);
}

void
cli_out_json(const struct jit_json *v)
{
	struct jit_buf line = {0};

	jit_json_encode(&line, v, 0);
	printf("%s\n", jit_buf_text(&line));
	jit_buf_free(&line);
}

/* One line on stderr, whatever is in it. */
static void
say(const struct cli *c, const char *text)
{
	struct jit_buf shown = {0};

	jit_text_escape(&shown, text, strlen(text));
	fprintf(stderr, "%s: %s\n", c->program->name, jit_buf_text(&shown));
	jit_buf_free(&shown);
}

void
cli_hint(const struct cli *c, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (c->quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(c, text);
}

void
cli_more(const struct cli *c, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!c->verbose)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(c, text);
}

int
cli_usage(const struct cli *c, struct jit_error *err, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return jit_fail(err, JIT_USAGE, "%s (see %s -h)", text,
		c->program->name);
}

void
cli_complain(const struct cli *c, const struct jit_error *err)
{
	if (err->text[0] && err->rule[0] && c->verbose)
		fprintf(stderr, "%s: by rule %s\n", c->program->name,
			err->rule);
	if (err->text[0])
		say(c, err->text);
}

int
cli_end(struct cli *c, int rc, const struct jit_error *err)
{
	int status = 0;

	if (rc < 0 && err)
		cli_complain(c, err);
	if (rc < 0)
		status = status_of(c, rc, err ? err->text : "");
	jit_signer_free(c->signer);
	jit_buf_free(&c->outbox);
	jit_ledger_free(c->ledger);
	jit_buf_free(&c->ledger_name);
	jit_buf_free(&c->key_name);
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == 0) {
		fprintf(stderr, "%s: cannot write the answer: %s\n",
			c->program->name, strerror(errno));
		status = -JIT_TROUBLE;
	}
	return status;
}
