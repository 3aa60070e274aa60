/* keeper: the part of a host that ends sessions, as root. */
#ifndef KEEPER_H
#define KEEPER_H

#include "gate.h"

#define KEEPER_DIR GATE_KEEPER /* its memory and recordings */
#define KEEPER_RUN "/run/jit"
#define KEEPER_DOOR KEEPER_RUN "/keeper"   /* for root: jit-check --pam */
#define KEEPER_RECORD KEEPER_RUN "/record" /* for recorders */

/*
 * Keep this host's sessions by GATE_CONF until SIGTERM or SIGINT: what is
 * open then goes on, and the next one takes it over. JIT_TROUBLE,
 * JIT_EVIDENCE: it could not begin.
 */
int keeper_run(struct cli *c, struct jit_error *err) JIT_CHECKED;

#endif
