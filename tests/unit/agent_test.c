/* SPDX-License-Identifier: ISC */
/*
 * The room itself is compiled in here: its waits are seconds, and a test
 * gives the same code one second through its static functions.
 */
#include "../../lib/agent.c" /* NOLINT */

#include "hash.h"
#include "temp.h"
#include "unit.h"

static struct jit_pubkey key;

/* Take in the request whole, so that nobody is reset. */
static void
take(int fd)
{
	unsigned char b[4096];

	if (read(fd, b, sizeof(b)) < 0)
		_exit(1);
}

static void
give(int fd, const void *bytes, size_t len)
{
	if (write(fd, bytes, len) < 0)
		return;
}

static void
sleeps(int fd)
{
	take(fd);
	sleep(30);
}

static void
trickles(int fd)
{
	int i = 0;

	take(fd);
	give(fd, "\0\0\1\0", 4);
	for (i = 0; i < 40; i++) {
		usleep(200000);
		give(fd, "\14", 1);
	}
}

static void
hangs_up(int fd)
{
	(void)fd;
}

static void
hangs_up_later(int fd)
{
	take(fd);
	give(fd, "\0\0\0\5\14", 5);
}

#define ANSWER(name, bytes)                                                    \
	static void name(int fd)                                               \
	{                                                                      \
		take(fd);                                                      \
		give(fd, bytes, sizeof(bytes) - 1);                            \
	}

ANSWER(says_no, "\0\0\0\1\5")
ANSWER(empty, "\0\0\0\0")
ANSWER(huge, "\377\377\377\377\14")
ANSWER(too_long, "\0\4\0\1\14")
ANSWER(http, "HTTP/1.1 400 Bad Request\r\n\r\n")
ANSWER(success, "\0\0\0\1\6")
ANSWER(no_count, "\0\0\0\3\14\0\0")
ANSWER(no_keys, "\0\0\0\5\14\0\0\0\0")
ANSWER(false_count, "\0\0\0\5\14\0\0\0\1")
ANSWER(many, "\0\0\0\5\14\377\377\377\377")
ANSWER(trailing, "\0\0\0\6\14\0\0\0\0\0")
ANSWER(empty_key, "\0\0\0\15\14\0\0\0\1\0\0\0\0\0\0\0\0")
ANSWER(cut_key, "\0\0\0\15\14\0\0\0\1\0\0\0\0\0\0\0\1")
ANSWER(cut_sig, "\0\0\0\6\16\0\0\0\7x")
ANSWER(no_sig, "\0\0\0\5\16\0\0\0\0")
ANSWER(sig_trailing, "\0\0\0\7\16\0\0\0\1xy")
ANSWER(any_sig, "\0\0\0\6\16\0\0\0\1x")

#define NONSENSE "what answers at 'S' is not an ssh-agent"
#define HUNG "the ssh-agent at 'S' hung up"

static void
test_lists(void)
{
	static const struct {
		const char *name;
		void (*serve)(int fd);
		int rc;
		const char *said;
	} rows[] = {
		{"no keys", no_keys, 0, ""},
		{"an empty key", empty_key, 0, ""},
		{"says no", says_no, JIT_TROUBLE,
			"the ssh-agent at 'S' said no"},
		{"empty", empty, JIT_TROUBLE, NONSENSE},
		{"huge", huge, JIT_TROUBLE, NONSENSE},
		{"256 KiB and one", too_long, JIT_TROUBLE, NONSENSE},
		{"http", http, JIT_TROUBLE, NONSENSE},
		{"success", success, JIT_TROUBLE, NONSENSE},
		{"no count", no_count, JIT_TROUBLE, NONSENSE},
		{"false count", false_count, JIT_TROUBLE, NONSENSE},
		{"many", many, JIT_TROUBLE, NONSENSE},
		{"trailing", trailing, JIT_TROUBLE, NONSENSE},
		{"cut key", cut_key, JIT_TROUBLE, NONSENSE},
		{"a signature", any_sig, JIT_TROUBLE, NONSENSE},
		{"hangs up", hangs_up, JIT_TROUBLE, NULL},
		{"hangs up later", hangs_up_later, JIT_TROUBLE, HUNG},
	};
	struct jit_error err = {0};
	bool holds = true;
	pid_t pid = 0;
	size_t i = 0;

	CASE("whatever answers, the list is a list or trouble");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].name);
		memset(&err, 0, sizeof(err));
		pid = stand_in("S", rows[i].serve);
		holds = true;
		CHECK_INT(jit_agent_holds(&holds, "S", &key, &err), rows[i].rc);
		CHECK(holds == (rows[i].rc != 0)); /* untouched on failure */
		if (rows[i].said != NULL)
			CHECK_STR(err.text, rows[i].said);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		temp_count--;
		unlink("S");
	}
}

static void
test_signs(void)
{
	static const struct {
		const char *name;
		void (*serve)(int fd);
		int rc;
		const char *said;
	} rows[] = {
		{"any", any_sig, 0, ""}, /* the signer room verifies it */
		{"says no", says_no, JIT_TROUBLE,
			"the ssh-agent at 'S' said no"},
		{"cut", cut_sig, JIT_TROUBLE, NONSENSE},
		{"none", no_sig, JIT_TROUBLE, NONSENSE},
		{"trailing", sig_trailing, JIT_TROUBLE, NONSENSE},
		{"a list", no_keys, JIT_TROUBLE, NONSENSE},
	};
	struct jit_error err = {0};
	struct jit_buf out = {0};
	pid_t pid = 0;
	size_t i = 0;

	CASE("whatever answers, a signature is some bytes or trouble");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].name);
		memset(&err, 0, sizeof(err));
		jit_buf_reset(&out);
		pid = stand_in("S", rows[i].serve);
		CHECK_INT(jit_agent_sign(&out, "S", &key, "m", 1, &err),
			rows[i].rc);
		CHECK_INT((long long)out.len, rows[i].rc == 0 ? 1 : 0);
		CHECK_STR(err.text, rows[i].said);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		temp_count--;
		unlink("S");
	}
	jit_buf_free(&out);
}

/* One list with a wait of one second; how many milliseconds it took. */
static int64_t
timed(int *rc, struct jit_error *err)
{
	struct talk t = {.path = "S", .seconds = 1};
	struct jit_buf request = {0};
	struct jit_buf answer = {0};
	struct jit_cursor c = {0};
	int64_t began = jit_deadline_in(0);

	jit_buf_u8(&request, REQUEST_IDENTITIES);
	*rc = ask(&t, &answer, &c, &request, IDENTITIES_ANSWER, err);
	jit_buf_free(&request);
	jit_buf_free(&answer);
	return jit_deadline_in(0) - began;
}

static void
ended(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	temp_count--;
	unlink("S");
}

static void
test_waits(void)
{
	static const char late_text[] =
		"the ssh-agent at 'S' did not answer within 1 seconds";
	struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "S"};
	struct jit_error err = {0};
	int64_t took = 0;
	pid_t pid = 0;
	int fds[8];
	int rc = 0;
	int s = -1;
	int i = 0;

	CASE("an agent that sleeps is not waited for");
	pid = stand_in("S", sleeps);
	took = timed(&rc, &err);
	CHECK_INT(rc, JIT_TROUBLE);
	CHECK_STR(err.text, late_text);
	CHECK(took >= 1000 && took < 3000);
	ended(pid);

	CASE("nor one that trickles");
	pid = stand_in("S", trickles);
	took = timed(&rc, &err);
	CHECK_INT(rc, JIT_TROUBLE);
	CHECK_STR(err.text, late_text);
	CHECK(took >= 1000 && took < 3000);
	ended(pid);

	CASE("nor one that never accepts");
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(bind(s, (struct sockaddr *)&at, sizeof(at)) == 0);
	CHECK(listen(s, 0) == 0);
	for (i = 0; i < 8; i++) { /* fill its queue */
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		rc = connect(fds[i], (struct sockaddr *)&at, sizeof(at));
	}
	CHECK(rc != 0 && errno == EAGAIN);
	took = timed(&rc, &err);
	CHECK_INT(rc, JIT_TROUBLE);
	CHECK_STR(err.text, late_text);
	CHECK(took >= 1000 && took < 3000);
	for (i = 0; i < 8; i++)
		close(fds[i]);
	close(s);
	unlink("S");
}

static void
test_absent(void)
{
	struct jit_error err = {0};
	struct jit_buf out = {0};
	static unsigned char big[MESSAGE_MAX];
	char path[200];
	bool holds = false;

	CASE("no agent is trouble, and says where");
	CHECK(jit_agent_holds(&holds, "S", &key, &err) == JIT_TROUBLE);
	CHECK_STR(err.text,
		"no ssh-agent answers at 'S': "
		"No such file or directory");
	spill("file", "", 0);
	CHECK(jit_agent_holds(&holds, "file", &key, &err) == JIT_TROUBLE);
	CHECK_STR(err.text,
		"no ssh-agent answers at 'file': "
		"Connection refused");
	CHECK(jit_agent_holds(&holds, "", &key, &err) == JIT_TROUBLE);
	CHECK_STR(err.text, "'' cannot be the socket of an ssh-agent");
	memset(path, 'x', sizeof(path));
	path[108] = '\0';
	CHECK(jit_agent_holds(&holds, path, &key, &err) == JIT_TROUBLE);
	CHECK(strstr(err.text, "cannot be the socket") != NULL);

	CASE("a message of more than 256 KiB is not sent");
	jit_buf_reset(&out);
	CHECK(jit_agent_sign(&out, "S", &key, big, sizeof(big), &err) ==
		JIT_TROUBLE);
	CHECK_STR(err.text, "a message too long for an ssh-agent");
	jit_buf_free(&out);
}

static void
test_real(void)
{
	static const char *const argv[] = {"ssh-agent", "-D", "-a", "A", NULL};
	struct jit_signature s = {0};
	struct jit_pubkey mine = {0};
	struct jit_error err = {0};
	struct jit_buf out = {0};
	char *text = NULL;
	bool holds = false;

	CASE("a real ssh-agent holds what it was given and signs with it");
	start("A", argv);
	CHECK(run("ssh-keygen -qt ed25519 -N '' -f k; "
		  "ssh-keygen -qt rsa -b 2048 -N '' -f r; "
		  "ssh-keygen -qt ecdsa -N '' -f e") == 0);
	text = slurp("k.pub", NULL);
	CHECK(jit_pubkey_parse(&mine, text, &err) == 0);
	free(text);
	holds = true;
	CHECK(jit_agent_holds(&holds, "A", &mine, &err) == 0 && !holds);
	CHECK(jit_agent_sign(&out, "A", &mine, "m", 1, &err) == JIT_TROUBLE);
	CHECK_STR(err.text, "the ssh-agent at 'A' said no");
	CHECK(run("SSH_AUTH_SOCK=A ssh-add r e k") == 0);
	CHECK(jit_agent_holds(&holds, "A", &mine, &err) == 0 && holds);
	CHECK(jit_agent_sign(&out, "A", &mine, "m", 1, &err) == 0);
	CHECK(jit_signature_read(&s, &mine, out.data, out.len, &err) == 0);
	CHECK(jit_signature_verify(&s, "m", 1, &err) == 0);
	CHECK(run("SSH_AUTH_SOCK=A ssh-add -D") == 0);
	CHECK(jit_agent_holds(&holds, "A", &mine, &err) == 0 && !holds);
	jit_buf_free(&out);
}

int
main(void)
{
	struct jit_error err = {0};

	if (jit_hash_start(&err) != 0)
		return 1;
	temp_start();
	key.pk[0] = 1;
	test_absent();
	test_lists();
	test_signs();
	test_waits();
	test_real();
	return UNIT_DONE();
}
