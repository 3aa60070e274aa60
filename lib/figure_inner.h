/* figure_inner: what the parts of the figure room share. */
#ifndef JIT_FIGURE_INNER_H
#define JIT_FIGURE_INNER_H

#include "figure.h"

#define JIT_FIGURE_GRACE 3600          /* seconds that a sweeper may need */
#define JIT_FIGURE_SOON (30 * 86400LL) /* seconds: an end that is near */

/* What figures are measured of. */
struct jit_reckoning {
	const struct jit_stories *all;
	const struct jit_scope *scope;
	struct jit_bundle asked;   /* every request in the period */
	struct jit_bundle access;  /* those for access, drills left out */
	struct jit_bundle granted; /* of these, what was issued */
	struct jit_bundle ended;   /* of these, what is over */
	struct jit_bundle drills;  /* issued */
	struct jit_arena *mem;
	bool failed; /* no memory */
};

/* Put one more into a bundle. */
void jit_figure_put(struct jit_reckoning *r, struct jit_bundle *b,
	const struct jit_story *g);

/* A new row of a list, zeroed; NULL: no memory. */
struct jit_row *jit_figure_row(struct jit_reckoning *r, struct jit_measure *m);

/* A text that lives as long as the figures; "" where memory is short. */
const char *jit_figure_text(struct jit_reckoning *r, const char *fmt, ...)
	JIT_PRINTF(2, 3);

/* "1h30m", and an instant as RFC 3339 has it. */
const char *jit_figure_span(struct jit_reckoning *r, int64_t seconds);
const char *jit_figure_stamp(struct jit_reckoning *r, int64_t at);

/* Those of 'of' that 'hit' takes, as a share of them all. */
void jit_figure_share(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_bundle *of, bool (*hit)(const struct jit_story *g));

/* What 'value' says of each of 'of'; below 0: it says nothing of that one. */
void jit_figure_seconds(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_bundle *of,
	int64_t (*value)(const struct jit_story *g));

/* How many of 'of' 'hit' takes (NULL: all). */
void jit_figure_count(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_bundle *of, bool (*hit)(const struct jit_story *g));

/* The median and 95th percentile of 'n' numbers, which it sorts. */
void jit_figure_spread(struct jit_measure *m, int64_t *list, size_t n);

/* The number that half of them do not exceed; sorts; 0 where n is 0. */
int64_t jit_figure_median(int64_t *list, size_t n);

/* A row for a grant: who, role, resource, itself behind it. */
struct jit_row *jit_figure_grant(struct jit_reckoning *r, struct jit_measure *m,
	const struct jit_story *g);

/*
 * Go through the sorted 'of' run by run: those that 'same' says belong
 * together. 'order' is for qsort, of pointers to stories.
 */
typedef void jit_figure_run(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_story **at, size_t n);
void jit_figure_runs(struct jit_measure *m, struct jit_reckoning *r,
	const struct jit_bundle *of, int (*order)(const void *a, const void *b),
	bool (*same)(const struct jit_story *a, const struct jit_story *b),
	jit_figure_run *run);

typedef void jit_figure_measure(struct jit_measure *m, struct jit_reckoning *r);

jit_figure_measure jit_figure_requests, jit_figure_granted,
	jit_figure_with_task, jit_figure_task_checked, jit_figure_latency,
	jit_figure_duration, jit_figure_at_the_cap, jit_figure_used,
	jit_figure_by_task, jit_figure_by_ttl, jit_figure_by_person,
	jit_figure_by_offboarding, jit_figure_by_policy, jit_figure_by_failure,
	jit_figure_automatic, jit_figure_not_ended, jit_figure_time_to_dead,
	jit_figure_proven, jit_figure_owed, jit_figure_not_provable,
	jit_figure_owed_long, jit_figure_alive;

jit_figure_measure jit_figure_over_usual, jit_figure_long_windows,
	jit_figure_growing, jit_figure_extensions, jit_figure_back_to_back,
	jit_figure_standing_access;

jit_figure_measure jit_figure_glass, jit_figure_reviews_overdue,
	jit_figure_reviewed_late, jit_figure_misuse, jit_figure_drills,
	jit_figure_drill_time, jit_figure_widened, jit_figure_sweeper_dead;

jit_figure_measure jit_figure_decision_time, jit_figure_votes_for,
	jit_figure_rubber_stamps, jit_figure_bursts, jit_figure_reciprocal,
	jit_figure_never_refused;

jit_figure_measure jit_figure_vendor_grants, jit_figure_workload_grants,
	jit_figure_vendors_ending, jit_figure_people_ending,
	jit_figure_rules_ending, jit_figure_retired, jit_figure_left_behind;

jit_figure_measure jit_figure_standing, jit_figure_shrinking, jit_figure_unseen;

#endif
