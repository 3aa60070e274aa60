/* SPDX-License-Identifier: ISC */
/* jit-doctor: is anything wrong here, and what to run against it. */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cgroup.h"
#include "connector.h"
#include "doctor.h"
#include "keeper.h"
#include "span.h"
#include "using.h"
#include "when.h"

#define LEAST_SPACE (64LL * 1024 * 1024) /* bytes */
#define STALE 3600                       /* seconds of a lock or a beat */
#define DAY 86400

static const char *const usage[] = {"[-jqv]", NULL};

static const struct cli_option options[] = {CLI_ROW_LEDGER, CLI_ROW_WHO,
	CLI_ROW_JSON, CLI_ROW_QUIET, CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-doctor",
	"what is wrong here, and what to run", usage, options, 0, 0, NULL};

/* -- What is said ---------------------------------------------------------- */

static void
say_json(const struct doctor *d, bool good, const char *what, const char *run)
{
	struct jit_json *o = jit_json_object();

	if (jit_json_set_text(o, "part", d->part) &&
		jit_json_set_bool(o, "good", good) &&
		jit_json_set_text(o, "says", what) &&
		(!run || jit_json_set_text(o, "run", run)))
		cli_out_json(o);
	jit_json_free(o);
}

void
doctor_say(struct doctor *d, const char *run, const char *fmt, ...)
{
	char what[512];
	va_list list;

	va_start(list, fmt);
	vsnprintf(what, sizeof(what), fmt, list);
	va_end(list);
	d->bad += run != NULL;
	if (d->cli.json) {
		say_json(d, run == NULL, what, run);
		return;
	}
	if (!run && d->cli.quiet)
		return;
	cli_out("%-4s %-10s ", run ? "BAD" : "ok", d->part);
	cli_out_text(what);
	if (run) {
		cli_out(": ");
		cli_out_text(run);
	}
	cli_out("\n");
}

/* -- The parts ------------------------------------------------------------- */

static void
look_at_ledger(struct doctor *d)
{
	const struct jit_state *s;
	struct jit_error err = {0};
	int rc = cli_ledger_here(&d->cli, &err);

	if (rc) {
		doctor_say(d,
			rc == JIT_EVIDENCE ? "jit audit verify"
					   : "-C names another one",
			"%s", err.text);
		return;
	}
	d->ledger = true;
	s = jit_ledger_state(d->cli.ledger);
	doctor_say(d, NULL, "'%s', %lld events, good", s->name,
		(long long)s->seq);
}

static void
look_at_clock(struct doctor *d)
{
	const struct jit_state *s;
	int64_t ahead;

	if (!d->ledger)
		return;
	s = jit_ledger_state(d->cli.ledger);
	ahead = s->at - d->cli.now;
	if (ahead > 5)
		doctor_say(d, "set this machine's clock",
			"the newest event is %lld seconds ahead of this clock",
			(long long)ahead);
	else
		doctor_say(d, NULL, "not behind the ledger");
}

static void
look_at_key(struct doctor *d)
{
	const struct jit_enrolment *me = NULL;
	struct jit_error err = {0};
	int64_t left;

	if (!d->ledger)
		return;
	if (cli_signer(&d->cli, &err) != 0 ||
		cli_whoami(&me, &d->cli, &err) != 0) {
		if (d->cli.key_path || !d->is_host)
			doctor_say(d,
				"-k names another, or ask an admin to enrol it",
				"%s", err.text);
		return;
	}
	left = me->until - d->cli.now;
	if (left < 30LL * DAY)
		doctor_say(d, "have it enrolled anew: jit request --enroll",
			"the enrolment of %s ends in %lld days", me->principal,
			(long long)(left > 0 ? left / DAY : 0));
	else
		doctor_say(d, NULL, "%s, %s", me->principal,
			jit_class_name(me->class));
}

static void
look_at_one_lock(struct doctor *d, const char *folder, const char *name)
{
	struct jit_buf path = {0};
	struct stat st;

	jit_buf_fmt(&path, "%s/%s", folder, name);
	if (!path.failed && stat(jit_buf_text(&path), &st) == 0 &&
		d->cli.now - (int64_t)st.st_mtime > 60)
		doctor_say(d, "look who holds it, and remove it if nobody does",
			"'%s' is %lld seconds old", jit_buf_text(&path),
			(long long)(d->cli.now - (int64_t)st.st_mtime));
	jit_buf_free(&path);
}

static void
look_at_locks(struct doctor *d)
{
	static const char *const names[] = {"refs/heads/ledger.lock",
		"HEAD.lock", "packed-refs.lock", "config.lock"};
	const char *path = jit_buf_text(&d->cli.ledger_name);
	size_t i, before = d->bad;

	if (!d->ledger)
		return;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		look_at_one_lock(d, path, names[i]);
	if (d->bad == before)
		doctor_say(d, NULL, "none that is left over");
}

static void
look_at_space(struct doctor *d)
{
	struct statvfs v;
	int64_t left;

	if (!d->ledger || statvfs(jit_buf_text(&d->cli.ledger_name), &v) != 0)
		return;
	left = (int64_t)v.f_bavail * (int64_t)v.f_frsize;
	if (left < LEAST_SPACE)
		doctor_say(d, "make room: no event is written to a full disk",
			"%lld MiB are left for the ledger",
			(long long)(left >> 20));
	else
		doctor_say(d, NULL, "%lld MiB are left for the ledger",
			(long long)(left >> 20));
}

/* A secret of root's. */
static void
look_at_secret(struct doctor *d, const char *path)
{
	struct stat st;

	if (!path)
		return;
	if (stat(path, &st) != 0)
		doctor_say(d, "put it there, or name another in jit.conf",
			"'%s': %s", path, strerror(errno));
	else if (st.st_uid != 0 || (st.st_mode & 077))
		doctor_say(d, "chown root and chmod 600 it",
			"'%s' can be read by others than root", path);
	else
		doctor_say(d, NULL, "'%s' is root's alone", path);
}

static void
look_at_conf(struct doctor *d)
{
	struct jit_error err = {0};

	if (access(GATE_CONF, F_OK) != 0)
		return;
	if (gate_read(&d->gate, &err) != 0) {
		doctor_say(d, "mend it: man 5 jit.conf", "%s", err.text);
		return;
	}
	d->is_host = true;
	if (!d->cli.ledger_path && d->cli.uid == 0)
		d->cli.ledger_path = d->gate.ledger;
	doctor_say(d, NULL, "this is %s", d->gate.host);
	if (d->cli.uid != 0)
		return;
	look_at_secret(d, d->gate.key);
	look_at_secret(d, d->gate.issuer);
	look_at_secret(d, d->gate.ca);
}

static void
look_at_keeper(struct doctor *d)
{
	struct jit_buf root = {0};
	struct jit_error err = {0};
	struct stat st;

	if (!d->is_host || !d->gate.key)
		return;
	if (cgroup_root(&root, &err) != 0)
		doctor_say(d, "boot with cgroup v2, or mount it", "%s",
			err.text);
	jit_buf_free(&root);
	if (stat(KEEPER_DOOR, &st) != 0)
		doctor_say(d, "systemctl start jit-issue",
			"no keeper runs here");
	else
		doctor_say(d, NULL, "it listens");
}

/* -- Beats ----------------------------------------------------------------- */

/* When an issuer or host was last heard, and the longest silence of a day. */
struct silence {
	const char *by;
	int64_t until; /* the later end of what is looked at */
	int64_t last, longest, from, horizon;
};

static int
hear(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct silence *q = arg;
	const struct jit_event *ev = &c->event;

	(void)oid;
	(void)after;
	(void)err;
	if (ev->at < q->horizon)
		return 1;
	if (ev->type != JIT_BEAT || strcmp(ev->by, q->by) != 0)
		return 0;
	if (!q->last)
		q->last = ev->at;
	if (q->until - ev->at > q->longest) {
		q->longest = q->until - ev->at;
		q->from = ev->at;
	}
	q->until = ev->at;
	return 0;
}

static void
look_at_beat(struct doctor *d, const char *by, int64_t last)
{
	struct silence q = {.by = by,
		.until = d->cli.now,
		.horizon = d->cli.now - DAY};
	struct jit_buf span = {0};
	char stamp[JIT_STAMP];

	if (last && jit_ledger_back(d->cli.ledger, hear, &q, NULL) != 0)
		return;
	if (!last) {
		doctor_say(d, "start it: jit issue --watch",
			"%s was never heard", by);
		return;
	}
	span_spell(&span, d->cli.now - last);
	if (d->cli.now - last > STALE + STALE / 2) {
		doctor_say(d, "start it: jit issue --watch",
			"%s was last heard %s ago", by, jit_buf_text(&span));
	} else if (q.longest > STALE + STALE / 2) {
		jit_when_stamp(stamp, q.from);
		jit_buf_reset(&span);
		span_spell(&span, q.longest);
		doctor_say(d, "see what was due then: jit audit log",
			"%s was silent for %s from %s on", by,
			jit_buf_text(&span), stamp);
	} else {
		doctor_say(d, NULL, "%s was heard %s ago", by,
			jit_buf_text(&span));
	}
	jit_buf_free(&span);
}

static void
look_at_beats(struct doctor *d)
{
	const struct jit_state *s;
	const struct jit_issuing *e;
	size_t i, j;

	if (!d->ledger)
		return;
	s = jit_ledger_state(d->cli.ledger);
	e = s->policy.issuers.at;
	for (i = 0; i < s->policy.issuers.count; i++) {
		int64_t last = 0;

		for (j = 0; j < i && strcmp(e[j].by, e[i].by) != 0; j++)
			;
		if (j < i)
			continue;
		for (j = 0; j < s->counters_count; j++)
			if (strcmp(s->counters[j].by, e[i].by) == 0)
				last = s->counters[j].beat;
		look_at_beat(d, e[i].by, last);
	}
}

/* -- Connectors ------------------------------------------------------------ */

static void
look_at_target(struct doctor *d, const char *resource)
{
	struct jit_errand ask = {.resource = resource};
	struct jit_json *target = NULL;
	struct jit_reply reply = {0};
	struct jit_error err = {0};

	if (connector_target(&target, resource, &err) != 0 ||
		connector_run(&reply, JIT_VERB_DESCRIBE, &ask, &err) != 0)
		doctor_say(d, "man 5 jit-connector", "%s: %s", resource,
			err.text);
	else
		doctor_say(d, NULL, "%s: %s", resource, reply.proves);
	jit_reply_free(&reply);
	jit_json_free(target);
}

static void
look_at_scheme(struct doctor *d, const char *scheme)
{
	const struct dirent *entry;
	char path[512], resource[128];
	size_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", CONNECTOR_TARGETS, scheme);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) != NULL) {
		len = strlen(entry->d_name);
		if (len < 6 || len > 80 ||
			strcmp(entry->d_name + len - 5, ".json") != 0)
			continue;
		snprintf(resource, sizeof(resource), "%.16s:%.*s", scheme,
			(int)(len - 5), entry->d_name);
		look_at_target(d, resource);
	}
	if (dir)
		closedir(dir);
}

static void
look_at_targets(struct doctor *d)
{
	DIR *dir = opendir(CONNECTOR_TARGETS);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			look_at_scheme(d, entry->d_name);
	if (dir)
		closedir(dir);
}

/* -- What is owed ---------------------------------------------------------- */

static void
look_at_owed(struct doctor *d)
{
	const struct jit_state *s;
	size_t i, late = 0;

	if (!d->ledger)
		return;
	s = jit_ledger_state(d->cli.ledger);
	for (i = 0; i < s->sessions_count; i++)
		late += jit_using_until(s, &s->sessions[i]) <= d->cli.now;
	if (late)
		doctor_say(d, "jit status --owed",
			"%zu sessions are over, and nobody closed them", late);
	if (s->unproven_count)
		doctor_say(d, "jit status --owed; jit revoke --expired",
			"%zu grants are over, and not shown to be dead",
			s->unproven_count);
	for (i = late = 0; i < s->debts_count; i++)
		late += s->debts[i].due <= d->cli.now;
	if (late)
		doctor_say(d, "jit approve --review", "%zu reviews are overdue",
			late);
	if (!late && !s->unproven_count && !d->bad)
		doctor_say(d, NULL, "nothing");
}

static const struct {
	const char *part;
	void (*look)(struct doctor *d);
} parts[] = {
	{"host", look_at_conf},
	{"ledger", look_at_ledger},
	{"clock", look_at_clock},
	{"key", look_at_key},
	{"locks", look_at_locks},
	{"space", look_at_space},
	{"remote", doctor_remote},
	{"packs", doctor_packs},
	{"git", doctor_git},
	{"keeper", look_at_keeper},
	{"issuers", look_at_beats},
	{"targets", look_at_targets},
	{"owed", look_at_owed},
};

int
main(int argc, char **argv)
{
	struct doctor d = {0};
	struct jit_error err = {0};
	size_t i;
	int rc = 0;

	cli_start(&d.cli, &program, argc, argv);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		d.part = parts[i].part;
		parts[i].look(&d);
	}
	if (d.bad)
		rc = jit_fail(&err, JIT_FINDINGS,
			d.bad == 1 ? "%zu thing is wrong"
				   : "%zu things are wrong",
			d.bad);
	gate_free(&d.gate);
	return cli_end(&d.cli, rc, &err);
}
