/* SPDX-License-Identifier: MIT */
/* An item is found by its three words, joined by a byte that no text of ours has. */
#include "tally.h"

#include <stdlib.h>

#include "memory.h"
#include "text.h"

void tally_add_as(struct tally *tally, const char *step, const char *what, const char *field, uint64_t count)
{
	char *key;
	size_t at;

	if (count == 0)
		return;
	step = step ? step : "";
	field = field ? field : "";
	key = mem_format("%s\x1f%s\x1f%s", step, what, field);
	at = names_find(&tally->keys, key);
	if (at == NO_NAME) {
		array_grow(tally->items, tally->n, tally->room);
		at = tally->n++;
		tally->items[at] = (struct tally_item){ mem_text(step), mem_text(what), mem_text(field), 0 };
		names_take(&tally->keys, key);
	} else {
		free(key);
	}
	tally->items[at].count += count;
}

void tally_add(struct tally *tally, const char *what, const char *field, uint64_t count)
{
	tally_add_as(tally, NULL, what, field, count);
}

void tally_merge(struct tally *to, const struct tally *from)
{
	for (size_t i = 0; i < from->n; i++)
		tally_add_as(to, from->items[i].step, from->items[i].what, from->items[i].field, from->items[i].count);
}

void tally_merge_as(struct tally *to, const struct tally *from, const char *step)
{
	for (size_t i = 0; i < from->n; i++)
		tally_add_as(to, step, from->items[i].what, from->items[i].field, from->items[i].count);
}

void tally_item_print_within(const struct tally_item *item, struct buffer *to)
{
	text_show_name(to, item->field);
	buffer_add_text(to, *item->field ? " " : "");
	text_show_name(to, item->what);
}

void tally_item_print(const struct tally_item *item, struct buffer *to)
{
	if (*item->step) {
		text_show_name(to, item->step);
		buffer_add_text(to, ": ");
		tally_item_print_within(item, to);
	} else {
		text_show_name(to, item->field);
		buffer_add_text(to, *item->field ? ": " : "");
		text_show_name(to, item->what);
	}
}

void tally_release(struct tally *tally)
{
	for (size_t i = 0; i < tally->n; i++) {
		free(tally->items[i].step);
		free(tally->items[i].what);
		free(tally->items[i].field);
	}
	free(tally->items);
	names_release(&tally->keys);
	*tally = (struct tally){ .items = NULL };
}

uint64_t tally_total(const struct tally *tally)
{
	uint64_t total = 0;

	for (size_t i = 0; i < tally->n; i++)
		total += tally->items[i].count;
	return total;
}

/* ---- on the wire ---- */

void tally_pack(const struct tally *tally, struct buffer *to)
{
	pack_array(to, tally->n);
	for (size_t i = 0; i < tally->n; i++) {
		const struct tally_item *item = &tally->items[i];

		pack_map(to, 2u + (*item->step != 0) + (*item->field != 0));
		if (*item->step)
			pack_key_text(to, "step", item->step);
		pack_key_text(to, "what", item->what);
		if (*item->field)
			pack_key_text(to, "field", item->field);
		pack_text(to, "number");
		pack_uint(to, item->count);
	}
}

void tally_read(struct tally *tally, object array)
{
	for (size_t i = 0; i < array_size(array); i++) {
		object map = array_get(array, i);
		char *step = object_text(map_get(map, "step")), *what = object_text(map_get(map, "what")), *field = object_text(map_get(map, "field"));
		uint64_t count;

		if (what && object_uint(map_get(map, "number"), &count))
			tally_add_as(tally, step, what, field, count);
		free(step);
		free(what);
		free(field);
	}
}
