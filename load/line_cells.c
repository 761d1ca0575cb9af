/* SPDX-License-Identifier: MIT */
#include "line_cells.h"

#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "memory.h"
#include "text_run.h"

enum { TIME_SLOT = TIME_TEXT_SIZE + STYLE_SLACK };
_Static_assert((int)STYLE_SLACK >= (int)CELL_SLACK, "what has slack for the style has it for the line");

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
	struct number_marks marks = number ? form_marks(field->form) : NUMBER_MARKS_PLAIN;

	return marks.point == style->delimiter || marks.group == style->delimiter ? NUMBER_MARKS_PLAIN : marks;
}

void line_cells_init(struct line_cells *cells, const struct line_style *style, const struct field *field, bool first, size_t n_rows, struct known_numbers *known)
{
	cells->style = style;
	cells->field = field;
	cells->first = first;
	cells->n_rows = n_rows;
	switch (field->type) {
	case TYPE_INT:
	case TYPE_REAL:
		number_cells_init(&cells->numbers, field->type, field->type == TYPE_REAL ? form_decimals(field->form) : FORM_SHORTEST, marks_of(style, field), n_rows, known);
		break;
	case TYPE_TIME:
		cells->slots = mem_array(n_rows, TIME_SLOT);
		cells->times = mem_new(1, sizeof *cells->times);
		time_printer_init(cells->times, field->form);
		cells->plain = times_are_plain(style, field->form);
		break;
	default: break;
	}
}

void line_cells_release(struct line_cells *cells)
{
	number_cells_release(&cells->numbers);
	free(cells->slots);
	free(cells->times);
	free(cells->entries);
	buffer_free(&cells->tail);
	buffer_free(&cells->cache);
	buffer_free(&cells->printed);
}

/* ---- texts ---- */

/* Adds a text as the style writes it; `made` are the n texts of this buffer so far, which move with it. */
static inline struct cell_text style_text(struct line_cells *cells, const char *bytes, size_t size, struct buffer *to, struct cell_text *made, size_t n,
                                          size_t stride)
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

/* Texts that end less than STYLE_SLACK bytes before the end of the column are copied, with room behind them. */
static void copy_tail(struct line_cells *cells)
{
	const struct column *column = cells->column;
	uint32_t entry = column->n_entries;
	size_t size;

	while (entry > 0 && column->offsets[entry] + (size_t)STYLE_SLACK > column->bytes_size)
		entry--;
	cells->tail_begin = column->offsets[entry];
	size = column->bytes_size - cells->tail_begin;
	buffer_clear(&cells->tail);
	buffer_reserve(&cells->tail, size + STYLE_SLACK);
	if (size)
		memcpy(cells->tail.data, column->bytes + cells->tail_begin, size);
	memset(cells->tail.data + size, 0, STYLE_SLACK);
}

/* Where the texts of the column lie. */
struct texts { const uint32_t *offsets; const char *bytes, *tail; size_t tail_begin; };

static inline struct texts texts_of(const struct line_cells *cells)
{
	return (struct texts){ cells->column->offsets, cells->column->bytes, (const char *)cells->tail.data, cells->tail_begin };
}

/* STYLE_SLACK bytes behind it may be read. */
static inline struct cell_text text_of(struct texts texts, uint32_t entry)
{
	size_t begin = texts.offsets[entry];

	return (struct cell_text){ begin < texts.tail_begin ? texts.bytes + begin : texts.tail + (begin - texts.tail_begin), texts.offsets[entry + 1] - begin };
}

/* Prints the entries of a dictionary that stand for several rows each. */
static void print_entries(struct line_cells *cells)
{
	const struct column *column = cells->column;
	const struct texts texts = texts_of(cells);

	if (column->n_entries > cells->room) {
		cells->room = column->n_entries;
		cells->entries = mem_resize(cells->entries, cells->room, sizeof *cells->entries);
	}
	buffer_clear(&cells->cache);
	for (uint32_t i = 0; i < column->n_entries; i++) {
		struct cell_text text = text_of(texts, i);

		cells->entries[i] = style_text(cells, text.at, text.size, &cells->cache, cells->entries, i, 1);
	}
}

static void begin_texts(struct line_cells *cells, size_t n_rows)
{
	const struct column *column = cells->column;

	copy_tail(cells);
	cells->cached = column->codes && column->n_entries <= n_rows;
	if (cells->cached)
		print_entries(cells);
}

static size_t print_entry_codes(struct line_cells *cells, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	const uint32_t *codes = cells->column->codes + row;
	const struct cell_text *entries = cells->entries;
	size_t all = 0, sizes = 0;

	for (size_t i = 0; i < n; i++) {
		struct cell_text text = entries[codes[i]];

		to[i * stride] = text;
		all += text.size;
		sizes |= text.size;
	}
	cells->sizes = sizes;
	return all;
}

static char edge_of(const struct line_style *style) { return style->edge ? style->edge : style->odd[0]; }

/* A text in which nothing is escaped. */
static inline bool stands_as_it_is(struct cell_text text, char edge)
{
	return text.size > 0 && text.at[0] != edge && text.at[text.size - 1] != edge;
}

/* Texts of which each is looked at, by the style alone behind one that it changed: the next is mostly of the same kind. */
static size_t print_odd_texts(struct line_cells *cells, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	const struct line_style *style = cells->style;
	const struct texts texts = texts_of(cells);
	bool odd = style->quoted;
	size_t all = 0, sizes = 0;

	for (size_t i = 0; i < n; i++) {
		struct cell_text text = text_of(texts, column_entry(cells->column, row + i));

		if (odd || !stands_as_it_is(text, edge_of(style)) || text_run(text.at, text.size, style->odd[0], style->odd[1]) < text.size) {
			struct cell_text styled = style_text(cells, text.at, text.size, &cells->printed, to, i, stride);

			odd = styled.size != text.size || style->quoted;
			text = styled;
		}
		to[i * stride] = text;
		all += text.size;
		sizes |= text.size;
	}
	cells->sizes = sizes;
	return all;
}

/* Texts that stand as they are, but for those that are empty or have an edge. */
static size_t print_plain_texts(struct line_cells *cells, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	const struct texts texts = texts_of(cells);
	char edge = edge_of(cells->style);
	size_t all = 0, sizes = 0;

	for (size_t i = 0; i < n; i++) {
		struct cell_text text = text_of(texts, (uint32_t)(row + i));

		if (!stands_as_it_is(text, edge))
			text = style_text(cells, text.at, text.size, &cells->printed, to, i, stride);
		to[i * stride] = text;
		all += text.size;
		sizes |= text.size;
	}
	cells->sizes = sizes;
	return all;
}

/* Whether the texts of the rows, which lie one behind the other, hold nothing that the style escapes. */
static bool texts_are_plain(const struct line_cells *cells, size_t row, size_t n)
{
	const struct line_style *style = cells->style;
	const uint32_t *offsets = cells->column->offsets + row;
	size_t size = offsets[n] - offsets[0];

	return !style->quoted && text_run(cells->column->bytes + offsets[0], size, style->odd[0], style->odd[1]) == size;
}

static size_t print_texts(struct line_cells *cells, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	if (cells->cached)
		return print_entry_codes(cells, row, n, to, stride);
	buffer_clear(&cells->printed);
	if (!cells->column->codes && texts_are_plain(cells, row, n))
		return print_plain_texts(cells, row, n, to, stride);
	return print_odd_texts(cells, row, n, to, stride);
}

/* ---- times, bools and nulls ---- */

static void print_times(struct line_cells *cells, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	const int64_t *values = (const int64_t *)cells->column->values + row;
	size_t quote = cells->style->quoted, any = 0;
	bool plain = cells->plain;
	unsigned char sizes[TIME_PRINTER_ROWS];
	char *slot = cells->slots;

	buffer_clear(&cells->printed);
	for (size_t i = 0; i < n; i++, slot += TIME_SLOT) {
		struct cell_text text;

		if (i % TIME_PRINTER_ROWS == 0)
			time_printer_print_all(cells->times, slot + quote, TIME_SLOT, values + i, n - i < TIME_PRINTER_ROWS ? n - i : TIME_PRINTER_ROWS, sizes);
		text = (struct cell_text){ slot, sizes[i % TIME_PRINTER_ROWS] + 2 * quote };
		if (quote)
			slot[0] = slot[text.size - 1] = '"';
		if (!plain)
			text = style_text(cells, slot + quote, text.size - 2 * quote, &cells->printed, to, i, stride);
		to[i * stride] = text;
		any |= text.size;
	}
	cells->sizes = any;
}

static void print_bools(struct line_cells *cells, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	const uint8_t *values = (const uint8_t *)cells->column->values + row;
	const char *yes = form_word(cells->style->json ? NULL : cells->field->form, true);
	int form = yes[0] == 't' ? 0 : yes[1] == 'r' ? 1 : 2;

	cells->sizes = 5;
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
	switch (cells->field->type) {
	case TYPE_TEXT: begin_texts(cells, n_rows); break;
	case TYPE_INT:
	case TYPE_REAL: number_cells_begin(&cells->numbers); break;
	default: break;
	}
}

size_t line_cells_print(struct line_cells *cells, size_t row, size_t n, struct cell_text null, struct cell_text *to, size_t stride)
{
	size_t all = n * NUMBER_SLOT;

	cells->sizes = 0;
	switch (cells->field->type) {
	case TYPE_INT:
	case TYPE_REAL: cells->sizes = number_cells_print(&cells->numbers, cells->column, row, n, to, stride); break;
	case TYPE_TIME:
		print_times(cells, row, n, to, stride);
		all = n * TIME_SLOT + cells->printed.size;
		break;
	case TYPE_BOOL: print_bools(cells, row, n, to, stride); break;
	default: all = print_texts(cells, row, n, to, stride); break;
	}
	if (cells->column->valid) {
		print_nulls(cells->column->valid, row, n, null, to, stride);
		cells->sizes |= null.size;
	}
	return all;
}
