/* errand: what a connector is asked, and what it answers. */
#ifndef JIT_ERRAND_H
#define JIT_ERRAND_H

#include "shape.h"

#define JIT_ERRAND_MAX JIT_JSON_POLICY /* bytes of a question */
#define JIT_REPLY_MAX JIT_JSON_EVENT   /* bytes of an answer, */
#define JIT_SCAN_MAX JIT_JSON_POLICY   /* and of one to scan */

enum jit_verb {
	JIT_VERB_DESCRIBE, /* what are you? */
	JIT_VERB_GRANT,    /* make the access exist */
	JIT_VERB_REVOKE,   /* remove it, and end what lives on it */
	JIT_VERB_PROBE,    /* would the target let it in now? */
	JIT_VERB_SCAN,     /* what stands there for good? */
	JIT_VERBS          /* how many there are */
};

/* Another live grant of the same principal on the same resource. */
struct jit_other {
	const char *id;
	const char *role;
	const char *principal;
	int64_t until; /* UTC second */
	struct jit_lists actions;
};

/*
 * A question. Describing asks with nothing; scanning with resource and target,
 * and all grants that are live there as the others; the rest is about a grant.
 * A plain value, all of it borrowed.
 */
struct jit_errand {
	int64_t v; /* 1; the writer sets it */
	const char *resource;
	const struct jit_json *target; /* root's file about it; NULL: {} */

	const char *id; /* the grant's */
	const char *role;
	const char *principal;
	int64_t from, until;      /* UTC seconds, half-open */
	const char *offer;        /* what the requester made; NULL: nothing */
	const char *certificate;  /* what was issued for it; NULL: nothing */
	struct jit_lists actions; /* exactly these; none: what the role may */
	struct jit_rows others;   /* struct jit_other */
};

/* Something that lets somebody in for good. */
struct jit_stands {
	const char *what;
	const char *who;
	const char *surface; /* a label; NULL: the resource is one */
};

/* What a probe may find. */
#define JIT_OUTCOME_REFUSED "refused" /* the target was asked, and says no */
#define JIT_OUTCOME_ALLOWED "allowed" /* the target was asked, and says yes */
#define JIT_OUTCOME_LAPSED                                                     \
	"lapsed" /* not asked; the credential's end has passed */
#define JIT_OUTCOME_UNKNOWN "unknown" /* not asked */

/* An answer; each verb has its own members, the others stay zero. */
struct jit_reply {
	int64_t v; /* 1; the writer sets it */

	/* describe */
	const char *name;   /* the scheme */
	const char *offer;  /* "none", "ssh-ed25519", "scram-sha-256" */
	bool actions;       /* whether it can hold somebody to them */
	const char *proves; /* how it probes, in words */

	/* grant */
	const char *account;            /* the name at the target */
	const struct jit_json *connect; /* what the requester needs */

	/* revoke */
	int64_t ended;    /* sessions */
	const char *left; /* what another grant still covers; NULL: nothing */

	/* probe */
	const char *outcome; /* JIT_OUTCOME_REFUSED, ... */
	const char *how;     /* what was asked and answered, one line */

	/* scan */
	struct jit_rows standing; /* struct jit_stands */
	struct jit_texts unseen;  /* what could not be looked at */
	struct jit_texts whole;   /* surfaces that none of that is about */

	struct jit_json *json; /* what it was read from; NULL: built */
	struct jit_arena mem;
};

/* "describe", "grant", "revoke", "probe", "scan"; -1 for no verb. */
const char *jit_verb_name(enum jit_verb verb);
int jit_verb_read(const char *name);

/* How many bytes an answer may have. */
size_t jit_reply_max(enum jit_verb verb);

/* The members of question and answer, for jit-connector(5)'s check. */
const struct jit_member *jit_errand_shape(enum jit_verb verb);
const struct jit_member *jit_reply_shape(enum jit_verb verb);

/*
 * Append a question as one line of JSON; nothing for describe. JIT_USAGE:
 * something is missing, or longer than JIT_ERRAND_MAX.
 */
int jit_errand_write(struct jit_buf *out, const struct jit_errand *errand,
	enum jit_verb verb, struct jit_error *err) JIT_CHECKED;

/*
 * Read a question, in any spelling of JSON; memory and texts are those of
 * 'mem' and '*json', which the caller frees. Every member is checked by its
 * grammar, an unknown one is refused; a word of an action is a plain one, and
 * the first is an absolute path that names a file. JIT_USAGE.
 */
int jit_errand_read(struct jit_errand *out, struct jit_json **json,
	struct jit_arena *mem, enum jit_verb verb, const void *bytes,
	size_t len, struct jit_error *err) JIT_CHECKED;

/* Append an answer as one line of JSON. JIT_TROUBLE: it is none. */
int jit_reply_write(struct jit_buf *out, const struct jit_reply *reply,
	enum jit_verb verb, struct jit_error *err) JIT_CHECKED;

/*
 * Read an answer, in any spelling of JSON, one line or many, nothing after
 * it. Its texts have no control, bidi or format characters. The caller frees
 * '*out' with jit_reply_free. JIT_USAGE.
 */
int jit_reply_read(struct jit_reply *out, enum jit_verb verb, const void *bytes,
	size_t len, struct jit_error *err) JIT_CHECKED;

void jit_reply_free(struct jit_reply *reply);

#endif
