/* SPDX-License-Identifier: ISC */
#include "raw.h"

#include <errno.h>
#include <string.h>
#include <termios.h>

static struct {
	bool on;
	int fd;
	struct termios before, raw;
} terminal;

int
raw_on(int fd, struct jit_error *err)
{
	struct termios now;

	if (tcgetattr(fd, &now) != 0)
		return jit_fail(err, JIT_TROUBLE, "the terminal: %s",
			strerror(errno));
	terminal.fd = fd;
	terminal.before = now;
	terminal.raw = now;
	cfmakeraw(&terminal.raw);
	terminal.on = true;
	if (tcsetattr(fd, TCSANOW, &terminal.raw) == 0)
		return 0;
	jit_fail(err, JIT_TROUBLE, "the terminal: %s", strerror(errno));
	raw_off();
	return JIT_TROUBLE;
}

void
raw_again(void)
{
	if (terminal.on)
		tcsetattr(terminal.fd, TCSANOW, &terminal.raw);
}

void
raw_off(void)
{
	if (terminal.on)
		tcsetattr(terminal.fd, TCSANOW, &terminal.before);
	terminal.on = false;
}

bool
raw_is_on(void)
{
	return terminal.on;
}
