/* SPDX-License-Identifier: MIT */
/*
 * Words of 64 bytes one after the other. The exclusive or of all quotes up to a byte
 * says whether it stands in quotes: what parts cells and rows outside of them
 * is structure. Whether quotes stand where they may is seen in the same words: one that opens
 * follows structure, or one that closes (it was doubled); behind one that closes
 * stands structure or a quote. The first byte that is wrong ends the block: rows
 * that end before it are whole, since each wrong byte lies within its row or is
 * the one behind it.
 */
#include "cells.h"

#include <string.h>

#include "csv_plain.h"
#include "fit.h"
#include "memory.h"
#include "structure.h"
#include "text.h"

enum { WORD = 64, WORDS_AT_ONCE = 64 };

/* What a word leaves to the next one. */
struct carry {
	uint64_t quoted;                /* all bits: it ended in quotes */
	uint64_t begins, closed, returned;      /* 1: its last byte ended a cell, was a closing quote, a CR */
};

/* What parts cells in a word, outside of quotes and before the first byte that is wrong. */
struct parts { uint64_t all, line_feeds, within; bool wrong; };

static uint64_t up_to(uint64_t bits)
{
	bits ^= bits << 1;
	bits ^= bits << 2;
	bits ^= bits << 4;
	bits ^= bits << 8;
	bits ^= bits << 16;
	return bits ^ bits << 32;
}

static inline struct parts find_parts(const struct structure *word, struct carry *carry)
{
	struct parts parts = { .all = word->delimiters | word->line_feeds, .line_feeds = word->line_feeds };
	uint64_t returns = word->returns, wrong = 0;

	if (word->quotes | carry->quoted | carry->closed) {
		uint64_t quoted = up_to(word->quotes) ^ carry->quoted, closing = word->quotes & ~quoted, behind = closing << 1 | carry->closed;

		parts.all &= ~quoted;
		parts.line_feeds &= ~quoted;
		parts.within = word->line_feeds & quoted;
		returns &= ~quoted;
		wrong = word->quotes & quoted & ~(parts.all << 1 | carry->begins | behind);
		wrong |= behind & ~(parts.all | returns | word->quotes);
		carry->quoted = 0 - (quoted >> 63);
		carry->closed = closing >> 63;
	}
	if (returns | carry->returned) {
		wrong |= (returns << 1 | carry->returned) & ~parts.line_feeds;
		carry->returned = returns >> 63;
	}
	carry->begins = parts.all >> 63;
	if (wrong) {
		uint64_t before = (wrong & (0 - wrong)) - 1;

		parts.all &= before;
		parts.line_feeds &= before;
		parts.wrong = true;
	}
	return parts;
}

static inline size_t add_ends(uint32_t *ends, size_t n, uint32_t at, uint64_t bits)
{
	for (; bits; bits &= bits - 1)
		ends[n++] = at + (uint32_t)__builtin_ctzll(bits);
	return n;
}

/* Where splitting stands. */
struct splitting { struct cells *cells; size_t n_ends, most; uint32_t lines; int comment; };

/* The ends of a word; false: the block ends. */
static inline bool add_word(struct splitting *splitting, uint32_t at, struct parts parts)
{
	struct cells *cells = splitting->cells;

	while (parts.line_feeds) {
		int bit = __builtin_ctzll(parts.line_feeds);
		uint64_t upto = (UINT64_C(2) << bit) - 1;
		uint32_t end = at + (uint32_t)bit, *last;

		splitting->n_ends = add_ends(cells->ends, splitting->n_ends, at, parts.all & upto);
		if (splitting->n_ends != (cells->n_rows + 1) * cells->n_columns || (unsigned char)cells->bytes[cells->begins[cells->n_rows]] == splitting->comment)
			return false;
		last = &cells->ends[splitting->n_ends - 1];
		if (end > cells->begins[cells->n_rows] && cells->bytes[end - 1] == '\r')
			--*last;
		splitting->lines += 1 + (parts.within ? (uint32_t)__builtin_popcountll(parts.within & upto) : 0);
		parts.within &= ~upto;
		cells->begins[++cells->n_rows] = end + 1;
		cells->lines[cells->n_rows] = splitting->lines;
		if (cells->n_rows == splitting->most)
			return false;
		parts.all &= ~upto;
		parts.line_feeds &= parts.line_feeds - 1;
	}
	splitting->n_ends = add_ends(cells->ends, splitting->n_ends, at, parts.all);
	splitting->lines += parts.within ? (uint32_t)__builtin_popcountll(parts.within) : 0;
	return !parts.wrong;
}

static void reserve(struct cells *cells, size_t size)
{
	size_t n_rows = size / cells->n_columns + 2;

	if (size + WORD > cells->ends_room)
		cells->ends = mem_resize(cells->ends, cells->ends_room = size + WORD, sizeof *cells->ends);
	if (n_rows > cells->rows_room) {
		cells->rows_room = n_rows;
		cells->begins = mem_resize(cells->begins, n_rows, sizeof *cells->begins);
		cells->lines = mem_resize(cells->lines, n_rows, sizeof *cells->lines);
	}
}

void cells_split(struct cells *cells, const char *bytes, size_t size, size_t n_columns, size_t most, unsigned char delimiter, int quote,
                 int comment)
{
	struct splitting splitting = { .cells = cells, .most = most, .comment = comment };
	struct carry carry = { .begins = 1 };
	struct structure words[WORDS_AT_ONCE];
	bool more = most > 0;
	uint64_t quotes = 0;

	cells_clear(cells);
	cells->bytes = bytes;
	cells->n_columns = n_columns;
	reserve(cells, size);
	cells->begins[0] = cells->lines[0] = 0;
	cells->ascii = true;
	for (size_t at = 0; at < size && more; at += WORDS_AT_ONCE * WORD) {
		size_t n = (size - at + WORD - 1) / WORD < WORDS_AT_ONCE ? (size - at + WORD - 1) / WORD : WORDS_AT_ONCE;

		cells->ascii &= !structure_find(bytes + at, n, delimiter, quote, words);
		for (size_t i = 0; i < n && more; i++) {
			struct structure *word = &words[i];
			size_t left = size - at - WORD * i;

			if (left < WORD) {
				uint64_t there = (UINT64_C(1) << left) - 1;

				*word = (struct structure){ word->delimiters & there, word->quotes & there, word->line_feeds & there, word->returns & there };
			}
			quotes |= word->quotes;
			more = add_word(&splitting, (uint32_t)(at + WORD * i), find_parts(word, &carry));
		}
	}
	cells->size = cells->begins[cells->n_rows];
	cells->quote = quotes ? quote : NO_QUOTE;
}

void cells_clear(struct cells *cells)
{
	cells->n_rows = cells->at = cells->size = 0;
}

void cells_release(struct cells *cells)
{
	free(cells->ends);
	free(cells->begins);
	free(cells->lines);
	free(cells->row.cells);
	buffer_free(&cells->text);
	*cells = (struct cells)CELLS_INIT;
}

/* ---- single cells ---- */

/* A cell in quotes, without them; doubled ones are taken out behind what `text` holds. */
static struct cell unquoted(const struct cells *cells, const char *at, size_t size, struct buffer *text)
{
	const char *from = at + 1, *end = at + size - 1, *doubled = memchr(from, cells->quote, (size_t)(end - from));
	struct cell cell = { .kind = CELL_TEXT, .size = (uint32_t)(end - from), .as.text = from };
	size_t begin = text->size;

	if (!doubled)
		return cell;
	for (; doubled; doubled = memchr(from, cells->quote, (size_t)(end - from))) {
		buffer_add(text, from, (size_t)(doubled + 1 - from));
		from = doubled + 2;
	}
	buffer_add(text, from, (size_t)(end - from));
	cell.size = (uint32_t)(text->size - begin);
	cell.as.text = (const char *)text->data + begin;
	return cell;
}

struct cell cells_quoted(const struct cells *cells, const char *at, size_t size, struct buffer *text)
{
	struct cell cell = { .kind = size ? CELL_TEXT : CELL_NULL, .size = (uint32_t)size, .as.text = at };

	if (size && (unsigned char)*at == cells->quote)
		cell = unquoted(cells, at, size, text);
	if (cells->nulls && cell.kind != CELL_NULL && cell_is_word(&cell, cells->nulls))
		cell.kind = CELL_NULL;
	return cell;
}

struct row *cells_row(struct cells *cells, size_t at)
{
	struct row *row = &cells->row;
	size_t begin = cells->begins[at], size = cells->begins[at + 1] - begin;

	if (row->room < cells->n_columns) {
		row->room = cells->n_columns;
		row->cells = mem_resize(row->cells, row->room, sizeof *row->cells);
	}
	buffer_clear(&cells->text);
	buffer_reserve(&cells->text, size);     /* so that it stays where it is */
	for (size_t col = 0; col < cells->n_columns; col++) {
		size_t cell_size;
		const char *cell = cells_find(cells, at, col, &cell_size);

		row->cells[col] = cells_quoted(cells, cell, cell_size, &cells->text);
	}
	row->n_cells = cells->n_columns;
	row->line = cells->line + cells->lines[at];
	row->file = cells->file;
	row->in_file = cells->in_file + at;
	row->number = cells->number + at;
	row->raw = cells->bytes + begin;
	row->raw_size = size;
	row->text = (const char *)cells->text.data;
	row->text_size = cells->text.size;
	row->ascii = text_is_ascii(row->raw, size);
	return row;
}
