/* recording: what a session showed, in a file of its user's own. */
#ifndef RECORDING_H
#define RECORDING_H

#include "cast.h"
#include "cli.h"

#define RECORDING_MAX (64LL * 1024 * 1024) /* bytes; what comes after is lost */

/* Made by recording_make; free with recording_free. */
struct recording {
	struct jit_buf path, lock_path;
	int fd, lock; /* -1: none */
	struct jit_cast cast;
	struct jit_buf lines; /* on their way to the file */
	int64_t began;        /* on the monotonic clock, milliseconds */
};

/*
 * Make the file of 'session', 0600: at 'path', which must not be there yet,
 * or (NULL) in $XDG_STATE_HOME/jit/recordings. While it is written, a lock
 * beside it says so. JIT_USAGE, JIT_TROUBLE.
 */
int recording_make(struct recording *r, const char *path, const char *session,
	struct jit_error *err) JIT_CHECKED;

/* The head, and a mark that only whoever has the file can read. */
int recording_start(struct recording *r, const struct jit_cast_head *head,
	const char *mark, struct jit_error *err) JIT_CHECKED;

int recording_put(struct recording *r, const void *bytes, size_t len,
	struct jit_error *err) JIT_CHECKED;
int recording_size(struct recording *r, int width, int height,
	struct jit_error *err) JIT_CHECKED;

/*
 * All of it is on the disk; its chained digest, "" where there is no file. A
 * mark says 'why' it is not the command's own end, unless NULL. JIT_TROUBLE.
 */
int recording_end(char digest[JIT_HEX256], struct recording *r, const char *why,
	struct jit_error *err) JIT_CHECKED;

/* There was no session: the file goes. */
void recording_drop(struct recording *r);

/* The lock goes: its session is closed, or was none. */
void recording_unlock(struct recording *r);
void recording_free(struct recording *r);

/*
 * The recording of a session whose jit-exec may have been killed: 1, and
 * '*r' untouched, where it runs still or was not this user's here; 0, and it
 * is ours to end, cut after its last whole line, if it is there at all.
 * JIT_TROUBLE.
 */
int recording_resume(struct recording *r, const char *session,
	struct jit_error *err) JIT_CHECKED;

/*
 * The whole recording at 'path', and its chained digest. JIT_USAGE: no such
 * file; JIT_EVIDENCE: no recording, or not any more; JIT_TROUBLE.
 */
int recording_read(struct jit_buf *lines, char digest[JIT_HEX256],
	const char *path, struct jit_error *err) JIT_CHECKED;

#endif
