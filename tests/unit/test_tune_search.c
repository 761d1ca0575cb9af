/* SPDX-License-Identifier: MIT */
/* Which configurations a search tries: grids, draws, halving and the search by itself, with scores that are made up of the words. */
#include <stdlib.h>

#include "memory.h"
#include "number.h"
#include "tune_search.h"
#include "unit.h"

enum { MOST = 400 };

struct searched {
	struct space space;
	struct trials trials;
	size_t generations[MOST], n_generations;
};

static double value_of(const struct trial *trial, const char *key)
{
	double value = NAN;

	for (size_t i = 0; i < trial->words.n; i++) {
		const char *word = trial->words.items[i];

		if (strncmp(word, key, strlen(key)) == 0 && word[strlen(key)] == '=')
			CHECK(number_real_rounded(word + strlen(key) + 1, strlen(word + strlen(key) + 1), &value));
	}
	return value;
}

/* A valley: least at leaves=20, lr=0.1, colsample=0.7. */
static double valley(const struct trial *trial)
{
	double a = log(value_of(trial, "leaves") / 20), b = log(value_of(trial, "lr") / 0.1), c = value_of(trial, "colsample") - 0.7;

	return a * a + b * b + 4 * c * c;
}

static const char valley_words[] = "leaves=4..200 lr=0.005..1 colsample=0.2..1";

static double flat(const struct trial *trial) { (void)trial; return 1; }
static double by_leaves(const struct trial *trial) { return value_of(trial, "leaves"); }
/* Others than boost are far behind, and gain nothing; or not far. */
static double hopeless(const struct trial *trial) { return isnan(value_of(trial, "l2")) ? 1000 : 100 + by_leaves(trial); }
static double behind(const struct trial *trial) { return isnan(value_of(trial, "l2")) ? 107 : 106; }
static double none(const struct trial *trial) { (void)trial; return NAN; }

static void read_words(struct space *space, const char *models, const char *text, bool automatic)
{
	struct error err = ERROR_INIT;
	char *copy = mem_text(text);
	const char *words[8];
	struct text_list list = { .items = words };
	struct space_options options = { .models = models, .words = &list, .task = TASK_REGRESSION, .automatic = automatic };

	for (char *at = copy; *at;) {
		size_t size = strcspn(at, " ");
		bool last = !at[size];

		at[size] = '\0';
		words[list.n++] = at;
		at += size + !last;
	}
	CHECK(space_read(space, &options, &err) == 0);
	free(copy);
}

static struct tune_search *begin(struct searched *searched, const char *models, const char *words, enum search_how how, uint64_t n, uint64_t n_train,
                                 uint64_t seed)
{
	struct error err = ERROR_INIT;
	struct search_options options = { .space = &searched->space, .metric = metric_require("rmse", &err), .task = TASK_REGRESSION, .how = how, .n = n,
	                                  .n_train = n_train, .seed = seed };

	*searched = (struct searched){ .n_generations = 0 };
	read_words(&searched->space, models, words, how == SEARCH_AUTOMATIC);
	return search_new(&options, &err);
}

static void run(struct searched *searched, struct tune_search *search, double (*score)(const struct trial *))
{
	size_t n;

	while (searched->n_generations < MOST && (n = search_next(search, &searched->trials)) > 0) {
		for (size_t i = searched->trials.n - n; i < searched->trials.n; i++)
			searched->trials.items[i].score = score(&searched->trials.items[i]);
		searched->generations[searched->n_generations++] = n;
	}
}

static void release(struct searched *searched)
{
	trials_release(&searched->trials);
	space_release(&searched->space);
}

static void search_once(struct searched *searched, const char *models, const char *words, enum search_how how, uint64_t n, uint64_t n_train, uint64_t seed,
                        double (*score)(const struct trial *))
{
	struct tune_search *search = begin(searched, models, words, how, n, n_train, seed);

	CHECK(search != NULL);
	if (search)
		run(searched, search, score);
	search_free(search);
}

static void print_words(const struct trial *trial, struct buffer *to)
{
	for (size_t i = 0; i < trial->words.n; i++)
		buffer_format(to, " %s", trial->words.items[i]);
}

static bool same_words(const struct trial *one, const struct trial *other)
{
	struct buffer a = BUFFER_INIT, b = BUFFER_INIT;
	bool same;

	print_words(one, &a);
	print_words(other, &b);
	same = one->point.family == other->point.family && strcmp(buffer_text(&a), buffer_text(&b)) == 0;
	buffer_free(&a);
	buffer_free(&b);
	return same;
}

static size_t count_repeats(const struct searched *searched)
{
	size_t n = 0;

	for (size_t i = 0; i < searched->trials.n; i++)
		for (size_t k = 0; k < i; k++)
			n += same_words(&searched->trials.items[i], &searched->trials.items[k]);
	return n;
}

static double best_score(const struct searched *searched)
{
	struct error err = ERROR_INIT;

	return searched->trials.items[trials_best(&searched->trials, metric_require("rmse", &err))].score;
}

static void test_grid(void)
{
	struct searched searched;
	struct tune_search *search;

	TEST("a grid is tried at once and whole, what says the same but once");
	search = begin(&searched, "boost", "leaves=4,31 loss=squared,absolute", SEARCH_GRID, 0, 1000, 1);
	run(&searched, search, flat);
	CHECK(searched.n_generations == 1 && searched.trials.n == 4 && search_size(search) == 4 && search_doubles(search) == 0);
	search_free(search);
	release(&searched);
	search = begin(&searched, "boost", "lr=0.1,1e-1,0.10,0.2", SEARCH_GRID, 0, 1000, 1);
	run(&searched, search, flat);
	CHECK(searched.trials.n == 2 && search_doubles(search) == 2);
	search_free(search);
	release(&searched);

	TEST("one that no family could search is refused");
	search = begin(&searched, "boost", "leaves=2,3,4,5,6,7,8,9,10,11 depth=1,2,3,4,5,6,7,8,9,10 max_bins=10,11,12,13,14,15,16,17,18,19 "
	               "min_child_samples=1,2,3,4,5,6,7,8,9,10 cat_l2=1,2,3,4,5,6,7,8,9,10 cat_smooth=1,2,3,4,5,6,7,8,9,10 min_gain=0,1", SEARCH_GRID, 0, 1000, 1);
	CHECK(search == NULL);
	search_free(search);
	release(&searched);
}

static void test_random(void)
{
	struct searched searched, again, other;

	TEST("so many by chance, of each family alike, none twice");
	search_once(&searched, "boost,forest", "boost.leaves=4..64 min_samples_leaf=1..50", SEARCH_RANDOM, 20, 1000, 1, flat);
	CHECK(searched.n_generations == 1 && searched.trials.n == 20 && count_repeats(&searched) == 0);
	for (size_t f = 0, n = 0; f < 2; f++, n = 0) {
		for (size_t i = 0; i < searched.trials.n; i++)
			n += searched.trials.items[i].point.family == f;
		CHECK(n == 10);
	}
	TEST("the same for the same seed, others for another");
	search_once(&again, "boost,forest", "boost.leaves=4..64 min_samples_leaf=1..50", SEARCH_RANDOM, 20, 1000, 1, flat);
	search_once(&other, "boost,forest", "boost.leaves=4..64 min_samples_leaf=1..50", SEARCH_RANDOM, 20, 1000, 2, flat);
	for (size_t i = 0, n = 0; i < 20; i++) {
		n += same_words(&searched.trials.items[i], &other.trials.items[i]);
		CHECK(same_words(&searched.trials.items[i], &again.trials.items[i]) && n < 10);
	}
	release(&searched);
	release(&again);
	release(&other);
	TEST("no more than there are");
	search_once(&searched, "boost", "leaves=4,8,16", SEARCH_RANDOM, 20, 1000, 1, flat);
	CHECK(searched.trials.n == 3 && count_repeats(&searched) == 0);
	release(&searched);
	TEST("a thousand at a time, so that the first are tried before the last are drawn");
	search_once(&searched, "boost,forest", "boost.leaves=4..64 lr=0.001..1 max_samples=0.001..1", SEARCH_RANDOM, 2500, 1000, 1, flat);
	CHECK(searched.n_generations == 3 && searched.trials.n == 2500 && count_repeats(&searched) == 0);
	release(&searched);
	search_once(&searched, "boost", "leaves=2,3,4,5,6,7,8,9,10,11,12 depth=1,2,3,4,5,6,7,8,9,10 min_child_samples=1,2,3,4,5,6,7,8,9,10", SEARCH_GRID, 0, 1000, 1, flat);
	CHECK(searched.n_generations == 2 && searched.trials.n == 1100 && count_repeats(&searched) == 0);
	release(&searched);
}

static void test_halving(void)
{
	struct searched searched;
	struct tune_search *search;
	const struct trial *items;

	TEST("halving: a third of them, the best, on three times the rows");
	search_once(&searched, "boost", "leaves=2..400", SEARCH_HALVING, 27, 200 * 27, 3, by_leaves);
	CHECK(searched.n_generations == 4 && searched.generations[0] == 27 && searched.generations[1] == 9 && searched.generations[2] == 3 &&
	      searched.generations[3] == 1);
	items = searched.trials.items;
	CHECK_NEAR(items[0].share, 1.0 / 27, 1e-12);
	CHECK_NEAR(items[27].share, 1.0 / 9, 1e-12);
	CHECK_NEAR(items[36].share, 1.0 / 3, 1e-12);
	CHECK(items[39].share == 1);
	for (size_t i = 0; i < 27; i++) {       /* the nine that stay are the least, in order */
		size_t n_less = 0;

		for (size_t k = 0; k < 27; k++)
			n_less += items[k].score < items[i].score;
		if (n_less < 9)
			CHECK(same_words(&items[i], &items[27 + n_less]));
	}
	CHECK(same_words(&items[27], &items[39]));
	release(&searched);

	TEST("it begins with 200 rows, and never tries more often than that bears");
	search_once(&searched, "boost", "leaves=2..400", SEARCH_HALVING, 27, 200 * 3, 3, by_leaves);
	CHECK(searched.n_generations == 2 && searched.generations[1] == 9);
	CHECK_NEAR(searched.trials.items[0].share, 1.0 / 3, 1e-12);
	release(&searched);
	search_once(&searched, "boost", "leaves=2,4,8", SEARCH_HALVING, 0, 300, 3, by_leaves);
	CHECK(searched.n_generations == 1 && searched.trials.items[0].share == 1);
	release(&searched);

	TEST("where the first rows teach nothing it begins with those of the next round");
	search = begin(&searched, "boost", "leaves=2..400", SEARCH_HALVING, 27, 200 * 27, 3);
	CHECK(search_next(search, &searched.trials) == 27 && search_enlarge(search, &searched.trials));
	CHECK_NEAR(searched.trials.items[0].share, 1.0 / 9, 1e-12);
	CHECK_NEAR(searched.trials.items[26].share, 1.0 / 9, 1e-12);
	CHECK(search_size(search) == 27 + 9 + 3);
	for (size_t i = 0; i < 27; i++)
		searched.trials.items[i].score = 1;
	run(&searched, search, flat);
	CHECK(searched.n_generations == 2 && searched.generations[0] == 9 && searched.generations[1] == 3);
	CHECK_NEAR(searched.trials.items[27].share, 1.0 / 3, 1e-12);
	CHECK(searched.trials.items[36].share == 1);
	search_free(search);
	release(&searched);
	search = begin(&searched, "boost", "leaves=2,4,8", SEARCH_HALVING, 0, 200 * 3, 3);
	CHECK(search_next(search, &searched.trials) == 3 && search_enlarge(search, &searched.trials) && searched.trials.items[2].share == 1);
	CHECK(!search_enlarge(search, &searched.trials) && search_next(search, &searched.trials) == 0);
	search_free(search);
	release(&searched);

	TEST("where none has a score it is over");
	search_once(&searched, "boost", "leaves=2..400", SEARCH_HALVING, 9, 20000, 3, none);
	CHECK(searched.n_generations == 1);
	release(&searched);
}

static bool no_more(void *state)
{
	++*(int *)state;
	return true;
}

/* What is made is bounded by who looks at the clock, not by what was asked for. */
static void test_stop(void)
{
	static const enum search_how hows[] = { SEARCH_HALVING, SEARCH_RANDOM, SEARCH_HALVING, SEARCH_GRID };
	struct error err = ERROR_INIT;
	int n_asked = 0;
	struct searched searched = { .n_generations = 0 };
	struct search_options options = { .metric = metric_require("rmse", &err), .task = TASK_REGRESSION, .how = SEARCH_GRID, .n_train = 1000, .seed = 1,
	                                  .stop = no_more, .state = &n_asked };
	struct tune_search *search;

	TEST("many configurations are not made when nobody wants them any more");
	for (int i = 0; i < 4; i++) {
		n_asked = 0;
		options.space = &searched.space;
		options.how = hows[i];
		options.n = i < 2 ? 100000 : 0;
		options.n_train = 1000000;
		read_words(&searched.space, "boost", i < 2 ? "leaves=2..4000 lr=0.001..1" : "leaves=2,3,4,5,6,7,8,9 depth=1,2,3,4,5,6,7,8 l2=1,2,3,4,5", false);
		search = search_new(&options, &err);
		CHECK(search_next(search, &searched.trials) == 64 && n_asked == 1);
		search_free(search);
		release(&searched);
	}

	TEST("also where all say the same as the first: then the search is not over");
	n_asked = 0;
	options.how = SEARCH_GRID;
	options.n = 0;
	read_words(&searched.space, "svm", "kernel=linear degree=1,2,3,4,5,6,7,8,9,10 coef0=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19", false);
	search = search_new(&options, &err);
	CHECK(search_next(search, &searched.trials) == 1 && n_asked == 1 && search_stopped(search));
	CHECK(search_next(search, &searched.trials) == 0 && n_asked == 2 && search_stopped(search));
	CHECK(search_next(search, &searched.trials) == 0 && n_asked == 3 && search_stopped(search));
	CHECK(search_next(search, &searched.trials) == 0 && !search_stopped(search) && search_doubles(search) == 199);
	search_free(search);
	release(&searched);
}

static void test_automatic(void)
{
	struct searched searched, again, drawn;
	double found = 0, chance = 0;

	TEST("a search by itself: first each family as it is, the same for the same scores, nothing twice, no more than asked for");
	search_once(&searched, "boost,forest,knn", "max_bins=64", SEARCH_AUTOMATIC, 50, 1000, 5, flat);
	CHECK(searched.generations[0] == 3 && searched.trials.n == 50 && count_repeats(&searched) == 0);
	for (size_t f = 0; f < 3; f++)
		CHECK(searched.trials.items[f].point.family == f && searched.trials.items[f].share == 1);
	search_once(&again, "boost,forest,knn", "max_bins=64", SEARCH_AUTOMATIC, 50, 1000, 5, flat);
	for (size_t i = 0; i < 50; i++)
		CHECK(same_words(&searched.trials.items[i], &again.trials.items[i]));
	release(&again);
	release(&searched);

	TEST("what there is is tried, and then it ends");
	search_once(&searched, "knn", "n_neighbors=3,5,7", SEARCH_AUTOMATIC, 50, 1000, 5, flat);
	CHECK(searched.trials.n >= 3 && searched.trials.n <= 6 && count_repeats(&searched) == 0);
	release(&searched);
	search_once(&searched, "baseline", "", SEARCH_AUTOMATIC, 50, 1000, 5, flat);
	CHECK(searched.trials.n == 1);
	release(&searched);
	search_once(&searched, "boost,forest", "", SEARCH_AUTOMATIC, 50, 1000, 5, none);
	CHECK(searched.trials.n == 2);
	release(&searched);

	TEST("it comes nearer to the bottom of a valley than as many draws");
	for (uint64_t seed = 1; seed <= 10; seed++) {
		search_once(&searched, "boost", valley_words, SEARCH_AUTOMATIC, 60, 1000, seed, valley);
		search_once(&drawn, "boost", valley_words, SEARCH_RANDOM, 60, 1000, seed, valley);
		CHECK(searched.trials.n == 60 && drawn.trials.n == 60);
		found += log(best_score(&searched) + 1e-6) / 10;
		chance += log(best_score(&drawn) + 1e-6) / 10;
		release(&searched);
		release(&drawn);
	}
	CHECK(found < chance - log(2));
	CHECK(found < log(0.05));
}

static size_t count_family(const struct searched *searched, size_t family)
{
	size_t n = 0;

	for (size_t i = 0; i < searched->trials.n; i++)
		n += searched->trials.items[i].point.family == family;
	return n;
}

static void test_families(void)
{
	struct searched searched;

	TEST("what can't catch up is tried little, what nearly leads much more");
	for (uint64_t seed = 1; seed <= 5; seed++) {
		search_once(&searched, "boost,forest", "boost.leaves=2..64 boost.l2=0.1..10", SEARCH_AUTOMATIC, 100, 1000, seed, hopeless);
		CHECK(searched.trials.n == 100 && count_family(&searched, 1) <= 20);
		release(&searched);
		search_once(&searched, "boost,forest", "boost.leaves=2..64 boost.l2=0.1..10", SEARCH_AUTOMATIC, 100, 1000, seed, behind);
		CHECK(searched.trials.n == 100 && count_family(&searched, 1) >= 24);
		release(&searched);
	}
}

static void test_order(void)
{
	struct error err = ERROR_INIT;
	struct trial items[] = { { .score = 2, .share = 0.5 }, { .score = 3, .share = 1 }, { .score = NAN, .share = 1 }, { .score = 3, .share = 1 },
	                         { .score = 1, .share = 0.5 }, { .score = 4, .share = 1 }, { .score = NAN, .share = 0.5 } };
	const struct trials trials = { .items = items, .n = sizeof items / sizeof *items };
	static const size_t low[] = { 1, 3, 5, 4, 0, 2, 6 }, high[] = { 5, 1, 3, 0, 4, 2, 6 };

	TEST("the best on most rows comes first, equal ones as they came, those without a score last");
	for (int way = 0; way < 2; way++) {
		const struct metric_kind *metric = metric_require(way ? "r2" : "rmse", &err);
		size_t *order = trials_order(&trials, metric);

		for (size_t i = 0; i < trials.n; i++)
			CHECK(order[i] == (way ? high : low)[i]);
		CHECK(trials_best(&trials, metric) == order[0]);
		for (size_t most = 0; most <= trials.n; most++) {
			size_t first[8];

			CHECK(trials_first(&trials, metric, most, first) == (most < 5 ? most : 5));
			CHECK(memcmp(first, order, (most < 5 ? most : 5) * sizeof *first) == 0);
		}
		free(order);
	}
}

int main(void)
{
	test_grid();
	test_random();
	test_halving();
	test_stop();
	test_automatic();
	test_families();
	test_order();
	return unit_done();
}
