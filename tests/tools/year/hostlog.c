/* SPDX-License-Identifier: ISC */
/* What sshd and sudo on the hosts logged in the last two weeks. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "world.h"

#define WEEKS 2

/* One line of a log, wherever it is written. */
struct line {
	int64_t at;
	size_t order;
	const char *ident;
	char host[32], text[512];
	int64_t pid;
	const struct life_grant *sudo; /* for sudo's own log; NULL: none */
};

struct lines {
	struct line *at;
	size_t count, cap;
};

static struct line *
add(struct lines *l, int64_t at, const char *host, const char *ident,
	int64_t pid)
{
	struct line *x;

	if (l->count == l->cap) {
		l->cap = 2 * l->cap + 256;
		l->at = realloc(l->at, l->cap * sizeof(*l->at));
		if (!l->at)
			die("logs", "no memory");
	}
	x = &l->at[l->count];
	memset(x, 0, sizeof(*x));
	x->at = at;
	x->order = l->count++;
	x->ident = ident;
	x->pid = pid;
	snprintf(x->host, sizeof(x->host), "%s", host);
	return x;
}

static void
account_of(char out[32], const struct world *w, int who)
{
	const char *p = w->c.who[who].principal;

	snprintf(out, 32, "%.*s", (int)strcspn(p, "@"), p);
}

/* As OpenSSH 9.2 logs a login by certificate. */
static void
ssh_lines(struct lines *l, const struct world *w, const struct life_grant *g,
	const char *host, int64_t opened)
{
	char ca[JIT_FINGERPRINT];
	const char *role = rule_info[g->rule].role;
	int64_t pid = g->port + 1000;
	struct line *x = add(l, opened, host, "sshd", pid);

	jit_pubkey_fingerprint(ca, jit_signer_key(w->c.ca));
	snprintf(x->text, sizeof(x->text),
		"Accepted publickey for %s from 10.1.%d.%d port %lld ssh2: "
		"ED25519-CERT %s ID %s (serial %lld) CA ED25519 %s",
		role, g->who / 200, g->who % 200 + 10, (long long)g->port,
		g->offer, g->id, (long long)g->serial, ca);
	x = add(l, opened, host, "sshd", pid);
	snprintf(x->text, sizeof(x->text),
		"pam_unix(sshd:session): session opened for user %s(uid=%d) "
		"by (uid=0)",
		role, strcmp(role, "root") == 0 ? 0 : 1001);
	if (!g->closed)
		return;
	x = add(l, g->ended, host, "sshd", pid);
	snprintf(x->text, sizeof(x->text),
		"pam_unix(sshd:session): session closed for user %s", role);
}

static void
sudo_line(struct lines *l, const struct world *w, const struct life_grant *g,
	const char *host, int64_t opened)
{
	struct line *x = add(l, opened, host, "sudo", g->port);
	char account[32];

	account_of(account, w, g->who);
	x->sudo = g;
	snprintf(x->text, sizeof(x->text),
		"%8s : TTY=pts/0 ; PWD=/home/%s ; USER=root ; "
		"COMMAND=/usr/bin/systemctl restart nginx.service",
		account, account);
}

/* The planted use that no grant explains. */
static void
alone(struct lines *l, const struct world *w)
{
	struct line *x;

	if (w->args->plain)
		return;
	x = add(l, w->args->until - 5 * (int64_t)DAY + 3 * 3600 + 720, "web-7",
		"sshd", 4242);
	snprintf(x->text, sizeof(x->text),
		"Accepted publickey for root from 203.0.113.66 port 40022 "
		"ssh2: ED25519 "
		"SHA256:mVPwvezndPv/ARoIadVY98vAC0g+P/5633yTC4d/wXE");
}

static int
in_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void
gather(struct lines *l, const struct world *w)
{
	int64_t from = w->args->until - WEEKS * 7 * (int64_t)DAY;
	const struct life_grant *g;
	char host[32];
	size_t i;

	for (i = 0; i < w->count; i++) {
		g = &w->grants[i];
		if (!g->opened || g->host < 0 || g->began < from)
			continue;
		account_of(host, w, g->host);
		if (g->rule == BUILD_SUDO)
			sudo_line(l, w, g, host, g->began);
		else
			ssh_lines(l, w, g, host, g->began);
	}
	alone(l, w);
	if (l->count)
		qsort(l->at, l->count, sizeof(*l->at), in_time);
}

static FILE *
open_log(const char *folder, const char *name)
{
	char path[1024];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	if (!f)
		die(path, "cannot write");
	return f;
}

/* systemd.journal-fields(7), as journalctl -o json prints it. */
static void
put_journal(FILE *f, const struct line *x)
{
	char micro[40], pid[24];
	json_t *o;

	snprintf(micro, sizeof(micro), "%lld%06zu", (long long)x->at,
		x->order % 1000000);
	snprintf(pid, sizeof(pid), "%lld", (long long)x->pid);
	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}",
		"__REALTIME_TIMESTAMP", micro, "_HOSTNAME", x->host,
		"SYSLOG_IDENTIFIER", x->ident, "_PID", pid, "_UID", "0",
		"PRIORITY", "6", "_TRANSPORT", "syslog", "MESSAGE", x->text);
	json_dumpf(o, f, JSON_COMPACT);
	fputc('\n', f);
	json_decref(o);
}

/* As rsyslog of Debian 12 writes /var/log/auth.log. */
static void
put_syslog(FILE *f, const struct line *x)
{
	char when[64];
	time_t at = (time_t)x->at;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	fprintf(f, "%s.%06zu+00:00 %s %s[%lld]: %s\n", when, x->order % 1000000,
		x->host, x->ident, (long long)x->pid, x->text);
}

/* sudo_logsrvd's JSON, as log_format=json writes it. */
static void
put_sudo(FILE *f, const struct line *x, const struct world *w)
{
	char account[32], iso[64], local[64];
	time_t at = (time_t)x->at;
	struct tm tm;
	json_t *when, *o;

	account_of(account, w, x->sudo->who);
	gmtime_r(&at, &tm);
	strftime(iso, sizeof(iso), "%Y%m%d%H%M%SZ", &tm);
	strftime(local, sizeof(local), "%b %e %H:%M:%S", &tm);
	when = json_pack("{s:I,s:I,s:s,s:s}", "seconds", (json_int_t)x->at,
		"nanoseconds", (json_int_t)(x->order % 1000000) * 1000,
		"iso8601", iso, "localtime", local);
	o = json_pack("{s:{s:{s:O,s:o,s:s,s:s,s:s,s:s,s:s,s:s,s:[s,s,s]}}}",
		"sudo", "accept", "server_time", when, "submit_time", when,
		"submituser", account, "command", "/usr/bin/systemctl",
		"runuser", "root", "ttyname", "/dev/pts/0", "submithost",
		x->host, "runcwd", "/", "runargv", "systemctl", "restart",
		"nginx.service");
	json_dumpf(o, f, JSON_COMPACT);
	fputc('\n', f);
	json_decref(o);
}

void
hostlog_write(const struct world *w, const char *folder)
{
	FILE *journal = open_log(folder, "journal.json");
	FILE *text = open_log(folder, "auth.log");
	FILE *sudo = open_log(folder, "sudo.json");
	struct lines l = {0};
	size_t i;

	gather(&l, w);
	for (i = 0; i < l.count; i++) {
		put_journal(journal, &l.at[i]);
		put_syslog(text, &l.at[i]);
		if (l.at[i].sudo)
			put_sudo(sudo, &l.at[i], w);
	}
	if (fclose(journal) != 0 || fclose(text) != 0 || fclose(sudo) != 0)
		die(folder, "cannot write");
	free(l.at);
}
