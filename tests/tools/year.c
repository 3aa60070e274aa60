/* SPDX-License-Identifier: ISC */
/*
 * year: writes a year of a company of 60 people, the same for the same seed.
 *
 *	year --out LEDGER --grants N [--seed N] [--plan FILE] [--logs DIR]
 *		[--keys DIR] [--end UNIXTIME] [--days N] [--plain] [--repack]
 *	year --out LEDGER --simple --events N [--policy FILE] [...]
 *
 * Every event goes through the rooms of lib/ and past the judge; only the
 * way to the disk is another one: a single git pack. About so many grants
 * are asked for, extensions on top. The plan says what was planted and how
 * much of everything there is, as counted by the generator alone. --plain
 * plants nothing. --logs writes what the hosts' sshd and sudo would have
 * logged in the last two weeks. --keys keeps everybody's keys as files.
 * --simple writes exactly N events of ordinary life under the example's
 * policy. --days is how long it is (365; 300 with --simple).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "year/life.h"
#include "year/pack.h"
#include "year/simple.h"

#define END 1793491200 /* 2026-11-01T00:00:00Z */
#define POLICY "share/examples/policy.json"

struct args {
	const char *out, *plan, *logs, *keys, *policy;
	uint64_t seed;
	int64_t grants, events, end, days;
	int simple, plain, repack;
};

static int64_t
number(const char *text)
{
	char *rest = NULL;
	long long n = strtoll(text, &rest, 10);

	if (rest == text || *rest != '\0' || n < 0)
		die(text, "no number");
	return n;
}

static void
take(struct args *a, int c)
{
	switch (c) {
	case 'o':
		a->out = optarg;
		return;
	case 'p':
		a->plan = optarg;
		return;
	case 'l':
		a->logs = optarg;
		return;
	case 'k':
		a->keys = optarg;
		return;
	case 'P':
		a->policy = optarg;
		return;
	case 's':
		a->seed = (uint64_t)number(optarg);
		return;
	case 'g':
		a->grants = number(optarg);
		return;
	case 'n':
		a->events = number(optarg);
		return;
	case 'e':
		a->end = number(optarg);
		return;
	case 'd':
		a->days = number(optarg);
		return;
	case '?':
		exit(2);
	default:
		return;
	}
}

static void
read_args(struct args *a, int argc, char **argv)
{
	const struct option words[] = {{"out", 1, NULL, 'o'},
		{"plan", 1, NULL, 'p'}, {"logs", 1, NULL, 'l'},
		{"keys", 1, NULL, 'k'}, {"policy", 1, NULL, 'P'},
		{"seed", 1, NULL, 's'}, {"grants", 1, NULL, 'g'},
		{"events", 1, NULL, 'n'}, {"end", 1, NULL, 'e'},
		{"days", 1, NULL, 'd'}, {"simple", 0, &a->simple, 1},
		{"plain", 0, &a->plain, 1}, {"repack", 0, &a->repack, 1}, {0}};
	int c;

	while ((c = getopt_long(argc, argv, "", words, NULL)) != -1)
		take(a, c);
	if (!a->out || optind != argc || (a->simple && a->events < 1) ||
		(!a->simple && a->grants < 500)) {
		fprintf(stderr,
			"usage: year --out LEDGER --grants N (500 at least) "
			"| --simple --events N\n");
		exit(2);
	}
	if (!a->days)
		a->days = a->simple ? 300 : 365;
}

static void
make_folder(const char *path)
{
	if (path && mkdir(path, 0700) != 0 && access(path, W_OK) != 0)
		die(path, "cannot make it");
}

int
main(int argc, char **argv)
{
	struct args a = {.seed = 1, .end = END, .policy = POLICY};
	const char *pack[] = {"git", "-C", NULL, "repack", "-adfq", NULL};
	struct jit_error err = {0};
	int64_t from;

	read_args(&a, argc, argv);
	if (jit_hash_start(&err) != 0)
		die("start", err.text);
	make_folder(a.keys);
	make_folder(a.logs);
	from = a.end - a.days * 86400;
	if (a.simple)
		simple(&(struct simple){.seed = a.seed,
			.events = a.events,
			.from = from,
			.until = a.end,
			.out = a.out,
			.keys = a.keys,
			.policy = a.policy});
	else
		life(&(struct life_args){.seed = a.seed,
			.grants = a.grants,
			.from = from,
			.until = a.end,
			.out = a.out,
			.keys = a.keys,
			.plan = a.plan,
			.logs = a.logs,
			.plain = a.plain != 0});
	pack[2] = a.out;
	if (a.repack)
		run_program(pack);
	return 0;
}
