/* SPDX-License-Identifier: MIT */
/*
 * MT19937 as published: a state of 624 words, twisted as a whole when it is used
 * up, each word tempered on its way out. Constants are the paper's.
 */
#include "rng.h"

#include <stdbool.h>

enum { WORDS = 624, AHEAD = 397 };

void rng_seed(struct rng *rng, uint32_t seed)
{
	rng->state[0] = seed;
	for (uint32_t i = 1; i < WORDS; i++) {
		uint32_t before = rng->state[i - 1];

		rng->state[i] = 1812433253u * (before ^ before >> 30) + i;
	}
	rng->used = WORDS;
}

static void twist(struct rng *rng)
{
	for (unsigned i = 0; i < WORDS; i++) {
		uint32_t pair = (rng->state[i] & 0x80000000u) | (rng->state[(i + 1) % WORDS] & 0x7fffffffu);

		rng->state[i] = rng->state[(i + AHEAD) % WORDS] ^ pair >> 1 ^ (pair & 1 ? 0x9908b0dfu : 0);
	}
	rng->used = 0;
}

uint32_t rng_u32(struct rng *rng)
{
	uint32_t x;

	if (rng->used == WORDS)
		twist(rng);
	x = rng->state[rng->used++];
	x ^= x >> 11;
	x ^= x << 7 & 0x9d2c5680u;
	x ^= x << 15 & 0xefc60000u;
	return x ^ x >> 18;
}

/* Draws as many bits as n needs; those of the incomplete last round of n are drawn again. */
uint64_t rng_below(struct rng *rng, uint64_t n)
{
	bool wide = n > UINT32_MAX;
	uint64_t most = wide ? UINT64_MAX : UINT32_MAX, spare = (most % n + 1) % n, x;

	do {
		x = rng_u32(rng);
		if (wide)
			x = x << 32 | rng_u32(rng);
	} while (x > most - spare);
	return x % n;
}

double rng_unit(struct rng *rng)
{
	uint64_t high = rng_u32(rng) >> 5, low = rng_u32(rng) >> 6;

	return (double)(high << 26 | low) * 0x1p-53;
}

void rng_shuffle(struct rng *rng, uint32_t *items, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t other = (size_t)rng_below(rng, i);
		uint32_t item = items[i - 1];

		items[i - 1] = items[other];
		items[other] = item;
	}
}
