/* keeper_inner: what the files of the keeper share. */
#ifndef KEEPER_INNER_H
#define KEEPER_INNER_H

#include "clerk.h"
#include "gate.h"
#include "keeper.h"
#include "tape.h"
#include "tender.h"

#define KEEPER_GUESTS 256
#define KEEPER_KEPT 32   /* of them for PAM */
#define KEEPER_TICK 200  /* milliseconds between two looks at the ledger */
#define KEEPER_READ 3000 /* milliseconds to read why one was refused */

enum keeper_stage {
	KEEPER_OPENING, /* its record is being written */
	KEEPER_LIVE,
	KEEPER_ENDING,  /* killed until nothing lives */
	KEEPER_CLOSING, /* nothing lives; its end is being written */
	KEEPER_GONE
};

/* Where the ledger is. */
enum keeper_back {
	KEEPER_THERE,
	KEEPER_AWAY,       /* out of reach */
	KEEPER_DELIVERING, /* the clerk brings what was sealed */
	KEEPER_DELIVERED
};

#define KEEPER_DELIVERY 1 /* the ticket of that: no session's */

struct keeper_guest;

/* A session: what was started with one PAM session and all that came of it. */
struct keeper_session {
	enum keeper_stage stage;
	char session[JIT_ULID], id[JIT_ULID];
	struct jit_buf cgroup;
	struct keeper_guest *asker; /* who waits for OPENING, or NULL */
	bool recorded;              /* there is a use event of its opening */
	bool asked;                 /* the clerk has not answered yet */
	int64_t wait;               /* deadline of the stage, or of a retry */
	int64_t pause;              /* milliseconds before the next retry */
	int64_t killed;             /* processes that had to be */
	int64_t until;              /* UTC seconds, as it was last */
	int64_t over;               /* LIVE: deadline after its PAM close */
	int64_t missing;            /* recorders that a restart cut off */
	int64_t back;               /* deadline for them to come back */
	struct jit_maybe exit;      /* of what was recorded last */
	struct keeper_session *next;
};

enum keeper_kind { KEEPER_PAM, KEEPER_TAPE };

/* A connection. */
struct keeper_guest {
	enum keeper_kind kind;
	struct talk talk;
	pid_t pid;
	int64_t wait;                   /* deadline of its first line */
	struct keeper_session *session; /* of a recorder */
	struct tape tape;
	int64_t told; /* 'until' that it knows */
};

struct keeper {
	struct cli *cli; /* reads the ledger; the clerk has its own */
	struct gate gate;
	char me[JIT_PRINCIPAL_MAX]; /* whose key the host's is */
	struct jit_buf root;        /* folder of cgroups */
	struct jit_buf tapes;       /* folder of recordings */
	struct jit_error blind;     /* why the ledger cannot be read, or "" */
	enum keeper_back back;
	struct clerk clerk;
	struct tender tender;
	int door, record;
	struct keeper_session *sessions;
	struct keeper_guest *guests[KEEPER_GUESTS];
};

/* keeper.c */

/* One line for the journal. */
void keeper_say(const struct keeper *k, const struct keeper_session *x,
	const char *fmt, ...) JIT_PRINTF(3, 4);

/* keeper_look.c */

/* What is live and what is open goes on, with the ledger or without. */
int keeper_find(struct keeper *k, struct jit_error *err) JIT_CHECKED;

/*
 * What the ledger says now; that it cannot be read is said once. Then it is
 * what is remembered of it, with what was sealed on this host.
 */
void keeper_look(struct keeper *k);

/* The clerk has answered, perhaps that it has delivered what was sealed. */
void keeper_delivered(struct keeper *k, const struct jit_json *answer);

/* keeper_session.c */

/* A new one in its stage, or NULL: no memory. */
struct keeper_session *keeper_add(struct keeper *k, const char *session,
	const char *id, const char *parent);

/* The session that process 'pid' is in, deepest first; NULL: in none. */
struct keeper_session *keeper_of(struct keeper *k, pid_t pid);

/* From now on it is killed until nothing lives. */
void keeper_end(struct keeper *k, struct keeper_session *x, const char *why);

/* One step of each, by the ledger as it is now. */
void keeper_step(struct keeper *k);

/* What the clerk has done. */
void keeper_heard(struct keeper *k, const struct jit_json *answer);

/* All that was asked of a clerk that is gone was not done. */
void keeper_unheard(struct keeper *k);

/* Sessions of the ledger that a keeper before this one left open, and
 * folders that none is of. */
void keeper_resume(struct keeper *k);

/* keeper_door.c */

/* What a guest has said; false: it has to go. */
bool keeper_hear(struct keeper *k, struct keeper_guest *g);

/* Answer who waits for a session: NULL is yes. */
void keeper_answer(struct keeper *k, struct keeper_session *x, const char *why);

/* A guest goes; a recorder that has not finished takes its session along. */
void keeper_leave(struct keeper *k, struct keeper_guest *g);

/* Recorders learn of another end. */
void keeper_tell(struct keeper *k, struct keeper_session *x);

#endif
