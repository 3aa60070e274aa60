/* carry_serve: the process that holds a key and answers for it. */
#ifndef CARRY_SERVE_H
#define CARRY_SERVE_H

#include <sys/types.h>

#include "carry.h"

#define CARRY_MESSAGE 16384 /* bytes of a message on 'control' */

/*
 * In a child of 'parent': let go of all that was the parent's, get the key,
 * listen at 'path', and serve until 'control' (SOCK_SEQPACKET) is closed at
 * its other end, or the parent dies. There it first says "0 PUBLICKEY", or
 * "3 why not" and is gone; it hears "UNTIL CERTIFICATE" and answers "0 ".
 */
__attribute__((noreturn)) void carry_serve(int control, pid_t parent,
	const char *path, const struct cli *c, const struct carry_key *key);

#endif
