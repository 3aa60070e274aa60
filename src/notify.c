/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE /* memfd_create, close_range */
#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hook.h"

#define KEY "jit.notifyHook"
#define CANNOT_RUN 127

struct notice {
	const char *path;
	int seconds;
	int in; /* what it reads, whole and rewound */
};

static bool
message(struct jit_buf *out, const struct cli *c, const struct jit_commit *made)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	struct jit_json *o = jit_json_object();
	char sha256[JIT_HEX256];
	bool good;

	jit_hex(sha256, made->sha256, JIT_SHA256);
	good = jit_json_set(o, "event", jit_json_keep(made->event.json)) &&
		jit_json_set_text(o, "ledger", s->genesis) &&
		jit_json_set_int(o, "seq", made->event.seq) &&
		jit_json_set_text(o, "sha256", sha256);
	if (good)
		jit_json_encode(out, o, 0);
	jit_buf_str(out, "\n");
	jit_json_free(o);
	return good && !out->failed;
}

/* A file without a name: nobody has to stay and feed a pipe. */
static int
file_of(const struct jit_buf *bytes)
{
	size_t done = 0;
	ssize_t n;
	int fd = memfd_create("event", MFD_CLOEXEC);

	while (fd >= 0 && done < bytes->len) {
		n = write(fd, bytes->data + done, bytes->len - done);
		if (n > 0) {
			done += (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			close(fd);
			fd = -1;
		}
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Nothing of ours is left open: no lock, no agent, no terminal. */
static bool
let_go(int in)
{
	int null = open("/dev/null", O_RDWR);

	return null >= 0 && dup2(in, STDIN_FILENO) >= 0 &&
		dup2(null, STDOUT_FILENO) >= 0 &&
		dup2(null, STDERR_FILENO) >= 0 &&
		close_range(STDERR_FILENO + 1, ~0U, 0) == 0 && chdir("/") == 0;
}

__attribute__((noreturn)) static void
become(const char *path)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	char *const argv[] = {(char *)(uintptr_t)path, NULL};
	sigset_t none;

	setpgid(0, 0);
	sigaction(SIGPIPE, &plain, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(path, argv, (char *const *)(uintptr_t)hook_env);
	_exit(CANNOT_RUN);
}

/* It, and what it left running, has its time and no more. */
static void
watch(const struct notice *n)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	const struct timespec most = {.tv_sec = n->seconds};
	sigset_t child;
	pid_t pid;

	sigaction(SIGCHLD, &plain, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	pid = fork();
	if (pid == 0)
		become(n->path);
	if (pid < 0)
		return;
	setpgid(pid, pid);
	sigtimedwait(&child, NULL, &most);
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
}

/* Leave the terminal and the parent, who waits for this much only. */
__attribute__((noreturn)) static void
leave(const struct cli *c, const struct notice *n)
{
	if (setsid() < 0 || fork() != 0)
		_exit(0);
	jit_signer_free(c->signer); /* who watches needs no key */
	if (let_go(n->in))
		watch(n);
	_exit(0);
}

static void
start(const struct cli *c, const struct notice *n)
{
	pid_t pid = fork();

	if (pid == 0)
		leave(c, n);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void
notify(const struct cli *c, const struct jit_commit *made)
{
	struct jit_buf path = {0}, bytes = {0};
	struct notice n = {.in = -1};

	if (jit_store_config(&path, KEY, NULL) != 1)
		goto out;
	n.path = jit_buf_text(&path);
	if (n.path[0] != '/' || !message(&bytes, c, made))
		goto out;
	if (hook_seconds(&n.seconds, NULL))
		n.seconds = HOOK_SECONDS;
	n.in = file_of(&bytes);
	if (n.in >= 0) {
		start(c, &n);
		close(n.in);
	}
out:
	jit_buf_free(&path);
	jit_buf_free(&bytes);
}
