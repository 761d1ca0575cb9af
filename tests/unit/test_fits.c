/* SPDX-License-Identifier: MIT */
/*
 * Fits of parts of a stream, packed, unpacked and merged, against one fit over all
 * of it: the same bits where parts are cut between blocks of 1,024 rows, and the
 * same but for rounding where they are cut elsewhere.
 */
#include <stdlib.h>

#include "group_sums.h"
#include "memory.h"
#include "step.h"
#include "text_builder.h"
#include "unit.h"

enum { N_ROWS = 9 * 1024 + 500, PARTS = 4, MUCH = 1 << 20, LITTLE = 60 * 1024 };
enum { X, COUNT, CITY, FLAG, KEY, BARE };

/* ---- the table ---- */

static void put_text(struct batch *batch, size_t col, size_t first, size_t n_texts)
{
	struct text_builder *builder = text_builder_new();
	struct column column = COLUMN_INIT;

	for (size_t row = 0; row < batch->n_rows; row++) {
		size_t i = first + row;
		char text[32];

		/* Texts come up in another order in each part. */
		snprintf(text, sizeof text, "%c%zu", (int)('a' + i * 7 % 5), (i * i + i / 1300) % n_texts);
		if (i % 17 == 9)
			text_builder_add_missing(builder);
		else
			text_builder_add(builder, i % 29 == 5 ? "other" : text, i % 29 == 5 ? 5 : strlen(text));
	}
	text_builder_finish(builder, batch->pool, &column);
	text_builder_free(builder);
	batch_put(batch, col, TYPE_TEXT, &column);
}

static void fill(struct batch *batch, const struct schema *schema, size_t first, size_t n)
{
	batch_start(batch, NULL, schema, n);
	batch->first_row = first;
	for (size_t col = 0; col < schema->n_fields; col++) {
		enum type type = schema->fields[col].type;
		struct column fresh = COLUMN_INIT;
		uint64_t *valid;
		void *values;

		if (type == TYPE_TEXT) {
			put_text(batch, col, first, col == CITY ? 3 : 40);
			continue;
		}
		valid = column_new_valid(&fresh, batch->pool, n, false);
		values = column_new_values(&fresh, batch->pool, type, n);
		for (size_t row = 0; row < n; row++) {
			size_t i = first + row;

			if (col == BARE ? i < 4000 : i % (11 + col) == 3)       /* BARE: whole parts have no value */
				continue;
			valid[row / 64] |= UINT64_C(1) << row % 64;
			if (type == TYPE_REAL)
				((double *)values)[row] = i % 100 == 50 ? (i % 200 == 50 ? 0.0 : -0.0) : (double)(i * 7919 % 10007) * 0.37 - 1800 + (double)(i / 2000);
			else if (type == TYPE_BOOL)
				((uint8_t *)values)[row] = i % 3 == 0 || i > 7000;
			else
				((int64_t *)values)[row] = (int64_t)(i * 31 % 17) - 5;
		}
		batch_put(batch, col, type, &fresh);
	}
}

/* ---- one unit, fitted in parts ---- */

struct trial {
	struct schema schema;
	struct recipe recipe;
	struct entry entry;
	const struct step_kind *kind;
	struct unit *unit;
	struct step_limits limits;
	unsigned passes;
	struct error err;
};

static void trial_start(struct trial *trial, const char *line, uint64_t memory)
{
	struct binding binding;

	*trial = (struct trial){ .limits = { memory }, .err = ERROR_INIT };
	schema_add(&trial->schema, "x", TYPE_REAL, ROLE_FEATURE);
	schema_add(&trial->schema, "n", TYPE_INT, ROLE_FEATURE);
	schema_add(&trial->schema, "city", TYPE_TEXT, ROLE_FEATURE);
	schema_add(&trial->schema, "flag", TYPE_BOOL, ROLE_FEATURE);
	schema_add(&trial->schema, "key", TYPE_TEXT, ROLE_FEATURE);
	schema_add(&trial->schema, "bare", TYPE_REAL, ROLE_FEATURE);
	CHECK(recipe_add(&trial->recipe, line, "argument 1", &trial->err) == 0);
	binding = (struct binding) { .arguments = &trial->recipe.steps[0], .schema = &trial->schema, .seed = 1, .entry = &trial->entry };
	trial->kind = step_require(binding.arguments, &trial->err);
	CHECK(trial->kind && trial->kind->bind(&binding, &trial->err) == BIND_DONE && trial->entry.n_units == 1);
	trial->unit = &trial->entry.units[0];
}

static void trial_release(struct trial *trial)
{
	entry_release(&trial->entry);
	recipe_release(&trial->recipe);
	schema_release(&trial->schema);
}

static void *new_fit(struct trial *trial)
{
	void *fit = trial->kind->fit_new(trial->unit, &trial->schema, &trial->limits, &trial->err);

	CHECK(fit != NULL);
	return fit;
}

/* What `fit` packs, in a fresh one; `fit` stays. */
static void *copy_of(struct trial *trial, const void *fit)
{
	void *copy = new_fit(trial);
	struct buffer bytes = BUFFER_INIT;
	struct unpacked unpacked = { .zone = NULL };

	CHECK(trial->kind->fit_pack(fit, &bytes, &trial->err) == 0);
	CHECK(pack_read(&unpacked, bytes.data, bytes.size, &trial->err) == 0);
	CHECK(trial->kind->fit_unpack(copy, &unpacked.object, &trial->err) == 0);
	unpacked_free(&unpacked);
	buffer_free(&bytes);
	return copy;
}

/* Rows first .. last - 1 in batches of sizes that begin with `size`; a third of the rows is not to be learned from. */
static int feed(struct trial *trial, void *fit, size_t first, size_t last, size_t size)
{
	struct batch batch = BATCH_INIT;
	uint64_t rows[BATCH_ROWS / 64];
	int result = 0;

	for (size_t at = first, n; result == 0 && at < last; at += n, size = size * 5 % 3001 + 1) {
		n = size < last - at ? size : last - at;
		fill(&batch, &trial->schema, at, n);
		memset(rows, 0, sizeof rows);
		for (size_t row = 0; row < n; row++)
			rows[row / 64] |= (uint64_t)((at + row) % 3 != 0) << row % 64;
		result = trial->kind->fit_update(fit, &batch, rows, &trial->err);
	}
	batch_free(&batch);
	return result;
}

static void fit_whole(struct trial *trial)
{
	void *fit = new_fit(trial);
	int result = FIT_AGAIN;

	for (trial->passes = 0; result == FIT_AGAIN && trial->passes < 100; trial->passes++) {
		CHECK(feed(trial, fit, 0, N_ROWS, 3000) == 0);
		result = trial->kind->fit_finish(fit, trial->unit, &trial->err);
	}
	CHECK(result == FIT_DONE);
	trial->kind->fit_free(fit);
}

/* Part k of a pass: the rows first[k] .. first[k + 1] - 1. Merged two by two, in a row, in an order that each pass turns on. */
static void fit_parts(struct trial *trial, const size_t *first, const int *order, bool pairs)
{
	void *whole = new_fit(trial), *parts[PARTS];
	int result = FIT_AGAIN;

	for (trial->passes = 0; result == FIT_AGAIN && trial->passes < 100; trial->passes++) {
		void *in_order[PARTS];

		for (size_t k = 0; k < PARTS; k++) {
			void *part = copy_of(trial, whole);

			CHECK(feed(trial, part, first[k], first[k + 1], 77 + 900 * k) == 0);
			parts[k] = copy_of(trial, part);        /* as it would come from another machine */
			trial->kind->fit_free(part);
		}
		trial->kind->fit_free(whole);
		for (size_t k = 0; k < PARTS; k++)
			in_order[k] = parts[(size_t)order[(k + trial->passes) % PARTS]];
		if (pairs) {
			CHECK(trial->kind->fit_merge(in_order[2], in_order[3], &trial->err) == 0);
			CHECK(trial->kind->fit_merge(in_order[0], in_order[1], &trial->err) == 0);
			CHECK(trial->kind->fit_merge(in_order[0], in_order[2], &trial->err) == 0);
		} else {
			for (size_t k = 1; k < PARTS; k++)
				CHECK(trial->kind->fit_merge(in_order[0], in_order[k], &trial->err) == 0);
		}
		whole = in_order[0];
		for (size_t k = 1; k < PARTS; k++)
			trial->kind->fit_free(in_order[k]);
		result = trial->kind->fit_finish(whole, trial->unit, &trial->err);
	}
	CHECK(result == FIT_DONE);
	trial->kind->fit_free(whole);
}

/* ---- comparing ---- */

static bool near(object a, object b)
{
	if (!a || !b || a->type != b->type)
		return false;
	if (a->type == MSGPACK_OBJECT_FLOAT64)
		return fabs(a->via.f64 - b->via.f64) <= 1e-12 * fabs(a->via.f64);
	if (a->type == MSGPACK_OBJECT_MAP) {
		for (uint32_t i = 0; i < a->via.map.size; i++)
			if (b->via.map.size != a->via.map.size || !near(&a->via.map.ptr[i].val, &b->via.map.ptr[i].val))
				return false;
		return true;
	}
	if (a->type == MSGPACK_OBJECT_ARRAY) {
		for (uint32_t i = 0; i < a->via.array.size; i++)
			if (b->via.array.size != a->via.array.size || !near(&a->via.array.ptr[i], &b->via.array.ptr[i]))
				return false;
		return a->via.array.size == b->via.array.size;
	}
	return msgpack_object_equal(*a, *b);
}

static bool states_near(struct trial *a, struct trial *b)
{
	struct unpacked left, right;
	bool same = false;

	CHECK(pack_read(&left, a->unit->state->data, a->unit->state->size, &a->err) == 0);
	CHECK(pack_read(&right, b->unit->state->data, b->unit->state->size, &b->err) == 0);
	same = near(&left.object, &right.object);
	unpacked_free(&left);
	unpacked_free(&right);
	return same;
}

static bool states_same(const struct trial *a, const struct trial *b)
{
	const struct bytes *left = a->unit->state, *right = b->unit->state;
	bool same = left->size == right->size && memcmp(left->data, right->data, left->size) == 0 && a->unit->writes.n == b->unit->writes.n;

	for (size_t i = 0; same && i < a->unit->writes.n; i++)
		same = strcmp(a->unit->writes.items[i], b->unit->writes.items[i]) == 0;
	return same;
}

/* sums: the state rests on sums, whose last bits hang on cuts within a block; again: with little memory it takes several passes. */
static void check_line(const char *line, bool sums, bool again)
{
	static const int orders[][PARTS] = { { 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 2, 0, 3, 1 } };
	static const size_t between[][PARTS + 1] = { { 0, 1024, 3 * 1024, 8 * 1024, N_ROWS }, { 0, 2048, 2048, 9 * 1024, N_ROWS } };
	static const size_t within[PARTS + 1] = { 0, 1000, 4321, 4322, N_ROWS };
	static const int forward[PARTS] = { 0, 1, 2, 3 };
	struct trial whole, parts;

	TEST(line);
	for (size_t i = 0; i < 12; i++) {
		uint64_t memory = i % 4 == 3 ? LITTLE : MUCH;

		trial_start(&whole, line, MUCH);
		fit_whole(&whole);
		trial_start(&parts, line, memory);
		fit_parts(&parts, between[i % 2], orders[i % 3], i % 5 < 2);
		CHECK(states_same(&whole, &parts));
		CHECK((parts.passes > 1) == (again && memory == LITTLE));
		trial_release(&parts);
		trial_release(&whole);
	}
	trial_start(&whole, line, MUCH);
	fit_whole(&whole);
	trial_start(&parts, line, MUCH);
	fit_parts(&parts, within, forward, false);
	CHECK(sums ? states_near(&whole, &parts) : states_same(&whole, &parts));
	trial_release(&parts);
	trial_release(&whole);
}

/* With some limit each part is small enough alone, and both together are refused. */
static void check_limit(const char *line)
{
	bool refused = false;

	TEST("limits hold for merged fits");
	for (uint64_t memory = 512; memory < MUCH && !refused; memory += 512) {
		struct trial trial;
		void *left, *right;

		trial_start(&trial, line, memory);
		left = new_fit(&trial);
		right = new_fit(&trial);
		if (feed(&trial, left, 0, 512, 64) == 0 && feed(&trial, right, 8192, 9000, 64) == 0)
			refused = trial.kind->fit_merge(left, right, &trial.err) < 0 && trial.err.code == STATUS_FAILED;
		trial.kind->fit_free(left);
		trial.kind->fit_free(right);
		trial_release(&trial);
	}
	CHECK(refused);
}

/* What fits pack, with each bit turned: refused, or taken for other values. */
static void check_broken(const char *line)
{
	struct trial trial;
	struct buffer bytes = BUFFER_INIT;
	struct unpacked unpacked;
	void *fit;

	TEST("broken bytes end well");
	trial_start(&trial, line, MUCH);
	fit = new_fit(&trial);
	CHECK(feed(&trial, fit, 1000, 1040, 100) == 0);
	CHECK(trial.kind->fit_pack(fit, &bytes, &trial.err) == 0);
	trial.kind->fit_free(fit);
	for (size_t i = 0; i < 8 * bytes.size; i++) {
		struct error err = ERROR_INIT;

		bytes.data[i / 8] ^= (unsigned char)(1 << i % 8);
		fit = new_fit(&trial);
		if (pack_read(&unpacked, bytes.data, bytes.size, &err) == 0) {
			if (trial.kind->fit_unpack(fit, &unpacked.object, &err) == 0)
				(void)trial.kind->fit_finish(fit, trial.unit, &err);
			unpacked_free(&unpacked);
		}
		trial.kind->fit_free(fit);
		trial_release(&trial);
		trial_start(&trial, line, MUCH);
		bytes.data[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	buffer_free(&bytes);
	trial_release(&trial);
}

static bool takes_sums(const struct buffer *bytes)
{
	struct group_sums sums;
	struct unpacked unpacked;
	struct error err = ERROR_INIT;
	bool taken;

	group_sums_init(&sums);
	CHECK(pack_read(&unpacked, bytes->data, bytes->size, &err) == 0);
	taken = group_sums_unpack(&sums, 3, &unpacked.object);
	unpacked_free(&unpacked);
	group_sums_release(&sums);
	return taken;
}

static void check_sums_twice(void)
{
	struct group_sums sums;
	struct buffer once = BUFFER_INIT, twice = BUFFER_INIT;

	TEST("group sums of a block that came twice");
	group_sums_init(&sums);
	group_sums_add(&sums, 5, 2, 0.5);
	group_sums_pack(&sums, &once);
	group_sums_release(&sums);
	pack_array(&twice, 2);
	for (int i = 0; i < 2; i++)
		buffer_add(&twice, once.data + 1, once.size - 1);       /* without the head of the array */
	CHECK(takes_sums(&once) && !takes_sums(&twice));
	buffer_free(&once);
	buffer_free(&twice);
}

int main(void)
{
	check_line("scale x", true, false);
	check_line("scale x ddof=1", true, false);
	check_line("scale bare", true, false);
	check_line("scale flag", true, false);
	check_line("scale n minmax", false, false);
	check_line("scale x maxabs", false, false);
	check_line("scale x robust", false, true);
	check_line("split test=0.3 valid=0.1 stratify=city", false, false);
	check_line("split folds=7 stratify=n", false, false);
	check_line("split time=x test=0.2 gap=5", false, false);
	check_line("impute x mean", true, false);
	check_line("impute bare mean", true, false);
	check_line("impute x median", false, true);
	check_line("impute n mode", false, false);
	check_line("impute city mode", false, false);
	check_line("impute x mean by=city", true, false);
	check_line("impute bare mean by=key", true, false);
	check_line("impute x median by=city", false, false);
	check_line("impute bare median by=key", false, false);
	check_line("impute n mode by=city", false, false);
	check_line("impute city mode by=n", false, false);
	check_line("onehot city", false, false);
	check_line("onehot key min=30", false, false);
	check_line("onehot key max=7 other", false, false);
	check_line("onehot n max=3", false, false);
	check_line("onehot flag", false, false);
	check_line("levels city", false, false);
	check_line("levels key min=30", false, false);
	check_line("levels n max=3 missing=own", false, false);
	check_line("levels flag missing=other", false, false);
	check_limit("onehot key");
	check_limit("levels key");
	check_limit("impute n mean by=key");
	check_limit("impute n mode by=key");
	check_broken("scale x");
	check_broken("impute x mean by=city");
	check_broken("impute x median by=city");
	check_broken("impute city mode by=flag");
	check_broken("onehot city");
	check_broken("levels city");
	check_sums_twice();
	return unit_done();
}
