/* SPDX-License-Identifier: MIT */
/* A model for people: what it predicts from what, its parameters, how it was trained and on what. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "memory.h"
#include "number.h"
#include "plot.h"
#include "table.h"
#include "text.h"
#include "wrap.h"

enum { DIGITS = 6, HISTORY_LINES = 10, PLOT_ROUNDS = 8, TOP_LEVELS = 4, LEVELS_WIDTH = 120, OTHERS = 40 };

static void text_cell(struct table *table, const char *text)
{
	table_cell(table, text, strlen(text));
}

/* A number, text or truth of a packed map; a dash for anything else. */
static void print_object(object value, struct buffer *to)
{
	char number[NUMBER_SIZE];
	int64_t count;
	double real;
	bool flag;
	char *text;

	if (object_int(value, &count)) {
		buffer_format(to, "%" PRId64, count);
	} else if (object_real(value, &real)) {
		number_print_short(number, real, DIGITS);
		buffer_add_text(to, number);
	} else if (object_bool(value, &flag)) {
		buffer_add_text(to, flag ? "yes" : "no");
	} else if ((text = object_text(value))) {
		buffer_add_text(to, text);
		free(text);
	} else {
		buffer_add_text(to, "-");
	}
}

/* As print_object, within a line. */
static void show_object(object value, struct buffer *to)
{
	struct buffer text = BUFFER_INIT;

	print_object(value, &text);
	text_show_name(to, buffer_text(&text));
	buffer_free(&text);
}

static void object_cell(struct table *table, object value)
{
	struct buffer text = BUFFER_INIT;

	print_object(value, &text);
	table_cell(table, buffer_text(&text), text.size);
	buffer_free(&text);
}

static void print_line(const char *name, object value, struct buffer *to)
{
	if (!value)
		return;
	buffer_format(to, "%s: ", name);
	show_object(value, to);
	buffer_add_text(to, "\n");
}

/* ---- how it was trained ---- */

/* key=value of a map, as they would be typed. */
static void print_options(object options, struct buffer *to)
{
	if (!options || options->type != MSGPACK_OBJECT_MAP || !options->via.map.size)
		return;
	buffer_add_text(to, "options:");
	for (uint32_t i = 0; i < options->via.map.size; i++) {
		buffer_add_text(to, " ");
		show_object(&options->via.map.ptr[i].key, to);
		buffer_add_text(to, "=");
		show_object(&options->via.map.ptr[i].val, to);
	}
	buffer_add_text(to, "\n");
}

/* The trainings that this one went on from. */
static void print_continued(object continued, struct buffer *to)
{
	for (size_t i = 0; i < array_size(continued); i++) {
		object one = array_get(continued, i);

		buffer_add_text(to, i ? ", then " : "went on from: ");
		show_object(map_get(one, "rounds"), to);
		buffer_add_text(to, " rounds on ");
		show_object(map_get(one, "rows"), to);
		buffer_add_text(to, " rows");
	}
	if (array_size(continued))
		buffer_add_text(to, "\n");
}

static void print_baseline(const struct modelfile *file, object training, struct buffer *to)
{
	object baseline = map_get(training, "baseline");

	if (!baseline)
		return;
	buffer_add_text(to, file->problem.task == TASK_REGRESSION ? "baseline (mean of the training rows): " : "baseline (most frequent class): ");
	show_object(baseline->type == MSGPACK_OBJECT_MAP ? map_get(baseline, file->problem.task == TASK_REGRESSION ? "mean" : "class") : baseline, to);
	buffer_add_text(to, "\n");
}

static void print_remarks(object remarks, struct buffer *to)
{
	for (size_t i = 0; i < array_size(remarks); i++) {
		buffer_add_text(to, "remark: ");
		show_object(array_get(remarks, i), to);
		buffer_add_text(to, "\n");
	}
}

/* The epoch with the lowest validation loss, which the model holds; without validation rows it holds the last, and none is the best. */
static size_t best_epoch(object history)
{
	size_t n = array_size(history), best = n;
	double lowest = INFINITY, loss;

	for (size_t i = 0; i < n; i++) {
		object epoch = array_get(history, i);

		if (object_real(map_get(epoch, "valid"), &loss) && loss < lowest) {
			lowest = loss;
			best = i;
		}
	}
	return best;
}

/* The losses over their rounds; few are read faster than seen. */
static void plot_history(object history, size_t width, struct buffer *to)
{
	size_t n = array_size(history), n_lines = 0;
	static const char *const names[] = { "loss", "valid" };
	struct plot_line lines[2];
	double *values[2];

	for (size_t k = 0; k < 2 && n >= PLOT_ROUNDS; k++) {
		bool any = false;

		values[n_lines] = mem_array(n, sizeof *values[n_lines]);
		for (size_t i = 0; i < n; i++) {
			values[n_lines][i] = NAN;
			any = object_real(map_get(array_get(history, i), names[k]), &values[n_lines][i]) || any;
		}
		lines[n_lines] = (struct plot_line){ names[k], values[n_lines] };
		n_lines++;
		if (!any)
			free(values[--n_lines]);
	}
	plot_lines(lines, n_lines, n, width, to);
	for (size_t k = 0; k < n_lines; k++)
		free(values[k]);
}

static void print_history(object history, bool whole, size_t width, struct buffer *to)
{
	size_t n = array_size(history), best = best_epoch(history), every = whole || n <= HISTORY_LINES ? 1 : (n + HISTORY_LINES - 1) / HISTORY_LINES;
	object first = array_get(history, 0);
	struct table *table;

	if (!n || !first || first->type != MSGPACK_OBJECT_MAP)
		return;
	if (n == 1) {
		print_line("loss", map_get(first, "loss"), to);
		buffer_add_text(to, "\n");
		return;
	}
	table = table_new();
	for (uint32_t i = 0; i < first->via.map.size; i++) {
		struct buffer title = BUFFER_INIT;

		print_object(&first->via.map.ptr[i].key, &title);
		table_column(table, buffer_text(&title), true);
		buffer_free(&title);
	}
	if (best < n)
		table_column(table, "", false);
	for (size_t epoch = 0; epoch < n; epoch++) {
		if ((epoch + 1) % every != 0 && epoch != 0 && epoch != n - 1 && epoch != best)
			continue;
		for (uint32_t i = 0; i < first->via.map.size; i++) {
			char *key = object_text(&first->via.map.ptr[i].key);

			object_cell(table, key ? map_get(array_get(history, epoch), key) : NULL);
			free(key);
		}
		if (best < n)
			text_cell(table, epoch == best ? "best" : "");
	}
	buffer_add_text(to, "\nhistory\n");
	table_print(table, to, 0, width);
	table_free(table);
	buffer_add_text(to, "\n");
	plot_history(history, width, to);
}

static void print_training(const struct modelfile *file, bool whole_history, size_t width, struct buffer *to)
{
	object training = &file->training.object;

	print_line("training rows", map_get(training, "rows"), to);
	print_line("validation rows", map_get(training, "valid_rows"), to);
	print_line("seed", map_get(training, "seed"), to);
	print_options(map_get(training, "options"), to);
	print_continued(map_get(training, "continued"), to);
	print_baseline(file, training, to);
	print_remarks(map_get(training, "remarks"), to);
	print_history(map_get(training, "history"), whole_history, width, to);
}

/* ---- what it was trained on ---- */
static void finish_table(struct table *table, bool any, size_t width, struct buffer *to)
{
	if (any) {
		table_print(table, to, 0, width);
		buffer_add_text(to, "\n");
	}
	table_free(table);
}

static void levels_cell(struct table *table, object levels, object count)
{
	struct buffer text = BUFFER_INIT;
	double all = 0, some;
	char share[NUMBER_SIZE];

	object_real(count, &all);
	for (size_t i = 0; i < array_size(levels) && i < TOP_LEVELS; i++) {
		object level = array_get(levels, i);

		buffer_add_text(&text, i ? ", " : "");
		print_object(array_get(level, 0), &text);
		if (object_real(array_get(level, 1), &some) && all > 0) {
			number_print_short(share, 100 * some / all, 3);
			buffer_format(&text, " %s %%", share);
		}
	}
	if (array_size(levels) > TOP_LEVELS)
		buffer_add_text(&text, ", …");
	table_cell(table, buffer_text(&text), text.size);
	buffer_free(&text);
}

static bool is_time(object field)
{
	return object_is_text(map_get(field, "type"), type_name(TYPE_TIME));
}

static void print_profile_numbers(object profile, size_t width, struct buffer *to)
{
	static const char *const numbers[] = { "missing", "mean", "deviation", "min", "max" };
	enum { N_NUMBERS = sizeof numbers / sizeof *numbers };
	struct table *table = table_new();
	size_t n = 0;

	table_column(table, "trained on numbers", false);
	for (size_t i = 0; i < N_NUMBERS; i++)
		table_column(table, numbers[i], true);
	for (size_t row = 0; row < array_size(profile); row++) {
		object field = array_get(profile, row);

		if (!map_get(field, "mean") || is_time(field))
			continue;
		object_cell(table, map_get(field, "name"));
		for (size_t i = 0; i < N_NUMBERS; i++)
			object_cell(table, map_get(field, numbers[i]));
		n++;
	}
	finish_table(table, n > 0, width, to);
}

/* Micros of a profile, in the form in which the field was extracted. */
static void time_cell(struct table *table, const struct field *field, object micros)
{
	struct buffer text = BUFFER_INIT;
	double value;

	if (object_real(micros, &value) && fabs(value) < 0x1p62)
		describe_time(field, (int64_t)value, &text);
	table_cell(table, buffer_text(&text), text.size);
	buffer_free(&text);
}

static void print_profile_times(object profile, const struct schema *inputs, size_t width, struct buffer *to)
{
	struct table *table = table_new();
	size_t n = 0;

	table_column(table, "trained on times", false);
	table_column(table, "missing", true);
	table_column(table, "first", false);
	table_column(table, "last", false);
	for (size_t row = 0; row < array_size(profile); row++) {
		object one = array_get(profile, row);
		char *name = object_text(map_get(one, "name"));
		int col = name ? schema_find(inputs, name) : NO_FIELD;
		struct field unknown = { .type = TYPE_TIME };
		const struct field *field = col != NO_FIELD && inputs->fields[col].type == TYPE_TIME ? &inputs->fields[col] : &unknown;

		if (is_time(one) && map_get(one, "mean")) {
			object_cell(table, map_get(one, "name"));
			object_cell(table, map_get(one, "missing"));
			time_cell(table, field, map_get(one, "min"));
			time_cell(table, field, map_get(one, "max"));
			n++;
		}
		free(name);
	}
	finish_table(table, n > 0, width, to);
}

static void print_profile_texts(object profile, size_t width, struct buffer *to)
{
	struct table *table = table_new();
	size_t n = 0;

	table_column(table, "trained on others", false);
	table_column(table, "type", false);
	table_column(table, "missing", true);
	table_column(table, "most frequent", false);
	table_limit(table, width > OTHERS ? width - OTHERS : LEVELS_WIDTH);
	for (size_t row = 0; row < array_size(profile); row++) {
		object field = array_get(profile, row);

		if (map_get(field, "mean"))
			continue;
		object_cell(table, map_get(field, "name"));
		object_cell(table, map_get(field, "type"));
		object_cell(table, map_get(field, "missing"));
		levels_cell(table, map_get(field, "levels"), map_get(field, "count"));
		n++;
	}
	finish_table(table, n > 0, width, to);
}

/* ---- all of it ---- */
static void print_names(const char *title, const struct names *names, size_t width, struct buffer *to)
{
	struct wrap wrap;

	wrap_start(&wrap, to, title, width);
	for (size_t i = 0; i < names->n; i++)
		wrap_word(&wrap, names->items[i]);
	wrap_end(&wrap);
}

static void print_profile(const struct modelfile *file, const struct bytes *message, size_t width, struct buffer *to)
{
	struct error ignored = ERROR_INIT;      /* the model was read out of it */
	struct unpacked map;
	object profile;

	if (pack_read(&map, message->data, message->size, &ignored) < 0)
		return;
	profile = map_get(&map.object, "profile");
	print_profile_numbers(profile, width, to);
	print_profile_times(profile, &file->lineage.inputs, width, to);
	print_profile_texts(profile, width, to);
	unpacked_free(&map);
}

void describe_model(const struct modelfile *file, const struct bytes *message, bool whole_history, size_t width, struct buffer *to)
{
	const struct problem *problem = &file->problem;

	buffer_format(to, "%s model, %s", file->kind->name, task_name(problem->task));
	if (file->target) {
		buffer_add_text(to, " of ");
		text_show_name(to, file->target);
	}
	if (file->target_unit) {
		buffer_add_text(to, " [");
		text_show_name(to, file->target_unit);
		buffer_add_text(to, "]");
	}
	buffer_format(to, " (%zu bytes)\n", message->size);
	if (problem->task == TASK_CLASSIFICATION)
		print_names("classes:", &problem->classes, width, to);
	print_names("features:", &problem->features, width, to);
	print_training(file, whole_history, width, to);
	modelfile_tell(file, to);
	buffer_add_text(to, "\n");
	print_profile(file, message, width, to);
	describe_lineage(&file->lineage, width, to);
}
