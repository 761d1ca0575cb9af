/* SPDX-License-Identifier: MIT */
#include "marks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "memory.h"
#include "rng.h"
#include "text.h"

/* ---- words ---- */

static const char *const words[N_MARKS] = { "train", "valid", "test", "none" };
static const struct { const char *word; enum mark mark; } synonyms[] = {
	{ "train", MARK_TRAIN }, { "training", MARK_TRAIN }, { "valid", MARK_VALID }, { "val", MARK_VALID },
	{ "validation", MARK_VALID }, { "dev", MARK_VALID }, { "test", MARK_TEST }, { "testing", MARK_TEST }, { "none", MARK_NONE },
};

const char *mark_word(enum mark mark)
{
	return words[mark];
}

enum mark mark_of_word(const char *bytes, size_t size)
{
	for (enum mark mark = 0; mark < N_MARKS; mark++)
		if (strlen(words[mark]) == size && memcmp(words[mark], bytes, size) == 0)
			return mark;
	return NO_MARK;
}

enum mark mark_of_synonym(const char *bytes, size_t size)
{
	char word[16];

	if (size >= sizeof word)
		return NO_MARK;
	memcpy(word, bytes, size);
	word[size] = '\0';
	for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
		if (strlen(word) == size && text_equal_nocase(word, synonyms[i].word))
			return synonyms[i].mark;
	return NO_MARK;
}

/* ---- chance ---- */

static uint64_t start_of(const struct marks *marks)
{
	return hash_mix(marks->seed + 1);
}

static enum mark mark_of_key(const struct marks *marks, uint64_t key)
{
	double fraction = (double)key * 0x1p-53;

	return fraction < marks->test ? MARK_TEST : fraction < marks->test + marks->valid ? MARK_VALID : MARK_TRAIN;
}

/* Steps of 2^64 / golden ratio from the seed's start: splitmix64. */
static uint64_t hash_of_row(uint64_t start, uint64_t row) { return hash_mix(start + row * UINT64_C(0x9e3779b97f4a7c15)); }

bool marks_are_made(const struct marks *marks)
{
	return (marks->split == NO_FIELD && marks->test + marks->valid > 0) || marks->n_folds > 0 || marks->share > 0 || marks->valid_rows != VALID_STAYS;
}

uint64_t marks_key(const struct marks *marks, const void *bytes, size_t size)
{
	return XXH3_64bits_withSeed(bytes, size, start_of(marks)) >> 11;
}

enum mark mark_by_key(const struct marks *marks, const void *bytes, size_t size)
{
	return mark_of_key(marks, marks_key(marks, bytes, size));
}

void marks_keys(const struct marks *marks, const struct batch *batch, uint64_t *to)
{
	uint64_t start = start_of(marks);

	for (size_t row = 0; row < batch->n_rows; row++)
		to[row] = hash_of_row(start, batch->first_row + row) >> 11;
}

/* ---- of a batch ---- */

/* Without a branch, which nobody could foretell. */
void marks_by_chance(const struct marks *marks, const struct batch *batch, unsigned char *to)
{
	uint64_t start = start_of(marks), first = batch->first_row;
	double test = marks->test, valid = marks->test + marks->valid;

	static_assert(MARK_TRAIN == 0, "what is neither is 0");
	for (size_t row = 0; row < batch->n_rows; row++) {
		double fraction = (double)(int64_t)(hash_of_row(start, first + row) >> 11) * 0x1p-53;  /* of mark_of_key */

		to[row] = (unsigned char)((fraction < test) * MARK_TEST + (fraction >= test && fraction < valid) * MARK_VALID);
	}
}

/* Mixed again, `times` times more: what the hashes before say, its train rows have in common. */
static double fraction_of(const struct marks *marks, uint64_t row, uint64_t times)
{
	return (double)(hash_mix(hash_of_row(start_of(marks), row) + times) >> 11) * 0x1p-53;
}

static unsigned fold_of(const struct marks *marks, uint64_t row)
{
	return marks->fold_of ? marks->fold_of[row] : (unsigned)(fraction_of(marks, row, 1) * marks->n_folds);
}

static void part_again(const struct marks *marks, const struct batch *batch, unsigned char *marks_of)
{
	for (size_t row = 0; marks->valid_rows != VALID_STAYS && row < batch->n_rows; row++)
		if (marks_of[row] == MARK_VALID)
			marks_of[row] = marks->valid_rows == VALID_TRAINS ? MARK_TRAIN : MARK_NONE;
	for (size_t row = 0; marks->n_folds > 0 && row < batch->n_rows; row++)
		if (marks_of[row] == MARK_TRAIN && fold_of(marks, batch->first_row + row) == marks->fold)
			marks_of[row] = (unsigned char)marks->of_fold;
	for (size_t row = 0; marks->share > 0 && row < batch->n_rows; row++)
		if (marks_of[row] == MARK_TRAIN && fraction_of(marks, batch->first_row + row, 2) >= marks->share)
			marks_of[row] = MARK_NONE;
}

/* NO_MARK where there is none. */
static void look(const struct column *column, size_t n_rows, unsigned char *to)
{
	/* Each entry is looked at once, unless rows share none. */
	unsigned char *entries = column->codes ? mem_array(column->n_entries + (size_t)1, 1) : NULL;

	for (uint32_t entry = 0; entries && entry < column->n_entries; entry++)
		entries[entry] = (unsigned char)mark_of_word(column->bytes + column->offsets[entry], column->offsets[entry + 1] - column->offsets[entry]);
	for (size_t row = 0; row < n_rows; row++) {
		size_t size;

		if (entries) {
			to[row] = entries[column->codes[row]];
		} else if (column_valid(column, row)) {
			const char *word = column_text(column, row, &size);

			to[row] = (unsigned char)mark_of_word(word, size);
		}
	}
	for (size_t row = 0; column->n_missing && row < n_rows; row++)
		if (!column_valid(column, row))
			to[row] = NO_MARK;
	free(entries);
}

int marks_read(const struct marks *marks, struct batch *batch, unsigned char *to, struct error *err)
{
	const struct column *column;
	const unsigned char *none;

	if (marks->split == NO_FIELD) {
		if (!marks->maker)
			marks_by_chance(marks, batch, to);
		else if (marks->maker->make(marks->maker, batch, marks->maker_col, to, err) < 0)
			return -1;
		part_again(marks, batch, to);
		return 0;
	}
	if (!(column = column_read(batch, (size_t)marks->split, err)))
		return -1;
	look(column, batch->n_rows, to);
	none = memchr(to, NO_MARK, batch->n_rows);
	if (none)
		return error_set(err, STATUS_FAILED, "row %llu: column '%s': the mark is not train, valid, test or none (use: split from=COLUMN)",
		                 (unsigned long long)(batch->first_row + (uint64_t)(none - to)), batch->schema->fields[marks->split].name);
	part_again(marks, batch, to);
	return 0;
}

/* Nothing is missing, and all entries of the dictionary are marks: so are the rows. The column may be as it came (column_read). */
static bool entries_are_marks(const struct column *column, size_t n_rows)
{
	if (!column->has_codes)
		return false;
	for (size_t row = 0; column->valid && row < n_rows; row += 64) {
		uint64_t all = n_rows - row < 64 ? (UINT64_C(1) << (n_rows - row)) - 1 : UINT64_MAX;

		if ((column->valid[row / 64] & all) != all)
			return false;
	}
	for (uint32_t entry = 0; entry < column->n_entries; entry++) {
		uint32_t from = column->offsets[entry], to = column->offsets[entry + 1];

		if (from > to || to > column->bytes_size || mark_of_word(column->bytes + from, to - from) == NO_MARK)
			return false;
	}
	return true;
}

int marks_check(struct batch *batch, struct error *err)
{
	int col = schema_find_role(batch->schema, ROLE_SPLIT), result;
	const struct marks words_only = { .split = col };
	unsigned char *marks;

	if (col == NO_FIELD || batch->schema->fields[col].type != TYPE_TEXT || entries_are_marks(&batch->columns[col], batch->n_rows))
		return 0;
	marks = mem_array(batch->n_rows + 1, 1);
	result = marks_read(&words_only, batch, marks, err);
	free(marks);
	return result;
}

int marks_train_rows(struct batch *batch, struct arena *scratch, const uint64_t **rows, struct error *err)
{
	int col = schema_find_role(batch->schema, ROLE_SPLIT);
	struct marks words_only = { .split = col };
	unsigned char *marks;
	uint64_t *bits;

	*rows = NULL;
	if (col == NO_FIELD)
		return 0;
	if (batch->schema->fields[col].type != TYPE_TEXT)
		return error_set(err, STATUS_FAILED, "field '%s' has role split and is no text", batch->schema->fields[col].name);
	marks = arena_array(scratch, batch->n_rows, 1);
	if (marks_read(&words_only, batch, marks, err) < 0)
		return -1;
	bits = arena_array(scratch, bits_words(batch->n_rows), sizeof *bits);
	marks_pick(marks, batch->n_rows, 1 << MARK_TRAIN, bits);
	*rows = bits;
	return 0;
}

/* Which of eight marks are this one, as bits. Marks have three bits. */
static uint64_t bits_of_mark(uint64_t marks, enum mark mark)
{
	uint64_t ones = UINT64_C(0x0101010101010101), differ = marks ^ ones * mark;

	return bits_of_eight(~(differ | differ >> 1 | differ >> 2) & ones);
}

size_t marks_pick(const unsigned char *marks, size_t n_rows, unsigned which, uint64_t *rows)
{
	size_t n = 0;

	memset(rows, 0, bits_words(n_rows) * sizeof *rows);
	for (size_t row = 0; row < n_rows; row += 8) {
		size_t left = n_rows - row < 8 ? n_rows - row : 8;
		uint64_t eight = UINT64_C(0x0101010101010101) * NO_MARK, bits = 0;

		memcpy(&eight, marks + row, left);
		for (enum mark mark = 0; mark < N_MARKS; mark++)
			if (which >> mark & 1)
				bits |= bits_of_mark(eight, mark);
		rows[row / 64] |= bits << row % 64;
	}
	for (size_t word = 0; word < bits_words(n_rows); word++)
		n += bits_ones(rows[word]);
	return n;
}

void marks_put(struct batch *batch, size_t col, const unsigned char *marks)
{
	struct column fresh = COLUMN_INIT;
	bool any = batch->n_rows > 0 && memchr(marks, MARK_NONE, batch->n_rows) != NULL;
	enum mark n_words = any ? N_MARKS : MARK_NONE;
	uint32_t *codes = column_new_codes(&fresh, batch->pool, batch->n_rows);
	uint32_t *offsets = column_new_offsets(&fresh, batch->pool, n_words), size = 0;
	char *bytes = column_new_bytes(&fresh, batch->pool, strlen(any ? "trainvalidtestnone" : "trainvalidtest"));

	for (enum mark mark = 0; mark < n_words; mark++) {
		uint32_t length = (uint32_t)strlen(words[mark]);

		memcpy(bytes + size, words[mark], length);
		offsets[mark] = size;
		size += length;
	}
	offsets[n_words] = size;
	for (size_t row = 0; row < batch->n_rows; row++)
		codes[row] = marks[row];
	batch_put(batch, col, TYPE_TEXT, &fresh);
}
