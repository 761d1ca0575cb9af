/* SPDX-License-Identifier: MIT */
#include "told.h"

#include <inttypes.h>
#include <string.h>

#include "text.h"

enum { SHOWN_STEPS = 8 };

void told_add(struct tally *told, const struct step_kind *kind, const char *step, const struct tally *dropped, const struct tally *counts, bool rejected)
{
	if (!kind || !kind->told)
		return;
	if (dropped)
		tally_add_as(told, step, "rows dropped", NULL, tally_total(dropped));
	for (size_t i = 0; i < counts->n; i++)
		if (rejected || strcmp(counts->items[i].what, REJECTED) != 0)
			tally_add_as(told, step, counts->items[i].what, counts->items[i].field, counts->items[i].count);
}

void told_print(const struct tally *told, uint64_t n_rows, bool all, struct buffer *to)
{
	const char *step = NULL;
	size_t n = 0;

	for (size_t i = 0; i < told->n; i++) {
		const struct tally_item *item = &told->items[i];
		bool next = !step || strcmp(item->step, step) != 0;

		n += next;
		step = item->step;
		if (n > SHOWN_STEPS && !all)
			continue;
		if (next) {
			buffer_add_text(to, n > 1 ? "; '" : "'");
			text_show_name(to, step);
			buffer_add_text(to, "': ");
		} else {
			buffer_add_text(to, ", ");
		}
		tally_item_print_within(item, to);
		buffer_format(to, " %" PRIu64, item->count);
	}
	if (n > SHOWN_STEPS && !all)
		buffer_format(to, "; and %zu step%s more (-v names them)", n - SHOWN_STEPS, n == SHOWN_STEPS + 1 ? "" : "s");
	if (n)
		buffer_format(to, " (of %" PRIu64 " row%s)", n_rows, n_rows == 1 ? "" : "s");
}
