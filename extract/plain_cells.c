/* SPDX-License-Identifier: MIT */
#include "plain_cells.h"

#include <assert.h>
#include <string.h>

#include "csv_plain.h"
#include "eight_bytes.h"
#include "form.h"
#include "null_words.h"
#include "text.h"

static_assert((int)TIME_READER_SLACK <= (int)INPUT_SLACK, "what stands behind the end of the input is read too");

struct plain plain_column(const struct cells *cells, size_t col, enum missing_words words, struct number_marks marks)
{
	struct plain plain = {
		.bytes = cells->bytes, .ends = cells->ends + col, .end_step = cells->n_columns, .words = words, .quote = cells->quote,
		.marked = !number_marks_are_plain(marks), .point = marks.point ? marks.point : '.',
		.strips = cells->quote == '"' || cells->quote == '\'',     /* which no number, time or bool has in it */
		.lanes = cpu_lanes(),
		.begins = col ? cells->ends + col - 1 : cells->begins, .begin_step = col ? cells->n_columns : 1, .after = col > 0,
	};

	for (size_t i = 0; cells->nulls && i < cells->nulls->n; i++) {
		const char *word = cells->nulls->items[i];
		size_t size = strlen(word);

		plain.null_firsts |= UINT64_C(1) << ((unsigned char)*word & 63);
		plain.null_sizes |= UINT64_C(1) << (size < 63 ? size : 63);
		if (cells->quote != NO_QUOTE && strchr(word, cells->quote))
			plain.null_firsts = plain.null_sizes = UINT64_MAX;      /* doubled, it is longer */
	}
	return plain;
}

/* Which word for a missing value a cell that is no value is. */
static int word_of(const struct plain *plain, const char *at, size_t size)
{
	if (plain->words == WORDS_NONE)
		return NO_MISSING_WORD;
	if (size == PLAIN_EMPTY)
		return plain->null_sizes & 1 ? NO_MISSING_WORD : NULL_WORD_EMPTY;
	return plain->words == WORDS_USUAL && size < PLAIN_EMPTY ? null_word(at, size) : NO_MISSING_WORD;
}

bool plain_take_word(const struct plain *plain, const char *at, size_t size, struct plain_run *run)
{
	int word = word_of(plain, at, size);

	if (word == NO_MISSING_WORD)
		return false;
	run->n_words++;
	run->words[word]++;
	return true;
}

void plain_run_begin(struct plain_run *run)
{
	run->n_missing = run->n_beyond = 0;
	run->trailing = false;
	run->n_words = 0;
	memset(run->words, 0, sizeof run->words);
}

/* ---- a run of times or texts ---- */

/* Whether a cell, which is not empty, is one of the kind, read into row `row` of what the run makes. */
typedef bool (*plain_reads)(void *to, size_t row, const char *at, size_t size);

/* Inlined where it is called, and `reads` with it: no call for each cell. */
static inline __attribute__((always_inline)) size_t each_cell(const struct plain *plain, size_t from, size_t n, plain_reads reads, void *to, struct plain_run *run)
{
	const struct plain column = *plain;
	size_t row = 0, n_missing = 0;

	plain_run_begin(run);
	for (; row < n; row++) {
		size_t size;
		const char *at = plain_find(&column, from + row, &size);
		bool missing = size == 0;

		if (!missing && !reads(to, row, at, size)) {
			missing = plain_take_word(plain, at, size, run);
			if (!missing)
				break;
		}
		run->missing[n_missing] = (uint16_t)row;
		n_missing += missing;
	}
	run->n_missing = n_missing;
	return row;
}

/* ---- times and bools ---- */

/* Cells of a column that may be times by their size, found in rows `row` on. */
struct found_times { const struct time_reader *reader; const char *texts[TIME_READER_ROWS]; uint32_t sizes[TIME_READER_ROWS]; };

/* n rows, or up to one of another size that is not missing; those that are get the form's sample. A quote is part of no time. */
static inline size_t find_times(const struct plain *plain, size_t from, size_t row, size_t n, struct found_times *found, struct plain_run *run)
{
	const struct plain column = *plain;
	const struct time_reader *reader = found->reader;
	const uint32_t *begins = column.begins + (from + row) * column.begin_step, *ends = column.ends + (from + row) * column.end_step;
	bool bare = !column.null_sizes && (column.strips || column.quote == NO_QUOTE);
	size_t i = 0;

	for (; i < n; i++, begins += column.begin_step, ends += column.end_step) {
		const char *at = column.bytes + *begins + column.after;
		size_t size = *ends - *begins - column.after;

		if (!bare || !time_reader_has_size(reader, size)) {
			at = plain_find(&column, from + row + i, &size);
			if (!time_reader_has_size(reader, size)) {
				if (size != 0 && !plain_take_word(plain, at, size, run))
					break;
				at = reader->sample;
				size = reader->least_size;
				run->missing[run->n_missing++] = (uint16_t)(row + i);
			}
		}
		found->texts[i] = at;
		found->sizes[i] = (uint32_t)size;
	}
	return i;
}

/* The run ends before `row`: what is missing from there on does not count. */
static void forget_missing(const struct plain *plain, size_t from, size_t row, struct plain_run *run)
{
	while (run->n_missing > 0 && run->missing[run->n_missing - 1] >= row) {
		size_t size;
		const char *at = plain_find(plain, from + run->missing[--run->n_missing], &size);

		if (size == 0)
			continue;
		run->n_words--;
		run->words[word_of(plain, at, size)]--;
	}
}

size_t plain_times(const struct plain *plain, size_t from, size_t n, struct time_reader *reader, int64_t *to, struct plain_run *run)
{
	struct found_times found;
	size_t row = 0;

	found.reader = reader;
	plain_run_begin(run);
	while (row < n) {
		size_t end = n - row < reader->rows ? n : row + reader->rows, size;
		size_t n_found = find_times(plain, from, row, end - row, &found, run);
		const char *at;

		row += time_reader_read_all(reader, found.texts, found.sizes, n_found, to ? to + row : NULL, &run->trailing);
		if (row == end)
			continue;
		forget_missing(plain, from, row, run);
		at = plain_find(plain, from + row, &size);
		if (!plain_take_word(plain, at, size, run))
			break;
		run->missing[run->n_missing++] = (uint16_t)row++;
	}
	return row;
}

/* A word of up to 8 bytes and its size. */
struct short_word { uint64_t bytes; size_t size; };

static struct short_word short_word(const char *text)
{
	struct short_word word = { .size = strlen(text) };

	assert(word.size <= 8);
	memcpy(&word.bytes, text, word.size);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word.bytes = __builtin_bswap64(word.bytes);
#endif
	return word;
}

size_t plain_bools(const struct plain *plain, size_t from, size_t n, const char *form, uint8_t *to, struct plain_run *run)
{
	const struct plain column = *plain;
	size_t row = 0, n_missing = 0;
	struct short_word yes = short_word(form_word(form, true)), no = short_word(form_word(form, false));

	plain_run_begin(run);
	for (; row < n; row++) {
		size_t size;
		const char *at = plain_find(&column, from + row, &size);
		uint64_t word = load_eight(at);
		bool is_yes = size == yes.size && (word ^ yes.bytes) << (64 - 8 * yes.size) == 0;
		bool is_no = size == no.size && (word ^ no.bytes) << (64 - 8 * no.size) == 0, missing = size == 0;     /* no branch on it, as with ints */

		to[row] = is_yes;
		if (!(is_yes | is_no | missing)) {
			missing = plain_take_word(plain, at, size, run);
			if (!missing)
				break;
		}
		run->missing[n_missing] = (uint16_t)row;
		n_missing += missing;
	}
	run->n_missing = n_missing;
	return row;
}

/* ---- texts ---- */

/* What a byte may be part of. */
enum { IN_NUMBER = 1 /* with any marks, or in a time */, BEGINS_WORD = 2 /* for a missing value, or of a bool */, BLANK = 4 };
static const uint8_t bytes_are[256] = {
	[' '] = IN_NUMBER | BLANK, ['\t'] = BLANK,
	['0'] = IN_NUMBER, ['1'] = IN_NUMBER, ['2'] = IN_NUMBER, ['3'] = IN_NUMBER, ['4'] = IN_NUMBER, ['5'] = IN_NUMBER, ['6'] = IN_NUMBER,
	['7'] = IN_NUMBER, ['8'] = IN_NUMBER, ['9'] = IN_NUMBER, ['+'] = IN_NUMBER, ['-'] = IN_NUMBER | BEGINS_WORD, ['.'] = IN_NUMBER | BEGINS_WORD,
	[':'] = IN_NUMBER, [','] = IN_NUMBER, ['\''] = IN_NUMBER, ['_'] = IN_NUMBER, ['E'] = IN_NUMBER, ['e'] = IN_NUMBER, ['T'] = IN_NUMBER | BEGINS_WORD, ['Z'] = IN_NUMBER,
	['t'] = BEGINS_WORD, ['f'] = BEGINS_WORD, ['F'] = BEGINS_WORD, ['N'] = BEGINS_WORD, ['n'] = BEGINS_WORD, ['#'] = BEGINS_WORD, ['<'] = BEGINS_WORD,
	['\\'] = BEGINS_WORD, ['?'] = BEGINS_WORD,
	[0xc2] = IN_NUMBER, [0xa0] = IN_NUMBER, [0xe2] = IN_NUMBER, [0x80] = IN_NUMBER, [0xaf] = IN_NUMBER, [0x89] = IN_NUMBER, [0x99] = IN_NUMBER,    /* of marks between groups (number_marks.h) */
};
enum { LONGEST_WORD = 5 };

static inline bool is_text(const char *at, size_t size)
{
	const char *end = at + size;

	if (size >= PLAIN_EMPTY || ((bytes_are[(unsigned char)*at] | bytes_are[(unsigned char)end[-1]]) & BLANK) ||
	    (size <= LONGEST_WORD && (bytes_are[(unsigned char)*at] & BEGINS_WORD)))
		return false;
	while (at < end && (bytes_are[(unsigned char)*at] & IN_NUMBER))
		at++;
	return at < end;
}

static inline bool read_text(void *state, size_t row, const char *at, size_t size)
{
	(void)state;
	(void)row;
	return is_text(at, size);
}

size_t plain_texts(const struct plain *plain, size_t from, size_t n, struct plain_run *run)
{
	return each_cell(plain, from, n, read_text, NULL, run);
}
