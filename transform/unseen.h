/* SPDX-License-Identifier: MIT */
/*
 * What of the records could not be used, by column: values that could not be read and, where steps are
 * replayed, what the training rows did not hold: levels and groups that were not learned. Counted in memory that grows with
 * the columns only; of the values a few are kept, for who may see them.
 *
 *     a zeroed struct unseen -> (unseen_add | unseen_show | unseen_group | unseen_show_group | unseen_lose | unseen_show_lost | unseen_hint | unseen_merge)... -> unseen_print -> unseen_release
 */
#ifndef UNSEEN_H
#define UNSEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "names.h"

struct unseen {
	struct names columns;
	struct unseen_column {
		uint64_t values, missing, lost, moved, tried, otherwise, grouped;
		const char *type, *zone, *hint;
		char *by;
		struct names shown, lost_shown, groups_shown;
	} *items;
	size_t room;
};

void unseen_add(struct unseen *unseen, const char *column, uint64_t n_values, uint64_t n_missing);     /* cells; adds nothing for 0 and 0 */
void unseen_show(struct unseen *unseen, const char *column, const char *text, size_t size);    /* one of the values; the first few different ones stay */
/* Missing cells that took the value of all rows, since for their group, in the column `by` (copied), none was learned. */
void unseen_group(struct unseen *unseen, const char *column, const char *by, uint64_t n);
void unseen_show_group(struct unseen *unseen, const char *column, const char *text, size_t size);
/* Cells that could not be read as the type (a name that stays), and are missing from here on. */
void unseen_lose(struct unseen *unseen, const char *column, const char *type, uint64_t n);
/* Times of another zone than this (a name that stays), which they were converted to. */
void unseen_move(struct unseen *unseen, const char *column, const char *zone, uint64_t n);
bool unseen_lost(const struct unseen *unseen, const char *type);       /* whether cells could not be read as this type */
void unseen_show_lost(struct unseen *unseen, const char *column, const char *text, size_t size);
/* Of n_tried cells of a column, n_otherwise of those that were lost would be read with `hint` ("decimal=comma", which stays). It is told
 * where they are most of the cells. */
void unseen_hint(struct unseen *unseen, const char *column, const char *hint, uint64_t n_tried, uint64_t n_otherwise);
void unseen_merge(struct unseen *to, const struct unseen *from);
/* One line for people, or nothing: "c: 3 values that training did not have, 1 missing; km: 2 not read as int (of 5 rows)".
 * values: shows some of them. all: columns, however many. */
void unseen_print(const struct unseen *unseen, uint64_t n_rows, bool values, bool all, struct buffer *to);
void unseen_release(struct unseen *unseen);

#endif
