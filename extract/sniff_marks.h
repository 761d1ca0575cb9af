/* SPDX-License-Identifier: MIT */
/*
 * Which marks the numbers of a file have, from the cells of its first rows, column by
 * column: a reading counts for a column if all its cells are numbers in it, and is proven by a cell that nothing else explains (sniff.h).
 * What one column proves holds for the file, unless another proves the contrary.
 */
#ifndef SNIFF_MARKS_H
#define SNIFF_MARKS_H

#include "number_marks.h"

struct sniff_marks;
/* Readings with a decimal comma, with a point: at least one of both; groups: with marks between these; given: what stands where nothing is looked for, and
 * else if nothing is proven. Where commas part the cells no number has one but in quotes: then it is a mark between groups at most. */
struct sniff_marks *sniff_marks_new(bool commas, bool points, bool groups, struct number_marks given);
void sniff_marks_free(struct sniff_marks *look);
/* A cell of a row behind the header, neither empty nor a word for a missing value. */
void sniff_marks_add(struct sniff_marks *look, size_t col, const char *cell, size_t size);
/* false: nothing is proven. */
bool sniff_marks_end(const struct sniff_marks *look, struct number_marks *marks);
/* Whether a cell is a number with a decimal comma, whatever is between its groups. */
bool sniff_marks_comma(const char *cell, size_t size);

#endif
