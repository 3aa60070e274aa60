/* dropin: the file of sudoers that is a grant, and only that grant's. */
#ifndef DROPIN_H
#define DROPIN_H

#include "errand.h"

#define DROPIN_SUDOERS "/etc/sudoers"
#define DROPIN_FOLDER "/etc/sudoers.d"

/*
 * Let 'account' do on 'host' ("ALL": any) what the grant says, as its role,
 * until its end: write 'dir'/jit-ID, whole and checked by visudo within all
 * of sudoers, before and after it is read. What is there already is replaced.
 * JIT_TROUBLE: then all is as it was.
 */
int dropin_put(const char *dir, const char *host, const char *account,
	const struct jit_errand *grant, struct jit_error *err) JIT_CHECKED;

/* Remove it; fine where it is gone. JIT_TROUBLE. */
int dropin_remove(const char *dir, const char *id,
	struct jit_error *err) JIT_CHECKED;

#endif
