/* SPDX-License-Identifier: MIT */
/*
 * The rows of files, parsed in a thread of its own while the caller makes columns
 * out of those before them. The rows, their order and the errors are those of
 * files_next; what a row points to is a copy, there until the next call.
 * Between ahead_new and ahead_free nobody else may use `files`.
 */
#ifndef AHEAD_H
#define AHEAD_H

#include "files.h"

struct ahead;
struct ahead *ahead_new(struct files *files);   /* NULL: no thread was to be had */
int ahead_next(struct ahead *ahead, struct row **row, struct error *err) MUST_CHECK;
void ahead_free(struct ahead *ahead);           /* waits for the thread; NULL is fine */

#endif
