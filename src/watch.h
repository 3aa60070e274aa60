/* watch: the services of a host, each a process of its own. */
#ifndef WATCH_H
#define WATCH_H

#include "cli.h"

/*
 * Run what GATE_CONF has a key for: the keeper (key), the issuing service
 * (issuer); of that, only 'resources', a pattern, where it is not NULL. One
 * that dies is started again. Until SIGTERM or SIGINT.
 */
int watch_run(struct cli *c, const char *resources,
	struct jit_error *err) JIT_CHECKED;

#endif
