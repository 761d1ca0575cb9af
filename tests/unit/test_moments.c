/* SPDX-License-Identifier: MIT */
/* Reference: numpy 2.4.6: x = np.array([((i*7919) % 10007)/16 + 1e6 for i in range(5000)]), x.mean(), x.std(ddof=0 and 1). */
#include "moments.h"

#include "unit.h"

int main(void)
{
	struct moments moments = { .n = 0 };

	TEST("nothing");
	moments_close(&moments);
	CHECK(moments.n == 0 && moments_deviation(&moments, 0) == 0 && moments_deviation(&moments, 1) == 0);

	TEST("one value");
	moments_add(&moments, 3);
	moments_close(&moments);
	CHECK(moments.n == 1 && moments.mean == 3 && moments.min == 3 && moments.max == 3 && moments_deviation(&moments, 1) == 0);

	TEST("as numpy, far from zero");
	moments = (struct moments){ .n = 0 };
	for (int i = 0; i < 5000; i++)
		moments_add(&moments, (i * 7919 % 10007) / 16.0 + 1e6);
	moments_close(&moments);
	CHECK(moments.n == 5000 && moments.min == 1e6 && moments.max == 1000625.375);
	CHECK_NEAR(moments.mean, 1000312.888475, 1e-9);
	CHECK_NEAR(moments_deviation(&moments, 0), 180.58535822253663, 1e-10);
	CHECK_NEAR(moments_deviation(&moments, 1), 180.60341946759078, 1e-10);

	TEST("a constant has no deviation");
	moments = (struct moments){ .n = 0 };
	for (int i = 0; i < 3000; i++)
		moments_add(&moments, 0.1);
	moments_close(&moments);
	CHECK_NEAR(moments_deviation(&moments, 0), 0, 1e-15);
	return unit_done();
}
