/* SPDX-License-Identifier: ISC */
#include "figure_inner.h"

#include <stdlib.h>
#include <string.h>

#include "pattern.h"

#define GRANTS JIT_PART_GRANTS
#define EXCEPTIONS JIT_PART_EXCEPTIONS
#define APPROVALS JIT_PART_APPROVALS
#define PEOPLE JIT_PART_PEOPLE
#define STANDING JIT_PART_STANDING
#define SHARE JIT_FIGURE_SHARE
#define SECONDS JIT_FIGURE_SECONDS
#define COUNT JIT_FIGURE_COUNT
#define LIST JIT_FIGURE_LIST
#define ANSWER JIT_FIGURE_ANSWER

/* The sentences are in jit-report(1), word for word. */
static const struct jit_figure table[] = {
	{"requests", GRANTS, COUNT, false,
		"requests for access in the period; drills, and changes of "
		"policy or people, are left out here and below",
		jit_figure_requests},
	{"granted", GRANTS, SHARE, false,
		"requests that were granted, of all requests",
		jit_figure_granted},
	{"tied-to-a-task", GRANTS, SHARE, false,
		"grants that name the task they are for, of all grants",
		jit_figure_with_task},
	{"task-checked", GRANTS, SHARE, false,
		"grants whose task has the form that the rule wants, or was "
		"confirmed by the task hook, of all grants",
		jit_figure_task_checked},
	{"approval-latency", GRANTS, SECONDS, false,
		"from a request to the vote that was enough, of grants whose "
		"rule wants votes",
		jit_figure_latency},
	{"duration", GRANTS, SECONDS, false,
		"how long access was given for, of all grants; of an extension "
		"what it adds",
		jit_figure_duration},
	{"at-the-cap", GRANTS, SHARE, false,
		"grants given for the longest that their rule gives, of all "
		"grants",
		jit_figure_at_the_cap},
	{"used", GRANTS, SHARE, false,
		"grants under which something was started on record, of all "
		"that were given at the target and ended",
		jit_figure_used},
	{"ended-by-task", GRANTS, SHARE, false,
		"grants that ended because the task was done, of all that "
		"ended",
		jit_figure_by_task},
	{"ended-by-ttl", GRANTS, SHARE, false,
		"grants that ended because their time was over, of all that "
		"ended",
		jit_figure_by_ttl},
	{"ended-by-person", GRANTS, SHARE, false,
		"grants that a person revoked, of all that ended",
		jit_figure_by_person},
	{"ended-by-offboarding", GRANTS, SHARE, false,
		"grants that ended because somebody they rest on was retired, "
		"of all that ended",
		jit_figure_by_offboarding},
	{"ended-by-policy", GRANTS, SHARE, false,
		"grants that ended because a new policy would not give them, "
		"of all that ended",
		jit_figure_by_policy},
	{"ended-by-failure", GRANTS, SHARE, false,
		"grants that the target never gave, of all that ended",
		jit_figure_by_failure},
	{"ended-automatically", GRANTS, SHARE, false,
		"grants that an issuer, a host or a workload ended, or the "
		"program of whoever ended it within 60 seconds of closing its "
		"session, of all that ended",
		jit_figure_automatic},
	{"not-ended", GRANTS, LIST, true,
		"grants whose time was over for more than an hour, and of "
		"which no end is recorded",
		jit_figure_not_ended},
	{"time-to-dead", GRANTS, SECONDS, false,
		"from when a grant should have been dead, its end or the end "
		"of its time, whichever came first, to the refusal that proved "
		"it, of grants that were proven dead",
		jit_figure_time_to_dead},
	{"proven", GRANTS, SHARE, false,
		"grants that a refused probe proved dead, of all that ended",
		jit_figure_proven},
	{"owed", GRANTS, SHARE, false,
		"grants that are still to be proven dead, of all that ended",
		jit_figure_owed},
	{"not-provable", GRANTS, SHARE, false,
		"grants that no probe found working while they lived, so that "
		"a refusal proves nothing, of all that ended",
		jit_figure_not_provable},
	{"owed-long", GRANTS, LIST, true,
		"grants still to be proven dead more than an hour after they "
		"should have been dead",
		jit_figure_owed_long},
	{"alive-after-end", GRANTS, LIST, true,
		"grants that a probe found working a minute or more after they "
		"should have been dead",
		jit_figure_alive},

	{"over-the-usual", EXCEPTIONS, SHARE, false,
		"grants for longer than twice the median of the same role "
		"under the same rule, of all grants whose role and rule have "
		"ten or more",
		jit_figure_over_usual},
	{"long-windows", EXCEPTIONS, LIST, true,
		"who had a role under a rule for longer than the usual five "
		"times or more, and at least every second time",
		jit_figure_long_windows},
	{"growing-windows", EXCEPTIONS, LIST, true,
		"who had a role under a rule twelve times or more, for longer "
		"and longer: the pairs of grants that grew outnumber those "
		"that shrank by four standard deviations of chance (Mann and "
		"Kendall), and the median of the last third is at least one "
		"and a half times that of the first",
		jit_figure_growing},
	{"extensions", EXCEPTIONS, SHARE, false,
		"grants that make another grant longer, of all grants",
		jit_figure_extensions},
	{"back-to-back", EXCEPTIONS, LIST, true,
		"who had a role on a resource by four grants or more in a row, "
		"each begun within ten minutes of the end of the one before, "
		"together for longer than the rule allows with all extensions",
		jit_figure_back_to_back},
	{"standing-access", EXCEPTIONS, LIST, true,
		"who had a role on a resource for a quarter or more of all "
		"hours from the begin of the first grant to the end of the "
		"last, over a week or more",
		jit_figure_standing_access},
	{"break-glass", EXCEPTIONS, COUNT, false, "grants by break-glass",
		jit_figure_glass},
	{"reviews-overdue", EXCEPTIONS, LIST, true,
		"grants by break-glass, drills too, whose review is due and "
		"not there",
		jit_figure_reviews_overdue},
	{"reviewed-late", EXCEPTIONS, COUNT, false,
		"grants by break-glass, drills too, that were reviewed after "
		"the review was due",
		jit_figure_reviewed_late},
	{"misuse", EXCEPTIONS, LIST, true,
		"grants by break-glass that a review calls misuse",
		jit_figure_misuse},
	{"drills", EXCEPTIONS, COUNT, false,
		"drills of break-glass that came to access", jit_figure_drills},
	{"drill-time", EXCEPTIONS, SECONDS, false,
		"from asking to access, of drills", jit_figure_drill_time},
	{"policy-widened", EXCEPTIONS, LIST, true,
		"changes of policy by which somebody may have more than "
		"before, for longer, or with fewer votes",
		jit_figure_widened},
	{"sweeper-dead", EXCEPTIONS, LIST, true,
		"times of more than two hours in which an issuer or host that "
		"beats did not",
		jit_figure_sweeper_dead},

	{"decision-time", APPROVALS, SECONDS, false,
		"from a request of any kind to each vote on it, for or against",
		jit_figure_decision_time},
	{"votes-for", APPROVALS, SHARE, false,
		"votes that were for what was asked, of all votes",
		jit_figure_votes_for},
	{"rubber-stamps", APPROVALS, LIST, true,
		"approvers with twenty votes or more who refused, narrowed and "
		"took back nothing, and whose median time to decide is at most "
		"30 seconds and a quarter of that of all others",
		jit_figure_rubber_stamps},
	{"bursts", APPROVALS, LIST, true,
		"approvers who voted on five requests or more within one "
		"minute",
		jit_figure_bursts},
	{"reciprocal-pairs", APPROVALS, LIST, true,
		"two persons, each of whom voted for ten or more of the "
		"requests of the other, and for at least half of those that "
		"were voted for",
		jit_figure_reciprocal},
	{"never-refused", APPROVALS, LIST, false,
		"approvers with twenty votes or more, none of them against",
		jit_figure_never_refused},

	{"vendor-grants", PEOPLE, SHARE, false,
		"grants to vendors, of all grants", jit_figure_vendor_grants},
	{"workload-grants", PEOPLE, SHARE, false,
		"grants to workloads, of all grants",
		jit_figure_workload_grants},
	{"vendors-ending", PEOPLE, LIST, true,
		"vendors whose enrolment ends within 30 days",
		jit_figure_vendors_ending},
	{"people-ending", PEOPLE, LIST, false,
		"all others whose enrolment ends within 30 days, or has ended",
		jit_figure_people_ending},
	{"rules-ending", PEOPLE, LIST, false,
		"rules of the policy in force that end within 30 days, or have "
		"ended",
		jit_figure_rules_ending},
	{"retired", PEOPLE, LIST, false,
		"who was retired in the period, with the live grants that "
		"ended for it",
		jit_figure_retired},
	{"left-behind", PEOPLE, LIST, true,
		"grants of those who were retired more than an hour ago that "
		"had time left and no end is recorded of",
		jit_figure_left_behind},

	{"standing-privilege", STANDING, LIST, false,
		"each surface of each machine that was scanned, with what "
		"stood there by its first and by its last scan",
		jit_figure_standing},
	{"standing-shrinking", STANDING, ANSWER, true,
		"whether less stands for good by the last scans than by the "
		"first, of the surfaces that were wholly seen twice: yes, no, "
		"or not enough scans",
		jit_figure_shrinking},
	{"unseen-surfaces", STANDING, LIST, true,
		"surfaces of which the last scan saw nothing or not all",
		jit_figure_unseen},
};

#define ROWS (sizeof(table) / sizeof(table[0]))

const struct jit_figure *
jit_figure_table(size_t *count)
{
	*count = ROWS;
	return table;
}

const struct jit_figure *
jit_figure_find(const char *id)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (strcmp(table[i].id, id) == 0)
			return &table[i];
	return NULL;
}

const char *
jit_figure_kind_name(enum jit_figure_kind kind)
{
	static const char *const names[] = {"share", "seconds", "count", "list",
		"answer"};

	return names[kind];
}

const char *
jit_figure_part_name(enum jit_figure_part part)
{
	static const char *const names[JIT_PARTS] = {"grants", "exceptions",
		"approvals", "people", "standing privilege"};

	return names[part];
}

/* What is asked of: which requests, and what became of them. */

static bool
is_meant(const struct jit_scope *scope, const struct jit_story *g)
{
	if (g->at < scope->since || g->at >= scope->until)
		return false;
	if (scope->by && strcmp(scope->by, g->by) != 0)
		return false;
	return !scope->resource ||
		jit_pattern_match(scope->resource, g->resource);
}

static void
sort_out(struct jit_reckoning *r)
{
	const struct jit_story *g;
	size_t i;

	for (i = 0; i < r->all->count; i++) {
		g = r->all->at[i];
		if (!is_meant(r->scope, g))
			continue;
		jit_figure_put(r, &r->asked, g);
		if (g->want != JIT_WANT_ACCESS)
			continue;
		if (g->drill && g->issued)
			jit_figure_put(r, &r->drills, g);
		if (g->drill)
			continue;
		jit_figure_put(r, &r->access, g);
		if (g->issued)
			jit_figure_put(r, &r->granted, g);
		if (g->issued && g->ended)
			jit_figure_put(r, &r->ended, g);
	}
}

/* What is in a finding is to be looked at. */
static bool
is_found(const struct jit_measure *m)
{
	return m->found || (m->figure->finding && m->rows_count > 0);
}

int
jit_figures_measure(struct jit_figures *out, const struct jit_stories *all,
	const struct jit_scope *scope, struct jit_error *err)
{
	struct jit_reckoning r = {.all = all, .scope = scope, .mem = &out->mem};
	struct jit_measure *m;
	size_t i;

	sort_out(&r);
	out->at = jit_arena_get(&out->mem, ROWS * sizeof(*out->at));
	r.failed = r.failed || !out->at;
	for (i = 0; i < ROWS && !r.failed; i++) {
		m = &out->at[out->count++];
		m->figure = &table[i];
		table[i].measure(m, &r);
		if (m->figure->kind == LIST)
			m->some = (int64_t)m->rows_count;
		m->found = is_found(m);
		out->found += m->found;
	}
	free(r.asked.at);
	free(r.access.at);
	free(r.granted.at);
	free(r.ended.at);
	free(r.drills.at);
	return r.failed ? jit_nomem(err) : 0;
}

const struct jit_measure *
jit_figures_of(const struct jit_figures *f, const char *id)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (strcmp(f->at[i].figure->id, id) == 0)
			return &f->at[i];
	return NULL;
}

void
jit_figures_free(struct jit_figures *f)
{
	struct jit_measure *m;
	size_t i, j;

	for (i = 0; i < f->count; i++) {
		m = &f->at[i];
		for (j = 0; j < m->rows_count; j++)
			free(m->rows[j].grants.at);
		free(m->rows);
		free(m->grants.at);
	}
	jit_arena_free(&f->mem);
	memset(f, 0, sizeof(*f));
}
