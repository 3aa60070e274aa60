/* ledger: one history that nobody can bend, read, replayed and appended. */
#ifndef JIT_LEDGER_H
#define JIT_LEDGER_H

#include "judge.h"
#include "remote.h"
#include "store.h"

struct jit_ledger;

/*
 * Open the ledger at 'path' and bring its state up to its tip: from what is
 * remembered in 'memory_dir' (NULL: remember nothing, replay all) when the
 * tip descends from it. 'now' is the reader's clock in UTC seconds: a tip
 * more than twice the skew ahead is JIT_TROUBLE. JIT_EVIDENCE: forged,
 * altered, incomplete; rolled back, forked or swapped against what is
 * remembered (what was expected, what was found, what to do).
 */
int jit_ledger_open(struct jit_ledger **out, const char *path,
	const char *memory_dir, int64_t now, struct jit_error *err) JIT_CHECKED;

/* Verify what came since; the state moves on. As jit_ledger_open. */
int jit_ledger_update(struct jit_ledger *l, int64_t now,
	struct jit_error *err) JIT_CHECKED;

/* The verified state at the tip, borrowed until the next update. */
const struct jit_state *jit_ledger_state(const struct jit_ledger *l);
struct jit_store *jit_ledger_store(const struct jit_ledger *l);

/*
 * Fill in an event's own members for the state and time it will be judged
 * in: called again for each try, after a lost race too. The common ones are
 * there already. Texts are the caller's and must live until
 * jit_ledger_append returns, or are put into ev->mem. May refuse.
 */
typedef int jit_ledger_draft(struct jit_event *ev, const struct jit_state *s,
	int64_t at, void *arg, struct jit_error *err);

/*
 * Append one event signed by 'signer': lock, read the tip, verify what is
 * new, draft, judge, sign, write, read back, swap. Answers only when it is
 * durable; '*made' (may be NULL) is the commit, for the caller to free. A
 * slow signer signs without the lock until it lost twice. JIT_BUSY after
 * too many lost races, and all that the judge refuses.
 */
int jit_ledger_append(struct jit_commit *made, struct jit_ledger *l,
	jit_ledger_draft *draft, void *arg, enum jit_event_type type,
	const struct jit_signer *signer, int64_t now,
	struct jit_error *err) JIT_CHECKED;

/* The same without writing: would it be accepted? */
int jit_ledger_ask(struct jit_ledger *l, jit_ledger_draft *draft, void *arg,
	enum jit_event_type type, const struct jit_pubkey *key, int64_t now,
	struct jit_error *err) JIT_CHECKED;

/*
 * The ledger that was at 'path', from what is remembered of it alone: its
 * state is the last that was verified. Nothing can be appended to it, only
 * sealed. JIT_TROUBLE: nothing is remembered.
 */
int jit_ledger_recall(struct jit_ledger **out, const char *path,
	const char *memory_dir, int64_t now, struct jit_error *err) JIT_CHECKED;

/*
 * Why the remote that has its tip was not reached just now, borrowed; NULL:
 * it was, or there is none.
 */
const struct jit_error *jit_ledger_cut_off(const struct jit_ledger *l);

/*
 * Whether what was appended last may be recorded though it failed: what the
 * event needs beside the ledger must be kept.
 */
bool jit_ledger_unsure(const struct jit_ledger *l);

/* Whether it is such a one, and as what it was opened (borrowed). */
bool jit_ledger_away(const struct jit_ledger *l);
const char *jit_ledger_path(const struct jit_ledger *l);
const char *jit_ledger_memory(const struct jit_ledger *l); /* may be NULL */

/*
 * Seal an event instead of appending it, as far as the state that is known
 * allows it; it is in the state from then on, and nowhere else: '*made' is
 * the caller's to keep. With 'made' NULL it is only asked, for 'key', and
 * 'signer' is not needed. In 'draft' the event has a 'seen', which its
 * request's id is made of (jit_sealed_id).
 */
int jit_ledger_seal(struct jit_sealed *made, struct jit_ledger *l,
	jit_ledger_draft *draft, void *arg, enum jit_event_type type,
	const struct jit_signer *signer, const struct jit_pubkey *key,
	int64_t now, struct jit_error *err) JIT_CHECKED;

/* What another sealed is in the state from then on, if that allows it. */
int jit_ledger_admit(struct jit_ledger *l, const struct jit_sealed *sealed,
	int64_t now, struct jit_error *err) JIT_CHECKED;

/*
 * Append what was sealed, in a late event. As jit_ledger_append; JIT_OVER by
 * the rule late-once: the ledger has it already.
 */
int jit_ledger_deliver(struct jit_commit *made, struct jit_ledger *l,
	const struct jit_sealed *sealed, const struct jit_signer *signer,
	int64_t now, struct jit_error *err) JIT_CHECKED;

/*
 * Found a ledger at 'path', which must not exist: genesis with the drafted
 * name, policy and people. 'nonce' 32 random bytes. Nothing is left behind
 * when it fails.
 */
int jit_ledger_found(struct jit_commit *made, const char *path,
	jit_ledger_draft *draft, void *arg, const char *by,
	const struct jit_signer *signer, const unsigned char nonce[32],
	int64_t now, struct jit_error *err) JIT_CHECKED;

/* As jit_replay_visit. */
typedef int jit_ledger_visit(const struct jit_commit *c,
	const unsigned char oid[JIT_OID], const struct jit_state *after,
	void *arg, struct jit_error *err);

/* What a full replay found. */
struct jit_verdict {
	int64_t events;       /* as many commits are in the history */
	int64_t seq;          /* events that are good */
	char tip[JIT_HEX256]; /* SHA-256 of the last good one */
	char oid[JIT_OID_HEX];
	char bad_oid[JIT_OID_HEX]; /* first bad event, or "" */
	char bad_sha256[JIT_HEX256];
	int64_t bad_seq;
	char rule[32]; /* that it breaks, or "" (form, chain, signature) */
};

/* -- Clones whose tip is at a remote --------------------------------------- */

/* Where this clone's tip is, borrowed; NULL: here. */
const char *jit_ledger_url(const struct jit_ledger *l);

/*
 * How to reach it: 'r' is taken. From now on jit_ledger_append pushes: the
 * remote's ref is the only tip, and this clone's follows what it accepted.
 */
void jit_ledger_attach(struct jit_ledger *l, struct jit_remote *r);

/*
 * Get what is new at the remote, verify it, and only then move this clone to
 * it. It takes 'seconds' at most. 0 at once where there is no remote.
 * JIT_TROUBLE: not reached; the state is as it was. JIT_EVIDENCE: what is
 * there is no continuation of what was seen, or is bad.
 */
int jit_ledger_fetch(struct jit_ledger *l, int64_t now, int seconds,
	struct jit_error *err) JIT_CHECKED;

/*
 * UTC second at which whoever keeps this clone last heard the remote; 0:
 * never, or nobody knows.
 */
int64_t jit_ledger_heard(const struct jit_ledger *l);

/*
 * Whether this view is young enough to let anyone in (limits.stale): the
 * remote was heard that lately, and an issuer that beats was, too. Always
 * where there is no remote. JIT_TROUBLE, and how old it is.
 */
int jit_ledger_fresh(const struct jit_ledger *l, int64_t now,
	struct jit_error *err) JIT_CHECKED;

/* How many signatures the last jit_ledger_append took. */
int jit_ledger_signed(const struct jit_ledger *l);

/*
 * Make a clone of the remote at 'path', which must not exist: all of it
 * fetched, verified from genesis and compared with the fingerprint 'genesis'
 * (NULL: with nothing) before it has its name. 'r' is borrowed; where it
 * leads is noted in the clone, and so is its genesis. Nothing is left behind
 * when it fails.
 */
int jit_ledger_clone(struct jit_verdict *v, const char *path,
	const char *genesis, const struct jit_remote_way *way, int64_t now,
	int seconds, struct jit_error *err) JIT_CHECKED;

/* -- All of it ------------------------------------------------------------- */

/* What was verified of a ledger before. */
struct jit_known {
	const struct jit_state *state; /* NULL: nothing */
	bool trusted; /* what is the same is not asked for its signature */
};

/*
 * Replay everything from genesis, calling 'visit' (may be NULL) after each
 * event; '*state' (may be NULL) is the caller's. A missing object is
 * JIT_EVIDENCE, never the end of history; so are zero events. 'known' (may be
 * NULL) shows the way, which saves reading all twice; where it is trusted,
 * the SHA-256 of its last event stands for the signatures up to there.
 */
int jit_ledger_replay(struct jit_verdict *v, struct jit_state **state,
	struct jit_store *store, const struct jit_known *known,
	jit_ledger_visit *visit, void *arg, struct jit_error *err) JIT_CHECKED;

/*
 * Walk back from the verified tip, newest first; each event's SHA-256 must
 * be what its child names, so nothing needs to be verified again. 'after' is
 * NULL in 'visit'. Stop with a return of 1.
 */
int jit_ledger_back(struct jit_ledger *l, jit_ledger_visit *visit, void *arg,
	struct jit_error *err) JIT_CHECKED;

/* What a push would do to the ledger's ref, as git's pre-receive is told. */
struct jit_push {
	const unsigned char *old; /* where the pusher saw it; NULL: nowhere */
	const unsigned char *new; /* where it is to be */
	const char *inbox;        /* jit_store_inbox's folder; NULL: none */
};

/*
 * Whether a push may move the ref of the ledger at 'path': it goes on after
 * the newest event that is there, each event of it is good, none is dated
 * more than 5 seconds ahead of 'now', and nothing else comes with it. What
 * is remembered in 'memory_dir' (NULL: nothing) is met and spares its
 * replay; nothing is written. A repository without the ref takes the ledger
 * that its own configuration names as jit.genesis, and no other. '*seq' (may
 * be NULL) is what the ledger would have. JIT_NO: no fast-forward, dated
 * ahead, nothing to begin with, something else in it. JIT_EVIDENCE: an event
 * is bad, or what is there is. JIT_BUSY: another was faster.
 */
int jit_ledger_receive(int64_t *seq, const char *path, const char *memory_dir,
	const struct jit_push *push, int64_t now,
	struct jit_error *err) JIT_CHECKED;

/*
 * The same from the commit 'oid' back, whose SHA-256 the caller knows from
 * an earlier walk.
 */
int jit_ledger_back_from(struct jit_ledger *l, const unsigned char oid[JIT_OID],
	const unsigned char sha256[JIT_SHA256], jit_ledger_visit *visit,
	void *arg, struct jit_error *err) JIT_CHECKED;

/*
 * Whether it has passed another few hundred events since this was asked last,
 * or since what was remembered, or nothing was: time to look whether it wants
 * packing.
 */
bool jit_ledger_grown(struct jit_ledger *l);

/* What a principal's enrolled key is called; JIT_NO: nobody enrolled it. */
int jit_ledger_whoami(const struct jit_enrolment **out,
	const struct jit_ledger *l, const struct jit_pubkey *key,
	struct jit_error *err) JIT_CHECKED;

void jit_ledger_free(struct jit_ledger *l);

#endif
