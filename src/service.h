/* service: issue what is approved, end what is over, show that it is dead. */
#ifndef SERVICE_H
#define SERVICE_H

#include "cli.h"
#include "tender.h"

enum service_work {
	SERVICE_ISSUE = 1, /* what is approved, and that it works */
	SERVICE_SWEEP = 2  /* what is over, and that it is dead */
};

struct service {
	struct cli *cli; /* its ledger is open, its signer an issuer's */
	const struct jit_signer *ca; /* NULL: nothing for ssh */
	const char *resources;       /* a pattern; NULL: all of the issuer's */
	int work;                    /* enum service_work */

	char me[JIT_PRINCIPAL_MAX];
	struct service_job *jobs;
	int64_t beat;      /* UTC second of the last one */
	int64_t due, done; /* since then */
	bool blind;        /* the ledger could not be read */
	int64_t delivery;  /* deadline of the next look into the outbox */
	int late;          /* why what was sealed is not delivered; 0 */
	struct tender tender;
};

/*
 * Do all there is to do once: each part that fails is said, tried again
 * later with growing pauses, and never given up. '*left' counts what is
 * still owed a proof. JIT_TROUBLE: the ledger cannot be read or written.
 */
int service_once(size_t *left, struct service *s,
	struct jit_error *err) JIT_CHECKED;

/* For ever, five times a second, until SIGTERM or SIGINT. */
int service_run(struct service *s, struct jit_error *err) JIT_CHECKED;

void service_free(struct service *s);

#endif
