/* SPDX-License-Identifier: MIT */
/*
 * Quantiles, exact for any number of values. Up to `room` values are kept; beyond
 * that they are only counted by the leading bits of their order, and the caller
 * shows all values again (quantiles_finish gives false) until the few around each
 * quantile fit: two or three times for real data, five at most, or sixteen where there
 * is little room.
 *
 * A quantile at p of n values lies at position p * (n - 1), between neighbours
 * linearly (numpy's default, "linear"). The order of the values does not matter.
 *
 * Values may be divided: several take a share each and are merged before
 * quantiles_finish. Packed right after it said false, the merged one gives what the
 * next pass needs, the ranges that are still wanted and no values: each unpacked
 * copy takes a share of that pass.
 *
 *     pass 1     a, b, c of quantiles_new take shares; merge b, c into a; finish a: false
 *     pass 2     pack a, unpack as often as wanted; those take shares; merge; finish; ...
 */
#ifndef QUANTILES_H
#define QUANTILES_H

#include <stdbool.h>
#include <stddef.h>

#include "pack.h"

struct quantiles;
/* p: each in 0..1, any order; copied. Memory: 8 bytes for each value that is kept, or as much for counts, 0.75 KiB at least for each value of p;
 * 64 KiB where few values are different. */
struct quantiles *quantiles_new(const double *p, size_t n_p, size_t room);
void quantiles_free(struct quantiles *quantiles);
void quantiles_add(struct quantiles *quantiles, double value);                  /* no NaN */
void quantiles_add_all(struct quantiles *quantiles, const double *values, size_t n);    /* the same for each of n, faster */
void quantiles_add_times(struct quantiles *quantiles, double value, uint64_t times);    /* the same value `times` times, in one step where values are counted */
bool quantiles_finish(struct quantiles *quantiles, double *results);    /* true: results has n_p values (NaN if there were none) */
/* All that `from` took in this pass; `from` is only to be freed then. `to` keeps its own room. False, and nothing is done: they
 * have not the same p, or are not in the same pass. */
bool quantiles_merge(struct quantiles *to, struct quantiles *from);
/* One msgpack value; kept values take 8 bytes each. */
void quantiles_pack(const struct quantiles *quantiles, struct buffer *to);
/* Into a new one of the same p, which keeps its room; false: broken, or of another p. */
bool quantiles_unpack(struct quantiles *quantiles, object from);

#endif
