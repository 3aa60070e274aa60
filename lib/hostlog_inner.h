/* hostlog_inner: what the parts of the hostlog room share. */
#ifndef JIT_HOSTLOG_INNER_H
#define JIT_HOSTLOG_INNER_H

#include "hostlog.h"
#include "json.h"

/*
 * Take off what a log puts before each message: '*out' has when and where,
 * '*program' and '*message' (borrowed; "" where none is named) who said it
 * and what. The line is changed. JIT_USAGE: it begins with no date.
 */
int jit_hostlog_frame(struct jit_logged *out, const char **program,
	const char **message, char *line, int64_t now, int64_t zone,
	struct jit_error *err) JIT_CHECKED;

/* Whether anything is to be known of that program's messages. */
bool jit_hostlog_heeds(const char *program);

/* What a message of a program says. JIT_USAGE: less than it must. */
int jit_hostlog_say(struct jit_logged *out, const char *program,
	const char *message, struct jit_error *err) JIT_CHECKED;

/* What one member of sudo's JSON says, "accept" or another. JIT_USAGE. */
int jit_hostlog_sudo(struct jit_logged *out, const char *name,
	const struct jit_json *v, struct jit_error *err) JIT_CHECKED;

/* Copy what fits. */
void jit_hostlog_put(char *to, size_t size, const char *text, size_t len);

#endif
