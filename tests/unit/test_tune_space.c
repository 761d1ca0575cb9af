/* SPDX-License-Identifier: MIT */
/* Words of a search: what is one value, a list, a range, and for which families; the order of a grid; where defaults lie; what says the same. */
#include <stdlib.h>

#include "memory.h"
#include "tune_space.h"
#include "unit.h"

enum { MOST_WORDS = 8 };

/* A space of words parted by blanks, and what went wrong. */
struct read { struct space space; struct error err; int result; const char *words[MOST_WORDS]; char *text; struct text_list list; };

static void read_space(struct read *read, const char *models, const char *text, enum task task, bool automatic)
{
	struct space_options options = { .models = models, .words = &read->list, .task = task, .automatic = automatic };
	char *at;

	*read = (struct read){ .err = ERROR_INIT, .text = mem_text(text) };
	read->list.items = read->words;
	for (at = read->text; *at && read->list.n < MOST_WORDS;) {
		read->words[read->list.n++] = at;
		at += strcspn(at, " ");
		if (*at)
			*at++ = '\0';
	}
	read->result = space_read(&read->space, &options, &read->err);
}

static void release(struct read *read)
{
	space_release(&read->space);
	free(read->text);
}

/* All configurations of a grid, "boost a=1 b=2; boost a=1 b=3", at most as the space numbers them. */
static void print_grid(const struct space *space, struct buffer *to)
{
	buffer_clear(to);
	for (uint64_t i = 0; i < space_size(space); i++) {
		struct point point = space_grid(space, i);
		struct names words = { .items = NULL };

		point_words(space, &point, &words);
		buffer_format(to, "%s%s", i ? "; " : "", space->families[point.family].kind->name);
		for (size_t w = 0; w < words.n; w++)
			buffer_format(to, " %s", words.items[w]);
		names_release(&words);
		point_release(&point);
	}
}

static void check_grid(const char *models, const char *text, enum task task, const char *expected)
{
	struct buffer said = BUFFER_INIT;
	struct read read;

	read_space(&read, models, text, task, false);
	CHECK_TEXT(read.err.message, "");
	CHECK(read.result == 0);
	if (read.result == 0) {
		print_grid(&read.space, &said);
		CHECK_TEXT(buffer_text(&said), expected);
	}
	buffer_free(&said);
	release(&read);
}

static void check_refused(const char *models, const char *text, enum task task, const char *expected)
{
	struct read read;

	read_space(&read, models, text, task, false);
	CHECK(read.result < 0 && read.err.code == STATUS_USAGE);
	CHECK_TEXT(read.err.message, expected);
	release(&read);
}

static void test_words(void)
{
	TEST("a value is fixed, a list is an axis; the last axis goes first");
	check_grid("knn", "y n_neighbors=3", TASK_REGRESSION, "knn n_neighbors=3");
	check_grid("knn", "n_neighbors=3,5 weights=uniform,distance", TASK_REGRESSION,
	           "knn n_neighbors=3 weights=uniform; knn n_neighbors=3 weights=distance; knn n_neighbors=5 weights=uniform; knn n_neighbors=5 weights=distance");
	TEST("fixed words come first, and a target is none");
	check_grid("knn", "n_neighbors=3,5 price weights=distance", TASK_REGRESSION, "knn weights=distance n_neighbors=3; knn weights=distance n_neighbors=5");
	TEST("a key is for each family that has it, FAMILY.KEY for one");
	check_grid("boost,forest", "max_bins=16,32 forest.trees=5", TASK_REGRESSION,
	           "boost max_bins=16; boost max_bins=32; forest trees=5 max_bins=16; forest trees=5 max_bins=32");
	check_grid("boost,forest", "boost.leaves=4,8 trees=5", TASK_REGRESSION, "boost leaves=4; boost leaves=8; forest trees=5");
	check_grid("linear,boost", "linear.alpha=0,1 boost.alpha=0.1,0.9 boost.loss=quantile", TASK_REGRESSION,
	           "linear alpha=0; linear alpha=1; boost alpha=0.1,0.9 loss=quantile");
	TEST("what the family takes whole is one value, with commas in it; | parts such values");
	check_grid("boost", "loss=quantile alpha=0.1,0.9", TASK_REGRESSION, "boost loss=quantile alpha=0.1,0.9");
	check_grid("boost", "loss=quantile alpha=0.1,0.9|0.5", TASK_REGRESSION, "boost loss=quantile alpha=0.1,0.9; boost loss=quantile alpha=0.5");
	check_grid("boost", "monotone=km:1,items:-1", TASK_REGRESSION, "boost monotone=km:1,items:-1");
	check_grid("logistic", "class_weight=balanced", TASK_CLASSIFICATION, "logistic class_weight=balanced");
	TEST("a text that may be a number is parted, too");
	check_grid("logistic", "C=0.1,1,inf", TASK_CLASSIFICATION, "logistic C=0.1; logistic C=1; logistic C=inf");
	check_grid("forest", "max_features=sqrt,0.5,3", TASK_REGRESSION, "forest max_features=sqrt; forest max_features=0.5; forest max_features=3");
	check_grid("mlp", "hidden=8,16x8", TASK_REGRESSION, "mlp hidden=8; mlp hidden=16x8");
	TEST("a range stands in its middle: of the logarithm, where it is above 0; whole, where nothing else is taken");
	check_grid("linear", "alpha=0.01..100", TASK_REGRESSION, "linear alpha=1");
	check_grid("mlp", "dropout=0..0.5", TASK_REGRESSION, "mlp dropout=0.25");
	check_grid("boost", "leaves=4..64", TASK_REGRESSION, "boost leaves=16");
	check_grid("logistic", "C=0.1..1000", TASK_CLASSIFICATION, "logistic C=10");
	check_grid("svm", "C=1e-300..1e300", TASK_REGRESSION, "svm C=1");
	check_grid("mlp", "hidden=7..80", TASK_REGRESSION, "mlp hidden=24");
	check_grid("forest", "max_features=0.1..0.9", TASK_REGRESSION, "forest max_features=0.3");
}

static void test_refused(void)
{
	TEST("what can't be is a usage error that says what");
	check_refused("boosst", "y", TASK_REGRESSION, "no model 'boosst' (did you mean 'boost'?)");
	check_refused("boost,boost", "y", TASK_REGRESSION, "--model: 'boost' is named twice");
	check_refused("kmeans", "k=2,3", TASK_REGRESSION, "model 'kmeans' learns without a target, and nothing says which clusters are better");
	check_refused("boost", "leavs=3", TASK_REGRESSION, "model 'boost': no option 'leavs' (did you mean 'leaves'?)");
	check_refused("linear,boost,forest", "leavs=3", TASK_REGRESSION, "models 'linear' to 'forest', 3 of them: no option 'leavs' (did you mean 'leaves'?)");
	check_refused("boost", "forest.trees=3", TASK_REGRESSION, "'forest.trees=3': model 'forest' is not searched (--model names those that are)");
	check_refused("boost", "leaves=4 leaves=8", TASK_REGRESSION, "leaves is given twice for model 'boost'");
	check_refused("boost", "leaves=4,4", TASK_REGRESSION, "leaves=: '4' is given twice");
	check_refused("boost", "leaves=4,,8", TASK_REGRESSION, "model 'boost': leaves: '' is not a whole number");
	check_refused("boost", "leaves=", TASK_REGRESSION, "model 'boost': leaves: '' is not a whole number");
	check_refused("boost", "leaves=8..4", TASK_REGRESSION, "leaves=: a range is low..high");
	check_refused("boost", "lr=-1..1", TASK_REGRESSION, "model 'boost': lr: '-1' is not between 1e-09 and 10");
	check_refused("logistic", "C=x,2", TASK_CLASSIFICATION, "model 'logistic': C: 'x' is no number above 0 (inf: no penalty)");
	check_refused("logistic", "C=-1,2", TASK_CLASSIFICATION, "model 'logistic': C: '-1' is no number above 0 (inf: no penalty)");
	check_refused("linear,boost", "alpha=0,0.5", TASK_REGRESSION,
	              "model 'boost': alpha: '0' is no list of quantiles, ascending, between 0 and 1 (such as 0.1,0.5,0.9); linear.alpha= is for one family");
}

static int words_alone(const char *models, const char *text, struct error *err)
{
	struct text_list list = { .items = &text, .n = 1 };
	struct space space;
	int result;

	*err = (struct error)ERROR_INIT;
	result = space_words(&space, models, &list, err);
	space_release(&space);
	return result;
}

static void test_words_alone(void)
{
	struct error err;

	TEST("words alone: right for one task, and taken by each family");
	CHECK(words_alone("linear", "alpha=0,1", &err) == 0);
	CHECK(words_alone("logistic", "C=0.1,1", &err) == 0);
	CHECK(words_alone(NULL, "leaves=4,8", &err) == 0);
	CHECK(words_alone("logistic", "alpha=1", &err) < 0);
	CHECK_TEXT(err.message, "model 'logistic': no option 'alpha' (--model linear has it)");
	CHECK(words_alone("logistic", "C=", &err) < 0 && err.code == STATUS_USAGE);
	CHECK_TEXT(err.message, "model 'logistic': C: '' is no number above 0 (inf: no penalty)");
	CHECK(words_alone("knn", "metric=cosine", &err) == 0);
}

static void test_points(void)
{
	struct buffer said = BUFFER_INIT;
	struct rng rng;
	struct read read;
	struct point point;
	struct names words = { .items = NULL };
	size_t n_of[3] = { 0 };

	TEST("a search by itself has what the words say, and beside them what the family says");
	read_space(&read, "knn", "n_neighbors=5", TASK_REGRESSION, true);
	CHECK(read.result == 0 && read.space.n == 1 && !read.space.lists && !read.space.ranges);
	CHECK(read.space.families[0].n_axes == 1 && strcmp(read.space.families[0].axes[0].key, "weights") == 0 && read.space.families[0].axes[0].own);
	release(&read);

	TEST("a family says where it begins, where its default is not among what is searched");
	read_space(&read, "mlp", "", TASK_REGRESSION, true);
	CHECK(read.result == 0);
	point = space_default(&read.space, 0);
	point_words(&read.space, &point, &words);
	CHECK(words.n == 4 && strcmp(words.items[0], "hidden=64") == 0 && strcmp(words.items[1], "lr=0.002") == 0 && strcmp(words.items[2], "dropout=0") == 0);
	point_release(&point);
	names_release(&words);
	release(&read);

	TEST("the default of a list, of a choice, of a range");
	read_space(&read, "knn", "n_neighbors=3,5,9,17 weights=distance,uniform p=1..4", TASK_REGRESSION, false);
	CHECK(read.result == 0 && read.space.lists && read.space.ranges);
	point = space_default(&read.space, 0);
	CHECK_NEAR(point.at[0], 1.5 / 4, 1e-12);
	CHECK_NEAR(point.at[1], 1.5 / 2, 1e-12);
	CHECK_NEAR(point.at[2], 0.5, 1e-12);            /* 2 of 1..4, by the logarithm */
	point_release(&point);

	TEST("draws fall evenly on the values of a list, and within a range");
	rng_seed(&rng, 7);
	for (int i = 0; i < 3000; i++) {
		point = space_draw(&read.space, 0, &rng);
		n_of[point.at[0] < 0.25 ? 0 : point.at[0] < 0.5 ? 1 : 2]++;
		CHECK(point.at[2] >= 0 && point.at[2] < 1);
		point_release(&point);
	}
	CHECK(n_of[0] > 650 && n_of[0] < 850 && n_of[1] > 650 && n_of[1] < 850 && n_of[2] > 1400 && n_of[2] < 1600);
	release(&read);

	TEST("ends of a range are reached, and nothing beyond");
	read_space(&read, "boost", "leaves=4..64 lr=0.01..0.3", TASK_REGRESSION, false);
	point = space_grid(&read.space, 0);
	for (int end = 0; end < 2; end++) {
		point.at[0] = point.at[1] = end ? 1 : 0;
		point_words(&read.space, &point, &words);
		buffer_format(&said, "%s %s;", words.items[0], words.items[1]);
		names_release(&words);
	}
	CHECK_TEXT(buffer_text(&said), "leaves=4 lr=0.01;leaves=64 lr=0.3;");
	point_release(&point);
	release(&read);

	TEST("how many there are, of all families");
	read_space(&read, "boost,forest", "boost.leaves=2,3,4,5 lr=0.1,0.2,0.3 trees=7,8", TASK_REGRESSION, false);
	CHECK(read.result == 0 && space_size(&read.space) == 14);
	release(&read);
	buffer_free(&said);
}

static bool same(const struct model_kind *kind, const char *one, const char *other)
{
	struct buffer settled[2] = { BUFFER_INIT, BUFFER_INIT };
	const char *texts[2] = { one, other };
	struct error err = ERROR_INIT;
	bool equal;

	for (int i = 0; i < 2; i++) {
		struct names words = { .items = NULL };
		char *text = mem_text(texts[i]);

		for (char *at = text; *at;) {
			size_t size = strcspn(at, " ");
			bool last = !at[size];

			at[size] = '\0';
			names_add(&words, at);
			at += size + !last;
		}
		CHECK(words_settled(kind, &words, TASK_REGRESSION, &settled[i], &err) == 0);
		names_release(&words);
		free(text);
	}
	equal = settled[0].size == settled[1].size && memcmp(settled[0].data, settled[1].data, settled[0].size) == 0;
	buffer_free(&settled[0]);
	buffer_free(&settled[1]);
	return equal;
}

static void test_settled(void)
{
	const struct model_kind *boost = model_find("boost"), *knn = model_find("knn");

	TEST("equal configurations say the same, in whatever words");
	CHECK(same(boost, "leaves=31", ""));
	CHECK(same(boost, "lr=0.05 leaves=8", "leaves=8 lr=5e-2"));
	CHECK(same(knn, "n_neighbors=7 weights=uniform", "n_neighbors=7"));
	TEST("others do not");
	CHECK(!same(boost, "leaves=31", "leaves=32"));
	CHECK(!same(boost, "loss=quantile alpha=0.1,0.9", "loss=quantile alpha=0.1"));
	CHECK(!same(knn, "weights=distance", ""));
}

int main(void)
{
	test_words();
	test_refused();
	test_words_alone();
	test_points();
	test_settled();
	return unit_done();
}
