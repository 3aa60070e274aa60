/* doctor: what the files of jit-doctor share. */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "gate.h"

struct doctor {
	struct cli cli;
	bool ledger;  /* it could be read */
	bool is_host; /* jit.conf is here */
	struct gate gate;
	const char *part;
	size_t bad;
};

/* One finding: 'run' is what to do about it, NULL where all is well. */
void doctor_say(struct doctor *d, const char *run, const char *fmt, ...)
	JIT_PRINTF(3, 4);

/* doctor_git.c: of the repository that the ledger is in. */
void doctor_remote(struct doctor *d);
void doctor_packs(struct doctor *d);
void doctor_git(struct doctor *d);

#endif
