/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "marks.h"
#include "unit.h"

enum { ROWS = 1000 };

static enum mark synonym(const char *word)
{
	return mark_of_synonym(word, strlen(word));
}

static void test_words(void)
{
	TEST("the three words");
	for (enum mark mark = 0; mark < N_MARKS; mark++)
		CHECK(mark_of_word(mark_word(mark), strlen(mark_word(mark))) == mark);
	CHECK(mark_of_word("Train", 5) == NO_MARK && mark_of_word("trains", 6) == NO_MARK && mark_of_word("", 0) == NO_MARK);
	TEST("words of other people");
	CHECK(synonym("Training") == MARK_TRAIN && synonym("VAL") == MARK_VALID && synonym("dev") == MARK_VALID && synonym("Testing") == MARK_TEST);
	CHECK(synonym("") == NO_MARK && synonym("validation set of mine") == NO_MARK && mark_of_synonym("test\0x", 6) == NO_MARK);
}

static void start(struct batch *batch, struct schema *schema, uint64_t first, size_t n)
{
	batch_start(batch, NULL, schema, n);
	batch->first_row = first;
}

static void test_chance(void)
{
	struct marks marks = { .split = NO_FIELD, .test = 0.2, .valid = 0.1, .seed = 42 }, all = { .split = NO_FIELD };
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	const struct marks valid = { .split = NO_FIELD, .valid = 0.1 };
	unsigned char whole[ROWS], fewer[ROWS], none[ROWS], part[7];
	size_t counts[N_MARKS] = { 0 };

	TEST("by chance: a row's mark hangs on its number only");
	start(&batch, &schema, 0, ROWS);
	CHECK(marks_read(&marks, &batch, whole, &err) == 0);
	for (size_t row = 0; row < ROWS; row++)
		counts[whole[row]]++;
	CHECK(counts[MARK_TEST] > 160 && counts[MARK_TEST] < 240 && counts[MARK_VALID] > 65 && counts[MARK_VALID] < 135);
	for (size_t first = 0; first + 7 <= ROWS; first += 7) {
		start(&batch, &schema, first, 7);
		marks_by_chance(&marks, &batch, part);
		CHECK(memcmp(part, whole + first, 7) == 0);
	}
	marks.valid = 0;
	start(&batch, &schema, 0, ROWS);
	marks_by_chance(&marks, &batch, fewer);
	marks_by_chance(&all, &batch, none);
	for (size_t row = 0; row < ROWS; row++)
		CHECK((fewer[row] == MARK_TEST) == (whole[row] == MARK_TEST) && none[row] == MARK_TRAIN);
	CHECK(marks_are_made(&marks) && marks_are_made(&valid) && !marks_are_made(&all));
	TEST("by key");
	CHECK(mark_by_key(&marks, "Porto", 5) == mark_by_key(&marks, "Porto", 5) && mark_by_key(&all, "Porto", 5) == MARK_TRAIN);
	batch_free(&batch);
}

/* Each train row is held out in one fold of four, and no other row in any; folds are about as large. */
static void test_folds(void)
{
	struct marks marks = { .split = NO_FIELD, .test = 0.3, .seed = 42 };
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	unsigned char outer[ROWS], inner[ROWS], times[ROWS] = { 0 };

	TEST("folds of the train rows");
	start(&batch, &schema, 100, ROWS);
	CHECK(marks_read(&marks, &batch, outer, &err) == 0);
	marks.n_folds = 4;
	marks.of_fold = MARK_VALID;
	for (marks.fold = 0; marks.fold < 4; marks.fold++) {
		size_t n = 0;

		CHECK(marks_read(&marks, &batch, inner, &err) == 0);
		for (size_t row = 0; row < ROWS; row++) {
			bool held = inner[row] != outer[row];

			CHECK(!held || (outer[row] == MARK_TRAIN && inner[row] == MARK_VALID));
			times[row] += held;
			n += held;
		}
		CHECK(n > 130 && n < 220);      /* 175 are to be expected */
	}
	for (size_t row = 0; row < ROWS; row++)
		CHECK(times[row] == (outer[row] == MARK_TRAIN));
	batch_free(&batch);
}

/* Rows of text, NULL missing; with a dictionary, or without. */
static void put_words(struct batch *batch, const char *const *words, bool codes)
{
	struct column fresh = COLUMN_INIT;
	uint64_t *valid = column_new_valid(&fresh, batch->pool, batch->n_rows, false);
	uint32_t *offsets = column_new_offsets(&fresh, batch->pool, batch->n_rows), *numbers = codes ? column_new_codes(&fresh, batch->pool, batch->n_rows) : NULL;
	char *bytes = column_new_bytes(&fresh, batch->pool, batch->n_rows * 8);

	offsets[0] = 0;
	for (size_t row = 0; row < batch->n_rows; row++) {
		size_t size = words[row] ? strlen(words[row]) : 0;

		memcpy(bytes + offsets[row], words[row] ? words[row] : "", size);
		offsets[row + 1] = offsets[row] + (uint32_t)size;
		valid[row / 64] |= (uint64_t)(words[row] != NULL) << row % 64;
		if (numbers)
			numbers[row] = (uint32_t)row;
	}
	fresh.bytes_size = offsets[batch->n_rows];
	batch_put(batch, 0, TYPE_TEXT, &fresh);
}

static void test_column(void)
{
	static const char *const words[] = { "test", "train", "valid", NULL, "train", "Train" };
	const struct marks marks = { .split = 0 };
	struct schema schema = SCHEMA_INIT, none = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct arena scratch = ARENA_INIT;
	const uint64_t *rows;
	struct error err;
	unsigned char of_row[6];

	schema_add(&schema, "part", TYPE_TEXT, ROLE_SPLIT);
	for (int codes = 0; codes < 2; codes++) {
		err = (struct error)ERROR_INIT;
		TEST(codes ? "out of a column with a dictionary" : "out of a column");
		start(&batch, &schema, 10, 3);
		put_words(&batch, words, codes);
		CHECK(marks_read(&marks, &batch, of_row, &err) == 0 && of_row[0] == MARK_TEST && of_row[1] == MARK_TRAIN && of_row[2] == MARK_VALID);
		start(&batch, &schema, 10, 6);
		put_words(&batch, words, codes);
		CHECK(marks_train_rows(&batch, &scratch, &rows, &err) < 0 && strstr(err.message, "row 13: column 'part': the mark is not train, valid, test or none"));
		err = (struct error)ERROR_INIT;
		CHECK(marks_read(&marks, &batch, of_row, &err) < 0 && strstr(err.message, "row 13: column 'part': the mark is not train, valid, test or none"));
		err = (struct error)ERROR_INIT;
		start(&batch, &schema, 10, 3);
		put_words(&batch, words, codes);
		CHECK(marks_train_rows(&batch, &scratch, &rows, &err) == 0 && rows[0] == 0x2);
	}
	TEST("there and back");
	err = (struct error)ERROR_INIT;
	start(&batch, &schema, 0, 4);
	marks_put(&batch, 0, (const unsigned char[]){ MARK_VALID, MARK_TEST, MARK_TRAIN, MARK_TEST });
	CHECK(marks_read(&marks, &batch, of_row, &err) == 0 && of_row[0] == MARK_VALID && of_row[1] == MARK_TEST && of_row[2] == MARK_TRAIN);
	CHECK(batch.columns[0].n_entries == 3 && batch.columns[0].codes[3] == MARK_TEST);
	TEST("without marks all rows are to learn from; marks that are no text are refused");
	start(&batch, &none, 0, 4);
	CHECK(marks_train_rows(&batch, &scratch, &rows, &err) == 0 && rows == NULL);
	schema_add(&none, "part", TYPE_INT, ROLE_SPLIT);
	start(&batch, &none, 0, 4);
	CHECK(marks_train_rows(&batch, &scratch, &rows, &err) < 0 && strstr(err.message, "is no text"));
	arena_free(&scratch);
	batch_free(&batch);
	schema_release(&schema);
	schema_release(&none);
}

static void test_pick(void)
{
	unsigned char marks[300];
	uint64_t rows[6];

	TEST("rows of some marks, any number of them");
	for (size_t row = 0; row < sizeof marks; row++)
		marks[row] = (unsigned char)(row * 7 / 3 % (NO_MARK + 1));
	for (unsigned which = 0; which < 1u << N_MARKS; which++)
		for (size_t n = 0; n <= sizeof marks; n += n < 70 ? 1 : 23) {
			size_t n_wanted = 0;

			memset(rows, 0xff, sizeof rows);
			for (size_t row = 0; row < n; row++)
				n_wanted += which >> marks[row] & 1;
			CHECK(marks_pick(marks, n, which, rows) == n_wanted);
			for (size_t row = 0; row < bits_words(n) * 64; row++)
				CHECK(bit_is_set(rows, row) == (row < n && (which >> marks[row] & 1)));
		}
}

int main(void)
{
	test_pick();
	test_words();
	test_chance();
	test_folds();
	test_column();
	return unit_done();
}
