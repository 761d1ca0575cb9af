/* SPDX-License-Identifier: MIT */
/* The report of a part of the metrics, as another host than evaluate may ask for. */
#include <stdlib.h>

#include "memory.h"
#include "report.h"
#include "unit.h"

/* Four rows of which two answers are right, beside the metric `only`. */
static void check_report(enum task task, const char *only, const char *verdict, bool classes)
{
	struct subject subject = { .task = task, .title = mem_text("four rows") };
	struct scores scores;
	struct buffer text = BUFFER_INIT;
	struct error err = ERROR_INIT;

	if (task == TASK_CLASSIFICATION) {
		names_add(&subject.classes, "no");
		names_add(&subject.classes, "yes");
	}
	scores_start(&scores, &subject, &(struct score_options){ .only = metric_require(only, &err) });
	for (size_t i = 0; i < 4; i++) {
		const struct scored_row row = { .truth = i < 2, .answer = i % 2 };

		CHECK(scores_row(&scores, SPLIT_TEST, &row, NULL, 0, i, &err) == 0);
	}
	CHECK(scores_finish(&scores, &err) == 0);
	report_print(&scores, NULL, false, 0, &text);
	CHECK(strstr(buffer_text(&text), only));
	CHECK(!strstr(buffer_text(&text), "remark:") == !verdict && (!verdict || strstr(buffer_text(&text), verdict)));
	CHECK(!strstr(buffer_text(&text), "class  rows") == !classes);
	buffer_free(&text);
	scores_release(&scores);
	subject_release(&subject);
}

int main(void)
{
	TEST("without the headline metric there is no verdict");
	check_report(TASK_REGRESSION, "mae", NULL, false);
	check_report(TASK_REGRESSION, "rmse", "remark: no better than the baseline (rmse)\n", false);
	TEST("nor a table of classes without a metric of them");
	check_report(TASK_CLASSIFICATION, "accuracy", "remark: no better than the baseline (accuracy)\n", false);
	check_report(TASK_CLASSIFICATION, "recall", NULL, true);
	return unit_done();
}
