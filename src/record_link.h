/* record_link: the recorder's line to the keeper, who stores recordings. */
#ifndef RECORD_LINK_H
#define RECORD_LINK_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "error.h"
#include "ulid.h"

#define RECORD_SOCKET "/run/jit/record"
#define RECORD_LINK_KEPT (1024 * 1024) /* bytes that wait for the keeper */
#define RECORD_LINK_PATIENCE 10000     /* milliseconds without the keeper */

enum record_link_stage {
	RECORD_LINK_DOWN, /* to be connected */
	RECORD_LINK_ASKED,
	RECORD_LINK_UP,
	RECORD_LINK_DONE, /* all is stored */
	RECORD_LINK_LOST
};

/*
 * One JSON object a line. The recorder asks {"verb":"record"}, with
 * "recording" once it has one; the keeper, who knows by the socket who asks,
 * answers {"answer":"yes",...} or {"answer":"no","why":...}. Then the
 * recording's own lines go up, and {"have":BYTES,"until":UTC} comes back;
 * {"exit":STATUS} is the last, and {"done":true} its answer.
 */
struct record_link {
	/* what the keeper said */
	char id[JIT_ULID];
	char resource[128];
	int64_t recording; /* its number */
	int64_t limit;     /* bytes; 0: none */
	int64_t until;     /* UTC seconds; may move */

	enum record_link_stage stage;
	int fd;
	struct jit_buf kept;  /* of the recording, from 'base' on */
	uint64_t base;        /* place of kept's first byte in the recording */
	size_t stored;        /* bytes of kept that the keeper has */
	size_t sent;          /* and that were sent on this connection */
	struct jit_buf words; /* our question, or the status */
	size_t told;          /* bytes of words that were sent */
	struct jit_buf heard; /* the start of a line of the keeper's */
	int status;           /* the last word; -1: not yet */
	int64_t again;        /* deadline: the next attempt to connect */
	int64_t give_up;      /* deadline: it is lost; 0: nothing is awaited */
	int code;             /* with which it is lost, and why */
	struct jit_error why;
};

/*
 * Connect and ask; the answer is awaited for RECORD_LINK_PATIENCE. JIT_NO:
 * the keeper says no; JIT_TROUBLE: it is not there. In any case
 * record_link_free.
 */
int record_link_open(struct record_link *l, struct jit_error *err) JIT_CHECKED;

/* Keep bytes of the recording until the keeper has them. A code: lost. */
int record_link_put(struct record_link *l, const struct jit_buf *bytes,
	struct jit_error *err) JIT_CHECKED;

/* No more should be put for now. */
bool record_link_full(const struct record_link *l);

/* What to wait for before the next turn: how many, 1 or 0. */
size_t record_link_wait(struct pollfd *p, const struct record_link *l);

/*
 * Send and receive what can be without waiting, and connect again where the
 * line is down. A code: it is lost, because for RECORD_LINK_PATIENCE the
 * keeper did not come back or stored nothing, or because it said no.
 */
int record_link_turn(struct record_link *l, struct jit_error *err) JIT_CHECKED;

/* Say the status, and wait until all is stored. A code: lost. */
int record_link_finish(struct record_link *l, int status,
	struct jit_error *err) JIT_CHECKED;

void record_link_free(struct record_link *l);

#endif
