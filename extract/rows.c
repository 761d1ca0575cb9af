/* SPDX-License-Identifier: MIT */
/*
 * Types come from all rows of what can be read again: a column's type is the narrowest that all its cells fit. So one pass
 * looks at all rows, and the next one builds:
 *
 *     look -----> build          files
 *     sample ---> build          a pipe, --types-rows: the first rows tell
 *     (none) ---> build          all types are given
 *
 * A row that is dropped is dropped in each pass for the same reason, since that never depends on a type that was inferred.
 */
#include "rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "column_names.h"
#include "dialect.h"
#include "first_look.h"
#include "marks.h"
#include "memory.h"
#include "rows_parts.h"
#include "slot_remarks.h"
#include "stretches.h"
#include "text.h"
#include "total_row.h"

enum { LOOK_BYTES = 16 << 20 };  /* of the first rows of a pipe, at least: the types that they tell hang on --memory only where it is more */
enum { MOST_SINGLY = 1024 };

void rows_restart(struct rows *rows, enum phase phase)
{
	rows->phase = phase;
	rows->all.bad.report = phase != PHASE_SAMPLE && !rows->reported;
	if (phase != PHASE_BUILD)
		row_counts_begin(&rows->counts, &rows->files.columns);
	files_restart(&rows->files, phase != PHASE_BUILD, phase == PHASE_BUILD ? "reading" : "finding types");
	cells_clear(&rows->cells);
	rows->step = SIZE_MAX;
	rows->singly = rows->odd_run = 0;
	rows->stretch_end = 0;
	rows->ended = false;
}

/* ---- rows in turn ---- */

static size_t cells_left(const struct rows *rows) { return rows->cells.n_rows - rows->cells.at; }

uint64_t rows_at(const struct rows *rows)
{
	const struct cells *cells = &rows->cells;

	return files_at(&rows->files) - (cells_left(rows) ? cells->size - cells->begins[cells->at] : 0);
}

uint64_t rows_given(const struct rows *rows) { return rows->files.n_rows - cells_left(rows); }

void rows_begin_stretch(struct rows *rows)
{
	rows->stretch_end = files_stretch_end(&rows->files, rows_at(rows));
}

static void take_singly(struct rows *rows)
{
	rows->odd_run = rows->odd_run < MOST_SINGLY ? 2 * rows->odd_run + 1 : MOST_SINGLY;
	rows->singly = rows->odd_run;
}

bool rows_cells(struct rows *rows, uint64_t most, bool wait, struct cells *part)
{
	uint64_t left;

	if (!rows->cut.known || rows->files.columns.growing)
		return false;
	if (cells_left(rows) == 0 && rows->singly == 0) {
		left = rows->stretch_end - files_at(&rows->files);
		files_cells(&rows->files, &rows->cells, most < SIZE_MAX ? (size_t)most : SIZE_MAX, left < SIZE_MAX ? (size_t)left : SIZE_MAX, wait);
		if (cells_left(rows) == 0 && wait)
			take_singly(rows);
	}
	if (cells_left(rows) == 0 || rows->singly > 0)
		return false;
	*part = rows->cells;
	if (cells_left(rows) > rows->step)
		part->n_rows = part->at + rows->step;
	return true;
}

/* The odd one is sought by halves. Where they are many most rows are taken singly, which is quicker than to seek each. */
void rows_took(struct rows *rows, size_t n)
{
	size_t tried = cells_left(rows) < rows->step ? cells_left(rows) : rows->step;

	rows->cells.at += n;
	if (n > 0) {
		rows->step = tried < SIZE_MAX / 2 ? 2 * tried : SIZE_MAX;
		rows->odd_run -= n < rows->odd_run ? n : rows->odd_run;
	} else if (tried > 1) {
		rows->step = tried / 2;
	} else {
		take_singly(rows);
	}
}

int rows_next_row(struct rows *rows, struct row **row, struct error *err)
{
	struct cells *cells = &rows->cells;

	rows->singly -= rows->singly > 0;
	if (cells_left(rows) == 0)
		return files_next(&rows->files, row, err);
	*row = cells_row(cells, cells->at++);
	return 0;
}

bool rows_have_origin(const struct rows *rows) { return !rows->config->no_origin && !rows->typed; }

const char *rows_slot_name(const struct rows *rows, const struct slot *slot)
{
	return rows->files.columns.schema.fields[slot->cell].name;
}

void rows_tell_cut(const struct rows *rows)
{
	if (rows->cut.n)
		host_note(rows->config->common.host, "%s: rows have %zu empty cell%s more than the header: cut off", rows->files.columns.file, rows->cut.n,
			  rows->cut.n > 1 ? "s" : "");
}

enum verdict rows_judge(struct rows *rows, struct row *row, struct error *err)
{
	size_t n_columns = rows->all.slots.n_columns;

	if (!rows->cut.known && !row->broken) {
		rows->cut.known = true;
		rows->cut.n = rows->files.columns.n_cut = row_excess(row, n_columns);
		if (rows->phase == PHASE_BUILD)
			rows_tell_cut(rows);    /* no rows were looked at before */
	}
	if (rows->cut.n && row_excess(row, n_columns) == rows->cut.n)
		row->n_cells = n_columns;
	if (!row->broken && row->n_cells == n_columns)
		return ROW_STAYS;
	return bad_row(&rows->all.bad, row, &rows->files.columns, err);
}

/* ---- the types ---- */

/* The one column is one that the user or --like knows. By its place alone (c1, --no-header) none is known where --like has several. */
static bool knows_column(const struct rows *rows)
{
	const struct columns *columns = &rows->files.columns;
	const struct lineage *alike = rows->config->alike;

	if (schema_find(&rows->all.request.given, columns->schema.fields[0].name) == NO_FIELD)
		return false;
	return columns->header.n > 0 || rows->all.request.n_types > 0 || !alike || alike->inputs.n_fields == 1;
}

static uint64_t most_rows(const struct rows *rows)
{
	return rows->own->types_rows ? (uint64_t)rows->own->types_rows : TYPES_ROWS;
}

/* Of what can't be read again no more is looked at: it has to be kept as text until then. */
static bool looked_enough(const struct rows *rows)
{
	uint64_t memory = rows->config->common.memory;

	return rows_at(rows) > (memory > LOOK_BYTES ? memory : LOOK_BYTES);
}

/* Before any row is judged. */
static int look_first(struct rows *rows, struct error *err)
{
	struct error ignored = ERROR_INIT;      /* it comes again where it belongs */
	struct first_look look;
	struct row *row;

	first_look_begin(&look, &rows->files.columns);
	look.cut = rows->cut;
	rows_restart(rows, PHASE_SAMPLE);
	while (rows->files.n_rows < most_rows(rows) && files_next(&rows->files, &row, &ignored) == 0 && row)
		if (!first_look_add(&look, row, rows->files.n_rows) || (!files_rewind(&rows->files) && looked_enough(rows)))
			break;
	rows->cut = look.cut;
	rows->files.columns.n_cut = look.cut.n;
	return first_look_end(&look, &rows->behind_title, err);
}

/* The first rows. What was read stays for the next pass. */
static int sample_once(struct rows *rows, bool report, struct error *err)
{
	rows_restart(rows, PHASE_SAMPLE);
	rows->all.bad.report = report;
	while (!rows->ended && rows_given(rows) < most_rows(rows) && !rows_know_enough(rows) && !looked_enough(rows))
		if (rows_look(rows, most_rows(rows), err) < 0)
			return -1;
	return 0;
}

/* Bad rows are counted and rejected by the pass that gives rows out; where there will be none, the first rows are gone over again for those before the one at fault. */
static int sample(struct rows *rows, struct error *err)
{
	struct error again = ERROR_INIT;

	if (sample_once(rows, false, err) == 0)
		return 0;
	if (rows->config->rejects && sample_once(rows, true, &again) < 0)
		*err = again;
	return -1;
}

static int look_at_all(struct rows *rows, struct error *err)
{
	struct batch none = BATCH_INIT;

	rows_restart(rows, PHASE_LOOK);
	while (!rows->ended) {
		if (stretches_next(rows->stretches, &none, false, err) < 0)
			return -1;
		if (!rows->ended && rows_look(rows, UINT64_MAX, err) < 0)
			return -1;
	}
	rows->reported = true;
	rows->n_seen = rows->files.n_rows;
	return 0;
}

/* The fields as they are settled, and where they come from. */
static int make_header(struct rows *rows, struct error *err)
{
	static const char *const origin[ORIGIN_FIELDS] = { "_file", "_line", "_row" };
	const struct files *files = &rows->files;
	char *source = files->n > 1 ? mem_format("%s and %zu more", files->inputs[0].name, files->n - 1) : mem_text(files->inputs[0].name);

	return extraction_header(&rows->all, &files->columns, rows_have_origin(rows) ? origin : NULL, source, err);
}

/* One line about names that the file does not have. */
static void tell_names(const struct rows *rows)
{
	const struct files *files = &rows->files;
	struct buffer text = BUFFER_INIT;

	if (rows->behind_title) {
		host_note(rows->config->common.host, "%s: the header has columns without a name, as a title has (--skip-lines %" PRIu64 " if line %" PRIu64 " is the header)",
			  files->columns.file, rows->behind_title - 1, rows->behind_title);
		return;
	}
	columns_tell(&files->columns, rows->config->alike ? &rows->config->alike->inputs : NULL, &text);
	if (text.size == 0)
		return;
	for (size_t i = 0; i < rows->all.slots.n; i++) {
		const struct slot *slot = &rows->all.slots.items[i];

		if (column_is_nameless(&files->columns, slot->cell) && slot->role == ROLE_ID)
			buffer_format(&text, "; '%s' counts the rows: role id", rows_slot_name(rows, slot));
	}
	host_note(rows->config->common.host, "%s: %s (--names gives others)", files->columns.file, buffer_text(&text));
	buffer_free(&text);
}

/* What the header as a whole leaves to be said: it holds a delimiter that was not meant, or nothing that --like knows. */
static void tell_header(const struct rows *rows)
{
	const struct columns *columns = &rows->files.columns;
	const struct lineage *alike = rows->config->alike;
	const char *other = columns->dialect.given && columns->schema.n_fields == 1 ? delimiter_other(&columns->dialect, 1) : NULL;
	struct buffer text = BUFFER_INIT;

	if (other && columns->header.n)
		host_note(rows->config->common.host, "%s: one column, and its name holds the delimiter %s (--delimiter %s if that parts the cells)",
			  columns->file, other, other);
	for (size_t col = 0; alike && col < columns->header.n; col++)
		if (schema_find(&alike->inputs, columns->schema.fields[col].name) != NO_FIELD)
			return;
	if (other || !alike || columns->header.n == 0 || alike->inputs.n_fields == 0)
		return;
	columns_tell_inherited(columns, NULL, &text);
	host_note(rows->config->common.host, "%s: the header has no column of %s%s%s%s", columns->file, rows->config->like, text.size ? " (" : "",
		  buffer_text(&text), text.size ? ")" : "");
	buffer_free(&text);
}

/* Whether the header that --names replaces is no value of a column that is no text. */
static bool is_no_row(const struct rows *rows, const struct names *header)
{
	union value value;

	for (size_t i = 0; i < rows->all.slots.n; i++) {
		const struct slot *slot = &rows->all.slots.items[i];
		const char *text = slot->cell < header->n ? header->items[slot->cell] : "";
		const struct cell cell = { .kind = CELL_TEXT, .size = (uint32_t)strlen(text), .as.text = text };

		if (slot->type != TYPE_TEXT && *text && !slot_fits(slot, &cell, &value) && missing_word(&cell, slot->words) == NO_MISSING_WORD)
			return true;
	}
	return false;
}

/* One line about a header that --names replaces and that may as well be the first row: no type tells, and nobody said. */
static void tell_replaced_header(const struct rows *rows)
{
	const struct columns *columns = &rows->files.columns;
	const struct replaced_header *replaced = &columns->replaced;

	if (replaced->line == 0 || replaced->told || rows->config->inherited.header || !rows->config->inherited.names || is_no_row(rows, &replaced->cells))
		return;
	host_note(rows->config->common.host, "%s:%" PRIu64 ": the header, which --names replaces, has nothing that the rows can't have (--no-header if it is the first of them, --header if not)",
		  columns->file, replaced->line);
}

/* The columns of the first file are known; the types, as far as they are given. */
static int find_types(struct rows *rows, struct error *err)
{
	const char *other = first_delimiter(&rows->files.columns, NULL);
	bool whole = !rows->own->types_rows && files_rewind(&rows->files);

	if (!rows->typed && !rows->files.columns.growing && rows->all.slots.n_inferred > 0 && look_first(rows, err) < 0)
		return -1;
	if (rows->all.slots.n_inferred == 0 && !rows->files.columns.growing && other && !knows_column(rows))
		return first_fail_delimiter(&rows->files.columns, other, err);
	if (!rows_know_enough(rows) && (!whole || rows->all.slots.n_inferred == 0) && sample(rows, err) < 0)
		return -1;
	if (!rows_know_enough(rows) && whole && look_at_all(rows, err) < 0)
		return -1;
	rows->files.columns.growing = false;
	row_counts_find_ids(&rows->counts, &rows->all.slots);
	if (slots_order(&rows->all.slots, &rows->files.columns, &rows->all.request, err) < 0)
		return -1;
	slots_settle(&rows->all.slots, rows->ended);
	if (make_header(rows, err) < 0)
		return -1;
	rows->build = build_new(&rows->all.slots, &rows->all.header.schema, rows_have_origin(rows), rows->all.pool);
	rows_restart(rows, PHASE_BUILD);
	return 0;
}

/* ---- the source ---- */

static void remark(struct rows *rows)
{
	if (rows->remarked)
		return;
	rows->remarked = true;
	for (size_t i = 0; i < rows->all.slots.n; i++)
		slot_remark(&rows->all.remarks, &rows->all.slots, i, rows->build, rows_slot_name(rows, &rows->all.slots.items[i]), rows->files.n > 1,
		            files_lines(&rows->files), extraction_has_dates(&rows->all, i));
}

/* What was no text of its encoding, or hardly. A pipe is read once, a file to its end in the last pass. */
static void tell_decoded(struct rows *rows)
{
	struct decoded decoded = files_decoded(&rows->files);
	uint64_t n = decoded.n_replaced;

	if (decoded.n_bare > 0)
		host_note(rows->config->common.host, "%s: %" PRIu64 " control character%s in Latin-1, where Windows-1252 has quotes, dashes and the euro: --encoding windows-1252",
			  rows->all.header.source, decoded.n_controls, decoded.n_controls > 1 ? "s" : "");
	if (n == 0)
		return;
	tally_add(&rows->all.stage.counts, "broken in its encoding, replaced by U+FFFD", NULL, n);
	host_note(rows->config->common.host, "%s: %" PRIu64 " sequence%s of bytes that %s broken in %s encoding: replaced by U+FFFD", rows->all.header.source, n,
		  n > 1 ? "s" : "", n > 1 ? "are" : "is", n > 1 ? "their" : "its");
}

/* Keeps where the last row of a batch stands, if it may be a total. */
static int watch_total(struct rows *rows, struct batch *batch, struct error *err)
{
	int total = rows->files.n == 1 && !rows->typed && rows_have_origin(rows) ? total_row(batch, rows->all.slots.n, err) : 0;
	const struct column *lines = total > 0 ? column_read(batch, rows->all.slots.n + 1, err) : NULL;

	rows->total_line = lines ? (uint64_t)column_int(lines, batch->n_rows - 1) : 0;
	return total < 0 || (total > 0 && !lines) ? -1 : 0;
}

/* A sum below the table that made text of no column: then that told it. */
static void tell_total(const struct rows *rows)
{
	uint64_t n = rows->total_line ? files_lines(&rows->files) - rows->total_line + 1 : 0;

	if (n > 0 && n <= FOOTER_LINES && rows->all.remarks.n_footer == 0)
		host_note(rows->config->common.host, "%s:%" PRIu64 ": the last row seems to be a total (--skip-footer %" PRIu64 " leaves it out)", rows->all.header.source,
			  rows->total_line, n);
}

/* All rows were given out. */
static int finish(struct rows *rows, struct error *err)
{
	if (rows->reported && rows->files.n_rows != rows->n_seen)
		return error_set(err, STATUS_FAILED, "%s changed while it was read", rows->all.header.source);
	remark(rows);
	tell_total(rows);
	tell_decoded(rows);
	return extraction_finish(&rows->all, rows->files.n_rows, err);
}

static int rows_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct rows *rows = state;

	batch_clear(to);
	while (to->n_rows == 0 && !rows_dequeue(rows, to)) {
		bool under_way = stretches_under_way(rows->stretches);
		int result = 0;

		if (!under_way && rows->ended)
			return finish(rows, err);
		if (under_way || rows_at(rows) >= rows->stretch_end)
			result = stretches_next(rows->stretches, to, now, err);
		if (result == 0 && !rows->ended)
			result = rows_build(rows, to, now, err);
		if (result < 0)
			return -1;
	}
	extraction_give(&rows->all, to);
	if (watch_total(rows, to, err) < 0)
		return -1;
	if (rows->typed && marks_check(to, err) < 0)    /* roles come along, and no reader of a stream takes a row without its mark */
		return error_prefix(err, "%s", rows->all.header.source);
	return 1;
}

static const struct end *rows_end(void *state)
{
	return &((struct rows *)state)->all.end;
}

static void rows_close(void *state)
{
	struct rows *rows = state;

	stretches_free(rows->stretches);
	while (rows->ready.at < rows->ready.n)
		batch_free(&rows->ready.items[rows->ready.at++]);
	free(rows->ready.items);
	build_free(rows->build);
	row_counts_release(&rows->counts);
	cells_release(&rows->cells);
	files_close(&rows->files);
	extraction_close(&rows->all);
	free(rows);
}

int rows_open(struct source *source, const struct row_format *format, const struct extract_config *config, const void *own, struct error *err)
{
	struct rows *rows = mem_new(1, sizeof *rows);

	*rows = (struct rows){ .config = config, .own = own, .typed = format->typed, .cells = CELLS_INIT };
	*source = (struct source){ .header = &rows->all.header, .next = rows_next, .end = rows_end, .close = rows_close, .state = rows };
	rows->stretches = stretches_new(rows);
	if (files_open(&rows->files, format, config, own, err) < 0 || extraction_open(&rows->all, config, rows->own, err) < 0)
		goto failed;
	rows->all.request.words = !format->words ? WORDS_NONE : rows->own->no_null_words ? WORDS_EMPTY : WORDS_USUAL;
	rows->all.bad.fixed = rows->cut.known = format->typed;
	if (files_start(&rows->files, err) < 0)
		goto failed;
	slots_extend(&rows->all.slots, &rows->files.columns, &rows->all.request, rows->typed);
	if (config->sniff) {
		if (make_header(rows, err) < 0)
			goto failed;
		return 0;
	}
	if (find_types(rows, err) < 0)
		goto failed;
	tell_header(rows);
	tell_replaced_header(rows);
	tell_names(rows);
	rows_tell_cut(rows);
	return 0;
failed:
	source_close(source);
	return -1;
}
