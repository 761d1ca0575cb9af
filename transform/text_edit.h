/* SPDX-License-Identifier: MIT */
/* What the step `text` and the functions of expressions do to a text: UTF-8 in, UTF-8 out. */
#ifndef TEXT_EDIT_H
#define TEXT_EDIT_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;

/* Without blanks at both ends: space, tab, CR, LF, VT, FF, and U+00A0 (no-break space). Moves the pointer, changes the size. */
void text_trim(const char **bytes, size_t *size);
/* Appends the text with each run of blanks as one space. */
void text_squeeze(struct buffer *to, const char *bytes, size_t size);
/* Append the text in small or capital letters: those of Latin, Greek and Cyrillic that have exactly one counterpart. */
void text_lower(struct buffer *to, const char *bytes, size_t size);
void text_upper(struct buffer *to, const char *bytes, size_t size);

/* Where `what` begins in bytes, from byte `from` on; NULL: nowhere. */
const char *text_find(const char *bytes, size_t size, size_t from, const char *what, size_t what_size);
bool text_begins(const char *bytes, size_t size, const char *with, size_t with_size);
bool text_ends(const char *bytes, size_t size, const char *with, size_t with_size);
/* Appends the text with every `old`, from the left, replaced; an empty `old` is found nowhere. */
void text_replace(struct buffer *to, const char *bytes, size_t size, const char *old, size_t old_size, const char *new, size_t new_size);

#endif
