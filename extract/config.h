/* SPDX-License-Identifier: MIT */
/* What the command line of extract says. */
#ifndef EXTRACT_CONFIG_H
#define EXTRACT_CONFIG_H

#include "tool.h"

enum bad_row { BAD_ROW_FAIL, BAD_ROW_SKIP, BAD_ROW_PAD, BAD_ROW_REJECT };
enum misfit { MISFIT_FAIL, MISFIT_NULL, MISFIT_REJECT };

enum { TYPES_ROWS = 64 * 1024 };        /* rows that tell the types where not all can be seen */

struct extract_config {
	struct common_config common;
	const char *format;             /* NULL: by the file's ending */
	const char *delimiter;
	const char *like;
	const char *rejects;
	const char *max_bad;
	struct text_list nulls, types, columns, names;  /* comma lists, see list_split */
	int64_t types_rows;             /* 0: not given */
	int64_t skip_lines;
	int on_bad_row, on_misfit;      /* enum bad_row, enum misfit */
	bool typed, trim, no_header, lazy_quotes, no_origin;
};
#define EXTRACT_DEFAULTS { .common = { .threads = 2, .seed = 42, .memory = 256u << 20 } }

#endif
