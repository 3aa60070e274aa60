/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE /* O_TMPFILE */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "flush.h"
#include "unit.h"

int
main(void)
{
	struct jit_flush f = {0};
	int i, fd;

	CASE("nothing was begun");
	CHECK_INT(jit_flush_end(&f), 0);

	CASE("a file, and again");
	fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	for (i = 0; i < 3; i++) {
		CHECK_INT(write(fd, "x", 1), 1);
		jit_flush_begin(&f, fd);
		if (i > 0)
			CHECK_INT(jit_flush_end(&f), 0);
	}
	CHECK_INT(jit_flush_end(&f), 0);
	close(fd);

	CASE("what fails is said, each time it is asked");
	jit_flush_begin(&f, -1);
	CHECK_INT(jit_flush_end(&f), EBADF);
	CHECK_INT(jit_flush_end(&f), EBADF);
	return UNIT_DONE();
}
