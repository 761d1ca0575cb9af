/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <stdlib.h>
#include <string.h>

#include "cells_config.h"
#include "column_names.h"
#include "encoding.h"
#include "fit.h"
#include "footer.h"
#include "lists.h"
#include "memory.h"

enum { PROGRESS_ROWS = 4096 };

/* What a format of texts reads is UTF-8, whatever the file is. */
static int open_text(struct feed *feed, const struct text_config *config, struct error *err)
{
	const struct feed file = *feed;
	struct feed whole;

	if (feed_open_encoding(feed, &file, config->encoding, (enum bad_utf8)config->on_bad_utf8, err) < 0)
		return -1;
	whole = *feed;
	if (config->skip_footer > 0)
		feed_open_footer(feed, &whole, (uint64_t)config->skip_footer);
	return 0;
}

int files_open(struct files *files, const struct row_format *format, const struct extract_config *config, const void *own,
               struct error *err)
{
	const struct text_list *operands = &config->common.operands;
	bool standard = false;
	uint64_t total = 0;

	*files = (struct files){ .format = format, .own = own, .n = operands->n ? operands->n : 1 };
	files->stretch = config->stretch ? config->stretch : STRETCH_BYTES;
	files->pool = pool_new();
	files->columns.inherited = &config->inherited;
	list_split(&config->nulls, false, &files->nulls);
	files->inputs = mem_new(files->n, sizeof *files->inputs);
	for (size_t i = 0; i < files->n; i++) {
		const char *path = operands->n ? operands->items[i] : "-";
		bool dash = strcmp(path, "-") == 0;
		struct feed feed;

		if (dash && standard)
			return error_set(err, STATUS_USAGE, "standard input can be read once only");
		standard |= dash;
		if (feed_open_file(&feed, path, err) < 0 || (format->text && open_text(&feed, own, err) < 0))
			return -1;
		input_init(&files->inputs[i], dash ? "standard input" : path, &feed, config->common.host);
		files->inputs[i].pool = files->pool;
		total += feed.total;
	}
	files->few = total <= INPUT_KEPT;
	files->progress = progress_new(files_rewind(files) ? total : 0, false, config->common.host);
	return 0;
}

static void stop_reader(struct files *files)
{
	files->format->close(files->reader);
	files->reader = NULL;
}

void files_close(struct files *files)
{
	if (files->reader)
		stop_reader(files);
	progress_free(files->progress);
	for (size_t i = 0; files->inputs && i < files->n; i++)
		input_release(&files->inputs[i]);
	free(files->inputs);
	pool_drop(files->pool);
	names_release(&files->nulls);
	columns_release(&files->columns);
}

void files_restart(struct files *files, bool keep, const char *what)
{
	if (files->reader)
		stop_reader(files);
	files->at = 0;
	files->n_rows = files->n_bytes = 0;
	for (size_t i = 0; i < files->n; i++)
		files->inputs[i].keep = keep && (files->few || !input_rewinds(&files->inputs[i]));
	progress_phase(files->progress, what);
}

int files_start(struct files *files, struct error *err)
{
	struct input *input = &files->inputs[files->at];
	bool keep = input->keep;

	if (files->reader)
		return 0;
	files->n_row = 0;
	input->keep = true;             /* a reader may look at the first row and go back */
	if (files->format->open(&files->reader, input, &files->columns, files->own, err) < 0 ||
	    files->format->start(files->reader, err) < 0)
		return -1;
	input->keep = keep;
	return 0;
}

/* In this pass. */
static uint64_t bytes_read(const struct files *files)
{
	return files->n_bytes + (files->at < files->n ? input_taken(&files->inputs[files->at]) : 0);
}

static void make_nulls(const struct names *nulls, struct row *row)
{
	for (size_t i = 0; i < row->n_cells && i < row->room; i++)
		if (row->cells[i].kind != CELL_NULL && cell_is_word(&row->cells[i], nulls))
			row->cells[i].kind = CELL_NULL;
}

int files_next(struct files *files, struct row **row, struct error *err)
{
	*row = NULL;
	for (; files->at < files->n; files->at++) {
		struct input *input = &files->inputs[files->at];
		int result;

		if (files->hurry && !files->reader && !input_rewinds(input))
			return INPUT_SILENT;    /* its header may take its time */
		result = files_start(files, err);
		input->hurry = files->hurry;
		if (result == 0)
			result = files->format->next(files->reader, row, err);
		if (result != 0)
			return result;
		if (*row) {
			(*row)->file = input->name;
			(*row)->in_file = files->n_row++;
			(*row)->number = files->n_rows;
			if (++files->n_rows % PROGRESS_ROWS == 0)
				progress_rows(files->progress, files->n_rows, bytes_read(files));
			if (files->nulls.n)
				make_nulls(&files->nulls, *row);
			return 0;
		}
		stop_reader(files);
		files->n_bytes += input_taken(input);
		input_stop(input);
	}
	progress_clear(files->progress);
	return 0;
}

uint64_t files_at(const struct files *files)
{
	const struct input *input = files->at < files->n ? &files->inputs[files->at] : NULL;

	return files->n_bytes + (input && files->reader ? input->n_read - (input->size - input->at) : 0);
}

uint64_t files_stretch_end(const struct files *files, uint64_t at)
{
	return (at / files->stretch + 1) * files->stretch;
}

void files_pass(struct files *files, uint64_t n_rows, uint64_t at)
{
	uint64_t before = files->n_rows / PROGRESS_ROWS;

	files->n_row += n_rows;
	files->n_rows += n_rows;
	if (files->n_rows / PROGRESS_ROWS != before)
		progress_rows(files->progress, files->n_rows, at);
}

void files_cells(struct files *files, struct cells *cells, size_t most, size_t upto, bool wait)
{
	cells_clear(cells);
	if (!files->reader || !files->format->cells)
		return;
	files->format->cells(files->reader, cells, most, upto, wait);
	cells->file = files->inputs[files->at].name;
	cells->in_file = files->n_row;
	cells->number = files->n_rows;
	cells->nulls = files->nulls.n ? &files->nulls : NULL;
	files_pass(files, cells->n_rows, bytes_read(files));
}

bool files_cut(struct files *files, struct cut *cut)
{
	uint64_t at = files_at(files);

	return files->reader && files->format->cut && files->format->cut(files->reader, (size_t)(files_stretch_end(files, at) - at), cut);
}

bool files_rewind(const struct files *files)
{
	for (size_t i = 0; i < files->n; i++)
		if (!input_rewinds(&files->inputs[i]))
			return false;
	return true;
}

uint64_t files_lines(const struct files *files)
{
	const struct text_config *config = files->format->text ? files->own : NULL;

	return files->n == 1 ? files->inputs[0].n_lines + (config ? (uint64_t)config->skip_footer : 0) : 0;
}

struct decoded files_decoded(const struct files *files)
{
	struct decoded all = { 0 };

	for (size_t i = 0; i < files->n; i++) {
		struct decoded one = input_decoded(&files->inputs[i]);

		all.n_replaced += one.n_replaced;
		all.n_controls += one.n_controls;
		all.n_bare += one.n_bare;
	}
	return all;
}
