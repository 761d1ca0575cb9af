/* SPDX-License-Identifier: MIT */
/*
 * Gains are reckoned in units (tree_histogram.h), GL^2 HR + GR^2 HL over HL HR, l2 in each H, one division for each cut, and brought to
 * their size at the end; a gain must be more than TOO_LITTLE of what it is the difference of, as the last bits of a double are chance.
 */
#include "tree_split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vector.h"

enum { FEW_LEVELS = 4 };                /* up to so many are tried one by one (LightGBM's max_cat_to_onehot) */
static const double TOO_LITTLE = 1e-12;

/* Of one feature in one leaf, in units. */
struct split_search {
	const struct split_rules *rules;
	const struct split_leaf *leaf;
	struct quantum quantum;
	double l2, least;               /* least: h of a side */
	double g, h, parent;            /* of the leaf; g^2 / (h + l2) */
	int direction;
	bool bounded;
};

double split_answer(const struct split_rules *rules, struct quantum quantum, grad_sum sum, double low, double high)
{
	double g = grad_of(sum) * quantum.g, h = curve_of(sum) * quantum.h + rules->l2;

	return h > 0 ? fmin(fmax(-g / h, low), high) : fmin(fmax(0, low), high);
}

/* What answers within bounds gain, the same as above where there are none. */
static double bounded_gain(const struct split_search *search, double g, double h, double answer)
{
	double unit = search->quantum.h / search->quantum.g, value = answer * unit;

	return -(2 * g * value + (h + search->l2) * value * value);
}

static struct split_search search_of(const struct split_rules *rules, struct quantum quantum, const struct split_leaf *leaf, double l2, int direction)
{
	struct split_search search = { .rules = rules, .leaf = leaf, .quantum = quantum, .l2 = l2 / quantum.h, .direction = direction,
	                         .g = grad_of(leaf->sum), .h = curve_of(leaf->sum) };
	double by_rows = rules->min_rows * search.h / (double)leaf->n_rows;

	search.least = fmax(fmax(rules->min_weight / quantum.h, by_rows * (1 - TOO_LITTLE)), 0.5);
	search.bounded = direction != 0 || isfinite(leaf->low) || isfinite(leaf->high);
	search.parent = search.g * search.g / (search.h + rules->l2 / quantum.h);
	if (isfinite(leaf->low) || isfinite(leaf->high))
		search.parent = bounded_gain(&search, search.g, search.h, split_answer(rules, quantum, leaf->sum, leaf->low, leaf->high));
	return search;
}

/* ---- gains of cuts ---- */

/* Behind each of n cuts: G and H of the left side. */
struct cut_sums { int32_t g[MAX_BINS + 4], h[MAX_BINS + 4]; };

WIDE static void find_gains(const struct split_search *search, const struct cut_sums *cuts, size_t n, double *gains)
{
	typedef int vec4i __attribute__((vector_size(16), aligned(4), may_alias));

	for (size_t i = 0; i < n; i += 4) {
		vec4d gl = __builtin_convertvector(*(const vec4i *)&cuts->g[i], vec4d), hl = __builtin_convertvector(*(const vec4i *)&cuts->h[i], vec4d);
		vec4d gr = search->g - gl, hr = search->h - hl, ll = hl + search->l2, rr = hr + search->l2;
		vec4d gain = (gl * gl * rr + gr * gr * ll) / (ll * rr);

		*(vec4d *)&gains[i] = (vec4d)(((hl >= search->least) & (hr >= search->least)) & (__typeof__(hl >= hr))gain);
	}
}

static void find_bounded_gains(const struct split_search *search, const struct cut_sums *cuts, size_t n, double *gains)
{
	const struct split_leaf *leaf = search->leaf;
	double unit = search->quantum.g / search->quantum.h;

	for (size_t i = 0; i < n; i++) {
		double gl = cuts->g[i], hl = cuts->h[i], gr = search->g - gl, hr = search->h - hl;
		double left = fmin(fmax(-gl / (hl + search->l2) * unit, leaf->low), leaf->high);
		double right = fmin(fmax(-gr / (hr + search->l2) * unit, leaf->low), leaf->high);

		gains[i] = 0;
		if (hl < search->least || hr < search->least || (right - left) * search->direction < 0)
			continue;
		gains[i] = bounded_gain(search, gl, hl, left) + bounded_gain(search, gr, hr, right);
	}
}

/* The first of the best; false: none gains. */
static bool choose(const struct split_search *search, const struct cut_sums *cuts, size_t n, size_t *at, double *gain)
{
	double gains[MAX_BINS + 4], best = 0, parent = search->parent;

	if (n == 0)
		return false;
	if (search->bounded)
		find_bounded_gains(search, cuts, n, gains);
	else
		find_gains(search, cuts, n, gains);
	for (size_t i = 0; i < n; i++)
		best = gains[i] > best ? gains[i] : best;
	for (*at = 0; *at < n && gains[*at] != best; ++*at)
		;
	*gain = (best - parent) * search->quantum.g * search->quantum.g / search->quantum.h;
	return best - parent > TOO_LITTLE * parent && best > 0 && *gain > search->rules->min_gain;
}

/* ---- numbers ---- */

/* first: 0 for missing ones on the left, 1 for them on the right. Cut i lies behind bin first + i. */
static void search_number(const struct split_search *search, uint32_t feature, const grad_sum *sums, size_t n_bins, size_t first, bool missing,
                          struct split *best)
{
	struct cut_sums cuts;
	grad_sum left = 0, lefts[MAX_BINS];
	size_t n = 0, at;
	double gain;

	for (size_t bin = first; bin + 1 < n_bins; bin++) {
		left += sums[bin];
		lefts[n] = left;
		cuts.g[n] = grad_of(left);
		cuts.h[n++] = curve_of(left);
	}
	memset(&cuts.g[n], 0, 4 * sizeof *cuts.g);
	memset(&cuts.h[n], 0, 4 * sizeof *cuts.h);
	if (!choose(search, &cuts, n, &at, &gain) || gain <= best->gain)
		return;
	*best = (struct split){ .gain = gain, .feature = feature, .bin = (uint8_t)(first + at), .left = lefts[at] };
	best->missing_right = missing ? first == 1 : 2.0 * curve_of(lefts[at]) < search->h;
}

/* ---- levels ---- */

static int by_place(const void *left, const void *right)
{
	const struct placed_level *a = left, *b = right;

	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return a->bin < b->bin ? -1 : a->bin > b->bin;
}

void levels_sort(struct placed_level *levels, size_t n)
{
	if (n != 2 || by_place(&levels[0], &levels[1]) > 0)     /* many small leaves have two */
		qsort(levels, n, sizeof *levels, by_place);
}

static void search_levels(const struct split_search *search, uint32_t feature, const grad_sum *sums, size_t n_bins, struct split *best)
{
	struct placed_level levels[MAX_BINS];
	struct cut_sums cuts;
	grad_sum lefts[MAX_BINS], left = 0;
	size_t n = 0, n_cuts = 0, at;
	double gain, smooth = search->rules->level_smooth / search->quantum.h;
	bool few;

	for (size_t bin = 0; bin < n_bins; bin++)
		if (curve_of(sums[bin]) > 0)
			levels[n++] = (struct placed_level){ grad_of(sums[bin]) / (curve_of(sums[bin]) + smooth), (uint32_t)bin };
	few = n <= FEW_LEVELS;
	if (!few)
		levels_sort(levels, n);
	for (size_t i = 0; i + !few < n; i++) {
		left = few ? sums[levels[i].bin] : left + sums[levels[i].bin];
		lefts[n_cuts] = left;
		cuts.g[n_cuts] = grad_of(left);
		cuts.h[n_cuts++] = curve_of(left);
	}
	memset(&cuts.g[n_cuts], 0, 4 * sizeof *cuts.g);
	memset(&cuts.h[n_cuts], 0, 4 * sizeof *cuts.h);
	if (!choose(search, &cuts, n_cuts, &at, &gain) || gain <= best->gain)
		return;
	*best = (struct split){ .gain = gain, .feature = feature, .by_level = true, .left = lefts[at] };
	for (size_t i = few ? at : 0; i <= at; i++)
		level_set_add(&best->left_levels, levels[i].bin);
	for (size_t bin = 0; 2.0 * curve_of(lefts[at]) > search->h && bin < n_bins; bin++)
		if (curve_of(sums[bin]) == 0)           /* nobody is there: to the heavier side */
			level_set_add(&best->left_levels, bin);
}

void split_find(const struct split_rules *rules, struct quantum quantum, const struct split_leaf *leaf, const struct feature_bins *bins,
                uint32_t feature, int direction, const grad_sum *sums, struct split *best)
{
	struct split_search search = search_of(rules, quantum, leaf, rules->l2 + (bins->n_levels ? rules->level_l2 : 0), direction);

	if (bins->n_levels) {
		search_levels(&search, feature, sums, bins->n_bins, best);
		return;
	}
	search_number(&search, feature, sums, bins->n_bins, 1, sums[0] != 0, best);
	if (sums[0] != 0)
		search_number(&search, feature, sums, bins->n_bins, 0, true, best);
}
