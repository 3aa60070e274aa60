/* SPDX-License-Identifier: ISC */
/* temp: a folder of one's own, stock tools in it, and stand-in agents. */
#ifndef JIT_TEMP_H
#define JIT_TEMP_H

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char temp_dir[64];
static pid_t temp_kids[16];
static size_t temp_count;

static inline void
temp_end(void)
{
	char line[128];

	while (temp_count > 0) {
		temp_count--;
		kill(temp_kids[temp_count], SIGTERM);
		waitpid(temp_kids[temp_count], NULL, 0);
	}
	snprintf(line, sizeof(line), "rm -rf '%s'", temp_dir);
	if (temp_dir[0] != '\0' && system(line) != 0)
		printf("cannot remove %s\n", temp_dir);
}

/* Make the folder and live in it, in a sealed world. */
static inline void
temp_start(void)
{
	strcpy(temp_dir, "/tmp/jit-unit.XXXXXX");
	if (mkdtemp(temp_dir) == NULL || chdir(temp_dir) != 0)
		abort();
	umask(077);
	setenv("HOME", temp_dir, 1);
	setenv("LC_ALL", "C", 1);
	setenv("TZ", "UTC", 1);
	unsetenv("SSH_AUTH_SOCK");
	setvbuf(stdout, NULL, _IOLBF, 0);
	atexit(temp_end);
}

/* Run a shell command quietly; its status. What it said is in "said". */
__attribute__((format(printf, 1, 2))) static inline int
run(const char *fmt, ...)
{
	char line[4096] = "";
	char all[5000] = "";
	va_list ap;
	int status = 0;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	snprintf(all, sizeof(all), "exec >said 2>&1 </dev/null; %s", line);
	status = system(all);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A whole file with a NUL after it; the caller frees. */
static inline char *
slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	char *all = calloc(1, 1 << 20);
	size_t n = 0;

	if (f == NULL || all == NULL) {
		printf("cannot read %s\n", path);
		abort();
	}
	n = fread(all, 1, (1 << 20) - 1, f);
	fclose(f);
	if (len != NULL)
		*len = n;
	return all;
}

/* Write a file, mode 0600. */
static inline void
spill(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(bytes, 1, len, f) != len || fclose(f) != 0) {
		printf("cannot write %s\n", path);
		abort();
	}
}

/* Whether the last run said this. */
static inline bool
said(const char *what)
{
	char *all = slurp("said", NULL);
	bool found = strstr(all, what) != NULL;

	if (!found)
		printf("it said: %s\n", all);
	free(all);
	return found;
}

static inline bool
temp_socket_there(const char *path)
{
	struct stat st;
	int i = 0;

	for (i = 0; i < 500; i++) {
		if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode))
			return true;
		usleep(10000);
	}
	return false;
}

/* Start a program that listens on 'path'; it ends with the test. */
static inline pid_t
start(const char *path, const char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (freopen("/dev/null", "w", stdout) == NULL)
			_exit(126);
		execvp(argv[0], (char *const *)(void *)argv);
		_exit(127);
	}
	temp_kids[temp_count++] = pid;
	if (!temp_socket_there(path))
		printf("%s does not listen at %s\n", argv[0], path);
	return pid;
}

/* Start a stand-in that serves each connection at 'path' with 'serve'. */
static inline pid_t
stand_in(const char *path, void (*serve)(int fd))
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t pid = 0;
	int fd = -1;

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	if (bind(s, (struct sockaddr *)&at, sizeof(at)) != 0 ||
		listen(s, 5) != 0)
		abort();
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGPIPE, SIG_IGN);
		while ((fd = accept(s, NULL, NULL)) >= 0) {
			serve(fd);
			close(fd);
		}
		_exit(0);
	}
	temp_kids[temp_count++] = pid;
	close(s);
	return pid;
}

/* A program of tests/tools: in $JIT_TOOLS, or beside this one's folder. */
static inline bool
tool(char out[512], const char *name)
{
	const char *dir = getenv("JIT_TOOLS");
	char self[256] = "";
	char *end = NULL;

	if (dir != NULL) {
		snprintf(out, 512, "%s/%s", dir, name);
		return access(out, X_OK) == 0;
	}
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return false;
	end = strrchr(self, '/');
	*end = '\0';
	snprintf(out, 512, "%s/../tools/%s", self, name);
	if (access(out, X_OK) == 0)
		return true;
	snprintf(out, 512, "%s/tools/%s", self, name);
	return access(out, X_OK) == 0;
}

/* A file of other people's vectors below $JIT_VECTORS; NULL: not here. */
static inline const char *
vectors(const char *room)
{
	const char *dir = getenv("JIT_VECTORS");

	if (dir == NULL || *dir == '\0')
		printf("%s: vectors: not here\n", room);
	return dir != NULL && *dir != '\0' ? dir : NULL;
}

#endif
