/* SPDX-License-Identifier: MIT */
/* Columns of blocks: what they are inferred to be and what is built of them is what their cells say one by one. */
#include <stdlib.h>

#include "columns_two_ways.h"
#include "csv_plain.h"
#include "lists.h"
#include "rng.h"
#include "unit.h"

enum { BLOCKS = 4000, MOST_ROWS = 600, COLUMNS = 3, MOST_CELL = 40, MOST_BYTES = MOST_ROWS * COLUMNS * (2 * MOST_CELL + 3) };

static const char *const words[] = { "NA", "N/A", "#N/A", "<NA>", "n/a", "NaN", "nan", "NaT", "NULL", "null", "None", "\\N", "?", "-", ".", " ", "\t ", "" };
static const char *const bools[] = { "true", "false", "True", "False", "TRUE", "FALSE", "tRUE", "truE", "true ", "0", "1", "falsE", "fals" };
static const char *const texts[] = {
	"Porto", "Lisboa", "a b", " padded", "padded ", " 5", "5 ", "\t1.5", "12 Main Street", "x\"y", "\"", "na", "t", "N", "Nabc", "#DIV/0!", "1-2", "1:2", "2024",
	"e5", "T", "-a", "Z", "\xc3\xa9", "f", "Faro", "false positive", "n", "-", "a text of more than sixteen bytes", "+5", "0x10", "2024-02-30", "1e", "E", "TT", "--", "1 2",
};
static const char *const odd_numbers[] = {
	"-0", "0", "00", "007", ".5", "5.", "1e5", "-1.5E-7", "1e400", "1e-400", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "9007199254740993",
	"123456789012345678.5", "0.1000000000000000055511", "0.30000000000000004", "1234567.10", "12345678901234567", "-0.0", "1,5", "0.00001", "99999999", "100000000", "-99999999",
	"12,50", "1.234,50", "1,234.50", "1'234", "1 234 567", "1_000", "12,345", "1.234", "-0,5", "1,23,4", "1,5 km", ",5", "1 2,5",
};
static const struct number_marks marks[] = { { 0, 0 }, { 0, 0 }, { 0, 0 }, { ',', 0 }, { ',', '.' }, { 0, ',' }, { 0, '\'' }, { 0, ' ' }, { ',', '_' } };
static const char *const forms[] = {
	"%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%3fZ", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S+02:00", "%d/%m/%Y", "%d %b %Y", "%Y", "%y%m%dT%H",
};
enum { N_FORMS = sizeof forms / sizeof *forms };

#define ONE_OF(list) ((list)[rng_below(rng, sizeof (list) / sizeof *(list))])

enum kind { INTS, LONG_INTS, REALS, COMMA_REALS, LONG_REALS, ODD_NUMBERS, TIMES, BOOLS, WORDS, TEXTS, NOTHING, N_KINDS };

static size_t print_cell(struct rng *rng, enum kind kind, const char *form, char *to)
{
	double x = (double)(rng_u32(rng) % 20000000) / 100 - 100000;
	uint64_t high = rng_u32(rng);

	switch (kind) {
	case INTS: return (size_t)snprintf(to, MOST_CELL, "%d", (int)rng_below(rng, rng_below(rng, 2) ? 100 : 200000000) - 50);
	case LONG_INTS: return (size_t)snprintf(to, MOST_CELL, "%lld", (long long)((high << 32 | rng_u32(rng)) >> rng_below(rng, 64)));
	case REALS: return (size_t)snprintf(to, MOST_CELL, "%.*f", (int)rng_below(rng, rng_below(rng, 3) ? 3 : 9), x);
	case COMMA_REALS: {
		size_t size = (size_t)snprintf(to, MOST_CELL, "%.*f", (int)rng_below(rng, 4), x / (double)(1 + rng_below(rng, 1000)));

		for (size_t i = 0; i < size; i++)
			to[i] = to[i] == '.' ? ',' : to[i];
		return size;
	}
	case LONG_REALS: return (size_t)snprintf(to, MOST_CELL, "%.17g", x / 3);
	case ODD_NUMBERS: return (size_t)snprintf(to, MOST_CELL, "%s", ONE_OF(odd_numbers));
	case TIMES: {
		int64_t micros = (int64_t)rng_below(rng, 100 * UINT64_C(31556952000000)) - 30 * INT64_C(31556952000000);
		static const int64_t grains[] = { 86400000000, 1000000, 1000, 10000, 1 };
		int64_t grain = ONE_OF(grains);
		char text[TIME_TEXT_SIZE];
		size_t size = time_print(text, micros / grain * grain, form);

		if (rng_below(rng, 60) == 0)
			text[rng_below(rng, size)] = (char)('0' + rng_below(rng, 10));
		return (size_t)snprintf(to, MOST_CELL, "%s%s", text, strstr(form, "%.f") && rng_below(rng, 60) == 0 ? "0" : "");
	}
	case BOOLS: return (size_t)snprintf(to, MOST_CELL, "%s", bools[rng_below(rng, rng_below(rng, 60) ? 2 : sizeof bools / sizeof *bools)]);
	case WORDS: return (size_t)snprintf(to, MOST_CELL, "%s", ONE_OF(words));
	case TEXTS: return (size_t)snprintf(to, MOST_CELL, "%s", ONE_OF(texts));
	default: return 0;
	}
}

static size_t quote_cell(char *to, const char *cell, size_t size)
{
	size_t n = 0;

	to[n++] = '"';
	for (size_t i = 0; i < size; i++) {
		if (cell[i] == '"')
			to[n++] = '"';
		to[n++] = cell[i];
	}
	to[n++] = '"';
	return n;
}

/* A column: what nearly all of its cells are, what some are, and how many of 256 are that, or in quotes. */
struct sort { enum kind most, some; unsigned n_some, n_quoted; const char *form; };

static size_t print_block(struct rng *rng, struct sort sorts[COLUMNS], size_t n_rows, char *to)
{
	size_t size = 0;

	for (size_t row = 0; row < n_rows; row++)
		for (int col = 0; col < COLUMNS; col++) {
			const struct sort *sort = &sorts[col];
			char cell[MOST_CELL];
			size_t n = print_cell(rng, rng_below(rng, 256) < sort->n_some ? sort->some : sort->most, sort->form, cell);

			if (rng_below(rng, 256) < sort->n_quoted || memchr(cell, '"', n)) {
				size += quote_cell(to + size, cell, n);
			} else {
				memcpy(to + size, cell, n);
				size += n;
			}
			if (col == COLUMNS - 1 && row % 3 == 0)
				to[size++] = '\r';
			to[size++] = col < COLUMNS - 1 ? ';' : '\n';
		}
	return size;
}

static void draw_sorts(struct rng *rng, struct sort sorts[COLUMNS])
{
	static const unsigned shares[] = { 0, 0, 1, 20, 128 }, quoted[] = { 0, 0, 30, 256 };

	for (int col = 0; col < COLUMNS; col++)
		sorts[col] = (struct sort){
			.most = (enum kind)rng_below(rng, N_KINDS), .some = (enum kind)rng_below(rng, N_KINDS), .n_some = ONE_OF(shares), .n_quoted = ONE_OF(quoted), .form = ONE_OF(forms),
		};
}

/* ---- blocks ---- */

static struct slot draw_slot(struct rng *rng, size_t col, char *form)
{
	static const enum type types[] = { TYPE_INT, TYPE_REAL, TYPE_BOOL, TYPE_TIME, TYPE_TIME, TYPE_TEXT, TYPE_TEXT };
	static const char *const of_reals[] = { NULL, "0", "2", "mixed", "2,", ",", "2,." }, *const of_bools[] = { NULL, "True/False", "TRUE/FALSE" };
	const char *chosen = NULL;
	struct slot slot = { .cell = col, .type = ONE_OF(types), .given = rng_below(rng, 2), .words = (enum missing_words)rng_below(rng, 3), .nearly = -1, .infer = INFER_INIT };

	slot.marks = ONE_OF(marks);
	switch (slot.type) {
	case TYPE_REAL: chosen = ONE_OF(of_reals); break;
	case TYPE_BOOL: chosen = ONE_OF(of_bools); break;
	case TYPE_TIME:
		chosen = ONE_OF(forms);
		slot.any_iso = slot.given && rng_below(rng, 2);
		slot.any_zone = slot.any_iso && *time_form_zone(chosen);
		break;
	default: slot.unseen = rng_below(rng, 4) == 0;
	}
	if (chosen)
		snprintf(form, TIME_FORM_SIZE, "%s", chosen);
	slot.form = chosen ? form : NULL;
	return slot;
}

static bool check_block(struct rng *rng, size_t *n_built)
{
	static char bytes[MOST_BYTES + INPUT_SLACK];
	char *null_words[] = { (char *)"NA", (char *)"-1", (char *)"x\"y", (char *)"2024", (char *)"", (char *)"true" };
	const struct names nulls = { .items = null_words, .n = 1 + rng_below(rng, 6) };
	struct sort sorts[COLUMNS];
	struct cells cells = CELLS_INIT;
	size_t n_rows = 1 + rng_below(rng, rng_below(rng, 4) ? 40 : MOST_ROWS), size;
	bool same = true;

	draw_sorts(rng, sorts);
	size = print_block(rng, sorts, n_rows, bytes);
	for (size_t i = 0; i < INPUT_SLACK; i++)
		bytes[size + i] = (char)rng_below(rng, 256);
	cells_split(&cells, bytes, size, COLUMNS, SIZE_MAX, ';', '"', NO_COMMENT);
	same = cells.n_rows == n_rows;
	cells.file = "a.csv";
	cells.nulls = rng_below(rng, 4) ? NULL : &nulls;
	for (size_t col = 0; col < COLUMNS && same; col++) {
		char form[TIME_FORM_SIZE];
		struct slot slot = draw_slot(rng, col, form);

		if (slot.type == TYPE_TIME && rng_below(rng, 4))
			snprintf(form, sizeof form, "%s", sorts[col].form);
		same = infers_alike(&cells, col, (enum missing_words)rng_below(rng, 3), ONE_OF(marks));
		if (!same)
			printf("-- not inferred: column %d of\n%.*s", (int)col, (int)size, bytes);
		if (same && !builds_alike(&cells, &slot, n_built)) {
			same = false;
			printf("-- not built: column %d, %s %s, of\n%.*s", (int)col, type_name(slot.type), slot.form ? slot.form : "", (int)size, bytes);
		}
	}
	cells_release(&cells);
	return same;
}

int main(void)
{
	struct rng rng;
	size_t n_built = 0;
	bool same = true;

	rng_seed(&rng, 23);
	TEST("columns of blocks are what their cells are one by one");
	for (int i = 0; i < BLOCKS && same; i++)
		same = check_block(&rng, &n_built);
	CHECK(same);
	CHECK(n_built > BLOCKS * 20);
	return unit_done();
}
