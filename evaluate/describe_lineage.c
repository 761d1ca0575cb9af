/* SPDX-License-Identifier: MIT */
/* Where the fields come from: what was read, and each step with what it writes and the rows that it learned from. */
#include <string.h>

#include "describe.h"
#include "table.h"
#include "wrap.h"

enum { WRITES_WIDTH = 60, STEP_WIDTH = 70, OTHERS = 2 + 2 + 2 + 10 + 2 };      /* the number, `fitted on`, and gaps */

static void print_inputs(const struct schema *inputs, size_t width, struct buffer *to)
{
	struct wrap wrap;

	wrap_start(&wrap, to, "inputs:", width);
	for (size_t i = 0; i < inputs->n_fields; i++) {
		const struct field *field = &inputs->fields[i];
		struct buffer one = BUFFER_INIT;

		buffer_format(&one, "%s %s", field->name, type_name(field->type));
		if (field->unit)
			buffer_format(&one, " [%s]", field->unit);
		wrap_word(&wrap, buffer_text(&one));
		buffer_free(&one);
	}
	wrap_end(&wrap);
}

static void add_word(struct buffer *to, const char *word)
{
	if (to->size)
		buffer_add_text(to, ", ");
	buffer_add_text(to, word);
}

/* What all units of a step write, and on which rows they were fitted. */
static void sum_up(const struct entry *entry, struct buffer *writes, struct buffer *fitted)
{
	bool of[3] = { false }, on[3] = { false }, foreign = false;
	struct names names = { .items = NULL };

	for (size_t i = 0; i < entry->n_units; i++) {
		const struct unit *unit = &entry->units[i];

		of[unit->fitted] = true;
		on[unit->acts] = true;
		foreign = foreign || unit->foreign;
		for (size_t name = 0; name < unit->writes.n; name++)
			names_add_new(&names, unit->writes.items[name]);
	}
	for (size_t i = 0; i < names.n; i++)
		add_word(writes, names.items[i]);
	if (!names.n && (on[ACTS_ON_ROWS] || on[ACTS_ON_TABLE]))
		buffer_add_text(writes, on[ACTS_ON_TABLE] ? "(table)" : "(rows)");
	if (of[FITTED_TRAIN])
		add_word(fitted, "train rows");
	if (of[FITTED_ALL])
		add_word(fitted, "all rows");
	if (foreign)
		add_word(fitted, "unknown (a script's)");
	if (!fitted->size)
		buffer_add_text(fitted, "-");
	names_release(&names);
}

void describe_lineage(const struct lineage *lineage, size_t width, struct buffer *to)
{
	struct table *table;

	buffer_format(to, "lineage: %zu fields as extracted, %zu step%s\n", lineage->inputs.n_fields, lineage->n_entries,
	              lineage->n_entries == 1 ? "" : "s");
	print_inputs(&lineage->inputs, width, to);
	buffer_add_text(to, "\n");
	if (!lineage->n_entries)
		return;
	table = table_new();
	table_column(table, "", true);
	table_column(table, "step", false);
	table_limit(table, width ? width / 2 : STEP_WIDTH);
	table_column(table, "fitted on", false);
	table_column(table, "writes", false);
	table_limit(table, width / 2 > OTHERS ? width / 2 - OTHERS : WRITES_WIDTH);
	for (size_t i = 0; i < lineage->n_entries; i++) {
		struct buffer writes = BUFFER_INIT, fitted = BUFFER_INIT;

		sum_up(&lineage->entries[i], &writes, &fitted);
		table_format(table, "%zu", i + 1);
		table_cell(table, lineage->entries[i].text, strlen(lineage->entries[i].text));
		table_cell(table, buffer_text(&fitted), fitted.size);
		table_cell(table, buffer_text(&writes), writes.size);
		buffer_free(&writes);
		buffer_free(&fitted);
	}
	table_print(table, to, 0, width);
	table_free(table);
	buffer_add_text(to, "\n");
}
