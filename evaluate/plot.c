/* SPDX-License-Identifier: MIT */
#include "plot.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "number.h"

enum { HEIGHT = 10, LABEL = 11, MOST_COLUMNS = 64, WIDTH = 80, DIGITS = 4, BEGIN = 20, ABOVE = 255 };      /* BEGIN: one in so many */
static const double LOGARITHMIC = 100;

static const char *const points[] = { "•", "○", "▫", "◇" };
enum { N_POINTS = sizeof points / sizeof *points };

/* What the axis spans. */
struct axis { double low, high; bool logarithmic; };

/* The first few values, which may lie far above all others, do not stretch it. */
static struct axis find_axis(const struct plot_line *lines, size_t n_lines, size_t n, size_t *n_finite)
{
	struct axis axis = { INFINITY, -INFINITY, false };

	*n_finite = 0;
	for (size_t line = 0; line < n_lines; line++)
		for (size_t i = 0; i < n; i++) {
			double value = lines[line].values[i];

			if (!isfinite(value))
				continue;
			axis.low = fmin(axis.low, value);
			if (i >= n / BEGIN)
				axis.high = fmax(axis.high, value);
			++*n_finite;
		}
	axis.logarithmic = axis.low > 0 && axis.high > LOGARITHMIC * axis.low;
	return axis;
}

static double height_of(const struct axis *axis, double value)
{
	double low = axis->logarithmic ? log(axis->low) : axis->low, high = axis->logarithmic ? log(axis->high) : axis->high;

	return high > low ? ((axis->logarithmic ? log(value) : value) - low) / (high - low) : 0;
}

/* The mean of the finite values first .. end - 1; NaN: there are none. */
static double mean_of(const double *values, size_t first, size_t end)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = first; i < end; i++)
		if (isfinite(values[i])) {
			sum += values[i];
			n++;
		}
	return n > 0 ? sum / (double)n : NAN;
}

/* The number on the axis at that row of the plot, 0 at the top. */
static void add_label(const struct axis *axis, size_t row, struct buffer *to)
{
	double share = (double)(HEIGHT - 1 - row) / (HEIGHT - 1);
	double value = axis->logarithmic ? exp(log(axis->low) + share * (log(axis->high) - log(axis->low))) : axis->low + share * (axis->high - axis->low);
	bool shown = row == 0 || row == HEIGHT - 1 || row == HEIGHT / 2;
	char text[NUMBER_SIZE] = "";

	if (shown)
		number_print_short(text, row == 0 ? axis->high : row == HEIGHT - 1 ? axis->low : value, DIGITS);
	buffer_format(to, "%*s %s", LABEL, text, shown ? "┤" : "│");
}

static void add_foot(size_t n, size_t columns, struct buffer *to)
{
	char last[32];
	int digits = snprintf(last, sizeof last, "%zu", n);

	buffer_format(to, "%*s └", LABEL, "");
	for (size_t i = 0; i < columns; i++)
		buffer_add_text(to, "─");
	buffer_format(to, "\n%*s  1%*s\n", LABEL, "", (int)columns > digits ? (int)columns - 1 : digits + 1, last);
}

static const char *cell_text(unsigned char cell) { return cell == 0 ? " " : cell == ABOVE ? "↑" : points[cell - 1]; }

void plot_lines(const struct plot_line *lines, size_t n_lines, size_t n, size_t width, struct buffer *to)
{
	size_t room = (width > 0 ? width : WIDTH) > LABEL + 12 ? (width > 0 ? width : WIDTH) - LABEL - 4 : 8, columns, n_finite;
	struct axis axis = find_axis(lines, n_lines, n, &n_finite);
	unsigned char *cells;

	if (n_finite < 2)
		return;
	columns = n < room ? n : room;
	columns = columns < MOST_COLUMNS ? columns : MOST_COLUMNS;
	cells = mem_new(HEIGHT * columns, 1);
	for (size_t line = n_lines < N_POINTS ? n_lines : N_POINTS; line-- > 0; )
		for (size_t col = 0; col < columns; col++) {
			double value = mean_of(lines[line].values, col * n / columns, (col + 1) * n / columns);

			if (isfinite(value) && value > axis.high)
				cells[col] = ABOVE;
			else if (isfinite(value))
				cells[(HEIGHT - 1 - (size_t)lround(height_of(&axis, value) * (HEIGHT - 1))) * columns + col] = (unsigned char)(line + 1);
		}
	for (size_t row = 0; row < HEIGHT; row++) {
		size_t end = columns;

		add_label(&axis, row, to);
		while (end > 0 && !cells[row * columns + end - 1])
			end--;
		for (size_t col = 0; col < end; col++)
			buffer_add_text(to, cell_text(cells[row * columns + col]));
		buffer_add_text(to, "\n");
	}
	add_foot(n, columns, to);
	buffer_format(to, "%*s  ", LABEL, "");
	for (size_t line = 0; line < n_lines && line < N_POINTS; line++)
		buffer_format(to, "%s%s %s", line ? "   " : "", points[line], lines[line].name);
	buffer_format(to, "%s\n\n", axis.logarithmic ? "   (logarithmic)" : "");
	free(cells);
}
