/* tape: a recording that a recorder sends, as the keeper stores it. */
#ifndef TAPE_H
#define TAPE_H

#include "cast.h"
#include "shape.h"

/* Start with = {.fd = -1}. */
struct tape {
	int fd;
	int64_t number;
	struct jit_buf path;
	struct jit_cast_tape cast; /* its size and digest so far */
	bool done;
};

/*
 * Begin FOLDER/SESSION-NUMBER.cast, or go on with one that is there and was
 * not finished: then 'cast' is what it has. JIT_NO: it was finished, or is
 * none; JIT_TROUBLE.
 */
int tape_open(struct tape *t, const char *folder, const char *session,
	int64_t number, struct jit_error *err) JIT_CHECKED;

/* Whether that recording is whole. */
bool tape_is_whole(const char *folder, const char *session, int64_t number);

/* The number of the next recording of a session. */
int64_t tape_next(const char *folder, const char *session);

/*
 * Append a line with its newline, which must be one of a recording.
 * JIT_USAGE, JIT_TROUBLE.
 */
int tape_put(struct tape *t, const char *line, size_t len,
	struct jit_error *err) JIT_CHECKED;

/* It is whole: durable, and its digest beside it. JIT_TROUBLE. */
int tape_finish(struct tape *t, struct jit_error *err) JIT_CHECKED;

void tape_shut(struct tape *t);

/*
 * The digests of the finished recordings of a session, in their order, as
 * texts of 'mem'; and how many were begun and not finished.
 */
int tape_digests(struct jit_texts *out, int64_t *unfinished,
	struct jit_arena *mem, const char *folder, const char *session,
	struct jit_error *err) JIT_CHECKED;

#endif
