/* SPDX-License-Identifier: ISC */
/* court: people, a policy and a state in memory, to try events on. */
#ifndef JIT_COURT_H
#define JIT_COURT_H

#include "judge.h"

#define COURT_START 1795321661LL /* a Sunday, 2026-11-22T04:27:41Z */
#define COURT_DAY 86400LL

/* What is offered for pg: of no password that anybody knows. */
#define COURT_SCRAM                                                            \
	"SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"                         \
	"WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"                        \
	"wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
#define COURT_PG "resource=pg:orders;role=admin;offer=" COURT_SCRAM

/* A key each; DAN has three, of which one is a security key. */
enum court_who {
	ROOT,
	RITA,
	ALICE,
	CAROL,
	ERIN,
	DAN,
	DAN_TWO,
	DAN_SK,
	DORA,
	BOB,
	SUE,
	VIC,
	WANDA,
	HAL,
	WEB_ONE,
	ISSUER,
	BROKER,
	COURT_ENROLLED, /* who follows is not */
	MALLORY = COURT_ENROLLED,
	COURT_KEYS
};

/* What is so far: the state, and the last request, vote and session in it. */
extern struct jit_state *court;
extern int64_t court_now; /* of the next event, UTC seconds */
extern char court_id[JIT_ULID];
extern char court_request[JIT_HEX256];
extern char court_vote[JIT_HEX256];
extern char court_session[JIT_ULID]; /* the one that is open, or a new one */

/* How the certificate of the next issue differs; NULL: in nothing. */
extern void (*court_tweak)(struct jit_cert *cert);
extern bool court_rogue;     /* it is signed by a CA that no policy names */
extern bool court_untouched; /* nobody touches the security key */
extern bool court_sealed;    /* the next issue is made without the ledger */

void court_open(void); /* the keys; in a folder of their own */
void court_close(void);
void court_reset(void); /* to before genesis */

/* Its roster: "alice@ex.com", the line of a key, a class. */
const char *court_principal(enum court_who who);
const char *court_line(enum court_who who);
const char *court_class(enum court_who who);
const struct jit_signer *court_signer(enum court_who who); /* no sk */

/* A policy: the court's own with 'from' replaced by 'to'; borrowed. */
const struct jit_json *court_policy(const char *from, const char *to);

/* An id of the second 'at', another each time. */
void court_ulid(char id[JIT_ULID], int64_t at);

/*
 * The next event of 'who' with every member as it must be. The caller frees
 * it. 'change' (may be NULL) is "member=text;member+1;member-": a text, an
 * int, a text left out; a flag is 0 or 1; actions are "/bin/a x|/bin/b".
 */
void court_draft(struct jit_event *ev, enum jit_event_type type,
	enum court_who who, const char *change);

/* Judge it: jit_judge_apply, or only jit_judge_ask. */
int court_submit(const struct jit_event *ev, enum court_who who,
	struct jit_error *err);
int court_ask(const struct jit_event *ev, enum court_who who,
	struct jit_error *err);

/* Draft and submit; whether it was accepted, and if not it is said why. */
bool court_accepts(enum jit_event_type type, enum court_who who,
	const char *change);

#endif
