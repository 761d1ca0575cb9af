/* SPDX-License-Identifier: MIT */
/*
 * Which rows and features a round of boosting takes. Chance is a hash of seed, round and
 * number, so a resumed fitting and any number of threads take the same.
 *
 * Gradient-based one-side sampling (Ke et al. 2017, algorithm 2): the share `top` of the
 * rows of largest |g h| (summed over the outputs), and of the others a share `other` of
 * all rows by chance, whose g and h then count as many times more as there are.
 */
#ifndef BOOST_SAMPLE_H
#define BOOST_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Row numbers in ascending order to `rows`, which has room for n; how many. At least one. */
size_t sample_rows(double share, size_t n, uint64_t chance, uint32_t *rows);
/* The same; g[k], h[k] of the others are multiplied. space: n floats. */
size_t sample_goss(double top, double other, size_t n, size_t n_outputs, float *const *g, float *const *h, uint64_t chance, float *space, uint32_t *rows);
/* allowed: n flags, of which the share is set, one at least. */
void sample_features(double share, size_t n, uint64_t chance, bool *allowed);

#endif
