/* SPDX-License-Identifier: MIT */
/*
 * Steps that learn nothing, driven by hand over batches of several sizes (step_run.h): rows and columns that go and stay.
 * Reference values of dedupe are those of pandas 3.1.1 on the same table (test_steps.c), flag = i % 3 == 0:
 *
 *     d.drop_duplicates(["city","flag"]).index; len(d.drop_duplicates())      # x, n, city, flag
 */
#include "marks.h"
#include "step_run.h"

/* ---- rows ---- */

static void test_rows(void)
{
	struct run run = { .watched = "_row" };

	TEST("limit stops within a batch");
	CHECK(run_step(&run, "limit 130", 100, false, 1 << 20) == 0 && run.whole.n_rows == 130 && run.stopped);
	CHECK(run_step(&run, "limit 0", 100, false, 1 << 20) == 0 && run.whole.n_rows == 0 && run.stopped);
	CHECK(run_step(&run, "limit 1001", 100, false, 1 << 20) == 0 && run.whole.n_rows == 1000 && !run.stopped);
	CHECK(run_step(&run, "limit ten", 100, false, 1 << 20) == -1 && run_step(&run, "limit", 100, false, 1 << 20) == -1);
	TEST("dedupe keeps the first; nulls are equal");
	CHECK(run_step(&run, "dedupe city flag", 100, false, 1 << 20) == 0 && run.whole.n_rows == 12);
	CHECK_TEXT(buffer_text(&run.texts), "0 1 2 3 5 6 9 11 14 15 26 33 ");
	CHECK(counted(&run.dropped, "duplicate") == 988);
	CHECK(run_step(&run, "dedupe n", 100, false, 1 << 20) == 0 && run.whole.n_rows == 18);
	CHECK(run_step(&run, "dedupe _row", 100, false, 1 << 20) == 0 && run.whole.n_rows == 1000);
	TEST("dedupe without names compares features");
	CHECK(run_step(&run, "dedupe", 100, false, 1 << 20) == 0 && run.whole.n_rows == 982);
	CHECK(run.entry.units[0].reads.n == 4 && run.entry.units[0].acts == ACTS_ON_ROWS);
	run_release(&run);
	check_sizes("limit 130", "_row", 0, false);
	check_sizes("dedupe city flag", "_row", 0, false);
}

static void test_split(void)
{
	struct run run = { .watched = "_split" };
	size_t n_test;
	char *marks;
	const struct column *mark;

	TEST("split by chance");
	CHECK(run_step(&run, "split test=0.2 valid=0.1", 100, false, 1 << 20) == 0);
	n_test = (size_t)counted(&run.counts, "test");
	CHECK(n_test > 160 && n_test < 240 && counted(&run.counts, "valid") > 65 && counted(&run.counts, "valid") < 135);
	CHECK(n_test + counted(&run.counts, "valid") + counted(&run.counts, "train") == N_ROWS);
	CHECK(run.after.fields[5].role == ROLE_SPLIT && run.entry.units[0].acts == ACTS_ON_ROWS);
	TEST("split: another seed, another choice");
	marks = mem_text(buffer_text(&run.texts));
	CHECK(run_step(&run, "split test=0.2 valid=0.1 seed=43", 100, false, 1 << 20) == 0);
	CHECK(strcmp(buffer_text(&run.texts), marks) != 0);
	CHECK(run_step(&run, "split test=0.2 valid=0.1 seed=42", 100, false, 1 << 20) == 0);
	CHECK_TEXT(buffer_text(&run.texts), marks);
	free(marks);
	TEST("split by key: equal keys, equal marks");
	CHECK(run_step(&run, "split test=0.4 by=city", 100, false, 1 << 20) == 0 && counted(&run.counts, "without a key") == 59);
	mark = &run.whole.columns[5];
	for (size_t i = 0; i < N_ROWS; i++)
		for (size_t j = 0; j < 30 && city_of(i); j++)
			if (city_of(j) == city_of(i))
				CHECK(mark->codes[i] == mark->codes[j]);
	TEST("split: what does not go");
	CHECK(run_step(&run, "split", 100, false, 1 << 20) == -1);
	CHECK(run_step(&run, "split test=0.5 valid=0.5", 100, false, 1 << 20) == -1);
	CHECK(run_step(&run, "split test=1.5", 100, false, 1 << 20) == -1);
	CHECK(run_step(&run, "split from=x", 100, false, 1 << 20) == -1 && strstr(run.err.message, "'x' is real; marks are text"));
	CHECK(run_step(&run, "split from=city", 100, false, 1 << 20) == -1 && strstr(run.err.message, "no mark"));
	CHECK(run_step(&run, "split test=0.2 rows=list", 100, false, 1 << 20) == -1);
	CHECK(run_step(&run, "split rows=no-such-list", 100, false, 1 << 20) == -1 && strstr(run.err.message, "no-such-list"));
	run_release(&run);
	check_sizes("split test=0.2 valid=0.1", "_split", 0, false);
	check_sizes("split test=0.5 by=city", "_split", 0, false);
	check_sizes("split test=0.5 by=n", "_split", 0, false);
	check_sizes("split folds=7", "_fold", 0, false);
	check_sizes("split test=0.3 valid=0.1 stratify=city", "_split", 0, false);
	check_sizes("split folds=7 stratify=n", "_fold", 0, false);
	check_sizes("split time=x test=0.2 valid=0.1 gap=5", "_split", 0, false);
}

static size_t rows_of(const char *city, struct run *run, const char *mark)
{
	const struct column *marks = &run->whole.columns[5];
	size_t n = 0, size;

	for (size_t i = 0; i < N_ROWS; i++)
		n += (city ? city_of(i) && strcmp(city_of(i), city) == 0 : !city_of(i)) &&
			(!mark || (column_text(marks, i, &size), size == strlen(mark) && memcmp(column_text(marks, i, &size), mark, size) == 0));
	return n;
}

/* The columns x and n by hand: which rows are marked follows from their values alone. */
static void test_split_learned(void)
{
	struct run run = { .watched = "_split" };
	const char *const cities[] = { "Aarhus", "Bergen", "Cork", "Delft", NULL };
	double first_test = 1e9, last_gap = -1e9;

	TEST("split stratify: to the row, a half up");
	CHECK(run_step(&run, "split test=0.3 valid=0.1 stratify=city", 100, false, 1 << 20) == 0);
	for (size_t i = 0; i < 5; i++) {
		size_t n = rows_of(cities[i], &run, NULL);

		CHECK(n > 0 && rows_of(cities[i], &run, "test") == (n * 3 + 5) / 10 && rows_of(cities[i], &run, "valid") == (n + 5) / 10);
	}
	CHECK(counted(&run.counts, "without a class") == 59);
	TEST("split time: the last rows, those before the gap");
	CHECK(run_step(&run, "split time=x test=0.2 gap=5", 100, false, 1 << 20) == 0);
	CHECK(counted(&run.counts, "test") == 182 && counted(&run.counts, "without a time") == 91);     /* of 909 rows with an x, all different */
	for (size_t i = 0; i < N_ROWS; i++) {
		double x = column_real(&run.whole.columns[X], i);
		enum mark mark = (enum mark)run.whole.columns[5].codes[i];

		if (has_x(i) && mark == MARK_TEST)
			first_test = x < first_test ? x : first_test;
		if (has_x(i) && mark == MARK_NONE)
			last_gap = x > last_gap ? x : last_gap;
		CHECK(has_x(i) ? mark != MARK_VALID : mark == MARK_NONE);
	}
	CHECK(last_gap < first_test && last_gap > first_test - 5);
	for (size_t i = 0; i < N_ROWS; i++)
		if (has_x(i) && run.whole.columns[5].codes[i] == MARK_TRAIN)
			CHECK(column_real(&run.whole.columns[X], i) <= first_test - 5);
	TEST("split time: rows of one time are on one side");
	CHECK(run_step(&run, "split time=n test=0.1 valid=0.1", 100, false, 1 << 20) == 0);
	for (size_t i = 0; i < N_ROWS; i++) {
		int64_t n = column_int(&run.whole.columns[N], i);        /* -5 .. 11, about 54 rows each: 92 rows are those of 10 and 11 */

		CHECK(!has_n(i) || run.whole.columns[5].codes[i] == (n >= 10 ? MARK_TEST : n >= 8 ? MARK_VALID : MARK_TRAIN));
	}
	TEST("split: what is not learned");
	CHECK(run_step(&run, "split time=flag test=0.1", 100, false, 1 << 20) == -1 && strstr(run.err.message, "takes times and numbers"));
	CHECK(run_step(&run, "split time=n test=0.99", 100, false, 1 << 20) == -1 && strstr(run.err.message, "no row would be left"));
	CHECK(run_step(&run, "split stratify=city", 100, false, 1 << 20) == -1 && strstr(run.err.message, "which rows?"));
	CHECK(run_step(&run, "split test=0.1 by=city stratify=city", 100, false, 1 << 20) == -1);
	run_release(&run);
}

static void test_split_rows(void)
{
	const char path[] = "test_steps_rows-list";
	struct run run = { .watched = "_split" };
	FILE *file = fopen(path, "w");
	const struct column *mark;

	TEST("split by a list of rows");
	CHECK(file && fputs("999\n0\n\n 130\n", file) >= 0 && fclose(file) == 0);
	CHECK(run_step(&run, "split rows=test_steps_rows-list", 100, false, 1 << 20) == -1);         /* " 130" */
	file = fopen(path, "w");
	CHECK(file && fputs("999\n0\n\n130\r\n131\n130\n5000000000\n", file) >= 0 && fclose(file) == 0);
	CHECK(run_step(&run, "split rows=test_steps_rows-list", 100, false, 1 << 20) == 0);
	CHECK(counted(&run.counts, "test") == 4 && counted(&run.counts, "valid") == 0);
	mark = &run.whole.columns[5];
	CHECK(mark->codes[0] == 2 && mark->codes[130] == 2 && mark->codes[131] == 2 && mark->codes[999] == 2 && mark->codes[1] == 0);
	check_sizes("split rows=test_steps_rows-list valid=0.2", "_split", 0, false);
	remove(path);
	run_release(&run);
}

/* ---- columns ---- */

static const char *names_of(const struct run *run, struct buffer *to)
{
	buffer_clear(to);
	for (size_t i = 0; i < run->after.n_fields; i++)
		if (!field_is_hole(&run->after.fields[i]))
			buffer_format(to, "%s%s", to->size ? " " : "", run->after.fields[i].name);
	return buffer_text(to);
}

static void test_columns(void)
{
	struct run run = { .watched = "city" };
	struct buffer names = BUFFER_INIT;

	TEST("select: the features named, in that order; other roles stay");
	CHECK(run_step(&run, "select city n", 100, false, 1 << 20) == 0);
	CHECK_TEXT(names_of(&run, &names), "city n _row");
	CHECK(value_at(&run, "_row", 77) == 77 && value_at(&run, "n", 0) == -5);
	CHECK(strncmp(buffer_text(&run.texts), "Aarhus Bergen ", 14) == 0);
	TEST("drop");
	CHECK(run_step(&run, "drop x :bool", 100, false, 1 << 20) == 0);
	CHECK_TEXT(names_of(&run, &names), "n city _row");
	CHECK(value_at(&run, "_row", 77) == 77);
	CHECK(run_step(&run, "drop * _row", 100, false, 1 << 20) == -1 && strstr(run.err.message, "no column would be left"));
	CHECK(run_step(&run, "drop", 100, false, 1 << 20) == -1 && strstr(run.err.message, "which columns?"));
	TEST("rename, one after the other");
	CHECK(run_step(&run, "rename x=y n=x", 100, false, 1 << 20) == 0);
	CHECK_TEXT(names_of(&run, &names), "y x city flag _row");
	CHECK(run.entry.n_units == 2);
	CHECK(run_step(&run, "rename x=n", 100, false, 1 << 20) == -1 && strstr(run.err.message, "there is a field 'n' already"));
	CHECK(run_step(&run, "rename x", 100, false, 1 << 20) == -1);
	TEST("role");
	CHECK(run_step(&run, "role x target", 100, false, 1 << 20) == 0 && run.after.fields[X].role == ROLE_TARGET);
	CHECK(run_step(&run, "role city flag id", 100, false, 1 << 20) == 0 && run.after.fields[FLAG].role == ROLE_ID);
	CHECK(run_step(&run, "role city weight", 100, false, 1 << 20) == -1 && strstr(run.err.message, "a weight is a number"));
	CHECK(run_step(&run, "role x aim", 100, false, 1 << 20) == -1 && strstr(run.err.message, "argument 1:8: step 'role': ends in a role"));
	buffer_free(&names);
	run_release(&run);
}

int main(void)
{
	test_rows();
	test_split();
	test_split_learned();
	test_split_rows();
	test_columns();
	return unit_done();
}
