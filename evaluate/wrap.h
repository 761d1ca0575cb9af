/* SPDX-License-Identifier: MIT */
/* Words in lines: a title, then words parted by commas, broken before a terminal's edge. */
#ifndef WRAP_H
#define WRAP_H

#include "buffer.h"

struct wrap { struct buffer *to; size_t width, used, n; };

void wrap_start(struct wrap *wrap, struct buffer *to, const char *title, size_t width);        /* width 0: 100 */
void wrap_word(struct wrap *wrap, const char *word);           /* what a terminal should not see is escaped */
void wrap_end(struct wrap *wrap);

#endif
