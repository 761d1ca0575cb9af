/* SPDX-License-Identifier: MIT */
/* The rows of CSV, for tests that feed them byte by byte. */
#ifndef SOURCE_CSV_H
#define SOURCE_CSV_H

#include "cells_config.h"
#include "row.h"

struct csv_config {
	struct text_config text;
	bool lazy_quotes;
	const char *quote;              /* NULL: " */
	const char *escape;             /* NULL: none */
};

extern const struct row_format csv_rows;        /* its config is a csv_config */

#endif
