/* SPDX-License-Identifier: ISC */
#include "report_cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "name.h"

int
report_cursor_read(char cursor[JIT_HEX256], const char *path,
	struct jit_error *err)
{
	struct jit_buf text = {0};
	struct stat st;
	int rc;

	cursor[0] = '\0';
	if (!path || (stat(path, &st) != 0 && errno == ENOENT))
		return 0;
	rc = cli_read_file(&text, path, 4096, err);
	if (rc == 0 && text.len && text.data[text.len - 1] == '\n')
		text.data[text.len - 1] = '\0';
	if (rc == 0 && jit_name_sha256(jit_buf_text(&text)))
		memcpy(cursor, jit_buf_text(&text), JIT_HEX256);
	else if (rc == 0)
		rc = jit_fail(err, JIT_USAGE,
			"'%s' is no cursor: it holds no SHA-256 of an event",
			path);
	jit_buf_free(&text);
	return rc;
}

static int
failed(const char *path, struct jit_error *err)
{
	return jit_fail(err, JIT_TROUBLE, "cannot write the cursor '%s': %s",
		path, strerror(errno));
}

/* Always by the same other name, so that nothing piles up. */
int
report_cursor_write(const char *path, const char *cursor, struct jit_error *err)
{
	char temp[4096], line[JIT_HEX256 + 1];
	int fd, rc = 0;

	if (!path)
		return 0;
	if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp))
		return jit_fail(err, JIT_USAGE, "'%.40s...' is too long", path);
	snprintf(line, sizeof(line), "%s\n", cursor);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		0644);
	if (fd < 0)
		return failed(path, err);
	if (write(fd, line, JIT_HEX256) != JIT_HEX256 || fsync(fd) != 0)
		rc = failed(path, err);
	close(fd);
	if (rc == 0 && rename(temp, path) != 0)
		rc = failed(path, err);
	if (rc)
		unlink(temp);
	return rc;
}
