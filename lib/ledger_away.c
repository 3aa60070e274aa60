/* SPDX-License-Identifier: ISC */
/* A ledger that is out of reach: what is remembered of it, and sealing. */
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "ledger_inner.h"
#include "repo.h"

int
jit_ledger_name(struct jit_ledger *l, const char *path, const char *memory_dir,
	struct jit_error *err)
{
	l->path = strdup(path);
	if (memory_dir != NULL)
		l->memory_dir = strdup(memory_dir);
	if (l->path == NULL || (memory_dir != NULL && l->memory_dir == NULL))
		return jit_nomem(err);
	return 0;
}

bool
jit_ledger_away(const struct jit_ledger *l)
{
	return l->store == NULL;
}

const char *
jit_ledger_path(const struct jit_ledger *l)
{
	return l->path;
}

const char *
jit_ledger_memory(const struct jit_ledger *l)
{
	return l->memory_dir;
}

/* Of a bare one, or of the git dir in a work tree: neither can be asked. */
static int
remember(struct jit_ledger *l, const char *memory_dir, struct jit_error *err)
{
	char *inner;
	int rc;

	rc = jit_memory_open(&l->memory, &l->state, memory_dir, l->path, err);
	if (rc < 0 || l->state != NULL)
		return rc;
	jit_memory_free(l->memory);
	l->memory = NULL;
	inner = jit_repo_path("%s/.git", l->path);
	if (inner == NULL)
		return jit_nomem(err);
	rc = jit_memory_open(&l->memory, &l->state, memory_dir, inner, err);
	free(inner);
	return rc;
}

int
jit_ledger_recall(struct jit_ledger **out, const char *path,
	const char *memory_dir, int64_t now, struct jit_error *err)
{
	struct jit_ledger *l = calloc(1, sizeof(*l));
	int64_t ahead;
	int rc;

	if (l == NULL)
		return jit_nomem(err);
	rc = jit_ledger_name(l, path, memory_dir, err);
	if (rc == 0 && memory_dir != NULL)
		rc = remember(l, memory_dir, err);
	if (rc == 0 && l->state == NULL)
		rc = jit_fail(err, JIT_TROUBLE, "nothing is remembered of '%s'",
			path);
	ahead = rc == 0 ? l->state->at - now : 0;
	if (rc == 0 && ahead > 2 * l->state->policy.limits.skew)
		rc = jit_ledger_clock("behind the ledger's tip", ahead, err);
	if (rc < 0) {
		jit_ledger_free(l);
		return rc;
	}
	*out = l;
	return 0;
}

/* The event, without a place in the chain. The caller frees ev->mem. */
static int
draft_sealed(struct jit_event *ev, char key[JIT_FINGERPRINT],
	const struct jit_ledger *l, jit_ledger_draft *draft, void *arg,
	enum jit_event_type type, const struct jit_pubkey *pub, int64_t now,
	struct jit_error *err)
{
	const struct jit_state *s = l->state;
	const struct jit_enrolment *who;
	int64_t at = now > s->at ? now : s->at;
	int rc;

	if (at - now > s->policy.limits.skew)
		return jit_ledger_clock("behind the ledger", at - now, err);
	rc = jit_ledger_whoami(&who, l, pub, err);
	if (rc < 0)
		return rc;
	jit_draft_common(ev, key, s, type, pub, at);
	ev->seen = s->tip;
	return draft(ev, s, at, arg, err);
}

/* Whether the judge would take it, before anybody touches a key for it. */
static int
ask(struct jit_ledger *l, const struct jit_event *ev,
	const struct jit_pubkey *key, int64_t now, struct jit_error *err)
{
	struct jit_sealed x = {.event = *ev, .signature = {.key = *key}};
	int rc = jit_sealed_digest(x.sha256, ev, err);

	return rc < 0 ? rc : jit_judge_admit(l->state, &x, now, true, err);
}

int
jit_ledger_seal(struct jit_sealed *made, struct jit_ledger *l,
	jit_ledger_draft *draft, void *arg, enum jit_event_type type,
	const struct jit_signer *signer, const struct jit_pubkey *key,
	int64_t now, struct jit_error *err)
{
	char fingerprint[JIT_FINGERPRINT];
	struct jit_sealed x = {0};
	struct jit_event ev = {0};
	int rc;

	rc = draft_sealed(&ev, fingerprint, l, draft, arg, type, key, now, err);
	if (rc == 0)
		rc = ask(l, &ev, key, now, err);
	if (rc == 0 && made != NULL)
		rc = jit_sealed_make(&x, &ev, signer, err);
	if (rc == 0 && made != NULL)
		rc = jit_judge_admit(l->state, &x, now, false, err);
	jit_arena_free(&ev.mem);
	if (rc == 0 && made != NULL) {
		*made = x;
		memset(&x, 0, sizeof(x)); /* transferred */
	}
	jit_sealed_free(&x);
	return rc;
}

int
jit_ledger_admit(struct jit_ledger *l, const struct jit_sealed *sealed,
	int64_t now, struct jit_error *err)
{
	return jit_judge_admit(l->state, sealed, now, false, err);
}

static int
draft_late(struct jit_event *ev, const struct jit_state *s, int64_t at,
	void *arg, struct jit_error *err)
{
	const struct jit_sealed *x = arg;

	(void)s;
	(void)at;
	(void)err;
	ev->sealed = x->event.json;
	ev->signature = x->line;
	return 0;
}

int
jit_ledger_deliver(struct jit_commit *made, struct jit_ledger *l,
	const struct jit_sealed *sealed, const struct jit_signer *signer,
	int64_t now, struct jit_error *err)
{
	struct jit_sealed borrowed = *sealed; /* only to be read */

	return jit_ledger_append(made, l, draft_late, &borrowed, JIT_LATE,
		signer, now, err);
}
