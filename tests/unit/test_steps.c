/* SPDX-License-Identifier: MIT */
/*
 * Steps driven by hand: bind, fit over batches of several sizes, open, apply. Reference values are those of
 * scikit-learn 1.9.1, numpy 2.4.6 and pandas 3.1.1 on the same table, made by
 *
 *     i = np.arange(1000); x = ((i*7919) % 1009)*0.37 - 50; x[i % 11 == 3] = np.nan
 *     n = ((i*31) % 17 - 5).astype(float); n[i % 13 == 5] = np.nan
 *     city = [None if k % 17 == 9 else ["Aarhus","Bergen","Cork","Delft","Évora"][(k*k + k//7) % 5] for k in i]
 *     StandardScaler().fit_transform(x.reshape(-1, 1))  # MinMaxScaler, RobustScaler, MaxAbsScaler; n as well
 *     (v[0] - np.nanmean(v)) / np.nanstd(v, ddof=1)
 *     SimpleImputer(strategy=...).fit(v).statistics_    # mean, median, most_frequent
 *     d.groupby("city").x.mean() / .median() / d.groupby("city").n.agg(lambda s: s.mode().iloc[0])
 *     OneHotEncoder(handle_unknown="ignore").fit_transform(d[["city"]].dropna()).sum(0)
 *     d.drop_duplicates(["city","flag"]).index; len(d.drop_duplicates())      # x, n, city, flag = i % 3 == 0
 */
#include <stdlib.h>

#include "memory.h"
#include "step.h"
#include "unit.h"

enum { N_ROWS = 1000, X = 0, N = 1, CITY = 2, FLAG = 3, ROW = 4 };

/* ---- the table ---- */

static void put_numbers(struct batch *batch, size_t first)
{
	double *x = batch_values(batch, TYPE_REAL);
	int64_t *n = batch_values(batch, TYPE_INT), *numbers = batch_values(batch, TYPE_INT);
	uint8_t *flags = batch_values(batch, TYPE_BOOL);
	uint64_t *x_valid = batch_bits(batch), *n_valid = batch_bits(batch);

	for (size_t row = 0; row < batch->n_rows; row++) {
		size_t i = first + row;
		numbers[row] = (int64_t)i;
		flags[row] = i % 3 == 0;
		if (i % 11 != 3) {
			x[row] = (double)((i * 7919) % 1009) * 0.37 - 50;
			x_valid[row / 64] |= UINT64_C(1) << row % 64;
		}
		if (i % 13 != 5) {
			n[row] = (int64_t)((i * 31) % 17) - 5;
			n_valid[row / 64] |= UINT64_C(1) << row % 64;
		}
	}
	batch_put(batch, X, &(struct column){ .values = x, .valid = x_valid });
	batch_put(batch, N, &(struct column){ .values = n, .valid = n_valid });
	batch_put(batch, FLAG, &(struct column){ .values = flags });
	batch_put(batch, ROW, &(struct column){ .values = numbers });
}

static const char *city_of(size_t i)
{
	static const char *const cities[] = { "Aarhus", "Bergen", "Cork", "Delft", "\xc3\x89vora" };
	return i % 17 == 9 ? NULL : cities[(i * i + i / 7) % 5];
}

/* `plain`: the cities row by row, without a dictionary. */
static void put_cities(struct batch *batch, size_t first, bool plain)
{
	struct column column = { .valid = NULL };

	if (!plain) {
		struct text_builder *builder = text_builder_new();
		for (size_t row = 0; row < batch->n_rows; row++) {
			const char *city = city_of(first + row);
			if (city)
				text_builder_add(builder, city, strlen(city));
			else
				text_builder_add_missing(builder);
		}
		text_builder_finish(builder, &batch->arena, &column);
		text_builder_free(builder);
	} else {
		uint32_t *offsets = arena_new(&batch->arena, batch->n_rows + 1, sizeof *offsets);
		char *bytes = arena_array(&batch->arena, batch->n_rows, 8);
		uint64_t *valid = batch_bits(batch);
		for (size_t row = 0; row < batch->n_rows; row++) {
			const char *city = city_of(first + row);
			size_t size = city ? strlen(city) : 0;
			memcpy(bytes + offsets[row], city ? city : "", size);
			offsets[row + 1] = offsets[row] + (uint32_t)size;
			valid[row / 64] |= (uint64_t)(city != NULL) << row % 64;
		}
		column = (struct column){ .offsets = offsets, .bytes = bytes, .bytes_size = offsets[batch->n_rows],
			.n_entries = (uint32_t)batch->n_rows, .valid = valid };
	}
	batch_put(batch, CITY, &column);
}

static void table_schema(struct schema *schema)
{
	*schema = (struct schema)SCHEMA_INIT;
	schema_add(schema, "x", TYPE_REAL, ROLE_FEATURE);
	schema_add(schema, "n", TYPE_INT, ROLE_FEATURE);
	schema_add(schema, "city", TYPE_TEXT, ROLE_FEATURE);
	schema_add(schema, "flag", TYPE_BOOL, ROLE_FEATURE);
	schema_add(schema, "_row", TYPE_INT, ROLE_ORIGIN);
}

/* ---- one step over the table ---- */

struct run {
	struct schema before, after;
	struct recipe recipe;
	struct entry entry;
	struct batch whole;             /* all rows in one batch, after the step */
	struct tally counts, dropped;
	struct buffer states;           /* of all units, one behind the other */
	struct buffer texts;            /* of column `watched`, with its nulls, as the small batches gave it */
	const char *watched;
	unsigned passes;
	bool stopped;
	struct error err;
};

static void run_release(struct run *run)
{
	batch_free(&run->whole);
	for (size_t i = 0; i < run->entry.n_units; i++)
		unit_release(&run->entry.units[i]);
	free(run->entry.units);
	recipe_release(&run->recipe);
	schema_release(&run->before);
	schema_release(&run->after);
	tally_release(&run->counts);
	tally_release(&run->dropped);
	buffer_free(&run->states);
	buffer_free(&run->texts);
	*run = (struct run){ .passes = 0 };
}

static void fill_batch(struct run *run, struct batch *batch, size_t first, size_t n, bool plain)
{
	batch_start(batch, &run->before, n);
	put_numbers(batch, first);
	put_cities(batch, first, plain);
}

static int fit_unit(struct run *run, const struct step_kind *kind, struct unit *unit, size_t size, bool train_only, uint64_t memory)
{
	struct step_limits limits = { .memory = memory };
	void *fit = kind->fit_new(unit, &run->before, &limits, &run->err);
	struct batch batch = BATCH_INIT;
	int result = fit ? FIT_AGAIN : FIT_FAILED;

	for (run->passes = 0; result == FIT_AGAIN; run->passes++) {
		result = FIT_DONE;
		for (size_t first = 0; result == FIT_DONE && first < N_ROWS; first += size) {
			size_t n = first + size < N_ROWS ? size : N_ROWS - first;
			fill_batch(run, &batch, first, n, first / size % 2);
			uint64_t *rows = batch_bits(&batch);
			for (size_t row = 0; row < n; row++)
				rows[row / 64] |= (uint64_t)((first + row) % 5 != 0) << row % 64;
			result = kind->fit_update(fit, &batch, train_only ? rows : NULL, &run->err);
		}
		if (result == FIT_DONE)
			result = kind->fit_finish(fit, unit, &run->err);
	}
	kind->fit_free(fit);
	batch_free(&batch);
	return result;
}

static int apply_batch(struct run *run, const struct step_kind *kind, void **ops, struct batch *batch)
{
	for (size_t i = 0; i < run->entry.n_units; i++) {
		if (kind->apply && kind->apply(ops[i], batch, &run->counts, &run->err) != 0)
			return -1;
		if (!kind->judge)
			continue;
		uint64_t *keep = batch_bits(batch);
		size_t n = 0;
		for (size_t row = 0; row < batch->n_rows; row++)
			keep[row / 64] |= UINT64_C(1) << row % 64;
		if (kind->judge(ops[i], batch, keep, &run->dropped, NULL, &run->stopped, &run->err) != 0)
			return -1;
		for (size_t row = 0; row < batch->n_rows; row++)
			n += keep[row / 64] >> row % 64 & 1;
		if (batch_keep(batch, keep, n, &run->err) != 0)
			return -1;
	}
	return 0;
}

static void watch(struct run *run, struct batch *batch)
{
	int col = run->watched ? schema_find(&run->after, run->watched) : NO_FIELD;

	if (col == NO_FIELD)
		return;
	const struct column *column = column_read(batch, (size_t)col, &run->err);
	for (size_t row = 0; column && row < batch->n_rows; row++) {
		size_t size = 0;
		if (run->after.fields[col].type == TYPE_TEXT && column_valid(column, row)) {
			const char *text = column_text(column, row, &size);
			buffer_add(&run->texts, text, size);
		} else if (run->after.fields[col].type == TYPE_INT) {
			buffer_format(&run->texts, "%lld", (long long)column_int(column, row));
		}
		buffer_add_text(&run->texts, column_valid(column, row) ? " " : "- ");
	}
}

/* All units opened, over batches of `size`, then over the whole table at once. */
static int apply_units(struct run *run, const struct step_kind *kind, size_t size)
{
	struct batch batch = BATCH_INIT;
	int result = 0;

	for (int whole = 0; whole < 2 && result == 0; whole++) {
		void *ops[16] = { NULL };
		size_t step = whole ? N_ROWS : size;
		tally_release(&run->counts);
		tally_release(&run->dropped);
		schema_release(&run->after);
		schema_copy(&run->after, &run->before);
		run->stopped = false;
		for (size_t i = 0; i < run->entry.n_units && result == 0; i++)
			if (!(ops[i] = kind->open(&run->entry.units[i], &run->after, &run->err)))
				result = -1;
		for (size_t first = 0; result == 0 && first < N_ROWS && !run->stopped; first += step) {
			struct batch *to = whole ? &run->whole : &batch;
			fill_batch(run, to, first, first + step < N_ROWS ? step : N_ROWS - first, !whole && first / step % 2);
			result = apply_batch(run, kind, ops, to);
			to->schema = &run->after;
			if (result == 0 && !whole)
				watch(run, to);
		}
		for (size_t i = 0; i < run->entry.n_units; i++)
			kind->close(ops[i]);
	}
	batch_free(&batch);
	return result;
}

/* 0, or -1 with run->err. train_only: learns from rows whose number is no multiple of 5. */
static int run_step(struct run *run, const char *line, size_t size, bool train_only, uint64_t memory)
{
	const char *watched = run->watched;
	run_release(run);
	run->watched = watched;
	table_schema(&run->before);
	if (recipe_add(&run->recipe, line, "argument 1", &run->err) != 0)
		return -1;
	const struct arguments *arguments = &run->recipe.steps[0];
	const struct step_kind *kind = step_require(arguments, &run->err);
	struct binding binding = { .arguments = arguments, .schema = &run->before, .seed = 42, .entry = &run->entry };
	if (!kind || kind->bind(&binding, &run->err) != BIND_DONE)
		return -1;
	struct schema known;
	bool opens = true;
	schema_copy(&known, &run->before);
	for (size_t i = 0; i < run->entry.n_units; i++) {       /* before the fit, too */
		void *op = kind->open(&run->entry.units[i], &known, &run->err);
		opens &= op != NULL;
		kind->close(op);
	}
	schema_release(&known);
	for (size_t i = 0; opens && i < run->entry.n_units; i++) {
		struct unit *unit = &run->entry.units[i];
		if (kind->fit_new && (!kind->learns || kind->learns(unit)) && fit_unit(run, kind, unit, size, train_only, memory) != FIT_DONE)
			return -1;
		if (unit->state)
			buffer_add(&run->states, unit->state->data, unit->state->size);
	}
	return opens ? apply_units(run, kind, size) : -1;
}

static uint64_t counted(const struct tally *tally, const char *reason)
{
	uint64_t count = 0;

	for (size_t i = 0; i < tally->n; i++) {
		struct buffer text = BUFFER_INIT;

		tally_item_print_within(&tally->items[i], &text);
		if (strcmp(buffer_text(&text), reason) == 0)
			count = tally->items[i].count;
		buffer_free(&text);
	}
	return count;
}

/* The value in a row of the whole table, after the step; NaN: missing. */
static double value_at(struct run *run, const char *name, size_t row)
{
	int col = schema_find(&run->after, name);
	const struct column *column = col == NO_FIELD ? NULL : column_read(&run->whole, (size_t)col, &run->err);

	if (!column || !column_valid(column, row))
		return NAN;
	return column_number(column, run->after.fields[col].type, row);
}

static enum type type_of(const struct run *run, const char *name)
{
	return run->after.fields[schema_find(&run->after, name)].type;
}

/* States and watched texts come out the same for any batch size, with memory for all values and for few. */
static void check_sizes(const char *line, const char *watched, uint64_t little)
{
	const size_t sizes[] = { 1, 7, 64, 333 };
	struct run whole = { .watched = watched }, parts = { .watched = watched };

	TEST(line);
	CHECK(run_step(&whole, line, N_ROWS, true, 1 << 20) == 0);
	for (size_t i = 0; i < 4; i++) {
		CHECK(run_step(&parts, line, sizes[i], true, little && i % 2 ? little : 1 << 20) == 0);
		CHECK(parts.states.size == whole.states.size
			&& (whole.states.size == 0 || memcmp(parts.states.data, whole.states.data, whole.states.size) == 0));
		CHECK_TEXT(buffer_text(&parts.texts), buffer_text(&whole.texts));
		if (little && i % 2)
			CHECK(parts.passes > 1);
	}
	run_release(&whole);
	run_release(&parts);
}

/* ---- scale ---- */

static void test_scale(void)
{
	const struct { const char *line; double x[3], n[3]; } cases[] = {
		{ "scale x n", { -1.7285062819294168, 1.5055227801833233, 0.05072195604390704 },
		  { -1.6327723929819804, 1.0197642903907225, 0.8157230070543607 } },
		{ "scale x n minmax", { 0.0, 0.939484126984127, 0.5168650793650794 }, { 0.0, 0.8125, 0.75 } },
		{ "scale x n robust", { -1.0449897750511246, 0.8916155419222903, 0.020449897750511342 }, { -1.0, 0.625, 0.5 } },
		{ "scale x n maxabs", { -0.15481793410948724, 0.9301151845429775, 0.4420671290562299 },
		  { -0.45454545454545453, 0.7272727272727273, 0.6363636363636364 } },
	};
	const size_t rows[] = { 0, 7, 999 };
	struct run run = { .passes = 0 };

	for (size_t i = 0; i < 4; i++) {
		TEST(cases[i].line);
		CHECK(run_step(&run, cases[i].line, 100, false, 1 << 20) == 0);
		for (size_t j = 0; j < 3; j++) {
			CHECK_NEAR(value_at(&run, "x", rows[j]), cases[i].x[j], 1e-13);
			CHECK_NEAR(value_at(&run, "n", rows[j]), cases[i].n[j], 1e-13);
		}
		CHECK(isnan(value_at(&run, "x", 3)) && isnan(value_at(&run, "n", 5)));
		CHECK(type_of(&run, "n") == TYPE_REAL && run.entry.n_units == 2);
		double values[] = { cases[i].x[1] };
		CHECK(step_find("scale")->undo(&run.entry.units[0], values, 1, &run.err) == 0);
		CHECK_NEAR(values[0], (7 * 7919 % 1009) * 0.37 - 50, 1e-11);
	}
	TEST("scale with n - 1");
	CHECK(run_step(&run, "scale x n ddof=1", 100, false, 1 << 20) == 0);
	CHECK_NEAR(value_at(&run, "x", 0), -1.7275552467641997, 1e-13);
	CHECK_NEAR(value_at(&run, "n", 0), -1.6318876611950044, 1e-13);
	TEST("scale: bool is a number, text is not");
	CHECK(run_step(&run, "scale flag minmax", 100, false, 1 << 20) == 0 && value_at(&run, "flag", 3) == 1);
	CHECK(run_step(&run, "scale city", 100, false, 1 << 20) == -1);
	CHECK(strstr(run.err.message, "argument 1:7: step 'scale': column 'city' is text, not int, real or bool"));
	run_release(&run);
	check_sizes("scale x n", NULL, 0);
	check_sizes("scale x robust", NULL, 1600);
}

/* A column of one value has scale 1: scikit-learn's StandardScaler on [0.1]*20 gives mean 0.1, scale 1. */
static void test_constant(void)
{
	const char *const lines[] = { "scale c", "scale c minmax", "scale c robust", "scale c standard ddof=1" };

	for (size_t i = 0; i < 4; i++) {
		struct recipe recipe = RECIPE_INIT;
		struct error err = ERROR_INIT;
		struct schema schema = SCHEMA_INIT;
		struct entry entry = { .text = NULL };
		struct batch batch = BATCH_INIT;
		struct step_limits limits = { .memory = 1 << 20 };
		const struct step_kind *kind = step_find("scale");
		TEST(lines[i]);
		schema_add(&schema, "c", TYPE_REAL, ROLE_FEATURE);
		batch_start(&batch, &schema, 20);
		double *values = batch_values(&batch, TYPE_REAL), result = 0.1;
		for (size_t row = 0; row < 20; row++)
			values[row] = 0.1;
		batch_put(&batch, 0, &(struct column){ .values = values });
		CHECK(recipe_add(&recipe, lines[i], "argument 1", &err) == 0);
		struct binding binding = { .arguments = &recipe.steps[0], .schema = &schema, .entry = &entry };
		CHECK(kind->bind(&binding, &err) == BIND_DONE);
		void *fit = kind->fit_new(&entry.units[0], &schema, &limits, &err);
		CHECK(kind->fit_update(fit, &batch, NULL, &err) == 0 && kind->fit_finish(fit, &entry.units[0], &err) == FIT_DONE);
		kind->fit_free(fit);
		CHECK(kind->undo(&entry.units[0], &result, 1, &err) == 0);
		CHECK_NEAR(result, 0.2, 1e-15);         /* 0.1 * 1 + 0.1 */
		batch_free(&batch);
		unit_release(&entry.units[0]);
		free(entry.units);
		schema_release(&schema);
		recipe_release(&recipe);
	}
}

/* ---- impute ---- */

static void test_impute_all(void)
{
	struct run run = { .passes = 0 };

	TEST("impute: mean");
	CHECK(run_step(&run, "impute x n mean", 100, false, 1 << 20) == 0);
	CHECK_NEAR(value_at(&run, "x", 3), 137.27454345434543, 1e-11);
	CHECK_NEAR(value_at(&run, "n", 5), 3.0021668472372696, 1e-13);
	CHECK(type_of(&run, "n") == TYPE_REAL && value_at(&run, "n", 0) == -5);
	CHECK(counted(&run.counts, "x filled") == 91 && counted(&run.counts, "n filled") == 77);
	TEST("impute: median is what numbers take");
	CHECK(run_step(&run, "impute x n", 100, false, 1 << 20) == 0);
	CHECK_NEAR(value_at(&run, "x", 3), 139.07, 1e-12);
	CHECK(value_at(&run, "n", 5) == 3);
	TEST("impute: mode keeps the type, the smallest of equally frequent values");
	CHECK(run_step(&run, "impute x n mode", 100, false, 1 << 20) == 0);
	CHECK(value_at(&run, "x", 3) == -50 && value_at(&run, "n", 5) == -5 && type_of(&run, "n") == TYPE_INT);
	TEST("impute: text");
	run.watched = "city";
	CHECK(run_step(&run, "impute city", 100, false, 1 << 20) == 0);
	CHECK(strncmp(buffer_text(&run.texts), "Aarhus Bergen \xc3\x89vora \xc3\x89vora Bergen Aarhus Bergen Aarhus Aarhus Aarhus ", 66) == 0);
	CHECK(counted(&run.counts, "city filled") == 59);
	TEST("impute: a constant, with an indicator");
	CHECK(run_step(&run, "impute city n constant=7 indicator", 100, false, 1 << 20) == 0);
	CHECK(strncmp(buffer_text(&run.texts), "Aarhus Bergen \xc3\x89vora \xc3\x89vora Bergen Aarhus Bergen Aarhus Aarhus 7 ", 61) == 0);
	CHECK(value_at(&run, "n", 5) == 7 && value_at(&run, "n_missing", 5) == 1 && value_at(&run, "n_missing", 6) == 0);
	CHECK(value_at(&run, "city_missing", 9) == 1 && value_at(&run, "city_missing", 8) == 0 && run.after.n_fields == 7);
	TEST("impute: an indicator of a column that is whole");
	CHECK(run_step(&run, "impute flag indicator", 100, false, 1 << 20) == 0 && value_at(&run, "flag_missing", 0) == 0);
	run_release(&run);
}

static void test_impute_groups(void)
{
	struct run run = { .watched = NULL };

	TEST("impute: mean by group");                  /* rows without a group take the mean of all rows */
	CHECK(run_step(&run, "impute x mean by=city", 100, false, 1 << 20) == 0);
	for (size_t i = 0; i < N_ROWS; i++) {
		const char *city = city_of(i);
		double mean = !city ? 137.27454345434543 : *city == 'A' ? 136.37547085201794 : *city == 'B' ? 132.8375
			: *city == 'C' ? 140.87456140350878 : *city == 'D' ? 138.52040935672514 : 139.97415492957745;
		if (i % 11 == 3)
			CHECK_NEAR(value_at(&run, "x", i), mean, 1e-11);
	}
	TEST("impute: median by group");
	CHECK(run_step(&run, "impute x median by=city", 100, false, 1 << 20) == 0);
	for (size_t i = 0; i < N_ROWS; i++) {
		const char *city = city_of(i);
		double median = !city ? 139.07 : *city == 'A' ? 136.48 : *city == 'B' ? 129.08
			: *city == 'C' ? 143.88 : *city == 'D' ? 140.55 : 140.92;
		if (i % 11 == 3)
			CHECK_NEAR(value_at(&run, "x", i), median, 1e-11);
	}
	TEST("impute: mode by group");
	CHECK(run_step(&run, "impute n mode by=city", 100, false, 1 << 20) == 0);
	for (size_t i = 0; i < N_ROWS; i++) {
		const char *city = city_of(i);
		int mode = !city ? -5 : *city == 'A' ? -2 : *city == 'B' ? -4 : *city == 'C' ? -4 : *city == 'D' ? -5 : 7;
		if (i % 13 == 5)
			CHECK(value_at(&run, "n", i) == mode);
	}
	run_release(&run);
	check_sizes("impute x n mean", "city", 0);
	check_sizes("impute x n median", NULL, 0);
	check_sizes("impute x median", NULL, 4 * 8 * 100);
	check_sizes("impute x n mode", NULL, 0);
	check_sizes("impute city mode", "city", 0);
	check_sizes("impute city mode by=n", "city", 0);
	check_sizes("impute x mean by=city", NULL, 0);
	check_sizes("impute x median by=city", NULL, 4 * 16 * 200);     /* two groups a pass */
	check_sizes("impute x median by=city", NULL, 4 * 16 * 50);      /* each group larger than a pass */
	check_sizes("impute x median by=flag", NULL, 4 * 16 * 300);     /* one fits, one does not */
}

static void test_impute_errors(void)
{
	struct run run = { .watched = NULL };

	TEST("impute: what does not go");
	CHECK(run_step(&run, "impute city mean", 100, false, 1 << 20) == -1 && strstr(run.err.message, "column 'city' is text, not int or real"));
	CHECK(run_step(&run, "impute n constant=0.5", 100, false, 1 << 20) == -1 && strstr(run.err.message, "constant=0.5 is no value of column 'n'"));
	CHECK(run_step(&run, "impute n mean constant=5", 100, false, 1 << 20) == -1);
	CHECK(run_step(&run, "impute n by=town", 100, false, 1 << 20) == -1 && strstr(run.err.message, "argument 1:10: "));
	CHECK(run_step(&run, "impute n by=n", 100, false, 1 << 20) == -1);
	run_release(&run);
}

/* ---- onehot ---- */

static void test_onehot(void)
{
	struct run run = { .watched = NULL };
	double sums[5] = { 0 };
	const char *const names[] = { "city=Aarhus", "city=Bergen", "city=Cork", "city=Delft", "city=\xc3\x89vora" };

	TEST("onehot: all levels, in byte order, behind the other columns");
	CHECK(run_step(&run, "onehot city", 100, false, 1 << 20) == 0 && run.after.n_fields == 10);
	for (size_t i = 0; i < 5; i++) {
		CHECK_TEXT(run.after.fields[5 + i].name, names[i]);
		CHECK(run.after.fields[5 + i].type == TYPE_BOOL && run.after.fields[5 + i].role == ROLE_FEATURE);
		for (size_t row = 0; row < N_ROWS; row++)
			sums[i] += value_at(&run, names[i], row);
	}
	CHECK(sums[0] == 244 && sums[1] == 163 && sums[2] == 187 && sums[3] == 188 && sums[4] == 159);
	CHECK(run.after.fields[CITY].role == ROLE_SOURCE && counted(&run.counts, "city missing") == 59);
	CHECK(value_at(&run, "city=Bergen", 9) == 0);
	TEST("onehot: rare levels and other");
	CHECK(run_step(&run, "onehot city min=188 other", 100, false, 1 << 20) == 0 && run.after.n_fields == 8);
	CHECK_TEXT(run.after.fields[7].name, "city=other");
	CHECK(counted(&run.counts, "city other") == 163 + 187 + 159);
	CHECK(value_at(&run, "city=other", 1) == 1 && value_at(&run, "city=other", 0) == 0 && value_at(&run, "city=other", 9) == 0);
	TEST("onehot: the most frequent");
	CHECK(run_step(&run, "onehot city max=2", 100, false, 1 << 20) == 0 && run.after.n_fields == 7);
	CHECK_TEXT(run.after.fields[6].name, "city=Delft");
	CHECK(counted(&run.counts, "city unknown") == 163 + 187 + 159);
	TEST("onehot: unknown levels are null if one says so, and an error");
	CHECK(run_step(&run, "onehot city max=2 unknown=null", 100, false, 1 << 20) == 0);
	CHECK(isnan(value_at(&run, "city=Delft", 1)) && value_at(&run, "city=Aarhus", 0) == 1 && value_at(&run, "city=Aarhus", 9) == 0);
	CHECK(run_step(&run, "onehot city max=2 unknown=error", 100, false, 1 << 20) == -1);
	TEST("onehot: int and bool");
	CHECK(run_step(&run, "onehot n flag", 100, false, 1 << 20) == 0 && run.after.n_fields == 5 + 17 + 2);
	CHECK(value_at(&run, "n=-5", 0) == 1 && value_at(&run, "n=11", 0) == 0 && value_at(&run, "flag=true", 0) == 1);
	TEST("onehot: too many levels");
	CHECK(run_step(&run, "onehot x", 100, false, 1 << 20) == -1);
	CHECK(run_step(&run, "onehot _row", 100, false, 4096) == -1 && strstr(run.err.message, "different values"));
	CHECK(run_step(&run, "onehot _row max=3", 100, false, 1 << 20) == 0);
	CHECK_TEXT(run.after.fields[5].name, "_row=0");
	CHECK_TEXT(run.after.fields[6].name, "_row=1");
	CHECK_TEXT(run.after.fields[7].name, "_row=10");
	run_release(&run);
	check_sizes("onehot city n flag other min=10", "city", 0);
}

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
	check_sizes("limit 130", "_row", 0);
	check_sizes("dedupe city flag", "_row", 0);
}

static void test_split(void)
{
	struct run run = { .watched = "_split" };
	size_t n_test;

	TEST("split by chance");
	CHECK(run_step(&run, "split test=0.2 valid=0.1", 100, false, 1 << 20) == 0);
	n_test = (size_t)counted(&run.counts, "test");
	CHECK(n_test > 160 && n_test < 240 && counted(&run.counts, "valid") > 65 && counted(&run.counts, "valid") < 135);
	CHECK(n_test + counted(&run.counts, "valid") + counted(&run.counts, "train") == N_ROWS);
	CHECK(run.after.fields[5].role == ROLE_SPLIT && run.entry.units[0].acts == ACTS_ON_ROWS);
	TEST("split: another seed, another choice");
	char *marks = mem_text(buffer_text(&run.texts));
	CHECK(run_step(&run, "split test=0.2 valid=0.1 seed=43", 100, false, 1 << 20) == 0);
	CHECK(strcmp(buffer_text(&run.texts), marks) != 0);
	CHECK(run_step(&run, "split test=0.2 valid=0.1 seed=42", 100, false, 1 << 20) == 0);
	CHECK_TEXT(buffer_text(&run.texts), marks);
	free(marks);
	TEST("split by key: equal keys, equal marks");
	CHECK(run_step(&run, "split test=0.4 by=city", 100, false, 1 << 20) == 0 && counted(&run.counts, "without a key") == 59);
	const struct column *mark = &run.whole.columns[5];
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
	check_sizes("split test=0.2 valid=0.1", "_split", 0);
	check_sizes("split test=0.5 by=city", "_split", 0);
	check_sizes("split test=0.5 by=n", "_split", 0);
}

static void test_split_rows(void)
{
	const char path[] = "test_steps-rows";
	struct run run = { .watched = "_split" };
	FILE *file = fopen(path, "w");

	TEST("split by a list of rows");
	CHECK(file && fputs("999\n0\n\n 130\n", file) >= 0 && fclose(file) == 0);
	CHECK(run_step(&run, "split rows=test_steps-rows", 100, false, 1 << 20) == -1);         /* " 130" */
	file = fopen(path, "w");
	CHECK(file && fputs("999\n0\n\n130\r\n131\n130\n5000000000\n", file) >= 0 && fclose(file) == 0);
	CHECK(run_step(&run, "split rows=test_steps-rows", 100, false, 1 << 20) == 0);
	CHECK(counted(&run.counts, "test") == 4 && counted(&run.counts, "valid") == 0);
	const struct column *mark = &run.whole.columns[5];
	CHECK(mark->codes[0] == 2 && mark->codes[130] == 2 && mark->codes[131] == 2 && mark->codes[999] == 2 && mark->codes[1] == 0);
	check_sizes("split rows=test_steps-rows valid=0.2", "_split", 0);
	remove(path);
	run_release(&run);
}

/* ---- columns ---- */

static const char *names_of(const struct run *run, struct buffer *to)
{
	buffer_clear(to);
	for (size_t i = 0; i < run->after.n_fields; i++)
		buffer_format(to, "%s%s", i ? " " : "", run->after.fields[i].name);
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

/* ---- the table of steps ---- */

static void test_list(void)
{
	size_t n;
	const struct step_kind *const *kinds = step_list(&n);
	struct run run = { .watched = NULL };

	TEST("every step is complete, and in its place in the alphabet");
	for (size_t i = 0; i < n; i++) {
		CHECK(kinds[i]->usage && kinds[i]->summary && kinds[i]->example && kinds[i]->bind && kinds[i]->open && kinds[i]->close);
		CHECK(kinds[i]->apply || kinds[i]->judge || strcmp(kinds[i]->name, "role") == 0 || strcmp(kinds[i]->name, "rename") == 0);
		CHECK(strncmp(kinds[i]->usage, kinds[i]->name, strlen(kinds[i]->name)) == 0);
		CHECK(strncmp(kinds[i]->example, kinds[i]->name, strlen(kinds[i]->name)) == 0);
		CHECK(!kinds[i]->fit_new == !kinds[i]->fit_update && !kinds[i]->fit_new == !kinds[i]->fit_finish);
		CHECK(i == 0 || strcmp(kinds[i - 1]->name, kinds[i]->name) < 0);
		CHECK(step_find(kinds[i]->name) == kinds[i]);
	}
	TEST("an unknown step");
	CHECK(run_step(&run, "scael x", 100, false, 1 << 20) == -1);
	CHECK_TEXT(run.err.message, "argument 1:1: step 'scael': no such step (did you mean 'scale'?)\n  scael x\n  ^");
	run_release(&run);
}

int main(void)
{
	test_list();
	test_scale();
	test_constant();
	test_impute_all();
	test_impute_groups();
	test_impute_errors();
	test_onehot();
	test_rows();
	test_split();
	test_split_rows();
	test_columns();
	return unit_done();
}
