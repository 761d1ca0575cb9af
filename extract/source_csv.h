/* SPDX-License-Identifier: MIT */
/* The rows of CSV, for tests that feed them byte by byte. */
#ifndef SOURCE_CSV_H
#define SOURCE_CSV_H

#include "row.h"

extern const struct row_format csv_rows;

#endif
