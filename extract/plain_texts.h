/* SPDX-License-Identifier: MIT */
/* The cells of a column of texts as rows for a text builder (text_builder.h), many at once and without words that are null. */
#ifndef PLAIN_TEXTS_H
#define PLAIN_TEXTS_H

#include "cells.h"
#include "structure.h"
#include "text_builder.h"

/* Rows `from` .. `from` + n - 1. They show the block's bytes, and of texts in quotes those of `room`, whose old bytes go. way: with
 * AVX-512 or without, which gives the same (structure_best). */
void plain_text_rows(const struct cells *cells, size_t col, size_t from, size_t n, struct text_row *rows, struct buffer *room, enum structure_way way);

#endif
