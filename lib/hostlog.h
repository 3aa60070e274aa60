/* hostlog: what sshd and sudo wrote into a host's log, entry by entry. */
#ifndef JIT_HOSTLOG_H
#define JIT_HOSTLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "key.h"

#define JIT_HOSTLOG_NAME 65 /* bytes of a name, the NUL counted */
#define JIT_HOSTLOG_TEXT 129

enum jit_logged_kind {
	JIT_LOGGED_OTHER, /* nobody got anything by it */
	JIT_LOGGED_LOGIN, /* sshd let somebody in */
	JIT_LOGGED_SUDO   /* sudo ran a command */
};

/* One entry. What is longer than its place is cut; nothing is escaped. */
struct jit_logged {
	enum jit_logged_kind kind;
	size_t line;                 /* of the file, from 1: where it begins */
	int64_t at;                  /* UTC seconds */
	char host[JIT_HOSTLOG_NAME]; /* "": it does not say */
	char account[JIT_HOSTLOG_NAME]; /* that logged in, or ran sudo */

	/* a login */
	char method[JIT_HOSTLOG_NAME]; /* publickey, password, ... */
	char from[JIT_HOSTLOG_NAME];   /* address */
	char id[JIT_HOSTLOG_TEXT];     /* the certificate's; "": it had none */
	int64_t serial;
	char ca[JIT_FINGERPRINT];

	/* sudo */
	char runas[JIT_HOSTLOG_NAME]; /* "root", "root:adm" of a group, too */
	char command[JIT_HOSTLOG_TEXT];
};

/* A log that is read. The bytes are the caller's. */
struct jit_hostlog {
	const char *bytes;
	size_t len, at, line;
	int64_t now;  /* a date without a year is the last such before it */
	int64_t zone; /* seconds east of UTC of dates without a zone */
	bool object;  /* within the one object of sudo's JSON */
};

/*
 * Begin. Each entry may be of another form:
 *   a line of a syslog file: RFC 3164's "Nov 22 13:08:15 web-1 sshd[71]: ",
 *   with RFC 3339's time in its place, or RFC 5424;
 *   what 'journalctl -o json' prints, systemd.journal-fields(7);
 *   sudo's own log file, wrapped or not, or its JSON (sudo_logsrvd.proto's
 *   names), which is one object that has a member "accept" for each command.
 */
struct jit_hostlog jit_hostlog_over(const char *bytes, size_t len, int64_t now,
	int64_t zone);

/*
 * The next entry: 1, or 0 at the end. JIT_USAGE: an entry that cannot be
 * read, or one of sshd's or sudo's that says less than it must; it is passed
 * over, 'out->line' is where it begins, and the next call goes on after it.
 */
int jit_hostlog_next(struct jit_logged *out, struct jit_hostlog *x,
	struct jit_error *err) JIT_CHECKED;

#endif
