/* SPDX-License-Identifier: MIT */
/*
 * What is asked of columns, of a source that brings typed columns: a toy of ten rows, in batches of any size, with an option of its
 * own. Whatever the batches are, the same rows, rejects and messages come out.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cell.h"
#include "alike.h"
#include "columnar.h"
#include "memory.h"
#include "pack.h"
#include "source.h"
#include "text_builder.h"
#include "unit.h"

enum { N_ROWS = 10, MOST_COLUMNS = 8 };

/* ---- the source ---- */

struct toy_config { int64_t batch; };

/* What the tests want to know of it. */
struct toy_seen { bool wanted[MOST_COLUMNS], now; const void *km; int n_open; };

struct toy {
	const struct toy_config *config;
	struct schema schema;
	struct pool *pool;
	size_t at;
	bool wanted[MOST_COLUMNS];
};

static struct toy_seen *seen;

static const char *const codes[N_ROWS] = { "1", "2", "x", "4", NULL, "-", "7", "y", "9", "10" };

/* id:int@id km:int[km] code:text price:real when:time(%Y-%m-%d) ok:bool; "toy.b" has one column more, "toy.c" one of a name that extract adds. */
static int toy_open(void **reader, const struct columnar_place *place, struct buffer *name, struct schema *schema, struct error *err)
{
	const char *operand = place->operand, *secret = strchr(operand, ':');
	struct toy *toy;

	if (secret)
		buffer_add(name, operand, (size_t)(secret - operand));
	if (strncmp(operand, "toy.", 4) != 0)
		return error_set(err, STATUS_FAILED, "%s: no toy", operand);
	toy = mem_new(1, sizeof *toy);

	*toy = (struct toy){ .config = place->own, .pool = pool_new() };
	schema_add(&toy->schema, "id", TYPE_INT, ROLE_ID);
	schema_add(&toy->schema, "km", TYPE_INT, ROLE_FEATURE);
	schema_set_unit(&toy->schema, 1, "km");
	schema_add(&toy->schema, "code", TYPE_TEXT, ROLE_FEATURE);
	schema_add(&toy->schema, "price", TYPE_REAL, ROLE_TARGET);
	schema_add(&toy->schema, "when", TYPE_TIME, ROLE_FEATURE);
	schema_set_form(&toy->schema, 4, "%Y-%m-%d");
	schema_add(&toy->schema, "ok", TYPE_BOOL, ROLE_FEATURE);
	if (strcmp(operand, "toy.b") == 0)
		schema_add(&toy->schema, "more", TYPE_INT, ROLE_FEATURE);
	if (strcmp(operand, "toy.c") == 0)
		schema_rename(&toy->schema, 0, "_row");
	schema_copy(schema, &toy->schema);
	seen->n_open++;
	*reader = toy;
	return 0;
}

static int toy_start(void *reader, const bool *wanted, struct error *err)
{
	struct toy *toy = reader;

	(void)err;
	memcpy(toy->wanted, wanted, toy->schema.n_fields);
	memcpy(seen->wanted, wanted, toy->schema.n_fields);
	return 0;
}

static void put_text(struct toy *toy, struct batch *to)
{
	struct text_builder *builder = text_builder_new();
	struct column column = COLUMN_INIT;

	for (size_t row = toy->at; row < toy->at + to->n_rows; row++) {
		if (codes[row])
			text_builder_add(builder, codes[row], strlen(codes[row]));
		else
			text_builder_add_missing(builder);
	}
	text_builder_finish(builder, toy->pool, &column);
	batch_put(to, 2, TYPE_TEXT, &column);
	text_builder_free(builder);
}

/* id: 0, 1, ...; km: 10, 11, ... without the fourth; price: halves; when: days; ok: every other one. Numbers of row i. */
static void put_numbers(struct toy *toy, struct batch *to, size_t col, enum type type)
{
	struct column column = COLUMN_INIT;
	void *values = column_new_values(&column, toy->pool, type, to->n_rows);
	uint64_t *valid = col == 1 ? column_new_valid(&column, toy->pool, to->n_rows, true) : NULL;

	for (size_t i = 0; i < to->n_rows; i++) {
		int64_t row = (int64_t)(toy->at + i);

		if (type == TYPE_REAL)
			((double *)values)[i] = (double)row / 2;
		else if (type == TYPE_BOOL)
			((uint8_t *)values)[i] = row % 2;
		else
			((int64_t *)values)[i] = col == 1 ? row + 10 : type == TYPE_TIME ? row * INT64_C(86400000000) : row;
		if (valid && row == 3)
			valid[i / 64] &= ~(UINT64_C(1) << i % 64);
	}
	batch_put(to, col, type, &column);
}

static int toy_next(void *reader, struct batch *to, bool now, struct error *err)
{
	struct toy *toy = reader;
	size_t n = N_ROWS - toy->at, most = (size_t)toy->config->batch;

	(void)err;
	seen->now = now;
	if (n == 0)
		return 0;
	batch_start(to, toy->pool, &toy->schema, n < most ? n : most);
	batch_set_columns(to, toy->schema.n_fields);
	for (size_t col = 0; col < 6; col++) {
		if (!toy->wanted[col])
			continue;
		if (col == 2)
			put_text(toy, to);
		else
			put_numbers(toy, to, col, toy->schema.fields[col].type);
	}
	seen->km = to->columns[1].values;
	toy->at += to->n_rows;
	return 1;
}

static void toy_bookmark(void *reader, struct bookmarks *to)
{
	struct toy *toy = reader;
	struct buffer value = BUFFER_INIT;

	pack_int(&value, (int64_t)toy->at);
	bookmarks_set(to, "toy", value.data, value.size);
	buffer_free(&value);
}

static void toy_close(void *reader)
{
	struct toy *toy = reader;

	seen->n_open--;
	schema_release(&toy->schema);
	pool_drop(toy->pool);
	free(toy);
}

static const struct columnar_format toy_columns = {
	.open = toy_open, .start = toy_start, .next = toy_next, .bookmark = toy_bookmark, .close = toy_close,
};

static int open_toy(struct source *source, const struct extract_config *config, const void *own, struct error *err)
{
	return columnar_open(source, &toy_columns, config, own, err);
}

static const struct option_row toy_options[] = {
	{ "batch", 0, OPTION_INT, offsetof(struct toy_config, batch), "N", NULL, 1, 100, "rows of a batch" },
	OPTION_END
};
static const struct toy_config toy_defaults = { .batch = N_ROWS };

static const struct source_kind source_toy = {
	.format = {
		.name = "toy", .summary = "ten rows of six columns", .options = toy_options,
		.config_size = sizeof(struct toy_config), .defaults = &toy_defaults,
	},
	.open = open_toy,
};

static const struct format *formats(size_t i)
{
	return i == 0 ? &source_toy.format : NULL;
}

/* ---- what comes out ---- */

/* What is asked; NULL: nothing. */
struct asked { const char *operands[2], *columns, *types, *nulls, *like, *rejects, *max_bad; int on_misfit; bool no_origin, now; };

static void list(struct text_list *list, const char *text)
{
	if (!text)
		return;
	array_grow(list->items, list->n, list->room);
	list->items[list->n++] = text;
}

/* Fields and rows, or the message of the error; what the end counts. */
static void print_all(struct source *source, bool now, struct buffer *to, struct error *err)
{
	struct batch batch = BATCH_INIT;
	uint64_t n_rows = 0;
	int result;
	const struct end *end;

	for (size_t col = 0; col < source->header->schema.n_fields; col++) {
		const struct field *field = &source->header->schema.fields[col];

		buffer_format(to, "%s%s:%s@%s%s%s%s%s", col ? " " : "", field->name, type_name(field->type), role_name(field->role),
			      field->unit ? "/" : "", field->unit ? field->unit : "", field->form ? "=" : "", field->form ? field->form : "");
	}
	buffer_add_text(to, "\n");
	while ((result = source_next(source, &batch, now, err)) == 1) {
		CHECK(batch.first_row == n_rows && batch.n_columns == source->header->schema.n_fields);
		for (size_t row = 0; row < batch.n_rows; row++)
			for (size_t col = 0; col < batch.n_columns; col++) {
				CHECK(column_read(&batch, col, err));
				if (!cell_print(&batch.schema->fields[col], &batch.columns[col], row, to))
					buffer_add_text(to, "null");
				buffer_add_byte(to, col + 1 < batch.n_columns ? ' ' : '\n');
			}
		n_rows += batch.n_rows;
	}
	batch_free(&batch);
	if (result != 0)
		return;
	end = source->end(source->state);
	CHECK(end->n_stages == 1 && end->stages[0].rows_out == n_rows && bookmarks_find(&end->bookmarks, "toy"));
	buffer_format(to, "in %d, rejected %d", (int)end->stages[0].rows_in, (int)end->stages[0].rejected);
	for (size_t i = 0; i < end->stages[0].counts.n; i++)
		buffer_format(to, ", %s %s %d", end->stages[0].counts.items[i].field, end->stages[0].counts.items[i].what,
			      (int)end->stages[0].counts.items[i].count);
	buffer_add_text(to, "\n");
}

static void run(const struct asked *asked, const char *batch, struct buffer *to)
{
	struct extract_config config = EXTRACT_DEFAULTS;
	struct kept_option item = { "batch", batch };
	const struct kept_options kept = { .items = &item, .n = 1 };
	struct alike alike = ALIKE_INIT;
	struct source source = { .header = NULL };
	struct error err = ERROR_INIT;
	void *own = format_config(&source_toy.format, formats, &kept, &err);

	config.common.quiet = true;
	list(&config.common.operands, asked->operands[0] ? asked->operands[0] : "toy.a");
	list(&config.common.operands, asked->operands[1]);
	list(&config.columns, asked->columns);
	list(&config.types, asked->types);
	list(&config.nulls, asked->nulls);
	config.like = asked->like;
	config.rejects = asked->rejects;
	config.max_bad = asked->max_bad;
	config.on_misfit = asked->on_misfit;
	config.no_origin = asked->no_origin;
	if (alike_open(&alike, &config, &err) == 0 && source_toy.open(&source, &config, own, &err) == 0)
		print_all(&source, asked->now, to, &err);
	if (err.code)
		buffer_format(to, "%s\n", err.message);
	source_close(&source);
	format_config_free(&source_toy.format, own);
	alike_release(&alike);
	free(config.common.operands.items);
	free(config.columns.items);
	free(config.types.items);
	free(config.nulls.items);
	CHECK(seen->n_open == 0);
}

/* In batches of any size. Of a failure, what came before it depends on the batches: only the last line is looked at. */
static void check(const char *name, const struct asked *asked, const char *expected)
{
	static const char *const sizes[] = { "10", "1", "3", "7" };
	struct buffer text = BUFFER_INIT;

	TEST(name);
	for (size_t i = 0; i < 4; i++) {
		const char *got, *tail;

		buffer_clear(&text);
		run(asked, sizes[i], &text);
		got = buffer_text(&text);
		tail = text.size > strlen(expected) ? got + text.size - strlen(expected) : got;
		if (strcmp(tail, expected) != 0)
			printf("-- %s, batches of %s gave:\n%s", name, sizes[i], got);
		CHECK(strcmp(tail, expected) == 0 && (strchr(expected, '\n')[1] == 0 || tail == got));
	}
	buffer_free(&text);
}

static void test_chosen(void)
{
	check("all as it comes, with file and row", &(struct asked){ .no_origin = false },
	      "id:int@id km:int@feature/km code:text@feature price:real@target when:time@feature=%Y-%m-%d ok:bool@feature "
	      "_file:text@origin _row:int@origin\n"
	      "0 10 1 0.0 1970-01-01 false toy.a 0\n1 11 2 0.5 1970-01-02 true toy.a 1\n2 12 x 1.0 1970-01-03 false toy.a 2\n"
	      "3 null 4 1.5 1970-01-04 true toy.a 3\n4 14 null 2.0 1970-01-05 false toy.a 4\n5 15 - 2.5 1970-01-06 true toy.a 5\n"
	      "6 16 7 3.0 1970-01-07 false toy.a 6\n7 17 y 3.5 1970-01-08 true toy.a 7\n8 18 9 4.0 1970-01-09 false toy.a 8\n"
	      "9 19 10 4.5 1970-01-10 true toy.a 9\nin 10, rejected 0\n");
	check("some, in their order; two operands, each with rows of its own",
	      &(struct asked){ .operands = { "toy.a", "toy.d" }, .columns = "km,id", .nulls = "15" },
	      "km:int@feature/km id:int@id _file:text@origin _row:int@origin\n"
	      "10 0 toy.a 0\n11 1 toy.a 1\n12 2 toy.a 2\nnull 3 toy.a 3\n14 4 toy.a 4\nnull 5 toy.a 5\n16 6 toy.a 6\n17 7 toy.a 7\n18 8 toy.a 8\n19 9 toy.a 9\n"
	      "10 0 toy.d 0\n11 1 toy.d 1\n12 2 toy.d 2\nnull 3 toy.d 3\n14 4 toy.d 4\nnull 5 toy.d 5\n16 6 toy.d 6\n17 7 toy.d 7\n18 8 toy.d 8\n19 9 toy.d 9\n"
	      "in 20, rejected 0\n");
	TEST("others are not read");
	CHECK(!seen->wanted[2] && !seen->wanted[3] && seen->wanted[0] && seen->wanted[1]);
	check("what people read of an operand", &(struct asked){ .operands = { "toy.a:password" }, .columns = "id", .nulls = "1,2,3,4,5,6,7,8,9" },
	      "id:int@id _file:text@origin _row:int@origin\n"
	      "0 toy.a 0\nnull toy.a 1\nnull toy.a 2\nnull toy.a 3\nnull toy.a 4\nnull toy.a 5\nnull toy.a 6\nnull toy.a 7\nnull toy.a 8\nnull toy.a 9\n"
	      "in 10, rejected 0\n");
	check("an operand with other columns", &(struct asked){ .operands = { "toy.a", "toy.b" } },
	      "toy.b: not as in toy.a: 7 fields here, 6 there\n");
	check("no such operand", &(struct asked){ .operands = { "a" } }, "a: no toy\n");
	check("no such column", &(struct asked){ .columns = "kms" }, "--columns: no field 'kms' (did you mean 'km'?)\n");
	check("none to type", &(struct asked){ .types = "x=int" }, "--types: no field 'x'\n");
	check("a clash", &(struct asked){ .operands = { "toy.c" } },
	      "toy.c: column '_row' has the name of a field that millrace adds (--no-origin adds none; or give the column another name)\n");
}

static void test_types(void)
{
	check("int to real, text to int with misfits made null",
	      &(struct asked){ .columns = "code,km", .types = "km=real,code=int", .nulls = "-", .on_misfit = MISFIT_NULL, .no_origin = true },
	      "code:int@feature km:real@feature/km\n1 10.0\n2 11.0\nnull 12.0\n4 null\nnull 14.0\nnull 15.0\n7 16.0\nnull 17.0\n9 18.0\n10 19.0\n"
	      "in 10, rejected 0, code not an int, made null 2\n");
	check("numbers, times and bools to text, a real to an int, times in another form",
	      &(struct asked){ .columns = "ok,when,id,price", .types = "ok=text,when=time(%d.%m.%Y),id=text,price=int", .on_misfit = MISFIT_NULL,
			       .no_origin = true, .nulls = "03.01.1970,4.5,7" },
	      "ok:text@feature when:time@feature=%d.%m.%Y id:text@id price:int@target\nfalse 01.01.1970 0 null\ntrue 02.01.1970 1 null\n"
	      "false 03.01.1970 2 null\ntrue 04.01.1970 3 null\nfalse 05.01.1970 4 null\ntrue 06.01.1970 5 null\nfalse 07.01.1970 6 null\n"
	      "true 08.01.1970 null null\nfalse 09.01.1970 8 null\ntrue 10.01.1970 9 null\nin 10, rejected 0, price not an int, made null 9\n");
	check("a misfit, by row and column", &(struct asked){ .types = "code=int,id=bool" },
	      "toy.a: row 2: column 'id': not a bool (--types 'id=text' takes any cell; --on-misfit null or reject goes on)\n");
	check("too many", &(struct asked){ .types = "code=int", .on_misfit = MISFIT_NULL, .max_bad = "2" },
	      "toy.a: row 7: more than 2 bad rows (--max-bad)\n");
	check("too large a share", &(struct asked){ .types = "code=int", .on_misfit = MISFIT_NULL, .max_bad = "20%" },
	      "3 of 10 rows are bad, more than 20% (--max-bad)\n");
	check("nothing to reject", &(struct asked){ .rejects = "x" }, "--rejects: nothing is rejected without --on-misfit reject\n");
}

static void test_rejects(void)
{
	static const char expected[] =
		"{\"program\":\"millrace\",\"reason\":\"column 'code': not an int\",\"file\":\"toy.a\",\"line\":null,\"row\":2,\"record\":\"{\\\"code\\\":\\\"x\\\",\\\"km\\\":12}\"}\n"
		"{\"program\":\"millrace\",\"reason\":\"column 'code': not an int\",\"file\":\"toy.a\",\"line\":null,\"row\":7,\"record\":\"{\\\"code\\\":\\\"y\\\",\\\"km\\\":17}\"}\n";
	char path[] = "/tmp/test_columnar_XXXXXX", text[2048];
	int fd = mkstemp(path);
	ssize_t n;

	check("misfits that are rejected",
	      &(struct asked){ .columns = "code,km", .types = "code=int", .nulls = "-", .on_misfit = MISFIT_REJECT, .rejects = path },
	      "code:int@feature km:int@feature/km _file:text@origin _row:int@origin\n1 10 toy.a 0\n2 11 toy.a 1\n4 null toy.a 3\nnull 14 toy.a 4\n"
	      "null 15 toy.a 5\n7 16 toy.a 6\n9 18 toy.a 8\n10 19 toy.a 9\nin 10, rejected 2\n");
	TEST("and written, once for each size of batches");
	n = read(fd, text, sizeof text - 1);
	text[n < 0 ? 0 : n] = 0;
	CHECK(n == 4 * (ssize_t)(sizeof expected - 1) && strncmp(text, expected, sizeof expected - 1) == 0);
	close(fd);
	unlink(path);
}

/* Types as in a stream that was extracted before. */
static void test_like(void)
{
	char path[] = "/tmp/test_columnar_XXXXXX";
	int fd = mkstemp(path);
	struct header header = HEADER_INIT;
	struct end end = END_INIT;
	struct error err = ERROR_INIT;
	struct writer *writer = writer_new(fd, 0, NULL);

	schema_add(&header.schema, "km", TYPE_REAL, ROLE_FEATURE);
	schema_add(&header.schema, "id", TYPE_TEXT, ROLE_FEATURE);
	schema_copy(&header.lineage.inputs, &header.schema);
	CHECK(writer_header(writer, &header, &err) == 0 && writer_end(writer, &end, &err) == 0);
	writer_free(writer);
	header_release(&header);
	close(fd);
	check("types as in a stream; --types wins, other columns have their own",
	      &(struct asked){ .columns = "id,km,ok", .like = path, .types = "id=real", .no_origin = true },
	      "id:real@id km:real@feature/km ok:bool@feature\n0.0 10.0 false\n1.0 11.0 true\n2.0 12.0 false\n3.0 null true\n4.0 14.0 false\n"
	      "5.0 15.0 true\n6.0 16.0 false\n7.0 17.0 true\n8.0 18.0 false\n9.0 19.0 true\nin 10, rejected 0\n");
	unlink(path);
}

static void test_passed_on(void)
{
	struct extract_config config = EXTRACT_DEFAULTS;
	struct source source;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	const char *operand = "toy.a";

	TEST("a column that stays as it is is not copied; `now` comes through");
	config.common.operands = (struct text_list){ .items = &operand, .n = 1 };
	CHECK(columnar_open(&source, &toy_columns, &config, &toy_defaults, &err) == 0);
	CHECK(source_next(&source, &batch, true, &err) == 1 && batch.columns[1].values == seen->km && seen->now);
	CHECK(source_next(&source, &batch, false, &err) == 0 && !seen->now);
	source_close(&source);
	batch_free(&batch);
}

int main(void)
{
	struct toy_seen what = { .n_open = 0 };

	seen = &what;
	test_chosen();
	test_types();
	test_rejects();
	test_like();
	test_passed_on();
	return unit_done();
}
