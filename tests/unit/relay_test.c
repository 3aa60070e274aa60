/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "deadline.h"
#include "relay.h"
#include "temp.h"
#include "unit.h"

/* What the relay is told, and what it is to do. */
struct scene {
	const char *script;      /* for sh -c, unless argv is there */
	const char *const *argv; /* to be run */
	const char *const *env;
	const char *path;
	int refuse;      /* code of start */
	size_t fail;     /* bytes after which the sink fails; 0: never */
	int end_ms;      /* when the tick wants the end; 0: never */
	int hold_ms;     /* until when it takes no output */
	int grace_ms;    /* 0: 300 */
	bool older_kid;  /* a child of ours that is no part of it */
	const char *say; /* at the first tick after 300 ms */
};

/* What came of it: the relay's end, and what its functions saw. */
struct outcome {
	int rc;
	struct relay_end end;
	struct relay_view view;
	size_t kept;       /* bytes */
	bool shown_before; /* more was shown than was kept */
	int longest;       /* ms between two ticks */
	int width, height; /* as resized, */
	int resizes;       /* so often */
	bool kid_lives;
	struct jit_error err;
};

static const struct scene *scene;
static struct outcome *outcome;
static int64_t began, last;
static int kept = -1;
static bool told;

static int
start_it(const struct relay_view *v, void *arg, struct jit_error *err)
{
	(void)arg;
	outcome->view = *v;
	if (scene->refuse)
		return jit_fail(err, scene->refuse, "refused");
	return 0;
}

static int
keep_it(const void *bytes, size_t len, void *arg, struct jit_error *err)
{
	struct stat st;

	(void)arg;
	if (fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode) &&
		(size_t)st.st_size > outcome->kept)
		outcome->shown_before = true;
	if (scene->fail && outcome->kept + len > scene->fail)
		return jit_fail(err, JIT_TROUBLE, "the sink is full");
	if (write(kept, bytes, len) != (ssize_t)len)
		abort();
	outcome->kept += len;
	return 0;
}

static void
resize_it(int width, int height, void *arg)
{
	(void)arg;
	outcome->resizes++;
	outcome->width = width;
	outcome->height = height;
}

static enum relay_want
tick_it(void *arg)
{
	int64_t now = jit_deadline_in(0);

	(void)arg;
	if (last && now - last > outcome->longest)
		outcome->longest = (int)(now - last);
	last = now;
	if (scene->say && !told && now - began > 300) {
		relay_say(scene->say);
		told = true;
	}
	if (scene->end_ms && now - began > scene->end_ms)
		return RELAY_END;
	return now - began < scene->hold_ms ? RELAY_HOLD : RELAY_ON;
}

/* In a process of its own: relay, and leave the outcome in a file. */
__attribute__((noreturn)) static void
perform(const struct scene *s)
{
	const char *const sh[] = {"/bin/sh", "-c", s->script, NULL};
	const struct relay r = {.path = s->path,
		.argv = s->argv ? s->argv : sh,
		.env = s->env,
		.start = start_it,
		.sink = keep_it,
		.resized = resize_it,
		.tick = tick_it,
		.grace_ms = s->grace_ms ? s->grace_ms : 300};
	static struct outcome o;
	pid_t kid = -1;

	scene = s;
	outcome = &o;
	kept = open("kept", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	if (s->older_kid && (kid = fork()) == 0) {
		sleep(60);
		_exit(0);
	}
	began = jit_deadline_in(0);
	o.rc = relay_run(&o.end, &r, &o.err);
	if (kid > 0) {
		o.kid_lives = kill(kid, 0) == 0;
		kill(kid, SIGKILL);
		o.kid_lives &= waitpid(kid, NULL, 0) == kid;
	}
	spill("outcome", &o, sizeof(o));
	_exit(0);
}

static struct outcome
outcome_of(void)
{
	struct outcome o;
	size_t len;
	char *all = slurp("outcome", &len);

	if (len != sizeof(o))
		abort();
	memcpy(&o, all, sizeof(o));
	free(all);
	unlink("outcome");
	return o;
}

static void
stand(int in, int out, int errs)
{
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(errs, 2) < 0)
		abort();
}

/* Run a scene on files: "in", "out" and "errs". */
static struct outcome
on_files(const struct scene *s)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		stand(open("in", O_RDONLY | O_CREAT, 0600),
			open("out", O_CREAT | O_TRUNC | O_WRONLY, 0600),
			open("errs", O_CREAT | O_TRUNC | O_WRONLY, 0600));
		perform(s);
	}
	waitpid(pid, NULL, 0);
	return outcome_of();
}

/* Whether the file says exactly this. */
static bool
holds(const char *path, const char *text)
{
	size_t len;
	char *all = slurp(path, &len);
	bool same = len == strlen(text) && memcmp(all, text, len) == 0;

	if (!same)
		printf("%s: '%s'\n", path, all);
	free(all);
	return same;
}

/* No process of the number that the file says, but for what init reaps. */
static bool
dead(const char *path)
{
	return run("pid=$(cat %s) && [ -n \"$pid\" ] && "
		   "! grep -q '^State:.[RSDTt]' /proc/$pid/status",
		       path) == 0;
}

static void
statuses(void)
{
	static const struct {
		const char *script;
		int status;
	} t[] = {{"exit 0", 0}, {"exit 7", 7}, {"exit 255", 255},
		{"kill -9 $$", 137}, {"kill -TERM $$", 143},
		{"exec /nowhere", 127}};
	struct outcome o;
	size_t i;

	CASE("its status is its own");
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].script);
		o = on_files(&(struct scene){.script = t[i].script});
		CHECK_INT(o.rc, 0);
		CHECK_INT(o.end.status, t[i].status);
		CHECK(!o.end.forced && o.end.killed == 0 && o.end.found == 0);
		CHECK(o.end.why == 0 && o.end.left == 0 && o.end.signal == 0);
	}
}

static void
not_run(void)
{
	const char *const none[] = {"no-such-program", NULL};
	const char *const folder[] = {"/tmp", NULL};
	const char *const name[] = {"-named", "-c", "echo $0", NULL};
	const char *const env[] = {"ONLY=this", NULL};
	const char *const see[] = {"env", NULL};
	struct outcome o;

	CASE("what is not there is 127, what cannot be run 126");
	o = on_files(&(struct scene){.argv = none});
	CHECK_INT(o.rc, 0);
	CHECK_INT(o.end.status, 127);
	CHECK_INT(o.end.why, ENOENT);
	o = on_files(&(struct scene){.argv = folder});
	CHECK_INT(o.end.status, 126);
	CHECK_INT(o.end.why, EACCES);
	CASE("a file may be run by another name");
	o = on_files(&(struct scene){.argv = name, .path = "/bin/sh"});
	CHECK_INT(o.end.status, 0);
	CHECK(holds("out", "-named\n"));
	CASE("its environment is what it is given");
	o = on_files(&(struct scene){.argv = see, .env = env});
	CHECK_INT(o.rc, 0);
	CHECK(holds("out", "ONLY=this\n"));
	CASE("what start refuses never runs");
	o = on_files(
		&(struct scene){.script = "echo ran >ran", .refuse = JIT_NO});
	CHECK_INT(o.rc, JIT_NO);
	CHECK_STR(o.err.text, "refused");
	CHECK(access("ran", F_OK) != 0);
	CASE("and it stood there while start was asked");
	CHECK(o.view.pid > 0 && !o.view.tty);
	CHECK_INT(o.view.width, 80);
	CHECK_INT(o.view.height, 24);
}

static void
streams(void)
{
	struct outcome o;
	size_t len;
	char *all;
	pid_t pid;
	int fd;

	CASE("outputs stay apart, and both are kept");
	o = on_files(&(struct scene){
		.script = "echo a; sleep 0.1; echo b >&2; sleep 0.1; echo c"});
	CHECK_INT(o.rc, 0);
	CHECK(holds("out", "a\nc\n"));
	CHECK(holds("errs", "b\n"));
	CHECK(holds("kept", "a\nb\nc\n"));
	CASE("standard input is read by nobody else");
	spill("in", "one\ntwo\n", 8);
	o = on_files(&(struct scene){.script = "read x; echo \"<$x>\"; cat"});
	CHECK_INT(o.rc, 0);
	CHECK(holds("out", "<one>\ntwo\n"));
	unlink("in");
	CASE("bytes are what they were");
	o = on_files(&(struct scene){
		.script = "head -c 3000000 /dev/urandom | tee copy"});
	CHECK_INT((long long)o.kept, 3000000);
	CHECK(run("cmp copy out && cmp copy kept") == 0);
	CASE("nothing is shown before it is kept");
	CHECK(!o.shown_before);
	CASE("who closes an output goes on");
	o = on_files(&(struct scene){.script = "echo a; exec >&- 2>&-; sleep "
					       "0.4; echo late >file; exit 3"});
	CHECK_INT(o.end.status, 3);
	CHECK(holds("out", "a\n"));
	CHECK(holds("file", "late\n"));
	CASE("one file for both keeps the order of what is said");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		fd = open("out", O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);
		stand(open("/dev/null", O_RDONLY), fd, fd);
		perform(&(struct scene){.script = "for i in 1 2 3 4 5 6 7 8 9; "
						  "do echo $i; echo -$i >&2; "
						  "done"});
	}
	waitpid(pid, NULL, 0);
	o = outcome_of();
	CHECK_INT(o.rc, 0);
	all = slurp("out", &len);
	CHECK_STR(all,
		"1\n-1\n2\n-2\n3\n-3\n4\n-4\n5\n-5\n6\n-6\n7\n-7\n"
		"8\n-8\n9\n-9\n");
	free(all);
}

/* A scene whose standard output is a pipe; we hold the other end. */
static pid_t
on_pipe(int *from, const struct scene *s)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds) != 0)
		abort();
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		stand(open("/dev/null", O_RDONLY), fds[1],
			open("errs", O_CREAT | O_TRUNC | O_WRONLY, 0600));
		close(fds[1]);
		perform(s);
	}
	close(fds[1]);
	*from = fds[0];
	return pid;
}

static void
readers(void)
{
	static char bytes[65536];
	size_t total = 0;
	struct outcome o;
	int64_t start;
	pid_t pid;
	ssize_t n;
	int from;

	CASE("a slow reader loses nothing, and holds no tick up");
	pid = on_pipe(&from,
		&(struct scene){.script = "head -c 1000000 /dev/zero"});
	sleep(1);
	while ((n = read(from, bytes, sizeof(bytes))) > 0) {
		total += (size_t)n;
		usleep(1000);
	}
	close(from);
	waitpid(pid, NULL, 0);
	o = outcome_of();
	CHECK_INT((long long)total, 1000000);
	CHECK_INT(o.end.status, 0);
	CHECK(o.longest < 400);

	CASE("a reader that is gone is a broken pipe for the command");
	pid = on_pipe(&from, &(struct scene){.script = "exec yes"});
	if (read(from, bytes, 10) < 0)
		abort();
	close(from);
	waitpid(pid, NULL, 0);
	o = outcome_of();
	CHECK_INT(o.rc, 0);
	CHECK_INT(o.end.status, 128 + SIGPIPE);
	CHECK(!o.end.forced);

	CASE("a reader that never reads does not outlast the end");
	start = jit_deadline_in(0);
	pid = on_pipe(&from,
		&(struct scene){.script = "exec yes", .end_ms = 500});
	waitpid(pid, NULL, 0);
	close(from);
	o = outcome_of();
	CHECK(o.end.forced);
	CHECK_INT(o.end.status, 128 + SIGHUP);
	CHECK(jit_deadline_in(0) - start < 5000);

	CASE("held output comes later, and whole");
	o = on_files(&(struct scene){
		.script = "head -c 200000 /dev/zero; echo done >file",
		.hold_ms = 700});
	CHECK_INT(o.end.status, 0);
	CHECK_INT((long long)o.kept, 200000);
	CHECK(o.longest < 400);
}

static void
ends(void)
{
	struct outcome o;
	int64_t start;

	CASE("at its end is the end of all that came of it");
	o = on_files(&(struct scene){
		.script = "sleep 60 & echo $! >one; "
			  "setsid sh -c 'sleep 61 & echo $! >two' & "
			  "(trap '' HUP TERM INT; echo ignores; "
			  "exec sleep 62) & echo $! >three; "
			  "sleep 0.3; exit 5"});
	CHECK_INT(o.end.status, 5);
	CHECK(!o.end.forced);
	CHECK_INT(o.end.found, 3);
	CHECK_INT(o.end.killed, 1);
	CHECK_INT(o.end.left, 0);
	CHECK(dead("one") && dead("two") && dead("three"));

	CASE("who hangs is hung up on, and says so before it goes");
	o = on_files(&(struct scene){
		.script = "trap 'echo bye; exit 9' HUP; echo $$ >one; "
			  "while :; do sleep 0.05; done",
		.end_ms = 300});
	CHECK(o.end.forced);
	CHECK_INT(o.end.status, 9);
	CHECK_INT(o.end.killed, 0);
	CHECK(o.end.found >= 1);
	CHECK(holds("out", "bye\n"));

	CASE("who is stopped hears it too");
	o = on_files(&(struct scene){.script = "kill -STOP $$", .end_ms = 300});
	CHECK_INT(o.end.status, 128 + SIGHUP);
	CHECK_INT(o.end.killed, 0);

	CASE("who does not listen is killed, wherever it went");
	o = on_files(&(struct scene){
		.script = "trap '' HUP TERM INT QUIT USR1; "
			  "setsid sh -c 'setsid sleep 61 & echo $! >two' & "
			  "echo $$ >one; while :; do sleep 0.05; done",
		.end_ms = 500});
	CHECK(o.end.forced);
	CHECK_INT(o.end.status, 128 + SIGKILL);
	CHECK(o.end.killed >= 2);
	CHECK_INT(o.end.left, 0);
	CHECK(dead("one") && dead("two"));

	CASE("who forks and goes is not quick enough");
	start = jit_deadline_in(0);
	o = on_files(&(struct scene){
		.script = "trap '' HUP; echo 'sh -c \"sh ./hop $1\" & exit' "
			  ">hop; for i in 1 2 3 4 5 6 7 8; do sh ./hop & done; "
			  "exec sleep 60",
		.end_ms = 500});
	CHECK_INT(o.end.left, 0);
	CHECK(jit_deadline_in(0) - start < 10000);
	CHECK(run("pgrep -f 'sh ./ho[p]'") == 1);

	CASE("a child of ours from before is no part of it");
	o = on_files(&(struct scene){.script = "sleep 60 & exit 4",
		.older_kid = true});
	CHECK_INT(o.end.status, 4);
	CHECK_INT(o.end.found, 1);
	CHECK(o.kid_lives);

	CASE("orphans are no zombies for long");
	o = on_files(&(struct scene){
		.script = "for i in 1 2 3 4 5 6 7 8 9; do (sleep 0.01 & ); "
			  "done; sleep 1.5; ps -o stat= --ppid $PPID | "
			  "grep -c Z; exit 0"});
	CHECK_INT(o.rc, 0);
	CHECK(holds("out", "0\n"));
}

static void
sinks(void)
{
	struct outcome o;

	CASE("what the sink does not take is not shown, and is the end");
	o = on_files(&(struct scene){
		.script = "echo $$ >one; echo first; sleep 0.3; echo second; "
			  "sleep 60; echo third",
		.fail = 8});
	CHECK_INT(o.rc, JIT_TROUBLE);
	CHECK_STR(o.err.text, "the sink is full");
	CHECK(o.end.forced);
	CHECK_INT(o.end.status, 128 + SIGHUP);
	CHECK(holds("out", "first\n"));
	CHECK(holds("kept", "first\n"));
	CHECK(dead("one"));
	CASE("even if it does not listen");
	o = on_files(&(struct scene){
		.script = "trap '' HUP; while :; do echo much; done",
		.fail = 50});
	CHECK_INT(o.rc, JIT_TROUBLE);
	CHECK_INT(o.end.status, 128 + SIGKILL);
}

static void
signals(void)
{
	static const int lethal[] = {SIGTERM, SIGHUP};
	struct outcome o;
	size_t i;
	pid_t pid;
	int from;

	CASE("a signal that ends us ends it first");
	for (i = 0; i < COUNT(lethal); i++) {
		pid = on_pipe(&from,
			&(struct scene){.script = "setsid sleep 60 & "
						  "echo $! >one; wait"});
		usleep(400000);
		kill(pid, lethal[i]);
		waitpid(pid, NULL, 0);
		close(from);
		o = outcome_of();
		CHECK_INT(o.end.signal, lethal[i]);
		CHECK(o.end.forced);
		CHECK(dead("one"));
	}
	CASE("an interrupt that is sent to us is for the command");
	pid = on_pipe(&from,
		&(struct scene){.script = "trap 'exit 11' INT; while :; "
					  "do sleep 0.05; done"});
	usleep(400000);
	kill(pid, SIGINT);
	waitpid(pid, NULL, 0);
	close(from);
	o = outcome_of();
	CHECK_INT(o.end.status, 11);
	CHECK(!o.end.forced && o.end.signal == 0);
	CASE("who kills us kills it");
	pid = on_pipe(&from,
		&(struct scene){.script = "echo $$ >one; "
					  "exec sleep 60"});
	usleep(400000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(from);
	usleep(200000);
	CHECK(dead("one"));
}

/* A terminal of ours, and a scene on it. */
struct theatre {
	int fd; /* the other side of its terminal */
	pid_t pid;
	char seen[65536];
	size_t len;
};

static void
on_terminal(struct theatre *x, const struct scene *s, const char *errs)
{
	struct winsize size = {.ws_col = 100, .ws_row = 30};
	int slave;

	x->len = 0;
	if (openpty(&x->fd, &slave, NULL, NULL, &size) != 0)
		abort();
	fflush(stdout);
	x->pid = fork();
	if (x->pid == 0) {
		close(x->fd);
		setsid();
		if (ioctl(slave, TIOCSCTTY, 0) != 0)
			abort();
		stand(slave, slave,
			errs ? open(errs, O_CREAT | O_TRUNC | O_WRONLY, 0600)
			     : slave);
		close(slave);
		perform(s);
	}
	/* While one is open here too, our side never ends by itself. */
	fcntl(slave, F_SETFD, FD_CLOEXEC);
	close(slave);
}

/* Whether the terminal shows it within 5 s. */
static bool
shows(struct theatre *x, const char *text)
{
	int64_t end = jit_deadline_in(5000);
	struct pollfd p = {.fd = x->fd, .events = POLLIN};
	ssize_t n;

	for (;;) {
		x->seen[x->len] = '\0';
		if (strstr(x->seen, text))
			return true;
		if (jit_deadline_over(end) || poll(&p, 1, 100) < 0)
			break;
		if (!p.revents)
			continue;
		n = read(x->fd, x->seen + x->len, sizeof(x->seen) - 1 - x->len);
		if (n <= 0)
			break;
		x->len += (size_t)n;
	}
	x->seen[x->len] = '\0';
	if (strstr(x->seen, text))
		return true;
	printf("'%s' is not in '%s'\n", text, x->seen);
	return false;
}

static void
type(const struct theatre *x, const char *keys)
{
	if (write(x->fd, keys, strlen(keys)) < 0)
		abort();
}

static bool
is_raw(const struct theatre *x)
{
	struct termios mode;

	if (tcgetattr(x->fd, &mode) != 0)
		abort();
	return !(mode.c_lflag & (ICANON | ECHO | ISIG)) &&
		!(mode.c_oflag & OPOST);
}

/* It ended; the terminal is as it was. */
static struct outcome
close_theatre(struct theatre *x)
{
	struct outcome o;

	CHECK(shows(x, ""));
	waitpid(x->pid, NULL, 0);
	o = outcome_of();
	CHECK(!is_raw(x));
	close(x->fd);
	return o;
}

static void
terminals(void)
{
	static struct theatre x;
	struct outcome o;
	struct winsize size = {.ws_col = 132, .ws_row = 43};
	struct termios mode;

	CASE("on a terminal it has one of its own, of the same size");
	on_terminal(&x,
		&(struct scene){.script = "stty size; tty; test -t 2 && "
					  "echo three; ps -o tpgid= -p $$; "
					  "read x; echo \"<$x>\"; "
					  "stty size; exit 6"},
		NULL);
	CHECK(shows(&x, "30 100\r\n/dev/pts/"));
	CHECK(shows(&x, "three\r\n"));
	CHECK(is_raw(&x));
	CASE("it hears of a new size");
	ioctl(x.fd, TIOCSWINSZ, &size);
	usleep(300000);
	kill(x.pid, SIGWINCH); /* of the same size it does not */
	CASE("after a stop the terminal is raw again");
	if (tcgetattr(x.fd, &mode) != 0)
		abort();
	mode.c_lflag |= ICANON | ECHO | ISIG;
	tcsetattr(x.fd, TCSANOW, &mode);
	kill(x.pid, SIGCONT);
	usleep(300000);
	CHECK(is_raw(&x));
	CASE("keys arrive, and are echoed by its own terminal, once");
	type(&x, "hello\r");
	CHECK(shows(&x, "<hello>\r\n"));
	CHECK(strstr(strstr(x.seen, "hello") + 1, "hello\r\n") == NULL);
	CHECK(shows(&x, "43 132\r\n"));
	o = close_theatre(&x);
	CHECK_INT(o.end.status, 6);
	CHECK_INT(o.width, 132);
	CHECK_INT(o.height, 43);
	CHECK_INT(o.resizes, 1);
	CHECK(o.view.tty);
	CHECK_INT(o.view.width, 100);
	CHECK_INT(o.view.height, 30);
	CHECK(!o.end.forced && o.end.found == 0);

	CASE("the end of input is the command's");
	on_terminal(&x, &(struct scene){.script = "cat; echo over"}, NULL);
	usleep(200000);
	type(&x, "line\r\004");
	CHECK(shows(&x, "line\r\nline\r\nover\r\n"));
	o = close_theatre(&x);
	CHECK_INT(o.end.status, 0);

	CASE("^C is the command's, and it may go on");
	on_terminal(&x,
		&(struct scene){.script = "trap 'echo caught' INT; echo up; "
					  "sleep 60; exit 12"},
		NULL);
	CHECK(shows(&x, "up\r\n"));
	usleep(300000); /* until it sleeps */
	type(&x, "\003");
	CHECK(shows(&x, "caught\r\n"));
	o = close_theatre(&x);
	CHECK_INT(o.end.status, 12);
	on_terminal(&x, &(struct scene){.script = "exec sleep 60"}, NULL);
	usleep(300000);
	type(&x, "\003");
	o = close_theatre(&x);
	CHECK_INT(o.end.status, 128 + SIGINT);

	CASE("the last bytes are shown and kept");
	on_terminal(&x, &(struct scene){.script = "stty -opost; seq 1 4000"},
		NULL);
	CHECK(shows(&x, "\n3999\n4000\n"));
	o = close_theatre(&x);
	CHECK_INT((long long)o.kept, (long long)x.len);
	CHECK_INT((long long)o.kept, 18893);
}

static void
more_terminals(void)
{
	static const int lethal[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
	static struct theatre x;
	struct outcome o;
	size_t i;

	CASE("the terminal is as it was, however it ends");
	for (i = 0; i < COUNT(lethal); i++) {
		on_terminal(&x,
			&(struct scene){.script = "echo up; exec sleep 60"},
			NULL);
		CHECK(shows(&x, "up"));
		CHECK(is_raw(&x));
		kill(x.pid, lethal[i]);
		o = close_theatre(&x);
		CHECK_INT(o.end.forced, i < 2);
	}
	on_terminal(&x, &(struct scene){.script = "cat", .end_ms = 300}, NULL);
	o = close_theatre(&x);
	CHECK(o.end.forced);
	on_terminal(&x,
		&(struct scene){
			.argv = (const char *const[]){"/nowhere", NULL}},
		NULL);
	o = close_theatre(&x);
	CHECK_INT(o.end.status, 127);
	on_terminal(&x, &(struct scene){.script = "echo much", .fail = 2},
		NULL);
	o = close_theatre(&x);
	CHECK_INT(o.rc, JIT_TROUBLE);
	CHECK(strstr(x.seen, "much") == NULL);

	CASE("standard error stays apart where ours is");
	on_terminal(&x,
		&(struct scene){.script = "echo a; echo b >&2; test -t 2 || "
					  "echo c"},
		"errs");
	CHECK(shows(&x, "a\r\nc\r\n"));
	o = close_theatre(&x);
	CHECK(holds("errs", "b\n"));
	CHECK_INT((long long)o.kept, 8);

	CASE("a terminal that goes away takes it along");
	on_terminal(&x,
		&(struct scene){.script = "trap '' HUP; echo $$ >one; "
					  "echo up; sleep 60"},
		NULL);
	CHECK(shows(&x, "up"));
	close(x.fd);
	waitpid(x.pid, NULL, 0);
	o = outcome_of();
	CHECK_INT(o.end.signal, SIGHUP);
	CHECK(o.end.forced);
	CHECK(dead("one"));

	CASE("who closes its terminal goes on");
	on_terminal(&x,
		&(struct scene){.script = "echo up; exec </dev/null >&- 2>&-; "
					  "sleep 0.4; echo back >/dev/tty; "
					  "exit 3"},
		NULL);
	CHECK(shows(&x, "back\r\n"));
	o = close_theatre(&x);
	CHECK_INT(o.end.status, 3);

	CASE("a line for the user has a place of its own");
	on_terminal(&x,
		&(struct scene){.script = "printf '$ '; sleep 0.8; echo on",
			.say = "it ends \x1b[31msoon"},
		NULL);
	CHECK(shows(&x, "$ \r\nit ends \\u{001B}[31msoon\r\non\r\n"));
	o = close_theatre(&x);
	CHECK_INT((long long)o.kept, 6);
	o = on_files(&(struct scene){.script = "sleep 0.8; echo on",
		.say = "it ends"});
	CHECK_INT(o.rc, 0);
	CHECK(holds("errs", "it ends\n"));
	CHECK(holds("out", "on\n"));
}

static void
stuck(void)
{
	static struct theatre x;
	struct outcome o;

	CASE("a terminal that nobody reads does not outlast the end");
	on_terminal(&x, &(struct scene){.script = "exec yes", .end_ms = 1500},
		NULL);
	sleep(4);
	CHECK(kill(x.pid, 0) == 0 && waitpid(x.pid, NULL, WNOHANG) == x.pid);
	o = outcome_of();
	close(x.fd);
	CHECK(o.end.forced);
	CHECK(o.longest < 400);
}

int
main(void)
{
	temp_start();
	statuses();
	not_run();
	streams();
	readers();
	ends();
	sinks();
	signals();
	terminals();
	more_terminals();
	stuck();
	return UNIT_DONE();
}
