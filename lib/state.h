/* state: the fold of a ledger's events, as large as what is open. */
#ifndef JIT_STATE_H
#define JIT_STATE_H

#include "commit.h"
#include "name.h"
#include "policy.h"
#include "cert.h"
#include "ulid.h"

enum jit_class {
	JIT_PERSON,
	JIT_VENDOR,
	JIT_WORKLOAD,
	JIT_HOST,
	JIT_ISSUER,
	JIT_CLASSES /* how many there are */
};

/* One enrolled key; a principal with two keys has two of these. */
struct jit_enrolment {
	const char *principal;
	enum jit_class class;
	struct jit_pubkey key;
	char fingerprint[JIT_FINGERPRINT];
	int64_t seq;         /* since this event */
	int64_t retired;     /* by this event; 0: not */
	int64_t until;       /* UTC second from which it gives nothing new */
	const char *sponsor; /* NULL: none */
	int64_t hardware;    /* 1: enrolled as kept in hardware */
	const char *attest;  /* NULL: nothing is said of it */
};

struct jit_vote {
	unsigned char sha256[JIT_SHA256]; /* of the approve event */
	const char *by;
	const char *as;           /* group */
	int64_t at;               /* UTC seconds */
	int64_t duration;         /* seconds; 0: as asked */
	struct jit_lists actions; /* none: as asked */
	unsigned char sk; /* 1: by a security key that a person touched */
	char key[JIT_FINGERPRINT]; /* that signed it; "": only imagined */
	struct jit_vote *next;     /* in the order of the chain */
};

enum jit_stage { JIT_WAITING, JIT_ACTIVE };

/* A grant that is open: from its request to its end. */
struct jit_grant {
	char id[JIT_ULID];
	enum jit_stage stage;
	unsigned char request[JIT_SHA256]; /* of the request event */
	int64_t at;                        /* asked, UTC seconds */
	const char *by;
	char key[JIT_FINGERPRINT]; /* that asked; "": only imagined */
	const char *resource;
	const char *role;
	const char *task;
	const char *reason;
	const char *source;
	const char *offer;        /* NULL: none */
	struct jit_lists actions; /* asked; once active, given; none: any */
	int64_t duration;         /* asked, seconds */
	int64_t glass;            /* 1: by break-glass */
	const char *change;       /* canonical JSON of a change, or NULL */
	char extends[JIT_ULID];   /* "" or the grant that it makes longer */
	int64_t total; /* seconds with those that it extends, once active */
	struct jit_vote *votes;

	/* once active */
	int64_t issued; /* seq */
	const char *issuer;
	char issuer_key[JIT_FINGERPRINT];
	const char *rule;
	int64_t from, until;
	int64_t serial;        /* 0: it has no certificate */
	char cert[JIT_HEX256]; /* SHA-256 of the certificate */
	struct jit_pubkey ca;  /* that signed it */
	int64_t control;       /* 1: a probe found it working */
	int64_t late;          /* 1: it was issued without the ledger */

	bool in_block; /* of the state that was loaded, not by itself */
	struct jit_arena mem;
};

/* A certificate that was ended before its own end, until that has passed. */
struct jit_revoked {
	char id[JIT_ULID]; /* of its grant */
	struct jit_pubkey ca;
	int64_t serial;
	int64_t until; /* UTC second from which no clock within the skew of
			  this one takes it */
};

/* What a budget has given, until its 'per' is over. */
struct jit_spend {
	char id[JIT_ULID];
	char rule[JIT_LABEL_MAX];
	char by[JIT_PRINCIPAL_MAX];
	int64_t at;      /* of the issue */
	int64_t seconds; /* given, or had where it ended sooner */
};

/* A review that is owed for a break-glass. */
struct jit_debt {
	char id[JIT_ULID];
	char group[JIT_LABEL_MAX];
	char by[JIT_PRINCIPAL_MAX]; /* who broke the glass */
	int64_t asked;              /* of the request */
	int64_t at;                 /* of the issue */
	int64_t drill;              /* 1: its task was "drill" */
	int64_t due;                /* UTC second from which it is overdue */
};

/* What was started under a grant and is not over yet, for all one knows. */
struct jit_session {
	char session[JIT_ULID];
	char id[JIT_ULID];   /* of the grant it was opened under */
	char live[JIT_ULID]; /* of that, or of the last that extends it */
	char by[JIT_PRINCIPAL_MAX]; /* who says so */
	char resource[JIT_RESOURCE_MAX];
	char holder[JIT_PRINCIPAL_MAX];
	char host[JIT_TASK_MAX]; /* where */
	int64_t at;              /* since, UTC seconds */
	int64_t due;             /* the grant's end, as it was then */
};

/* How many uses and beats a principal has written: a gap would show. */
struct jit_counter {
	char by[JIT_PRINCIPAL_MAX];
	int64_t n;
	int64_t beat; /* UTC second of the last beat; 0: none */
	int64_t owed; /* as it said then */
};

/* A policy that was in force, for what was made under it and comes late. */
struct jit_former {
	char *json; /* canonical; its own memory */
	int64_t version;
	int64_t seq;      /* in force from this event */
	int64_t since;    /* UTC second that it is in force from */
	int64_t replaced; /* UTC second of its end */
};

/* What was sealed and has been delivered, while it could be again. */
struct jit_delivered {
	unsigned char sha256[JIT_SHA256];
	int64_t left; /* UTC second at which the ledger went on without it */
};

/* An event of the history, as 'seen' names it. */
struct jit_mark {
	unsigned char sha256[JIT_SHA256];
	int64_t seq, at;
};

/* One event of every JIT_STONE_EVERY, by which history is found again. */
#define JIT_STONE_EVERY 8192
struct jit_stone {
	int64_t seq;
	unsigned char oid[JIT_OID];
};

/* A grant that is over, and has not been shown to be dead. */
struct jit_unproven {
	char id[JIT_ULID];
	const char *resource; /* its texts: the state's own, in one block */
	const char *role;
	const char *holder;
	int64_t due;     /* UTC second at which it should have been dead */
	int64_t ended;   /* of its end event */
	int64_t control; /* 1: a refusal counts: it was found working, or
			    never given */
	int64_t glass;   /* 1: by break-glass */
};

struct jit_state {
	char genesis[JIT_HEX256]; /* the ledger's fingerprint; "" before it */
	const char *name;
	int64_t seq;                /* of the last event; 0: none */
	char tip[JIT_HEX256];       /* its SHA-256 */
	unsigned char oid[JIT_OID]; /* its git id, for finding it only */
	int64_t at;                 /* its time */

	struct jit_stone *stones; /* in the order of their events */
	size_t stones_count, stones_cap;

	int64_t policy_version;
	struct jit_policy policy;

	struct jit_enrolment *people;
	size_t people_count;

	struct jit_grant **grants; /* in the order of their ids */
	size_t grants_count, grants_cap;

	char (*recent)[JIT_ULID]; /* ids of requests at the tip's second, in
				     runs that are sorted (state_recent.c) */
	size_t recent_count, recent_cap;

	struct jit_revoked *revoked; /* in the order of their ends */
	size_t revoked_count, revoked_cap;

	struct jit_spend *spends; /* in the order of their issues */
	size_t spends_count, spends_cap;

	int64_t next_over; /* no revocation and no budget is over before this
			      second; 0: they are to be looked through */

	struct jit_debt *debts; /* in the order of their issues */
	size_t debts_count, debts_cap;

	struct jit_session *sessions; /* in the order of their opening */
	size_t sessions_count, sessions_cap;

	struct jit_counter *counters;
	size_t counters_count, counters_cap;

	struct jit_unproven *unproven; /* in the order of their ids */
	size_t unproven_count, unproven_cap;

	int64_t policy_since; /* UTC second that it is in force from */
	int64_t policy_seq;   /* the event that it is in force from */

	struct jit_former *formers; /* in the order of their versions */
	size_t formers_count, formers_cap;

	struct jit_delivered *delivered; /* in the order of their events */
	size_t delivered_count, delivered_cap;
	int64_t horizon; /* UTC second: what left before is too late */

	/* The last events, oldest first; not saved, kept once it is asked
	 * for (jit_state_mark). */
	struct jit_mark *past;
	size_t past_count, past_cap;

	/* of one that was loaded: the bytes its texts are in, its grants */
	unsigned char *saved;
	struct jit_grant *block;
	struct jit_arena mem;
};

/* "person" and so on; -1 for no class. */
const char *jit_class_name(enum jit_class c);
int jit_class_read(const char *name);

/* An empty state, before genesis. */
int jit_state_new(struct jit_state **out, struct jit_error *err) JIT_CHECKED;
void jit_state_free(struct jit_state *s);

/* Looking; borrowed, NULL when there is none, or none that is not retired. */
const struct jit_enrolment *jit_state_key(const struct jit_state *s,
	const char *fingerprint);
const struct jit_enrolment *jit_state_person(const struct jit_state *s,
	const char *principal); /* the key that lasts longest */
struct jit_grant *jit_state_grant(const struct jit_state *s, const char *id);

/*
 * The open grant whose id starts with 'prefix' (jit_ulid_prefix), or whole.
 * JIT_USAGE: no id or several begin so; JIT_NOGRANT.
 */
int jit_state_find(struct jit_grant **out, const struct jit_state *s,
	const char *prefix, struct jit_error *err) JIT_CHECKED;

/* Its last event is the commit 'oid'. JIT_TROUBLE: no memory. */
int jit_state_stand(struct jit_state *s, const unsigned char oid[JIT_OID],
	struct jit_error *err) JIT_CHECKED;

/* Put in (taken by the state) and out (freed). */
int jit_state_add(struct jit_state *s, struct jit_grant *g,
	struct jit_error *err) JIT_CHECKED;
void jit_state_drop(struct jit_state *s, struct jit_grant *g);

/*
 * Whether 'id' was asked for at the tip's second; remember that it was, for
 * which there must be room.
 */
bool jit_state_recent(const struct jit_state *s, const char *id);
int jit_state_recent_room(struct jit_state *s,
	struct jit_error *err) JIT_CHECKED;
void jit_state_recent_add(struct jit_state *s, const char *id);

/*
 * What outlives a grant. Each adds one; JIT_TROUBLE: no memory, and nothing
 * was added.
 */
int jit_state_revoke(struct jit_state *s, const struct jit_grant *g,
	struct jit_error *err) JIT_CHECKED;
int jit_state_spend(struct jit_state *s, const struct jit_grant *g,
	struct jit_error *err) JIT_CHECKED;
int jit_state_owe(struct jit_state *s, const struct jit_grant *g,
	const struct jit_review *review, struct jit_error *err) JIT_CHECKED;

/* A grant with a budget ended at 'at': only what was had is spent. */
void jit_state_spent(struct jit_state *s, const char *id, int64_t at);

/* The review that is owed for grant 'id', borrowed, or NULL; pay it. */
struct jit_debt *jit_state_debt(const struct jit_state *s, const char *id);
void jit_state_pay(struct jit_state *s, struct jit_debt *debt);

/*
 * A session that was opened; the one called 'session', borrowed, or NULL;
 * and its end. JIT_TROUBLE: no memory, and nothing was added.
 */
int jit_state_open(struct jit_state *s, const struct jit_session *x,
	struct jit_error *err) JIT_CHECKED;
struct jit_session *jit_state_session(const struct jit_state *s,
	const char *session);
void jit_state_close(struct jit_state *s, struct jit_session *x);

/* Sessions under 'id' go on under 'extension'. */
void jit_state_extend(struct jit_state *s, const char *id,
	const char *extension);

/*
 * How many uses 'by' has written; one more. JIT_TROUBLE: no memory, and
 * nothing was counted.
 */
int64_t jit_state_counted(const struct jit_state *s, const char *by);
int jit_state_count(struct jit_state *s, const char *by,
	struct jit_error *err) JIT_CHECKED;

/* Its last beat was at 'at'; it has counted one before. */
void jit_state_beat(struct jit_state *s, const char *by, int64_t at,
	int64_t owed);

/*
 * A grant that is to be shown dead: a copy of 'u' is owed. JIT_TROUBLE: no
 * memory, and nothing was added. What is owed of 'id', borrowed, or NULL; and
 * that it was shown.
 */
int jit_state_unprove(struct jit_state *s, const struct jit_unproven *u,
	struct jit_error *err) JIT_CHECKED;
struct jit_unproven *jit_state_unproven(const struct jit_state *s,
	const char *id);
void jit_state_prove(struct jit_state *s, struct jit_unproven *u);

/* Drop what is over at 'at': revocations and budgets, never a debt. */
void jit_state_forget(struct jit_state *s, int64_t at);
void jit_state_forget_late(struct jit_state *s, int64_t at); /* part of it */

/*
 * The policy in force ends with the event at 'at': it is kept. JIT_TROUBLE:
 * no memory, and nothing was kept. The one that was in force at event 'seq',
 * borrowed; NULL: it is in force still, or forgotten.
 */
int jit_state_replace(struct jit_state *s, int64_t at,
	struct jit_error *err) JIT_CHECKED;
const struct jit_former *jit_state_former(const struct jit_state *s,
	int64_t seq);

/* One was delivered, which left at 'left'; whether it was. JIT_TROUBLE. */
int jit_state_deliver(struct jit_state *s,
	const unsigned char sha256[JIT_SHA256], int64_t left,
	struct jit_error *err) JIT_CHECKED;
bool jit_state_was_delivered(const struct jit_state *s,
	const unsigned char sha256[JIT_SHA256]);

/* What left before this second is too late for an event at 'at'. */
int64_t jit_state_horizon(const struct jit_state *s, int64_t at);

/*
 * The event after the last of the past; events are added by the judge from
 * then on. JIT_TROUBLE: no memory, and the past is forgotten.
 */
int jit_state_mark(struct jit_state *s, const unsigned char sha256[JIT_SHA256],
	int64_t seq, int64_t at, struct jit_error *err) JIT_CHECKED;

/* The event called 'sha256' in hex, borrowed; NULL: none of the past. */
const struct jit_mark *jit_state_past(const struct jit_state *s,
	const char *sha256);

struct jit_grant *jit_grant_new(void);
void jit_grant_free(struct jit_grant *g);

/* The body of a state file, and back. JIT_TROUBLE: damaged or no memory. */
void jit_state_save(struct jit_buf *out, const struct jit_state *s);
int jit_state_load(struct jit_state **out, const unsigned char *bytes,
	size_t len, struct jit_error *err) JIT_CHECKED;

/* The same, of the bytes at "at" in "saved", which it takes in any case. */
int jit_state_take(struct jit_state **out, unsigned char *saved, size_t at,
	size_t len, struct jit_error *err) JIT_CHECKED;

#endif
