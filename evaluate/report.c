/* SPDX-License-Identifier: MIT */
/*
 * The report: for each split, the headline first, a line that says what was
 * scored, the metrics beside the baseline's, and for the headline the classes,
 * the confusion matrix and the worst rows. Metrics bear the names that --require
 * and the records use.
 */
#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "number.h"
#include "table.h"
#include "text.h"

enum { DIGITS = 5, MOST_CLASSES = 50, MOST_CONFUSED = 20, LABEL_WIDTH = 40 };

/* ---- cells ---- */
static void value_cell(struct table *table, const struct metric_kind *kind, double value)
{
	char number[NUMBER_SIZE];

	if (!isfinite(value)) { /* the records have null there */
		table_cell(table, "-", 1);
	} else if (kind->unit == UNIT_SHARE) {
		number_print_short(number, 100 * value, 4);
		table_format(table, "%s %%", number);
	} else {
		table_number(table, value, DIGITS);
	}
}

static void label(struct buffer *to, const char *text)
{
	text_escape(to, text, strlen(text), LABEL_WIDTH);
}

static void text_cell(struct table *table, const char *text)
{
	table_cell(table, text, strlen(text));
}

static void answer_cell(struct table *table, const struct subject *subject, double value)
{
	if (subject->task == TASK_REGRESSION)
		table_number(table, value, DIGITS);
	else
		text_cell(table, subject->classes.items[(size_t)value]);
}

static void print_table(struct table *table, size_t width, struct buffer *to)
{
	table_print(table, to, 0, width);
	table_free(table);
	buffer_add_byte(to, '\n');
}

/* ---- parts ---- */
static void print_rows(const struct scores *scores, enum split split, struct buffer *to)
{
	const struct score *score = &scores->splits[split];

	buffer_format(to, "%s: %" PRIu64 " row%s", split_name(split), score->n_rows, score->n_rows == 1 ? "" : "s");
	if (scores->subject->weight) {
		buffer_add_text(to, " weighted by ");
		label(to, scores->subject->weight);
	}
	if (score->left_out.n)
		buffer_format(to, ", %" PRIu64 " left out", tally_total(&score->left_out));
	for (size_t i = 0; i < score->left_out.n; i++)
		buffer_format(to, "%s%" PRIu64 " with %s", i ? ", " : " (", score->left_out.items[i].count, score->left_out.items[i].what);
	buffer_add_text(to, score->left_out.n ? ")\n" : "\n");
}

static void print_baseline(const struct scores *scores, struct buffer *to)
{
	const struct subject *subject = scores->subject;
	const struct baseline *baseline = &subject->baseline;
	char number[NUMBER_SIZE];

	buffer_add_text(to, "baseline: always ");
	if (subject->task == TASK_REGRESSION && baseline->trained) {
		number_print_short(number, baseline->mean, DIGITS);
		buffer_format(to, "%s, the mean of the training rows\n", number);
	} else if (subject->task == TASK_REGRESSION) {
		buffer_format(to, "the %smean of the truth itself (there is no model to ask for its training rows)\n", subject->weight ? "weighted " : "");
	} else if (baseline->trained) {
		label(to, subject->classes.items[baseline->majority]);
		buffer_add_text(to, ", the most frequent class of the training rows\n");
	} else {
		buffer_format(to, "the %s of the truth itself (there is no model to ask for its training rows)\n",
		              subject->weight ? "class of most weight" : "most frequent class");
	}
}

/* "within 5 min", "within 10 %" */
static void item_cell(struct table *table, const struct subject *subject, const struct result *result)
{
	size_t size = strcspn(result->item, "%");
	bool percent = result->item[size] == '%';
	const char *unit = percent ? "%" : result->kind->item_of_target && subject->unit ? subject->unit : "";

	table_format(table, "%s %.*s%s%s", result->kind->title, (int)size, result->item, *unit ? " " : "", unit);
}

/* Rows that the metric does not count. */
static void print_left_out(const struct result *result, uint64_t n_rows, struct buffer *to)
{
	uint64_t n = n_rows - result->rows;

	if (result->kind->leaves_out && n > 0)
		buffer_format(to, "%s: %" PRIu64 " row%s %s left out\n\n", result->kind->name, n, n == 1 ? "" : "s", result->kind->leaves_out);
}

static void print_metrics(const struct scores *scores, enum split split, size_t width, struct buffer *to)
{
	const struct score *score = &scores->splits[split];
	bool baseline = scores->subject->task != TASK_CLUSTERING;
	struct table *table = table_new();

	table_column(table, "metric", false);
	table_column(table, "", false);
	table_column(table, split_name(split), true);
	if (baseline)
		table_column(table, "baseline", true);
	for (size_t i = 0; i < score->results.n; i++) {
		const struct result *result = &score->results.items[i];
		const struct metric_kind *kind = result->kind;

		if (kind->unit == UNIT_COUNT || (result->item && kind->brackets == BRACKETS_CLASS))
			continue;
		if (result->item)
			table_format(table, "%s[%s]", kind->name, result->item);
		else
			text_cell(table, kind->name);
		if (result->item)
			item_cell(table, scores->subject, result);
		else
			text_cell(table, kind->title);
		value_cell(table, kind, result->value);
		if (baseline)
			value_cell(table, kind, result->baseline);
	}
	print_table(table, width, to);
	for (size_t i = 0; i < score->results.n; i++)
		print_left_out(&score->results.items[i], score->n_rows, to);
}

/* A line for each class, with every metric that is by class. */
static void print_classes(const struct scores *scores, enum split split, size_t width, struct buffer *to)
{
	const struct results *results = &scores->splits[split].results;
	const struct names *classes = &scores->subject->classes;
	size_t n_kinds, n = 0;
	const struct metric_kind *const *list = metric_list(&n_kinds), **kinds = mem_array(n_kinds, sizeof *kinds);
	struct table *table;

	for (size_t i = 0; i < n_kinds; i++)
		if (results_find(results, list[i]->name, classes->items[0]))
			kinds[n++] = list[i];
	table = table_new();
	table_column(table, scores->subject->task == TASK_CLUSTERING ? "cluster" : "class", false);
	table_column(table, "rows", true);
	for (size_t i = 0; i < n; i++)
		table_column(table, kinds[i]->name, true);
	for (size_t class = 0; class < classes->n && class < MOST_CLASSES && n > 0; class++) {
		text_cell(table, classes->items[class]);
		for (size_t i = 0; i < n; i++) {
			const struct result *result = results_find(results, kinds[i]->name, classes->items[class]);

			if (i == 0)
				table_format(table, "%" PRIu64, result->rows);
			value_cell(table, result->kind, result->value);
		}
	}
	if (n > 0)
		print_table(table, width, to);
	else
		table_free(table);
	free(kinds);
}

static void print_confusion(const struct scores *scores, enum split split, size_t width, struct buffer *to)
{
	const struct names *classes = &scores->subject->classes;
	const uint64_t *cells = scores->splits[split].confusion;
	size_t n = classes->n;
	struct table *table;

	if (n > MOST_CONFUSED) {
		buffer_format(to, "confusion matrix: %zu x %zu, too wide to show (the records have it)\n\n", n, n);
		return;
	}
	table = table_new();
	table_column(table, "truth / prediction", false);
	for (size_t answer = 0; answer < n; answer++)
		if (scores_answers(scores, split, answer))
			table_column(table, classes->items[answer], true);
	for (size_t truth = 0; truth < n; truth++) {
		text_cell(table, classes->items[truth]);
		for (size_t answer = 0; answer < n; answer++)
			if (scores_answers(scores, split, answer))
				table_format(table, "%" PRIu64, cells[truth * n + answer]);
	}
	print_table(table, width, to);
}

/* The end of a long path says more than its beginning. */
static void place_cell(struct table *table, const char *place)
{
	size_t n = text_columns(place, strlen(place));

	if (n <= LABEL_WIDTH) {
		text_cell(table, place);
		return;
	}
	for (; n > LABEL_WIDTH - 1 && *place; n = text_columns(place, strlen(place)))
		do
			place++;
		while (((unsigned char)*place & 0xc0) == 0x80);
	table_format(table, "…%s", place);
}

static void print_worst(const struct scores *scores, enum split split, size_t width, struct buffer *to)
{
	const struct worst *worst = &scores->splits[split].worst;
	bool numbers = scores->subject->task == TASK_REGRESSION, clusters = scores->subject->task == TASK_CLUSTERING;
	struct table *table;

	if (!worst->n)
		return;
	table = table_new();
	table_column(table, clusters ? "farthest rows" : worst->n == 1 ? "worst row" : "worst rows", false);
	table_column(table, clusters ? "cluster" : "truth", numbers);
	if (!clusters)
		table_column(table, "prediction", numbers);
	table_column(table, clusters ? "distance" : "error", true);
	for (size_t i = 0; i < worst->n; i++) {
		place_cell(table, worst->rows[i].place);
		answer_cell(table, scores->subject, worst->rows[i].truth);
		if (!clusters)
			answer_cell(table, scores->subject, worst->rows[i].answer);
		table_number(table, worst->rows[i].error, DIGITS);
	}
	print_table(table, width, to);
}

/* A model that a constant beats is worth a word. */
static void print_verdict(const struct scores *scores, struct buffer *to)
{
	const struct results *results = &scores->splits[scores->headline].results;

	for (size_t i = 0; i < results->n; i++) {
		const struct result *result = &results->items[i];

		if (result->kind->headline && !result->item && metric_gain(result->kind->better, result->value, result->baseline) <= 0)
			buffer_format(to, "remark: no better than the baseline (%s)\n\n", result->kind->name);
	}
}

static void print_split(const struct scores *scores, enum split split, size_t width, struct buffer *to)
{
	print_rows(scores, split, to);
	if (split == scores->headline && scores->subject->task != TASK_CLUSTERING)
		print_baseline(scores, to);
	buffer_add_text(to, "\n");
	print_metrics(scores, split, width, to);
	if (split == scores->headline) {
		if (scores->subject->task != TASK_REGRESSION)
			print_classes(scores, split, width, to);
		if (scores->subject->task == TASK_CLASSIFICATION)
			print_confusion(scores, split, width, to);
		print_worst(scores, split, width, to);
		print_verdict(scores, to);
	}
}

static void print_remarks(const struct names *own, const struct tally *noticed, bool all, struct buffer *to)
{
	struct names lines = { .items = NULL };

	if (noticed)
		tally_lines(noticed, all, &lines);
	for (size_t i = 0; i < own->n; i++) {
		buffer_add_text(to, "remark: ");
		text_escape(to, own->items[i], strlen(own->items[i]), 0);
		buffer_add_text(to, "\n");
	}
	for (size_t i = 0; i < lines.n; i++)
		buffer_format(to, "remark: %s\n", lines.items[i]);
	if (own->n > 0 || lines.n > 0)
		buffer_add_text(to, "\n");
	names_release(&lines);
}

void report_print(const struct scores *scores, const struct tally *noticed, bool all, size_t width, struct buffer *to)
{
	text_show_name(to, scores->subject->title);
	buffer_add_text(to, "\n");
	print_split(scores, scores->headline, width, to);
	for (enum split split = 0; split < N_SPLITS; split++)
		if (split != scores->headline && scores->splits[split].n_rows)
			print_split(scores, split, width, to);
	print_remarks(&scores->remarks, noticed, all, to);
	to->size--;     /* no empty line at the end */
}
