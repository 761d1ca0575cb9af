/* SPDX-License-Identifier: MIT */
/* Lists of row numbers, ascending: those of `split rows=FILE`, and how a state keeps them. */
#ifndef ROW_NUMBERS_H
#define ROW_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "host.h"
#include "pack.h"

struct row_numbers { int64_t *items; size_t n, room; };
void row_numbers_release(struct row_numbers *numbers);

/* One number a line, in any order, some perhaps twice; blank lines are passed over. */
int row_numbers_read(struct row_numbers *numbers, const char *path, const struct host *host, struct error *err) MUST_CHECK;

/* As differences: 7 bits a byte, low ones first, the top bit says that more follow. About a byte a number. */
void row_numbers_pack(struct buffer *to, const struct row_numbers *numbers);
bool row_numbers_unpack(object bin, struct row_numbers *numbers);

/* *at is where the search ended: kept between calls it makes the search for rows in order short. Begins as 0. */
bool row_numbers_have(const struct row_numbers *numbers, int64_t number, size_t *at);

#endif
