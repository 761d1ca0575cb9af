/* SPDX-License-Identifier: MIT */
#include "csv_split.h"

#include <string.h>

#include "text.h"

void csv_split_begin(struct csv_split *split, const struct csv_dialect *dialect, struct row *row)
{
	split->dialect = dialect;
	split->row = row;
	split->text_size = split->from = 0;
	split->state = SPLIT_START;
	split->quoted = false;
}

static void end_cell(struct csv_split *split)
{
	struct row *row = split->row;
	const char *text = split->text + split->from;
	size_t size = split->text_size - split->from;

	if (split->dialect->trim && !split->quoted)
		while (size > 0 && text_is_blank(text[size - 1]))
			size--;
	if (row->n_cells >= row->room && row->room <= MAX_COLUMNS)
		row_grow(row);
	if (row->n_cells < row->room)
		row->cells[row->n_cells] = (struct cell){ .kind = size || split->quoted ? CELL_TEXT : CELL_NULL, .size = (uint32_t)size, .as.text = text };
	row->n_cells++;
	split->from = split->text_size;
	split->quoted = false;
	split->state = SPLIT_START;
}

static void add(struct csv_split *split, const char *bytes, size_t size)
{
	memcpy(split->text + split->text_size, bytes, size);
	split->text_size += size;
}

/* How many bytes the delimiter has that stands at `at`; 0: none does. */
static size_t delimiter_at(const struct csv_dialect *dialect, const char *at, const char *end)
{
	size_t size = strlen(dialect->delimiter);

	return (size_t)(end - at) >= size && *at == *dialect->delimiter && memcmp(at, dialect->delimiter, size) == 0 ? size : 0;
}

/* How many bytes behind an escape it makes text of; end: of the line's cells, behind which its end stands. */
static size_t escaped(const struct csv_dialect *dialect, const char *at, const char *end, const char *line_end)
{
	if (at == end)
		return (size_t)(line_end - at);
	if ((unsigned char)*at == dialect->quote || (unsigned char)*at == dialect->escape)
		return 1;
	return delimiter_at(dialect, at, end);
}

/* The byte at `at` of a cell that has no quotes around it, or not yet; behind it. NULL: it is a quote, and at fault. */
static const char *take_bare(struct csv_split *split, const char *at, const char *end)
{
	const struct csv_dialect *dialect = split->dialect;
	size_t n = delimiter_at(dialect, at, end);

	if (n > 0) {
		end_cell(split);
		return at + n;
	}
	if (split->state == SPLIT_START && dialect->trim && text_is_blank(*at))
		return at + 1;
	if ((unsigned char)*at == dialect->quote) {
		bool digit = split->text_size > split->from && split->text[split->text_size - 1] >= '0' && split->text[split->text_size - 1] <= '9';

		if (split->state == SPLIT_START) {
			split->state = SPLIT_QUOTED;
			split->quoted = true;
			return at + 1;
		}
		if (!digit && !dialect->lazy)
			return NULL;
	}
	split->state = SPLIT_BARE;
	add(split, at, 1);
	return at + 1;
}

static const char *take_quoted(struct csv_split *split, const char *at, const char *end)
{
	if ((unsigned char)*at != split->dialect->quote) {
		add(split, at, 1);
		return at + 1;
	}
	if (at + 1 < end && at[1] == *at) {
		add(split, at, 1);
		return at + 2;
	}
	split->state = SPLIT_CLOSED;
	return at + 1;
}

static const char *take_closed(struct csv_split *split, const char *at, const char *end)
{
	size_t n = delimiter_at(split->dialect, at, end);

	if (n > 0) {
		end_cell(split);
		return at + n;
	}
	if (split->dialect->trim && text_is_blank(*at))
		return at + 1;
	if (!split->dialect->lazy)
		return NULL;
	add(split, &(char){ (char)split->dialect->quote }, 1);
	split->state = SPLIT_QUOTED;
	return at;
}

enum split_result csv_split(struct csv_split *split, const char *line, size_t size)
{
	const char *line_end = line + size, *end = line_end, *at = line;

	if (end > line && end[-1] == '\n')
		end--;
	if (end > line && end[-1] == '\r')
		end--;
	while (at < end) {
		size_t n = (unsigned char)*at == split->dialect->escape && split->state != SPLIT_CLOSED ? escaped(split->dialect, at + 1, end, line_end) : 0;
		const char *next;

		if (n > 0) {
			split->state = split->state == SPLIT_START ? SPLIT_BARE : split->state;
			add(split, at + 1, n);
			at += 1 + n;
			if (at > end)
				return SPLIT_MORE;
			continue;
		}
		next = split->state == SPLIT_QUOTED ? take_quoted(split, at, end) : split->state == SPLIT_CLOSED ? take_closed(split, at, end) : take_bare(split, at, end);
		if (!next) {
			split->rest = at;
			return SPLIT_BROKEN;
		}
		at = next;
	}
	if (split->state == SPLIT_QUOTED) {
		add(split, end, (size_t)(line_end - end));
		return SPLIT_MORE;
	}
	end_cell(split);
	return SPLIT_ROW;
}

bool csv_split_end(struct csv_split *split)
{
	if (split->state == SPLIT_QUOTED)
		return false;
	end_cell(split);
	return true;
}
