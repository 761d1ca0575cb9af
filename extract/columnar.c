/* SPDX-License-Identifier: MIT */
/*
 * Columns are turned one by one; the rows in which one of them does not fit are then judged one by one, as cells of a row, so
 * that --on-misfit, --rejects and --max-bad do here what they do for rows of cells.
 *
 *     brought [ a int | b text | c real ]  ->  chosen [ c real | b int, bit map of misfits | _file | _row ]  ->  rows that stay
 */
#include "columnar.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "cell.h"
#include "extraction.h"
#include "lists.h"
#include "memory.h"
#include "progress.h"
#include "recast.h"

struct columnar {
	const struct columnar_format *format;
	const void *own;
	struct extraction all;
	struct columns columns;         /* of the first operand: what the others must have, too */
	const struct text_list *operands;
	size_t n, at;                   /* operands; which is being read */
	void *reader;                   /* of it; NULL: not open */
	struct buffer name;             /* of it, as it stands in messages and in _file */
	char *first;                    /* the same of the first */
	bool *wanted;                   /* its columns */
	struct names nulls;
	uint64_t n_row, n_rows;         /* rows of this operand so far, and of all */
	struct batch brought;
	uint64_t misfits[BATCH_ROWS / 64];
	struct cell *cells;             /* of a row that is judged */
	struct buffer raw;              /* the same as text */
	struct progress *progress;
};

static const char *operand(const struct columnar *columnar)
{
	return columnar->operands->n ? columnar->operands->items[columnar->at] : "-";
}

static const char *operand_name(const struct columnar *columnar)
{
	return (const char *)columnar->name.data;
}

/* Opens the operand that comes next. */
static int open_next(struct columnar *columnar, struct error *err)
{
	const struct columnar_place place = { operand(columnar), columnar->own, columnar->all.config->common.host };
	struct schema schema = SCHEMA_INIT;
	int result;

	buffer_clear(&columnar->name);
	result = columnar->format->open(&columnar->reader, &place, &columnar->name, &schema, err);
	if (columnar->name.size == 0)
		buffer_add_text(&columnar->name, strcmp(place.operand, "-") == 0 ? "standard input" : place.operand);
	buffer_text(&columnar->name);
	columnar->n_row = 0;
	if (result == 0 && !columnar->columns.named) {
		columnar->first = mem_text(operand_name(columnar));
		columnar->columns = (struct columns){ .schema = schema, .file = columnar->first, .named = true };
		return 0;
	}
	if (result == 0 && schema_compare(&schema, &columnar->columns.schema, err) < 0)
		result = error_prefix(err, "%s: not as in %s", operand_name(columnar), columnar->columns.file);
	schema_release(&schema);
	return result;
}

static void close_reader(struct columnar *columnar)
{
	if (columnar->reader)
		columnar->format->close(columnar->reader);
	columnar->reader = NULL;
}

/* ---- rows that do not fit ---- */

/* The chosen columns of a row as they came: cells, and text for the rejects. */
static void make_row(struct columnar *columnar, size_t at, struct row *row)
{
	const struct slots *slots = &columnar->all.slots;
	struct batch *brought = &columnar->brought;

	buffer_clear(&columnar->raw);
	for (size_t i = 0; i < slots->n; i++) {
		size_t col = slots->items[i].cell;
		const struct field *field = &columnar->columns.schema.fields[col];
		struct cell *cell = &columnar->cells[col];

		cell_of(field, &brought->columns[col], at, cell);
		buffer_add_byte(&columnar->raw, i ? ',' : '{');
		json_text(&columnar->raw, field->name, strlen(field->name));
		buffer_add_byte(&columnar->raw, ':');
		cell_print_json(field, &brought->columns[col], at, &columnar->raw);
		if (cell->kind != CELL_NULL && cell_is_word(cell, &columnar->nulls))
			cell->kind = CELL_NULL;
	}
	buffer_add_byte(&columnar->raw, '}');
	*row = (struct row){
		.cells = columnar->cells, .n_cells = columnar->columns.schema.n_fields, .room = columnar->columns.schema.n_fields,
		.file = operand_name(columnar), .in_file = columnar->n_row + at, .number = columnar->n_rows + at,
		.raw = buffer_text(&columnar->raw), .raw_size = columnar->raw.size,
	};
}

static enum verdict judge_row(struct columnar *columnar, size_t at, struct error *err)
{
	const struct slots *slots = &columnar->all.slots;
	enum verdict verdict = ROW_STAYS;
	union value value;
	struct row row;

	make_row(columnar, at, &row);
	for (size_t i = 0; i < slots->n && verdict == ROW_STAYS; i++) {
		const struct slot *slot = &slots->items[i];
		const struct field *field = &columnar->columns.schema.fields[slot->cell];
		const struct cell *cell = &row.cells[slot->cell];

		if (cell->kind != CELL_NULL && slot->type != field->type && !cell_fits(cell, slot->type, slot->form, true, &value))
			verdict = bad_cell(&columnar->all.bad, &row, slot, field->name, err);
	}
	return verdict;
}

/* The misfits of a batch: rows that are rejected go. */
static int judge(struct columnar *columnar, struct batch *to, struct error *err)
{
	size_t n_rows = to->n_rows, n_words = bits_words(n_rows), n_kept = n_rows;
	uint64_t kept[BATCH_ROWS / 64];

	memset(kept, 0, sizeof kept);
	for (size_t row = 0; row < n_rows; row++)
		bit_set(kept, row);
	for (size_t word = 0; word < n_words; word++)
		for (uint64_t left = columnar->misfits[word]; left; left &= left - 1) {
			size_t row = 64 * word + (size_t)__builtin_ctzll(left);
			enum verdict verdict = judge_row(columnar, row, err);

			if (verdict == ROW_FAILS)
				return -1;
			if (verdict == ROW_GOES) {
				kept[word] &= ~(UINT64_C(1) << row % 64);
				n_kept--;
			}
		}
	return n_kept < n_rows ? batch_keep(to, kept, n_kept, err) : 0;
}

/* ---- batches ---- */

static void add_origin(struct columnar *columnar, struct batch *to)
{
	const char *name = operand_name(columnar);
	size_t size = strlen(name), col = columnar->all.slots.n;
	struct column file = COLUMN_INIT, row = COLUMN_INIT;
	uint32_t *codes = column_new_codes(&file, columnar->all.pool, to->n_rows), *offsets = column_new_offsets(&file, columnar->all.pool, 1);

	memset(codes, 0, to->n_rows * sizeof *codes);
	offsets[0] = 0;
	offsets[1] = (uint32_t)size;
	memcpy(column_new_bytes(&file, columnar->all.pool, size), name, size);
	batch_put(to, col, TYPE_TEXT, &file);
	column_set_sequence(&row, (int64_t)columnar->n_row, 1);
	batch_put(to, col + 1, TYPE_INT, &row);
}

/* What was brought, as it was asked for. */
static int make_batch(struct columnar *columnar, struct batch *to, struct error *err)
{
	const struct slots *slots = &columnar->all.slots;
	struct batch *brought = &columnar->brought;

	memset(columnar->misfits, 0, sizeof columnar->misfits);
	batch_start(to, columnar->all.pool, &columnar->all.header.schema, brought->n_rows);
	for (size_t i = 0; i < slots->n; i++) {
		const struct slot *slot = &slots->items[i];
		const struct field *field = &columnar->columns.schema.fields[slot->cell];
		struct column made = COLUMN_INIT;
		const struct column *from = column_read(brought, slot->cell, err);

		if (!from)
			return error_prefix(err, "%s: column '%s'", operand_name(columnar), field->name);
		recast(field, from, brought->n_rows, slot, &columnar->nulls, columnar->all.pool, &made, columnar->misfits);
		batch_put(to, i, slot->type, &made);
	}
	if (to->schema->n_fields > slots->n)
		add_origin(columnar, to);
	return judge(columnar, to, err);
}

/* The next rows of the operand that is open: 1; 0: there are no more. */
static int next_of_operand(struct columnar *columnar, struct batch *to, bool now, struct error *err)
{
	int result;

	while ((result = columnar->format->next(columnar->reader, &columnar->brought, now, err)) == 1) {
		size_t n_rows = columnar->brought.n_rows;

		assert(n_rows <= BATCH_ROWS);
		if (host_interrupted(columnar->all.config->common.host))
			return error_set(err, STATUS_INTERRUPT, "interrupted");
		if (make_batch(columnar, to, err) < 0)
			return -1;
		columnar->n_row += n_rows;
		columnar->n_rows += n_rows;
		progress_rows(columnar->progress, columnar->n_rows, 0);
		if (to->n_rows > 0)
			return 1;
	}
	return result;
}

static int columnar_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct columnar *columnar = state;

	batch_clear(to);
	for (; columnar->at < columnar->n; columnar->at++) {
		int result;

		if (!columnar->reader &&
		    (open_next(columnar, err) < 0 || columnar->format->start(columnar->reader, columnar->wanted, err) < 0))
			return -1;
		result = next_of_operand(columnar, to, now, err);
		if (result == 1)
			extraction_give(&columnar->all, to);
		if (result != 0)
			return result;
		if (columnar->format->bookmark)
			columnar->format->bookmark(columnar->reader, &columnar->all.end.bookmarks);
		close_reader(columnar);
	}
	progress_clear(columnar->progress);
	return extraction_finish(&columnar->all, columnar->n_rows, err);
}

static const struct end *columnar_end(void *state)
{
	return &((struct columnar *)state)->all.end;
}

static void columnar_close(void *state)
{
	struct columnar *columnar = state;

	close_reader(columnar);
	batch_free(&columnar->brought);
	extraction_close(&columnar->all);
	schema_release(&columnar->columns.schema);
	names_release(&columnar->nulls);
	progress_free(columnar->progress);
	buffer_free(&columnar->raw);
	buffer_free(&columnar->name);
	free(columnar->first);
	free(columnar->wanted);
	free(columnar->cells);
	free(columnar);
}

/* The columns are known: which are wanted, and the header. */
static int choose(struct columnar *columnar, struct error *err)
{
	static const char *const origin[ORIGIN_FIELDS] = { "_file", NULL, "_row" };
	struct extraction *all = &columnar->all;
	const char *first = columnar->columns.file;
	char *source = columnar->n > 1 ? mem_format("%s and %zu more", first, columnar->n - 1) : mem_text(first);

	slots_extend(&all->slots, &columnar->columns, &all->request, true);
	columnar->wanted = mem_new(columnar->columns.schema.n_fields, sizeof *columnar->wanted);
	columnar->cells = mem_new(columnar->columns.schema.n_fields, sizeof *columnar->cells);
	for (size_t i = 0; i < all->slots.n; i++)
		columnar->wanted[all->slots.items[i].cell] = true;
	if (slots_order(&all->slots, &columnar->columns, &all->request, err) < 0) {
		free(source);
		return -1;
	}
	return extraction_header(all, &columnar->columns, all->config->no_origin ? NULL : origin, source, err);
}

int columnar_open(struct source *source, const struct columnar_format *format, const struct extract_config *config, const void *own,
                  struct error *err)
{
	struct columnar *columnar = mem_new(1, sizeof *columnar);
	const struct text_list *operands = &config->common.operands;

	*columnar = (struct columnar){ .format = format, .own = own, .operands = operands, .n = operands->n ? operands->n : 1 };
	*source = (struct source){
		.header = &columnar->all.header, .next = columnar_next, .end = columnar_end, .close = columnar_close, .state = columnar,
	};
	list_split(&config->nulls, false, &columnar->nulls);
	columnar->progress = progress_new(0, false, config->common.host);
	progress_phase(columnar->progress, "reading");
	if (extraction_open(&columnar->all, config, NULL, err) < 0)
		goto failed;
	columnar->all.bad.report = true;
	if (open_next(columnar, err) < 0 || choose(columnar, err) < 0 || format->start(columnar->reader, columnar->wanted, err) < 0)
		goto failed;
	return 0;
failed:
	source_close(source);
	return -1;
}
