/* SPDX-License-Identifier: MIT */
/* What extract and load take on the command line: lists with commas, and the bytes between and around cells. */
#ifndef LISTS_H
#define LISTS_H

#include "error.h"
#include "names.h"
#include "number_marks.h"
#include "options.h"

/*
 * Appends the items of comma lists ("a,b" and once more "c" are three), in which \, is a comma and \\ a backslash; commas
 * within parentheses stand for themselves if `parentheses`. A list of an empty text has one item, which is empty.
 */
void list_split(const struct text_list *texts, bool parentheses, struct names *list);

/* "comma", "tab", "semicolon", "pipe", "space" or one byte that is neither quote nor line end. */
int delimiter_read(const char *text, unsigned char *delimiter, struct error *err) MUST_CHECK;
/* The same, or several bytes, in `delimiter` with a NUL behind them. */
enum { DELIMITER_SIZE = 16 };
int delimiter_read_text(const char *text, char delimiter[DELIMITER_SIZE], struct error *err) MUST_CHECK;
/* One byte that is neither blank nor line end; "none": *quote -1. */
int quote_read(const char *text, int *quote, struct error *err) MUST_CHECK;
enum { NO_COMMENT = -1 };
/* What begins a line that is a comment: one byte that is neither blank nor line end nor ". NULL or "": NO_COMMENT. */
int comment_read(const char *text, int *comment, struct error *err) MUST_CHECK;

/* What escapes quotes and delimiters: one byte that is neither blank nor line end nor the quote. NULL or "none": *escape -1. */
int escape_read(const char *text, int quote, int *escape, struct error *err) MUST_CHECK;
/* --decimal and --thousands, NULL: a point, or a comma where a point is between thousands, and none. "comma", "point", "space", "none" or the byte. */
int number_marks_read(const char *decimal, const char *thousands, struct number_marks *marks, struct error *err) MUST_CHECK;

#endif
