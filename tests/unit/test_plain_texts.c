/* SPDX-License-Identifier: MIT */
/* Texts of a column with and without quotes, of any size, as cells.h has each by itself: with AVX-512 and without. */
#include <stdlib.h>

#include "csv_plain.h"
#include "memory.h"
#include "plain_texts.h"
#include "rng.h"
#include "unit.h"

enum { BLOCKS = 3000, COLUMNS = 2, MOST_ROWS = 40, MOST_CELL = 300, MOST_SIZE = MOST_ROWS * COLUMNS * (2 * MOST_CELL + 4) };

/* A cell, perhaps in quotes, with doubled ones: none, few or nothing else. */
static size_t print_cell(struct rng *rng, char *to, char quote)
{
	size_t n = rng_below(rng, rng_below(rng, 4) ? 70 : MOST_CELL), one_of = (size_t)1 << rng_below(rng, 8), size = 0;

	if (rng_below(rng, 3) == 0) {
		memset(to, 'x', n);
		return n;
	}
	to[size++] = quote;
	for (size_t i = 0; i < n; i++) {
		bool doubled = one_of < 128 && rng_below(rng, one_of) == 0;

		to[size++] = doubled ? quote : (char)("abc,\n;\xc3\xa4" [rng_below(rng, 8)]);
		if (doubled)
			to[size++] = quote;
	}
	to[size++] = quote;
	return size;
}

static size_t print_rows(struct rng *rng, char *to, size_t n_rows, char quote)
{
	size_t size = 0;

	for (size_t i = 0; i < n_rows * COLUMNS; i++) {
		size += print_cell(rng, to + size, quote);
		to[size++] = i % COLUMNS < COLUMNS - 1 ? ',' : '\n';
	}
	return size;
}

static bool column_is_right(const struct cells *cells, size_t col, size_t from, enum structure_way way, size_t *n_doubled)
{
	struct text_row rows[MOST_ROWS];
	struct buffer room = BUFFER_INIT, text = BUFFER_INIT;
	bool right = true;

	plain_text_rows(cells, col, from, cells->n_rows - from, rows, &room, way);
	for (size_t row = from; row < cells->n_rows && right; row++) {
		const struct text_row *found = &rows[row - from];
		struct cell cell = cells_cell(cells, row, col, &text);

		right = found->missing == (cell.kind == CELL_NULL) && found->size == cell.size && memcmp(found->text, cell.as.text, cell.size) == 0;
		*n_doubled += cell.as.text == (const char *)text.data;
	}
	buffer_free(&room);
	buffer_free(&text);
	return right;
}

int main(void)
{
	char *bytes = mem_new(MOST_SIZE, 1);
	struct rng rng;
	size_t n_doubled = 0;
	bool right = true;

	rng_seed(&rng, 41);
	TEST("texts of a block are those of its cells");
	for (int i = 0; i < BLOCKS && right; i++) {
		size_t n_rows = 1 + rng_below(&rng, MOST_ROWS), size = print_rows(&rng, bytes, n_rows, i % 3 ? '"' : '\'');
		char *exactly = malloc(size + INPUT_SLACK);     /* no byte more than may be read */
		struct cells cells = CELLS_INIT;

		memcpy(exactly, bytes, size);
		memset(exactly + size, i % 2 ? '"' : 'y', INPUT_SLACK);
		cells_split(&cells, exactly, size, COLUMNS, SIZE_MAX, ',', i % 3 ? '"' : '\'', NO_COMMENT);
		right = cells.n_rows == n_rows;
		for (int way = STRUCTURE_PLAIN; way <= (int)structure_best() && right; way++)
			for (size_t col = 0; col < COLUMNS && right; col++)
				right = column_is_right(&cells, col, rng_below(&rng, n_rows), (enum structure_way)way, &n_doubled);
		cells_release(&cells);
		free(exactly);
	}
	CHECK(right);
	CHECK(n_doubled > BLOCKS * 10);
	free(bytes);
	return unit_done();
}
