/* SPDX-License-Identifier: MIT */
#include "labels.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

int labels_start(struct labels *labels, struct subject *subject, const struct names *trained, struct error *err)
{
	*labels = (struct labels){ .subject = subject };
	distinct_start(&labels->all, TYPE_TEXT);
	if (trained->n > MOST_LABELS)
		return error_set(err, STATUS_FAILED, "%zu classes (at most %d)", trained->n, MOST_LABELS);
	for (size_t i = 0; i < trained->n; i++) {
		if (distinct_find(&labels->all, trained->items[i], strlen(trained->items[i])) != NO_VALUE)
			return error_set(err, STATUS_FAILED, "two classes '%s'", trained->items[i]);
		names_add(&subject->classes, trained->items[i]);
		distinct_add(&labels->all, trained->items[i], strlen(trained->items[i]));
	}
	subject->n_trained = subject->classes.n;
	return 0;
}

uint32_t labels_number(struct labels *labels, const void *text, size_t size)
{
	return distinct_add_within(&labels->all, text, size, labels->subject->n_trained + MOST_LABELS);
}

void labels_settle(struct labels *labels, struct scores *scores)
{
	const struct distinct *all = &labels->all;
	uint32_t *order = distinct_order(all), *to = labels->to = mem_array(all->n, sizeof *to);
	size_t n_trained = labels->subject->n_trained;
	struct buffer text = BUFFER_INIT;

	for (uint32_t i = 0; i < n_trained; i++)
		to[i] = i;
	for (size_t i = 0; i < all->n; i++) {
		if (order[i] < n_trained)
			continue;
		to[order[i]] = (uint32_t)labels->subject->classes.n;
		buffer_clear(&text);
		distinct_print(all, order[i], &text);
		names_add(&labels->subject->classes, buffer_text(&text));
	}
	scores_renumber(scores, to);
	buffer_free(&text);
	free(order);
}

void labels_release(struct labels *labels)
{
	distinct_release(&labels->all);
	free(labels->to);
}
