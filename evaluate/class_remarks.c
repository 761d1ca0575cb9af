/* SPDX-License-Identifier: MIT */
#include "class_remarks.h"

#include <inttypes.h>

#include "buffer.h"

enum { MOST_NAMED = 10 };

static void name_class(const struct names *classes, size_t class, size_t n, struct buffer *to)
{
	if (n < MOST_NAMED)
		buffer_format(to, "%s'%s'", n ? ", " : "", classes->items[class]);
}

static void more(size_t n, struct buffer *to)
{
	if (n > MOST_NAMED)
		buffer_format(to, " and %zu more", n - MOST_NAMED);
}

bool absent_classes(const struct scores *scores, enum split split, struct buffer *to)
{
	size_t n = 0;

	for (size_t class = 0; class < scores->subject->n_trained; class++)
		if (scores_absent(scores, split, class))
			name_class(&scores->subject->classes, class, n++, to);
	more(n, to);
	return n > 0;
}

static uint64_t unseen_classes(const struct scores *scores, enum split split, struct buffer *to)
{
	const struct subject *subject = scores->subject;
	uint64_t rows = 0;
	size_t n = 0;

	for (size_t class = subject->n_trained; subject->n_trained && class < subject->classes.n; class++) {
		uint64_t own = rows_of_class(scores->splits[split].total, class);

		if (own > 0)
			name_class(&subject->classes, class, n++, to);
		rows += own;
	}
	more(n, to);
	return rows;
}

void class_remarks(struct scores *scores)
{
	for (enum split split = 0; split < N_SPLITS && scores->subject->task == TASK_CLASSIFICATION; split++) {
		struct buffer absent = BUFFER_INIT, unseen = BUFFER_INIT, remark = BUFFER_INIT;
		uint64_t rows;

		if (scores->splits[split].n_rows == 0)
			continue;
		rows = unseen_classes(scores, split, &unseen);
		if (rows > 0) {
			buffer_format(&remark, "%s: %" PRIu64 " row%s of classes that training never saw: %s (always wrong)", split_name(split), rows,
			              rows == 1 ? "" : "s", buffer_text(&unseen));
			names_add(&scores->remarks, buffer_text(&remark));
		}
		buffer_clear(&remark);
		if (absent_classes(scores, split, &absent)) {
			buffer_format(&remark, "%s: no row of classes that training knew: %s (nothing shows how well they are told)", split_name(split),
			              buffer_text(&absent));
			names_add(&scores->remarks, buffer_text(&remark));
		}
		buffer_free(&absent);
		buffer_free(&unseen);
		buffer_free(&remark);
	}
}
