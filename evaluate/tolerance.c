/* SPDX-License-Identifier: MIT */
#include "tolerance.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "number.h"

int tolerances_read(struct tolerances *to, const char *list, struct error *err)
{
	for (const char *at = list; ; at++) {
		size_t size = strcspn(at, ",");
		struct tolerance one = { .text = mem_text_n(at, size) };
		bool known = false;

		if (!number_share(one.text, &one.value, &one.relative) || !(one.value >= 0)) {
			error_set(err, STATUS_USAGE, "'%s' is no tolerance (a number such as 5, or a share of the truth such as 10%%)", one.text);
			free(one.text);
			return -1;
		}
		for (size_t i = 0; i < to->n; i++)
			known = known || strcmp(to->items[i].text, one.text) == 0;
		if (known) {
			free(one.text);
		} else {
			array_grow(to->items, to->n, to->room);
			to->items[to->n++] = one;
		}
		at += size;
		if (!*at)
			return 0;
	}
}

void tolerances_release(struct tolerances *tolerances)
{
	for (size_t i = 0; i < tolerances->n; i++)
		free(tolerances->items[i].text);
	free(tolerances->items);
	*tolerances = (struct tolerances){ .items = NULL };
}
