/* report_line: one event as one line, for those that collect logs. */
#ifndef REPORT_LINE_H
#define REPORT_LINE_H

#include "event.h"
#include "hash.h"

/* What is the same in every line. */
struct report_form {
	bool syslog;        /* RFC 5424; else JSON */
	bool octets;        /* syslog: octet counting, RFC 6587 section 3.4.1 */
	const char *host;   /* HOSTNAME; "-": not known */
	int64_t enterprise; /* of the SD-ID, RFC 5424 section 7.2.2 */
};

/*
 * Append an event. As JSON what 'jit-audit -j log' prints; else a message of
 * RFC 5424: facility 13 (log audit), MSGID the type, an SD-ELEMENT with
 * each member that is a text, a number or a flag, and as MSG the subject.
 * Lists and objects stay in the ledger, where 'sha256' finds them.
 * JIT_TROUBLE: no memory.
 */
int report_line(struct jit_buf *out, const struct report_form *form,
	const struct jit_event *ev, const unsigned char oid[20],
	const unsigned char sha256[JIT_SHA256],
	struct jit_error *err) JIT_CHECKED;

#endif
