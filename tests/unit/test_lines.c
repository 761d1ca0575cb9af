/* SPDX-License-Identifier: MIT */
/*
 * Lines of random batches, as each kind of them prints, against the same rows cell by cell: cell_print and plain loops over bytes.
 * Columns are of all types and forms, texts with and without a dictionary, plain and with all that is escaped.
 */
#include <stdlib.h>

#include "cell.h"
#include "form.h"
#include "memory.h"
#include "narrow.h"
#include "number.h"
#include "rng.h"
#include "sink.h"
#include "sinks.h"
#include "text_builder.h"
#include "text_run.h"
#include "unit.h"

enum { N_FORMS = 28 };

static const struct { enum type type; const char *form; } kinds_of_fields[N_FORMS] = {
	{ TYPE_INT, NULL }, { TYPE_REAL, NULL }, { TYPE_REAL, "0" }, { TYPE_REAL, "1" }, { TYPE_REAL, "2" }, { TYPE_REAL, "7" }, { TYPE_REAL, "12" }, { TYPE_REAL, "mixed" },
	{ TYPE_BOOL, NULL }, { TYPE_BOOL, "True/False" }, { TYPE_BOOL, "TRUE/FALSE" },
	{ TYPE_TIME, NULL }, { TYPE_TIME, "%Y-%m-%d" }, { TYPE_TIME, "%Y-%m-%d %H:%M:%S" }, { TYPE_TIME, "%Y-%m-%dT%H:%M:%S%.f+02:00" }, { TYPE_TIME, "%d %B %Y, \"%A\"" },
	{ TYPE_TIME, " %d/%m/%y %H:%M:%S.%3f" }, { TYPE_TEXT, NULL }, { TYPE_TEXT, NULL }, { TYPE_TEXT, NULL }, { TYPE_TEXT, NULL }, { TYPE_TEXT, NULL }, { TYPE_TEXT, NULL },
	{ TYPE_INT, NULL }, { TYPE_REAL, "2,." }, { TYPE_REAL, ". " }, { TYPE_INT, "0. " }, { TYPE_INT, "0.," },
};

/* ---- batches ---- */

static double random_real(struct rng *rng)
{
	static const double scales[] = { 1, 2, 10, 100, 1e6, 1e7 };
	double x = (double)(int64_t)rng_below(rng, 20000000) - 5e6;

	switch (rng_below(rng, 5)) {
	case 0: return rng_unit(rng) * pow(10, (double)rng_below(rng, 40) - 20);
	case 1: return x;
	case 2: return 0.0 * (x < 0 ? -1 : 1);
	default: return x / scales[rng_below(rng, sizeof scales / sizeof *scales)];
	}
}

/* How a column's numbers are: any, or ints by a power of ten, near 0 or not, among them few that are none, or have a sign before 0. */
struct number_plan { int how; double power; int64_t most; uint64_t others; };

static struct number_plan random_plan(struct rng *rng)
{
	static const double powers[] = { 1, 10, 10, 100, 100, 1e3, 1e4, 1e5, 1e6, 1e7 };
	static const int64_t mosts[] = { 10, 1000, 20000, 99999999, INT32_MAX };

	return (struct number_plan){ (int)rng_below(rng, 3), powers[rng_below(rng, sizeof powers / sizeof *powers)], mosts[rng_below(rng, sizeof mosts / sizeof *mosts)],
	                             rng_below(rng, 3) ? 0 : 1 + rng_below(rng, 300) };
}

static int64_t planned_int(const struct number_plan *plan, struct rng *rng)
{
	if (plan->how == 0 || (plan->others && rng_below(rng, plan->others) == 0))
		return (int64_t)(((uint64_t)rng_u32(rng) << 32 | rng_u32(rng)) >> rng_below(rng, 64)) * (rng_below(rng, 2) ? 1 : -1);
	return (int64_t)rng_below(rng, (uint64_t)plan->most) - (plan->how == 1 ? plan->most / 9 : 0);
}

static double planned_real(const struct number_plan *plan, struct rng *rng)
{
	if (plan->how == 0 || (plan->others && rng_below(rng, plan->others) == 0))
		return random_real(rng);
	return (double)planned_int(plan, rng) / plan->power;
}

static int64_t random_time(struct rng *rng)
{
	static const int64_t units[] = { 1, 1000, 1000000, INT64_C(60000000), INT64_C(86400000000) };
	int64_t unit = units[rng_below(rng, 5)], micros = (int64_t)(rng_unit(rng) * 4e15) - INT64_C(1000000000000000);

	return micros - micros % unit;
}

/* 0: words, 1: also empty and with blanks at the ends, 2: bytes that somebody escapes, 3: long and few of these. */
static size_t random_text(struct rng *rng, int how, char text[200])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABC 0123456789_#.", odd[] = "\",;\t\n\r\\|# \x01\x1f\x7f'";
	size_t size = how == 3 ? rng_below(rng, 190) : rng_below(rng, 24) + (how == 0);

	for (size_t i = 0; i < size; i++) {
		bool inner = how > 0 || (i > 0 && i + 1 < size);
		char byte = plain[rng_below(rng, sizeof plain - 1)];

		text[i] = !inner && (byte == ' ' || byte == '#') ? '-' : byte;
		if ((how == 2 && rng_below(rng, 3) == 0) || (how == 3 && rng_below(rng, 40) == 0))
			text[i] = odd[rng_below(rng, sizeof odd - 1)];
	}
	if (size > 4 && rng_below(rng, 5) == 0)
		memcpy(text + 1, "\xc3\xa9", 2);
	return size;
}

static void random_column(struct batch *batch, size_t col, enum type type, struct rng *rng)
{
	size_t n = batch->n_rows;
	unsigned missing = (unsigned)rng_below(rng, 3) * 20;            /* in a hundred */
	struct column column = COLUMN_INIT;

	if (type == TYPE_TEXT) {
		struct text_builder *builder = text_builder_new();
		int how = (int)rng_below(rng, 4);
		uint64_t few = rng_below(rng, 2) ? 5 : 0;
		char levels[5][200], text[200];
		size_t sizes[5];

		for (int i = 0; i < 5; i++)
			sizes[i] = random_text(rng, how, levels[i]);
		for (size_t row = 0; row < n; row++) {
			uint64_t level = few ? rng_below(rng, few) : 0;

			if (rng_below(rng, 100) < missing)
				text_builder_add_missing(builder);
			else if (few)
				text_builder_add(builder, levels[level], sizes[level]);
			else
				text_builder_add(builder, text, random_text(rng, how, text));
		}
		text_builder_finish(builder, batch->pool, &column);
		text_builder_free(builder);
	} else {
		uint64_t *valid = column_new_valid(&column, batch->pool, n, true);
		void *values = column_new_values(&column, batch->pool, type, n);
		struct number_plan plan = random_plan(rng);

		for (size_t row = 0; row < n; row++) {
			if (rng_below(rng, 100) < missing)
				valid[row / 64] &= ~(UINT64_C(1) << row % 64);
			if (type == TYPE_REAL)
				((double *)values)[row] = planned_real(&plan, rng);
			else if (type == TYPE_BOOL)
				((uint8_t *)values)[row] = (uint8_t)rng_below(rng, 2);
			else if (type == TYPE_TIME)
				((int64_t *)values)[row] = random_time(rng);
			else
				((int64_t *)values)[row] = planned_int(&plan, rng);
		}
	}
	batch_put(batch, col, type, &column);
}

/* Numbers of few digits, as they come in a stream. */
static void random_narrow(struct batch *batch, size_t col, enum type type, struct rng *rng)
{
	size_t n = batch->n_rows;
	bool missing = rng_below(rng, 3) == 0;
	uint8_t width = (uint8_t)(1 << rng_below(rng, 3));
	struct column column = COLUMN_INIT;
	uint64_t *valid = column_new_valid(&column, batch->pool, n, true);
	char *narrow = column_new_narrow(&column, batch->pool, n, width, type == TYPE_REAL ? (uint8_t)rng_below(rng, rng_below(rng, 2) ? 4 : NARROW_DIGITS + 1) : 0);
	unsigned shift = 1 + (unsigned)rng_below(rng, 30);

	for (size_t row = 0; row < n; row++) {
		int32_t value = (int32_t)(rng_u32(rng) >> shift) * (rng_below(rng, 4) ? 1 : -1);

		if (missing && rng_below(rng, 5) == 0) {
			valid[row / 64] &= ~(UINT64_C(1) << row % 64);
			value = 0;
		}
		if (width == 1)
			((int8_t *)narrow)[row] = (int8_t)(value % 128);
		else if (width == 2)
			((int16_t *)narrow)[row] = (int16_t)(value % 32768);
		else
			((int32_t *)narrow)[row] = value;
	}
	batch_put(batch, col, type, &column);
}

/* ---- the same lines, cell by cell ---- */

static void csv_cell(const char *text, size_t size, struct buffer *to)
{
	bool quotes = size == 0 || text[0] == ' ' || text[0] == '\t' || text[size - 1] == ' ' || text[size - 1] == '\t';

	for (size_t i = 0; i < size; i++)
		quotes |= strchr(",\"\n\r", text[i]) != NULL;
	if (quotes)
		buffer_add_byte(to, '"');
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"')
			buffer_add_byte(to, '"');
		buffer_add_byte(to, (unsigned char)text[i]);
	}
	if (quotes)
		buffer_add_byte(to, '"');
}

static void tsv_cell(const char *text, size_t size, struct buffer *to)
{
	static const char from[] = "\t\n\r\\", letters[] = "tnr\\";

	for (size_t i = 0; i < size; i++) {
		const char *found = strchr(from, text[i]);

		if (found)
			buffer_add_byte(to, '\\');
		buffer_add_byte(to, (unsigned char)(found ? letters[found - from] : text[i]));
	}
}

static void print_cell(const char *kind, const struct field *field, const struct column *column, size_t row, struct buffer *to)
{
	struct buffer cell = BUFFER_INIT;
	bool marked = *kind == 'c' && !(field->form && strchr(field->form, ','));
	char room[FORM_SIZE];
	struct field shown = { .type = field->type, .form = marked ? field->form : (char *)form_unmarked(field->type, field->form, room) };

	if (*kind == 'j') {
		cell_print_json(field, column, row, to);
	} else if (cell_print(&shown, column, row, &cell)) {
		if (field->type != TYPE_TEXT && field->type != TYPE_TIME)
			buffer_add(to, cell.data, cell.size);
		else if (*kind == 'c')
			csv_cell(buffer_text(&cell), cell.size, to);
		else
			tsv_cell(buffer_text(&cell), cell.size, to);
	}
	buffer_free(&cell);
}

static void print_rows(const char *kind, const struct batch *batch, struct buffer *to)
{
	for (size_t row = 0; row < batch->n_rows; row++) {
		for (size_t col = 0; col < batch->n_columns; col++) {
			const struct field *field = &batch->schema->fields[col];

			if (*kind == 'j')
				buffer_format(to, "%c\"%s\":", col ? ',' : '{', field->name);
			else if (col)
				buffer_add_byte(to, *kind == 'c' ? ',' : '\t');
			print_cell(kind, field, &batch->columns[col], row, to);
		}
		buffer_add_text(to, *kind == 'j' ? "}\n" : "\n");
	}
}

/* ---- */

/* Several batches of one schema through one printer. */
static bool same_lines(const char *kind_name, size_t n_fields, size_t most_rows, struct rng *rng)
{
	const struct kept_options none = { .n = 0 };
	struct error err = ERROR_INIT;
	const struct sink_kind *kind = sink_find(kind_name, NULL, NULL, &err);
	void *config = format_config(&kind->format, sink_format, &none, &err), *sink = kind->open("/dev/null", config, NULL, &err), *printer;
	struct header header = HEADER_INIT;
	bool same = true;

	for (size_t col = 0; col < n_fields; col++) {
		char name[32];
		size_t of = rng_below(rng, N_FORMS);

		snprintf(name, sizeof name, n_fields > 500 ? "c%zu" : "a longer name of column %zu", col);
		schema_add(&header.schema, name, kinds_of_fields[of].type, ROLE_FEATURE);
		schema_set_form(&header.schema, col, kinds_of_fields[of].form);
	}
	CHECK(kind->header(sink, &header, &header.schema, &err) == 0);
	printer = kind->printer(sink);
	for (int i = 0; i < 4; i++) {
		struct batch batch = BATCH_INIT;
		struct buffer ours = BUFFER_INIT, wanted = BUFFER_INIT;
		struct pool *pool = pool_new();

		batch_start(&batch, pool, &header.schema, 1 + rng_below(rng, most_rows));
		for (size_t col = 0; col < n_fields; col++) {
			enum type type = header.schema.fields[col].type;

			if ((type == TYPE_INT || type == TYPE_REAL) && rng_below(rng, 2))
				random_narrow(&batch, col, type, rng);
			else
				random_column(&batch, col, type, rng);
		}
		CHECK(kind->print(printer, &batch, &ours, &err) == 0);
		for (size_t col = 0; col < n_fields; col++)     /* cells are printed of what is written out */
			CHECK(column_read(&batch, col, &err));
		print_rows(kind_name, &batch, &wanted);
		same &= ours.size == wanted.size && memcmp(ours.data, wanted.data, ours.size) == 0;
		buffer_free(&ours);
		buffer_free(&wanted);
		batch_free(&batch);
		pool_drop(pool);
	}
	kind->printer_free(printer);
	kind->close(sink);
	format_config_free(&kind->format, config);
	header_release(&header);
	return same;
}

static void test_runs(struct rng *rng)
{
	bool same = true;

	TEST("where a run of plain bytes ends");
	for (int i = 0; i < 200000; i++) {
		unsigned char bytes[80];
		size_t size = rng_below(rng, sizeof bytes), plain = 0;
		const char *text = (const char *)bytes;
		char a = (char)rng_below(rng, 256), b = i % 3 ? '"' : a;

		for (size_t k = 0; k < sizeof bytes; k++)
			bytes[k] = (unsigned char)(rng_below(rng, 30) ? 0x20 + rng_below(rng, 224) : rng_below(rng, 256));
		while (plain < size && bytes[plain] >= 0x20 && text[plain] != a && text[plain] != b)
			plain++;
		same &= text_run(text, size, a, b) == plain && text_run_by_eight(text, size, a, b) == plain;
	}
	CHECK(same);
}

int main(void)
{
	static const char *const names[] = { "csv", "tsv", "jsonl" };
	struct rng rng;

	rng_seed(&rng, 11);
	test_runs(&rng);
	TEST("lines are their cells");
	for (int kind = 0; kind < 3; kind++)
		for (int i = 0; i < 40; i++)
			CHECK(same_lines(names[kind], 1 + rng_below(&rng, 12), i < 20 ? 40 : 700, &rng));

	TEST("also of a wide table");
	for (int kind = 0; kind < 3; kind++)
		CHECK(same_lines(names[kind], 9000, 5, &rng));
	return unit_done();
}
