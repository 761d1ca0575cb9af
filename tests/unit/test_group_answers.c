/* SPDX-License-Identifier: MIT */
/* Answers by group beside plain ones, of rows repeated as often as they weigh. */
#include <stdlib.h>

#include "group_answers.h"
#include "rng.h"
#include "unit.h"

enum { MOST = 60, GROUPS = 4, WEIGHTS = 4 };

struct table { size_t n; double y[MOST], weight[MOST], group[MOST], time[MOST]; bool weighted, timed; };

/* In three panels, of blocks 0, 1 and 5. */
static int give_rows(void *state, size_t lanes, panel_taker *take, void *fitting, struct error *err)
{
	const struct table *table = state;
	static const uint64_t blocks[] = { 0, 1, 5 };

	CHECK(lanes == 1);
	for (size_t k = 0; k < 3; k++) {
		size_t first = table->n * k / 3, n = table->n * (k + 1) / 3 - first;
		struct panel panel = { .part = PART_TRAIN, .block = blocks[k], .n_rows = n, .y = table->y + first, .group = table->group + first,
		                       .weight = table->weighted ? table->weight + first : NULL, .time = table->timed ? table->time + first : NULL };

		if (n > 0 && take(fitting, 0, &panel, err) < 0)
			return -1;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return one < other ? -1 : one > other;
}

/* group: GROUPS for all rows. none: what it is without rows. */
static double plain(const struct table *table, enum answer answer, size_t group, double none)
{
	double values[MOST * WEIGHTS], sum = 0, last = none, latest = -INFINITY;
	size_t n = 0;

	for (size_t i = 0; i < table->n; i++) {
		double time = !table->timed ? 0 : isnan(table->time[i]) ? -INFINITY : table->time[i];

		if (group < GROUPS && table->group[i] != (double)group)
			continue;
		for (double k = table->weighted ? table->weight[i] : 1; k > 0; k--) {
			values[n++] = table->y[i];
			sum += table->y[i];
			if (time >= latest) {
				latest = time;
				last = table->y[i];
			}
		}
	}
	if (n == 0 || answer == ANSWER_LAST)
		return last;
	qsort(values, n, sizeof *values, compare);
	return answer == ANSWER_MEAN ? sum / (double)n : (values[(n - 1) / 2] + values[n / 2]) / 2;
}

static void check_random(enum answer answer)
{
	struct problem problem = { .task = TASK_REGRESSION, .by = (char *)"g" };
	struct table table;
	const struct training training = { .problem = &problem, .rows = give_rows, .state = &table };
	static const char *const names[GROUPS] = { "a", "b", "c", "d" };
	struct rng rng;

	rng_seed(&rng, 3 + (uint32_t)answer);
	for (size_t i = 0; i < GROUPS; i++)
		names_add(&problem.groups, names[i]);
	for (size_t round = 0; round < 4000; round++) {
		struct error err = ERROR_INIT;
		double overall = 1000, answers[GROUPS];

		table = (struct table){ .n = 1 + (size_t)rng_below(&rng, MOST), .weighted = round % 2, .timed = round / 2 % 2 };
		for (size_t i = 0; i < table.n; i++) {
			table.y[i] = (double)rng_below(&rng, 2 + round % 30) - 5;
			table.weight[i] = (double)rng_below(&rng, WEIGHTS);
			table.group[i] = (double)rng_below(&rng, GROUPS + 1) - 1;
			table.time[i] = rng_below(&rng, 10) == 0 ? NAN : (double)rng_below(&rng, 20);
		}
		CHECK(group_answers(&training, answer, &overall, answers, &err) == 0);
		CHECK(overall == (answer == ANSWER_LAST ? plain(&table, answer, GROUPS, 1000) : 1000));
		for (size_t g = 0; g < GROUPS; g++)
			CHECK_NEAR(answers[g], plain(&table, answer, g, overall), 1e-12);
	}
	problem.by = NULL;
	problem_release(&problem);
}

int main(void)
{
	TEST("means");
	check_random(ANSWER_MEAN);
	TEST("medians");
	check_random(ANSWER_MEDIAN);
	TEST("the last ones");
	check_random(ANSWER_LAST);
	return unit_done();
}
