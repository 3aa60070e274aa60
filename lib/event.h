/* event: the signed facts of a ledger, one JSON object each. */
#ifndef JIT_EVENT_H
#define JIT_EVENT_H

#include "shape.h"

enum jit_event_type {
	JIT_GENESIS,
	JIT_REQUEST,
	JIT_APPROVE,
	JIT_DENY,
	JIT_WITHDRAW,
	JIT_ISSUE,
	JIT_END,
	JIT_USE,
	JIT_PROBE,
	JIT_BEAT,
	JIT_SCAN,
	JIT_REVIEW,
	JIT_POLICY,
	JIT_ENROLL,
	JIT_RETIRE,
	JIT_LATE,
	JIT_EVENT_TYPES /* how many there are */
};

/* A person, workload or host as enrolled (genesis: people). */
struct jit_enrolled {
	const char *principal;
	const char *key;     /* a public key line without comment */
	const char *class;   /* person, vendor, workload, host, issuer */
	const char *sponsor; /* principal; a vendor has one */
	int64_t until;       /* UTC second it ends; 0: after a year */
	bool hardware; /* the enrolling admins' word: its key is in hardware */
	const char *attest; /* a workload: by whom, and as whom; or NULL */
};

/* What an issue hands out (issue: credential). */
struct jit_credential {
	const char *cert;   /* an OpenSSH certificate line */
	const char *sha256; /* of its wire form */
	int64_t serial;
};

/* A program of the site's that was asked before an issue (issue: hooks). */
struct jit_hooked {
	const char *name;    /* task, attest */
	const char *verdict; /* yes */
	const char *digest;  /* SHA-256 of what it printed */
};

/* Where access may stand for good (scan: surfaces). */
struct jit_surface {
	const char *surface;    /* "keys", ..., or a resource */
	const char *seen;       /* all, part, none */
	struct jit_maybe count; /* what stands there; not given: not seen */
	const char *digest;     /* SHA-256 of what was found, salted */
};

/*
 * An event. All members of all types side by side; a type's own are in its
 * table (jit_event_shape), the others stay zero. Texts live in 'mem' or are
 * borrowed by whoever fills a draft.
 */
struct jit_event {
	enum jit_event_type type;

	/* common to all */
	int64_t v;           /* 1 */
	int64_t seq;         /* genesis is 1 */
	int64_t at;          /* UTC seconds */
	const char *ledger;  /* SHA-256 of genesis; in genesis a random nonce */
	const char *prev;    /* SHA-256 of the parent; in genesis zeros */
	const char *by;      /* principal */
	const char *key;     /* fingerprint */
	const char *of_type; /* the type's name */

	/* genesis */
	const char *name;
	const char *succeeds; /* SHA-256 of the last good event of another */
	const struct jit_json *policy;
	struct jit_rows people; /* struct jit_enrolled */

	/* the grant: request, and its id in all that follow */
	const char *id;
	const char *resource;
	const char *role;
	struct jit_lists actions;
	const char *task;
	const char *reason; /* deny, withdraw and end too */
	int64_t duration;   /* seconds; approve too */
	const char *offer;  /* what verifies the secret that the requester made:
				a public key line, or a SCRAM verifier */
	const char *source; /* host on which it was asked */
	const char *extends; /* id of the live grant that it makes longer */
	const struct jit_json *change; /* of policy or people; NULL: none */
	bool glass;                    /* by break-glass: no vote, a review */

	/* approve, deny, withdraw */
	const char *request; /* SHA-256 of the request event; issue too */
	const char *as;      /* group */
	const char *note;
	const char *vote; /* SHA-256 of what is withdrawn */

	/* issue */
	struct jit_texts approvals; /* SHA-256 of the votes counted */
	const char *rule;
	int64_t policy_version;
	int64_t from, until; /* UTC seconds, half-open */
	const char *connector;
	const struct jit_credential *credential; /* ssh */
	const struct jit_json *connect; /* what else is needed to connect */
	struct jit_rows hooks;          /* struct jit_hooked */

	/* end */
	const char *cause;

	/* use */
	const char *session; /* a ULID */
	const char *phase;   /* open, close */
	const char *host;    /* where, as the writer calls it */
	int64_t counter;     /* of uses, beats and scans of this writer */
	const char *program; /* what was started */
	const char *argv;    /* SHA-256 of its words, salted */
	struct jit_texts recordings; /* chained digests of what it printed */
	struct jit_maybe exit;       /* its status, 128 + n: by signal n */
	int64_t killed;              /* processes that had to be */

	/* probe */
	const char *action;  /* what was tried, as its grant */
	const char *outcome; /* refused, allowed, lapsed, unknown */
	const char *how;

	/* beat: 'counter' and */
	struct jit_maybe due, done, owed; /* since the last one */

	/* scan: 'counter', 'host' and */
	struct jit_rows surfaces; /* struct jit_surface */

	/* policy: 'policy_version' and its digest; enroll; retire */
	const char *digest; /* SHA-256 of the policy; probe: of the answer */
	struct jit_enrolled enrolled; /* what the request's change said */
	const char *principal;        /* retire: all keys of this one */
	const char *fingerprint;      /* retire: or this key */

	/* review */
	const char *verdict; /* ok, misuse, unclear */

	/* late: what was made while the ledger was out of reach */
	const struct jit_json *sealed;
	const char *signature;   /* SSHSIG in one line of base64 */
	struct jit_event *inner; /* what is sealed, once decoded */

	/* what is sealed has no seq and no prev */
	const char *seen; /* SHA-256 of the last event its author verified */

	struct jit_json *json; /* what it was decoded from */
	bool exact; /* decoded from the very bytes jit_event_encode writes */
	struct jit_arena mem;
};

/* "genesis", "request", ... */
const char *jit_event_name(enum jit_event_type type);

/* The members of a type beside the common ones. */
const struct jit_member *jit_event_shape(enum jit_event_type type);

/* The members of an enrolment, as a change and an enroll event have them. */
const struct jit_member *jit_event_enrolled(void);

/* The members common to all types. */
const struct jit_member *jit_event_common(void);

/*
 * Decode canonical bytes (json room). Every member is checked by its
 * grammar, an unknown one is refused, sizes are limited. On success the
 * caller frees '*out' with jit_event_free. JIT_USAGE.
 */
int jit_event_decode(struct jit_event *out, const void *bytes, size_t len,
	struct jit_error *err) JIT_CHECKED;

/*
 * The same of bytes that were decoded before: the grammar of their texts is
 * not asked again.
 */
int jit_event_again(struct jit_event *out, const void *bytes, size_t len,
	struct jit_error *err) JIT_CHECKED;

/* Append the canonical bytes of a complete event. JIT_USAGE, JIT_TROUBLE. */
int jit_event_encode(struct jit_buf *out, const struct jit_event *ev,
	struct jit_error *err) JIT_CHECKED;

/*
 * What an event says of grants: itself, or of a late one what is sealed in
 * it, with the late one's seq and its own claim of 'at'. Borrowed.
 */
const struct jit_event *jit_event_said(const struct jit_event *ev);

/* Append the one subject line that belongs to an event, no newline. */
void jit_event_subject(struct jit_buf *out, const struct jit_event *ev);

void jit_event_free(struct jit_event *ev);

/*
 * What a late event has in 'sealed': a request, issue, use, end or probe
 * with 'seen' in place of seq and prev. The caller frees '*out' with
 * jit_event_free. JIT_USAGE.
 */
int jit_event_unseal(struct jit_event *out, const struct jit_json *sealed,
	struct jit_error *err) JIT_CHECKED;

/* The other way: the object, for the caller to free. JIT_USAGE, JIT_TROUBLE. */
int jit_event_seal(struct jit_json **out, const struct jit_event *ev,
	struct jit_error *err) JIT_CHECKED;

#endif
