/* SPDX-License-Identifier: MIT */
/* Rows in order, in memory and from a file, in runs whose number is no power of 2. */
#include <stdlib.h>

#include "memory.h"
#include "order_key.h"
#include "ranking.h"
#include "rng.h"
#include "unit.h"

static void check_ranking(uint64_t memory, size_t n, size_t n_values, size_t most)
{
	struct ranking *ranking = ranking_new(memory, NULL, NULL);
	double *keys = mem_array(n + 1, sizeof *keys), last = -INFINITY;
	const struct ranked_row *rows;
	struct error err = ERROR_INIT;
	struct rng rng;
	uint32_t last_row = 0;
	size_t seen = 0;
	int got;

	rng_seed(&rng, 1);
	for (size_t i = 0; i < n; i++) {
		keys[i] = i % 1000 == 7 ? INFINITY : (double)rng_below(&rng, n_values) - 3;
		CHECK(ranking_add(ranking, keys[i], (double)i, i % 3 == 0, &err) == 0);
	}
	while ((got = ranking_next(ranking, most, &rows, &err)) > 0) {
		CHECK((size_t)got <= most);
		for (int i = 0; i < got; i++, seen++) {
			double key = order_value(rows[i].key);

			CHECK(rows[i].row < n && key == keys[rows[i].row] && rows[i].weight == rows[i].row && rows[i].mark == (rows[i].row % 3 == 0));
			CHECK(seen == 0 || key > last || (key == last && rows[i].row > last_row));
			last = key;
			last_row = rows[i].row;
		}
	}
	CHECK(got == 0 && seen == n);
	ranking_free(ranking);
	free(keys);
}

int main(void)
{
	TEST("rows come by key, equal ones as they came, whatever the runs");
	for (size_t runs = 0; runs <= 9; runs++) {
		check_ranking(0, runs * 128, 50, 100);
		check_ranking(0, runs * 128 + 11, 1 << 30, 1000);
	}
	check_ranking(0, 30000, 300, 77);
	check_ranking(1 << 20, 30000, 300, 5000);
	check_ranking(UINT64_MAX, 400000, 1000, 1024);
	return unit_done();
}
