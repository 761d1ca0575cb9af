/* SPDX-License-Identifier: MIT */
/* Private to lines: where the text of a cell lies, while the lines of some rows are made. */
#ifndef CELL_TEXT_H
#define CELL_TEXT_H

#include <stddef.h>

enum { CELL_SLACK = 64 };
struct cell_text { const char *at; size_t size; };      /* CELL_SLACK bytes from `at` on may be read */

#endif
