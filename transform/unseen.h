/* SPDX-License-Identifier: MIT */
/*
 * What records hold that the training rows did not, by column: levels and groups that
 * were not learned, values that could not be read. Counted in memory that grows with
 * the columns only; of the values a few are kept, for who may see them.
 *
 *     a zeroed struct unseen -> (unseen_add | unseen_show | unseen_lose | unseen_show_lost)... -> unseen_print -> unseen_release
 */
#ifndef UNSEEN_H
#define UNSEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "names.h"

struct unseen {
	struct names columns;
	struct unseen_column { uint64_t values, missing, lost; const char *type; struct names shown, lost_shown; } *items;
	size_t room;
};

void unseen_add(struct unseen *unseen, const char *column, uint64_t n_values, uint64_t n_missing);     /* cells; adds nothing for 0 and 0 */
void unseen_show(struct unseen *unseen, const char *column, const char *text, size_t size);    /* one of the values; the first few different ones stay */
/* Cells that could not be read as the type (a name that stays), and are missing from here on. */
void unseen_lose(struct unseen *unseen, const char *column, const char *type, uint64_t n);
void unseen_show_lost(struct unseen *unseen, const char *column, const char *text, size_t size);
/* One line for people, or nothing: "c: 3 values that training did not have, 1 missing; km: 2 not read as int (of 5 rows)".
 * values: shows some of them. all: columns, however many. */
void unseen_print(const struct unseen *unseen, uint64_t n_rows, bool values, bool all, struct buffer *to);
void unseen_release(struct unseen *unseen);

#endif
