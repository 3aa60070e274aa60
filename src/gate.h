/* gate: what sshd and PAM ask, by root's configuration and nothing else. */
#ifndef GATE_H
#define GATE_H

#include "cli.h"

#define GATE_DIR JIT_SYSCONFDIR "/jit"
#define GATE_CONF GATE_DIR "/jit.conf"
#define GATE_STATE "/var/lib/jit"
#define GATE_OUTBOX "/var/lib/jit-outbox" /* sealed on this host, by root */
#define GATE_KEEPER "/var/lib/jit-keeper" /* the keeper's memory, tapes */
#define GATE_ISSUER "/var/lib/jit-issuer" /* the issuing service's memory */
#define GATE_LIMIT (64 * 1024 * 1024)

/* jit.conf: one JSON object. */
struct gate {
	const char *ledger;      /* path of this host's ledger */
	const char *genesis;     /* its fingerprint */
	const char *state;       /* folder of its memory; else GATE_STATE */
	const char *host;        /* "web-1": what ssh:web-1 is */
	struct jit_map accounts; /* role: accounts; else the role's name */
	const char *key;         /* path of the host's own key; NULL: none */
	const char *issuer;      /* path of an issuer's key; NULL: none */
	const char *ca;          /* path of its CA's key; NULL: none */
	int64_t limit;           /* bytes of a recording; else GATE_LIMIT */

	struct jit_json *json;
	struct jit_arena mem;
};

/*
 * Read GATE_CONF, which with its folder must be root's and writable by nobody
 * else, and open the ledger it names. Neither the environment, HOME nor any
 * git config is asked. JIT_TROUBLE; JIT_EVIDENCE: another ledger than the one
 * it names.
 */
int gate_open(struct gate *g, struct cli *c, struct jit_error *err) JIT_CHECKED;

/*
 * The ledger is out of reach, which the failure of gate_open has in 'err':
 * what is remembered in 'memory' (NULL: the gate's own), with all that root
 * has sealed on this host. Only break-glass that was sealed here is live then.
 * Of what cannot be read there the gate does not know that it is no end:
 * JIT_TROUBLE; who names a memory goes on without.
 */
int gate_recall(const struct gate *g, struct cli *c, const char *memory,
	struct jit_error *err) JIT_CHECKED;

/* Whether what the gate knows gives 'grant': JIT_TROUBLE and why not. */
int gate_trust(const struct cli *c, const struct jit_grant *grant,
	struct jit_error *err) JIT_CHECKED;

/* Only the file. */
int gate_read(struct gate *g, struct jit_error *err) JIT_CHECKED;

/* The same for root's own use, with a memory in 'memory'. */
int gate_open_as(struct gate *g, struct cli *c, const char *memory,
	struct jit_error *err) JIT_CHECKED;

/*
 * The live grant of this host that issued the certificate ("%k", base64),
 * for a role that is 'account'; borrowed. JIT_NO and why.
 */
int gate_grant(const struct jit_grant **out, const struct gate *g,
	const struct cli *c, const char *account, const char *cert,
	struct jit_error *err) JIT_CHECKED;

/*
 * The principal that sshd may accept for 'account' with this certificate
 * ("%k", base64): ROLE@HOST of the live grant whose issue has its SHA-256.
 * JIT_NO and why. Appends to 'out'.
 */
int gate_principal(struct jit_buf *out, const struct gate *g,
	const struct cli *c, const char *account, const char *cert,
	struct jit_error *err) JIT_CHECKED;

void gate_free(struct gate *g);

#endif
