/* SPDX-License-Identifier: MIT */
/* Records for tests: all types, missing values, a dictionary and plain text, a lineage with fitted state; and rows as lines. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdio.h>

#include "cell.h"
#include "stream.h"
#include "text_builder.h"

/* id:int@id km:real[km] ok:bool when:time(%Y-%m-%d) city:text note:text minutes:int@target; one step with one unit. */
static inline void sample_header(struct header *header)
{
	struct schema *schema = &header->schema;
	struct buffer state = BUFFER_INIT;
	struct unit *unit;

	*header = (struct header)HEADER_INIT;
	schema_add(schema, "id", TYPE_INT, ROLE_ID);
	schema_add(schema, "km", TYPE_REAL, ROLE_FEATURE);
	schema_set_unit(schema, 1, "km");
	schema_add(schema, "ok", TYPE_BOOL, ROLE_FEATURE);
	schema_add(schema, "when", TYPE_TIME, ROLE_FEATURE);
	schema_set_form(schema, 3, "%Y-%m-%d");
	schema_add(schema, "city", TYPE_TEXT, ROLE_FEATURE);
	schema_add(schema, "note", TYPE_TEXT, ROLE_FEATURE);
	schema_add(schema, "minutes", TYPE_INT, ROLE_TARGET);
	schema_copy(&header->lineage.inputs, schema);
	unit = entry_add(lineage_add(&header->lineage, "scale km"), "scale");
	names_add(&unit->reads, "km");
	names_add(&unit->writes, "km");
	unit->fitted = FITTED_TRAIN;
	pack_map(&state, 1);
	pack_key_real(&state, "mean", 3.25);
	unit_set_state(unit, &state);
	unit_seal(unit);
	header->source = mem_text("sample.csv");
}

static inline void sample_text(struct batch *batch, size_t col, size_t first, bool few)
{
	static const char *const cities[] = { "Faro", "Porto", "São Paulo", "" };
	struct text_builder *builder = text_builder_new();
	struct column column = COLUMN_INIT;

	for (size_t row = first; row < first + batch->n_rows; row++) {
		char note[64];
		const char *text = cities[row % 4];

		if (!few) {
			snprintf(note, sizeof note, "note %zu, \"in quotes\"\n", row);
			text = note;
		}
		if (row % 7 == 3)
			text_builder_add_missing(builder);
		else
			text_builder_add(builder, text, strlen(text));
	}
	text_builder_finish(builder, batch->pool, &column);
	batch_put(batch, col, TYPE_TEXT, &column);
	text_builder_free(builder);
}

/* Rows first .. first + n - 1 of what could be any number of rows; column k misses the rows with row % (5 + k) == 0, text row % 7 == 3. */
static inline void sample_batch(struct batch *batch, const struct schema *schema, size_t first, size_t n)
{
	batch_start(batch, NULL, schema, n);
	batch->first_row = first;
	for (size_t col = 0; col < schema->n_fields; col++) {
		enum type type = schema->fields[col].type;
		struct column column = COLUMN_INIT;
		uint64_t *valid;
		void *values;

		if (type == TYPE_TEXT) {
			sample_text(batch, col, first, col == 4);
			continue;
		}
		valid = column_new_valid(&column, batch->pool, n, false);
		values = column_new_values(&column, batch->pool, type, n);
		for (size_t i = 0; i < n; i++) {
			size_t row = first + i;

			if (row % (5 + col) == 0)
				continue;
			valid[i / 64] |= (uint64_t)1 << i % 64;
			if (type == TYPE_REAL)
				((double *)values)[i] = (double)row * 0.1 - 1;
			else if (type == TYPE_BOOL)
				((uint8_t *)values)[i] = row % 2;
			else
				((int64_t *)values)[i] = type == TYPE_TIME ? (int64_t)row * 86400000000 : (int64_t)row * 1000003 - 5;
		}
		batch_put(batch, col, type, &column);
	}
}

/* A line for each row: cells parted by '|', ~ where there is none. */
static inline int sample_print(struct batch *batch, struct buffer *to, struct error *err)
{
	for (size_t col = 0; col < batch->n_columns; col++)
		if (!column_read(batch, col, err))
			return -1;
	for (size_t row = 0; row < batch->n_rows; row++)
		for (size_t col = 0; col < batch->n_columns; col++) {
			if (!cell_print(&batch->schema->fields[col], &batch->columns[col], row, to))
				buffer_add_byte(to, '~');
			buffer_add_byte(to, col + 1 < batch->n_columns ? '|' : '\n');
		}
	return 0;
}

/* All rows of a source, to its end. */
static inline int sample_read(struct source *source, struct buffer *to, struct error *err)
{
	struct batch batch = BATCH_INIT;
	uint64_t n_rows = 0;
	int result;

	while ((result = source_next(source, &batch, false, err)) == 1) {
		result = batch.first_row == n_rows ? sample_print(&batch, to, err) : error_set(err, STATUS_FAILED, "rows are not numbered");
		if (result < 0)
			break;
		n_rows += batch.n_rows;
	}
	batch_free(&batch);
	return result;
}

static inline bool sample_same(const struct buffer *a, const struct buffer *b)
{
	return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

#endif
