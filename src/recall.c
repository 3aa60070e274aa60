/* SPDX-License-Identifier: ISC */
#include "recall.h"

#include <string.h>

#include "cli.h"
#include "memory.h"

#define TO_DO "ask others for their clone; see jit-ledger(5)"

int
recall_read(struct recall *r, const struct jit_store *store,
	struct jit_error *err)
{
	const char *dir = cli_memory_dir();
	struct jit_memory *memory = NULL;
	int rc;

	if (!dir)
		return 0;
	rc = jit_memory_open(&memory, &r->state, dir, jit_store_path(store),
		err);
	if (rc)
		return rc;
	r->known = jit_memory_known(memory, r->genesis, &r->seq, r->tip);
	jit_memory_free(memory);
	return 0;
}

void
recall_free(struct recall *r)
{
	jit_state_free(r->state);
	r->state = NULL;
}

void
recall_visit(struct recall *r, const struct jit_state *after)
{
	if (r->known && after->seq == r->seq)
		r->met = strcmp(after->tip, r->tip) == 0;
}

int
recall_compare(const struct recall *r, const char *genesis, int64_t seq,
	struct jit_error *err)
{
	if (!r->known)
		return 0;
	if (strcmp(r->genesis, genesis) != 0)
		return jit_fail(err, JIT_EVIDENCE,
			"swapped: expected the ledger %.12s, found the ledger "
			"%.12s: " TO_DO,
			r->genesis, genesis);
	if (seq < r->seq)
		return jit_fail(err, JIT_EVIDENCE,
			"rolled back: expected event %lld (sha256 %.12s) or a "
			"later one, found only %lld: " TO_DO,
			(long long)r->seq, r->tip, (long long)seq);
	if (!r->met)
		return jit_fail(err, JIT_EVIDENCE,
			"forked: expected a history with event %lld (sha256 "
			"%.12s), found one without it: " TO_DO,
			(long long)r->seq, r->tip);
	return 0;
}
