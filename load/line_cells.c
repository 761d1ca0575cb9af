/* SPDX-License-Identifier: MIT */
#include "line_cells.h"

#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "memory.h"
#include "number.h"
#include "number_digits.h"
#include "text_run.h"

enum { NUMBER_SLOT = NUMBER_SIZE, TIME_SLOT = TIME_TEXT_SIZE + CELL_SLACK };
_Static_assert((int)NUMBER_SLOT >= (int)CELL_SLACK, "a slot has its slack");

/* Words of bools, with slack behind them. */
static const char WORDS[3][2][CELL_SLACK] = { { "false", "true" }, { "False", "True" }, { "FALSE", "TRUE" } };

/* Whether no time by this form holds a byte that the style escapes, or has an edge at its ends. */
static bool times_are_plain(const struct line_style *style, const char *form)
{
	static const char ALWAYS[] = "0123456789:.+-TZabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t size = form ? strlen(form) : 0;

	if (strchr(ALWAYS, style->odd[0]) || strchr(ALWAYS, style->odd[1]) || (form && size == 0))
		return false;
	return size == 0 || (text_run(form, size, style->odd[0], style->odd[1]) == size && form[0] != style->edge && form[size - 1] != style->edge);
}

/* The marks that numbers print with; none, if who reads the line took one for the delimiter. */
static struct number_marks marks_of(const struct line_style *style, const struct field *field)
{
	bool number = style->delimiter && (field->type == TYPE_INT || field->type == TYPE_REAL);
	struct number_marks marks = number ? form_marks(field->form) : MARKS_PLAIN;

	return marks.point == style->delimiter || marks.group == style->delimiter ? MARKS_PLAIN : marks;
}

void line_cells_init(struct line_cells *cells, const struct line_style *style, const struct field *field, bool first, size_t n_rows)
{
	cells->style = style;
	cells->field = field;
	cells->decimals = form_decimals(field->form);
	cells->marks = marks_of(style, field);
	cells->first = first;
	cells->n_rows = n_rows;
	switch (field->type) {
	case TYPE_INT:
	case TYPE_REAL:
		cells->slots = mem_array(n_rows, NUMBER_SLOT);
		break;
	case TYPE_TIME:
		cells->slots = mem_array(n_rows, TIME_SLOT);
		cells->times = mem_new(1, sizeof *cells->times);
		time_printer_init(cells->times, field->form);
		cells->plain = times_are_plain(style, field->form);
		break;
	case TYPE_TEXT:
		cells->tail = mem_new(2, CELL_SLACK);
		break;
	default: break;
	}
}

void line_cells_release(struct line_cells *cells)
{
	free(cells->slots);
	free(cells->times);
	free(cells->entries);
	free(cells->tail);
	buffer_free(&cells->cache);
	buffer_free(&cells->printed);
}

/* ---- texts ---- */

/* Adds a text as the style writes it; `made` are the n texts of this buffer so far, which move with it. */
static struct cell_text style_text(struct line_cells *cells, const char *bytes, size_t size, struct buffer *to, struct cell_text *made, size_t n, size_t stride)
{
	const struct line_style *style = cells->style;
	uintptr_t before = (uintptr_t)to->data, was = to->size;

	style->text(style->context, bytes, size, cells->first, to);
	buffer_reserve(to, CELL_SLACK);
	for (size_t i = 0; (uintptr_t)to->data != before && i < n; i++) {
		uintptr_t at = (uintptr_t)made[i * stride].at;

		if (at >= before && at - before <= was)
			made[i * stride].at = (const char *)to->data + (at - before);
	}
	return (struct cell_text){ (const char *)to->data + was, to->size - was };
}

/* Prints the entries of a dictionary that stand for several rows each. */
static void print_entries(struct line_cells *cells)
{
	const struct column *column = cells->column;

	if (column->n_entries > cells->room) {
		cells->room = column->n_entries;
		cells->entries = mem_resize(cells->entries, cells->room, sizeof *cells->entries);
	}
	buffer_clear(&cells->cache);
	for (uint32_t i = 0; i < column->n_entries; i++)
		cells->entries[i] = style_text(cells, column->bytes + column->offsets[i], column->offsets[i + 1] - column->offsets[i], &cells->cache, cells->entries, i, 1);
}

static void begin_texts(struct line_cells *cells, size_t n_rows)
{
	const struct column *column = cells->column;
	size_t size = column->bytes_size, last = size < CELL_SLACK ? size : CELL_SLACK;

	cells->cached = column->codes && column->n_entries <= n_rows;
	if (cells->cached) {
		print_entries(cells);
		return;
	}
	cells->plain = text_run(column->bytes, size, cells->style->odd[0], cells->style->odd[1]) == size;
	if (last)
		memcpy(cells->tail, column->bytes + size - last, last);
}

static size_t print_entry_codes(const struct line_cells *cells, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	const uint32_t *codes = cells->column->codes + row;
	size_t all = 0;

	for (size_t i = 0; i < n; i++) {
		to[i * stride] = cells->entries[codes[i]];
		all += cells->entries[codes[i]].size;
	}
	return all;
}

static size_t print_texts(struct line_cells *cells, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	const struct line_style *style = cells->style;
	const struct column *column = cells->column;
	char a = style->odd[0], b = style->odd[1], edge = style->edge ? style->edge : a;
	size_t last = column->bytes_size < CELL_SLACK ? 0 : column->bytes_size - CELL_SLACK;     /* texts that begin behind it lie in the tail */
	size_t all = 0;

	buffer_clear(&cells->printed);
	for (size_t i = 0; i < n; i++) {
		uint32_t entry = column_entry(column, row + i);
		size_t begin = column->offsets[entry], size = column->offsets[entry + 1] - begin;
		const char *bytes = begin > last || column->bytes_size < CELL_SLACK ? cells->tail + (begin - last) : column->bytes + begin;

		if (size > 0 && !style->quoted && bytes[0] != edge && bytes[size - 1] != edge && (cells->plain || text_run(bytes, size, a, b) == size))
			to[i * stride] = (struct cell_text){ bytes, size };
		else
			to[i * stride] = style_text(cells, bytes, size, &cells->printed, to, i, stride);
		all += to[i * stride].size;
	}
	return all;
}

/* ---- numbers and times ---- */

static void print_ints(const struct line_cells *cells, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	const int64_t *values = (const int64_t *)cells->column->values + row;
	char *slot = cells->slots;

	for (size_t i = 0; i < n; i++, slot += NUMBER_SLOT) {
		bool minus = values[i] < 0;

		*slot = '-';
		to[i * stride] = (struct cell_text){ slot, minus + print_digits(slot + minus, minus ? 0 - (uint64_t)values[i] : (uint64_t)values[i]) };
	}
}

static void print_reals(const struct line_cells *cells, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	const double *values = (const double *)cells->column->values + row;
	char *slot = cells->slots;
	double most = 0;
	unsigned decimals;

	for (size_t i = 0; i < n; i++)
		most = __builtin_fabs(values[i]) > most ? __builtin_fabs(values[i]) : most;
	decimals = few_decimals_of(most);
	for (size_t i = 0; i < n; i++, slot += NUMBER_SLOT) {
		size_t size = print_plain_real_by(slot, values[i], decimals);

		to[i * stride] = (struct cell_text){ slot, size ? size : number_print_long_real(slot, values[i]) };
	}
}

static void print_decimals(const struct line_cells *cells, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	const double *values = (const double *)cells->column->values + row;
	char *slot = cells->slots;

	for (size_t i = 0; i < n; i++, slot += NUMBER_SLOT) {
		size_t size = print_plain_decimals(slot, values[i], (unsigned)cells->decimals);

		to[i * stride] = (struct cell_text){ slot, size ? size : form_print_real(slot, values[i], cells->decimals) };
	}
}

/* Numbers that were printed get their marks. */
static void mark_numbers(const struct line_cells *cells, size_t n, struct cell_text *to, size_t stride)
{
	for (size_t i = 0; i < n; i++)
		to[i * stride].size = number_mark_text(cells->slots + i * NUMBER_SLOT, to[i * stride].size, cells->marks);
}

static void print_times(struct line_cells *cells, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	const int64_t *values = (const int64_t *)cells->column->values + row;
	size_t quote = cells->style->quoted;
	char *slot = cells->slots;

	buffer_clear(&cells->printed);
	for (size_t i = 0; i < n; i++, slot += TIME_SLOT) {
		size_t size = time_printer_print(cells->times, slot + quote, values[i]);

		slot[0] = quote ? '"' : slot[0];
		slot[quote + size] = '"';
		if (cells->plain)
			to[i * stride] = (struct cell_text){ slot, size + 2 * quote };
		else
			to[i * stride] = style_text(cells, slot + quote, size, &cells->printed, to, i, stride);
	}
}

static void print_bools(const struct line_cells *cells, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	const uint8_t *values = (const uint8_t *)cells->column->values + row;
	const char *yes = form_word(cells->style->json ? NULL : cells->field->form, true);
	int form = yes[0] == 't' ? 0 : yes[1] == 'r' ? 1 : 2;

	for (size_t i = 0; i < n; i++)
		to[i * stride] = (struct cell_text){ WORDS[form][values[i]], 5u - values[i] };
}

static void print_nulls(const uint64_t *valid, size_t row, size_t n, struct cell_text null, struct cell_text *to, size_t stride)
{
	for (size_t i = 0; i < n;) {
		size_t at = (row + i) % 64, here = n - i < 64 - at ? n - i : 64 - at;
		uint64_t missing = ~valid[(row + i) / 64] >> at;

		if (here < 64)
			missing &= (UINT64_C(1) << here) - 1;
		for (; missing; missing &= missing - 1)
			to[(i + (size_t)__builtin_ctzll(missing)) * stride] = null;
		i += here;
	}
}

/* ---- a column ---- */

void line_cells_begin(struct line_cells *cells, const struct column *column, size_t n_rows)
{
	cells->column = column;
	if (cells->field->type == TYPE_TEXT)
		begin_texts(cells, n_rows);
}

size_t line_cells_print(struct line_cells *cells, size_t row, size_t n, struct cell_text null, struct cell_text *to, size_t stride)
{
	size_t all = n * NUMBER_SLOT;

	switch (cells->field->type) {
	case TYPE_INT: print_ints(cells, row, n, to, stride); break;
	case TYPE_REAL:
		if (cells->decimals >= 0)
			print_decimals(cells, row, n, to, stride);
		else
			print_reals(cells, row, n, to, stride);
		break;
	case TYPE_TIME:
		print_times(cells, row, n, to, stride);
		all = n * TIME_SLOT + cells->printed.size;
		break;
	case TYPE_BOOL: print_bools(cells, row, n, to, stride); break;
	default: all = cells->cached ? print_entry_codes(cells, row, n, to, stride) : print_texts(cells, row, n, to, stride); break;
	}
	if (!marks_are_plain(cells->marks))
		mark_numbers(cells, n, to, stride);
	if (cells->column->valid)
		print_nulls(cells->column->valid, row, n, null, to, stride);
	return all;
}
