/* SPDX-License-Identifier: MIT */
#include "train_report.h"

#include <inttypes.h>
#include <math.h>
#include <unistd.h>

#include "number.h"
#include "people.h"
#include "text.h"

static void print_losses(const struct lesson *lesson, struct buffer *to)
{
	const struct history *history = &lesson->history;
	char text[NUMBER_SIZE];

	if (history->n == 0 || isnan(history->loss[history->n - 1]))
		return;
	number_print_short(text, history->loss[history->n - 1], 6);
	buffer_format(to, "loss       %s", text);
	if (!isnan(history->valid[history->n - 1])) {
		number_print_short(text, history->valid[history->n - 1], 6);
		buffer_format(to, ", on the valid rows %s", text);
	}
	if (history->n > 1)
		buffer_format(to, ", after %zu %ss", history->n, lesson->setup->kind->round_name);
	buffer_add_text(to, "\n");
}

static void print_not_kept(const struct host *host, struct buffer *to)
{
	struct buffer advice = BUFFER_INIT;

	buffer_add_text(to, "\nthe model is not kept");
	if (host_advice(host, ADVICE_KEEP_MODEL, NULL, &advice))
		buffer_format(to, ": %s", buffer_text(&advice));
	buffer_add_text(to, "\n");
	buffer_free(&advice);
}

int train_report(const struct lesson *lesson, const struct intake *intake, const struct modelfile *model, const char *path, struct error *err)
{
	const struct host *host = lesson->setup->host;
	struct buffer text = BUFFER_INIT;
	int result;

	buffer_format(&text, "model      %s, %s", model->kind->name, task_name(model->problem.task));
	if (model->target) {
		buffer_add_text(&text, " of ");
		text_show_name(&text, model->target);
	}
	buffer_add_text(&text, "\n");
	buffer_format(&text, "rows       %" PRIu64 " to learn from, %" PRIu64 " held out", lesson->rows.n_train, intake->n_held);
	if (lesson->rows.n_valid > 0)
		buffer_format(&text, lesson_watched(lesson) ? " (%" PRIu64 " of them to watch the training)" : " (%" PRIu64 " of them valid)", lesson->rows.n_valid);
	buffer_add_text(&text, "\n");
	buffer_format(&text, "features   %zu\n", model->problem.features.n);
	print_losses(lesson, &text);
	buffer_add_text(&text, "\n");
	modelfile_tell(model, &text);
	if (path)
		buffer_format(&text, "\n%s written\n", path);
	else
		print_not_kept(host, &text);
	result = people_write(STDOUT_FILENO, &text, host, err);
	buffer_free(&text);
	return result;
}
