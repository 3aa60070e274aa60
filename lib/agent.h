/* agent: a client of ssh-agent (draft-miller-ssh-agent), with a timeout. */
#ifndef JIT_AGENT_H
#define JIT_AGENT_H

#include <stdbool.h>

#include "key.h"

#define JIT_AGENT_ANSWER 5 /* seconds for the list of keys */
#define JIT_AGENT_TOUCH 30 /* seconds for a signature: a person may touch */

/*
 * Whether the agent at socket 'path' holds 'key'. JIT_TROUBLE: no agent, no
 * answer within JIT_AGENT_ANSWER seconds, or nonsense.
 */
int jit_agent_holds(bool *holds, const char *path, const struct jit_pubkey *key,
	struct jit_error *err) JIT_CHECKED;

/*
 * Have the agent sign 'msg' with 'key' and append the signature's wire form
 * (string type, string signature, and for security keys flags and counter).
 * JIT_TROUBLE: as above, or the agent or the person at it said no.
 */
int jit_agent_sign(struct jit_buf *out, const char *path,
	const struct jit_pubkey *key, const void *msg, size_t len,
	struct jit_error *err) JIT_CHECKED;

#endif
