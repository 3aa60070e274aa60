/* sshd: whom this machine's sshd lets in for good. */
#ifndef SSHD_H
#define SSHD_H

#include "serve.h"

/*
 * Fill in the reply of a scan: the CAs that it trusts, and the keys of every
 * account's authorized_keys that do not expire. JIT_TROUBLE: no memory.
 */
int sshd_standing(struct serve *s, struct jit_error *err) JIT_CHECKED;

#endif
