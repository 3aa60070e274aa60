/* SPDX-License-Identifier: ISC */
#include "cli_inner.h"

#include <errno.h>
#include <fcntl.h>
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
 * Or a library has no way to fail but to call itself until the stack ends,
 * which is why this has a stack of its own. That is no answer, and it is said
 * as one line.
 */
static void
crashed(int signal)
{
	static const char line[] = "jit: crashed, on what it read or for want "
				   "of memory: look at the ledger with git "
				   "fsck\n";

	(void)signal;
	if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
		_exit(crash_status);
	_exit(crash_status);
}

static void
catch_crashes(const struct cli *c)
{
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	static unsigned char aside[16 * 1024];
	const stack_t stack = {.ss_sp = aside, .ss_size = sizeof(aside)};
	struct sigaction act = {.sa_handler = crashed, .sa_flags = SA_ONSTACK};
	size_t i;

	if (c->refusal)
		crash_status = c->refusal;
	sigaltstack(&stack, NULL);
	sigemptyset(&act.sa_mask);
	for (i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		sigaction(crashes[i], &act, NULL);
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

void
cli_start(struct cli *options, const struct cli_program *program, int argc,
	char **argv)
{
	struct jit_error err = {0};
	int rc;

	sane_process(options);
	options->program = program;
	options->now = (int64_t)time(NULL);
	options->uid = (unsigned int)geteuid();
	rc = cli_parse(options, argc, argv, &err);
	if (rc == 0)
		rc = jit_hash_start(&err);
	if (rc)
		exit(cli_end(options, rc, &err));
}

void
cli_out(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

/* Something was to be printed, and there was no memory for it. */
static bool unsaid;

const char *
cli_whole(const struct jit_buf *b)
{
	unsaid = unsaid || b->failed;
	return jit_buf_text(b);
}

void
cli_out_text(const char *s)
{
	struct jit_buf shown = {0};

	jit_text_escape(&shown, s, strlen(s));
	fputs(cli_whole(&shown), stdout);
	jit_buf_free(&shown);
}

void
cli_out_json(const struct jit_json *v)
{
	struct jit_buf line = {0};

	jit_json_encode(&line, v, 0);
	printf("%s\n", cli_whole(&line));
	jit_buf_free(&line);
}

/* Where there is no memory to escape it, what is not plain is left out. */
static void
say_plainly(const char *text)
{
	for (; *text; text++)
		putc(*text >= ' ' && *text <= '~' ? *text : '?', stderr);
}

/* One line on stderr, whatever is in it. */
static void
say(const struct cli *c, const char *text)
{
	struct jit_buf shown = {0};

	jit_text_escape(&shown, text, strlen(text));
	fprintf(stderr, "%s: ", c->program->name);
	if (shown.failed)
		say_plainly(text);
	else
		fputs(jit_buf_text(&shown), stderr);
	putc('\n', stderr);
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

/* The exit status that says 'code'. */
static int
status_of(const struct cli *c, int code, const char *why)
{
	if (c->refused)
		c->refused(c, code, why);
	return c->refusal ? c->refusal : -code;
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
	if (unsaid && status == 0) {
		fprintf(stderr, "%s: out of memory\n", c->program->name);
		status = -JIT_TROUBLE;
	}
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == 0) {
		fprintf(stderr, "%s: cannot write the answer: %s\n",
			c->program->name, strerror(errno));
		status = -JIT_TROUBLE;
	}
	return status;
}
