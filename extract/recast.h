/* SPDX-License-Identifier: MIT */
/* A column of one type into another, by the rules that cells follow (fit.h). */
#ifndef RECAST_H
#define RECAST_H

#include "batch.h"
#include "names.h"
#include "row.h"
#include "slots.h"

/* The value of a row as a cell; text stays where it lies. The column is read. */
void cell_of(const struct field *field, const struct column *column, size_t row, struct cell *cell);

/*
 * Makes `to` (COLUMN_INIT) of n_rows values: of the slot's type, null where `from` is and where the value is one of `nulls`. Where a value
 * is none of that type the row's bit is set in `misfits` (a bit map, which other columns have written to), and it is null, too. `from` is
 * read; what stays as it is is shared.
 */
void recast(const struct field *field, const struct column *from, size_t n_rows, const struct slot *slot, const struct names *nulls,
            struct pool *pool, struct column *to, uint64_t *misfits);

#endif
