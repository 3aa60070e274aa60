/* alert: signals that come by a descriptor, while a command runs. */
#ifndef ALERT_H
#define ALERT_H

#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>

#include "error.h"

struct alert {
	int fd; /* readable when there is one */
	sigset_t mask;
	struct sigaction pipe, child;
};

/*
 * From here on SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGCHLD, SIGWINCH and SIGCONT
 * come by 'fd' and do nothing else, and SIGPIPE does not come. Of the first
 * four, who is ignored stays so (nohup). JIT_TROUBLE.
 */
int alert_start(struct alert *a, struct jit_error *err) JIT_CHECKED;

/* The next signal; false: none for now. */
bool alert_next(struct signalfd_siginfo *s, const struct alert *a);

/* As it was before. */
void alert_end(struct alert *a);

#endif
