/* SPDX-License-Identifier: MIT */
#include "item_lists.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "metric.h"
#include "number.h"

static void add_item(struct item_lists *lists, const struct metric_kind *kind, struct metric_item *one)
{
	struct item_list *to = (struct item_list *)items_of(lists, kind);

	if (!to) {
		array_grow(lists->lists, lists->n, lists->room);
		to = &lists->lists[lists->n++];
		*to = (struct item_list){ .kind = kind };
	}
	for (size_t i = 0; i < to->n; i++)
		if (strcmp(to->items[i].text, one->text) == 0) {
			free(one->text);
			return;
		}
	array_grow(to->items, to->n, to->room);
	to->items[to->n++] = *one;
}

int items_read(struct item_lists *to, const struct metric_kind *kind, const char *list, struct error *err)
{
	for (const char *at = list; ; at++) {
		size_t size = strcspn(at, ",");
		struct metric_item one = { .text = mem_text_n(at, size) };

		if (!number_share(one.text, &one.value, &one.percent) || !kind->good_item(&one)) {
			error_set(err, STATUS_USAGE, "'%s' is no %s (%s)", one.text, kind->item_word, kind->item_form);
			free(one.text);
			return -1;
		}
		add_item(to, kind, &one);
		at += size;
		if (!*at)
			return 0;
	}
}

const struct item_list *items_of(const struct item_lists *lists, const struct metric_kind *kind)
{
	for (size_t i = 0; lists && i < lists->n; i++)
		if (lists->lists[i].kind == kind)
			return &lists->lists[i];
	return NULL;
}

void items_release(struct item_lists *lists)
{
	for (size_t i = 0; i < lists->n; i++) {
		for (size_t k = 0; k < lists->lists[i].n; k++)
			free(lists->lists[i].items[k].text);
		free(lists->lists[i].items);
	}
	free(lists->lists);
	*lists = (struct item_lists){ .lists = NULL };
}
