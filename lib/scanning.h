/* scanning: the rules of a count of what stands for good. */
#ifndef JIT_SCANNING_H
#define JIT_SCANNING_H

#include "trial.h"

/*
 * Whether 'who' is believed about 'surface': a resource is for its issuers
 * and its host, what every machine has for hosts and issuers.
 */
bool jit_scanning_may(const struct jit_state *s,
	const struct jit_enrolment *who, const char *surface);

/*
 * Whether it is the machine that 'who' speaks for: a host's is the one of its
 * own name, web-1 of web-1@...; an issuer may stand on any.
 */
bool jit_scanning_host(const struct jit_enrolment *who, const char *host);

/* Judge a scan event; changes nothing. As jit_rules_judge. */
int jit_scanning_judge(struct jit_trial *t, struct jit_error *err) JIT_CHECKED;

#endif
