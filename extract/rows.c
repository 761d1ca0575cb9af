/* SPDX-License-Identifier: MIT */
/*
 * Types come from all rows of what can be read again, and yet files are mostly
 * parsed once. The first rows (TYPES_ROWS) give a guess. With it all rows are read
 * into typed batches, which are held. A column's type is the narrowest that all its
 * cells fit, so if no cell contradicts the guess it is the answer: the header and
 * the held batches go out. At the first cell that does, or when --memory is used
 * up, the batches are dropped, the rest of this pass only looks, and a second
 * pass builds:
 *
 *     sample -> try: hold batches -> serve them
 *                 \-> scan ----------> build, batch by batch
 *     sample ------------------------> build, batch by batch      a pipe, --types-rows, or all rows were in the sample
 *     (none) ------------------------> build, batch by batch      all types are given
 *
 * Both ways give the same bytes. A row that is dropped is dropped in each pass
 * for the same reason, since that never depends on a type that was inferred.
 */
#include "rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ahead.h"
#include "build.h"
#include "cells_ahead.h"
#include "cells_infer.h"
#include "column_names.h"
#include "dialect.h"
#include "extraction.h"
#include "files.h"
#include "first_look.h"
#include "marks.h"
#include "memory.h"
#include "row_counts.h"
#include "slot_remarks.h"
#include "text.h"
#include "workers.h"

enum { LOOK_BYTES = 16 << 20 };  /* of the first rows of a pipe, at least: the types that they tell hang on --memory only where it is more */

enum phase {
	PHASE_SAMPLE,           /* the first rows, for a guess or for good */
	PHASE_TRY,              /* the types are a guess */
	PHASE_SCAN,             /* it was wrong, or memory is used up */
	PHASE_BUILD,            /* the types are settled */
};

struct rows {
	const struct extract_config *config;
	const struct rows_config *own;  /* what only rows of cells are asked */
	struct extraction all;
	struct files files;
	struct ahead *ahead;            /* reads `files`, if they are read in a thread of their own */
	struct cells_ahead blocks;      /* of rows that come next */
	struct workers *workers;        /* for the columns of a block */
	bool one_by_one;                /* a cell of the block is odd: its rows are looked at singly */
	enum phase phase;
	bool typed;                     /* the files bring types and roles along, and _file, _line and _row if they have them */
	bool remarked;                  /* on the columns, at the end */
	bool reported;                  /* a whole pass has counted what was bad */
	uint64_t n_seen;                /* rows of that pass */
	uint64_t behind_title;          /* where the header seems to be if the first row is a title; 0: it is none */
	struct row_cut cut;
	struct row_counts counts;       /* columns without a name, of the pass that looks at all rows */
	struct build *build;
	struct held { struct batch *items; size_t n, room, next; uint64_t bytes; } held;
	bool serving;                   /* held batches, not files */
	size_t n_zones;                 /* columns given as time whose zone is known */
	uint64_t n_sampled;             /* rows that the guess comes from */
};

/* From the first row again, for the next phase. */
static void restart(struct rows *rows, enum phase phase)
{
	bool reads_on;

	rows->phase = phase;
	rows->all.bad.report = phase != PHASE_SAMPLE && !rows->reported;
	ahead_free(rows->ahead);
	rows->ahead = NULL;
	if (phase != PHASE_BUILD)
		row_counts_begin(&rows->counts, &rows->files.columns);
	files_restart(&rows->files, phase == PHASE_SAMPLE, phase == PHASE_BUILD ? "reading" : "finding types");
	/* The first rows are few, and rows of a pipe come as they come. A format that still adds columns does so under our eyes. */
	reads_on = phase != PHASE_SAMPLE && rows->config->common.threads > 1 && files_rewind(&rows->files) && !rows->files.columns.growing;
	cells_ahead_restart(&rows->blocks, &rows->files, reads_on && files_in_cells(&rows->files));
	if (reads_on && !files_in_cells(&rows->files))
		rows->ahead = ahead_new(&rows->files);
}

static int next_row(struct rows *rows, struct row **row, struct error *err)
{
	struct cells *cells = &rows->blocks.now;

	if (cells->at < cells->n_rows) {
		*row = cells_row(cells, cells->at++);
		return 0;
	}
	return rows->ahead ? ahead_next(rows->ahead, row, err) : files_next(&rows->files, row, err);
}

/* Rows as a block, at most `most`, where they come so. */
static void next_cells(struct rows *rows, uint64_t most, bool wait)
{
	if (rows->blocks.now.at < rows->blocks.now.n_rows || rows->ahead || !rows->cut.known || rows->files.columns.growing)
		return;
	rows->one_by_one = false;
	cells_ahead_next(&rows->blocks, most < SIZE_MAX ? (size_t)most : SIZE_MAX, wait);
}

/* Rows of this pass that were handed out. */
static uint64_t rows_given(const struct rows *rows)
{
	return rows->files.n_rows - cells_ahead_left(&rows->blocks);
}

static bool have_cells(const struct rows *rows)
{
	bool looks = rows->phase == PHASE_SAMPLE || rows->phase == PHASE_SCAN;

	return rows->blocks.now.at < rows->blocks.now.n_rows && !rows->one_by_one && !(looks && rows->n_zones < rows->all.slots.n_open);
}

/* Whether _file, _line and _row are added: typed rows have them, or not. */
static bool has_origin(const struct rows *rows)
{
	return !rows->config->no_origin && !rows->typed;
}

static const char *slot_name(const struct rows *rows, const struct slot *slot)
{
	return rows->files.columns.schema.fields[slot->cell].name;
}

static void tell_cut(const struct rows *rows)
{
	if (rows->cut.n)
		host_note(rows->config->common.host, "%s: rows have %zu empty cell%s more than the header: cut off", rows->files.columns.file, rows->cut.n,
			  rows->cut.n > 1 ? "s" : "");
}

/* Whether a row has the cells that it should. The first one tells whether there are empty ones behind them. */
static enum verdict judge_row(struct rows *rows, struct row *row, struct error *err)
{
	size_t n_columns = rows->all.slots.n_columns;

	if (!rows->cut.known && !row->broken) {
		rows->cut.known = true;
		rows->cut.n = row_excess(row, n_columns);
		if (rows->phase == PHASE_BUILD)
			tell_cut(rows);         /* no rows were looked at before */
	}
	if (rows->cut.n && row_excess(row, n_columns) == rows->cut.n)
		row->n_cells = n_columns;
	if (!row->broken && row->n_cells == n_columns)
		return ROW_STAYS;
	return bad_row(&rows->all.bad, row, &rows->files.columns, err);
}

/* ---- looking only ---- */

/* Cells that are at fault whatever the types will be: no value of a type that was given, or no UTF-8. */
static enum verdict judge_cells(struct rows *rows, struct row *row, struct error *err)
{
	union value value;

	for (size_t i = 0; i < rows->all.slots.n; i++) {
		const struct slot *slot = &rows->all.slots.items[i];
		const struct cell *cell = &row->cells[slot->cell];
		enum verdict verdict;

		if (cell->kind == CELL_NULL)
			continue;
		if (slot->given && slot->type != TYPE_TEXT ? slot_fits(slot, cell, &value) || missing_word(cell, slot->words) != NO_MISSING_WORD
							   : row->ascii || !cell_is_text(cell) || text_is_utf8(cell->as.text, cell->size))
			continue;
		verdict = bad_cell(&rows->all.bad, row, slot, slot_name(rows, slot), err);
		if (verdict != ROW_STAYS)
			return verdict;
	}
	return ROW_STAYS;
}

/* The first value of a column that was given as time: its form counts from here on. */
static void look_at_zone(struct rows *rows, struct slot *slot, const struct cell *cell)
{
	infer_time_form(&slot->infer, cell);
	if (!slot->infer.formed)
		return;
	slot->form = mem_text(slot->infer.form);
	rows->n_zones++;
}

/* What a row says about the types. Columns that it adds (a record with a new field) are there from now on. */
static int look(struct rows *rows, struct row *row, struct error *err)
{
	enum verdict verdict;

	if (rows->files.columns.growing)
		slots_extend(&rows->all.slots, &rows->files.columns, &rows->all.request, rows->typed);
	verdict = judge_row(rows, row, err);
	if (verdict == ROW_STAYS)
		verdict = judge_cells(rows, row, err);
	for (size_t i = 0; i < rows->all.slots.n && verdict == ROW_STAYS; i++) {
		struct slot *slot = &rows->all.slots.items[i];
		const struct cell *cell = &row->cells[slot->cell];

		if (cell->kind == CELL_NULL || (slot->given && !slot->any_iso) || missing_word(cell, slot->words) != NO_MISSING_WORD)
			continue;
		if (!slot->given)
			infer_cell(&slot->infer, cell);
		else if (!slot->form)
			look_at_zone(rows, slot, cell);
	}
	if (verdict == ROW_STAYS)
		row_counts_add(&rows->counts, row);
	return verdict == ROW_FAILS ? -1 : 0;
}

static void count_cells(struct rows *rows, size_t n)
{
	struct cells *cells = &rows->blocks.now;

	for (size_t row = cells->at; row < cells->at + n && rows->counts.n; row++)
		row_counts_add(&rows->counts, cells_row(cells, row));
	if (rows->counts.n == 0)
		rows->counts.n_rows += n;
}

/* A slot, or behind them all what comes next. */
static void infer_slot(void *state, size_t i)
{
	struct rows *rows = state;
	struct slot *slot = &rows->all.slots.items[i];

	if (i == rows->all.slots.n)
		cells_ahead_read(&rows->blocks);
	else if (!slot->given)
		cells_infer(&rows->blocks.now, slot->cell, slot->words, &slot->infer);
}

/* What the rows of the block say about the types. False: one of them is odd, and nothing was done. */
static bool look_cells(struct rows *rows)
{
	struct cells *cells = &rows->blocks.now;

	rows->one_by_one = !cells_judge(cells, &rows->all.slots);
	if (rows->one_by_one)
		return false;
	workers_run(rows->workers, rows->all.slots.n + cells_ahead_may(&rows->blocks), infer_slot, rows);
	count_cells(rows, cells->n_rows - cells->at);
	cells->at = cells->n_rows;
	return true;
}

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

	return files_bytes(&rows->files) > (memory > LOOK_BYTES ? memory : LOOK_BYTES);
}

/* Before any row is judged. */
static int look_first(struct rows *rows, struct error *err)
{
	struct error ignored = ERROR_INIT;      /* it comes again where it belongs */
	struct first_look look;
	struct row *row;

	first_look_begin(&look, &rows->files.columns);
	look.cut = rows->cut;
	restart(rows, PHASE_SAMPLE);
	while (rows->files.n_rows < most_rows(rows) && files_next(&rows->files, &row, &ignored) == 0 && row)
		if (!first_look_add(&look, row, rows->files.n_rows) || (!files_rewind(&rows->files) && looked_enough(rows)))
			break;
	rows->cut = look.cut;
	return first_look_end(&look, &rows->behind_title, err);
}

/* No type is open, and no zone: no more rows need to be waited for. */
static bool knows_enough(const struct rows *rows)
{
	return !rows->files.columns.growing && rows->all.slots.n_inferred == 0 && rows->n_zones == rows->all.slots.n_open;
}

/* The first rows. *complete: there are no others. What was read stays for the next pass. */
static int sample(struct rows *rows, bool *complete, struct error *err)
{
	struct row *row;

	restart(rows, PHASE_SAMPLE);
	while (rows_given(rows) < most_rows(rows) && !knows_enough(rows)) {
		next_cells(rows, most_rows(rows) - rows_given(rows), false);
		if (have_cells(rows) && look_cells(rows)) {
			if (looked_enough(rows))
				break;
			continue;
		}
		if (next_row(rows, &row, err) < 0)
			return -1;
		if (!row) {
			*complete = true;
			return 0;
		}
		if (look(rows, row, err) < 0)
			return -1;
		if (looked_enough(rows))
			break;
	}
	*complete = false;
	rows->n_sampled = rows_given(rows);
	return 0;
}

/* ---- building ---- */

/* A cell that is no value of its slot's type. What is at fault whatever the type comes first, as where the types were looked for. */
static enum verdict judge_misfit(struct rows *rows, struct row *row, const struct slot *slot, struct error *err)
{
	enum verdict verdict = slot->given ? ROW_STAYS : judge_cells(rows, row, err);

	if (verdict != ROW_STAYS || row->cells[slot->cell].kind == CELL_NULL)
		return verdict;
	return bad_cell(&rows->all.bad, row, slot, slot_name(rows, slot), err);
}

/* Takes a row, or drops it. *contradicts: it does not fit the types that were guessed, and nothing was done. */
static int take(struct rows *rows, struct row *row, bool *contradicts, struct error *err)
{
	enum verdict verdict;
	size_t at = 0;

	*contradicts = rows->files.columns.growing && row->n_cells > rows->all.slots.n_columns;
	if (*contradicts)
		return 0;
	verdict = judge_row(rows, row, err);
	if (verdict != ROW_STAYS)
		return verdict == ROW_FAILS ? -1 : 0;
	while ((at = build_try(rows->build, row, at)) < rows->all.slots.n) {
		const struct slot *slot = &rows->all.slots.items[at];

		*contradicts = rows->phase == PHASE_TRY && !slot->given;
		if (*contradicts) {
			build_abandon(rows->build);
			return 0;
		}
		verdict = judge_misfit(rows, row, slot, err);
		if (verdict != ROW_STAYS) {
			build_abandon(rows->build);
			return verdict == ROW_FAILS ? -1 : 0;
		}
	}
	if (rows->phase == PHASE_TRY)
		row_counts_add(&rows->counts, row);
	build_add(rows->build, row, row->file, row->in_file);
	return 0;
}

/* Takes rows of the block, until the builder is full. False: one of them is odd, and nothing was done. */
static bool take_cells(struct rows *rows)
{
	const struct beside beside = { cells_ahead_read, &rows->blocks };
	size_t n = build_cells(rows->build, &rows->blocks.now, rows->workers, cells_ahead_may(&rows->blocks) ? &beside : NULL);

	rows->one_by_one = n == 0;
	if (rows->phase == PHASE_TRY)
		count_cells(rows, n);
	rows->blocks.now.at += n;
	return n > 0;
}

/* The next batch from the files; no rows at the end. */
static int build_next(struct rows *rows, struct batch *to, bool now, struct error *err)
{
	struct row *row = NULL;
	bool contradicts;
	int result = 0;

	do {
		next_cells(rows, SIZE_MAX, !now);
		if (have_cells(rows) && take_cells(rows))
			continue;
		if (now && !rows->ahead)
			rows->files.hurry = build_rows(rows->build) > 0;
		result = next_row(rows, &row, err);
		if (result < 0 || (row && take(rows, row, &contradicts, err) < 0))
			return -1;
		if (result == INPUT_SILENT || !row)
			break;
	} while (!build_full(rows->build));
	if (build_rows(rows->build) > 0)
		build_finish(rows->build, to);
	return 0;
}

/* The fields as they are settled, and where they come from. */
static int make_header(struct rows *rows, struct error *err)
{
	static const char *const origin[ORIGIN_FIELDS] = { "_file", "_line", "_row" };
	const struct files *files = &rows->files;
	char *source = files->n > 1 ? mem_format("%s and %zu more", files->inputs[0].name, files->n - 1) : mem_text(files->inputs[0].name);

	return extraction_header(&rows->all, &files->columns, has_origin(rows) ? origin : NULL, source, err);
}

/* Types settled so far, a header and an empty builder for them. all: all rows were looked at. */
static int begin_building(struct rows *rows, enum phase phase, bool all, struct error *err)
{
	if (slots_order(&rows->all.slots, &rows->files.columns, &rows->all.request, err) < 0)
		return -1;
	slots_settle(&rows->all.slots, all, phase == PHASE_TRY);
	if (make_header(rows, err) < 0)
		return -1;
	rows->build = build_new(&rows->all.slots, &rows->all.header.schema, has_origin(rows), rows->all.pool);
	restart(rows, phase);
	return 0;
}

static void end_building(struct rows *rows)
{
	for (size_t i = 0; i < rows->held.n; i++)
		batch_free(&rows->held.items[i]);
	free(rows->held.items);
	rows->held = (struct held){ .items = NULL };
	build_free(rows->build);
	rows->build = NULL;
}

static void hold(struct rows *rows)
{
	struct held *held = &rows->held;
	struct batch *batch;

	if (build_rows(rows->build) == 0)
		return;
	array_grow(held->items, held->n, held->room);
	batch = &held->items[held->n++];
	*batch = (struct batch)BATCH_INIT;
	build_finish(rows->build, batch);
	batch_compact(batch);
	held->bytes += batch_memory(batch);
}

/* The n_before rows before this one were not looked at, but they fit the guess: that is what they say. */
static void give_up(struct rows *rows, uint64_t n_before)
{
	struct slots *slots = &rows->all.slots;
	uint64_t n_more = n_before > rows->n_sampled ? n_before - rows->n_sampled : 0;

	build_tell_written(rows->build, slots);
	for (size_t i = 0; i < slots->n; i++) {
		struct infer *infer = &slots->items[i].infer;

		if (slots->items[i].type != TYPE_TEXT) {
			infer->n += n_more;
			infer->n_like[infer_like(infer)] += n_more;
		}
	}
	end_building(rows);
}

/* All rows with the guess: *right if it held and so did memory, and the batches are there. Otherwise all rows were looked at. */
static int try_guess(struct rows *rows, bool *right, struct error *err)
{
	for (;;) {
		bool contradicts = false;
		struct row *row = NULL;

		next_cells(rows, SIZE_MAX, true);
		if (have_cells(rows) && rows->phase == PHASE_SCAN && look_cells(rows))
			continue;
		if (have_cells(rows) && rows->phase == PHASE_TRY && take_cells(rows)) {
			row = cells_row(&rows->blocks.now, rows->blocks.now.at - 1);
		} else {
			if (next_row(rows, &row, err) < 0)
				return -1;
			if (!row)
				break;
			if (rows->phase == PHASE_TRY && take(rows, row, &contradicts, err) < 0)
				return -1;
		}
		if (rows->phase == PHASE_TRY && build_full(rows->build))
			hold(rows);
		if (rows->phase == PHASE_TRY && (contradicts || rows->held.bytes > rows->config->common.memory)) {
			give_up(rows, row->number);     /* a thread may have read on */
			rows->phase = PHASE_SCAN;
			if (rows->config->common.verbose)
				host_note(rows->config->common.host, "%s:%" PRIu64 ": %s: all is read twice", row->file, row->line,
					  contradicts ? "a cell that the types of the first rows do not fit" : "more rows than --memory holds");
			if (!contradicts)
				continue;       /* the row was taken: it says nothing new */
		}
		if (rows->phase == PHASE_SCAN && look(rows, row, err) < 0)
			return -1;
	}
	*right = rows->phase == PHASE_TRY;
	rows->reported = true;
	rows->n_seen = rows->files.n_rows;
	if (*right) {
		hold(rows);
		build_tell_written(rows->build, &rows->all.slots);
		slots_settle_forms(&rows->all.slots);
	}
	return 0;
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
			buffer_format(&text, "; '%s' counts the rows: role id", slot_name(rows, slot));
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

/* The columns of the first file are known; the types, as far as they are given. */
static int find_types(struct rows *rows, struct error *err)
{
	const char *other = first_delimiter(&rows->files.columns, NULL);
	bool all = true, right = false;

	if (!rows->typed && !rows->files.columns.growing && rows->all.slots.n_inferred > 0 && look_first(rows, err) < 0)
		return -1;
	if (rows->all.slots.n_inferred == 0 && !rows->files.columns.growing && other && !knows_column(rows))
		return first_fail_delimiter(&rows->files.columns, other, err);
	if (!knows_enough(rows) && sample(rows, &all, err) < 0)
		return -1;
	if (!all && !knows_enough(rows) && !rows->own->types_rows && files_rewind(&rows->files)) {
		if (begin_building(rows, PHASE_TRY, false, err) < 0 || try_guess(rows, &right, err) < 0)
			return -1;
		rows->serving = right;
		if (right) {
			row_counts_find_ids(&rows->counts, &rows->all.slots);
			return make_header(rows, err);
		}
		all = true;
	}
	rows->files.columns.growing = false;
	row_counts_find_ids(&rows->counts, &rows->all.slots);
	return begin_building(rows, PHASE_BUILD, all, err);
}

/* ---- the source ---- */

static void remark(struct rows *rows)
{
	if (rows->remarked)
		return;
	rows->remarked = true;
	for (size_t i = 0; i < rows->all.slots.n; i++)
		slot_remark(&rows->all.remarks, &rows->all.slots, i, rows->build, slot_name(rows, &rows->all.slots.items[i]), rows->files.n > 1);
}

/* What was no text of its encoding. A pipe is read once, a file to its end in the last pass. */
static void tell_replaced(struct rows *rows)
{
	uint64_t n = files_replaced(&rows->files);

	if (n == 0)
		return;
	tally_add(&rows->all.stage.counts, "broken in its encoding, replaced by U+FFFD", NULL, n);
	host_note(rows->config->common.host, "%s: %" PRIu64 " sequence%s of bytes that %s broken in %s encoding: replaced by U+FFFD", rows->all.header.source, n,
		  n > 1 ? "s" : "", n > 1 ? "are" : "is", n > 1 ? "their" : "its");
}

/* All rows were given out. */
static int finish(struct rows *rows, struct error *err)
{
	if (rows->reported && rows->files.n_rows != rows->n_seen)
		return error_set(err, STATUS_FAILED, "%s changed while it was read", rows->all.header.source);
	remark(rows);
	tell_replaced(rows);
	return extraction_finish(&rows->all, rows->files.n_rows, err);
}

static int rows_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct rows *rows = state;
	struct held *held = &rows->held;

	batch_clear(to);
	if (!rows->serving && build_next(rows, to, now, err) < 0)
		return -1;
	if (rows->serving && held->next < held->n)
		batch_move(to, &held->items[held->next++]);
	if (to->n_rows == 0)
		return finish(rows, err);
	extraction_give(&rows->all, to);
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

	ahead_free(rows->ahead);
	end_building(rows);
	row_counts_release(&rows->counts);
	cells_ahead_release(&rows->blocks);
	workers_free(rows->workers);
	files_close(&rows->files);
	extraction_close(&rows->all);
	free(rows);
}

int rows_open(struct source *source, const struct row_format *format, const struct extract_config *config, const void *own, struct error *err)
{
	struct rows *rows = mem_new(1, sizeof *rows);

	*rows = (struct rows){ .config = config, .own = own, .typed = format->typed };
	*source = (struct source){ .header = &rows->all.header, .next = rows_next, .end = rows_end, .close = rows_close, .state = rows };
	rows->workers = workers_new(format->cells ? config->common.threads : 1);
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
	tell_names(rows);
	tell_cut(rows);
	return 0;
failed:
	source_close(source);
	return -1;
}
