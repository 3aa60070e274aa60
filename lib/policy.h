/* policy: who may have what, for how long, and who says so. */
#ifndef JIT_POLICY_H
#define JIT_POLICY_H

#include "shape.h"
#include "when.h"

#define JIT_POLICY_SKEW 120 /* defaults of limits, in seconds */
#define JIT_POLICY_PENDING 14400
#define JIT_POLICY_USE_BY 3600
#define JIT_POLICY_STALE 60
#define JIT_POLICY_REASON 10 /* characters */
#define JIT_POLICY_LATE 604800

#define JIT_POLICY_GROUPS 4096 /* at most, of a policy */
#define JIT_POLICY_APPROVE 16  /* at most, of one rule's approve */

struct jit_quorum {
	const char *group;
	int64_t count; /* persons */
};

struct jit_limits {
	int64_t skew;    /* seconds a clock may be off */
	int64_t pending; /* seconds a request waits for its votes */
	int64_t use_by;  /* seconds from the last vote to the issue */
	int64_t stale;   /* seconds that a clone's view may be old */
	int64_t reason;  /* fewest characters of a reason */
	int64_t late;    /* seconds that what is sealed may be behind */
};

struct jit_issuing {
	const char *by;
	struct jit_texts resources; /* patterns */
	struct jit_texts ca;        /* fingerprints */
	const char *recorder;       /* path on those hosts; NULL: none */
};

/* How much of a rule one requester may have within 'per' seconds. */
struct jit_budget {
	int64_t grants;
	int64_t time; /* seconds */
	int64_t per;  /* seconds */
};

/* Who looks at a break-glass afterwards, and how soon. */
struct jit_review {
	const char *group;
	int64_t within; /* seconds from the issue */
};

/* Hours of a rule, as written. */
struct jit_hours {
	const char *days, *from, *until, *zone;
};

struct jit_rule {
	const char *id;
	bool deny;
	bool glass;                      /* break-glass: no vote, a review */
	const char *why;                 /* deny only */
	struct jit_texts who;            /* groups; empty in a deny: everyone */
	const char *resource;            /* pattern */
	struct jit_texts roles;          /* labels; empty in a deny: all */
	int64_t max;                     /* seconds */
	const char *task;                /* pattern; NULL: any task */
	struct jit_rows approve;         /* struct jit_quorum, all of them */
	const char *key;                 /* "sk" or NULL */
	const struct jit_budget *budget; /* NULL: none */
	const struct jit_review *review; /* break-glass only */
	struct jit_lists actions; /* patterns of words; empty: any, or none */
	const struct jit_hours *when; /* NULL: always */
	struct jit_when_hours hours;  /* the same, read */
	int64_t sum;       /* seconds with all extensions; 0: twice max */
	const char *until; /* a date or instant; NULL: a year */
	int64_t ends;      /* the same as UTC seconds (jit_policy_date) */
};

struct jit_policy {
	struct jit_map groups; /* name: principals or patterns */
	const struct jit_quorum *admins;
	struct jit_rows issuers;      /* struct jit_issuing */
	const struct jit_limits *set; /* as written; may be NULL */
	struct jit_limits limits;     /* with the defaults filled in */
	struct jit_rule change; /* how policy and people change: the admins */
	struct jit_rows rules;  /* struct jit_rule, in order */

	struct jit_json *json; /* what it was read from */
	struct jit_arena mem;
};

/*
 * Read a policy and check what needs nobody else: an unknown member, a
 * group, pattern, duration that is none, a rule's id used twice, a rule that
 * says too little. What this release does not enforce is refused with "not
 * yet". The caller frees with jit_policy_free. JIT_USAGE, with the place.
 */
int jit_policy_read(struct jit_policy *out, const struct jit_json *json,
	struct jit_error *err) JIT_CHECKED;

void jit_policy_free(struct jit_policy *p);

/* Longest that a rule or an enrolment may be good for, in seconds. */
#define JIT_POLICY_YEAR (366LL * 86400)

/*
 * Fill in when each rule ends, for a policy in force since 'at': its
 * 'until', else a year later. JIT_USAGE: one that is later than that, or
 * over already.
 */
int jit_policy_date(struct jit_policy *p, int64_t at,
	struct jit_error *err) JIT_CHECKED;

/* The group of that name, borrowed, or NULL. */
const struct jit_named *jit_policy_group(const struct jit_policy *p,
	const char *name);

/* The rule of that id, borrowed, or NULL. */
const struct jit_rule *jit_policy_rule(const struct jit_policy *p,
	const char *id);

/* Whether 'principal' is in the group called 'group'. */
bool jit_policy_member(const struct jit_policy *p, const char *group,
	const char *principal);

/* What is asked of a policy. */
struct jit_asked {
	const char *who, *resource, *role;
	const struct jit_lists *actions; /* NULL: none */
	int64_t at;                      /* UTC seconds */
	bool glass;                      /* by break-glass */
	bool change; /* of the ledger's own policy or people */

	/* Whether a rule's budget is spent, and why as text; may be NULL. */
	bool (*spent)(struct jit_buf *why, const struct jit_rule *rule,
		const void *arg);
	const void *arg;
};

/*
 * The rule that decides: a matching deny before all, else the first whose
 * who, resource, roles and actions match, that has not ended and whose budget
 * is not spent. JIT_NO with rule "policy-match", "policy-deny",
 * "policy-actions", "policy-until" or "policy-budget", naming what would be
 * accepted. Whether 'who' is in a group is asked once, however many rules
 * name it.
 */
int jit_policy_match(const struct jit_rule **out, const struct jit_policy *p,
	const struct jit_asked *asked, struct jit_error *err) JIT_CHECKED;

/*
 * Whether a pattern of a word takes the word: a wildcard takes no option
 * ("-x" where the pattern does not begin so) and no ".." of a path.
 */
bool jit_policy_word(const char *pattern, const char *word);

/*
 * Whether a rule's patterns cover each action, and there is one, word by
 * word: no pattern crosses one.
 */
bool jit_policy_actions(const struct jit_rule *rule,
	const struct jit_lists *actions);

/* The issuer's entry for 'by' that covers 'resource', or NULL. */
const struct jit_issuing *jit_policy_issuer(const struct jit_policy *p,
	const char *by, const char *resource);

/* One line for people: "1 of dba and 1 of security", or "nobody". */
void jit_policy_spell(struct jit_buf *out, const struct jit_rule *rule);

#endif
