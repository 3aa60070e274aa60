/* cgroup: folders of cgroup v2, each with the processes of one session. */
#ifndef CGROUP_H
#define CGROUP_H

#include <sys/types.h>

#include "buf.h"

/*
 * Append the folder that all others are made in: "jit" in the hierarchy of
 * version 2, wherever that is mounted; it is made. JIT_TROUBLE: there is
 * none, or it cannot be written.
 */
int cgroup_root(struct jit_buf *out, struct jit_error *err) JIT_CHECKED;

/* A new folder. JIT_TROUBLE. */
int cgroup_make(const char *path, struct jit_error *err) JIT_CHECKED;

/* Move a process there; what it starts from then on is there too. */
int cgroup_take(const char *path, pid_t pid, struct jit_error *err) JIT_CHECKED;

/* Append the folder below 'root' that a process is in; false: in none. */
bool cgroup_of(struct jit_buf *out, const char *root, pid_t pid);

/* Whether anything lives there or below; false too where it is gone. */
bool cgroup_busy(const char *path);

/* How many processes live there and below. */
int64_t cgroup_count(const char *path);

/*
 * SIGKILL to all that live there and below, and to what they are about to
 * start: the kernel's own, so nothing outruns it.
 */
void cgroup_kill(const char *path);

/* Remove it and the empty folders below. */
void cgroup_remove(const char *path);

/* The names of the folders in 'path', one after another, each with its NUL. */
void cgroup_list(struct jit_buf *out, const char *path);

#endif
