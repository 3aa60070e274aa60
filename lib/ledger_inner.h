/* ledger_inner: what the parts of the ledger room share. */
#ifndef JIT_LEDGER_INNER_H
#define JIT_LEDGER_INNER_H

#include "ledger.h"
#include "draft.h"
#include "memory.h"
#include "replay.h"

#define JIT_LEDGER_TRIES 100 /* of a signer that needs nobody */

struct jit_ledger {
	struct jit_store *store;   /* NULL: it is out of reach */
	struct jit_memory *memory; /* NULL: remembers nothing */
	struct jit_state *state;
	char *path, *memory_dir; /* as it was opened */

	/* what memory knew at first: it holds though its body may not load */
	bool known;
	char genesis[JIT_HEX256];
	int64_t seq;
	char tip[JIT_HEX256];

	struct jit_buf url;        /* "": the tip is here */
	struct jit_remote *remote; /* NULL: nobody said how to reach it */
	int64_t looked;            /* seq at which its growth was looked at */
	int64_t out;               /* a deadline: it was not reached; 0 */
	int64_t let_be;            /* another: no push tries it before; 0 */
	int64_t away_heard;        /* when it was heard last, by then */
	struct jit_error away;     /* why */

	/* what this append has sent, for an answer that was lost */
	unsigned char sent[JIT_LEDGER_TRIES][JIT_OID];
	int sent_count, arrived; /* index into 'sent', or -1 */
	int unmoved; /* pushes that failed though nobody was faster */
	int signed_count;
	bool unsure; /* the last append may be recorded */
};

/* Open it and recall its state; nothing is read of its history yet. */
int jit_ledger_start(struct jit_ledger **out, const char *path,
	const char *memory_dir, struct jit_error *err) JIT_CHECKED;

/* What is to be written, by whom, when. */
struct jit_plan {
	jit_ledger_draft *draft;
	void *arg;
	enum jit_event_type type;
	const struct jit_pubkey *key;
	const struct jit_signer *signer;
	int64_t now;
};

/* The event that comes after the state, asked of the judge and signed. */
int jit_ledger_make(struct jit_draft *d, struct jit_ledger *l,
	const struct jit_plan *p, struct jit_error *err) JIT_CHECKED;

/* It was accepted, as commit 'oid': the state moves on to it. */
int jit_ledger_take(struct jit_ledger *l, const struct jit_draft *d,
	const unsigned char oid[JIT_OID], struct jit_error *err) JIT_CHECKED;

/* jit_ledger_append where the tip is at a remote. */
int jit_ledger_send(struct jit_commit *made, struct jit_ledger *l,
	const struct jit_plan *p, struct jit_error *err) JIT_CHECKED;

/*
 * Verify all between the state and the commit 'tip', which may be any: the
 * state stands there then. '*trail' is what came. A failure may leave the
 * state in between.
 */
int jit_ledger_catch_up(struct jit_trail *trail, struct jit_ledger *l,
	const unsigned char tip[JIT_OID], struct jit_error *err) JIT_CHECKED;

/* The remote was heard: this view is of 'now'. */
void jit_ledger_note_heard(const struct jit_store *store, int64_t now);

/* A tip that is further ahead of this clock than it may be: JIT_TROUBLE. */
int jit_ledger_check_clock(const struct jit_ledger *l, int64_t now,
	struct jit_error *err) JIT_CHECKED;

/* "rolled back: expected event N, found only 'found'"; JIT_EVIDENCE. */
int jit_ledger_rolled_back(const struct jit_ledger *l, int64_t found,
	struct jit_error *err);

/* Make a folder beside 'path', have it filled, and give it that name. */
typedef int jit_ledger_fill(const char *made, void *arg, struct jit_error *err);
int jit_ledger_publish(const char *path, jit_ledger_fill *fill, void *arg,
	struct jit_error *err) JIT_CHECKED;

/* Whether the ref is where the state is: 1, 0 ('tip' set), or a code. */
int jit_ledger_at_tip(struct jit_ledger *l, unsigned char tip[JIT_OID],
	struct jit_error *err) JIT_CHECKED;

/* Note as what it was opened. JIT_TROUBLE: no memory. */
int jit_ledger_name(struct jit_ledger *l, const char *path,
	const char *memory_dir, struct jit_error *err) JIT_CHECKED;

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
