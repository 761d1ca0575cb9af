/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <inttypes.h>
#include <stdlib.h>

#include "buffer.h"
#include "memory.h"

static const double EVERY = 0.2, FIRST = 0.5;   /* seconds: a short run shows nothing */

struct progress {
	uint64_t total;
	const char *what;
	double start, shown;    /* when the phase began, when the line was printed last */
	bool watched, there;    /* there: a line stands there */
	const struct host *host;
};

struct progress *progress_new(uint64_t total, bool quiet, const struct host *host)
{
	struct progress *progress = mem_new(1, sizeof *progress);

	*progress = (struct progress){ .total = total, .watched = !quiet && host && host->shows_lines, .host = host };
	progress_phase(progress, "reading");
	return progress;
}

void progress_phase(struct progress *progress, const char *what)
{
	progress->what = what;
	progress->start = host_seconds(progress->host);
	progress->shown = progress->start + FIRST - EVERY;
}

void progress_clear(struct progress *progress)
{
	if (progress && progress->there)
		host_line(progress->host, "", false);
	if (progress)
		progress->there = false;
}

void progress_free(struct progress *progress)
{
	progress_clear(progress);
	free(progress);
}

/* 1234567 as "1.2 M" */
static void add_count(struct buffer *to, double count)
{
	if (count < 1e4)
		buffer_format(to, "%.0f", count);
	else if (count < 1e6)
		buffer_format(to, "%.1f k", count / 1e3);
	else
		buffer_format(to, "%.1f M", count / 1e6);
}

static void print(struct progress *progress, double seconds, uint64_t rows, uint64_t done, bool stays)
{
	struct buffer line = BUFFER_INIT;

	buffer_format(&line, "%s  ", progress->what);
	add_count(&line, (double)rows);
	buffer_add_text(&line, " rows");
	if (progress->total && done <= progress->total)
		buffer_format(&line, "  %.0f %%", 100 * (double)done / (double)progress->total);
	if (seconds > 0) {
		buffer_add_text(&line, "  ");
		add_count(&line, (double)rows / seconds);
		buffer_add_text(&line, " rows/s");
	}
	if (progress->total && done > 0 && done <= progress->total) {
		double left = seconds * (double)(progress->total - done) / (double)done;

		buffer_format(&line, "  %.0f:%02d left", (double)(int64_t)(left / 60), (int)((int64_t)left % 60));
	}
	host_line(progress->host, buffer_text(&line), stays);
	buffer_free(&line);
}

void progress_rows(struct progress *progress, uint64_t rows, uint64_t done)
{
	bool asked = host_asked(progress->host);
	double time;

	if (!progress->watched && !asked)
		return;
	time = host_seconds(progress->host);
	if (asked) {
		print(progress, time - progress->start, rows, done, true);
		progress->there = false;
	}
	if (!progress->watched || time - progress->shown < EVERY)
		return;
	progress->shown = time;
	progress->there = true;
	print(progress, time - progress->start, rows, done, false);
}
