/* world: the year as it runs: what is open, what comes next, what was. */
#ifndef YEAR_WORLD_H
#define YEAR_WORLD_H

#include "life.h"
#include "scribe.h"
#include "ulid.h"

enum fate { GIVEN, DENIED, WITHDRAWN, LAPSED };

/* How a grant ends; the words of the event in end_name. */
enum end {
	BY_TASK,
	BY_TTL,
	BY_REVOKE,
	BY_POLICY,
	BY_OFFBOARD,
	BY_FAILED,
	ENDS
};

/* What was planted. */
enum planted {
	NOTHING,
	STAMPED, /* approved by the rubber-stamper */
	PAIRED,  /* the two who approve each other */
	KEPT,    /* keeps a role alive */
	GROWING, /* asks for longer and longer */
	UNREVIEWED,
	WIDENED,
	UNUSED,   /* a grant without use */
	ALONE,    /* a use without a grant */
	NEAR_END, /* a vendor */
	DEAD_SWEEPER
};

/* One grant's life; times in UTC seconds, 0: it did not come to that. */
struct life_grant {
	char id[JIT_ULID], session[JIT_ULID], extends[JIT_ULID];
	char request[JIT_HEX256];
	int who, resource, host; /* host: -1, the holder himself */
	enum rule rule;
	enum fate fate;
	enum end end;
	enum planted planted;
	bool drill, over, opened, closed, killed;
	bool cut;      /* goes on until what it rests on is gone */
	bool longer;   /* another one extends it */
	size_t parent; /* that it extends */
	int64_t keep;  /* KEPT: until then */
	int64_t at, duration, narrowed; /* seconds asked; narrowed: 0, no */
	int voters[2];
	int64_t voted[2], late[2]; /* late: seconds to decide */
	int64_t issued, until, ended, dead, reviewed;
	int64_t began, finished; /* of its session */
	int64_t cap;             /* the most that its rule gave, seconds */
	int64_t serial, port;
	int ender;
	char offer[JIT_FINGERPRINT]; /* of the key that was certified */
};

struct change {
	enum { ENROL, RETIRE, POLICY } kind;
	int who, by, approver;
	struct stage stage;
	char id[JIT_ULID], request[JIT_HEX256], old[JIT_FINGERPRINT];
	char key[256];
	bool planted;
	struct jit_json *json;
};

struct world;
typedef void step(struct world *w, int64_t at, size_t i);

struct todo {
	int64_t at;
	uint64_t order;
	step *step;
	size_t i;
};

/* The planted ones, by their place in the company. */
struct culprits {
	int stamper, pair[2], keeper, grower, breaker, vendor;
	int64_t dead_from, dead_until; /* the sweeper */
};

/* What somebody had of a budget today. */
struct purse {
	int64_t day, grants, time;
};

struct world {
	const struct life_args *args;
	struct company c;
	struct scribe s;
	struct stage stage;
	struct culprits culprits;

	struct todo *heap;
	size_t heap_count, heap_cap;
	uint64_t order;

	struct life_grant *grants;
	size_t count, cap;
	struct change *changes;
	size_t changes_count;

	int64_t due, done; /* since the last beat */
	int64_t beats, uses, probes, withdrawn_votes, narrowed;
	struct purse *purse; /* by person */
};

void world_do(struct world *w, int64_t at, step *what, size_t i);

/* A grant to be asked for at 'at'; its place. */
size_t world_add(struct world *w, const struct life_grant *g);

/* Run all that is to be done. */
void world_run(struct world *w);

/* When the sweeper does what is due at 'at'. */
int64_t world_swept(struct world *w, int64_t at);

/* Steps of a grant. */
step grant_ask, grant_end;

/* What is done to a person's grants and votes that rest on him. */
void grant_cut(struct world *w, int64_t at, enum end cause, int who,
	enum rule rule);

/* All that is wrong. */
void plan_troubles(struct world *w);

/* A change that will have been asked for, approved and made from 'at' on. */
void change_plan(struct world *w, int64_t at, const struct change *c);

/* The plan file, and the logs of the hosts. */
void tally_write(const struct world *w, const char *path);
void hostlog_write(const struct world *w, const char *folder);

extern const char *const end_name[ENDS];

#endif
