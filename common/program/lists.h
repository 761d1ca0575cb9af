/* SPDX-License-Identifier: MIT */
/* What extract and load take on the command line: lists with commas, and the bytes between and around cells. */
#ifndef LISTS_H
#define LISTS_H

#include "error.h"
#include "names.h"
#include "options.h"

/*
 * Appends the items of comma lists ("a,b" and once more "c" are three), in which \, is a comma and \\ a backslash; commas
 * within parentheses stand for themselves if `parentheses`. A list of an empty text has one item, which is empty.
 */
void list_split(const struct text_list *texts, bool parentheses, struct names *list);

/* "comma", "tab", "semicolon", "pipe", "space" or one byte that is neither quote nor line end. */
int delimiter_read(const char *text, unsigned char *delimiter, struct error *err) MUST_CHECK;
/* One byte that is neither blank nor line end; "none": *quote -1. */
int quote_read(const char *text, int *quote, struct error *err) MUST_CHECK;
enum { NO_COMMENT = -1 };
/* What begins a line that is a comment: one byte that is neither blank nor line end nor ". NULL or "": NO_COMMENT. */
int comment_read(const char *text, int *comment, struct error *err) MUST_CHECK;

#endif
