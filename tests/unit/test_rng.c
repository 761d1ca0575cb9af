/* SPDX-License-Identifier: MIT */
/* Reference: numpy 2.4.6, np.random.MT19937()._legacy_seeding(seed), random_raw(); RandomState(42).random_sample(). */
#include "rng.h"

#include "unit.h"

int main(void)
{
	struct rng rng;
	uint32_t last = 0;
	uint64_t counts[6] = { 0 };
	bool high = false;
	uint32_t items[100], again[100], sum = 0;
	bool moved = false;

	TEST("MT19937 of seed 5489");
	rng_seed(&rng, 5489);
	CHECK(rng_u32(&rng) == 3499211612u && rng_u32(&rng) == 581869302u && rng_u32(&rng) == 3890346734u && rng_u32(&rng) == 3586334585u);
	for (int i = 4; i < 10000; i++)
		last = rng_u32(&rng);
	CHECK(last == 4123659995u);

	TEST("53 bits out of two draws");
	rng_seed(&rng, 42);
	CHECK(rng_unit(&rng) == 0.3745401188473625 && rng_unit(&rng) == 0.9507143064099162 && rng_unit(&rng) == 0.7319939418114051);

	TEST("below n: all of them, as often as they should");
	for (int i = 0; i < 60000; i++)
		counts[rng_below(&rng, 6)]++;
	for (int i = 0; i < 6; i++)
		CHECK(counts[i] > 9600 && counts[i] < 10400);
	CHECK(rng_below(&rng, 1) == 0);
	for (int i = 0; i < 100; i++)
		high |= rng_below(&rng, UINT64_MAX) > UINT32_MAX;
	CHECK(high);

	TEST("a shuffle keeps the items and depends on the seed alone");
	for (uint64_t i = 0; i < 100; i++)
		items[i] = again[i] = i;
	rng_seed(&rng, 7);
	rng_shuffle(&rng, items, 100);
	rng_seed(&rng, 7);
	rng_shuffle(&rng, again, 100);
	CHECK(memcmp(items, again, sizeof items) == 0);
	for (uint64_t i = 0; i < 100; i++) {
		sum += items[i];
		moved |= items[i] != i;
	}
	CHECK(sum == 4950 && moved);

	TEST("splitmix64's finisher");  /* Python: the three lines of hash_mix on 1 */
	CHECK(hash_mix(0) == 0 && hash_mix(1) == 0x5692161d100b05e5u);
	return unit_done();
}
