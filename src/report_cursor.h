/* report_cursor: the file that says how far an export has come. */
#ifndef REPORT_CURSOR_H
#define REPORT_CURSOR_H

#include "error.h"
#include "hash.h"

/*
 * The SHA-256 that is in the file, or "" where there is no such file or
 * 'path' is NULL. JIT_USAGE: something else is in it.
 */
int report_cursor_read(char cursor[JIT_HEX256], const char *path,
	struct jit_error *err) JIT_CHECKED;

/*
 * Put it there, durably: whole, or as it was. A NULL 'path' is no file.
 * JIT_TROUBLE.
 */
int report_cursor_write(const char *path, const char *cursor,
	struct jit_error *err) JIT_CHECKED;

#endif
