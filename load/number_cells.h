/* SPDX-License-Identifier: MIT */
/*
 * Private to line_cells: the numbers of a column as texts.
 *
 * What is printed of a column is mostly ints: its own, or its reals by a power of ten
 * that is the column's, since few decimals are what files have. Those near 0 are known
 * (known_numbers.h), the others are printed into slots, a row each; and what is no
 * such int goes the long way (number.h).
 */
#ifndef NUMBER_CELLS_H
#define NUMBER_CELLS_H

#include "batch.h"
#include "cell_text.h"
#include "known_numbers.h"
#include "number.h"
#include "number_marks.h"

enum { NUMBER_SLOT = NUMBER_SIZE };

struct number_cells {
	enum type type;
	int form;                       /* the decimals of a real's form, or FORM_SHORTEST */
	struct number_marks marks;
	struct known_numbers *known;    /* of all columns; NULL: marks are put into slots */
	unsigned decimals;              /* of a real whose text is the shortest: by which power of ten most rows of the batch were ints so far */
	bool odd;                       /* by none they were */
	size_t n_rows;                  /* at most so many at a time */
	int32_t *ints;                  /* of the rows at hand */
	double *reals;                  /* of rows whose narrow ints do not print */
	char *slots;
};

/* Of an int or real field whose form has `form` decimals. n_rows: the most that are asked for at once. known: lasts as long. */
void number_cells_init(struct number_cells *cells, enum type type, int form, struct number_marks marks, size_t n_rows, struct known_numbers *known);
void number_cells_release(struct number_cells *cells);
/* Another batch begins. */
void number_cells_begin(struct number_cells *cells);
/* Rows row .. row + n - 1 of a column that is read, or narrow and checked, into to[0], to[stride] ...; there until the next call. What is missing prints as 0. Their sizes,
 * put together with |. */
size_t number_cells_print(struct number_cells *cells, const struct column *column, size_t row, size_t n, struct cell_text *to, size_t stride);

#endif
