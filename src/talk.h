/* talk: one JSON object a line, over a socket that nobody waits for. */
#ifndef TALK_H
#define TALK_H

#include "json.h"

/* Start with = {.fd = -1}. */
struct talk {
	int fd; /* does not block; -1: closed */
	struct jit_buf in;
	size_t done; /* bytes of 'in' that were taken */
};

/* Take what is there. false: it is closed, or a line has no end. */
bool talk_fill(struct talk *t);

/*
 * The next whole line with its newline: borrowed until the next call of
 * talk_fill. NULL: none yet.
 */
const char *talk_line(size_t *len, struct talk *t);

/* The next line as an object, to be freed; NULL: none yet, or '*bad'. */
struct jit_json *talk_take(bool *bad, struct talk *t);

/* Send one; frees it. false: it could not be sent at once, or is NULL. */
bool talk_send(struct talk *t, struct jit_json *o);

void talk_shut(struct talk *t);

#endif
