/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "number.h"
#include "tune_run.h"

enum { FEW = 3 };                               /* values of a list of which an end says something */
static const double EDGE = 0.03;                /* of a range */
static const double GAP = 0.1, TIMES = 1.5;     /* of what has no unit; of an error */

/* Numbers, several, in one direction. */
static bool is_scale(const struct dimension *axis)
{
	double last = 0, step = 0;

	for (size_t i = 0; i < axis->values.n; i++) {
		double value;

		if (!number_real_rounded(axis->values.items[i], strlen(axis->values.items[i]), &value) ||
		    (i > 0 && (value == last || (i > 1 && (value > last) != (step > 0)))))
			return false;
		step = value - last;
		last = value;
	}
	return axis->values.n >= FEW;
}

/* Whether another trial is as good with a value that is no end: then the end says nothing. */
static bool elsewhere(const struct tune_run *run, size_t family, size_t axis, bool (*at_end)(const struct dimension *axis, double at))
{
	const struct trial *best = &run->trials.items[run->best];
	const struct dimension *of = &run->space.families[family].axes[axis];

	for (size_t i = 0; i < run->trials.n; i++) {
		const struct trial *trial = &run->trials.items[i];

		if (trial->point.family == family && !isnan(trial->score) && !trial_is_better(best, trial, run->scoring.kind) && !at_end(of, trial->point.at[axis]))
			return true;
	}
	return false;
}

static bool at_end(const struct dimension *axis, double at)
{
	double end = axis->values.n > 0 ? 1 / (double)axis->values.n : EDGE;

	return at < end || at >= 1 - end;
}

/* Whether the family does what it does whichever end the axis is at: the degree of another kernel than the polynomial. */
static bool has_no_say(const struct tune_run *run, const struct point *point, size_t axis)
{
	const struct model_kind *kind = run->space.families[point->family].kind;
	struct buffer settled[2] = { BUFFER_INIT, BUFFER_INIT };
	bool same = true;

	for (int end = 0; end < 2; end++) {
		struct point other = point_copy(&run->space, point);
		struct names words = { .items = NULL };
		struct error ignored = ERROR_INIT;

		other.at[axis] = end;
		point_words(&run->space, &other, &words);
		same = words_settled(kind, &words, run->task, &settled[end], &ignored) >= 0 && same;
		names_release(&words);
		point_release(&other);
	}
	same = same && settled[0].size == settled[1].size && memcmp(settled[0].data, settled[1].data, settled[0].size) == 0;
	buffer_free(&settled[0]);
	buffer_free(&settled[1]);
	return same;
}

/* Whether there is nothing beyond this end: no smaller or larger value is one. (0 of whole numbers says: any, or what the family finds.) */
static bool is_bound(const struct model_kind *kind, const struct dimension *axis, double at)
{
	const struct option_row *row = kind->options;
	size_t n = axis->values.n, end;
	double value = at < 0.5 ? axis->low : axis->high, other = at < 0.5 ? axis->high : axis->low;

	while (row && row->name && strcmp(row->name, axis->key) != 0)
		row++;
	if (!row || !row->name || (row->type != OPTION_INT && row->type != OPTION_REAL) || (row->min == 0 && row->max == 0))
		return false;
	end = at < 0.5 ? 0 : n > 0 ? n - 1 : 0;
	if (n > 0 && (!number_real_rounded(axis->values.items[end], strlen(axis->values.items[end]), &value) ||
	              !number_real_rounded(axis->values.items[n - 1 - end], strlen(axis->values.items[n - 1 - end]), &other)))
		return false;
	if (value < other)
		return value <= row->min || (row->type == OPTION_INT && row->min == 0 && value <= 1);
	return value >= row->max;
}

static void advise_edges(const struct tune_run *run, struct names *lines)
{
	const struct trial *best = &run->trials.items[run->best];
	const struct family *family = &run->space.families[best->point.family];

	for (size_t a = 0; a < family->n_axes; a++) {
		const struct dimension *axis = &family->axes[a];

		if (axis->own || (axis->values.n > 0 && !is_scale(axis)) || !at_end(axis, best->point.at[a]) || elsewhere(run, best->point.family, a, at_end) ||
		    has_no_say(run, &best->point, a) || is_bound(family->kind, axis, best->point.at[a]))
			continue;
		names_take(lines, mem_format("next: the best %s=%s is at the edge of what was tried: try beyond it", axis->key, trial_value(best, axis->key)));
	}
}

/* Whether one with less (or more) of it was judged than the best has. What is no number is taken to be, where it was searched. */
static bool was_tried(const struct tune_run *run, const char *key, bool less)
{
	const struct trial *best = &run->trials.items[run->best];
	const char *text = trial_value(best, key);
	double of_best, value;

	for (size_t i = 0; text && i < run->trials.n; i++) {
		const struct trial *trial = &run->trials.items[i];
		const char *other = trial->point.family == best->point.family && !isnan(trial->score) ? trial_value(trial, key) : NULL;

		if (!other || strcmp(other, text) == 0)
			continue;
		if (!number_real_rounded(text, strlen(text), &of_best) || !number_real_rounded(other, strlen(other), &value) ||
		    (less ? value < of_best : value > of_best))
			return true;
	}
	return false;
}

/* What makes the family's models simpler, but for what was tried, and did worse. */
static void add_simpler(const struct tune_run *run, const struct model_kind *kind, struct buffer *to)
{
	const char *part = kind->simpler;

	while (part && *part) {
		size_t size = strcspn(part, ","), at = size;
		bool less = strncmp(part, "fewer ", 6) == 0 || strncmp(part, "a smaller ", 10) == 0;
		char *key;

		while (at > 0 && part[at - 1] != ' ')
			at--;
		key = mem_text_n(part + at, size - at);
		if (!was_tried(run, key, less))
			buffer_format(to, "%s%.*s", to->size > 0 ? ", " : "", (int)size, part);
		free(key);
		part += size + strspn(part + size, ", ");
	}
}

/* As good on unseen rows as on those learned from is what is hoped for. */
static void advise_overfit(const struct tune_run *run, double learned, struct names *lines)
{
	const struct trial *best = &run->trials.items[run->best];
	const struct model_kind *kind = run->space.families[best->point.family].kind;
	const struct metric_kind *metric = run->scoring.kind;
	struct buffer name = BUFFER_INIT, simpler = BUFFER_INIT;
	char before[NUMBER_SIZE], behind[NUMBER_SIZE];
	double gap = metric_gain(metric->better, learned, best->score);
	bool over = metric->unit == UNIT_TARGET ? metric->better == BETTER_LOW && best->score > TIMES * learned : gap > GAP;

	if (isnan(learned) || best->share < 1 || !over)         /* share: the score is that of a model of fewer rows */
		return;
	number_print_short(before, learned, 4);
	number_print_short(behind, best->score, 4);
	board_metric(&run->scoring, &name);
	add_simpler(run, kind, &simpler);
	names_take(lines, mem_format("next: %s %s on the rows learned from, %s on others: it learns them by heart%s%s", buffer_text(&name), before, behind,
	                             simpler.size > 0 ? ": try " : kind->simpler ? ", and simpler ones did worse" : "",
	                             simpler.size > 0 ? buffer_text(&simpler) : " (more rows, fewer features)"));
	buffer_free(&name);
	buffer_free(&simpler);
}

/* Configurations that folds can't tell from the best. */
static void advise_ties(const struct tune_run *run, struct names *lines)
{
	const struct trial *best = &run->trials.items[run->best];
	double error = best->spread / sqrt((double)best->n_views);
	size_t n = 0;

	for (size_t i = 0; i < run->trials.n; i++) {
		const struct trial *trial = &run->trials.items[i];

		n += i != run->best && !isnan(trial->score) && trial->share == best->share && fabs(trial->score - best->score) <= error;
	}
	if (!isnan(error) && n > 0)
		names_take(lines, mem_format("%zu other%s within the best one's standard error over folds: chance may have put it first", n, n == 1 ? " is" : "s are"));
}

void tune_advise(const struct tune_run *run, double learned, struct names *lines)
{
	advise_ties(run, lines);
	advise_edges(run, lines);
	advise_overfit(run, learned, lines);
}
