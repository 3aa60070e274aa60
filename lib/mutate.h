/* mutate: each rule of the judge can be switched off in a test build. */
#ifndef JIT_MUTATE_H
#define JIT_MUTATE_H

/*
 * JIT_RULE_ON("rule-id") is true. Only in the build that 'make mutate' makes
 * (-DJIT_MUTATE) is it false for the rule that the environment names, so
 * that a test can be shown to miss it.
 */
#ifdef JIT_MUTATE
#include <stdlib.h>
#include <string.h>
#define JIT_RULE_ON(id)                                                        \
	(getenv("JIT_MUTATE") == NULL || strcmp(getenv("JIT_MUTATE"), id) != 0)
#else
#define JIT_RULE_ON(id) (1)
#endif

#endif
