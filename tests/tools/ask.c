/* SPDX-License-Identifier: ISC */
/*
 * ask: one question to a connector, as jit's programs ask it.
 *
 *	ask VERB < QUESTION
 *
 * QUESTION is the JSON of jit-connector(5) for any verb (a target that is
 * left out is read from where root has it); its answer goes to stdout, what
 * went wrong to stderr, the status is that of jit(7).
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "connector.h"

/* With the target, and what else this verb's question has. */
static int
complete(struct jit_json *all, enum jit_verb verb, struct jit_buf *out,
	struct jit_error *err)
{
	const struct jit_member *m = jit_errand_shape(verb);
	struct jit_json *target = NULL, *o = jit_json_object();
	const struct jit_json *v;
	int rc = 0;

	if (!jit_json_get(all, "target")) {
		rc = connector_target(&target,
			jit_json_text(jit_json_get(all, "resource")), err);
		jit_json_set(all, "target",
			target ? target : jit_json_object());
	}
	for (; rc == 0 && m->name; m++) {
		v = jit_json_get(all, m->name);
		if (v)
			jit_json_set(o, m->name, jit_json_keep(v));
	}
	jit_json_encode(out, o, 0);
	jit_json_free(o);
	return rc;
}

static int
ask(enum jit_verb verb, struct jit_error *err)
{
	struct jit_buf in = {0}, question = {0}, out = {0};
	struct jit_json *all = NULL, *json = NULL;
	struct jit_errand e = {0};
	struct jit_reply r = {0};
	struct jit_arena mem = {0};
	int rc;

	rc = cli_read_file(&in, "-", JIT_ERRAND_MAX, err);
	if (rc == 0)
		rc = jit_json_read(&all, in.data, in.len, JIT_ERRAND_MAX, err);
	if (rc == 0)
		rc = complete(all, verb, &question, err);
	if (rc == 0)
		rc = jit_errand_read(&e, &json, &mem, verb, question.data,
			question.len, err);
	if (rc == 0 && !e.resource)
		e.resource = jit_json_text(jit_json_get(all, "resource"));
	if (rc == 0)
		rc = connector_run(&r, verb, &e, err);
	if (rc == 0)
		rc = jit_reply_write(&out, &r, verb, err);
	if (rc == 0)
		fputs(jit_buf_text(&out), stdout);
	jit_reply_free(&r);
	jit_buf_free(&in);
	jit_buf_free(&question);
	jit_buf_free(&out);
	jit_json_free(json);
	jit_json_free(all);
	jit_arena_free(&mem);
	return rc;
}

int
main(int argc, char **argv)
{
	struct jit_error err = {0};
	int verb = argc == 2 ? jit_verb_read(argv[1]) : -1;
	int rc;

	signal(SIGPIPE, SIG_IGN); /* as every program of jit does */
	if (verb < 0) {
		fputs("usage: ask VERB < QUESTION\n", stderr);
		return 2;
	}
	rc = ask((enum jit_verb)verb, &err);
	if (rc)
		fprintf(stderr, "%s\n", err.text);
	return -rc;
}
