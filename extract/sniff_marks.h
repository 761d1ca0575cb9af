/* SPDX-License-Identifier: MIT */
/*
 * Which marks the numbers of a file have, from the cells of its first rows, column by
 * column: a reading counts for a column if all its cells are numbers in it, and is proven by a cell that nothing else explains (sniff.h).
 * What one column proves holds for the file, unless another proves the contrary.
 */
#ifndef SNIFF_MARKS_H
#define SNIFF_MARKS_H

#include "number_marks.h"

struct marks_look;
/* Readings with a decimal comma, with a point: at least one of both; groups: with marks between these; given: what stands where nothing is looked for, and
 * else if nothing is proven. Where commas part the cells no number has one but in quotes: then it is a mark between groups at most. */
struct marks_look *marks_look_new(bool commas, bool points, bool groups, struct number_marks given);
void marks_look_free(struct marks_look *look);
/* A cell of a row behind the header, neither empty nor a word for a missing value. */
void marks_look_add(struct marks_look *look, size_t col, const char *cell, size_t size);
/* false: nothing is proven. */
bool marks_look_end(const struct marks_look *look, struct number_marks *marks);
/* Whether a cell is a number with a decimal comma, whatever is between its groups. */
bool marks_seem_comma(const char *cell, size_t size);

#endif
