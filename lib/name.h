/* name: the grammar of principals, roles, resources and their like. */
#ifndef JIT_NAME_H
#define JIT_NAME_H

#define JIT_PRINCIPAL_MAX 256 /* bytes of a principal with its NUL */
#define JIT_LABEL_MAX 33
#define JIT_RESOURCE_MAX 81 /* bytes of a resource with its NUL */
#define JIT_TASK_MAX 65

#include <stdbool.h>

#include "error.h"

/* "alice@ex.com": [a-z0-9][a-z0-9._+-]{0,63}@[a-z0-9.-]{1,190} */
bool jit_name_principal(const char *s);

/* "on-call", "read": [a-z_][a-z0-9_-]{0,31}; roles, groups and rules. */
bool jit_name_label(const char *s);

/* "ssh:web-1": [a-z]{1,16}:[a-z0-9][a-z0-9.-]{0,62}; concrete, no globs. */
bool jit_name_resource(const char *s);

/* A task: 1 to 64 bytes of clean text without white space at its ends. */
bool jit_name_task(const char *s);

/* A reason or note: 1 to 500 bytes of clean text (text room). */
bool jit_name_reason(const char *s);

/* 64 lower-case hex digits. */
bool jit_name_sha256(const char *s);

/* "SHA256:" and 43 characters of unpadded base64: OpenSSH's fingerprint. */
bool jit_name_fingerprint(const char *s);

/*
 * Who attests a workload, and as whom: "https://login.ex.com repo:shop", an
 * OIDC or SPIFFE issuer, one blank, and the subject; at most 500 bytes of
 * printable ASCII.
 */
bool jit_name_attest(const char *s);

/* A word of an action: [A-Za-z0-9@%+=:,./_-]{1,128}. */
bool jit_name_word(const char *s);

/*
 * The same checks with an error that a person can read; 'what' is what it
 * is for. JIT_USAGE.
 */
int jit_name_want_principal(const char *s, struct jit_error *err) JIT_CHECKED;
int jit_name_want_resource(const char *s, struct jit_error *err) JIT_CHECKED;
int jit_name_want_label(const char *what, const char *s,
	struct jit_error *err) JIT_CHECKED;
int jit_name_want_task(const char *s, struct jit_error *err) JIT_CHECKED;
/* NULL will do, too. */
int jit_name_want_attest(const char *s, struct jit_error *err) JIT_CHECKED;
int jit_name_want_reason(const char *what, const char *s,
	struct jit_error *err) JIT_CHECKED;

#endif
