/* trial: what an event is judged by, for the rooms of the judge. */
#ifndef JIT_TRIAL_H
#define JIT_TRIAL_H

#include "mutate.h"
#include "standing.h"

/* What the judge knows of an event beside its words. */
struct jit_proof {
	unsigned char sha256[JIT_SHA256]; /* of the raw commit */
	struct jit_pubkey key;            /* that signed it */
	unsigned char flags;              /* JIT_SIGN_PRESENT */
	bool again; /* it was judged before: by its SHA-256 it is the same */
};

/* What an event is judged by; found once, used by its rules. */
struct jit_trial {
	const struct jit_state *s;
	const struct jit_event *ev;
	const struct jit_enrolment *author;
	struct jit_grant *grant; /* that it is about, if any */
	bool touched;            /* signed by a touched security key */
	bool again;              /* it was judged before */
	struct jit_pubkey ca;    /* of an issue: that signed its certificate */
	uint64_t actions;        /* of an issue: which of the asked are given */
	int64_t place;           /* UTC second at which the chain has it */

	/* of what was sealed and comes late */
	bool late;
	bool gone;     /* its key was retired meanwhile: it pays nothing */
	int64_t known; /* UTC second of the last event its author had seen */
};

/* Refuse, from the function it stands in, by rule 'id' unless 'holds'. */
#define JIT_RULE(id, code, holds, ...)                                         \
	do {                                                                   \
		if (JIT_RULE_ON(id) && !(holds))                               \
			return jit_refuse(err, code, id, __VA_ARGS__);         \
	} while (0)

/* The same where nothing after it can be judged unless it holds. */
#define JIT_NEED(id, code, holds, ...)                                         \
	do {                                                                   \
		JIT_RULE(id, code, holds, __VA_ARGS__);                        \
		if (!(holds))                                                  \
			return 0; /* only where the rule is switched off */    \
	} while (0)

/*
 * What every event about a grant that waits must keep: it is not issued
 * yet, a rule gives it, it has not lapsed. '*st' is where it stands.
 */
int jit_trial_waiting(struct jit_standing *st, const struct jit_trial *t,
	struct jit_error *err) JIT_CHECKED;

/* Whether the event names the very request of its grant, by SHA-256. */
int jit_trial_reference(const struct jit_trial *t,
	struct jit_error *err) JIT_CHECKED;

/*
 * What must hold of an extension, of a request or its issue: the grant
 * 'parent' is live at the event, has the same holder, resource, role and
 * actions, and 'duration' seconds more are within the rule's sum.
 */
int jit_trial_extension(const struct jit_trial *t, const char *parent,
	const struct jit_rule *rule, int64_t duration,
	struct jit_error *err) JIT_CHECKED;

/* Whether 'who' owes no review too long: whoever does breaks no more glass. */
int jit_trial_debts(const struct jit_trial *t, const char *who,
	struct jit_error *err) JIT_CHECKED;

/* Whether a rule's hours hold at the event. */
int jit_trial_hours(const struct jit_trial *t, const struct jit_rule *rule,
	struct jit_error *err) JIT_CHECKED;

/* Whether two texts are there and alike. */
bool jit_trial_same(const char *a, const char *b);

/* Whether 'hex' spells 'sha256'. */
bool jit_trial_hash(const char *hex, const unsigned char sha256[JIT_SHA256]);

#endif
