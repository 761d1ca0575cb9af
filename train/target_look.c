/* SPDX-License-Identifier: MIT */
#include "target_look.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "cell.h"
#include "few_cells.h"
#include "memory.h"
#include "null_words.h"
#include "number.h"
#include "selector.h"
#include "text_kind.h"
#include "two_values.h"

enum { LOOK_ROWS = 16 * 1024 };         /* for advice */

enum look { LOOKS_OTHER, LOOKS_DIGITS, LOOKS_NUMBER, LOOKS_INT, LOOKS_REAL };

static enum look look_at(const char *text, size_t size)
{
	int64_t integer;
	double real;

	if (number_int(text, size, &integer))
		return int_is_exact(integer) ? LOOKS_NUMBER : LOOKS_INT;
	if (number_real(text, size, &real))
		return LOOKS_REAL;
	for (size_t i = 0; i < size; i++)
		if (isdigit((unsigned char)text[i]))
			return LOOKS_DIGITS;
	return LOOKS_OTHER;
}

/* A dictionary is looked at by its entries. */
static void add_text(struct target_look *look, const struct column *column, size_t n_rows, const uint64_t *rows)
{
	unsigned char *of_entry = mem_array(column->n_entries + 1, 1);

	for (size_t entry = 0; column->codes && entry < column->n_entries; entry++)
		of_entry[entry] = (unsigned char)look_at(column->bytes + column->offsets[entry], column->offsets[entry + 1] - column->offsets[entry]);
	for (size_t row = 0; row < n_rows; row++) {
		const char *text;
		size_t size;
		enum look is;

		if ((rows && !bit_is_set(rows, row)) || !column_valid(column, row))
			continue;
		text = column_text(column, row, &size);
		is = column->codes ? (enum look)of_entry[column_entry(column, row)] : look_at(text, size);
		look->n++;
		look->numbers += is >= LOOKS_NUMBER;
		look->ints += is == LOOKS_INT;
		look->reals += is == LOOKS_REAL;
		look->digits += is == LOOKS_DIGITS;
	}
	free(of_entry);
}

void target_look_add(struct target_look *look, const struct column *column, enum type type, size_t n_rows, const uint64_t *rows)
{
	if (type == TYPE_INT || type == TYPE_REAL)
		few_values_add(&look->few, column, type, n_rows, rows);
	else if (type == TYPE_TEXT)
		add_text(look, column, n_rows, rows);
}

void target_look_merge(struct target_look *to, const struct target_look *from)
{
	few_values_merge(&to->few, &from->few);
	to->n += from->n;
	to->numbers += from->numbers;
	to->ints += from->ints;
	to->reals += from->reals;
	to->digits += from->digits;
}

/* Which numbers do not go with the others, being fewer; LOOKS_OTHER: all go together. */
static enum look odd_number(const struct target_look *look)
{
	return look->ints == 0 || look->reals == 0 ? LOOKS_OTHER : look->ints <= look->reals ? LOOKS_INT : LOOKS_REAL;
}

static uint64_t count_odd(const struct target_look *look)
{
	enum look odd = odd_number(look);

	return look->n - look->numbers + (odd == LOOKS_INT ? look->ints : odd == LOOKS_REAL ? look->reals : 0);
}

/* The first value of a training row that is no number as the others are. */
static int find_odd(const struct target_look *look, struct spool *rows, const struct marks *marks, const struct header *header, size_t col,
                    struct buffer *place, struct error *err)
{
	struct source source;
	struct batch batch = BATCH_INIT;
	unsigned char *of_row = NULL;
	int result = 0;

	spool_source(rows, header, NULL, &source);
	while (place->size == 0 && (result = source_next(&source, &batch, false, err)) == 1) {
		const struct column *column = column_read(&batch, col, err);

		of_row = mem_resize(of_row, batch.n_rows, 1);
		if (!column || marks_read(marks, &batch, of_row, err) < 0) {
			result = -1;
			break;
		}
		for (size_t row = 0; row < batch.n_rows && place->size == 0; row++) {
			size_t size;
			const char *text;
			enum look is;

			if (of_row[row] != MARK_TRAIN || !column_valid(column, row))
				continue;
			text = column_text(column, row, &size);
			is = look_at(text, size);
			if (is < LOOKS_NUMBER || is == odd_number(look))
				cell_place(&batch, row, batch.first_row + row, place);
		}
	}
	free(of_row);
	batch_free(&batch);
	source_close(&source);
	return result < 0 ? -1 : 0;
}

int target_advise_levels(const struct distinct *levels, const char *target, const struct host *host, struct error *err)
{
	struct buffer kind = BUFFER_INIT, step = BUFFER_INIT;
	uint64_t n = 0, n_read = text_kind_find(levels, false, &kind);
	bool dates = strncmp(buffer_text(&kind), "date ", 5) == 0;

	for (size_t i = 0; i < levels->n; i++)
		n += levels->items[i].count;
	buffer_add_text(&step, "parse ");
	selector_print_name(&step, target);
	buffer_format(&step, " as %s", buffer_text(&kind));
	if (n_read > 0)
		host_advise(host, dates ? ADVICE_READ_DATES : n_read < n && few_cells(n - n_read, n) ? ADVICE_READ_STEP_OR_NULL : ADVICE_READ_STEP,
		            buffer_text(&step), err);
	buffer_free(&kind);
	buffer_free(&step);
	return -1;
}

int target_advise(struct source *input, size_t col, const struct host *host, struct error *err)
{
	struct error ignored = ERROR_INIT;
	struct batch batch = BATCH_INIT;
	struct distinct levels;
	uint64_t n_rows = 0;

	distinct_start(&levels, TYPE_TEXT);
	while (n_rows < LOOK_ROWS && source_next(input, &batch, true, &ignored) == 1) {
		const struct column *column = column_read(&batch, col, &ignored);
		const uint32_t *numbers = column ? distinct_rows(&levels, column, batch.n_rows, NULL) : NULL;

		for (size_t row = 0; numbers && row < batch.n_rows; row++)
			if (numbers[row] != NO_VALUE)
				levels.items[numbers[row]].count++;
		n_rows += batch.n_rows;
	}
	batch_free(&batch);
	target_advise_levels(&levels, input->header->schema.fields[col].name, host, err);
	distinct_release(&levels);
	return -1;
}

/* Numbers in all cells would have been read as such: who made them text wants classes. */
enum target_text target_text_is(const struct target_look *look, size_t n_classes)
{
	uint64_t odd = count_odd(look);

	if (odd > 0 && few_cells(odd, look->n))
		return TEXT_NEARLY_NUMBERS;
	if (odd > 0 && n_classes > FEW_VALUES && (few_cells(odd - look->digits, look->n) || look->numbers > look->n / 2))
		return TEXT_WITH_NUMBERS;
	return TEXT_OF_CLASSES;
}

int target_check_text(const struct target_look *look, size_t n_classes, const struct distinct *levels, struct spool *rows, const struct marks *marks,
                      const struct header *header, size_t col, const struct host *host, struct error *err)
{
	uint64_t odd = count_odd(look);
	struct buffer place = BUFFER_INIT;
	const char *target = header->schema.fields[col].name;
	enum target_text is = target_text_is(look, n_classes);
	int result = 0;

	if (is == TEXT_NEARLY_NUMBERS) {
		result = find_odd(look, rows, marks, header, col, &place, err);
		if (result == 0) {
			error_set(err, STATUS_FAILED, "the target '%s' is text for %" PRIu64 " of %" PRIu64 " training rows (first: %s), and a number for all "
			          "others: --task classification takes them as classes", target, odd, look->n, buffer_text(&place));
			result = target_advise_levels(levels, target, host, err);
		}
	} else if (is == TEXT_WITH_NUMBERS) {
		error_set(err, STATUS_FAILED, "the target '%s' is text with numbers in it: --task classification takes them as classes", target);
		result = target_advise_levels(levels, target, host, err);
	}
	buffer_free(&place);
	return result;
}

/* Few values are remarkable if there are rows enough for each. */
char *target_remark(const struct target_look *look, const char *target, size_t n_classes)
{
	const struct few_values *few = &look->few;
	uint64_t rows = 0;

	if (n_classes > 2)
		return mem_format("'%s' has %zu values, whole numbers: they are taken as classes, which this family learns", target, n_classes);
	if (n_classes > 0)
		return mem_format("'%s' has two values, whole numbers: they are taken as classes (--task regression takes them as numbers)", target);
	for (size_t i = 0; i < few->n; i++)
		rows += few->items[i].rows;
	if (few->n < 2 || few->many || few->fractions || rows < few->n * TWO_VALUES_ROWS)
		return NULL;
	return mem_format("'%s' has %zu values, whole numbers: they are taken as numbers (--task classification takes them as classes)", target, few->n);
}

static bool stands_for_missing(const char *class)
{
	return null_word(class, strlen(class)) != NO_NULL_WORD && strcmp(class, "None") != 0 && strcmp(class, "-") != 0;
}

size_t target_missing_words(const struct names *classes, const char *target, struct buffer *said, struct buffer *step)
{
	size_t n = 0;

	for (size_t i = 0; i < classes->n; i++) {
		const char *class = classes->items[i];

		if (!stands_for_missing(class))
			continue;
		if (n == 0) {
			buffer_add_text(step, "nullify ");
			selector_print_name(step, target);
			buffer_add_text(step, " is");
		}
		buffer_format(said, "%s'%s'", n > 0 ? ", " : "", class);
		buffer_format(step, isalpha((unsigned char)*class) ? " %s" : " \"%s\"", class);
		n++;
	}
	return n;
}
