/* SPDX-License-Identifier: MIT */
#include "first_look.h"

#include "column_names.h"

enum { HEADER_ROWS = 20 };      /* within which a header is looked for */

const char *first_delimiter(const struct columns *columns, const struct row *row)
{
	struct delimiters here;

	if (columns->schema.n_fields != 1)
		return NULL;
	if (row)
		delimiters_count(row->raw, row->raw_size, &here);
	return delimiter_seems(&columns->dialect, row ? &here : NULL, 1);
}

int first_fail_delimiter(const struct columns *columns, const char *other, struct error *err)
{
	struct buffer advice = BUFFER_INIT;
	char room[DELIMITER_ROOM];

	columns_tell_inherited(columns, other, &advice);
	if (columns->inherited->delimiter)
		buffer_add_text(&advice, ";");
	else
		buffer_format(&advice, "%s--delimiter %s, or", advice.size ? "; " : "", other);
	error_set(err, STATUS_FAILED, "%s: one column, and %s seems to be the delimiter (%s --delimiter %s if not)", columns->file, other,
		  buffer_text(&advice), delimiter_print(columns->dialect.delimiter, room));
	buffer_free(&advice);
	return -1;
}

static int fail_blanks(const struct columns *columns, size_t n, const char *advice, struct error *err)
{
	char room[DELIMITER_ROOM];

	return error_set(err, STATUS_FAILED, "%s: one column of %zu words in each line, numbers among them (%s; --delimiter %s if it is one column)", columns->file, n,
			 advice, delimiter_print(columns->dialect.delimiter, room));
}

void first_look_begin(struct first_look *look, struct columns *columns)
{
	const struct dialect *dialect = &columns->dialect;
	size_t n_columns = columns->schema.n_fields;

	*look = (struct first_look){ .columns = columns, .delimiter = first_delimiter(columns, NULL) };
	title_search_begin(&look->titles, &columns->header);
	look->odd = n_columns == 1 || !look->titles.done;
	look->blanks = n_columns == 1 && dialect->delimiter && dialect->delimiter != ' ' && !dialect->given;
	words_begin(&look->words, &columns->header);
}

bool first_look_add(struct first_look *look, const struct row *row, uint64_t n_rows)
{
	size_t n_columns = look->columns->schema.n_fields, excess = row_excess(row, n_columns);

	look->odd |= row->n_cells != n_columns;
	if (!row->broken && !look->cut.known)
		look->cut.n = excess;
	else if (!row->broken && look->cut.n != excess)
		look->cut.n = 0;
	look->cut.known |= !row->broken;
	look->delimiter = look->delimiter ? first_delimiter(look->columns, row) : NULL;
	header_search_add(&look->search, row, &look->columns->dialect);
	title_search_add(&look->titles, row);
	if (look->blanks)
		words_add(&look->words, row);
	look->blanks &= look->words.n > 0;
	return look->delimiter || look->blanks || look->cut.n || (look->odd && n_rows < HEADER_ROWS);
}

int first_look_end(const struct first_look *look, uint64_t *behind_title, struct error *err)
{
	const char *words = look->blanks ? words_advice(&look->words) : NULL;

	*behind_title = title_search_line(&look->titles);
	if (look->delimiter)
		return first_fail_delimiter(look->columns, look->delimiter, err);
	return words ? fail_blanks(look->columns, look->words.n, words, err) : 0;
}
