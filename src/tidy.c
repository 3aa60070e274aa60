/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE /* close_range */
#include "tidy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 600 /* that packing may take */
#define FOLDERS 256 /* of loose objects, by the first byte of their names */

/* Entries of a folder whose names end in 'tail'. */
static size_t
count(const char *objects, const char *folder, const char *tail)
{
	const struct dirent *e;
	size_t n = 0, len;
	char path[4200];
	DIR *d;

	snprintf(path, sizeof(path), "%s/%s", objects, folder);
	d = opendir(path);
	while (d && (e = readdir(d)) != NULL) {
		len = strlen(e->d_name);
		n += e->d_name[0] != '.' && len >= strlen(tail) &&
			strcmp(e->d_name + len - strlen(tail), tail) == 0;
	}
	if (d)
		closedir(d);
	return n;
}

/* Names are spread evenly: a few folders tell of all. */
size_t
tidy_loose(const char *objects)
{
	static const char *const some[] = {"17", "42", "9b", "e4"};
	size_t i, n = 0, of = sizeof(some) / sizeof(some[0]);

	for (i = 0; i < of; i++)
		n += count(objects, some[i], "");
	return n * (FOLDERS / of);
}

size_t
tidy_packs(const char *objects)
{
	return count(objects, "pack", ".pack");
}

static int
pack(const struct jit_store *store, struct jit_error *err)
{
	struct jit_remote_way way = {0};
	struct jit_remote *r = NULL;
	int rc;

	rc = cli_way(&way, jit_store_path(store), err);
	if (rc == 0)
		rc = jit_remote_open(&r, jit_store_objects(store),
			jit_store_sharing(store), &way, err);
	if (rc == 0)
		rc = jit_remote_pack(r, SECONDS, err);
	jit_remote_free(r);
	return rc;
}

int
tidy_now(struct cli *c, struct jit_error *err)
{
	const struct jit_store *store = jit_ledger_store(c->ledger);
	int fd = -1, rc;

	rc = jit_store_hold(&fd, store, "jit.pack.lock", 0, err);
	if (rc == 0)
		rc = pack(store, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Nothing of the parent's stays open: no lock, no terminal, no pipe. */
__attribute__((noreturn)) static void
work(struct cli *c)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	int null = open("/dev/null", O_RDWR), i;

	if (setsid() < 0 || fork() != 0)
		_exit(0);
	for (i = 0; i < 3; i++)
		dup2(null, i);
	close_range(3, ~0U, 0);
	sigaction(SIGCHLD, &plain, NULL);
	sigaction(SIGTERM, &plain, NULL);
	sigaction(SIGINT, &plain, NULL);
	jit_signer_free(c->signer); /* git needs no key */
	(void)!nice(10);
	(void)!tidy_now(c, NULL);
	_exit(0);
}

void
tidy(struct cli *c)
{
	const char *objects;
	pid_t pid;

	if (!jit_ledger_grown(c->ledger))
		return;
	objects = jit_store_objects(jit_ledger_store(c->ledger));
	if ((tidy_loose(objects) <= TIDY_LOOSE &&
		    tidy_packs(objects) <= TIDY_PACKS) ||
		access(objects, W_OK | X_OK) != 0)
		return;
	pid = fork();
	if (pid == 0)
		work(c);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
