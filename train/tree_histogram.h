/* SPDX-License-Identifier: MIT */
/*
 * Sums of gradients and curvatures over the rows of each bin, as whole numbers: so
 * they are exact, and rows may be divided among threads and machines in any way and
 * come to the same trees.
 *
 * A row's gradient g is rounded to 16 bits and its curvature h >= 0 to 16, both kept in
 * one word of 32 bits; a bin's sums are one word of 64, into which a row is added by one
 * instruction:
 *
 *     row   | g, 16 bits | h, 16 bits |          sum   | sum of g, 32 bits | sum of h, 32 bits |
 *
 * The scales are chosen (quantise_scales) so that not even the sum over all rows overflows.
 * Rounding is by a dither that changes with row and round, so sums have no drift: with a
 * million rows a mean |g| is 2,000 units at most, and Shi et al. (Quantized Training of
 * Gradient Boosting Decision Trees, 2022) lose nothing with gradients of 2 or 3 bits.
 *
 * What was tried: ns for a row and feature, of a million rows of 20 features of 256 bins
 * all, a half by chance, one in 64 (one thread, the least of 25 times).
 *
 *     as here: groups of 10 features, words in the leaf's order      0.25  0.25  0.34
 *     a group of 20                                                  0.26  0.26  0.30
 *     a feature at a time                                            0.44  0.62  1.06
 *     bins that are not asked of memory ahead                        0.25  0.25  0.73
 *     words by the row's number                                      0.25  0.26  0.51
 *     g and h as doubles, a sum of two words, as LightGBM            0.32  0.42  0.55
 *     g and h of 8 bits, a sum of 32                                 0.25  0.25  0.40
 *     every other row into a second histogram                        0.26  0.28  0.36
 *
 * Groups of 5 to 24 features cost the same for a feature, of 32 a tenth more, of 60, beyond the
 * first cache, a quarter to twice as much. Fewer bits than 16 gain no time, then, and no
 * loss tells them apart: held out, the means of three splits of california (rmse) and adult
 * (log loss) are 46,585 and 0.2754 with 16 bits, 46,662 and 0.2758 with 8, 46,605 and 0.2760
 * with 4.
 */
#ifndef TREE_HISTOGRAM_H
#define TREE_HISTOGRAM_H

#include "tree_rows.h"

typedef uint64_t grad_sum;              /* modulo 2^64; a sum's parts are read by grad_of and curve_of */

static inline int32_t grad_of(grad_sum sum) { return (int32_t)(sum >> 32); }
static inline int32_t curve_of(grad_sum sum) { return (int32_t)(uint32_t)sum; }
static inline grad_sum grad_word(uint32_t row) { return (grad_sum)(int64_t)((int32_t)row >> 16) << 32 | (row & 0xffff); }

/* Adds rows[0 .. n - 1] of one group to `to`, its part of a histogram. words: by position in rows, not by row. rows NULL: all
 * of them from `first` on. */
void histogram_add(const struct feature_group *group, const unsigned char *bins, const uint32_t *rows, size_t first, const uint32_t *words, size_t n,
                   grad_sum *to);
void histogram_subtract(grad_sum *from, const grad_sum *less, size_t n);
void histogram_merge(grad_sum *to, const grad_sum *more, size_t n);

/* What a unit of g and of h is worth; 0: so little that floats have no number of them. */
struct quantum { double g, h; };
/* most: the largest |g| and h of a row; sum: of all |g| and all h, of n rows. whole: h are whole numbers, which stay as they are if their
 * sum has room. */
struct quantum quantise_scales(double most_g, double sum_g, double most_h, double sum_h, bool whole, size_t n);
/* The words of n rows, the first of which is number `first`. salt: of the round. */
void quantise(const float *g, const float *h, size_t n, size_t first, struct quantum quantum, uint32_t salt, uint32_t *words);

#endif
