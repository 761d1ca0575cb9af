/* SPDX-License-Identifier: MIT */
/* Quantiles of residuals, which leaves answer with, and scores start at, where gradients only say which side a row is on. */
#ifndef BOOST_RENEW_H
#define BOOST_RENEW_H

#include <stddef.h>
#include <stdint.h>

/*
 * The alpha quantile of y[row] - scores[row] of the n > 0 rows: without weights that of quantiles.h; with them the least value up to
 * which lies a share alpha of the weight. rows NULL: rows 0 .. n - 1; scores NULL: all 0. space: n floats, and with weights as many again.
 */
double residual_quantile(double alpha, const uint32_t *rows, size_t n, const float *y, const float *scores, const float *weight, float *space,
                         float *space_weight);

#endif
