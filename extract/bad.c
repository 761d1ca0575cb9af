/* SPDX-License-Identifier: MIT */
#include "bad.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "column_names.h"
#include "dialect.h"
#include "memory.h"
#include "number.h"
#include "text.h"

enum { HALF_ROWS = 20 };        /* from this row on too many are told at once */
enum { MOST_REASONS = 10 };     /* in the line for people; -v: all */

int bad_open(struct bad *bad, const struct extract_config *config, const struct rows_config *rows, struct stage *stage, struct error *err)
{
	const char *most = config->max_bad;
	bool percent;
	double value;

	*bad = (struct bad){ .config = config, .on_bad_row = rows ? rows->on_bad_row : BAD_ROW_FAIL, .stage = stage, .most = UINT64_MAX, .share = -1 };
	if (most) {
		if (!number_share(most, &value, &percent) || value < 0 || (percent && value > 1) || (!percent && value != (double)(uint64_t)value))
			return error_set(err, STATUS_USAGE, "--max-bad: '%s' is neither a number of rows nor a percentage", most);
		if (percent)
			bad->share = value;
		else
			bad->most = (uint64_t)value;
	}
	if (config->rejects && bad->on_bad_row != BAD_ROW_REJECT && config->on_misfit != MISFIT_REJECT)
		return error_set(err, STATUS_USAGE, "--rejects: nothing is rejected without %s--on-misfit reject", rows ? "--on-bad-row reject or " : "");
	return rejects_open(&bad->rejects, config->rejects, config->common.host, err);
}

int bad_close(struct bad *bad, struct error *err)
{
	int result = rejects_close(bad->rejects, err);

	bad->rejects = NULL;
	free(bad->first);
	bad->first = NULL;
	return result;
}

/* A message about a row, behind where it stands. */
static int fail(const struct row *row, struct error *err, const char *format, ...) FORMAT(3, 4);
static int fail(const struct row *row, struct error *err, const char *format, ...)
{
	char message[sizeof err->message];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	if (row->line)
		return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": %s", row->file, row->line, message);
	return error_set(err, STATUS_FAILED, "%s: row %" PRIu64 ": %s", row->file, row->in_file, message);
}

/* Counts the row, and fails if that is one too many. */
static int count(struct bad *bad, const struct row *row, struct error *err)
{
	if (!bad->report || bad->last == row->number + 1)
		return 0;
	bad->last = row->number + 1;
	bad->n_bad++;
	return bad->n_bad > bad->most ? fail(row, err, "more than %" PRIu64 " bad rows (--max-bad)", bad->most) : 0;
}

static bool over_half(const struct bad *bad, uint64_t n_rows)
{
	return !bad->config->max_bad && bad->n_gone > n_rows - bad->n_gone;
}

static int fail_half(const struct bad *bad, uint64_t n_rows, struct error *err)
{
	return error_set(err, STATUS_FAILED, "%" PRIu64 " of %" PRIu64 " rows are bad, the first %s--max-bad 100%% goes on)", bad->n_gone, n_rows, bad->first);
}

/* Counts a row that is left out, for what reason; advice: of the format, or "". */
static int count_gone(struct bad *bad, const struct row *row, const char *reason, const char *advice, struct error *err)
{
	if (!bad->report)
		return 0;
	bad->n_gone++;
	if (!bad->first)
		bad->first = mem_format("%s:%s%" PRIu64 ": %s (%s%s", row->file, row->line ? "" : " row ", row->line ? row->line : row->in_file, reason,
					advice, *advice ? "; " : "");
	return row->number + 1 >= HALF_ROWS && over_half(bad, row->number + 1) ? fail_half(bad, row->number + 1, err) : 0;
}

/* The row goes into the rejects. */
static enum verdict reject(struct bad *bad, const struct row *row, const char *reason, struct error *err)
{
	struct buffer raw = BUFFER_INIT;
	int result;

	if (!bad->report)
		return ROW_GOES;
	bad->stage->rejected++;
	if (row->print_raw)
		row->print_raw(row, &raw);
	else
		buffer_add(&raw, row->raw, row->raw_size);
	while (raw.size > 0 && (raw.data[raw.size - 1] == '\n' || raw.data[raw.size - 1] == '\r'))
		raw.size--;
	result = rejects_add_raw(bad->rejects, reason, row->file, row->line, row->in_file, buffer_text(&raw), raw.size, err);
	buffer_free(&raw);
	return result < 0 ? ROW_FAILS : ROW_GOES;
}

/* What helps with the row, but for --on-bad-row. */
static void advise(const struct row *row, const struct columns *columns, struct buffer *to)
{
	dialect_advise(row, columns, to);
	if (to->size == 0 && row->broken && row->advice)
		buffer_add_text(to, row->advice);
}

static void fail_row(const struct row *row, const struct columns *columns, const char *reason, struct error *err)
{
	size_t n_columns = columns->schema.n_fields;
	struct buffer text = BUFFER_INIT, advice = BUFFER_INIT;

	if (row->broken && row->advice) {
		column_label(columns, row->n_cells, &text);
		buffer_format(&text, ": %s", row->broken);
	} else if (row->broken) {
		buffer_add_text(&text, row->broken);
	} else {
		buffer_format(&text, "%s: %zu instead of %zu", reason, row->n_cells, n_columns);
	}
	advise(row, columns, &advice);
	if (advice.size == 0 || !dialect_all_rows(row, columns))
		buffer_format(&advice, "%s--on-bad-row skip or reject leaves such rows out%s", advice.size ? "; " : "", row->broken ? "" :
		              row->n_cells < n_columns ? ", pad fills them up" : row_excess(row, n_columns) ? ", pad cuts off the empty cells" : "");
	fail(row, err, "%s (%s)", buffer_text(&text), buffer_text(&advice));
	buffer_free(&text);
	buffer_free(&advice);
}

/* A row that goes, as --on-bad-row says. */
static enum verdict drop_row(struct bad *bad, const struct row *row, const struct columns *columns, const char *reason, struct error *err)
{
	struct buffer text = BUFFER_INIT, advice = BUFFER_INIT;
	enum verdict verdict = ROW_GOES;

	buffer_add_text(&text, reason);
	if (!row->broken)
		buffer_format(&text, ": %zu instead of %zu", row->n_cells, columns->schema.n_fields);
	if (bad->report && !bad->first)
		advise(row, columns, &advice);
	if (count_gone(bad, row, buffer_text(&text), buffer_text(&advice), err) < 0)
		verdict = ROW_FAILS;
	else if (bad->on_bad_row == BAD_ROW_REJECT)
		verdict = reject(bad, row, reason, err);
	else if (bad->report)
		tally_add(&bad->stage->dropped, reason, NULL, 1);
	buffer_free(&text);
	buffer_free(&advice);
	return verdict;
}

enum verdict bad_row(struct bad *bad, struct row *row, const struct columns *columns, struct error *err)
{
	size_t n_columns = columns->schema.n_fields;
	const char *reason = row->broken ? row->broken : row->n_cells < n_columns ? "too few cells" : "too many cells";
	int what = bad->on_bad_row;
	bool fill = what == BAD_ROW_PAD && !row->broken && row->n_cells < n_columns;
	bool cut = what == BAD_ROW_PAD && row_excess(row, n_columns) > 0;

	if (what == BAD_ROW_FAIL || (what == BAD_ROW_PAD && !fill && !cut)) {
		fail_row(row, columns, reason, err);
		return ROW_FAILS;
	}
	if (count(bad, row, err) < 0)
		return ROW_FAILS;
	if (!fill && !cut)
		return drop_row(bad, row, columns, reason, err);
	if (bad->report)
		tally_add(&bad->stage->counts, fill ? "short, filled up with nulls" : "long, empty cells cut off", NULL, 1);
	while (row->n_cells < n_columns)
		row->cells[row->n_cells++] = (struct cell){ .kind = CELL_NULL };
	row->n_cells = n_columns;
	return ROW_STAYS;
}

/* The type that takes the cell as well. */
static void advise_type(struct buffer *text, const char *name, enum type type)
{
	buffer_add_text(text, " (--types '");
	text_list_item(text, name);
	buffer_format(text, "=%s' takes %s; ", type_name(type), type == TYPE_TEXT ? "any cell" : "it");
}

/* Where in its row the broken byte stands, and what reads it. A cell that is no part of the row as it stands was made of its bytes: then the first broken one. */
static void advise_encoding(struct buffer *text, const struct row *row, const char *value, size_t size)
{
	bool within = value >= row->raw && value < row->raw + row->raw_size;
	size_t before = within ? (size_t)(value - row->raw) : 0, n_broken, at;

	at = before + text_utf8_until(row->raw + before, within ? size : row->raw_size, &n_broken);
	buffer_format(text, " from byte %zu of the row on (%s; --on-bad-utf8 replace goes on, so does ", at + 1, encoding_advice(row->raw, row->raw_size));
}

static enum verdict fail_cell(const struct bad *bad, const struct row *row, const struct slot *slot, const char *name, const char *what,
                              struct error *err)
{
	const struct inherited *inherited = &bad->config->inherited;
	struct buffer text = BUFFER_INIT;
	char room[TIME_TEXT_SIZE];
	size_t size;
	const char *value = cell_text(&row->cells[slot->cell], room, &size);
	bool broken = !row->print_raw && !text_is_utf8(value, size);

	buffer_format(&text, "column '%s': %s", name, what);
	if (host_shows_values(bad->config->common.host)) {
		buffer_add_text(&text, ": '");
		text_escape(&text, value, size, 60);
		buffer_add_byte(&text, '\'');
	}
	if (!text_is_utf8(value, size) && row->print_raw)
		buffer_add_text(&text, " (");           /* a record, whose file is no text */
	else if (broken)
		advise_encoding(&text, row, value, size);
	else if (bad->fixed)
		buffer_add_text(&text, " (");
	else
		advise_type(&text, name, slot_type_with(slot, &row->cells[slot->cell]));
	if (row->in_file == 0 && inherited->no_header)
		buffer_format(&text, "--no-header comes from %s: --header overrides; ", inherited->file);
	fail(row, err, "%s--on-misfit null or reject%s)", buffer_text(&text), broken ? "" : " goes on");
	buffer_free(&text);
	return ROW_FAILS;
}

/* What is wrong with a cell. */
static const char *what_for(const struct slot *slot, bool utf8, char *room, size_t size)
{
	if (!utf8)
		return "not UTF-8";
	if (slot->unseen)
		return "a value, where the first rows had none";
	if (slot->type == TYPE_TIME && slot->form) {
		snprintf(room, size, "not a time as %s", slot->form);
		return room;
	}
	return slot->type == TYPE_INT ? "not an int" : slot->type == TYPE_REAL ? "not a real" : slot->type == TYPE_BOOL ? "not a bool" : "not a time";
}

enum verdict bad_cell(struct bad *bad, struct row *row, const struct slot *slot, const char *name, struct error *err)
{
	struct cell *cell = &row->cells[slot->cell];
	struct buffer reason = BUFFER_INIT;
	enum verdict verdict = ROW_STAYS;
	bool utf8 = !cell_is_text(cell) || text_is_utf8(cell->as.text, cell->size);
	char form[TIME_FORM_SIZE + 32];
	const char *what = what_for(slot, utf8, form, sizeof form);

	if (bad->config->on_misfit == MISFIT_FAIL)
		return fail_cell(bad, row, slot, name, what, err);
	buffer_format(&reason, "column '%s': %s", name, what);
	if (count(bad, row, err) < 0) {
		verdict = ROW_FAILS;
	} else if (bad->config->on_misfit == MISFIT_REJECT) {
		verdict = count_gone(bad, row, buffer_text(&reason), "", err) < 0 ? ROW_FAILS : reject(bad, row, buffer_text(&reason), err);
	} else {
		cell->kind = CELL_NULL;
		if (bad->report) {
			buffer_clear(&reason);
			buffer_format(&reason, "%s, made null", what);
			tally_add(&bad->stage->counts, buffer_text(&reason), name, 1);
		}
	}
	buffer_free(&reason);
	return verdict;
}

int bad_finish(const struct bad *bad, uint64_t n_rows, struct error *err)
{
	if (bad->share >= 0 && (double)bad->n_bad > bad->share * (double)n_rows)
		return error_set(err, STATUS_FAILED, "%" PRIu64 " of %" PRIu64 " rows are bad, more than %s (--max-bad)", bad->n_bad, n_rows,
				 bad->config->max_bad);
	return over_half(bad, n_rows) ? fail_half(bad, n_rows, err) : 0;
}

/* Begins a reason's part of the line; false: the line has enough of them. */
static bool begin_reason(const struct bad *bad, struct buffer *line, size_t *n)
{
	if (++*n > MOST_REASONS && !bad->config->common.verbose)
		return false;
	buffer_add_text(line, "; ");
	return true;
}

void bad_say(const struct bad *bad, uint64_t n_rows)
{
	const struct stage *stage = bad->stage;
	struct buffer line = BUFFER_INIT;
	size_t n = 0;

	if (bad->n_bad == 0 || bad->config->common.quiet)
		return;
	buffer_format(&line, "%" PRIu64 " bad row%s of %" PRIu64, bad->n_bad, bad->n_bad == 1 ? "" : "s", n_rows);
	if (stage->rejected)
		buffer_format(&line, "; rejected: %" PRIu64, stage->rejected);
	for (size_t i = 0; i < stage->dropped.n; i++)
		if (begin_reason(bad, &line, &n))
			buffer_format(&line, "%s, skipped: %" PRIu64, stage->dropped.items[i].what, stage->dropped.items[i].count);
	for (size_t i = 0; i < stage->counts.n; i++) {
		const struct tally_item *item = &stage->counts.items[i];

		if (!begin_reason(bad, &line, &n))
			continue;
		if (*item->field)
			buffer_format(&line, "column '%s': ", item->field);
		buffer_format(&line, "%s: %" PRIu64, item->what, item->count);
	}
	if (n > MOST_REASONS && !bad->config->common.verbose)
		buffer_format(&line, "; and %zu more (-v names them)", n - MOST_REASONS);
	host_note(bad->config->common.host, "%s", buffer_text(&line));
	buffer_free(&line);
}
