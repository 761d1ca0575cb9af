/* SPDX-License-Identifier: MIT */
/*
 * Digit by digit, of the numbers' bits in the order of the numbers: each pass sums the
 * weight of the targets that agree with the median so far, by their next 16 bits.
 */
#include "median.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "order_key.h"

/* Sums of weights that differ by less, as a share of all, differ by rounding. */
static const double ROUNDING = 1e-12;

enum { DIGIT = 16, N_BINS = 1 << DIGIT };

struct search {
	uint64_t prefix;                /* the median's first digits */
	unsigned shift;                 /* bits behind the digit that is looked for */
	double *bins;                   /* weight of the targets that begin with prefix, by that digit */
	uint64_t above;                 /* the smallest target behind those */
	double below, upto;             /* weight of the targets below the median, as far as it is known, and with it */
};

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct search *search = state;

	(void)lane, (void)err;
	for (size_t row = 0; panel->part == PART_TRAIN && row < panel->n_rows; row++) {
		uint64_t key = order_key(panel->y[row]), begin = key >> search->shift >> DIGIT;
		double weight = panel->weight ? panel->weight[row] : 1;

		if (begin == search->prefix)
			search->bins[key >> search->shift & (N_BINS - 1)] += weight;
		else if (begin > search->prefix && key < search->above && weight > 0)
			search->above = key;
	}
	return 0;
}

/* The digit up to which lies half of the weight, but for rounding. */
static uint64_t middle_digit(struct search *search, double half, double slack)
{
	uint64_t middle = 0;

	search->upto = search->below;
	for (uint64_t digit = 0; digit < N_BINS && search->upto < half - slack; digit++) {
		if (search->bins[digit] == 0)
			continue;
		middle = digit;
		search->below = search->upto;
		search->upto += search->bins[digit];
	}
	return middle;
}

int median_of_targets(const struct training *training, double weight, double *median, struct error *err)
{
	struct search search = { .bins = mem_array(N_BINS, sizeof *search.bins) };
	double half = weight / 2, slack = weight * ROUNDING, low, high;
	int result = 0;

	for (search.shift = 64; search.shift > 0 && result == 0;) {
		search.shift -= DIGIT;
		search.above = UINT64_MAX;
		memset(search.bins, 0, N_BINS * sizeof *search.bins);
		result = training->rows(training->state, 1, take_panel, &search, err);
		search.prefix = search.prefix << DIGIT | middle_digit(&search, half, slack);
	}
	low = high = order_value(search.prefix);
	for (uint64_t key = search.prefix; ++key % N_BINS > 0;)
		if (search.bins[key % N_BINS] > 0 && key < search.above)
			search.above = key;
	if (search.upto <= half + slack && search.above < UINT64_MAX)
		high = order_value(search.above);
	*median = isfinite(low + high) ? (low + high) / 2 : low / 2 + high / 2;
	free(search.bins);
	return result;
}
