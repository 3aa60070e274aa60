/* word: the parts of jit-policy, one function for each of its words. */
#ifndef POLICY_WORD_H
#define POLICY_WORD_H

#include "cli.h"
#include "policy_foresee.h"

struct policy_options {
	struct cli cli;
	const char *who;    /* -u */
	int64_t duration;   /* seconds; 0: not said */
	const char *task;   /* -t */
	const char *at;     /* --at */
	const char *policy; /* --policy */
	bool glass;
	struct cli_list actions; /* -a */
};

/* Each answers on stdout; 0 or a code. */
int policy_lint(struct policy_options *o, struct jit_error *err) JIT_CHECKED;
int policy_explain(struct policy_options *o, struct jit_error *err) JIT_CHECKED;
int policy_test(struct policy_options *o, struct jit_error *err) JIT_CHECKED;
int policy_diff(struct policy_options *o, struct jit_error *err) JIT_CHECKED;

/* What a word is about. Start with = {0}. */
struct policy_source {
	struct jit_state *state; /* the policy, and who is enrolled */
	bool enrolled;           /* by a ledger, not made up of the policy */
};

/*
 * The policy of 'file' ("-": stdin) with the people of the ledger, or those
 * that it names where no ledger is; NULL: the ledger's own. In force since
 * 'at'. The caller frees it. JIT_USAGE: it is no policy.
 */
int policy_source_open(struct policy_source *out, struct cli *c,
	const char *file, int64_t at, struct jit_error *err) JIT_CHECKED;
void policy_source_free(struct policy_source *source);

/* Read a JSON file of at most JIT_JSON_POLICY bytes. The caller frees it. */
int policy_read_json(struct jit_json **out, const char *path,
	struct jit_error *err) JIT_CHECKED;

#endif
