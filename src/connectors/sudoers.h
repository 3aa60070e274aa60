/* sudoers: which of its rules let somebody in for good. */
#ifndef SUDOERS_H
#define SUDOERS_H

#include "serve.h"

/*
 * Fill in the reply of a scan: each rule, aliases expanded, that does not end
 * by itself, as ours do. What cannot be read is unseen. JIT_TROUBLE.
 */
int sudoers_standing(struct serve *s, struct jit_error *err) JIT_CHECKED;

#endif
