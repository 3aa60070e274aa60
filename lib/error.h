/* error: what went wrong, as a status and one line that a person can read. */
#ifndef JIT_ERROR_H
#define JIT_ERROR_H

/*
 * Every function that can fail returns 0 or one of these. The negated code
 * is the exit status of a program (jit(7), EXIT STATUS).
 */
enum jit_code {
	JIT_OK = 0,
	JIT_NO = -1,      /* refused by policy or by a person, not live */
	JIT_USAGE = -2,   /* bad input; nothing was written */
	JIT_TROUBLE = -3, /* could not do it, or could not tell */
	JIT_PENDING = -4, /* not decided yet, or a wait ran out */
	JIT_NOGRANT = -5, /* no such grant */
	JIT_OVER = -6,    /* expired, ended, withdrawn, denied */
	JIT_EVIDENCE =
		-7,    /* forged, altered, incomplete, rolled back, forked */
	JIT_BUSY = -8, /* another writer won again and again */
	JIT_UNPROVEN = -9, /* revoked, but the capability may remain */
	JIT_FINDINGS = -10 /* the report ran, and found problems */
};

struct jit_error {
	char rule[32];  /* id of the rule of the judge that refused, or "" */
	char text[768]; /* one line: lower case, no full stop, no newline */
};

#define JIT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define JIT_CHECKED __attribute__((warn_unused_result))

/* Say what went wrong; returns 'code'. Clears the rule. 'err' may be NULL. */
int jit_fail(struct jit_error *err, int code, const char *fmt, ...)
	JIT_PRINTF(3, 4);

/* Refuse by a rule of the judge, named by its id; returns 'code'. */
int jit_refuse(struct jit_error *err, int code, const char *rule,
	const char *fmt, ...) JIT_PRINTF(4, 5);

/* Put "context: " before the text that is there; returns 'code'. */
int jit_within(struct jit_error *err, int code, const char *fmt, ...)
	JIT_PRINTF(3, 4);

/* Out of memory: JIT_TROUBLE and its line. */
int jit_nomem(struct jit_error *err);

#endif
