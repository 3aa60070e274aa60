/* SPDX-License-Identifier: ISC */
/*
 * measure: times commands alternately, so that all share one machine's mood.
 *
 *	measure [-b SHELL] [-l FILE] ROUNDS NAME COMMAND [ARG]...
 *		[::: NAME COMMAND [ARG]...]...
 *	measure --raw SECONDS
 *
 * Each round runs each command once; the first round is not counted. An ARG
 * that is %n stands for the round's own line of FILE, which has one more than
 * there are rounds. Prints a line each: name, median, smallest and 95th
 * percentile in milliseconds, peak memory in KiB, and the median of the
 * processors' time, which others on a busy machine do not take away. A
 * command that fails ends it all. With -b the shell does SHELL before each
 * command, and no clock runs meanwhile. --raw prints how many Ed25519
 * signatures libsodium alone verifies in a second of one processor's time,
 * and in a second of the clock.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define CANDIDATES 8
#define ROUNDS 2000
#define WORDS 32
#define LINE 256

extern char **environ;

static char lines[ROUNDS + 1][LINE]; /* what %n is in each round */
static int lines_count;
static const char *before;

struct candidate {
	const char *name;
	char **argv;
	double ms[ROUNDS], cpu[ROUNDS];
	long peak; /* KiB */
};

static double
clock_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static double
now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

static double
spent_ms(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1e3 +
		(double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e3;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
read_lines(const char *path)
{
	FILE *f = fopen(path, "r");

	while (f && lines_count <= ROUNDS &&
		fgets(lines[lines_count], LINE, f)) {
		lines[lines_count][strcspn(lines[lines_count], "\n")] = '\0';
		lines_count++;
	}
	if (!f || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

/* The command of this round, into 'argv'. */
static void
fill(char *argv[WORDS + 1], char *const *words, int round)
{
	size_t i;

	for (i = 0; i < WORDS && words[i]; i++) {
		argv[i] = words[i];
		if (strcmp(words[i], "%n") != 0)
			continue;
		if (round >= lines_count) {
			fprintf(stderr, "measure: no line for %%n\n");
			exit(2);
		}
		argv[i] = lines[round];
	}
	argv[i] = NULL;
}

/* What the shell is to do before each command. */
static void
prepare(void)
{
	char shell[] = "sh", option[] = "-c", text[LINE];
	char *argv[] = {shell, option, text, NULL};
	int status = -1;
	pid_t pid;

	if (!before)
		return;
	snprintf(text, sizeof(text), "%s", before);
	if (posix_spawnp(&pid, shell, NULL, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
	if (status != 0) {
		fprintf(stderr, "measure: '%s' failed\n", before);
		exit(1);
	}
}

static void
run(struct candidate *c, int round)
{
	posix_spawn_file_actions_t files;
	char *argv[WORDS + 1];
	struct rusage usage;
	double start;
	int status = 0;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	fill(argv, c->argv, round);
	prepare();
	start = now_ms();
	errno = posix_spawnp(&pid, argv[0], &files, NULL, argv, environ);
	if (errno) {
		perror(argv[0]);
		exit(1);
	}
	if (wait4(pid, &status, 0, &usage) != pid || status != 0) {
		fprintf(stderr, "measure: '%s' failed, status %d\n", c->name,
			WIFEXITED(status) ? WEXITSTATUS(status) : -1);
		exit(1);
	}
	if (round > 0) {
		c->ms[round - 1] = now_ms() - start;
		c->cpu[round - 1] = spent_ms(&usage);
	}
	if (usage.ru_maxrss > c->peak)
		c->peak = usage.ru_maxrss;
	posix_spawn_file_actions_destroy(&files);
}

static int
split(struct candidate *c, char **argv)
{
	int n = 0;

	while (*argv && n < CANDIDATES) {
		c[n].name = *argv++;
		c[n].argv = argv;
		while (*argv && strcmp(*argv, ":::") != 0)
			argv++;
		if (argv == c[n].argv || argv - c[n].argv > WORDS)
			return 0;
		if (*argv)
			*argv++ = NULL;
		n++;
	}
	return n;
}

static int
raw(double seconds)
{
	unsigned char pk[crypto_sign_PUBLICKEYBYTES];
	unsigned char sk[crypto_sign_SECRETKEYBYTES];
	unsigned char sig[crypto_sign_BYTES], msg[160] = "jit";
	double start, spent;
	long n = 0;

	if (sodium_init() < 0)
		return 1;
	crypto_sign_keypair(pk, sk);
	crypto_sign_detached(sig, NULL, msg, sizeof(msg), sk);
	start = now_ms();
	while (now_ms() - start < seconds * 1e3) {
		if (crypto_sign_verify_detached(sig, msg, sizeof(msg), pk))
			return 1;
		n++;
	}
	spent = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
	printf("%.0f\t%.0f\n", (double)n * 1e3 / spent,
		(double)n * 1e3 / (now_ms() - start));
	return 0;
}

int
main(int argc, char **argv)
{
	static struct candidate c[CANDIDATES];
	int i, n, round, rounds;

	if (argc == 3 && strcmp(argv[1], "--raw") == 0)
		return raw(atof(argv[2]));
	while (argc > 3 && argv[1][0] == '-') {
		if (strcmp(argv[1], "-l") == 0)
			read_lines(argv[2]);
		else
			before = argv[2];
		argc -= 2;
		argv += 2;
	}
	rounds = argc > 3 ? atoi(argv[1]) : 0;
	n = rounds > 0 && rounds <= ROUNDS ? split(c, argv + 2) : 0;
	if (n == 0) {
		fprintf(stderr,
			"usage: measure [-b SHELL] [-l FILE] ROUNDS NAME "
			"COMMAND... [::: NAME COMMAND...]...\n");
		return 2;
	}
	for (round = 0; round <= rounds; round++)
		for (i = 0; i < n; i++)
			run(&c[i], round);
	for (i = 0; i < n; i++) {
		qsort(c[i].ms, (size_t)rounds, sizeof(double), by_size);
		qsort(c[i].cpu, (size_t)rounds, sizeof(double), by_size);
		printf("%s\t%.2f\t%.2f\t%.2f\t%ld\t%.2f\n", c[i].name,
			c[i].ms[rounds / 2], c[i].ms[0],
			c[i].ms[rounds * 95 / 100], c[i].peak,
			c[i].cpu[rounds / 2]);
	}
	return 0;
}
