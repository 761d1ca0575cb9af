/* SPDX-License-Identifier: MIT */
#include "stages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "table.h"
#include "text.h"

static void print_tally(const char *program, const char *what, void (*print)(const struct tally_item *, struct buffer *),
                        const struct tally *tally, struct buffer *to)
{
	for (size_t i = 0; i < tally->n; i++) {
		text_show_name(to, program);
		buffer_format(to, ": %s", what);
		print(&tally->items[i], to);
		buffer_format(to, ": %" PRIu64 "\n", tally->items[i].count);
	}
}

void stages_print(const struct end *end, size_t max_width, struct buffer *to)
{
	static const char *const NUMBERS[] = { "rows in", "rows out", "dropped", "rejected", "seconds" };
	struct table *table = table_new();

	table_column(table, "stage", false);
	for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++)
		table_column(table, NUMBERS[i], true);
	for (size_t i = 0; i < end->n_stages; i++) {
		const struct stage *stage = &end->stages[i];

		table_cell(table, stage->program, strlen(stage->program));
		table_format(table, "%" PRIu64, stage->rows_in);
		table_format(table, "%" PRIu64, stage->rows_out);
		table_format(table, "%" PRIu64, tally_total(&stage->dropped));
		table_format(table, "%" PRIu64, stage->rejected);
		table_format(table, "%.3f", stage->seconds);
	}
	table_print(table, to, 0, max_width);
	table_free(table);
	for (size_t i = 0; i < end->n_stages; i++) {
		print_tally(end->stages[i].program, "dropped: ", tally_item_print_within, &end->stages[i].dropped, to);
		print_tally(end->stages[i].program, "", tally_item_print, &end->stages[i].counts, to);
	}
	if (end->partial)
		buffer_add_text(to, "partial: a stage stopped reading by itself\n");
}

void note_tally(const struct tally *tally, bool all, const struct host *host)
{
	struct names lines = { .items = NULL };

	tally_lines(tally, all, &lines);
	for (size_t i = 0; i < lines.n; i++)
		host_note(host, "%s", lines.items[i]);
	names_release(&lines);
}
