/* playback: a recording, shown again after the ledger has vouched for it. */
#ifndef PLAYBACK_H
#define PLAYBACK_H

#include "cli.h"

/* "2", "0.5": times faster, 0.01 to 100, in hundredths. JIT_USAGE. */
int playback_speed(int64_t *hundredths, const char *s,
	struct jit_error *err) JIT_CHECKED;

/*
 * Play the recording at 'path' to standard output: to a terminal in its own
 * time, 'speed' hundredths as fast, and only what draws (tame room); to all
 * else as plain text at once. JIT_EVIDENCE, and nothing is played: no session
 * that the ledger has closed has this recording.
 */
int playback(struct cli *c, const char *path, int64_t speed,
	struct jit_error *err) JIT_CHECKED;

#endif
