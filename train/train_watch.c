/* SPDX-License-Identifier: MIT */
#include "train_watch.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "cell.h"
#include "checkpoint_file.h"
#include "file.h"
#include "number.h"
#include "stream.h"

static const double LINE_EVERY = 0.2;           /* seconds */
enum { NAME_ROOM = 16 };                        /* columns of a terminal for the program's name before the line */

/* ---- the line ---- */

static void clear_line(struct train_watch *watch)
{
	if (watch->line_stands)
		host_line(watch->options.host, "", false);
	watch->line_stands = false;
}

/* "1:05", "2:00:00" */
static void add_time(struct buffer *to, double seconds)
{
	uint64_t s = seconds < 1e12 ? (uint64_t)(seconds + 0.5) : 0;

	if (s >= 3600)
		buffer_format(to, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600, s / 60 % 60, s % 60);
	else
		buffer_format(to, "%" PRIu64 ":%02" PRIu64, s / 60, s % 60);
}

/* A part that would not fit the terminal is left out: a line that wraps can't be taken back. */
static void add_part(struct train_watch *watch, bool fit, struct buffer *part)
{
	size_t width = watch->options.host->err_width;

	if (!fit || width == 0 || watch->line.size + 2 + part->size + NAME_ROOM <= width)
		buffer_format(&watch->line, "%s%s", watch->line.size ? "  " : "", buffer_text(part));
}

static void add_number(struct train_watch *watch, bool fit, const char *before, double value, int digits, const char *behind)
{
	struct buffer part = BUFFER_INIT;
	char text[NUMBER_SIZE];

	if (!isfinite(value))
		return;
	number_print_short(text, value, digits);
	buffer_format(&part, "%s%s%s", before, text, behind);
	add_part(watch, fit, &part);
	buffer_free(&part);
}

static void make_line(struct train_watch *watch, const char *name, uint64_t n_rounds, const struct round *round, bool fit)
{
	double rate = (double)watch->n_rounds / watch->seconds;
	struct buffer part = BUFFER_INIT;

	buffer_clear(&watch->line);
	buffer_format(&part, "%s %" PRIu64 " of %" PRIu64, name, round->number, n_rounds);
	add_part(watch, fit, &part);
	add_number(watch, fit, "loss ", round->loss, 6, "");
	add_number(watch, fit, "valid ", round->valid, 6, "");
	add_number(watch, fit, "", floor(rate * (double)watch->lesson->rows.n_train), 3, " rows/s");
	buffer_clear(&part);
	if (isfinite(rate) && rate > 0) {
		add_time(&part, (double)(n_rounds - round->number) / rate);
		buffer_add_text(&part, " left");
		add_part(watch, fit, &part);
	}
	buffer_free(&part);
}

/* For whoever watches the line is rewritten; who asks is told in any case. */
static void show_round(struct train_watch *watch, const char *name, uint64_t n_rounds, const struct round *round, bool last)
{
	const struct host *host = watch->options.host;
	bool asked = host_asked(host), watched = host->shows_lines && n_rounds > 1 && !(last && round->number == 1);

	if (!asked && (!watched || (!last && host_seconds(host) - watch->last_line < LINE_EVERY)))
		return;
	watch->last_line = host_seconds(host);
	make_line(watch, name, n_rounds, round, watched);
	host_line(host, buffer_text(&watch->line), !watched);
	watch->line_stands = watched;
}

/* ---- the log ---- */

static void add_pair(struct buffer *to, const char *key, double value)
{
	buffer_format(to, ",\"%s\":", key);
	json_number(to, value);
}

/* One write for each line, so that who reads on sees whole ones. */
static int log_round(struct train_watch *watch, const struct round *round, struct error *err)
{
	struct buffer *line = &watch->line;

	buffer_clear(line);
	buffer_format(line, "{\"round\":%" PRIu64, round->number);
	add_pair(line, "loss", round->loss);
	add_pair(line, "valid", round->valid);
	add_pair(line, "seconds", round->seconds);
	add_pair(line, "rows_per_second", (double)watch->lesson->rows.n_train / round->seconds);
	add_pair(line, "lr", round->lr);
	buffer_add_text(line, "}\n");
	return write_all(watch->log, line->data, line->size, watch->options.host, err) < 0 ? error_prefix(err, "%s", watch->options.log) : 0;
}

/* ---- what the lesson calls ---- */

static int told_round(void *state, const char *name, uint64_t n_rounds, const struct round *round, bool last, struct error *err)
{
	struct train_watch *watch = state;

	watch->n_rounds++;
	watch->seconds += round->seconds;
	show_round(watch, name, n_rounds, round, last);
	return watch->log >= 0 ? log_round(watch, round, err) : 0;
}

static int save(void *state, const struct buffer *checkpoint, struct error *err)
{
	struct train_watch *watch = state;

	return checkpoint_file_write(watch->options.checkpoint, checkpoint, watch->options.host, err);
}

static double seconds(void *state)
{
	return host_seconds(((struct train_watch *)state)->options.host);
}

struct lesson_watch train_watch_lesson(struct train_watch *watch)
{
	return (struct lesson_watch){ .stop = watch->options.stop, .round = told_round, .checkpoint = watch->options.checkpoint ? save : NULL,
	                              .seconds = seconds, .every = watch->options.every, .state = watch };
}

/* ---- its life ---- */

/* No two of them are one file. */
static int check_names(const struct train_watch_options *options, struct error *err)
{
	const struct { const char *option, *path; } files[] = {
		{ "--output", options->output }, { "--checkpoint", options->checkpoint }, { "--log", options->log },
	};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		for (size_t j = 0; j < i; j++)
			if (files[i].path && files[j].path && file_same(files[i].path, files[j].path))
				return error_set(err, STATUS_USAGE, "%s and %s are the same file, %s", files[j].option, files[i].option, files[i].path);
	return 0;
}

int train_watch_open(struct train_watch *watch, const struct train_watch_options *options, struct error *err)
{
	int there = 0;

	*watch = (struct train_watch){ .options = *options, .log = -1 };
	if (options->resume && !options->checkpoint)
		return error_set(err, STATUS_USAGE, "--resume goes on from a checkpoint: --checkpoint FILE says which");
	if (options->every != CHECKPOINT_EVERY && !options->checkpoint)
		return error_set(err, STATUS_USAGE, "--checkpoint-every needs --checkpoint FILE");
	if (check_names(options, err) < 0)
		return -1;
	if (options->checkpoint && (there = checkpoint_file_look(options->checkpoint, options->host, err)) < 0)
		return -1;
	watch->there = there > 0;
	if (options->log)
		watch->log = file_apart(options->log, options->host, err) < 0 ? -1 : file_open_append(options->log, options->host, err);
	return options->log && watch->log < 0 ? -1 : 0;
}

int train_watch_check(const struct train_watch *watch, const struct model_kind *kind, struct error *err)
{
	if (!watch->options.checkpoint || kind->round_name)
		return 0;
	return error_set(err, STATUS_USAGE, "--checkpoint: model '%s' is learned in one round, and a checkpoint stands between rounds (leave it out)",
	                 kind->name);
}

static int resume(struct train_watch *watch, struct error *err)
{
	const struct train_watch_options *options = &watch->options;
	struct buffer checkpoint = BUFFER_INIT;
	int result = checkpoint_file_read(options->checkpoint, &checkpoint, options->host, err);

	if (result >= 0) {
		result = lesson_resume(watch->lesson, checkpoint.data, checkpoint.size, err);
		if (result < 0)
			error_prefix(err, "%s", options->checkpoint);
	}
	if (result >= 0)
		host_note(options->host, "%s: goes on behind %s %zu", options->checkpoint, watch->lesson->setup->kind->round_name,
		          watch->lesson->history.n);
	buffer_free(&checkpoint);
	return result;
}

int train_watch_begin(struct train_watch *watch, struct lesson *lesson, struct error *err)
{
	const struct train_watch_options *options = &watch->options;

	watch->lesson = lesson;
	if (options->resume && watch->there)
		return resume(watch, err);
	if (options->resume)
		host_note(options->host, "%s is not there: the training starts anew", options->checkpoint);
	else if (watch->there)
		host_note(options->host, "%s is there, and will be replaced (--resume goes on from it)", options->checkpoint);
	return 0;
}

/* The model is there in any case, so a checkpoint that can't be brought up to date is only told of. */
static void save_last(struct train_watch *watch)
{
	const struct host *host = watch->options.host;
	struct buffer checkpoint = BUFFER_INIT;
	struct error err = ERROR_INIT;

	if (!lesson_checkpoint(watch->lesson, &checkpoint) || save(watch, &checkpoint, &err) < 0)
		host_note(host, "the checkpoint is not brought up to date: %s", err.message);
	else
		host_note(host, "%s stays: --resume goes on from it", watch->options.checkpoint);
	buffer_free(&checkpoint);
}

static int close_log(struct train_watch *watch, struct error *err)
{
	int fd = watch->log;

	watch->log = -1;
	if (fd < 0 || close(fd) == 0 || errno == EINTR) /* after EINTR it is closed */
		return 0;
	return error_errno(err, "%s", watch->options.log);
}

int train_watch_end(struct train_watch *watch, struct error *err)
{
	clear_line(watch);
	watch->stays = watch->lesson->stopped;
	if (watch->stays && watch->options.checkpoint)
		save_last(watch);
	return close_log(watch, err);
}

void train_watch_close(struct train_watch *watch)
{
	struct error err = ERROR_INIT;

	if (watch->options.checkpoint && !watch->stays && file_remove(watch->options.checkpoint, &err) < 0)
		host_note(watch->options.host, "the checkpoint is not removed: %s", err.message);
}

void train_watch_release(struct train_watch *watch)
{
	struct error ignored = ERROR_INIT;

	if (watch->lesson)
		clear_line(watch);
	if (watch->options.host)
		(void)!close_log(watch, &ignored);
	buffer_free(&watch->line);
	*watch = (struct train_watch){ .log = -1 };
}
