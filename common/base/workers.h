/* SPDX-License-Identifier: MIT */
/* Threads that do numbered tasks side by side. Who does which task is left to chance, so a task writes only what is its own. */
#ifndef WORKERS_H
#define WORKERS_H

#include <stddef.h>

struct workers;
struct workers *workers_new(int threads);       /* 1: no thread is made, the caller does the tasks in order */
/* Does tasks 0 .. n - 1 and returns when all are done; the caller works too. */
void workers_run(struct workers *workers, size_t n, void (*task)(void *state, size_t i), void *state);
void workers_free(struct workers *workers);     /* NULL is fine */

#endif
