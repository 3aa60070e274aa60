/* SPDX-License-Identifier: ISC */
/* Columns that line up, whatever is in them. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "text.h"

#define GAP 2 /* blanks between columns */

static int
grow(struct table *t, struct jit_error *err)
{
	size_t cap = t->cap > 0 ? 2 * t->cap : 64;
	void *p;

	if (t->count < t->cap)
		return 0;
	p = reallocarray(t->cells, cap, sizeof(*t->cells));
	if (p == NULL)
		return jit_nomem(err);
	t->cells = p;
	t->cap = cap;
	return 0;
}

int
table_put(struct table *t, const char *text, struct jit_error *err)
{
	struct jit_buf shown = {0};
	int rc;

	rc = grow(t, err);
	if (rc < 0)
		return rc;
	if (text == NULL || text[0] == '\0')
		text = "-";
	jit_text_escape(&shown, text, strlen(text));
	rc = jit_buf_failed(&shown, err);
	t->cells[t->count] = rc ? NULL : strdup(jit_buf_text(&shown));
	jit_buf_free(&shown);
	if (t->cells[t->count] == NULL)
		return jit_nomem(err);
	t->count++;
	return 0;
}

/* Characters, not bytes: UTF-8's followers do not count. */
static size_t
width(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static size_t
widest(const struct table *t, size_t column)
{
	size_t i, n, most = 0;

	for (i = column; i < t->count; i += t->columns) {
		n = width(t->cells[i]);
		most = n > most ? n : most;
	}
	return most;
}

static void
print_row(char *const *cells, const size_t *wide, size_t columns)
{
	size_t i, pad;

	for (i = 0; i < columns; i++) {
		pad = i + 1 < columns ? wide[i] - width(cells[i]) + GAP : 0;
		cli_out("%s%*s", cells[i], (int)pad, "");
	}
	cli_out("\n");
}

void
table_print(const struct table *t)
{
	size_t wide[16] = {0}, i;

	if (t->count == 0)
		return;
	for (i = 0; i < t->columns && i < 16; i++)
		wide[i] = widest(t, i);
	for (i = 0; i + t->columns <= t->count; i += t->columns)
		print_row(t->cells + i, wide, t->columns);
}

void
table_free(struct table *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		free(t->cells[i]);
	free(t->cells);
	*t = (struct table){.columns = t->columns};
}
