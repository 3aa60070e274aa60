/* SPDX-License-Identifier: ISC */
#include "cloning.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "name.h"

#define SECONDS 600 /* that all of a ledger may take */

void
cloning_forget(const char *path, const char *genesis)
{
	char was[JIT_HEX256] = "", tip[JIT_HEX256];
	const char *dir = cli_memory_dir();
	struct jit_memory *memory = NULL;
	struct jit_state *state = NULL;
	int64_t seq;

	if (!dir || jit_memory_open(&memory, &state, dir, path, NULL))
		return;
	if (!genesis ||
		(jit_memory_known(memory, was, &seq, tip) &&
			strcmp(was, genesis) != 0))
		unlink(jit_memory_path(memory));
	jit_state_free(state);
	jit_memory_free(memory);
}

/* A path is to be found from everywhere. */
static int
whole_url(struct jit_buf *out, const char *url, struct jit_error *err)
{
	char *real = NULL;

	if (access(url, F_OK) == 0)
		real = realpath(url, NULL);
	jit_buf_str(out, real ? real : url);
	free(real);
	return jit_buf_failed(out, err);
}

static int
answer(const struct cli *c, const char *url, const struct jit_state *s,
	struct jit_error *err)
{
	struct jit_json *o;
	bool made;

	if (!c->json) {
		cli_out("%s\n", s->genesis);
		return 0;
	}
	o = jit_json_object();
	made = jit_json_set_text(o, "genesis", s->genesis) &&
		jit_json_set_text(o, "ledger", c->args[0]) &&
		jit_json_set_text(o, "name", s->name) &&
		jit_json_set_text(o, "remote", url) &&
		jit_json_set_int(o, "seq", s->seq);
	if (made)
		cli_out_json(o);
	jit_json_free(o);
	return made ? 0 : jit_nomem(err);
}

static void
say_cloned(const struct cli *c, const char *name, bool compared)
{
	char *whole = realpath(c->args[0], NULL);

	if (!compared)
		cli_hint(c,
			"compared with nothing: ask who founded '%s' for its "
			"fingerprint, and hold it against this one",
			name);
	cli_hint(c, "cloned '%s': git config --global jit.ledger '%s'", name,
		whole ? whole : c->args[0]);
	free(whole);
}

/* From now on it is known, and what it was cloned from is asked. */
static int
remember(struct cli *c, const char *url, bool compared, struct jit_error *err)
{
	const struct jit_state *s;
	int rc;

	c->ledger_path = c->args[0];
	rc = cli_ledger_here(c, err);
	if (rc)
		return rc;
	s = jit_ledger_state(c->ledger);
	rc = answer(c, url, s, err);
	if (rc == 0)
		say_cloned(c, s->name, compared);
	return rc;
}

int
cloning(struct cli *c, const char *url, const char *genesis,
	struct jit_error *err)
{
	struct jit_remote_way way = {0};
	struct jit_verdict v = {0};
	struct jit_buf whole = {0};
	int rc;

	if (genesis && !jit_name_sha256(genesis))
		return cli_usage(c, err,
			"-g wants a ledger's fingerprint: 64 lower-case hex "
			"digits, as jit-init prints it");
	rc = whole_url(&whole, url, err);
	if (rc == 0)
		rc = cli_way(&way, jit_buf_text(&whole), err);
	if (rc == 0)
		rc = jit_ledger_clone(&v, c->args[0], genesis, &way, c->now,
			SECONDS, err);
	if (rc == 0 && genesis)
		cloning_forget(c->args[0], genesis);
	if (rc == 0)
		rc = remember(c, jit_buf_text(&whole), genesis != NULL, err);
	jit_buf_free(&whole);
	return rc;
}
