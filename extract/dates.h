/* SPDX-License-Identifier: MIT */
/*
 * Columns of dates that are no times yet (date_text.h): 14/03/2024, 1 Mar 2024, or 20240314, which is a number, and
 * ISO dates in several forms, days beside times of day. They stay what they are, since nobody said that they are dates, and what
 * reads all of the column is told: a type of --types where all cells are written exactly alike, or in ISO forms; else the step
 * `parse` of recipe(5), which reads one digit for two, and several forms.
 *
 * All cells are looked at, of those with a dictionary its words, until one is no date: nearly always the first.
 */
#ifndef DATES_H
#define DATES_H

#include "batch.h"
#include "buffer.h"
#include "date_text.h"
#include "missing_words.h"

struct date_column;
/* A column so far; its holder zeroes it. none: it can be none of dates. */
struct dates { bool none; struct date_column *column; };
void dates_release(struct dates *dates);

/* Of text or int, made by a program of ours; any other type is none. words: which are null beside times (missing_words.h), and none of the dates. */
void dates_add(struct dates *dates, const struct column *column, enum type type, size_t n_rows, enum missing_words words);
void dates_add_text(struct dates *dates, const char *text, size_t size, enum missing_words words);

/* Whether one step or type reads all of the column; the rest is asked of such only. */
bool dates_found(const struct dates *dates);
/* In which orders its numbers may stand (bits of date_order); one bit where they leave nothing open. */
unsigned dates_orders(const struct dates *dates);
/* What reads it: "time(%d/%m/%Y)", true; or what stands behind `parse COLUMN as`, date "%d/%m/%Y %H:%M" "%d/%m/%Y", false. */
bool dates_print(const struct dates *dates, enum date_order order, struct buffer *to);

#endif
