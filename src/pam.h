/* pam: what PAM asks of the keeper when a session begins and ends. */
#ifndef PAM_H
#define PAM_H

#include "cli.h"

/*
 * By the environment that pam_exec(8) gives: PAM_TYPE, PAM_SERVICE, PAM_USER
 * and sshd's SSH_AUTH_INFO_0. A login that showed no certificate, and a sudo
 * outside all sessions that are kept, are none of ours: 0. JIT_NO: refused
 * and why; JIT_TROUBLE: nobody answers.
 */
int pam_ask(struct cli *c, struct jit_error *err) JIT_CHECKED;

#endif
