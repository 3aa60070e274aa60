/* SPDX-License-Identifier: ISC */
/*
 * jit-report: what a ledger says of how access is had, from its signed
 * history alone. Reads only, goes nowhere, needs no key.
 */
#include "report.h"

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
		CLI_OF(report, since, "report coverage")},
	{0, "until", CLI_TEXT, "DATE", "what was before then",
		CLI_OF(report, until, "report coverage")},
	{0, "by", CLI_TEXT, "PRINCIPAL", "what this one asked for",
		CLI_OF(report, by, "report coverage")},
	{0, "resource", CLI_TEXT, "GLOB", "what was asked on these",
		CLI_OF(report, resource, "report coverage")},
	{0, "controls", CLI_TEXT, "FILE", "the controls to give evidence for",
		CLI_OF(report, controls_path, "report")},
	{0, "html", CLI_TEXT, "FILE", "write it as a page instead of as text",
		CLI_OF(report, page, "report")},
	{0, "log", CLI_LIST, "FILE",
		"compare with this log, as NAME=FILE with that host's",
		CLI_OF(report, logs, "coverage")},
	{0, "zone", CLI_TEXT, "ZONE",
		"of dates in logs that name none (else UTC)",
		CLI_OF(report, zone, "coverage")},
	{0, "format", CLI_TEXT, "FORMAT", "jsonl, or syslog (RFC 5424)",
		CLI_OF(report, format, "export")},
	{0, "cursor", CLI_TEXT, "FILE", "go on after the event that it names",
		CLI_OF(report, cursor, "export")},
	{0, "follow", CLI_FLAG, NULL, "wait for more",
		CLI_OF(report, follow, "export")},
	{0, "octets", CLI_FLAG, NULL,
		"before each message its length (RFC 6587)",
		CLI_OF(report, octets, "export")},
	{0, "enterprise", CLI_TEXT, "NUMBER", "your private enterprise number",
		CLI_OF(report, enterprise, "export")},
	CLI_ROW_JSON, CLI_ROW_QUIET, CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-report",
	"what a ledger says of how access is had", usage, options, 1, 1,
	"do what? report, coverage or export"};

static const struct word {
	struct cli_word word;
	int (*run)(struct report *r, struct jit_error *err);
} words[] = {
	{{"report", 0, 0, "nothing"}, report_report},
	{{"coverage", 0, 0, "nothing"}, report_coverage},
	{{"export", 0, 0, "nothing"}, report_export},
	{{0}, NULL},
};

int
main(int argc, char **argv)
{
	struct report r = {0};
	struct jit_error err = {0};
	const struct word *word;
	int rc = JIT_USAGE;

	cli_start(&r.cli, &program, argc, argv);
	word = cli_word(&r.cli, words, sizeof(*words), &err);
	if (word)
		rc = word->run(&r, &err);
	report_free(&r);
	return cli_end(&r.cli, rc, &err);
}
