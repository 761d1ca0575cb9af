/* SPDX-License-Identifier: MIT */
#include "total_row.h"

#include <string.h>

#include "text.h"

/* In small letters, as far as these are ASCII. */
static const char *const words[] = {
	"total", "totals", "grand total", "sum", "sums", "summe", "gesamt", "gesamtsumme", "insgesamt", "totale", "totaal", "total general", "total général",
	"suma", "soma", "somme", "razem", "celkem", "toplam", "summa", "totalt", "yhteensä", "итого", "всего", "合計", "合计", "总计",
};

static bool is_word(const char *text, size_t size)
{
	text_drop_blanks(&text, &size);
	size -= size > 0 && text[size - 1] == ':';
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *word = words[i];
		size_t at = 0;

		while (at < size && (text[at] >= 'A' && text[at] <= 'Z' ? text[at] + 'a' - 'A' : text[at]) == word[at])
			at++;           /* the NUL behind the word ends it */
		if (at == size && !word[at])
			return true;
	}
	return false;
}

/* The text of a row, without its column being read. */
static const char *text_of(const struct column *column, size_t row, size_t *size)
{
	uint32_t entry = (uint32_t)row;

	if (column->codes)
		entry = column->codes[row];
	else if (column->has_codes)
		memcpy(memset(&entry, 0, sizeof entry), (const char *)column->wire_codes + row * column->code_width, column->code_width);        /* little-endian, as the machine */
	*size = column->offsets[entry + 1] - column->offsets[entry];
	return column->bytes + column->offsets[entry];
}

/* Whether another row than the last one has its text. */
static int stands_elsewhere(struct batch *batch, size_t col, struct error *err)
{
	const struct column *column = column_read(batch, col, err);
	size_t last = batch->n_rows - 1, size, other_size;
	const char *text, *other;

	if (!column)
		return -1;
	text = column_text(column, last, &size);
	for (size_t row = 0; row < last; row++) {
		other = column_text(column, row, &other_size);
		if (other_size == size && memcmp(other, text, size) == 0)
			return 1;
	}
	return 0;
}

int total_row(struct batch *batch, size_t n_columns, struct error *err)
{
	size_t last = batch->n_rows - 1, first = 0, other, size;
	const char *text;
	int elsewhere;

	if (batch->n_rows < 2)
		return 0;
	while (first < n_columns && !column_valid(&batch->columns[first], last))
		first++;
	for (other = first + 1; other < n_columns && !column_valid(&batch->columns[other], last);)
		other++;
	if (other >= n_columns || batch->schema->fields[first].type != TYPE_TEXT)
		return 0;
	text = text_of(&batch->columns[first], last, &size);
	if (!is_word(text, size))
		return 0;
	elsewhere = stands_elsewhere(batch, first, err);
	return elsewhere < 0 ? -1 : !elsewhere;
}
