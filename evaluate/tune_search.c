/* SPDX-License-Identifier: MIT */
#include "tune_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "memory.h"

enum {
	MOST = 1000000,                 /* configurations of a grid */
	AT_ONCE = 1000,                 /* of a grid, or drawn: so the first are tried before the last are thought of */
	FACTOR = 3,                     /* of halving */
	FEWEST_ROWS = 200,              /* that halving begins with */
	GENERATION = 6, DIRECTIONS = 2, /* of the automatic search */
	TRIES = 20,                     /* of drawing one that is new */
	AT_A_TIME = 64,                 /* are looked at before it is asked whether to stop */
	MOST_NEEDED = 10000,            /* trials */
};
static const double STEP = 0.2, SHORTEST = 0.02, SHRINKS = 0.6;         /* in a cube of side 1; of sqrt(dimensions) */
static const double HOPE = 0.02;                /* of its score: what a family is thought to gain in a generation where no spread says it */

/* What is known of a family, in an automatic search. */
struct progress_of {
	size_t first, best;             /* trials with a score */
	size_t n, n_since;              /* trials; of them since the best */
	double step;
	bool tried, dry;
};

struct tune_search {
	struct search_options options;
	struct rng rng;
	struct names seen;              /* what they say, by name_of */
	uint64_t n_doubles, next;       /* next: of a grid */
	bool dry;                       /* of random: there are no more than were drawn */
	bool stopped;                   /* while the last generation was made */
	size_t first, n_last;           /* of the last generation */
	unsigned round, n_rounds;       /* of halving */
	struct progress_of *standings;
};

/* ---- trials ---- */

void trials_release(struct trials *trials)
{
	for (size_t i = 0; i < trials->n; i++) {
		struct trial *trial = &trials->items[i];

		point_release(&trial->point);
		names_release(&trial->words);
		free(trial->outcomes);
		free(trial->why);
	}
	free(trials->items);
	*trials = (struct trials){ .items = NULL };
}

const char *trial_value(const struct trial *trial, const char *key)
{
	const char *word = parameters_word(&trial->words, key);

	return word ? word + strlen(key) + 1 : NULL;
}

bool trial_is_better(const struct trial *one, const struct trial *other, const struct metric_kind *metric)
{
	if (isnan(one->score) || isnan(other->score))
		return !isnan(one->score);
	if (one->share != other->share)
		return one->share > other->share;
	return metric_gain(metric->better, one->score, other->score) > 0;
}

size_t trials_best(const struct trials *trials, const struct metric_kind *metric)
{
	size_t best = trials->n;

	for (size_t i = 0; i < trials->n; i++)
		if (!isnan(trials->items[i].score) && (best == trials->n || trial_is_better(&trials->items[i], &trials->items[best], metric)))
			best = i;
	return best;
}

size_t trials_first(const struct trials *trials, const struct metric_kind *metric, size_t most, size_t *first)
{
	size_t n = 0;

	for (size_t i = 0; i < trials->n; i++) {
		size_t at = n;

		if (isnan(trials->items[i].score))
			continue;
		while (at > 0 && trial_is_better(&trials->items[i], &trials->items[first[at - 1]], metric))
			at--;
		if (at == most)
			continue;
		n += n < most;
		memmove(&first[at + 1], &first[at], (n - at - 1) * sizeof *first);
		first[at] = i;
	}
	return n;
}

/* Merged bottom up, so that equal ones stay in the order of trying. */
size_t *trials_order(const struct trials *trials, const struct metric_kind *metric)
{
	size_t n = trials->n, *order = mem_array(n + 1, sizeof *order), *other = mem_array(n + 1, sizeof *other);

	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t width = 1; width < n; width *= 2) {
		for (size_t first = 0; first < n; first += 2 * width) {
			size_t middle = first + width < n ? first + width : n, end = first + 2 * width < n ? first + 2 * width : n, a = first, b = middle;

			for (size_t i = first; i < end; i++)
				other[i] = b == end || (a < middle && !trial_is_better(&trials->items[order[b]], &trials->items[order[a]], metric)) ? order[a++] : order[b++];
		}
		memcpy(order, other, n * sizeof *order);
	}
	free(other);
	return order;
}

/* ---- adding ---- */

static void add_trial(struct trials *trials, struct point *point, struct names *words, double share)
{
	array_grow(trials->items, trials->n, trials->room);
	trials->items[trials->n++] = (struct trial){ .point = *point, .words = *words, .share = share, .score = NAN, .spread = NAN };
	point->at = NULL;
	*words = (struct names){ .items = NULL };
}

/* What a configuration says in 128 bits of it: a million of them are kept. */
static char *name_of(const struct buffer *settled)
{
	XXH128_hash_t hash = XXH3_128bits(settled->data, settled->size);

	return mem_format("%016llx%016llx", (unsigned long long)hash.high64, (unsigned long long)hash.low64);
}

/* Takes the point over, unless something that says the same was tried. One that the family does not take is tried, and fails with its reason. */
static bool add_new(struct tune_search *search, struct trials *trials, struct point *point, double share)
{
	const struct space *space = search->options.space;
	struct buffer settled = BUFFER_INIT;
	struct names words = { .items = NULL };
	struct error ignored = ERROR_INIT;
	char *name;
	bool is_new;

	point_words(space, point, &words);
	if (words_settled(space->families[point->family].kind, &words, search->options.task, &settled, &ignored) < 0)
		for (size_t i = 0; i < words.n; i++)
			buffer_format(&settled, "%s ", words.items[i]);
	name = name_of(&settled);
	is_new = names_add_new(&search->seen, name);
	search->n_doubles += !is_new;
	if (is_new)
		add_trial(trials, point, &words, share);
	names_release(&words);
	point_release(point);
	buffer_free(&settled);
	free(name);
	return is_new;
}

/* ---- grid, random, halving ---- */

/* Whether to make no more of them. n_looked: at so many it was looked whether they are new. */
static bool is_stopped(struct tune_search *search, uint64_t n_looked)
{
	search->stopped = search->options.stop && n_looked > 0 && n_looked % AT_A_TIME == 0 && search->options.stop(search->options.state);
	return search->stopped;
}

/* So many more, at most. */
static void add_grid(struct tune_search *search, struct trials *trials, uint64_t most)
{
	uint64_t n = space_size(search->options.space), before = search->next;
	size_t first = trials->n;

	while (search->next < n && trials->n - first < most && !is_stopped(search, search->next - before)) {
		struct point point = space_grid(search->options.space, search->next++);

		add_new(search, trials, &point, 1);
	}
}

/* Of families in turn; one whose draws are all known already is left out. */
static void add_drawn(struct tune_search *search, struct trials *trials, uint64_t n)
{
	const struct space *space = search->options.space;
	size_t first = trials->n;
	uint64_t n_looked = 0;
	bool more = true;

	while (more && trials->n - first < n && !is_stopped(search, n_looked++)) {
		more = false;
		for (size_t f = 0; f < space->n && trials->n - first < n; f++)
			for (int i = 0; i < TRIES; i++) {
				struct point point = space_draw(space, f, &search->rng);

				if (add_new(search, trials, &point, 1)) {
					more = true;
					break;
				}
			}
	}
	search->n_doubles = 0;
	search->dry = !more;
}

/* Of each family as many. */
static uint64_t how_many(const struct tune_search *search, size_t n_before)
{
	uint64_t left = search->options.n - n_before, most = AT_ONCE - AT_ONCE % search->options.space->n;

	return left < most ? left : most;
}

static double share_of_round(const struct tune_search *search, unsigned round) { return pow(FACTOR, (double)round - (double)(search->n_rounds - 1)); }

/* As many rounds as leave one configuration, and the first some rows. */
static void plan_rounds(struct tune_search *search, size_t n)
{
	search->n_rounds = 1;
	while (n >= FACTOR && (double)search->options.n_train / pow(FACTOR, search->n_rounds) >= FEWEST_ROWS) {
		n /= FACTOR;
		search->n_rounds++;
	}
}

/* The best third of the last generation. */
static void add_survivors(struct tune_search *search, struct trials *trials)
{
	struct trials last = { .items = trials->items + search->first, .n = search->n_last };
	size_t *order = trials_order(&last, search->options.metric), n = (search->n_last + FACTOR - 1) / FACTOR;

	for (size_t i = 0; i < n; i++) {
		const struct trial *trial = &trials->items[search->first + order[i]];
		struct point point = point_copy(search->options.space, &trial->point);
		struct names words;

		if (isnan(trial->score)) {
			point_release(&point);
			break;
		}
		names_copy(&words, &trial->words);
		add_trial(trials, &point, &words, share_of_round(search, search->round));
	}
	free(order);
}

static void next_round(struct tune_search *search, struct trials *trials)
{
	if (search->round == 0) {
		if (search->options.n > 0)
			add_drawn(search, trials, search->options.n);
		else
			add_grid(search, trials, UINT64_MAX);
		plan_rounds(search, trials->n);
		for (size_t i = 0; i < trials->n; i++)
			trials->items[i].share = share_of_round(search, 0);
	} else if (search->round < search->n_rounds) {
		add_survivors(search, trials);
	}
	search->round++;
}

bool search_enlarge(struct tune_search *search, struct trials *trials)
{
	if (search->options.how != SEARCH_HALVING || search->round >= search->n_rounds)
		return false;
	for (size_t i = search->first; i < trials->n; i++)
		trials->items[i].share = share_of_round(search, search->round);
	search->round++;
	return true;
}

/* ---- automatic ---- */

static void look_back(struct tune_search *search, const struct trials *trials)
{
	const struct metric_kind *metric = search->options.metric;

	for (size_t f = 0; f < search->options.space->n; f++) {
		struct progress_of *standing = &search->standings[f];
		bool better = false, mine = false;

		for (size_t i = search->first; i < search->first + search->n_last; i++) {
			if (trials->items[i].point.family != f)
				continue;
			mine = true;
			standing->n++;
			standing->n_since++;
			if (isnan(trials->items[i].score) || (standing->tried && !trial_is_better(&trials->items[i], &trials->items[standing->best], metric)))
				continue;
			if (!standing->tried)
				standing->first = i;
			standing->best = i;
			standing->n_since = 0;
			better = standing->tried = true;
		}
		if (mine && !better)
			standing->step = standing->step < SHORTEST ? STEP : standing->step * SHRINKS;
	}
}

/* How many trials a family may need until it has something better than any: as many as it has had without gain, or as its pace takes to where
 * the best is. It is thought to have gained one deviation over folds more than it has. */
static double trials_needed(const struct tune_search *search, const struct trials *trials, const struct progress_of *standing, const struct trial *best)
{
	enum better better = search->options.metric->better;
	const struct trial *own = &trials->items[standing->best];
	double spread = isnan(own->spread) ? HOPE * fabs(own->score) : own->spread;
	double pace = (metric_gain(better, own->score, trials->items[standing->first].score) + spread) / (double)(standing->n > GENERATION ? standing->n : GENERATION);
	double gap = metric_gain(better, best->score, own->score), needed = GENERATION;

	if (gap > 0)
		needed = gap < pace * MOST_NEEDED ? gap / pace : MOST_NEEDED;
	if (needed < (double)standing->n_since)
		needed = (double)standing->n_since;
	return needed > GENERATION ? needed : GENERATION;
}

/* Of all families; equal ones: the first. */
static size_t best_of_all(const struct tune_search *search, const struct trials *trials)
{
	const struct metric_kind *metric = search->options.metric;
	size_t best = trials->n;

	for (size_t f = 0; f < search->options.space->n; f++) {
		const struct progress_of *standing = &search->standings[f];
		const struct trial *own = &trials->items[standing->best];

		if (standing->tried && (best == trials->n || trial_is_better(own, &trials->items[best], metric) ||
		                        (standing->best < best && !trial_is_better(&trials->items[best], own, metric))))
			best = standing->best;
	}
	return best;
}

/* By chance, in inverse proportion to that. Those that have nothing new to try are passed over. */
static size_t choose_family(struct tune_search *search, const struct trials *trials)
{
	const struct space *space = search->options.space;
	size_t best = best_of_all(search, trials), chosen = space->n;
	double total = 0;

	for (size_t f = 0; f < space->n; f++) {
		const struct progress_of *standing = &search->standings[f];
		double chance;

		if (!standing->tried || standing->dry)
			continue;
		chance = 1 / trials_needed(search, trials, standing, &trials->items[best]);
		total += chance;
		if (rng_unit(&search->rng) * total < chance)
			chosen = f;
	}
	return chosen;
}

static double normal(struct rng *rng)
{
	double u = 1 - rng_unit(rng), angle = rng_unit(rng);

	return sqrt(-2 * log(u)) * cos(2 * acos(-1) * angle);
}

/* A step from the family's best along a direction, and one against it. What leaves the cube comes back from the wall. */
static bool add_neighbours(struct tune_search *search, struct trials *trials, size_t family)
{
	const struct space *space = search->options.space;
	size_t n = space->families[family].n_axes;
	const struct progress_of *standing = &search->standings[family];
	double *direction = mem_array(n + 1, sizeof *direction), length = 0;
	bool added = false;

	for (size_t a = 0; a < n; a++) {
		direction[a] = normal(&search->rng);
		length += direction[a] * direction[a];
	}
	for (int sign = -1; sign <= 1 && trials->n < search->options.n; sign += 2) {
		struct point point = point_copy(space, &trials->items[standing->best].point);

		for (size_t a = 0; a < n; a++) {
			double at = point.at[a] + sign * standing->step * sqrt((double)n) * direction[a] / sqrt(length);

			at = fmod(fabs(at), 2);
			point.at[a] = at > 1 ? 2 - at : at;
		}
		added = add_new(search, trials, &point, 1) || added;
	}
	free(direction);
	return added;
}

static bool add_anywhere(struct tune_search *search, struct trials *trials, size_t family)
{
	for (int i = 0; i < TRIES && trials->n < search->options.n; i++) {
		struct point point = space_draw(search->options.space, family, &search->rng);

		if (add_new(search, trials, &point, 1))
			return true;
	}
	return false;
}

static void next_generation(struct tune_search *search, struct trials *trials)
{
	const struct space *space = search->options.space;
	size_t first = trials->n, family;

	if (first == 0) {
		for (size_t f = 0; f < space->n; f++) {
			struct point point = space_default(space, f);

			add_new(search, trials, &point, 1);
			search->standings[f].step = STEP;
			search->standings[f].dry = space->families[f].n_axes == 0;
		}
		return;
	}
	look_back(search, trials);
	while (trials->n == first && (family = choose_family(search, trials)) < space->n) {
		bool added = false;

		for (int i = 0; i < DIRECTIONS; i++)
			added = add_neighbours(search, trials, family) || added;
		for (int i = 2 * DIRECTIONS; i < GENERATION; i++)
			added = add_anywhere(search, trials, family) || added;
		search->standings[family].dry = !added;
	}
}

/* ---- the search ---- */

struct tune_search *search_new(const struct search_options *options, struct error *err)
{
	struct tune_search *search;

	if ((options->how == SEARCH_GRID || (options->how == SEARCH_HALVING && options->n == 0)) && space_size(options->space) > MOST) {
		error_set(err, STATUS_USAGE, "these are more than %d configurations (--random N draws some of them)", MOST);
		return NULL;
	}
	search = mem_new(1, sizeof *search);
	search->options = *options;
	search->standings = mem_new(options->space->n, sizeof *search->standings);
	rng_seed(&search->rng, (uint32_t)options->seed);
	return search;
}

size_t search_next(struct tune_search *search, struct trials *trials)
{
	const struct search_options *options = &search->options;
	size_t first = trials->n;

	search->stopped = false;
	if (options->how == SEARCH_HALVING)
		next_round(search, trials);
	else if (options->how == SEARCH_AUTOMATIC && (first == 0 || first < options->n))
		next_generation(search, trials);
	else if (options->how == SEARCH_GRID)
		add_grid(search, trials, AT_ONCE);
	else if (options->how == SEARCH_RANDOM && !search->dry && first < options->n)
		add_drawn(search, trials, how_many(search, first));
	search->first = first;
	search->n_last = trials->n - first;
	return search->n_last;
}

uint64_t search_size(const struct tune_search *search)
{
	uint64_t n = search->first + search->n_last, left = search->n_last;

	if (search->options.how == SEARCH_AUTOMATIC)
		return search->options.n > n ? search->options.n : n;
	if (search->options.how == SEARCH_GRID)
		return space_size(search->options.space) - search->n_doubles;
	if (search->options.how == SEARCH_RANDOM)
		return search->dry ? n : search->options.n;
	for (unsigned round = search->round; search->options.how == SEARCH_HALVING && round < search->n_rounds; round++)
		n += left = (left + FACTOR - 1) / FACTOR;
	return n;
}

bool search_stopped(const struct tune_search *search) { return search->stopped; }

uint64_t search_doubles(const struct tune_search *search)
{
	return search->options.how == SEARCH_AUTOMATIC ? 0 : search->n_doubles;
}

void search_free(struct tune_search *search)
{
	if (!search)
		return;
	names_release(&search->seen);
	free(search->standings);
	free(search);
}
