/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "agent.h"
#include "carry.h"
#include "deadline.h"
#include "temp.h"
#include "unit.h"

static const struct cli_program program = {.name = "test"};
static struct cli c = {.program = &program};

/* A line like a certificate's: what is in it is not looked at. */
#define CERT "ssh-ed25519-cert-v01@openssh.com AAAAB2RvIGl0IQ== id\n"

static struct carry *
started(const struct carry_key *key)
{
	struct jit_error err = {0};
	struct carry *x = NULL;

	if (!CHECK_INT(carry_start(&x, &c, key, &err), 0))
		CHECK_STR(err.text, "");
	return x;
}

static int
reach(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Bytes that come back within half a second; -1: it hung up. */
static ssize_t
back(int fd, void *bytes, size_t size)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	if (poll(&p, 1, 500) != 1)
		return 0;
	return recv(fd, bytes, size, 0) > 0 ? (ssize_t)size : -1;
}

static bool
lists(const char *path)
{
	struct jit_pubkey none = {0};
	bool holds = false;

	return jit_agent_holds(&holds, path, &none, NULL) == 0;
}

static void
test_made(void)
{
	const struct carry_key new = {0};
	struct carry *x = started(&new);
	struct carry *y = started(&new);
	struct jit_error err = {0};
	bool holds = true;
	char *path = NULL;
	struct stat st;

	CASE("a key that is made signs nothing before its time");
	if (!x || !y)
		return;
	path = strdup(carry_socket(x));
	CHECK(!jit_pubkey_equal(carry_pubkey(x), carry_pubkey(y)));
	CHECK(strcmp(path, carry_socket(y)) != 0);
	CHECK(stat(path, &st) == 0 && S_ISSOCK(st.st_mode) &&
		(st.st_mode & 0777) == 0600);
	CHECK(jit_agent_holds(&holds, path, carry_pubkey(x), &err) == 0);
	CHECK(!holds);
	CHECK_INT(carry_hold(x, CERT, time(NULL) + 60, &err), 0);
	CHECK(jit_agent_holds(&holds, path, carry_pubkey(x), &err) == 0);
	CHECK(holds);

	CASE("it signs no event");
	CHECK_INT(jit_agent_sign(&(struct jit_buf){0}, path, carry_pubkey(x),
			  "event", 5, &err),
		JIT_TROUBLE);

	CASE("at its end it is gone, and its socket");
	carry_end(x);
	carry_end(y);
	carry_end(NULL);
	CHECK(stat(path, &st) != 0 && errno == ENOENT);
	CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	free(path);
}

static void
test_over(void)
{
	const struct carry_key new = {0};
	struct carry *x = started(&new);
	struct jit_error err = {0};
	bool holds = true;
	int i;

	CASE("from 'until' on it holds nothing; an extension holds again");
	CHECK_INT(carry_hold(x, CERT, time(NULL) - 1, &err), 0);
	CHECK(jit_agent_holds(&holds, carry_socket(x), carry_pubkey(x), &err) ==
		0);
	CHECK(!holds);
	CHECK_INT(carry_hold(x, CERT, time(NULL) + 2, &err), 0);
	CHECK(jit_agent_holds(&holds, carry_socket(x), carry_pubkey(x), &err) ==
		0);
	CHECK(holds);
	sleep(3);
	CHECK(jit_agent_holds(&holds, carry_socket(x), carry_pubkey(x), &err) ==
		0);
	CHECK(!holds);

	CASE("of many certificates the newest are kept");
	for (i = 0; i < 20; i++)
		CHECK_INT(carry_hold(x, CERT, time(NULL) + 60, &err), 0);
	CHECK(run("SSH_AUTH_SOCK=%s ssh-add -L", carry_socket(x)) != 2);

	CASE("what is no certificate is said");
	CHECK_INT(carry_hold(x, "type !", time(NULL) + 60, &err), JIT_TROUBLE);
	CHECK_STR(err.text, "a damaged certificate");
	CHECK_INT(carry_hold(x, "", time(NULL) + 60, &err), JIT_TROUBLE);
	carry_end(x);
}

static void
test_clients(void)
{
	const struct carry_key new = {0};
	struct carry *x = started(&new);
	const char *path = carry_socket(x);
	struct jit_error err = {0};
	unsigned char answer[5];
	int fds[40], i;

	CASE("a request may come byte by byte, and others meanwhile");
	CHECK_INT(carry_hold(x, CERT, time(NULL) + 60, &err), 0);
	fds[0] = reach(path);
	CHECK(send(fds[0], "\0\0\0", 3, 0) == 3);
	CHECK(lists(path));
	CHECK(send(fds[0], "\1", 1, 0) == 1);
	CHECK(lists(path));
	CHECK(send(fds[0], "\23", 1, 0) == 1);
	CHECK_INT(back(fds[0], answer, sizeof(answer)), sizeof(answer));
	CHECK_MEM(answer, "\0\0\0\1\5", 5);
	CASE("two in one, too");
	CHECK(send(fds[0], "\0\0\0\1\23\0\0\0\1\23", 10, 0) == 10);
	CHECK_INT(back(fds[0], answer, sizeof(answer)), sizeof(answer));
	CHECK_INT(back(fds[0], answer, sizeof(answer)), sizeof(answer));
	close(fds[0]);

	CASE("who sends nonsense is hung up on");
	fds[0] = reach(path);
	CHECK(send(fds[0], "\377\377\377\377", 4, 0) == 4);
	CHECK_INT(back(fds[0], answer, sizeof(answer)), -1);
	close(fds[0]);
	fds[0] = reach(path);
	CHECK(send(fds[0], "\0\0\0\0", 4, 0) == 4);
	CHECK_INT(back(fds[0], answer, sizeof(answer)), -1);
	close(fds[0]);
	fds[0] = reach(path);
	CHECK(send(fds[0], "\0\0\200\1", 4, 0) == 4); /* 32 KiB and one */
	CHECK_INT(back(fds[0], answer, sizeof(answer)), -1);
	close(fds[0]);

	CASE("who comes when there are many waits");
	for (i = 0; i < 20; i++)
		fds[i] = reach(path);
	for (i = 0; i < 20; i++)
		CHECK(fds[i] >= 0);
	CHECK(send(fds[19], "\0\0\0\1\23", 5, 0) == 5);
	CHECK_INT(back(fds[19], answer, sizeof(answer)), 0);
	for (i = 0; i < 10; i++)
		close(fds[i]);
	CHECK_INT(back(fds[19], answer, sizeof(answer)), sizeof(answer));
	for (i = 10; i < 20; i++)
		close(fds[i]);
	CHECK(lists(path));
	carry_end(x);
}

static void
test_files(void)
{
	struct carry_key key = {.file = "k"};
	struct jit_pubkey mine = {0};
	struct jit_error err = {0};
	struct carry *x = NULL;
	char *text = NULL;
	bool holds = false;

	CASE("a key file, and what is none");
	CHECK(run("ssh-keygen -qt ed25519 -N '' -f k; "
		  "ssh-keygen -qt ed25519 -N pass -f locked") == 0);
	text = slurp("k.pub", NULL);
	CHECK(jit_pubkey_parse(&mine, text, &err) == 0);
	free(text);
	x = started(&key);
	CHECK(jit_pubkey_equal(carry_pubkey(x), &mine));
	CHECK_INT(carry_hold(x, CERT, time(NULL) + 60, &err), 0);
	CHECK(jit_agent_holds(&holds, carry_socket(x), &mine, &err) == 0);
	CHECK(holds);
	carry_end(x);
	x = NULL;
	key.file = "locked";
	CHECK_INT(carry_start(&x, &c, &key, &err), JIT_TROUBLE);
	CHECK_STR(err.text,
		"key 'locked' is locked by a passphrase and there is no "
		"ssh-agent (SSH_AUTH_SOCK): ssh-add 'locked'");
	key = (struct carry_key){.held = &mine};
	CHECK_INT(carry_start(&x, &c, &key, &err), JIT_TROUBLE);
	CHECK(strncmp(err.text, "no ssh-agent holds key", 22) == 0);
	CHECK(x == NULL);

	CASE("a folder that is too deep for a socket");
	setenv("XDG_RUNTIME_DIR", temp_dir, 1);
	CHECK(run("mkdir -p $(printf 'a%%.0s' $(seq 90))") == 0);
	CHECK(run("chmod 700 a*") == 0);
	text = malloc(200);
	snprintf(text, 200, "%s/", temp_dir);
	memset(text + strlen(text), 'a', 90);
	text[strlen(temp_dir) + 91] = '\0';
	setenv("XDG_RUNTIME_DIR", text, 1);
	CHECK_INT(carry_start(&x, &c, &(struct carry_key){0}, &err),
		JIT_TROUBLE);
	CHECK(strstr(err.text, "is too long for a socket") != NULL);
	setenv("XDG_RUNTIME_DIR", temp_dir, 1);
	free(text);
}

/* Whoever started it dies of -9: so does it, and its socket goes. */
static void
test_parent(void)
{
	int64_t late = jit_deadline_in(5000);
	int pipes[2], status = 0;
	char path[128] = "";
	struct carry *x;
	ssize_t n;
	pid_t pid;

	CASE("it does not outlive its parent");
	CHECK(pipe(pipes) == 0);
	pid = fork();
	if (pid == 0) {
		x = started(&(struct carry_key){0});
		if (write(pipes[1], carry_socket(x), strlen(carry_socket(x))) <
			0)
			_exit(1);
		for (;;)
			pause();
	}
	n = read(pipes[0], path, sizeof(path) - 1);
	CHECK(n > 0);
	CHECK(lists(path));
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, &status, 0) == pid);
	while (access(path, F_OK) == 0 && !jit_deadline_over(late))
		usleep(10000);
	CHECK(access(path, F_OK) != 0);
	close(pipes[0]);
	close(pipes[1]);
}

int
main(void)
{
	struct jit_error err = {0};

	if (jit_hash_start(&err) != 0)
		return 1;
	temp_start();
	setenv("XDG_RUNTIME_DIR", temp_dir, 1);
	c.uid = (unsigned int)getuid();
	test_made();
	test_over();
	test_clients();
	test_files();
	test_parent();
	return UNIT_DONE();
}
