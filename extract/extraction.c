/* SPDX-License-Identifier: MIT */
#include "extraction.h"

#include <stdlib.h>

#include "memory.h"

int extraction_open(struct extraction *extraction, const struct extract_config *config, const struct rows_config *rows, struct error *err)
{
	*extraction = (struct extraction){ .config = config, .pool = pool_new(), .header = HEADER_INIT, .end = END_INIT };
	extraction->remarks.all = config->common.verbose;
	extraction->stage.program = mem_text(host_program(config->common.host));
	if (request_read(&extraction->request, config, err) < 0)
		return -1;
	return bad_open(&extraction->bad, config, rows, &extraction->stage, err);
}

int extraction_header(struct extraction *extraction, const struct columns *columns, const char *const origin[ORIGIN_FIELDS], char *source,
                      struct error *err)
{
	struct header *header = &extraction->header;
	struct schema *schema = &header->schema;

	header_release(header);
	*header = (struct header){ .source = source };
	for (size_t i = 0; i < extraction->slots.n; i++) {
		const struct slot *slot = &extraction->slots.items[i];

		schema_add(schema, columns->schema.fields[slot->cell].name, slot->type, slot->role);
		schema_set_unit(schema, i, slot->unit);
		schema_set_form(schema, i, slot->form);
	}
	for (size_t i = 0; i < schema->n_fields; i++)
		if (schema->fields[i].role != ROLE_ORIGIN)
			schema_add_field(&header->lineage.inputs, &schema->fields[i]);
	if (extraction->config->style)
		style_copy(&header->lineage.style, extraction->config->style);
	for (size_t i = 0; extraction->config->style && i < columns->found.n; i++) {
		names_add(&header->lineage.style.options, columns->found.items[i]);
		names_add(&header->lineage.style.values, columns->found_values.items[i]);
	}
	for (size_t i = 0; i < ORIGIN_FIELDS && origin; i++) {
		if (!origin[i])
			continue;
		if (schema_find(schema, origin[i]) != NO_FIELD)
			return error_set(err, STATUS_FAILED, "%s: column '%s' has the name of a field that %s adds (--no-origin adds none; or give the column another name)",
					 columns->file, origin[i], host_program(extraction->config->common.host));
		schema_add(schema, origin[i], i == 0 ? TYPE_TEXT : TYPE_INT, ROLE_ORIGIN);
	}
	return 0;
}

/* What --types would read: texts, and numbers that stand there as text; not times whose offsets differ, of which more is known. */
static bool may_be_dates(const struct slot *slot)
{
	return (slot->type == TYPE_TEXT && !slot->infer.offsets) || (slot->type == TYPE_INT && slot->words != WORDS_NONE && !slot_is_marked(slot));
}

void extraction_give(struct extraction *extraction, struct batch *batch)
{
	const struct slots *slots = &extraction->slots;

	batch->first_row = extraction->n_given;
	extraction->n_given += batch->n_rows;
	if (!extraction->amounts) {
		extraction->amounts = mem_new(slots->n + 1, sizeof *extraction->amounts);
		extraction->dates = mem_new(slots->n + 1, sizeof *extraction->dates);
	}
	for (size_t i = 0; i < slots->n; i++) {
		const struct slot *slot = &slots->items[i];

		if (slot->given)
			continue;
		if (slot->type == TYPE_TEXT)
			amounts_add(&extraction->amounts[i], &batch->columns[i], batch->n_rows);
		if (may_be_dates(slot))
			dates_add(&extraction->dates[i], &batch->columns[i], slot->type, batch->n_rows, slot->words);
	}
}

bool extraction_has_dates(const struct extraction *extraction, size_t slot)
{
	return extraction->dates && dates_found(&extraction->dates[slot]);
}

static void remark_amounts(struct extraction *extraction)
{
	struct buffer step = BUFFER_INIT;

	for (size_t i = 0; extraction->amounts && i < extraction->slots.n; i++) {
		buffer_clear(&step);
		if (amounts_step(&extraction->amounts[i], extraction->header.schema.fields[i].name, &step))
			remarks_amounts(&extraction->remarks, buffer_text(&step));
	}
	buffer_free(&step);
}

static void remark_dates(struct extraction *extraction)
{
	for (size_t i = 0; i < extraction->slots.n; i++)
		if (extraction_has_dates(extraction, i))
			remarks_dates(&extraction->remarks, extraction->header.schema.fields[i].name, extraction->slots.items[i].type, &extraction->dates[i]);
}

int extraction_finish(struct extraction *extraction, uint64_t n_rows, struct error *err)
{
	struct stage *stage = &extraction->stage;

	bad_say(&extraction->bad, n_rows);
	remark_amounts(extraction);
	remark_dates(extraction);
	if (!extraction->config->common.quiet)
		remarks_say(&extraction->remarks, extraction->config->common.host);
	tally_merge(&stage->counts, &extraction->remarks.words);
	stage->rows_in = n_rows;
	stage->rows_out = n_rows - stage->rejected - tally_total(&stage->dropped);
	stage->seconds = host_seconds(extraction->config->common.host);
	end_add_stage(&extraction->end, stage);
	if (bad_finish(&extraction->bad, n_rows, err) < 0)
		return -1;
	return bad_close(&extraction->bad, err);
}

void extraction_close(struct extraction *extraction)
{
	struct error ignored = ERROR_INIT;

	pool_drop(extraction->pool);
	for (size_t i = 0; extraction->dates && i < extraction->slots.n; i++)
		dates_release(&extraction->dates[i]);
	free(extraction->dates);
	if (bad_close(&extraction->bad, &ignored) < 0)
		error_clear(&ignored);          /* what brought us here comes first */
	slots_release(&extraction->slots);
	request_release(&extraction->request);
	header_release(&extraction->header);
	end_release(&extraction->end);
	stage_release(&extraction->stage);
	remarks_release(&extraction->remarks);
	free(extraction->amounts);
}
