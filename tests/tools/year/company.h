/* company: who is there, which machines, and the policy they live under. */
#ifndef YEAR_COMPANY_H
#define YEAR_COMPANY_H

#include "chance.h"
#include "json.h"
#include "signer.h"

/* What somebody is part of, a bit each. */
enum team {
	ADMINS = 1,
	ONCALL = 2,
	DEV = 4,
	DBA = 8,
	SECURITY = 16,
	SUPPORT = 32,
	VENDORS = 64,
	CI = 128
};

enum {
	WEBS = 24,
	BUILDS = 8,
	LABS = 2,
	HOSTS = WEBS + BUILDS + LABS + 1,
	BASES = 12,
	PEOPLE_MAX = 192,
	DAY = 86400,
	FOREVER = 1 << 30 /* a day that does not come */
};

struct who {
	char principal[80];
	const char *class;
	int teams;
	struct jit_signer *signer; /* with which it signs now */
	struct jit_signer *next;   /* the one that comes after it */
	int joins, leaves;         /* days; 0, FOREVER: all the time */
	int rotates;               /* day of its new key; FOREVER: none */
	int64_t until;             /* UTC second of its enrolment's end; 0 */
	int sponsor;               /* whose word it is there by; -1 */
	int64_t counter;           /* uses and beats it wrote */

	/* How it decides, as an approver. */
	int decisions, denies_each, denies_at;
};

struct company {
	struct who who[PEOPLE_MAX];
	int count;
	int persons;                /* the first so many */
	int admins;                 /* of them, the first so many */
	int issuer, sweeper, hosts; /* hosts: the first of HOSTS */
	struct jit_signer *ca;
	int64_t from, until; /* UTC seconds of the year */
	struct chance chance;
};

/* Rules as the generator knows them. */
enum rule {
	WEB_ROOT,
	WEB_DEPLOY,
	BUILD_SUDO,
	DB_READ,
	DB_ADMIN,
	LAB,
	LEGACY,
	GLASS,
	CI_DEPLOY,
	RULES
};

struct rule_info {
	const char *id, *scheme, *kind; /* "ssh", "web-" */
	int machines;                   /* kind1 .. kindN; 0: a database */
	const char *role, *task;
	int who;             /* teams */
	int approve[2];      /* teams, one each; 0: none */
	int share;           /* of ordinary life, in a thousand */
	int64_t deciles[11]; /* how long is asked, in minutes */
};

extern const struct rule_info rule_info[RULES];

/* What changes in the policy over the year. */
struct stage {
	bool tight;  /* web-deploy gives 90m in place of 2h */
	bool modern; /* the rule 'legacy' is gone */
	bool wide;   /* build-sudo gives 4h in place of 1h */
};

/* Everybody with keys made of the seed, kept in 'keys' (NULL: nowhere). */
void company_found(struct company *c, uint64_t seed, int64_t from,
	int64_t until, const char *keys, bool plain);
void company_free(struct company *c);

/* The one of that name, which is there. */
int company_find(const struct company *c, const char *name);

/* Whether it works there at 'at', and will for a day. */
bool company_has(const struct company *c, int who, int64_t at);

/* Somebody of the teams but 'not' and those bound to it by a sponsor. */
int company_pick(struct company *c, int teams, int not, int64_t at);

/* "ssh:web-3": by number, from 0. */
void company_resource(char *out, size_t size, enum rule r, int n);

/* The database of that number. */
const char *company_base(int n);

/* The host of such a resource, or -1. */
int company_host(const struct company *c, enum rule r, int n);

/* The longest that a rule gives, in seconds. */
int64_t company_max(enum rule r, const struct stage *s);

struct jit_json *company_policy(const struct company *c, const struct stage *s);

/* A new key pair of the same seed. */
struct jit_signer *company_key(struct company *c, const char *keys,
	const char *name);

#endif
