/* connector: the program that makes, ends and tries access at a target. */
#ifndef CONNECTOR_H
#define CONNECTOR_H

#include <stdbool.h>

#include "errand.h"

#define CONNECTOR_DIR JIT_LIBEXECDIR "/connectors"
#define CONNECTOR_TARGETS JIT_SYSCONFDIR "/jit/targets"
#define CONNECTOR_SECONDS 30 /* the target's "timeout" says otherwise */

/*
 * Ask the connector of the resource's scheme, CONNECTOR_DIR/SCHEME, by the
 * protocol of jit-connector(5). errand->resource is always needed; target is
 * that of connector_target; for the verbs about a grant all else is the
 * grant's. On 0 the caller frees '*out' with jit_reply_free. Else nothing is
 * known of what it did; every verb may be asked again:
 *
 *	JIT_NO        it refuses, by a rule of the target's
 *	JIT_USAGE     it cannot do what is asked: such a question is never
 *	              answered, or its target file is wrong
 *	JIT_UNPROVEN  revoke: what it could, and something is still there
 *	JIT_TROUBLE   all else: it is not there, hangs, dies, says too much or
 *	              nonsense; its file may be written by others
 *
 * The error says which connector, and what it said in its one line.
 */
int connector_run(struct jit_reply *out, enum jit_verb verb,
	const struct jit_errand *errand, struct jit_error *err) JIT_CHECKED;

/* Whether there is a connector for the resource's scheme. It is not run. */
bool connector_exists(const char *resource);

/*
 * What root wrote of a resource: CONNECTOR_TARGETS/SCHEME/NAME.json, as a
 * JSON object that the caller frees; NULL where there is no such file. It and
 * the folders above must be root's, or the caller's own, and writable by
 * nobody else. JIT_TROUBLE.
 */
int connector_target(struct jit_json **out, const char *resource,
	struct jit_error *err) JIT_CHECKED;

/*
 * Leave out what requesters are told of a target ("connect"): that is none of
 * its connector's business. JIT_TROUBLE: no memory.
 */
int connector_strip(struct jit_json **target,
	struct jit_error *err) JIT_CHECKED;

/*
 * Each resource of which root wrote something here, in no order, until one
 * visit is not 0, which is what is returned. JIT_TROUBLE: a folder of targets
 * cannot be listed.
 */
typedef int connector_visit(const char *resource, void *arg,
	struct jit_error *err);
int connector_targets(connector_visit *visit, void *arg,
	struct jit_error *err) JIT_CHECKED;

#endif
