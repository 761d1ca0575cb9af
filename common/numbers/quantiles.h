/* SPDX-License-Identifier: MIT */
/*
 * Quantiles, exact for any number of values. Up to `room` values are kept; beyond
 * that they are only counted by the leading bits of their order, and the caller
 * shows all values again (quantiles_finish gives false) until the few around each
 * quantile fit: two or three times for real data, five at most.
 *
 * A quantile at p of n values lies at position p * (n - 1), between neighbours
 * linearly (numpy's default, "linear"). The order of the values does not matter.
 */
#ifndef QUANTILES_H
#define QUANTILES_H

#include <stdbool.h>
#include <stddef.h>

struct quantiles;
struct quantiles *quantiles_new(const double *p, size_t n_p, size_t room);      /* p: each in 0..1, any order; copied */
void quantiles_free(struct quantiles *quantiles);
void quantiles_add(struct quantiles *quantiles, double value);                  /* no NaN */
bool quantiles_finish(struct quantiles *quantiles, double *results);    /* true: results has n_p values (NaN if there were none) */

#endif
