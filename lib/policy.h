/* policy: who may have what, for how long, and who says so. */
#ifndef JIT_POLICY_H
#define JIT_POLICY_H

#include "shape.h"

#define JIT_POLICY_SKEW 120 /* defaults of limits, in seconds */
#define JIT_POLICY_PENDING 14400
#define JIT_POLICY_USE_BY 3600
#define JIT_POLICY_REASON 10 /* characters */

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
	int64_t reason;  /* fewest characters of a reason */
};

struct jit_issuing {
	const char *by;
	struct jit_texts resources; /* patterns */
	struct jit_texts ca;        /* fingerprints */
};

struct jit_rule {
	const char *id;
	bool deny;
	const char *why;         /* deny only */
	struct jit_texts who;    /* groups; empty in a deny: everyone */
	const char *resource;    /* pattern */
	struct jit_texts roles;  /* labels; empty in a deny: all */
	int64_t max;             /* seconds */
	const char *task;        /* pattern; NULL: any task */
	struct jit_rows approve; /* struct jit_quorum, all of them */
	const char *key;         /* "sk" or NULL */
};

struct jit_policy {
	struct jit_map groups; /* name: principals or patterns */
	const struct jit_quorum *admins;
	struct jit_rows issuers;      /* struct jit_issuing */
	const struct jit_limits *set; /* as written; may be NULL */
	struct jit_limits limits;     /* with the defaults filled in */
	struct jit_rows rules;        /* struct jit_rule, in order */

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

/* The group of that name, borrowed, or NULL. */
const struct jit_named *jit_policy_group(const struct jit_policy *p,
	const char *name);

/* Whether 'principal' is in the group called 'group'. */
bool jit_policy_member(const struct jit_policy *p, const char *group,
	const char *principal);

/*
 * The rule that decides: a matching deny before all, else the first whose
 * who, resource and roles match. JIT_NO with rule "policy-match" or
 * "policy-deny", naming what would be accepted. Whether 'who' is in a group
 * is asked once, however many rules name it.
 */
int jit_policy_match(const struct jit_rule **out, const struct jit_policy *p,
	const char *who, const char *resource, const char *role,
	struct jit_error *err) JIT_CHECKED;

/* The issuer's entry for 'by' that covers 'resource', or NULL. */
const struct jit_issuing *jit_policy_issuer(const struct jit_policy *p,
	const char *by, const char *resource);

/* One line for people: "1 of dba and 1 of security", or "nobody". */
void jit_policy_spell(struct jit_buf *out, const struct jit_rule *rule);

#endif
