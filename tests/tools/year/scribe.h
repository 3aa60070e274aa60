/* scribe: events signed, judged and put into the pack, one after the other. */
#ifndef YEAR_SCRIBE_H
#define YEAR_SCRIBE_H

#include "company.h"
#include "draft.h"
#include "pack.h"
#include "store.h"

struct scribe {
	struct jit_store *store;
	struct jit_state *state;
	struct pack *pack;
	unsigned char tip[JIT_OID];
	unsigned char sha256[JIT_SHA256]; /* of the last event */
	int64_t counts[JIT_EVENT_TYPES];
	int64_t bytes; /* of all raw commits */
	char key[JIT_FINGERPRINT];
};

/* A new repository at 'path', for events from then on. */
void scribe_open(struct scribe *s, const char *path);

/* The common members of the next event. */
void scribe_begin(struct jit_event *ev, struct scribe *s,
	enum jit_event_type type, const struct who *by, int64_t at);

/* Sign it, have it judged, write it. A refusal ends the program. */
void scribe_write(struct scribe *s, struct jit_event *ev, const struct who *by);

/* The ref stands at the last event. */
void scribe_close(struct scribe *s);

/* Genesis: a name, a policy, and who is there from the start. */
void scribe_genesis(struct scribe *s, struct company *c, const char *name,
	struct jit_json *policy, int founder);

/* The members of an issue that follow from the state; freed with 'mem'. */
struct given {
	struct jit_credential credential;
	const char *approvals[8];
	char hex[8][JIT_HEX256], digest[JIT_HEX256], request[JIT_HEX256];
	char scheme[32];
	struct jit_buf cert;
};

/* What the grant of 'id' is given at ev->at: its rule, end and credential. */
void scribe_issue(struct given *g, struct jit_event *ev, struct scribe *s,
	struct company *c, const char *id);

#endif
