/* SPDX-License-Identifier: MIT */
/* Whatever csv_split_plain accepts, libcsv reads as the same row. Lines out of few characters, so that all edges come. */
#include <csv.h>
#include <stdlib.h>

#include "csv_plain.h"
#include "rng.h"
#include "unit.h"

enum { MOST_CELLS = 32, MOST_SIZE = 14, LINES = 400000 };

struct parsed { size_t n, n_rows; struct { bool null; char text[MOST_SIZE + 1]; size_t size; } cells[MOST_CELLS]; };

static int no_blank(unsigned char byte)
{
	(void)byte;
	return 0;
}

static void on_cell(void *bytes, size_t size, void *data)
{
	struct parsed *parsed = data;

	parsed->cells[parsed->n].null = !bytes;
	parsed->cells[parsed->n].size = size;
	if (bytes)
		memcpy(parsed->cells[parsed->n].text, bytes, size);
	parsed->n++;
}

static void on_row(int byte, void *data)
{
	(void)byte;
	((struct parsed *)data)->n_rows++;
}

/* The line as libcsv has it; false: it refuses it. */
static bool parse(const char *line, size_t size, struct parsed *parsed)
{
	struct csv_parser parser;
	bool fine;

	*parsed = (struct parsed){ .n = 0 };
	csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL);
	csv_set_space_func(&parser, no_blank);
	fine = csv_parse(&parser, line, size, on_cell, on_row, parsed) == size && csv_fini(&parser, on_cell, on_row, parsed) == 0;
	csv_free(&parser);
	return fine;
}

static bool same(const struct row *row, const struct parsed *parsed)
{
	if (row->n_cells != parsed->n || parsed->n_rows != 1)
		return false;
	for (size_t i = 0; i < parsed->n; i++) {
		const struct cell *cell = &row->cells[i];

		if ((cell->kind == CELL_NULL) != parsed->cells[i].null || cell->size != parsed->cells[i].size ||
		    (cell->size && memcmp(cell->as.text, parsed->cells[i].text, cell->size) != 0))
			return false;
	}
	return true;
}

int main(void)
{
	static const char alphabet[] = "ab,,\"\" ";
	static const char *const ends[] = { "\n", "\r\n", "" };
	struct cell cells[MOST_CELLS];
	struct row row = { .cells = cells, .room = MOST_CELLS };
	struct parsed parsed;
	struct rng rng;
	size_t n_plain = 0, n_refused = 0;
	bool all_same = true;

	TEST("a line that is split without libcsv is the row that libcsv makes of it");
	rng_seed(&rng, 7);
	for (int i = 0; i < LINES; i++) {
		char line[MOST_SIZE + 3], copies[MOST_SIZE + 3], *text = copies;
		size_t size = rng_below(&rng, MOST_SIZE - 1);
		const char *end = ends[rng_below(&rng, 3)];

		for (size_t k = 0; k < size; k++)
			line[k] = alphabet[rng_below(&rng, sizeof alphabet - 1)];
		memcpy(line + size, end, strlen(end));
		size += strlen(end);
		if (!csv_split_plain(line, size, ',', '"', &row, &text)) {
			n_refused++;
			continue;
		}
		n_plain++;
		all_same = all_same && parse(line, size, &parsed) && same(&row, &parsed);
	}
	CHECK(all_same);
	CHECK(n_plain > LINES / 20 && n_refused > LINES / 20);

	TEST("more cells than there is room for are left to libcsv");
	row.room = 2;
	CHECK(csv_split_plain("a,b\n", 4, ',', '"', &row, &(char *){ (char[8]){ 0 } }) && row.n_cells == 2);
	CHECK(!csv_split_plain("a,b,c\n", 6, ',', '"', &row, &(char *){ (char[8]){ 0 } }));
	return unit_done();
}
