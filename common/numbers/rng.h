/* SPDX-License-Identifier: MIT */
/*
 * The generator: MT19937 of Matsumoto and Nishimura (1998), seeded by their
 * init_genrand; each purpose has its own, so that one more draw here changes
 * nothing there. hash_mix is a stateless 64-bit mixer (splitmix64's finisher)
 * for marks that must depend on a row only.
 */
#ifndef RNG_H
#define RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint32_t state[624];
	unsigned used;
};

void rng_seed(struct rng *rng, uint32_t seed);
uint32_t rng_u32(struct rng *rng);
uint64_t rng_below(struct rng *rng, uint64_t n);        /* 0 .. n-1, unbiased (rejection); n >= 1 */
double rng_unit(struct rng *rng);                       /* [0, 1): 53 bits out of two draws */
void rng_shuffle(struct rng *rng, uint32_t *items, size_t n);   /* Fisher-Yates from the end */
/* splitmix64's finish. Here, so that a loop over rows has it within. */
static inline uint64_t hash_mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

#endif
