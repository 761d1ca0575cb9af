/* SPDX-License-Identifier: MIT */
#include "cut.h"

#include "cells.h"
#include "structure.h"

enum { WORD = 64 };
enum { BEHIND = 8 * 1024, MOST_BEHIND = 16 * 1024 * 1024 };     /* within which the last row is hoped to end, and has to */

static size_t there(const struct input *input) { return input->size - input->at; }

/* Reads until so many bytes are there from input->at on, if they come. */
static void want(struct input *input, size_t size)
{
	bool waits = input_rewinds(input) || !input->feed.silent;

	while (there(input) < size && !input->ended && (waits || !input->feed.silent(input->feed.state))) {
		size_t missing = size - there(input);

		if (!input_fill_ahead(input, missing > BEHIND ? missing : BEHIND))
			return;
	}
}

bool cut_rows(struct input *input, size_t upto, struct cut *cut)
{
	size_t n_words = (upto - 1) / WORD, at = n_words * WORD;
	struct structure_count count;
	bool within, ends = false;

	input_mark(input);
	want(input, upto + BEHIND);
	if (there(input) < upto)
		return false;
	count = structure_count((const char *)input->data + input->at, n_words, cut->quote, cpu_lanes());
	within = count.quotes & 1;
	for (; !ends; at++) {
		unsigned char byte;

		if (at == there(input) && at < upto + MOST_BEHIND)
			want(input, at + BEHIND + (at - upto));
		if (at == there(input))
			return false;
		byte = input->data[input->at + at];
		within ^= byte == cut->quote;
		count.line_feeds += byte == '\n';
		ends = byte == '\n' && !within && at + 1 >= upto;
	}
	cut->line = input->n_lines + 1;
	cut->n_lines = count.line_feeds;
	cut->part = input_take(input, at, count.line_feeds);
	return true;
}

void cut_cells(struct input *input, const struct cut *cut, struct cells *cells, size_t most, size_t upto, bool wait)
{
	size_t size, wanted = upto < CELLS_BYTES ? upto : CELLS_BYTES;
	const char *bytes;

	input_mark(input);
	while ((wait || input_rewinds(input)) && !input->ended && there(input) < wanted && input_fill_ahead(input, CELLS_BYTES))
		continue;
	bytes = (const char *)input->data + input->at;
	size = there(input) < 2 * CELLS_BYTES ? there(input) : 2 * CELLS_BYTES;
	size = size < upto ? size : upto;
	if (cut->clean)
		size = cut->clean(cut, bytes, size);
	cells_split(cells, bytes, size, cut->n_columns, most, cut->delimiter, cut->quote, cut->comment);
	cells_demand_empty(cells, cut->n_empty);
	cells->line = input->n_lines + 1;
	input_skip(input, cells->size, cells->lines[cells->n_rows]);
}
