/* SPDX-License-Identifier: ISC */
#include "relay.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alert.h"
#include "deadline.h"
#include "flow.h"
#include "raw.h"
#include "stage.h"
#include "text.h"
#include "tree.h"

/* Milliseconds. */
#define BEAT 100      /* between two ticks, at most */
#define HASTE 20      /* the same, while something is about to end */
#define SLICE 50      /* of killing, before output is looked after again */
#define STUBBORN 2000 /* until we give up on what SIGKILL does not end */
#define SETTLE 500    /* a terminal's last bytes are on their way, at most */
#define SHOW 1000     /* a forced end waits for who reads what is shown */
#define ORPHANS 1000  /* between two looks for them */

enum { KEYS, OUT, ERRS, FLOWS };

enum phase {
	RUNNING,
	LEAVING, /* hung up on */
	KILLING,
	SETTLED /* nobody is there; what was said is still on its way */
};

struct run {
	const struct relay *r;
	struct relay_end end;
	struct jit_error *err;
	int rc;    /* of the sink */
	bool hold; /* the tick says so */
	bool over; /* its end is wanted */
	bool gone; /* the command's own process */
	bool orphans;
	enum phase phase;
	int64_t until; /* deadline of the phase */
	int64_t show;  /* deadline of who reads what is shown; 0: none */

	struct relay_view view;
	struct alert alert;
	struct stage stage;
	struct tree tree;
	struct flow flow[FLOWS];
};

static void
resize(struct run *x)
{
	const struct relay_view before = x->view;

	if (!x->view.tty)
		return;
	stage_resize(&x->stage);
	stage_size(&x->view.width, &x->view.height);
	if (x->r->resized &&
		(x->view.width != before.width ||
			x->view.height != before.height))
		x->r->resized(x->view.width, x->view.height, x->r->arg);
}

static void
hang_up(struct run *x, int signal)
{
	x->end.signal = signal;
	x->over = true;
}

/* What a terminal sends to us, it sends to the command too. */
static void
on_signal(struct run *x, const struct signalfd_siginfo *s)
{
	int signal = (int)s->ssi_signo;

	if (signal == SIGHUP || signal == SIGTERM) {
		hang_up(x, signal);
	} else if (signal == SIGINT || signal == SIGQUIT) {
		if (s->ssi_code <= 0 && !x->gone)
			kill(x->stage.pid, signal);
	} else if (signal == SIGCHLD) {
		x->orphans = true;
	} else {
		raw_again();
		resize(x);
	}
}

static void
reap(struct run *x)
{
	int raw = 0;
	pid_t got;

	got = x->gone ? 0 : waitpid(x->stage.pid, &raw, WNOHANG);
	if (got == 0 || (got < 0 && errno == EINTR))
		return;
	x->gone = true;
	if (got < 0)
		x->end.status = 128 + SIGKILL; /* nobody can tell */
	else
		x->end.status =
			WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
	x->flow[KEYS].from = -1; /* what is typed now is not for it */
}

/* Nobody is left, or nobody that we can end. */
static void
settle(struct run *x, size_t left)
{
	reap(x);
	if (!x->gone)
		x->end.status = 128 + SIGKILL;
	x->end.left = (int)left;
	x->end.killed = x->tree.killed;
	stage_empty(&x->stage);
	x->phase = SETTLED;
	x->until = jit_deadline_in(SETTLE);
}

static void
leave(struct run *x)
{
	size_t there = tree_look(&x->tree);

	x->end.forced = !x->gone;
	x->end.found = (int)there;
	if (there == 0) {
		settle(x, 0);
		return;
	}
	tree_signal(&x->tree, SIGHUP);
	tree_signal(&x->tree, SIGCONT);
	x->phase = LEAVING;
	x->until = jit_deadline_in(x->r->grace_ms);
}

static void
run_on(struct run *x)
{
	if (x->gone || x->over) {
		leave(x);
	} else if (x->orphans && jit_deadline_over(x->until)) {
		tree_look(&x->tree);
		x->orphans = false;
		x->until = jit_deadline_in(ORPHANS);
	}
}

static void
see_off(struct run *x)
{
	if (tree_look(&x->tree) == 0) {
		settle(x, 0);
	} else if (jit_deadline_over(x->until)) {
		x->phase = KILLING;
		x->until = jit_deadline_in(STUBBORN);
	}
}

static void
kill_all(struct run *x)
{
	size_t left = tree_kill(&x->tree, SLICE);

	if (left == 0 || jit_deadline_over(x->until))
		settle(x, left);
}

static void
proceed(struct run *x)
{
	static void (*const steps[])(struct run *) =
		{[RUNNING] = run_on, [LEAVING] = see_off, [KILLING] = kill_all};
	enum relay_want want = RELAY_ON;
	struct signalfd_siginfo s;

	while (alert_next(&s, &x->alert))
		on_signal(x, &s);
	reap(x);
	if (x->r->tick)
		want = x->r->tick(x->r->arg);
	x->hold = want == RELAY_HOLD;
	x->over = x->over || want == RELAY_END;
	if (x->phase != SETTLED)
		steps[x->phase](x);
	else if (x->over && x->show == 0)
		x->show = jit_deadline_in(SHOW);
}

/*
 * Nobody takes it any more. Who reads what was shown and is gone leaves the
 * command a broken pipe, as without us; our terminal takes all with it.
 */
static void
broken(struct run *x, struct flow *f)
{
	int *end = f == &x->flow[OUT] ? &x->stage.out : &x->stage.errs;

	f->sent = f->len;
	f->to = -1;
	if (f == &x->flow[OUT] && x->stage.tty) {
		hang_up(x, SIGHUP);
		return;
	}
	f->from = -1;
	if (f == &x->flow[KEYS])
		return;
	close(*end);
	*end = -1;
}

static void
give(struct run *x, struct flow *f)
{
	if (f->to < 0 || (x->show && jit_deadline_over(x->show)))
		f->sent = f->len;
	else if (!flow_give(f))
		broken(x, f);
}

/*
 * Nothing for now is the end where nobody is left who could say more; only
 * what a terminal shows takes its time.
 */
static bool
dry(const struct run *x, const struct flow *f)
{
	if (x->phase != SETTLED)
		return false;
	return !x->stage.tty || f != &x->flow[OUT] ||
		jit_deadline_over(x->until);
}

static void
take(struct run *x, struct flow *f)
{
	ssize_t n = flow_take(f);

	if (n < 0 && f == &x->flow[KEYS])
		hang_up(x, SIGHUP);
	if (n < 0 || (n == 0 && dry(x, f)))
		f->from = -1;
	if (n <= 0 || f == &x->flow[KEYS])
		return;
	if (x->rc == 0 && x->r->sink)
		x->rc = x->r->sink(f->bytes, f->len, x->r->arg, x->err);
	if (x->rc == 0)
		return;
	x->over = true;
	f->len = 0; /* what is not kept is not shown */
}

/* What is to be waited for: a flow's end that comes first, or none. */
static struct pollfd
end_of(const struct run *x, size_t i)
{
	const struct flow *f = &x->flow[i];

	if (flow_pending(f))
		return (struct pollfd){f->to, POLLOUT, 0};
	if (i != KEYS && x->hold)
		return (struct pollfd){-1, 0, 0};
	return (struct pollfd){f->from, POLLIN, 0};
}

/* Wait, and move what can be moved. */
static void
move(struct run *x)
{
	struct pollfd fds[FLOWS + 1 + RELAY_WATCH];
	bool calm = x->phase == RUNNING || flow_pending(&x->flow[OUT]);
	size_t n = FLOWS + 1, i;
	struct flow *f;

	for (i = 0; i < FLOWS; i++)
		fds[i] = end_of(x, i);
	fds[FLOWS] = (struct pollfd){x->alert.fd, POLLIN, 0};
	if (x->r->watch)
		n += x->r->watch(fds + n, x->r->arg);
	if (poll(fds, n, calm ? BEAT : HASTE) < 0)
		return;
	for (i = 0; i < FLOWS; i++) {
		f = &x->flow[i];
		if (flow_pending(f) && (fds[i].revents || f->to < 0 || x->show))
			give(x, f);
		else if (!flow_pending(f) && fds[i].fd >= 0 &&
			(fds[i].revents || x->phase == SETTLED))
			take(x, f);
	}
}

static bool
done(const struct run *x, size_t i)
{
	return x->flow[i].from < 0 && !flow_pending(&x->flow[i]);
}

static void
flow_open(struct run *x)
{
	const struct stage *s = &x->stage;

	x->flow[KEYS].from = s->tty ? STDIN_FILENO : -1;
	x->flow[KEYS].to = s->keys;
	x->flow[OUT].from = s->out;
	x->flow[OUT].to = STDOUT_FILENO;
	x->flow[ERRS].from = s->errs;
	x->flow[ERRS].to = STDERR_FILENO;
}

static int
play(struct run *x)
{
	x->end.why = stage_go(&x->stage);
	if (x->end.why) {
		x->end.status = x->end.why == ENOENT ? 127 : 126;
		return 0;
	}
	flow_open(x);
	do {
		proceed(x);
		move(x);
	} while (x->phase != SETTLED || !done(x, OUT) || !done(x, ERRS));
	return x->rc;
}

/* It waits: let the caller look at it, and say yes. */
static int
permit(struct run *x)
{
	x->view.pid = x->stage.pid;
	x->view.tty = x->stage.tty;
	stage_size(&x->view.width, &x->view.height);
	return x->r->start ? x->r->start(&x->view, x->r->arg, x->err) : 0;
}

/* It is the last moment at which a signal ends us, and nothing has run. */
static int
perform(struct run *x)
{
	int rc = alert_start(&x->alert, x->err);

	if (rc)
		return rc;
	if (x->stage.tty)
		rc = raw_on(STDIN_FILENO, x->err);
	if (rc == 0)
		rc = play(x);
	raw_off();
	alert_end(&x->alert);
	return rc;
}

int
relay_run(struct relay_end *out, const struct relay *r, struct jit_error *err)
{
	struct stage_play what = {.path = r->path,
		.argv = r->argv,
		.env = r->env};
	struct run x = {.r = r, .err = err};
	int rc;

	rc = tree_start(&x.tree, err);
	if (rc)
		goto out;
	rc = stage_open(&x.stage, &what, err);
	x.tree.top = x.stage.pid;
	if (rc == 0)
		rc = permit(&x);
	if (rc == 0)
		rc = perform(&x);
	stage_close(&x.stage);
	if (x.stage.pid > 0 && !x.gone && x.phase != SETTLED)
		waitpid(x.stage.pid, NULL, 0); /* it never ran */
	if (x.phase == SETTLED || x.end.why)
		*out = x.end;
out:
	tree_free(&x.tree);
	return rc;
}

void
relay_say(const char *line)
{
	struct jit_buf said = {0};

	if (raw_is_on())
		jit_buf_str(&said, "\r\n");
	jit_text_escape(&said, line, strlen(line));
	jit_buf_str(&said, raw_is_on() ? "\r\n" : "\n");
	flow_write(raw_is_on() ? STDOUT_FILENO : STDERR_FILENO, said.data,
		said.len);
	jit_buf_free(&said);
}
