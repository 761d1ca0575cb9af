/* SPDX-License-Identifier: MIT */
/* An item is found by its three words, joined by a byte that no text of ours has. */
#include "tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

enum { FIELDS_SHOWN = 8, STEP_SHOWN = 60 };      /* of one line */

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

/* ---- lines for people ---- */

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

/* As long as a line bears, or whole; a step that is quoted stays so. */
static void print_step(const char *step, bool all, struct buffer *to)
{
	size_t size = strlen(step), end = size;

	if (!all && size > STEP_SHOWN)
		for (end = STEP_SHOWN; end > 0 && step[end] != ' '; end--)
			continue;
	if (end == 0)
		end = size;
	text_show(to, step, end, false);
	if (end < size)
		buffer_format(to, " ...%s", step[size - 1] == '\'' ? "'" : "");
	buffer_add_text(to, size ? ": " : "");
}

/* Several fields of one group: the first few by name. */
static void print_group(const struct tally *tally, const size_t *order, size_t n, struct buffer *to)
{
	const char *what = tally->items[order[0]].what;
	uint64_t total = 0;

	text_show_name(to, what + (strncmp(what, "is ", 3) == 0 ? 3 : 0));      /* "km is missing", but "missing: km 1, items 2" */
	buffer_add_text(to, ": ");
	for (size_t i = 0; i < n; i++) {
		const struct tally_item *item = &tally->items[order[i]];

		total += item->count;
		if (i >= FIELDS_SHOWN)
			continue;
		buffer_add_text(to, i ? ", " : "");
		text_show_name(to, item->field);
		buffer_format(to, " %" PRIu64, item->count);
	}
	if (n > FIELDS_SHOWN)
		buffer_format(to, " and %zu more, %" PRIu64 " in all", n - FIELDS_SHOWN, total);
}

/* One field, or none: "km filled" behind its step, "km: not read as int" alone. */
static void print_alone(const struct tally_item *item, struct buffer *to)
{
	if (*item->step)
		tally_item_print_within(item, to);
	else
		tally_item_print(item, to);
	buffer_format(to, ": %" PRIu64, item->count);
}

void tally_lines(const struct tally *tally, bool all, struct names *lines)
{
	size_t *order = mem_array(tally->n + 1, sizeof *order), *ends = mem_array(tally->n + 1, sizeof *ends);
	size_t n_groups = group_items(tally, all, order, ends);

	for (size_t g = 0, from = 0; g < n_groups; from = ends[g++]) {
		struct buffer line = BUFFER_INIT;

		print_step(tally->items[order[from]].step, all, &line);
		if (ends[g] - from > 1)
			print_group(tally, &order[from], ends[g] - from, &line);
		else
			print_alone(&tally->items[order[from]], &line);
		names_add(lines, buffer_text(&line));
		buffer_free(&line);
	}
	free(order);
	free(ends);
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
