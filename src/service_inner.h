/* service_inner: what the files of the service share. */
#ifndef SERVICE_INNER_H
#define SERVICE_INNER_H

#include "service.h"

#define SERVICE_PAUSE 500 /* milliseconds before a first retry */
#define SERVICE_PAUSE_MOST 60000

/* What is known of a grant beside the ledger. */
struct service_job {
	char id[JIT_ULID];
	bool set;      /* its connector has made it work */
	bool gone;     /* its connector has removed it */
	bool hopeless; /* no probe can prove it any more */
	bool seen;     /* still open or owed */
	int tries;
	int64_t wait, pause;
	struct service_job *next;
};

enum service_step {
	SERVICE_NOTHING,
	SERVICE_MAKE,    /* issue it */
	SERVICE_SET,     /* have it made to work */
	SERVICE_CONTROL, /* show that it works */
	SERVICE_END,
	SERVICE_REMOVE, /* from its target */
	SERVICE_PROVE   /* that it is dead */
};

/* That of a grant, made where there is none; NULL: no memory. */
struct service_job *service_job_of(struct service *s, const char *id);

/* Whether this issuer serves it. */
bool service_mine(const struct service *s, const char *resource);

/* What there is to do about a grant, open or owed a proof, as it is now. */
enum service_step service_next(const struct service *s,
	const struct service_job *j);

/* Do it. */
int service_take(struct service *s, struct service_job *j,
	enum service_step step, struct jit_error *err) JIT_CHECKED;

#endif
