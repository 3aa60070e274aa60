/* ledger_inner: what the parts of the ledger room share. */
#ifndef JIT_LEDGER_INNER_H
#define JIT_LEDGER_INNER_H

#include "ledger.h"
#include "memory.h"

struct jit_ledger {
	struct jit_store *store;
	struct jit_memory *memory; /* NULL: remembers nothing */
	struct jit_state *state;

	/* what memory knew at first: it holds though its body may not load */
	bool known;
	char genesis[JIT_HEX256];
	int64_t seq;
	char tip[JIT_HEX256];
};

/* Open it and recall its state; nothing is read of its history yet. */
int jit_ledger_start(struct jit_ledger **out, const char *path,
	const char *memory_dir, struct jit_error *err) JIT_CHECKED;

/* Verify all between the state and 'tip', which must descend from it. */
int jit_ledger_catch_up(struct jit_ledger *l, const unsigned char tip[JIT_OID],
	struct jit_error *err) JIT_CHECKED;

/* Whether the ref is where the state is: 1, 0 ('tip' set), or a code. */
int jit_ledger_at_tip(struct jit_ledger *l, unsigned char tip[JIT_OID],
	struct jit_error *err) JIT_CHECKED;

/* Bring the state to the tip; '*moved': it was not there. */
int jit_ledger_verify(bool *moved, struct jit_ledger *l, int64_t now,
	struct jit_error *err) JIT_CHECKED;

/* From now on the state is what must be met again. */
void jit_ledger_expect(struct jit_ledger *l);

/*
 * Remember the state if the ref is there. A folder that cannot be written
 * keeps nobody from reading: what was remembered before holds. JIT_EVIDENCE.
 */
int jit_ledger_keep(struct jit_ledger *l, struct jit_error *err) JIT_CHECKED;

/* "this clock is 5m TEXT: check the clock"; returns JIT_TROUBLE. */
int jit_ledger_clock(const char *text, int64_t seconds, struct jit_error *err);

#endif
