/* SPDX-License-Identifier: MIT */
/*
 * Steps that learn, driven by hand over batches of several sizes (step_run.h). Reference values are those of
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
 */
#include "step_run.h"

/* ---- the table of steps ---- */

static void test_list(void)
{
	size_t n;
	const struct step_kind *const *kinds = step_list(&n);
	struct run run = { .watched = NULL };

	TEST("every step is complete, and in its place in the alphabet");
	for (size_t i = 0; i < n; i++) {
		CHECK(kinds[i]->usage && kinds[i]->summary && kinds[i]->example && kinds[i]->bind);
		CHECK(kinds[i]->fields || kinds[i]->apply || kinds[i]->judge || kinds[i]->over);
		CHECK((!kinds[i]->apply && !kinds[i]->judge) || (kinds[i]->open && kinds[i]->close));
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
		double value;

		TEST(cases[i].line);
		CHECK(run_step(&run, cases[i].line, 100, false, 1 << 20) == 0);
		for (size_t j = 0; j < 3; j++) {
			CHECK_NEAR(value_at(&run, "x", rows[j]), cases[i].x[j], 1e-13);
			CHECK_NEAR(value_at(&run, "n", rows[j]), cases[i].n[j], 1e-13);
		}
		CHECK(isnan(value_at(&run, "x", 3)) && isnan(value_at(&run, "n", 5)));
		CHECK(type_of(&run, "n") == TYPE_REAL && run.entry.n_units == 2);
		value = cases[i].x[1];
		CHECK(step_find("scale")->undo(&run.entry.units[0], &value, 1, &run.err) == 0);
		CHECK_NEAR(value, (7 * 7919 % 1009) * 0.37 - 50, 1e-11);
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
	check_sizes("scale x n", NULL, 0, false);
	check_sizes("scale x robust", NULL, 1600, true);
}

/* python3: math.exp(2.5), math.expm1(2.5), 2.5 ** 2, and the same of -2; no root is below 0. */
static void test_log(void)
{
	static const struct { const char *name; double back[2]; } cases[] = {
		{ "log", { 12.182493960703473, 0.1353352832366127 } },
		{ "log1p", { 11.182493960703473, -0.8646647167633873 } },
		{ "sqrt", { 6.25, 0 } },
	};

	for (size_t i = 0; i < 3; i++) {
		double values[] = { 2.5, -2, NAN };
		struct entry entry = { .text = NULL };
		struct error err = ERROR_INIT;
		const struct step_kind *kind = step_find(cases[i].name);
		struct unit *unit = entry_add(&entry, cases[i].name);

		TEST(cases[i].name);
		CHECK(kind && kind->undo(unit, values, 3, &err) < 0);   /* a broken unit: of no column */
		error_clear(&err);
		names_add(&unit->reads, "y");
		CHECK(kind && kind->undo(unit, values, 3, &err) == 0);
		CHECK_NEAR(values[0], cases[i].back[0], 1e-14);
		CHECK_NEAR(values[1], cases[i].back[1], 1e-15);
		CHECK(isnan(values[2]));
		entry_release(&entry);
	}
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
		struct column fresh = COLUMN_INIT;
		double *values, result;
		struct binding binding;
		void *fit;

		TEST(lines[i]);
		schema_add(&schema, "c", TYPE_REAL, ROLE_FEATURE);
		batch_start(&batch, NULL, &schema, 20);
		values = column_new_values(&fresh, NULL, TYPE_REAL, 20);
		result = 0.1;
		for (size_t row = 0; row < 20; row++)
			values[row] = 0.1;
		batch_put(&batch, 0, TYPE_REAL, &fresh);
		CHECK(recipe_add(&recipe, lines[i], "argument 1", &err) == 0);
		binding = (struct binding) { .arguments = &recipe.steps[0], .schema = &schema, .entry = &entry };
		CHECK(kind->bind(&binding, &err) == BIND_DONE);
		fit = kind->fit_new(&entry.units[0], &schema, &limits, &err);
		CHECK(kind->fit_update(fit, &batch, NULL, &err) == 0 && kind->fit_finish(fit, &entry.units[0], &err) == FIT_DONE);
		kind->fit_free(fit);
		CHECK(kind->undo(&entry.units[0], &result, 1, &err) == 0);
		CHECK_NEAR(result, 0.2, 1e-15);         /* 0.1 * 1 + 0.1 */
		batch_free(&batch);
		entry_release(&entry);
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
	check_sizes("impute x n mean", "city", 0, false);
	check_sizes("impute x n median", NULL, 0, false);
	check_sizes("impute x median", NULL, 4 * 8 * 100, true);
	check_sizes("impute x n mode", NULL, 0, false);
	check_sizes("impute city mode", "city", 0, false);
	check_sizes("impute city mode by=n", "city", 0, false);
	check_sizes("impute x mean by=city", NULL, 0, false);
	check_sizes("impute x median by=city", NULL, 4 * 16 * 200, false);      /* in several runs */
	check_sizes("impute x median by=flag", NULL, 4 * 16 * 300, false);
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
	for (size_t i = 0; i < 5; i++)
		CHECK(run.whole.columns[5 + i].encoding == ENCODED_MOSTLY && run.whole.columns[5 + i].n_odd == sums[i]);
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
	CHECK(run.whole.columns[5].encoding == ENCODED_PLAIN && run.whole.columns[5].valid == run.whole.columns[6].valid);
	CHECK(run_step(&run, "onehot city max=2 unknown=error", 100, false, 1 << 20) == -1);
	TEST("onehot: int and bool");
	CHECK(run_step(&run, "onehot n flag", 100, false, 1 << 20) == 0 && run.after.n_fields == 5 + 17 + 2);
	CHECK(value_at(&run, "n=-5", 0) == 1 && value_at(&run, "n=11", 0) == 0 && value_at(&run, "flag=true", 0) == 1);
	CHECK(value_at(&run, "flag=false", 0) == 0 && value_at(&run, "flag=false", 1) == 1);
	CHECK(run.whole.columns[5 + 17].first.number == 1 && run.whole.columns[5 + 17].n_odd == 334);   /* flag=false is mostly true */
	TEST("onehot: too many levels");
	CHECK(run_step(&run, "onehot x", 100, false, 1 << 20) == -1);
	CHECK(run_step(&run, "onehot _row", 100, false, 4096) == -1 && strstr(run.err.message, "different values"));
	CHECK(run_step(&run, "onehot _row max=3", 100, false, 1 << 20) == 0);
	CHECK_TEXT(run.after.fields[5].name, "_row=0");
	CHECK_TEXT(run.after.fields[6].name, "_row=1");
	CHECK_TEXT(run.after.fields[7].name, "_row=10");
	run_release(&run);
	check_sizes("onehot city n flag other min=10", "city", 0, false);
}

/* ---- levels ---- */

/* The counts are those of the columns of onehot, above: Aarhus 244, Delft 188, Cork 187, Bergen 163, Évora 159, and 59 nulls. */
static void test_levels(void)
{
	struct run run = { .watched = NULL };
	const double counts[] = { 0, 244, 188, 187, 163, 159 };
	double rows[6] = { 0 };

	TEST("levels: numbers by frequency, nulls stay null");
	CHECK(run_step(&run, "levels city", 100, false, 1 << 20) == 0 && run.after.n_fields == 6);
	CHECK_TEXT(run.after.fields[5].name, "city_level");
	CHECK(run.after.fields[5].type == TYPE_INT && run.after.fields[5].role == ROLE_FEATURE && run.after.fields[CITY].role == ROLE_SOURCE);
	for (size_t row = 0; row < N_ROWS; row++) {
		double number = value_at(&run, "city_level", row);

		CHECK(isnan(number) || (number >= 1 && number <= 5));
		if (!isnan(number))
			rows[(size_t)number]++;
	}
	CHECK(memcmp(rows, counts, sizeof rows) == 0);
	CHECK(counted(&run.counts, "city missing") == 59 && counted(&run.counts, "city other") == 0 && run.whole.columns[5].n_missing == 59);
	TEST("levels: rare ones are 0, nulls too, or the last");
	CHECK(run_step(&run, "levels city min=187 missing=other as=c", 100, false, 1 << 20) == 0);
	CHECK(value_at(&run, "c", 9) == 0 && value_at(&run, "c", 1) == 0 && value_at(&run, "c", 0) == 1);
	CHECK(counted(&run.counts, "city other") == 163 + 159 && run.whole.columns[5].n_missing == 0);
	CHECK(run_step(&run, "levels city max=2 missing=own", 100, false, 1 << 20) == 0);
	CHECK(value_at(&run, "city_level", 9) == 3 && value_at(&run, "city_level", 1) == 0 && counted(&run.counts, "city other") == 163 + 159 + 187);
	TEST("levels: int and bool; too many");
	CHECK(run_step(&run, "levels n flag", 100, false, 1 << 20) == 0 && value_at(&run, "flag_level", 0) == 2 && value_at(&run, "flag_level", 1) == 1);
	CHECK(run_step(&run, "levels x", 100, false, 1 << 20) == -1);
	CHECK(run_step(&run, "levels _row", 100, false, 4096) == -1 && strstr(run.err.message, "different values"));
	run_release(&run);
	check_sizes("levels city n flag min=10 missing=own", "city", 0, false);
}

int main(void)
{
	test_list();
	test_scale();
	test_constant();
	test_log();
	test_impute_all();
	test_impute_groups();
	test_impute_errors();
	test_onehot();
	test_levels();
	return unit_done();
}
