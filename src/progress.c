/* SPDX-License-Identifier: ISC */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "when.h"

#define FEW 1000     /* events that are done before anybody has read a line */
#define EVERY 250    /* milliseconds */
#define SETTLED 1000 /* milliseconds before a rate means anything */
#define COLUMNS 79

static int64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
progress_start(struct progress *p, const struct cli *c)
{
	*p = (struct progress){.cli = c,
		.on = !c->quiet && isatty(STDERR_FILENO)};
}

/* ", 14000 a second, 1m2s left" */
static void
put_rate(struct jit_buf *line, int64_t done, int64_t total, int64_t ms)
{
	int64_t rate = done * 1000 / ms;

	if (rate == 0)
		return;
	jit_buf_fmt(line, ", %lld a second, ", (long long)rate);
	jit_when_spell(line, (total - done + rate - 1) / rate);
	jit_buf_str(line, " left");
}

void
progress_tell(struct progress *p, int64_t done, int64_t total)
{
	struct jit_buf line = {0};
	int64_t now;

	if (!p->on || total < FEW)
		return;
	now = clock_ms();
	if (p->begun && now - p->told < EVERY)
		return;
	if (!p->begun)
		p->begun = now;
	p->told = now;
	jit_buf_fmt(&line, "%s: %lld of %lld events", p->cli->program->name,
		(long long)done, (long long)total);
	if (now - p->begun >= SETTLED)
		put_rate(&line, done, total, now - p->begun);
	fprintf(stderr, "\r%-*.*s", COLUMNS, COLUMNS, jit_buf_text(&line));
	fflush(stderr);
	jit_buf_free(&line);
}

void
progress_end(struct progress *p)
{
	if (p->begun)
		fprintf(stderr, "\r%*s\r", COLUMNS, "");
	p->begun = 0;
}
