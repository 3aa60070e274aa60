/* agent_answer: an ssh-agent's side of the talk, for one key and its logins. */
#ifndef JIT_AGENT_ANSWER_H
#define JIT_AGENT_ANSWER_H

#include "key.h"

#define JIT_AGENT_REQUEST (32 * 1024) /* bytes of the longest request */

/*
 * Append the wire form of a signature over 'msg' (RFC 8709 section 6), as
 * jit_signer_sign does.
 */
typedef int jit_agent_signs(struct jit_buf *wire, const void *msg, size_t len,
	void *arg, struct jit_error *err);

/* What the agent holds: a key, and the certificates for it. */
struct jit_agent_hand {
	const struct jit_pubkey *key;
	const struct jit_buf *certs; /* wire forms; the first is listed first */
	size_t certs_count;
	const char *comment;
	jit_agent_signs *sign; /* NULL: it holds nothing any more */
	void *arg;             /* of 'sign' */
};

/*
 * Append the answer to one request (draft-miller-ssh-agent section 3), both
 * without their length. The identities are the certificates, then the key.
 * It signs what logs somebody in with one of them (RFC 4252 section 7, and
 * OpenSSH's hostbound form) and nothing else: no event, no commit, no file.
 * To all else, extensions too, it answers SSH_AGENT_FAILURE; OpenSSH's
 * client takes that for its session-bind. JIT_TROUBLE: no memory.
 */
int jit_agent_answer(struct jit_buf *out, const struct jit_agent_hand *hand,
	const void *request, size_t len, struct jit_error *err) JIT_CHECKED;

#endif
