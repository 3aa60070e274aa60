/* using: the rules of what is done under a grant, and what is open of it. */
#ifndef JIT_USING_H
#define JIT_USING_H

#include "trial.h"

/* Whether a use event opens a session (else it closes one). */
bool jit_using_opens(const struct jit_event *ev);

/* Whether 'principal' is the host of 'resource': web-1@... of ssh:web-1. */
bool jit_using_host(const char *resource, const char *principal);

/*
 * The UTC second at which a session has to end: when its grant does, or the
 * last that extends it; 0: now, for neither is live.
 */
int64_t jit_using_until(const struct jit_state *s,
	const struct jit_session *session);

/* Judge a use event; changes nothing. As jit_rules_judge. */
int jit_using_judge(struct jit_trial *t, struct jit_error *err) JIT_CHECKED;

/* What an accepted one does. JIT_TROUBLE: then nothing was done. */
int jit_using_apply(struct jit_state *s, const struct jit_trial *t,
	struct jit_error *err) JIT_CHECKED;

#endif
