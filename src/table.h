/* table: columns that line up, whatever is in them. */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

#include "error.h"

/* Cells row by row, kept until all widths are known. Start with = {0} but
 * for 'columns'. */
struct table {
	size_t columns;
	size_t count, cap; /* cells */
	char **cells;
};

/* Add the next cell: escaped, and "-" where there is nothing to say. */
int table_put(struct table *t, const char *text,
	struct jit_error *err) JIT_CHECKED;

/* Write whole rows to stdout (cli_out), two blanks between columns. */
void table_print(const struct table *t);

void table_free(struct table *t);

#endif
