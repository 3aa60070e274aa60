/* SPDX-License-Identifier: ISC */
#include "session.h"

#include <string.h>

#include "act.h"

struct draft {
	const struct session *session;
	const char *program; /* NULL: it is closed */
	char argv[JIT_HEX256];
	const struct session_end *end;
};

void
session_name(struct session *x, const char *id, int64_t now)
{
	unsigned char chance[10];

	jit_random(chance, sizeof(chance));
	jit_ulid_make(x->name, now, chance);
	memcpy(x->id, id, JIT_ULID);
	cli_host(x->host, sizeof(x->host));
}

static const char *
program_of(const char *word)
{
	const char *slash = strrchr(word, '/');
	const char *last = slash ? slash + 1 : word;

	return jit_name_task(last) ? last : "command";
}

static int
digest_words(char out[JIT_HEX256], const char *const *argv,
	const unsigned char salt[SESSION_SALT], struct jit_error *err)
{
	struct jit_buf words = {0};
	int rc;

	jit_buf_put(&words, salt, SESSION_SALT);
	for (; *argv; argv++)
		jit_buf_put(&words, *argv, strlen(*argv) + 1);
	rc = jit_buf_failed(&words, err);
	if (rc == 0)
		jit_sha256_hex(out, words.data, words.len);
	jit_buf_free(&words);
	return rc;
}

static void
put_end(struct jit_event *ev, const struct session_end *end)
{
	ev->phase = "close";
	ev->exit = end->exit;
	ev->killed = end->killed;
	ev->recordings.count = end->recording != NULL;
	ev->recordings.at = (const char **)(uintptr_t)&end->recording;
}

static int
draft(struct jit_event *ev, const struct jit_state *s, int64_t at, void *arg,
	struct jit_error *err)
{
	const struct draft *d = arg;

	(void)at;
	(void)err;
	ev->id = d->session->id;
	ev->session = d->session->name;
	ev->host = d->session->host;
	ev->counter = jit_state_counted(s, ev->by) + 1;
	if (!d->program) {
		put_end(ev, d->end);
		return 0;
	}
	ev->phase = "open";
	ev->program = d->program;
	ev->argv = d->argv;
	return 0;
}

int
session_open(const struct session *x, struct cli *c, const char *const *argv,
	const unsigned char salt[SESSION_SALT], struct jit_error *err)
{
	struct draft d = {.session = x, .program = program_of(argv[0])};
	int rc = digest_words(d.argv, argv, salt, err);

	return rc ? rc : act(c, JIT_USE, draft, &d, x->id, err);
}

int
session_close(const struct session *x, struct cli *c,
	const struct session_end *end, struct jit_error *err)
{
	struct draft d = {.session = x, .end = end};

	return act(c, JIT_USE, draft, &d, NULL, err);
}
