/* What clang-tidy cannot see from outside lib/error.c: these return 'code'. */
#include "error.h"

#define jit_fail(err, code, ...) (jit_fail(err, code, __VA_ARGS__), (code))
#define jit_refuse(err, code, ...) (jit_refuse(err, code, __VA_ARGS__), (code))
#define jit_within(err, code, ...) (jit_within(err, code, __VA_ARGS__), (code))
#define jit_nomem(err) (jit_nomem(err), JIT_TROUBLE)
