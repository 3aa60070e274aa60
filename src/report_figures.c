/* SPDX-License-Identifier: ISC */
/* jit-report report: figures of a period, each with what is behind it. */
#include <string.h>
#include <unistd.h>

#include "name.h"
#include "pattern.h"
#include "report.h"
#include "report_page.h"
#include "when.h"

#define CONTROLS JIT_DATADIR "/jit/controls/access.json"

static int
read_date(int64_t *out, const char *name, const char *text,
	struct jit_error *err)
{
	int rc = text ? jit_when_instant(out, text, err) : 0;

	return rc ? jit_within(err, rc, "--%s", name) : 0;
}

int
report_scope_read(struct report *r, struct jit_error *err)
{
	struct jit_scope *s = &r->scope;
	int rc;

	s->by = r->by;
	s->resource = r->resource;
	rc = read_date(&s->since, "since", r->since, err);
	if (rc == 0)
		rc = read_date(&s->until, "until", r->until, err);
	if (rc == 0 && r->since && r->until && s->since >= s->until)
		rc = cli_usage(&r->cli, err, "--since is not before --until");
	if (rc == 0 && r->by && !jit_name_principal(r->by))
		rc = cli_usage(&r->cli, err, "--by: '%s' is no principal",
			r->by);
	if (rc == 0 && r->resource) {
		rc = jit_pattern_check(r->resource, err);
		if (rc)
			jit_within(err, rc, "--resource");
	}
	/* what is to come is not told */
	if (s->until <= r->cli.now)
		r->told_until = s->until;
	return rc;
}

void
report_scope_fill(struct report *r)
{
	struct jit_scope *s = &r->scope;

	if (!r->since)
		s->since = r->stories.founded;
	if (!r->told_until)
		s->until = (r->cli.now > r->stories.last ? r->cli.now
							 : r->stories.last) +
			1;
}

/* Those that are named, or those that are installed, if they are. */
static int
read_controls(struct report *r, struct jit_error *err)
{
	if (r->controls_path)
		return controls_read(&r->controls, r->controls_path, err);
	if (access(CONTROLS, R_OK) == 0)
		return controls_read(&r->controls, CONTROLS, err);
	cli_more(&r->cli, "no controls are installed: --controls FILE");
	return 0;
}

size_t
report_unmet(const struct report *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->controls.count; i++)
		n += control_judge(&r->controls.at[i], &r->figures) ==
			CONTROL_NOT_MET;
	return n;
}

/* What is to be looked at, in one line. */
static int
conclude(const struct report *r, struct jit_error *err)
{
	size_t found = r->figures.found, unmet = report_unmet(r);
	const char *figures = found == 1 ? "figure" : "figures";
	const char *controls = unmet == 1 ? "control" : "controls";

	if (found && unmet)
		return jit_fail(err, JIT_FINDINGS,
			"to be looked at: %zu %s, and %zu %s not met", found,
			figures, unmet, controls);
	if (found)
		return jit_fail(err, JIT_FINDINGS, "to be looked at: %zu %s",
			found, figures);
	if (unmet)
		return jit_fail(err, JIT_FINDINGS,
			"to be looked at: %zu %s not met", unmet, controls);
	return 0;
}

/* As a page, as JSON, as text: of a page that is on stdout nothing else. */
static int
print(const struct report *r, struct jit_error *err)
{
	int rc = r->page ? report_write_page(r, r->page, err) : 0;

	if (rc == 0 && r->cli.json)
		rc = report_print_json(r, err);
	else if (rc == 0 && !r->page)
		report_print_text(r);
	else if (rc == 0 && strcmp(r->page, "-") != 0)
		report_print_ledger(r);
	return rc;
}

int
report_report(struct report *r, struct jit_error *err)
{
	int rc = 0;

	if (r->page && r->cli.json && strcmp(r->page, "-") == 0)
		return cli_usage(&r->cli, err,
			"-j and the page cannot both go to stdout");
	rc = report_scope_read(r, err);

	if (rc == 0)
		rc = read_controls(r, err);
	if (rc == 0)
		rc = report_read(r, err);
	if (rc)
		return rc;
	report_scope_fill(r);
	cli_more(&r->cli, "%lld events are good, %zu requests in them",
		(long long)r->state->seq, r->stories.count);
	rc = jit_figures_measure(&r->figures, &r->stories, &r->scope, err);
	if (rc == 0)
		rc = print(r, err);
	return rc ? rc : conclude(r, err);
}
