/* SPDX-License-Identifier: MIT */
/* What a block of rows (cells.h) says of its columns, from cells->at on: as infer_cell has it of each cell in turn. */
#ifndef CELLS_INFER_H
#define CELLS_INFER_H

#include "cells.h"
#include "slots.h"

/* Whether no cell is at fault whatever the types will be: no value of a type that was given, or no UTF-8. */
bool cells_judge(const struct cells *cells, const struct slots *slots);
/* A column whose type is looked for. words: which are null there. */
void cells_infer(const struct cells *cells, size_t col, enum missing_words words, struct infer *infer);

#endif
