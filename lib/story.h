/* story: what became of each grant of a ledger, folded from its events. */
#ifndef JIT_STORY_H
#define JIT_STORY_H

#include "standing.h"

/* A beat later than this after the one before is a gap, in seconds: a
 * sweeper beats hourly, and may be late once. */
#define JIT_STORY_SILENCE 7200

/* How it came to its end. */
enum jit_fate {
	JIT_FATE_OPEN, /* it has not */
	JIT_FATE_TASK, /* the causes of an end event */
	JIT_FATE_TTL,
	JIT_FATE_REVOKE,
	JIT_FATE_LAPSE,
	JIT_FATE_FAILED,
	JIT_FATE_POLICY,
	JIT_FATE_OFFBOARD,
	JIT_FATE_DENIED,    /* by a deny event */
	JIT_FATE_WITHDRAWN, /* by its requester, before it was decided */
	JIT_FATE_APPLIED,   /* a change of policy or people: it was made */
	JIT_FATES           /* how many there are */
};

/* What a request asks for. */
enum jit_want {
	JIT_WANT_ACCESS,
	JIT_WANT_POLICY, /* a change: of the policy */
	JIT_WANT_ENROLL,
	JIT_WANT_RETIRE
};

/* A person's word on a request. */
struct jit_story_vote {
	const char *by;
	const char *as;              /* group; NULL: it is a deny */
	int64_t at;                  /* UTC seconds */
	int64_t narrowed;            /* to this many seconds; 0: as asked */
	int64_t withdrawn;           /* UTC second; 0: it was not */
	bool fewer;                  /* it left out some actions */
	bool counted;                /* the issue names it */
	struct jit_story_vote *next; /* in the order of the chain */
};

/* Something that was started under a grant. */
struct jit_story_use {
	char session[JIT_ULID];
	const char *by;   /* who says so */
	const char *host; /* where */
	const char *program;
	int64_t opened, closed; /* UTC seconds; 'closed' 0: not */
	const char *closer;     /* who says that it is over, or NULL */
	int64_t killed;         /* processes that had to be */
	bool recorded;          /* digests of a recording came with the close */
	struct jit_maybe exit;
	struct jit_story_use *next; /* in the order of the chain */
};

/*
 * One grant, from its request to the proof that it is dead. Times are UTC
 * seconds and 0 where it did not come so far; texts are interned: two that
 * are alike are one pointer.
 */
struct jit_story {
	char id[JIT_ULID];

	/* asked */
	int64_t seq; /* of the request */
	int64_t at;
	const char *by, *resource, *role, *task, *source;
	enum jit_class class; /* of who asked */
	enum jit_want want;
	const char *subject;        /* of a change of people: whom; or NULL */
	int64_t duration;           /* asked, seconds */
	bool glass, drill;          /* by break-glass; its task is "drill" */
	struct jit_story *extends;  /* what it makes longer, or NULL */
	struct jit_story *extended; /* what made it longer last, or NULL */

	/* decided */
	const char *rule; /* that gives it, at the issue or as last asked */
	int64_t cap;      /* that rule's max, seconds */
	int64_t sum;      /* and the most with all extensions */
	bool checked;     /* the rule or a hook asked more of the task */
	bool unvoted;     /* the rule wants no vote: decided as it was asked */
	int64_t decided;  /* from when on the votes were enough */
	struct jit_story_vote *votes;

	/* issued; a change: applied */
	int64_t issued;         /* seq */
	const char *issuer;     /* or who applied the change */
	int64_t policy_version; /* that it was issued under, or that it made */
	int64_t from, until;
	int64_t given; /* seconds: of an extension those that it adds */
	int64_t serial;
	char cert[13]; /* how the SHA-256 of its certificate begins, or "" */

	struct jit_story_use *uses;

	/* ended */
	enum jit_fate fate;
	const char *ended_by;
	enum jit_class ended_class;
	int64_t ended;

	/* proven */
	int64_t due;     /* when it should have been dead: until, or the end */
	bool provable;   /* it was found working, or never given */
	int64_t probes;  /* all that were made */
	int64_t control; /* the first that found it working, while it lived */
	int64_t alive;   /* the last that found it working after 'due' */
	int64_t dead;    /* the refusal that paid what was owed */
	const char *dead_by;
	int64_t written_off; /* an admin's review, where no proof can be had */

	/* reviewed: of a break-glass, or written off */
	int64_t review_due; /* 0: none is owed */
	int64_t reviewed;
	const char *reviewer, *verdict;
	const char *review_group;
};

/* A key, and for whom. A principal with two keys has two of these. */
struct jit_story_person {
	const char *principal, *sponsor; /* sponsor NULL: none */
	enum jit_class class;
	char fingerprint[JIT_FINGERPRINT];
	int64_t enrolled, until;
	int64_t retired; /* 0: not */
};

/* A version of the policy. */
struct jit_story_policy {
	int64_t version, since;
	const char *by;               /* who applied it */
	const struct jit_story *made; /* by this request; NULL: genesis */
	struct jit_json *json;        /* the policy itself */
};

/* A time in which one that beats did not; 'to' 0: it has not since. */
struct jit_story_gap {
	const char *by;
	int64_t from, to;
};

/* Who beats, and when. */
struct jit_story_sweeper {
	const char *by;
	int64_t beats, first, last;
	int64_t owed; /* as it said last */
};

/* How much access stood for good, in one place and one kind of it. */
struct jit_story_scan {
	const char *by;      /* who counted */
	const char *host;    /* where */
	const char *surface; /* of what kind */
	int64_t at;
	int64_t count; /* -1: it could not be seen */
	bool whole;    /* all of it was seen */
};

/* The stories of a ledger. Start with = {0}. */
struct jit_stories {
	struct jit_story **at; /* in the order of their requests */
	size_t count, cap;

	struct jit_story_person *people; /* in the order of their enrolment */
	size_t people_count, people_cap;

	struct jit_story_policy *policies;
	size_t policies_count, policies_cap;

	struct jit_story_sweeper *sweepers;
	size_t sweepers_count, sweepers_cap;

	struct jit_story_gap *gaps;
	size_t gaps_count, gaps_cap;

	struct jit_story_scan *scans;
	size_t scans_count, scans_cap;

	int64_t founded, last; /* of genesis and of the newest event */
	int64_t events[JIT_EVENT_TYPES];

	/* its own: stories by their id, texts */
	struct jit_story **by_id;
	size_t by_id_cap;
	const char **texts;
	size_t texts_count, texts_cap;
	struct jit_arena mem;
};

/*
 * Take in one event, with the state after it: all that the judge knows is
 * asked of the state. A jit_ledger_visit; 'arg' is the struct jit_stories.
 * Every event from genesis on, in order. JIT_TROUBLE: no memory.
 */
int jit_story_visit(const struct jit_commit *c,
	const unsigned char oid[JIT_OID], const struct jit_state *after,
	void *arg, struct jit_error *err);

/* The story of that id, borrowed, or NULL. */
struct jit_story *jit_story_find(const struct jit_stories *all, const char *id);

/*
 * The text as the stories have it: the same pointer for the same text.
 * NULL: no memory, or 's' is NULL.
 */
const char *jit_story_text(struct jit_stories *all, const char *s);

/* "open", "task", ..., "denied", "withdrawn", "applied". */
const char *jit_fate_name(enum jit_fate fate);

/* When access by it ended or will end: the sooner of until and its end. */
int64_t jit_story_over(const struct jit_story *g);

/* Whether it still is to be shown dead. */
bool jit_story_owed(const struct jit_story *g);

/*
 * Whether nobody had to think of ending it: an issuer, a host or a workload
 * did, or the holder's own program when its command was over, which is an
 * end within JIT_STORY_CLOSE seconds of a session's close by the same hand.
 * It follows from who wrote what, and is claimed by nobody.
 */
#define JIT_STORY_CLOSE 60
bool jit_story_automatic(const struct jit_story *g);

void jit_stories_free(struct jit_stories *all);

#endif
