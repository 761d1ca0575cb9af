/* SPDX-License-Identifier: MIT */
/* Text: UTF-8, globs, names that were nearly right, and printing what may hold anything. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;

bool text_is_ascii(const char *bytes, size_t size);     /* no byte is 0x80 or more */
bool text_is_utf8(const char *bytes, size_t size);      /* no overlong forms, no surrogates, up to U+10FFFF; NUL is fine */
/* How many bytes are UTF-8, from the first on. *n_broken: of the sequence behind them, the longest that begins a character, or 1 (Unicode 16.0,
 * 3.9.6, maximal subparts); 0: it is only cut, or there is none. */
size_t text_utf8_until(const char *bytes, size_t size, size_t *n_broken);
size_t text_columns(const char *bytes, size_t size);    /* cells on a terminal: code points, wide ones (CJK, emoji) as 2, combining 0 */
size_t text_count(const char *bytes, size_t size);      /* code points */

/* A blank of files and recipes: space or tab. */
static inline bool text_is_blank(char c) { return c == ' ' || c == '\t'; }
static inline bool text_is_digit(char c) { return c >= '0' && c <= '9'; }
/* The line from *bytes on, without its LF or CRLF, which *bytes is behind then. whole: the last one may lack its end. false: there is none. */
bool text_next_line(const char **bytes, const char *end, bool whole, const char **line, size_t *size);
void text_drop_blanks(const char **bytes, size_t *size);        /* those at both ends */
static inline bool text_is_quoted(const char *bytes, size_t size, char quote) { return size > 1 && bytes[0] == quote && bytes[size - 1] == quote; }

/* Shell-like: `*`, `?` (a code point), `[a-z]`, `[!a]`, `\x`. */
bool text_glob(const char *pattern, const char *name);
bool text_is_glob(const char *word);

/* The name closest to `word` by edits (Damerau-Levenshtein, at most a third of the length, letter case free); NULL if none is close. */
const char *text_closest(const char *word, const char *(*name)(const void *list, size_t i), const void *list, size_t n);

/*
 * What people read, whoever wrote it: nothing in it may steer the terminal or the log that it goes to. Control characters (also
 * U+0080 to U+009F), what turns the direction of writing, line and paragraph separators and bytes that are no UTF-8 are shown as
 * escapes: \n, \t, \x1b, \xc2\x9b. All output for people passes one of these, names and values before they are put into a line.
 */
void text_show(struct buffer *to, const char *bytes, size_t size, bool lines);         /* lines: line ends and tabs stay */
void text_show_name(struct buffer *to, const char *name);                               /* text_show of all of it, in one line */
/* A word as a shell reads it back: in '...' where it must be. */
void text_shell_word(struct buffer *to, const char *word);
/* An item of a comma list (lists.h) as it stands within '...' of a shell. */
void text_list_item(struct buffer *to, const char *item);
/* A cell: also backslashes as \\; cut to max_columns places with "…" (0: whole). */
void text_escape(struct buffer *to, const char *bytes, size_t size, size_t max_columns);

bool text_equal_nocase(const char *a, const char *b);   /* ASCII */

#endif
