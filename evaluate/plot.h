/* SPDX-License-Identifier: MIT */
/*
 * A line or two over their number as characters, for a terminal or a log:
 *
 *       0.61 ┤•
 *            │ •
 *            │  ••○○○
 *       0.32 ┤     •••••••
 *            └────────────
 *             1         12
 *
 * A point stands for the mean of the values that fall into its column. What the first twentieth of them has above all others is an
 * arrow at the top. The axis of values is logarithmic where all are above 0 and the largest is a hundred times the smallest.
 */
#ifndef PLOT_H
#define PLOT_H

#include <stddef.h>

#include "buffer.h"

struct plot_line { const char *name; const double *values; };           /* n of them; NaN: none there */

/* Appends the plot and a line that names the lines; nothing, if fewer than two values are finite. width: of the terminal, 0: 80. */
void plot_lines(const struct plot_line *lines, size_t n_lines, size_t n, size_t width, struct buffer *to);

#endif
