/* audit: the parts of jit-audit, one function for each of its words. */
#ifndef AUDIT_H
#define AUDIT_H

#include "cli.h"

struct audit {
	struct cli cli;
	const char *genesis;    /* -g */
	int64_t max_age;        /* seconds; 0: any */
	struct cli_list elders; /* --predecessor, the youngest first */
	bool reverse;
	const char *namespace;

	const char *operand; /* what follows the word, or NULL */
};

/* Each answers on stdout; 0 or a code. */
int audit_verify(struct audit *a, struct jit_error *err) JIT_CHECKED;
int audit_log(struct audit *a, struct jit_error *err) JIT_CHECKED;
int audit_show(struct audit *a, struct jit_error *err) JIT_CHECKED;
int audit_signers(struct audit *a, struct jit_error *err) JIT_CHECKED;
int audit_check(struct audit *a, struct jit_error *err) JIT_CHECKED;
int audit_receive(struct audit *a, struct jit_error *err) JIT_CHECKED;

/* The screen of 'show': the grant's events, why it was given, what is now. */
struct jit_past;
struct audit_decision;
int audit_screen(const struct audit *a, const struct jit_past *p,
	const struct audit_decision *d, struct jit_error *err) JIT_CHECKED;

#endif
