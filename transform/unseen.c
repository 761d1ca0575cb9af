/* SPDX-License-Identifier: MIT */
#include "unseen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

enum { SHOWN_VALUES = 3, SHOWN_BYTES = 30, SHOWN_COLUMNS = 8 };

static struct unseen_column *column_of(struct unseen *unseen, const char *column)
{
	size_t at = names_find(&unseen->columns, column);

	if (at == NO_NAME) {
		at = unseen->columns.n;
		array_grow(unseen->items, at, unseen->room);
		unseen->items[at] = (struct unseen_column){ .values = 0 };
		names_add(&unseen->columns, column);
	}
	return &unseen->items[at];
}

void unseen_add(struct unseen *unseen, const char *column, uint64_t n_values, uint64_t n_missing)
{
	struct unseen_column *item;

	if (n_values == 0 && n_missing == 0)
		return;
	item = column_of(unseen, column);
	item->values += n_values;
	item->missing += n_missing;
}

static void show(struct names *shown, const char *text, size_t size)
{
	struct buffer escaped = BUFFER_INIT;

	if (shown->n > SHOWN_VALUES)
		return;
	text_escape(&escaped, text, size, SHOWN_BYTES);
	names_add_new(shown, buffer_text(&escaped));
	buffer_free(&escaped);
}

void unseen_show(struct unseen *unseen, const char *column, const char *text, size_t size)
{
	show(&column_of(unseen, column)->shown, text, size);
}

void unseen_group(struct unseen *unseen, const char *column, const char *by, uint64_t n)
{
	struct unseen_column *item;

	if (n == 0)
		return;
	item = column_of(unseen, column);
	item->grouped += n;
	if (!item->by)
		item->by = mem_text(by);
}

void unseen_show_group(struct unseen *unseen, const char *column, const char *text, size_t size)
{
	show(&column_of(unseen, column)->groups_shown, text, size);
}

void unseen_lose(struct unseen *unseen, const char *column, const char *type, uint64_t n)
{
	struct unseen_column *item;

	if (n == 0)
		return;
	item = column_of(unseen, column);
	item->lost += n;
	item->type = type;
}

void unseen_hint(struct unseen *unseen, const char *column, const char *hint, uint64_t n_tried, uint64_t n_otherwise)
{
	struct unseen_column *item;

	if (n_tried == 0)
		return;
	item = column_of(unseen, column);
	item->tried += n_tried;
	item->otherwise += n_otherwise;
	item->hint = hint;
}

void unseen_move(struct unseen *unseen, const char *column, const char *zone, uint64_t n)
{
	struct unseen_column *item;

	if (n == 0)
		return;
	item = column_of(unseen, column);
	item->moved += n;
	item->zone = zone;
}

bool unseen_lost(const struct unseen *unseen, const char *type)
{
	for (size_t i = 0; i < unseen->columns.n; i++)
		if (unseen->items[i].lost && strcmp(unseen->items[i].type, type) == 0)
			return true;
	return false;
}

void unseen_show_lost(struct unseen *unseen, const char *column, const char *text, size_t size)
{
	show(&column_of(unseen, column)->lost_shown, text, size);
}

static void merge_shown(struct names *to, const struct names *from)
{
	for (size_t i = 0; i < from->n && to->n <= SHOWN_VALUES; i++)
		names_add_new(to, from->items[i]);
}

void unseen_merge(struct unseen *to, const struct unseen *from)
{
	for (size_t i = 0; i < from->columns.n; i++) {
		const struct unseen_column *more = &from->items[i];
		struct unseen_column *item = column_of(to, from->columns.items[i]);

		item->values += more->values;
		item->missing += more->missing;
		item->lost += more->lost;
		item->moved += more->moved;
		item->tried += more->tried;
		item->otherwise += more->otherwise;
		if (more->grouped)
			unseen_group(to, from->columns.items[i], more->by, more->grouped);
		item->type = more->type ? more->type : item->type;
		item->zone = more->zone ? more->zone : item->zone;
		item->hint = more->hint ? more->hint : item->hint;
		merge_shown(&item->shown, &more->shown);
		merge_shown(&item->lost_shown, &more->lost_shown);
		merge_shown(&item->groups_shown, &more->groups_shown);
	}
}

void unseen_release(struct unseen *unseen)
{
	for (size_t i = 0; i < unseen->columns.n; i++) {
		names_release(&unseen->items[i].shown);
		names_release(&unseen->items[i].lost_shown);
		names_release(&unseen->items[i].groups_shown);
		free(unseen->items[i].by);
	}
	free(unseen->items);
	names_release(&unseen->columns);
	*unseen = (struct unseen){ .items = NULL };
}

/* ---- for people ---- */

static void list_values(const struct names *shown, const char *before, struct buffer *to)
{
	for (size_t i = 0; i < shown->n && i < SHOWN_VALUES; i++)
		buffer_format(to, "%s'%s'", i ? ", " : before, shown->items[i]);
	if (shown->n > SHOWN_VALUES)
		buffer_add_text(to, ", ...");
}

static void print_values(const struct names *shown, struct buffer *to)
{
	list_values(shown, " (", to);
	if (shown->n)
		buffer_add_byte(to, ')');
}

static void print_column(const char *column, const struct unseen_column *item, bool values, struct buffer *to)
{
	const char *between = ": ";

	text_escape(to, column, strlen(column), 0);
	if (item->values) {
		buffer_format(to, "%s%" PRIu64 " value%s that training did not have", between, item->values, item->values == 1 ? "" : "s");
		if (values)
			print_values(&item->shown, to);
		between = ", ";
	}
	if (item->lost) {
		buffer_format(to, "%s%" PRIu64 " not read as %s", between, item->lost, item->type);
		if (values)
			print_values(&item->lost_shown, to);
		if (item->otherwise > item->tried / 2)
			buffer_format(to, ", %" PRIu64 " would be with %s", item->otherwise, item->hint);
		between = ", ";
	}
	if (item->missing > item->lost) {
		buffer_format(to, "%s%" PRIu64 " missing", between, item->missing - item->lost);
		between = ", ";
	}
	if (item->grouped) {
		buffer_format(to, "%s%" PRIu64 " filled with the value of all rows (none was learned for their ", between, item->grouped);
		text_escape(to, item->by, strlen(item->by), 0);
		if (values)
			list_values(&item->groups_shown, ": ", to);
		buffer_add_byte(to, ')');
		between = ", ";
	}
	if (item->moved)
		buffer_format(to, "%s%" PRIu64 " time%s of another zone, taken as of %s", between, item->moved, item->moved == 1 ? "" : "s", item->zone);
}

void unseen_print(const struct unseen *unseen, uint64_t n_rows, bool values, bool all, struct buffer *to)
{
	size_t n = 0;

	for (size_t i = 0; i < unseen->columns.n; i++) {
		const struct unseen_column *item = &unseen->items[i];

		if (item->values == 0 && item->missing == 0 && item->lost == 0 && item->grouped == 0 && item->moved == 0)
			continue;
		if (n++ >= SHOWN_COLUMNS && !all)
			continue;
		buffer_add_text(to, n > 1 ? "; " : "");
		print_column(unseen->columns.items[i], item, values, to);
	}
	if (n > SHOWN_COLUMNS && !all)
		buffer_format(to, "; and %zu columns more (-v names them)", n - SHOWN_COLUMNS);
	if (n)
		buffer_format(to, " (of %" PRIu64 " row%s)", n_rows, n_rows == 1 ? "" : "s");
}
