/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as rows of cells, split by cells_split with the options that the first three bytes choose. Ends found with AVX2 and AVX-512 are those
 * found without; and blocks of any size hold the same cells, and say the same of the types of their columns.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/columns_two_ways.h"
#include "csv_plain.h"
#include "input.h"
#include "lists.h"
#include "memory.h"
#include "structure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_COLUMNS = 4, WORD = 64 };

struct options { size_t n_columns, most; unsigned char delimiter; int quote, comment; enum missing_words words; };

static void check(bool right)
{
	if (!right)
		abort();
}

/* Counts are of so many bytes that counters of single ones would run over: the text again and again. */
static void check_counts(const char *bytes, size_t size, int quote)
{
	enum { WORDS = 140 };
	char *text = mem_new(WORDS, WORD);
	struct structure_count found, plainly;

	for (size_t i = 0; i < WORDS * WORD; i++)
		text[i] = size ? bytes[i % size] : '\n';
	found = structure_count(text, WORDS, quote, cpu_lanes());
	plainly = structure_count(text, WORDS, quote, CPU_PLAIN);
	check(found.quotes == plainly.quotes && found.line_feeds == plainly.line_feeds);
	free(text);
}

/* By all ways, and in one part or several. */
static void check_structure(const char *bytes, size_t size, const struct options *options)
{
	uint32_t *to[2] = { mem_array(size + WORD, sizeof *to[0]), mem_array(size + WORD, sizeof *to[1]) };
	struct structure found[2];

	for (int by = CPU_PLAIN; by <= (int)cpu_lanes(); by++)
		for (int i = 0; i < 2; i++) {
			struct structure *structure = &found[by > CPU_PLAIN || i];
			size_t part = i ? options->most * WORD : size;

			*structure = (struct structure)STRUCTURE_INIT(bytes, options->delimiter, options->quote, to[structure != found]);
			for (size_t at = 0; at < size && !structure->wrong; at += part)
				structure_find(structure, at, size - at < part ? size : at + part, (enum cpu_lanes)by);
			check(structure->n == found->n && structure->n_line_feeds == found->n_line_feeds && structure->wrong == found->wrong);
			check(memcmp(to[0], to[structure != found], found->n * sizeof *to[0]) == 0);
			check(structure->wrong || (!structure->quotes == !found->quotes && !structure->within == !found->within && !structure->high == !found->high));
		}
	free(to[0]);
	free(to[1]);
}

/* The rows from `bytes` on as far as they are clean: all in one block, or in several of options->most. Gives how many bytes these are; what was
 * found of the columns goes to `infers`, the cells' texts to `texts`. */
static size_t split(const char *bytes, size_t size, const struct options *options, size_t most, struct infer *infers, struct buffer *texts)
{
	struct cells cells = CELLS_INIT;
	struct buffer text = BUFFER_INIT;
	size_t at = 0;

	for (;;) {
		cells_split(&cells, bytes + at, size - at, options->n_columns, most, options->delimiter, options->quote, options->comment);
		if (cells.n_rows == 0)
			break;
		check(cells.n_rows <= most && cells.size <= size - at);
		for (size_t col = 0; col < options->n_columns; col++) {
			struct infer own = INFER_INIT;

			cells_infer(&cells, col, options->words, &own);
			if (!infer_merge(&infers[col], &own))
				cells_infer(&cells, col, options->words, &infers[col]);
		}
		for (size_t row = 0; row < cells.n_rows; row++)
			for (size_t col = 0; col < options->n_columns; col++) {
				struct cell cell = cells_cell(&cells, row, col, &text);

				buffer_format(texts, cell.kind == CELL_NULL ? "-" : "%u:", (unsigned)cell.size);
				if (cell.kind != CELL_NULL)
					buffer_add(texts, cell.as.text, cell.size);
			}
		at += cells.size;
	}
	buffer_free(&text);
	cells_release(&cells);
	return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char delimiters[] = { ',', ';', '\t', 'a' };
	struct infer whole[MOST_COLUMNS], blocks[MOST_COLUMNS];
	struct buffer texts = BUFFER_INIT, texts_of_blocks = BUFFER_INIT;
	struct options options;
	char *bytes;

	if (size < 3)
		return 0;
	options = (struct options){
		.n_columns = (data[0] & 3) + 1, .delimiter = delimiters[data[0] >> 2 & 3], .quote = data[0] >> 4 & 1 ? NO_QUOTE : data[0] >> 5 & 1 ? '\'' : '"',
		.comment = data[0] >> 6 & 1 ? '#' : NO_COMMENT, .words = data[0] >> 7 ? WORDS_USUAL : WORDS_EMPTY, .most = data[1] ? data[1] : SIZE_MAX,
	};
	size -= 3;
	bytes = mem_new(size + 2 * INPUT_SLACK, 1);
	memset(bytes, data[2], size + 2 * INPUT_SLACK);         /* whatever stands behind them does not matter */
	memcpy(bytes, data + 3, size);
	for (size_t col = 0; col < options.n_columns; col++)
		whole[col] = blocks[col] = (struct infer)INFER_INIT;

	check_structure(bytes, size, &options);
	check_counts(bytes, size, options.quote);
	check(split(bytes, size, &options, SIZE_MAX, whole, &texts) == split(bytes, size, &options, options.most, blocks, &texts_of_blocks));
	check(texts.size == texts_of_blocks.size && (!texts.size || memcmp(texts.data, texts_of_blocks.data, texts.size) == 0));
	for (size_t col = 0; col < options.n_columns; col++)
		check(same_infer(&whole[col], &blocks[col]));
	buffer_free(&texts);
	buffer_free(&texts_of_blocks);
	free(bytes);
	return 0;
}
