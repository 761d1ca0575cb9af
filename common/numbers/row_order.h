/* SPDX-License-Identifier: MIT */
/* Rows in the order of a number. */
#ifndef ROW_ORDER_H
#define ROW_ORDER_H

#include <stddef.h>
#include <stdint.h>

/* Room for n rows, which serves any number of calls. */
struct order_space { uint64_t *keys; uint32_t *rows; };
/* order: n row numbers by ascending key, equal ones as they came. keys: n < 2^32 of order_key.h; changed. */
void rows_in_order(uint64_t *keys, size_t n, uint32_t *order, const struct order_space *space);

#endif
