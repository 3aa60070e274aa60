/* removal: a grant's role and all that is its, until they are gone. */
#ifndef REMOVAL_H
#define REMOVAL_H

#include "serve.h"

/*
 * Nobody logs in by it any more, in one transaction; then its sessions end,
 * then what it owns in any database is another's, then it is dropped. Fills
 * in the reply of a revoke. JIT_TROUBLE: it may log in still, for all one
 * knows; JIT_UNPROVEN: it may not, but something is left, and what.
 */
serve_verb removal;

#endif
