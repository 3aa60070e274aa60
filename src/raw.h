/* raw: the user's terminal, out of the way of another, and back as it was. */
#ifndef RAW_H
#define RAW_H

#include <stdbool.h>

#include "error.h"

/*
 * Pass every key and every byte of 'fd' on as it is. Until raw_off there is
 * one such terminal. JIT_TROUBLE.
 */
int raw_on(int fd, struct jit_error *err) JIT_CHECKED;

/* Again, after a stop in which somebody else used it. */
void raw_again(void);

/* As it was before; nothing where it is not on. */
void raw_off(void);

bool raw_is_on(void);

#endif
