/* tty: asking a person, on the terminal and nowhere else. */
#ifndef TTY_H
#define TTY_H

#include "buf.h"
#include "error.h"

/*
 * Show 'screen' on /dev/tty and ask 'question' there ("Approve? [y/N] ").
 * 1: yes, 0: no. JIT_NO where there is no terminal: "no terminal to ask on:
 * -y says yes".
 */
int tty_ask(const char *screen, const char *question,
	struct jit_error *err) JIT_CHECKED;

/*
 * The same with several answers: 'letters' like "yns"; returns the chosen
 * letter, or '\0' with JIT_NO in err where there is no terminal (then
 * 'instead' says what to do) or its end came. An empty answer is the last
 * letter.
 */
char tty_choose(const char *screen, const char *question, const char *letters,
	const char *instead, struct jit_error *err);

/*
 * One line of text, asked with 'question'; false where there is no terminal
 * or nothing was typed. What does not fit 'size' bytes is dropped.
 */
bool tty_line(char *line, size_t size, const char *question);

/* Columns of /dev/tty, 80 where it does not say. */
int tty_columns(void);

/*
 * Append 's' escaped and wrapped at 'columns', each line after the first
 * indented by 'indent' blanks, ended by a newline.
 */
void tty_wrap(struct jit_buf *out, const char *s, int indent, int columns);

#endif
