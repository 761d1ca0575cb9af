/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "memory.h"
#include "requirement.h"
#include "unit.h"

static void check_refused(const char *conditions, const char *message)
{
	struct requirements requirements = { .items = NULL };
	struct error err = ERROR_INIT;

	CHECK(requirements_read(&requirements, conditions, &err) < 0 && err.code == STATUS_USAGE);
	CHECK_TEXT(err.message, message);
	requirements_release(&requirements);
}

static void test_reading(void)
{
	struct requirements r = { .items = NULL };
	struct item_lists within = { .lists = NULL };
	struct error err = ERROR_INIT;

	TEST("conditions: splits, brackets, per cent, blanks");
	CHECK(requirements_read(&r, "r2>=0.59, mae<5,valid.rmse <= 1e1 , recall[a, [b]]>80%, within[10%]==.5,test.auc>-1", &err) == 0);
	CHECK(r.n == 6);
	CHECK(r.items[0].comparison == AT_LEAST && r.items[0].bound == 0.59 && r.items[0].split == N_SPLITS && !r.items[0].item);
	CHECK_TEXT(r.items[0].text, "r2>=0.59");
	CHECK(r.items[1].comparison == BELOW && r.items[1].bound == 5);
	CHECK(r.items[2].split == SPLIT_VALID && r.items[2].comparison == AT_MOST && r.items[2].bound == 10);
	CHECK_TEXT(r.items[3].item, "a, [b]");
	CHECK(r.items[3].comparison == ABOVE && r.items[3].bound == 0.8);
	CHECK_TEXT(r.items[4].item, "10%");
	CHECK(r.items[4].comparison == EQUAL && r.items[5].split == SPLIT_TEST && r.items[5].bound == -1);

	TEST("tolerances of conditions are measured");
	CHECK(requirements_items(&r, &within, &err) == 0 && within.n == 1 && within.lists[0].items[0].percent);
	items_release(&within);
	requirements_release(&r);

	TEST("conditions that are none");
	check_refused("r3>0", "--require 'r3>0': no metric 'r3' (did you mean 'r2'?)");
	check_refused("tset.r2>0", "--require 'tset.r2>0': no split 'tset' (did you mean 'test'?)");
	check_refused("r2=>0", "--require 'r2=>0': expected one of >= <= > < == behind 'r2'");
	check_refused("r2>0.5x", "--require 'r2>0.5x': expected a number, such as 0.8 or 80%, behind '>'");
	check_refused("r2>0.5 mae<3", "--require 'r2>0.5 mae<3': expected a number, such as 0.8 or 80%, behind '>'");
	check_refused("recall[yes>1", "--require 'recall[yes>1': '[' is not closed");
	check_refused("mae[yes]>1", "--require 'mae[yes]>1': 'mae' is over all rows and has no brackets");
	check_refused("rows>=300%", "--require 'rows>=300%': 'rows' is a count: no per cent");
	check_refused("left_out[no truth]<1%", "--require 'left_out[no truth]<1%': 'left_out' is a count: no per cent");
	check_refused("mae<5%", "--require 'mae<5%': 'mae' is in the target's unit: no per cent");
	check_refused("within>1", "--require 'within>1': 'within' needs a tolerance in brackets: within[...]");
}

/* Scores with one metric value for test, none for valid. */
static void check_met(const char *conditions, enum status code, const char *message)
{
	struct subject subject = { .task = TASK_CLASSIFICATION };
	struct scores scores;
	struct requirements r = { .items = NULL };
	struct error err = ERROR_INIT;

	subject.title = mem_text("model of two classes");
	names_add(&subject.classes, "no");
	names_add(&subject.classes, "yes");
	scores_start(&scores, &subject, &(struct score_options){ .n_worst = 0 });
	for (size_t i = 0; i < 4; i++) {
		const struct scored_row row = { .truth = i < 2, .answer = i % 2 };

		CHECK(scores_row(&scores, SPLIT_TEST, &row, NULL, 0, i, &err) == 0);
	}
	CHECK(scores_finish(&scores, &err) == 0);
	CHECK(requirements_read(&r, conditions, &err) == 0);
	CHECK((requirements_check(&r, &scores, &err) < 0) == (code != STATUS_DONE));
	CHECK(err.code == (int)code);
	CHECK_TEXT(err.message, message);
	requirements_release(&r);
	scores_release(&scores);
	subject_release(&subject);
}

int main(void)
{
	test_reading();
	TEST("requirements are met, or named with their value");
	check_met("accuracy>=50%, test.recall[yes]==0.5, rows==4, left_out[no truth]==0", STATUS_DONE, "");
	check_met("accuracy>0.5, f1[no]<0.6, recall[no]>0.9", STATUS_REQUIREMENT,
	          "requirement not met: accuracy>0.5 (it is 0.5); recall[no]>0.9 (it is 0.5)");
	check_met("valid.accuracy>0.5", STATUS_REQUIREMENT, "requirement not met: valid.accuracy>0.5 (there are no valid rows)");
	TEST("a metric that can't be told is a usage error");
	check_met("r2>0", STATUS_USAGE, "--require 'r2>0': 'r2' is a metric of numbers, and this is a model of two classes");
	check_met("auc>0", STATUS_USAGE, "--require 'auc>0': 'auc' can't be told: it needs the probabilities of the classes (--probability names their field)");
	TEST("but not one that hangs on what rows came: it has no value");
	check_met("recall[yse]>0", STATUS_REQUIREMENT,
	          "requirement not met: recall[yse]>0 (it is without a value: no class 'yse' (did you mean 'yes'?))");
	return unit_done();
}
