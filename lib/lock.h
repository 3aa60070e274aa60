/* lock: a file that one process holds at a time, and what it meant to do. */
#ifndef JIT_LOCK_H
#define JIT_LOCK_H

#include <stdbool.h>

#include "error.h"

#define JIT_LOCK_OID 41 /* a git id as hex and a NUL */

/* Sleep some milliseconds between half of 'most' and 'most', by chance. */
void jit_lock_nap(unsigned int most);

/*
 * Open 'path' (made with 'mode' less the umask; never through a symbolic
 * link) and hold it by flock(2), waiting at most 'seconds'. '*fd' is the
 * caller's to close, which lets go. JIT_BUSY: another holds it still;
 * JIT_TROUBLE.
 */
int jit_lock_take(int *fd, const char *path, unsigned int mode, int seconds,
	struct jit_error *err) JIT_CHECKED;

/*
 * Note in the held file that the file 'ref_lock' (a path) will be made for
 * the commit 'oid' (hex): whoever finds both knows whose leftover it is. The
 * caller makes it durable before he makes that file. JIT_TROUBLE.
 */
int jit_lock_intend(int fd, const char *ref_lock, const char *oid,
	struct jit_error *err) JIT_CHECKED;

/* Wipe the note. One that stays is settled by the next holder. */
void jit_lock_done(int fd);

/*
 * Settle what an earlier holder left: a file 'ref_lock' that its note names,
 * holds nothing but what it would have written and stays for a second, is
 * removed. One without a note is waited for; JIT_TROUBLE with its path if it
 * stays for two.
 */
int jit_lock_recover(int fd, const char *ref_lock,
	struct jit_error *err) JIT_CHECKED;

#endif
