/* SPDX-License-Identifier: MIT */
/* Rows in the order of a number. */
#ifndef ROW_ORDER_H
#define ROW_ORDER_H

#include <stddef.h>
#include <stdint.h>

/* order: n row numbers by ascending key, equal ones as they came. keys: n < 2^32 of order_key.h; changed. Takes 12 bytes a row meanwhile. */
void rows_in_order(uint64_t *keys, size_t n, uint32_t *order);

#endif
