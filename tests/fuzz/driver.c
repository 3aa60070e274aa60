/* SPDX-License-Identifier: ISC */
/* The fuzzers' main without libFuzzer: runs each file given, once. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST (4u * 1024 * 1024) /* bytes of a file */

/*
 * Run one file. It is copied to a block of its own size, so that reading
 * past its end is seen.
 */
static int
run(const char *path, uint8_t *whole)
{
	FILE *f = fopen(path, "rb");
	uint8_t *exact = NULL;
	size_t i, n;

	if (!f) {
		perror(path);
		return 1;
	}
	n = fread(whole, 1, MOST, f);
	fclose(f);
	exact = malloc(n ? n : 1);
	if (!exact)
		return 1;
	for (i = 0; i < n; i++)
		exact[i] = whole[i];
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	return 0;
}

int
main(int argc, char **argv)
{
	uint8_t *whole = malloc(MOST);
	int i, failed = whole == NULL;

	for (i = 1; i < argc && !failed; i++) {
		fprintf(stderr, "%s\n", argv[i]);
		failed = run(argv[i], whole);
	}
	free(whole);
	return failed;
}
