/* SPDX-License-Identifier: MIT */
/* Support vectors are collected, and decide: groups of a panel's rows that stay in the cache past all vectors. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "svm_model.h"

enum { AT_ONCE = 8 };           /* groups of rows */

static size_t rows_in(const struct svm_table *table, size_t class) { return table->starts[class + 1] - table->starts[class]; }
static size_t first_row(const struct svm_table *table, size_t class) { return table->n_classes == 0 ? 0 : table->starts[class]; }
static size_t end_row(const struct svm_table *table, size_t class) { return table->n_classes == 0 ? table->rows.n_rows : table->starts[class + 1]; }

/* Coefficients of a class's rows in one of its machines; NULL: it has none. */
static const double *coefficients_of(const struct svm_table *table, const struct svm_machine *machine, size_t class)
{
	if (!machine->coefficients || table->n_classes == 0 || class == machine->first)
		return machine->coefficients;
	return machine->coefficients + rows_in(table, machine->first);
}

/* Which rows any machine needs; counts them. */
static bool *find_vectors(struct svm *svm, const struct svm_table *table, const struct svm_machine *machines)
{
	bool *needed = mem_new(table->rows.n_rows + 1, sizeof *needed);

	for (size_t class = 0; class < svm_n_kinds(svm); class++) {
		size_t first = first_row(table, class), end = end_row(table, class);

		for (size_t layer = 0; layer < svm_n_layers(svm); layer++) {
			const double *coefficients = coefficients_of(table, &machines[svm_machine_of(svm, class, layer)], class);

			for (size_t row = first; coefficients && row < end; row++)
				needed[row] = needed[row] || coefficients[row - first] != 0;
		}
		for (size_t row = first; row < end; row++)
			svm->counts[class] += needed[row];
		svm->n_vectors += svm->counts[class];
	}
	return needed;
}

static void keep_vectors(struct svm *svm, const struct svm_table *table, const struct svm_machine *machines, const bool *needed)
{
	size_t n = svm->n_vectors, d = svm->n_features, at = 0;

	svm->vectors = mem_array(n * d + 1, sizeof *svm->vectors);
	svm->squares = mem_array(n + 1, sizeof *svm->squares);
	svm->coefficients = mem_new(svm_n_layers(svm) * n + 1, sizeof *svm->coefficients);
	for (size_t class = 0; class < svm_n_kinds(svm); class++) {
		size_t first = first_row(table, class), start = at;

		for (size_t row = first; row < end_row(table, class); row++)
			if (needed[row]) {
				svm_rows_get(&table->rows, row, &svm->vectors[at * d]);
				svm->squares[at++] = table->rows.squares[row];
			}
		for (size_t layer = 0; layer < svm_n_layers(svm); layer++) {
			const double *coefficients = coefficients_of(table, &machines[svm_machine_of(svm, class, layer)], class);
			double *to = &svm->coefficients[layer * n + start];

			for (size_t row = first; coefficients && row < end_row(table, class); row++)
				if (needed[row])
					*to++ = coefficients[row - first];
		}
	}
}

static void find_moments(struct svm *svm, const struct svm_table *table)
{
	size_t d = svm->n_features, n = table->rows.n_rows;
	double *x = mem_array(d + 1, sizeof *x);

	svm->means = mem_new(d + 1, sizeof *svm->means);
	svm->deviations = mem_new(d + 1, sizeof *svm->deviations);
	for (size_t row = 0; row < n; row++) {
		svm_rows_get(&table->rows, row, x);
		for (size_t j = 0; j < d; j++)
			svm->means[j] += x[j] / (double)n;
	}
	for (size_t row = 0; row < n; row++) {
		svm_rows_get(&table->rows, row, x);
		for (size_t j = 0; j < d; j++)
			svm->deviations[j] += (x[j] - svm->means[j]) * (x[j] - svm->means[j]) / (double)n;
	}
	for (size_t j = 0; j < d; j++)
		svm->deviations[j] = sqrt(svm->deviations[j]);
	free(x);
}

/* What the vectors of a linear kernel come to. */
static void keep_planes(struct svm *svm, const struct svm_table *table, const struct svm_machine *machines)
{
	size_t d = svm->n_features;
	double *x = mem_array(d + 1, sizeof *x);

	svm->planes = mem_new(svm->n_machines * d + 1, sizeof *svm->planes);
	for (size_t class = 0; class < svm_n_kinds(svm); class++)
		for (size_t row = first_row(table, class); row < end_row(table, class); row++) {
			svm_rows_get(&table->rows, row, x);
			for (size_t layer = 0; layer < svm_n_layers(svm); layer++) {
				size_t machine = svm_machine_of(svm, class, layer);
				const double *coefficients = coefficients_of(table, &machines[machine], class);
				double coefficient = coefficients ? coefficients[row - first_row(table, class)] : 0;

				for (size_t j = 0; coefficient != 0 && j < d; j++)
					svm->planes[machine * d + j] += coefficient * x[j];
			}
		}
	free(x);
	find_moments(svm, table);
}

void svm_collect(struct svm *svm, const struct svm_table *table, const struct svm_machine *machines)
{
	bool *needed;

	svm->counts = mem_new(svm_n_kinds(svm), sizeof *svm->counts);
	svm->rhos = mem_array(svm->n_machines + 1, sizeof *svm->rhos);
	for (size_t m = 0; m < svm->n_machines; m++) {
		svm->rhos[m] = machines[m].solution.rho;
		svm->n_bound += machines[m].n_bound;
		svm->n_steps += machines[m].solution.n_steps;
		svm->n_limited += machines[m].solution.limited;
		svm->objective += machines[m].solution.objective;
		if (svm->sigmoids)
			svm->sigmoids[m] = machines[m].sigmoid;
	}
	needed = find_vectors(svm, table, machines);
	if (svm->kernel.function == SVM_LINEAR)
		keep_planes(svm, table, machines);
	else
		keep_vectors(svm, table, machines, needed);
	free(needed);
}

/* ---- decisions ---- */

static void decide_by_planes(const struct svm *svm, const struct panel *panel, double *decisions)
{
	size_t n = svm->n_machines;

	for (size_t row = 0; row < panel->n_rows; row++)
		for (size_t m = 0; m < n; m++)
			decisions[row * n + m] = -svm->rhos[m];
	for (size_t m = 0; m < n; m++)
		for (size_t j = 0; j < svm->n_features; j++) {
			double plane = svm->planes[m * svm->n_features + j];

			for (size_t row = 0; plane != 0 && row < panel->n_rows; row++)
				decisions[row * n + m] += plane * panel->x[j * panel->stride + row];
		}
}

/* What one vector of `class` adds: values, by row. sums: n_machines x n_rows. */
static void add_vector(const struct svm *svm, size_t vector, size_t class, const double *values, size_t n_rows, double *sums)
{
	for (size_t layer = 0; layer < svm_n_layers(svm); layer++) {
		double coefficient = svm->coefficients[layer * svm->n_vectors + vector], *to = &sums[svm_machine_of(svm, class, layer) * n_rows];

		for (size_t row = 0; coefficient != 0 && row < n_rows; row++)
			to[row] += coefficient * values[row];
	}
}

static void decide_groups(const struct svm *svm, const struct svm_rows *rows, struct svm_point *point, size_t first, size_t n, double *sums)
{
	double values[AT_ONCE * SVM_LANES];
	size_t vector = 0;

	memset(sums, 0, svm->n_machines * n * SVM_LANES * sizeof *sums);
	for (size_t class = 0; class < svm_n_kinds(svm); class++)
		for (size_t i = 0; i < svm->counts[class]; i++, vector++) {
			svm_point_set(point, &svm->vectors[vector * svm->n_features], svm->squares[vector], svm->n_features);
			svm_kernel_row(&svm->kernel, rows, point, first, n, values);
			add_vector(svm, vector, class, values, n * SVM_LANES, sums);
		}
}

void svm_decide(const struct svm *svm, const struct panel *panel, double *decisions)
{
	size_t n = svm->n_machines, n_groups = svm_groups(panel->n_rows);
	double *x, *sums;
	struct svm_point point;
	struct svm_rows rows;

	if (svm->planes) {
		decide_by_planes(svm, panel, decisions);
		return;
	}
	x = mem_array(svm->n_features + 1, sizeof *x);
	sums = mem_array(n * AT_ONCE * SVM_LANES + 1, sizeof *sums);
	svm_point_new(&point, svm->n_features);
	svm_rows_new(&rows, panel->n_rows, svm->n_features);
	for (size_t row = 0; row < panel->n_rows; row++) {
		for (size_t j = 0; j < svm->n_features; j++)
			x[j] = panel->x[j * panel->stride + row];
		svm_rows_put(&rows, row, x);
	}
	for (size_t first = 0; first < n_groups; first += AT_ONCE) {
		size_t some = n_groups - first < AT_ONCE ? n_groups - first : AT_ONCE, places = some * SVM_LANES;

		decide_groups(svm, &rows, &point, first, some, sums);
		for (size_t i = 0, row = first * SVM_LANES; i < places && row < panel->n_rows; i++, row++)
			for (size_t m = 0; m < n; m++)
				decisions[row * n + m] = isnan(rows.squares[row]) ? NAN : sums[m * places + i] - svm->rhos[m];
	}
	svm_rows_free(&rows);
	svm_point_free(&point);
	free(x);
	free(sums);
}
