/* SPDX-License-Identifier: MIT */
#include "reasons.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classes.h"
#include "memory.h"
#include "undo.h"

enum { SCRATCH = 16 << 20 };            /* bytes of what features add: panels are cut to it, as reasons do not hang on other rows */

struct reasons {
	const struct modelfile *file;
	struct names names;
	size_t *name_of;                /* by feature */
	bool logs;                      /* the family's sum to logarithms */
	struct undo_line line;          /* of a regression */
	char *what;
	double *parts;                  /* of a run of rows, all outputs */
	size_t n_parts;
};

static int refuse(const struct modelfile *file, struct error *err)
{
	struct names able = { .items = NULL };
	struct buffer text = BUFFER_INIT;
	size_t n;
	const struct model_kind *const *kinds = model_list(&n);

	for (size_t i = 0; i < n; i++)
		if (kinds[i]->reasons)
			names_add(&able, kinds[i]->name);
	names_print(&able, SIZE_MAX, &text);
	error_set(err, STATUS_USAGE, "a model of the family '%s' can't give reasons (these can: %s)", file->kind->name, buffer_text(&text));
	names_release(&able);
	buffer_free(&text);
	return -1;
}

static int read_target(struct reasons *reasons, struct error *err)
{
	const struct modelfile *file = reasons->file;

	reasons->logs = file->kind->reasons_log && file->kind->reasons_log(file->model);
	reasons->line = (struct undo_line){ .slope = 1 };
	if (file->problem.task != TASK_REGRESSION) {
		reasons->what = mem_text(reasons->logs ? "the log-odds of the class" : "the probability of the class");
		return 0;
	}
	if (reasons->logs) {
		bool undone = undo_count(&file->lineage, file->target) > 0;

		reasons->what = mem_format("the logarithm of '%s'%s", file->target, undone ? " as the model was trained on it" : "");
		return 0;
	}
	if (undo_line(&file->lineage, file->target, &reasons->line, err) < 0)
		return -1;
	if (reasons->line.stopped)
		reasons->what = mem_format("'%s' behind its step '%s'", file->target, reasons->line.stopped);
	return 0;
}

struct reasons *reasons_new(const struct modelfile *file, struct feature_origins *origins, struct error *err)
{
	const struct names *features = &file->problem.features;
	struct reasons *reasons;

	if (!file->kind->reasons) {
		refuse(file, err);
		return NULL;
	}
	reasons = mem_new(1, sizeof *reasons);
	reasons->file = file;
	reasons->name_of = mem_array(features->n + 1, sizeof *reasons->name_of);
	for (size_t i = 0; i < features->n; i++) {
		const struct names *raw = feature_origins_raw(origins, i);
		const char *name = raw->n == 1 ? raw->items[0] : features->items[i];

		names_add_new(&reasons->names, name);
		reasons->name_of[i] = names_find(&reasons->names, name);
	}
	if (read_target(reasons, err) == 0)
		return reasons;
	reasons_free(reasons);
	return NULL;
}

void reasons_free(struct reasons *reasons)
{
	if (!reasons)
		return;
	names_release(&reasons->names);
	free(reasons->name_of);
	free(reasons->what);
	free(reasons->parts);
	free(reasons);
}

const struct names *reasons_names(const struct reasons *reasons) { return &reasons->names; }

bool reasons_in_units(const struct reasons *reasons) { return !reasons->what; }

const char *reasons_of_what(const struct reasons *reasons) { return reasons->what; }

/* Adds `weight` times what an output's features add to a row; the base last. */
static void add_parts(const struct reasons *reasons, const double *parts, double weight, double *to)
{
	size_t n = reasons->file->problem.features.n;

	for (size_t i = 0; i < n; i++)
		to[reasons->name_of[i]] += weight * parts[i];
	to[reasons->names.n] += weight * parts[n];
}

/* Of the answered class less the mean of the others that are ever answered. parts: of this row and the first output; step: between outputs. */
static void add_odds(const struct reasons *reasons, const double *parts, size_t step, size_t class, double *to)
{
	size_t n_classes = reasons->file->n_outputs, base = reasons->file->problem.features.n, n_others = 0;

	for (size_t k = 0; k < n_classes; k++)
		n_others += k != class && isfinite(parts[k * step + base]);
	if (n_others == 0) {
		to[reasons->names.n] = INFINITY;
		return;
	}
	add_parts(reasons, &parts[class * step], 1, to);
	for (size_t k = 0; k < n_classes; k++)
		if (k != class && isfinite(parts[k * step + base]))
			add_parts(reasons, &parts[k * step], -1 / (double)n_others, to);
}

static void add_row(const struct reasons *reasons, const double *parts, size_t step, const double *answer, double *to)
{
	size_t n_outputs = reasons->file->n_outputs, class;

	if (reasons->file->problem.task == TASK_REGRESSION) {
		add_parts(reasons, parts, reasons->line.slope, to);
		to[reasons->names.n] += reasons->line.shift;
		return;
	}
	class = most_probable(answer, n_outputs);
	if (reasons->logs)
		add_odds(reasons, parts, step, class, to);
	else
		add_parts(reasons, &parts[class * step], 1, to);
}

int reasons_panel(struct reasons *reasons, const struct panel *panel, const double *answers, double *out, struct error *err)
{
	const struct modelfile *file = reasons->file;
	size_t n_outputs = file->n_outputs, width = panel->n_features + 1, n_out = reasons->names.n + 1;
	size_t most = SCRATCH / sizeof(double) / n_outputs / width, n_run = most == 0 ? 1 : most < panel->n_rows ? most : panel->n_rows;

	if (n_run * n_outputs * width > reasons->n_parts) {
		reasons->n_parts = n_run * n_outputs * width;
		reasons->parts = mem_resize(reasons->parts, reasons->n_parts, sizeof *reasons->parts);
	}
	memset(out, 0, panel->n_rows * n_out * sizeof *out);
	for (size_t first = 0; first < panel->n_rows; first += n_run) {
		struct panel run = *panel;

		run.n_rows = panel->n_rows - first < n_run ? panel->n_rows - first : n_run;
		run.x = panel->x + first;
		run.group = panel->group ? panel->group + first : NULL;
		if (file->kind->reasons(file->model, &run, reasons->parts, err) < 0)
			return -1;
		for (size_t row = 0; row < run.n_rows; row++)
			add_row(reasons, &reasons->parts[row * width], run.n_rows * width, &answers[(first + row) * n_outputs], &out[(first + row) * n_out]);
	}
	return 0;
}
