/* SPDX-License-Identifier: MIT */
/*
 * What the first rows are as a whole, before any is judged: whether another delimiter
 * or blanks seem to part their cells, whether the header is a title, and how many
 * empty cells stand behind those of the header in all of them.
 *
 *     first_look_begin -> first_look_add, row by row, while it gives true -> first_look_end
 */
#ifndef FIRST_LOOK_H
#define FIRST_LOOK_H

#include "row.h"

/* Empty cells behind those of the header, which are cut off: as many in all rows that were looked at. */
struct row_cut { bool known; size_t n; };

struct first_look {
	struct columns *columns;
	const char *delimiter;          /* that the rows seem to have; NULL: none */
	bool blanks;                    /* they may be words between blanks */
	struct words words;
	bool odd;                       /* not all is as it should be */
	struct header_search search;
	struct title_search titles;
	struct row_cut cut;
};

/* columns: named; they outlive the look, and are told where the header seems to be. */
void first_look_begin(struct first_look *look, struct columns *columns);
/* n_rows: this one is among so many. false: nothing is odd, and nothing more to be found. */
bool first_look_add(struct first_look *look, const struct row *row, uint64_t n_rows);
/* *behind_title: the line where the header seems to be if the first row is a title; 0: it is none. -1: one column, and the rows are of several:
 * what parts them is said. */
int first_look_end(const struct first_look *look, uint64_t *behind_title, struct error *err) MUST_CHECK;

/* Of a file of one column: another delimiter that the first line and this row (NULL: any) have equally often, or NULL. */
const char *first_delimiter(const struct columns *columns, const struct row *row);
/* The error that says so. Always -1. */
int first_fail_delimiter(const struct columns *columns, const char *other, struct error *err);

#endif
