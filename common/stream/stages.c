/* SPDX-License-Identifier: MIT */
#include "stages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "table.h"
#include "text.h"

enum { FIELDS_SHOWN = 8 };      /* in a remark */

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

/* The items by step and what, each group as they came, groups by their first: order[i] is an item, ends[g] the place behind a group's last. */
static size_t group_items(const struct tally *tally, bool all, size_t *order, size_t *ends)
{
	struct names keys = { .items = NULL };
	size_t *group = mem_array(tally->n, sizeof *group), n_groups;

	for (size_t i = 0; i < tally->n; i++) {
		const struct tally_item *item = &tally->items[i];
		char *key = mem_format("%s\x1f%s\x1f%s", item->step, item->what, all || !*item->field ? item->field : "\x1f");

		names_add_new(&keys, key);
		group[i] = names_find(&keys, key);
		free(key);
	}
	n_groups = keys.n;
	memset(ends, 0, n_groups * sizeof *ends);
	for (size_t i = 0; i < tally->n; i++)
		ends[group[i]]++;
	for (size_t g = 0, at = 0; g < n_groups; g++) {
		size_t n = ends[g];

		ends[g] = at;
		at += n;
	}
	for (size_t i = 0; i < tally->n; i++)
		order[ends[group[i]]++] = i;
	free(group);
	names_release(&keys);
	return n_groups;
}

/* Several fields of one group: the first few by name. */
static void print_group(const struct tally *tally, const size_t *order, size_t n, struct buffer *to)
{
	const struct tally_item *first = &tally->items[order[0]];
	uint64_t total = 0;

	buffer_format(to, "%s%s%s: ", first->step, *first->step ? ": " : "", first->what);
	for (size_t i = 0; i < n; i++) {
		const struct tally_item *item = &tally->items[order[i]];

		total += item->count;
		if (i < FIELDS_SHOWN)
			buffer_format(to, "%s%s %" PRIu64, i ? ", " : "", item->field, item->count);
	}
	if (n > FIELDS_SHOWN)
		buffer_format(to, " and %zu more, %" PRIu64 " in all", n - FIELDS_SHOWN, total);
}

void note_tally(const struct tally *tally, bool all, const struct host *host)
{
	size_t *order = mem_array(tally->n + 1, sizeof *order), *ends = mem_array(tally->n + 1, sizeof *ends);
	size_t n_groups = group_items(tally, all, order, ends);

	for (size_t g = 0, from = 0; g < n_groups; from = ends[g++]) {
		struct buffer text = BUFFER_INIT;

		if (ends[g] - from > 1) {
			print_group(tally, &order[from], ends[g] - from, &text);
		} else {
			tally_item_print(&tally->items[order[from]], &text);
			buffer_format(&text, ": %" PRIu64, tally->items[order[from]].count);
		}
		host_note(host, "%s", buffer_text(&text));
		buffer_free(&text);
	}
	free(order);
	free(ends);
}
