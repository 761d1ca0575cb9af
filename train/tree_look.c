/* SPDX-License-Identifier: MIT */
#include "tree_look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rng.h"
#include "tree_classes.h"
#include "vector.h"

enum { FEW_ROWS = 128, CUTS_ROOM = MAX_BINS + 4 };
static const double WHOLE = 1 - 1e-9, NOTHING = 1e-15;         /* of a leaf's impurity: all that a split can gain, and what it gains at least */

typedef double vec2d __attribute__((vector_size(16)));
typedef long long vec4l __attribute__((vector_size(32)));

/* Bins of one feature in some order; cut i lies behind the i-th. */
struct cut_list { uint8_t bins[MAX_BINS]; size_t n, n_cuts; };

struct looker {
	const struct tree_rows *rows;
	const struct look_rules *rules;
	const signed char *monotone;
	const uint64_t *interact;
	uint32_t *features;             /* all of them, in an order that each look goes on shuffling */
	struct share_sums classes;
	/* of one leaf */
	const struct look_leaf *leaf;
	const uint32_t *class_of;       /* by place: lies where g does */
	double mean, g, h, impurity;    /* of numbers: g is what is left of rounding */
	/* of one feature: sums by bin, all 0 between features */
	vec2d sums[MAX_BINS];           /* g, h */
	uint32_t counts[MAX_BINS];
	/* of one list of cuts */
	double left_g[CUTS_ROOM], left_h[CUTS_ROOM], gains[CUTS_ROOM];
};

struct looker *looker_new(const struct tree_rows *rows, const struct look_rules *rules, const signed char *monotone, const uint64_t *interact)
{
	size_t n = rows->grouping->n_features;
	struct looker *looker = mem_aligned((sizeof *looker + 63) / 64 * 64);

	memset(looker, 0, sizeof *looker);
	looker->rows = rows;
	looker->rules = rules;
	looker->monotone = monotone;
	looker->interact = interact;
	looker->features = mem_array(n + 1, sizeof *looker->features);
	if (rules->n_classes)
		share_sums_init(&looker->classes, rules->n_classes);
	return looker;
}

void looker_start(struct looker *looker)
{
	for (size_t j = 0; j < looker->rows->grouping->n_features; j++)
		looker->features[j] = (uint32_t)j;
}

void looker_free(struct looker *looker)
{
	if (!looker)
		return;
	share_sums_release(&looker->classes);
	free(looker->features);
	free(looker);
}

uint64_t looker_size(size_t n_features, size_t n_classes)
{
	return sizeof(struct looker) + n_features * sizeof(uint32_t) + (n_classes > 2 ? MAX_BINS * n_classes * sizeof(double) : 0);
}

/* ---- a leaf ---- */

/* g and h by place; false: all y are equal. */
static bool see_numbers(struct looker *looker, const struct look_leaf *leaf)
{
	const float *y = looker->rows->y;
	float low = y[leaf->order[0]], high = low;
	double sum = 0, h = 0, left = 0, squares = 0;

	for (size_t i = 0; i < leaf->n; i++) {
		float value = y[leaf->order[i]], weight = look_weight(leaf->words[i]);

		leaf->g[i] = value;
		leaf->h[i] = weight;
		low = value < low ? value : low;
		high = value > high ? value : high;
		sum += (double)weight * (double)value;
		h += (double)weight;
	}
	looker->mean = sum / h;
	looker->h = h;
	if (!(low < high))
		return false;
	for (size_t i = 0; i < leaf->n; i++) {
		double away = (double)leaf->g[i] - looker->mean, g = (double)leaf->h[i] * away;

		leaf->g[i] = (float)g;
		left += (double)leaf->g[i];
		squares += g * away;
	}
	looker->g = left;
	looker->impurity = squares;
	return true;
}

static bool see_classes(struct looker *looker, const struct look_leaf *leaf)
{
	uint32_t *class_of = (uint32_t *)leaf->g;

	for (size_t i = 0; i < leaf->n; i++) {
		class_of[i] = (uint32_t)looker->rows->y[leaf->order[i]];
		leaf->h[i] = look_weight(leaf->words[i]);
	}
	looker->class_of = class_of;
	looker->impurity = share_sums_leaf(&looker->classes, class_of, leaf->h, leaf->n);
	looker->h = looker->classes.weight;
	return looker->impurity > 0;
}

/* ---- a feature ---- */

/* Sums of the leaf's rows by bin, and the bins that are there, ascending. */
static void sum_rows(struct looker *looker, size_t feature, struct cut_list *list)
{
	const struct look_leaf *leaf = looker->leaf;
	struct bin_column column = tree_rows_column(looker->rows, feature);
	size_t n_bins = looker->rows->bins->features[feature].n_bins, n_classes = looker->rules->n_classes;
	uint64_t there[MAX_BINS / 64] = { 0 };

	if (n_classes)
		for (size_t i = 0; i < leaf->n; i++) {
			size_t bin = column.bins[leaf->order[i] * column.width];

			looker->classes.table[bin * n_classes + looker->class_of[i]] += (double)leaf->h[i];
			looker->counts[bin]++;
		}
	else
		for (size_t i = 0; i < leaf->n; i++) {
			size_t bin = column.bins[leaf->order[i] * column.width];

			looker->sums[bin] += (vec2d){ (double)leaf->g[i], (double)leaf->h[i] };
			looker->counts[bin]++;
		}
	list->n = 0;
	if (leaf->n >= FEW_ROWS) {
		for (size_t bin = 0; bin < n_bins; bin++) {
			list->bins[list->n] = (uint8_t)bin;
			list->n += looker->counts[bin] > 0;
		}
		return;
	}
	for (size_t i = 0; i < leaf->n; i++) {
		size_t bin = column.bins[leaf->order[i] * column.width];

		there[bin / 64] |= UINT64_C(1) << bin % 64;
	}
	for (size_t word = 0; word < MAX_BINS / 64; word++)
		for (uint64_t bits = there[word]; bits; bits &= bits - 1)
			list->bins[list->n++] = (uint8_t)(word * 64 + (size_t)__builtin_ctzll(bits));
}

static void clear_sums(struct looker *looker, const struct cut_list *list)
{
	size_t n_classes = looker->rules->n_classes;

	for (size_t i = 0; i < list->n; i++) {
		looker->sums[list->bins[i]] = (vec2d){ 0 };
		looker->counts[list->bins[i]] = 0;
		if (n_classes)
			memset(&looker->classes.table[list->bins[i] * n_classes], 0, n_classes * sizeof(double));
	}
}

/* ---- cuts ---- */

/* A side whose weight is lost beside the other one's is none. */
WIDE static void number_gains(const double *left_g, const double *left_h, double all_g, double all_h, size_t n, double *gains)
{
	for (size_t i = 0; i < n; i += 4) {
		vec4d gl = *(const vec4d *)&left_g[i], hl = *(const vec4d *)&left_h[i], gr = all_g - gl, hr = all_h - hl;
		vec4d product = hl * hr, gain = (gl * gl * hr + gr * gr * hl) / product;
		vec4l good = product > 0;

		*(vec4d *)&gains[i] = (vec4d)((good & (vec4l)gain) | (~good & (vec4l)((vec4d){ 0 } - INFINITY)));
	}
}

static void number_cuts(struct looker *looker, const struct cut_list *list)
{
	vec2d left = { 0 };

	for (size_t i = 0; i < list->n_cuts; i++) {
		left += looker->sums[list->bins[i]];
		looker->left_g[i] = left[0];
		looker->left_h[i] = left[1];
	}
	number_gains(looker->left_g, looker->left_h, looker->g, looker->h, list->n_cuts, looker->gains);
}

/* What rows answer, from the leaf's mean on, within its bounds. */
static double bounded_answer(const struct looker *looker, double g, double h)
{
	return fmin(fmax(g / h, looker->leaf->low - looker->mean), looker->leaf->high - looker->mean);
}

/* What the sum of squares around the leaf's mean falls by. */
static double answer_gain(double g, double h, double answer) { return (2 * g - h * answer) * answer; }

static bool is_bounded(const struct look_leaf *leaf) { return isfinite(leaf->low) || isfinite(leaf->high); }

/* Against the leaf's own answer, which is within its bounds, too. Out of order, or both at one bound, which is the leaf again: never. */
static double bounded_gain(const struct looker *looker, double g, double h, int direction)
{
	double other_g = looker->g - g, other_h = looker->h - h;
	double left = bounded_answer(looker, g, h), right = bounded_answer(looker, other_g, other_h);

	if ((right - left) * direction < 0 || (left == right && left != g / h))
		return -INFINITY;
	return answer_gain(g, h, left) + answer_gain(other_g, other_h, right) -
	       answer_gain(looker->g, looker->h, bounded_answer(looker, looker->g, looker->h));
}

/* Cuts that may not be: sides of too few rows, or as bounded_gain says. */
static void limit_cuts(const struct looker *looker, const struct cut_list *list, int direction, double *gains)
{
	const struct look_leaf *leaf = looker->leaf;
	size_t n_left = 0, least = looker->rules->min_rows;
	bool bounded = direction != 0 || is_bounded(leaf);

	for (size_t i = 0; i < list->n_cuts; i++) {
		n_left += looker->counts[list->bins[i]];
		if (n_left < least || leaf->n - n_left < least)
			gains[i] = -INFINITY;
		else if (bounded && gains[i] > -INFINITY)
			gains[i] = bounded_gain(looker, looker->left_g[i], looker->left_h[i], direction);
	}
}

/* ---- choosing ---- */

struct feature_look { struct looker *looker; size_t feature; uint64_t chance; struct split *best; };

static bool is_levels(const struct feature_look *looking) { return looking->looker->rows->bins->features[looking->feature].n_levels > 0; }

/* What behind cut i goes left; what no row is in, too. */
static void note_split(const struct feature_look *looking, const struct cut_list *list, size_t i, double gain, int cut)
{
	const struct looker *looker = looking->looker;
	const struct feature_bins *bins = &looker->rows->bins->features[looking->feature];
	bool left_heavier = 2 * looker->left_h[i] > looker->h, missing = !is_levels(looking) && looker->counts[0] > 0;
	struct split *best = looking->best;

	*best = (struct split){ .gain = fmax(gain, NOTHING * looker->impurity), .feature = (uint32_t)looking->feature };
	if (!looker->rules->n_classes) {
		best->answers[0] = looker->mean + bounded_answer(looker, looker->left_g[i], looker->left_h[i]);
		best->answers[1] = looker->mean + bounded_answer(looker, looker->g - looker->left_g[i], looker->h - looker->left_h[i]);
	}
	if (!is_levels(looking)) {
		size_t low = list->bins[i], middle = i + 1 < list->n ? (low + list->bins[i + 1] - 1) / 2 : low;

		best->bin = (uint8_t)(cut >= 0 ? (size_t)cut : low == 0 ? 0 : middle);
		best->missing_right = missing ? list->bins[0] > 0 : !left_heavier;
		return;
	}
	best->by_level = true;
	for (size_t bin = 0; bin < bins->n_bins; bin++)
		if (looker->counts[bin] == 0 && left_heavier)
			level_set_add(&best->left_levels, bin);
	for (size_t place = 0; place <= i; place++)
		level_set_add(&best->left_levels, list->bins[place]);
}

static size_t below(uint64_t chance, size_t n) { return (size_t)((chance >> 32) * (uint64_t)n >> 32); }

/* The place in the list behind which it lies; of numbers also its bin. */
static size_t random_cut(const struct feature_look *looking, const struct cut_list *list, int *cut)
{
	size_t first = list->bins[0] == 0, low = list->bins[first], high = list->bins[list->n - 1], at = first;

	if (is_levels(looking))
		return below(looking->chance, list->n_cuts);
	if (low == high) {              /* but for missing ones */
		*cut = 0;
		return 0;
	}
	*cut = (int)(low + below(looking->chance, high - low));
	while (at + 1 < list->n && list->bins[at + 1] <= *cut)
		at++;
	return at;
}

static void try_cuts(const struct feature_look *looking, const struct cut_list *list)
{
	struct looker *looker = looking->looker;
	int direction = looker->monotone ? looker->monotone[looking->feature] : 0, cut = -1;
	size_t best = 0;

	if (looker->rules->n_classes)
		share_sums_cuts(&looker->classes, list->bins, list->n_cuts, looker->gains, looker->left_h);
	else
		number_cuts(looker, list);
	if (looker->rules->min_rows > 1 || direction != 0 || is_bounded(looker->leaf))
		limit_cuts(looker, list, direction, looker->gains);
	if (looker->rules->random)
		best = random_cut(looking, list, &cut);
	else
		for (size_t i = 1; i < list->n_cuts; i++)
			best = looker->gains[i] > looker->gains[best] ? i : best;
	if (looker->gains[best] > looking->best->gain || (looker->gains[best] > -NOTHING * looker->impurity && looking->best->gain == 0))
		note_split(looking, list, best, looker->gains[best], cut);
}

static double place_of_level(const struct feature_look *looking, uint8_t bin)
{
	const struct looker *looker = looking->looker;
	const double *of_bin = &looker->classes.table[bin * looker->rules->n_classes];
	double sum = 0;

	if (looker->rules->random)
		return (double)(hash_mix(looking->chance + bin) >> 11);
	if (!looker->rules->n_classes)
		return looker->sums[bin][0] / looker->sums[bin][1];
	for (size_t k = 0; k < looker->rules->n_classes; k++)
		sum += of_bin[k];
	return -of_bin[looker->classes.most] / sum;
}

static void order_levels(const struct feature_look *looking, struct cut_list *list)
{
	struct placed_level levels[MAX_BINS];

	for (size_t i = 0; i < list->n; i++)
		levels[i] = (struct placed_level){ place_of_level(looking, list->bins[i]), list->bins[i] };
	levels_sort(levels, list->n);
	for (size_t i = 0; i < list->n; i++)
		list->bins[i] = (uint8_t)levels[i].bin;
}

/* Whether the feature's rows are in two bins at least. */
static bool look_at_feature(const struct feature_look *looking)
{
	struct cut_list list, numbers;
	bool several;

	sum_rows(looking->looker, looking->feature, &list);
	several = list.n > 1;
	list.n_cuts = list.n - 1;
	if (several && is_levels(looking)) {
		order_levels(looking, &list);
		try_cuts(looking, &list);
	} else if (several) {
		try_cuts(looking, &list);
		if (list.bins[0] == 0 && list.n > 2) {          /* missing ones on the right, too */
			numbers.n = list.n - 1;
			numbers.n_cuts = list.n - 2;
			memcpy(numbers.bins, &list.bins[1], numbers.n);
			try_cuts(looking, &numbers);
		}
	}
	clear_sums(looking->looker, &list);
	return several;
}

void look(struct looker *looker, const struct look_leaf *leaf, struct split *best)
{
	const struct look_rules *rules = looker->rules;
	size_t n = looker->rows->grouping->n_features, looked = 0;
	struct feature_look looking = { .looker = looker, .chance = leaf->chance, .best = best };

	*best = (struct split){ .gain = 0 };
	looker->leaf = leaf;
	if (!(rules->n_classes ? see_classes(looker, leaf) : see_numbers(looker, leaf)))
		return;
	if (is_bounded(leaf))
		looker->impurity -= answer_gain(looker->g, looker->h, bounded_answer(looker, looker->g, looker->h));
	for (size_t i = 0; i < n && (looked < rules->columns || best->gain <= 0) && best->gain < WHOLE * looker->impurity; i++) {
		looking.chance = hash_mix(looking.chance + i);
		if (rules->columns != SIZE_MAX) {
			size_t other = i + below(looking.chance, n - i);
			uint32_t feature = looker->features[other];

			looker->features[other] = looker->features[i];
			looker->features[i] = feature;
		}
		looking.feature = looker->features[i];
		if (looker->interact && !(looker->interact[looking.feature] & leaf->interact))
			continue;
		looked += look_at_feature(&looking);
	}
}
