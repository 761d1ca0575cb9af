/* SPDX-License-Identifier: MIT */
#include "tree_bins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "order_key.h"
#include "rng.h"
#include "row_order.h"
#include "vector.h"

enum { SAMPLE_ROWS = 200000, LEAST_SAMPLE = 2048 };

struct sample_lane { double *values; size_t n, room; };          /* rows, one after the other */
struct bin_sample {
	size_t n_features, n_lanes;
	uint64_t below;                 /* a row is in if its hash is; UINT64_MAX: all are */
	uint64_t salt;
	struct sample_lane *lanes;
};

/* ---- sampling ---- */

static uint64_t rows_of_sample(size_t n_features, uint64_t n_rows, uint64_t memory)
{
	uint64_t fit = memory / ((n_features + 1) * sizeof(double)), most = fit < SAMPLE_ROWS ? fit : SAMPLE_ROWS;

	if (most < LEAST_SAMPLE)
		most = LEAST_SAMPLE;
	return n_rows < most ? n_rows : most;
}

struct bin_sample *bin_sample_new(size_t n_features, uint64_t n_rows, size_t lanes, uint64_t memory, uint32_t seed)
{
	struct bin_sample *sample = mem_new(1, sizeof *sample);
	uint64_t rows = rows_of_sample(n_features, n_rows, memory);

	sample->n_features = n_features;
	sample->n_lanes = lanes;
	sample->below = rows == n_rows ? UINT64_MAX : (uint64_t)((double)rows / (double)n_rows * 0x1p64);
	sample->salt = hash_mix(seed + UINT64_C(0x62696e73));
	sample->lanes = mem_new(lanes, sizeof *sample->lanes);
	return sample;
}

void bin_sample_free(struct bin_sample *sample)
{
	if (!sample)
		return;
	for (size_t i = 0; i < sample->n_lanes; i++)
		free(sample->lanes[i].values);
	free(sample->lanes);
	free(sample);
}

void bin_sample_add(struct bin_sample *sample, size_t lane, const struct panel *panel)
{
	struct sample_lane *to = &sample->lanes[lane];
	size_t n = sample->n_features;

	for (size_t row = 0; row < panel->n_rows; row++) {
		uint64_t number = panel->block * PANEL_ROWS + row;

		if (sample->below != UINT64_MAX && hash_mix(number ^ sample->salt) >= sample->below)
			continue;
		if (to->n == to->room) {
			to->room = to->room ? 2 * to->room : PANEL_ROWS;
			to->values = mem_resize(to->values, to->room * (n ? n : 1), sizeof *to->values);
		}
		for (size_t j = 0; j < n; j++)
			to->values[to->n * n + j] = panel->x[j * panel->stride + row];
		to->n++;
	}
}

/* ---- cuts ---- */

void bins_set(struct feature_bins *feature, const double *cuts, size_t n_cuts)
{
	*feature = (struct feature_bins){ .n_cuts = n_cuts, .n_bins = n_cuts + 2 };
	while (((size_t)1 << feature->steps) <= n_cuts)
		feature->steps++;
	feature->cuts = mem_array((size_t)1 << feature->steps, sizeof *feature->cuts);
	for (size_t i = 0; i < (size_t)1 << feature->steps; i++)
		feature->cuts[i] = i < n_cuts ? cuts[i] : INFINITY;
}

/* The middle, or where there is none what lies below: both stay on their sides. */
static double between(double low, double high)
{
	double middle = low / 2 + high / 2;

	return middle > low && middle < high ? middle : low;
}

/* One value after the other fills a bin until it has its share of what is left. A value of a share or more closes the bin before it,
 * if half full, and its own. */
void bins_cut(struct feature_bins *feature, const double *values, size_t n, size_t max_bins, size_t least)
{
	size_t most = max_bins - 1, n_cuts = 0, in_bin = 0, rest = n, rest_bins = most, n_distinct = 0;
	double cuts[MAX_BINS], share;

	for (size_t i = 0; i < n; i++)
		n_distinct += i == 0 || values[i] != values[i - 1];
	share = n_distinct <= most ? (double)least : fmax((double)n / (double)most, (double)least);
	for (size_t i = 0, next; i < n && n_cuts + 1 < most; i = next) {
		size_t same = 1, following = 0;
		bool full;

		for (next = i + 1; next < n && values[next] == values[i]; next++)
			same++;
		in_bin += same;
		if (next == n)
			break;
		while (next + following < n && values[next + following] == values[next] && (double)following < share)
			following++;
		full = (double)in_bin >= share || (double)same >= share || ((double)following >= share && (double)in_bin >= fmax(1, share / 2));
		if (!full)
			continue;
		cuts[n_cuts++] = between(values[i], values[next]);
		rest -= in_bin;
		rest_bins--;
		in_bin = 0;
		if (n_distinct > most)
			share = fmax((double)rest / (double)rest_bins, (double)least);
	}
	bins_set(feature, cuts, n_cuts);
}

static void sort_values(const double *values, size_t n, double *sorted)
{
	uint64_t *keys = mem_array(n + 1, sizeof *keys), *spare = mem_array(n + 1, sizeof *spare);
	uint32_t *order = mem_array(n + 1, sizeof *order), *spare_rows = mem_array(n + 1, sizeof *spare_rows);

	for (size_t i = 0; i < n; i++)
		keys[i] = order_key(values[i]);
	rows_in_order(keys, n, order, &(struct order_space){ spare, spare_rows });
	for (size_t i = 0; i < n; i++)
		sorted[i] = values[order[i]];
	free(spare_rows);
	free(order);
	free(spare);
	free(keys);
}

struct making {
	struct bins *bins;
	const struct bin_sample *sample;
	const uint32_t *levels_of;
	size_t max_bins, least, n_rows;
};

static void make_feature(void *state, size_t j)
{
	const struct making *making = state;
	const struct bin_sample *sample = making->sample;
	struct feature_bins *feature = &making->bins->features[j];
	double *values, *sorted;
	size_t n = 0;

	if (making->levels_of[j]) {
		size_t levels = making->levels_of[j] < MAX_BINS ? making->levels_of[j] : MAX_BINS;

		*feature = (struct feature_bins){ .n_levels = levels, .n_bins = levels };
		return;
	}
	values = mem_array(making->n_rows + 1, sizeof *values);
	sorted = mem_array(making->n_rows + 1, sizeof *sorted);
	for (size_t lane = 0; lane < sample->n_lanes; lane++)
		for (size_t row = 0; row < sample->lanes[lane].n; row++) {
			double value = sample->lanes[lane].values[row * sample->n_features + j];

			if (!isnan(value))
				values[n++] = value;
		}
	sort_values(values, n, sorted);
	bins_cut(feature, sorted, n, making->max_bins, making->least);
	free(sorted);
	free(values);
}

void bins_make(struct bins *bins, const struct bin_sample *sample, const uint32_t *levels_of, size_t max_bins, size_t least, struct workers *workers)
{
	struct making making = { .bins = bins, .sample = sample, .levels_of = levels_of, .max_bins = max_bins, .least = least };

	bins->n = sample->n_features;
	bins->features = mem_new(bins->n, sizeof *bins->features);
	for (size_t lane = 0; lane < sample->n_lanes; lane++)
		making.n_rows += sample->lanes[lane].n;
	workers_run(workers, bins->n, make_feature, &making);
}

void bins_copy(struct bins *to, const struct bins *from)
{
	*to = (struct bins){ .n = from->n, .features = mem_new(from->n, sizeof *to->features) };
	for (size_t i = 0; i < from->n; i++)
		if (from->features[i].n_levels)
			to->features[i] = from->features[i];
		else
			bins_set(&to->features[i], from->features[i].cuts, from->features[i].n_cuts);
}

void bins_release(struct bins *bins)
{
	for (size_t i = 0; i < bins->n; i++)
		free(bins->features[i].cuts);
	free(bins->features);
	*bins = (struct bins){ .n = 0 };
}

/* ---- looking up ---- */

/* How many cuts lie below x, by halves; a few values at once, whose chains of loads do not wait for each other. */
enum { AT_ONCE = 16 };
static INLINE void look_up(const double *cuts, size_t steps, const double *values, size_t n, unsigned char *to, size_t step)
{
	size_t places[AT_ONCE] = { 0 };

	for (size_t half = ((size_t)1 << steps) / 2; half > 0; half /= 2)
		for (size_t i = 0; i < n; i++)
			places[i] += cuts[places[i] + half - 1] < values[i] ? half : 0;
	for (size_t i = 0; i < n; i++)
		to[i * step] = (unsigned char)(isnan(values[i]) ? 0 : places[i] + 1);
}

WIDE static void bins_of_number(const double *cuts, size_t steps, const double *values, size_t n, unsigned char *to, size_t step)
{
	size_t i = 0;

	for (; i + AT_ONCE <= n; i += AT_ONCE)
		look_up(cuts, steps, &values[i], AT_ONCE, &to[i * step], step);
	look_up(cuts, steps, &values[i], n - i, &to[i * step], step);
}

void bins_of(const struct feature_bins *feature, const double *values, size_t n, unsigned char *to, size_t step)
{
	if (!feature->n_levels) {
		bins_of_number(feature->cuts, feature->steps, values, n, to, step);
		return;
	}
	for (size_t i = 0; i < n; i++)
		to[i * step] = (unsigned char)level_number(values[i], (uint32_t)feature->n_levels);
}
