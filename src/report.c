/* SPDX-License-Identifier: ISC */
/*
 * jit-report: what a ledger says of how access is had, from its signed
 * history alone. Reads only, goes nowhere, needs no key.
 */
#include "report.h"

#include <string.h>

static const char *const usage[] = {
	"report [-g FINGERPRINT] [--since DATE] [--until DATE] "
	"[--by PRINCIPAL] [--resource GLOB] [--controls FILE] "
	"[--html FILE]",
	"coverage [-g FINGERPRINT] [--since DATE] [--until DATE] "
	"[--by PRINCIPAL] [--resource GLOB] [--zone ZONE] "
	"[--log [NAME=]FILE]...",
	"export [-g FINGERPRINT] [--format jsonl|syslog] [--cursor FILE] "
	"[--follow] [--octets] [--enterprise NUMBER]",
	NULL};

static const struct cli_option options[] = {CLI_ROW_LEDGER,
	{'g', "genesis", CLI_TEXT, "FINGERPRINT",
		"the ledger must be this one (64 hex digits)",
		CLI_AT(report, genesis)},
	{0, "since", CLI_TEXT, "DATE", "what was asked from then on",
		CLI_AT(report, since)},
	{0, "until", CLI_TEXT, "DATE", "what was before then",
		CLI_AT(report, until)},
	{0, "by", CLI_TEXT, "PRINCIPAL", "what this one asked for",
		CLI_AT(report, by)},
	{0, "resource", CLI_TEXT, "GLOB", "what was asked on these",
		CLI_AT(report, resource)},
	{0, "controls", CLI_TEXT, "FILE",
		"report: the controls to give evidence for",
		CLI_AT(report, controls_path)},
	{0, "html", CLI_TEXT, "FILE",
		"report: write it as a page instead of as text",
		CLI_AT(report, page)},
	{0, "log", CLI_LIST, "FILE",
		"coverage: compare with this log, as NAME=FILE with that "
		"host's",
		CLI_AT(report, logs)},
	{0, "zone", CLI_TEXT, "ZONE",
		"coverage: of dates in logs that name none (else UTC)",
		CLI_AT(report, zone)},
	{0, "format", CLI_TEXT, "FORMAT", "export: jsonl, or syslog (RFC 5424)",
		CLI_AT(report, format)},
	{0, "cursor", CLI_TEXT, "FILE",
		"export: go on after the event that it names",
		CLI_AT(report, cursor)},
	{0, "follow", CLI_FLAG, NULL, "export: wait for more",
		CLI_AT(report, follow)},
	{0, "octets", CLI_FLAG, NULL,
		"export: before each message its length (RFC 6587)",
		CLI_AT(report, octets)},
	{0, "enterprise", CLI_TEXT, "NUMBER",
		"export: your private enterprise number",
		CLI_AT(report, enterprise)},
	CLI_ROW_JSON, CLI_ROW_QUIET, CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-report",
	"what a ledger says of how access is had", usage, options, 1, 1,
	"do what? report, coverage or export"};

/* The options that are one word's own. */
enum { FIGURES = 1, LINES = 2, SCOPE = 4, LOGS = 8 };

static const struct word {
	const char *name;
	int (*run)(struct report *r, struct jit_error *err);
	unsigned int takes;
} words[] = {
	{"report", report_report, SCOPE | FIGURES},
	{"coverage", report_coverage, SCOPE | LOGS},
	{"export", report_export, LINES},
};

#define WORDS (sizeof(words) / sizeof(words[0]))

/* The word, if what is given with it is what it takes; else NULL. */
static const struct word *
find_word(const struct report *r, struct jit_error *err)
{
	const struct cli *c = &r->cli;
	const struct word *w = words;
	unsigned int given = 0;

	while (w < words + WORDS && strcmp(w->name, c->args[0]) != 0)
		w++;
	given |= r->since || r->until || r->by || r->resource ? SCOPE : 0;
	given |= r->controls_path || r->page ? FIGURES : 0;
	given |= r->logs.count || r->zone ? LOGS : 0;
	given |= r->format || r->cursor || r->follow || r->octets ||
			r->enterprise
		? LINES
		: 0;
	if (w == words + WORDS)
		cli_usage(c, err, "'%s' is not one of report, coverage, export",
			c->args[0]);
	else if (given & ~w->takes)
		cli_usage(c, err, "an option is not one of %s", w->name);
	else
		return w;
	return NULL;
}

int
main(int argc, char **argv)
{
	struct report r = {0};
	struct jit_error err = {0};
	const struct word *word;
	int rc = JIT_USAGE;

	cli_start(&r.cli, &program, argc, argv);
	word = find_word(&r, &err);
	if (word)
		rc = word->run(&r, &err);
	report_free(&r);
	return cli_end(&r.cli, rc, &err);
}
