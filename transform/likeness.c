/* SPDX-License-Identifier: MIT */
#include "likeness.h"

#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "memory.h"
#include "timestamp.h"

enum { SHOWN_COLUMNS = 5 };

/* The input that the name is by another name at this place of the front; NULL: it was made. */
static const char *origin_of(const struct likeness *likeness, const char *name)
{
	size_t at = names_find(&likeness->front, name);

	return at == NO_NAME ? name : likeness->origins[at];
}

static void set_origin(struct likeness *likeness, const char *name, const char *origin)
{
	size_t at = names_find(&likeness->front, name);

	if (at == NO_NAME) {
		at = likeness->front.n;
		array_grow(likeness->origins, at, likeness->room);
		names_add(&likeness->front, name);
	}
	likeness->origins[at] = origin;
}

void likeness_init(struct likeness *likeness, const struct header *have, const struct lineage *want, const struct overlap *overlap)
{
	*likeness = (struct likeness){ .have = have };
	if (style_texts_alike(&have->lineage.style, &want->style, &likeness->how))
		return;
	for (size_t i = 0; i < overlap->tail; i++) {
		const struct unit *unit = overlap->have[i].unit;
		bool renames = strcmp(unit->kind, "rename") == 0 && unit->reads.n == 1 && unit->writes.n == 1;

		for (size_t w = 0; w < unit->writes.n; w++)
			set_origin(likeness, unit->writes.items[w], renames ? origin_of(likeness, unit->reads.items[0]) : NULL);
	}
}

static int check_zones(struct likeness *likeness, const struct field *given, const struct field *stored, struct error *err)
{
	const char *mine = time_form_zone(given->form), *theirs = time_form_zone(stored->form);

	if (!*mine != !*theirs)
		return error_set(err, STATUS_REQUIREMENT, "column '%s' has times %s a zone, the stored ones have %s (write them as those were written)",
		                 given->name, *mine ? "with" : "without", *theirs ? "one" : "none");
	if (!time_same_zone(given->form, stored->form))
		names_take(&likeness->remarks, mem_format("%s: times of the zone %s, taken as those of %s", given->name, mine, theirs));
	return 0;
}

int likeness_check(struct likeness *likeness, const struct field *given, const struct field *stored, const struct host *host, struct error *err)
{
	const char *origin;

	if (given->type == TYPE_TIME && stored->type == TYPE_TIME)
		return check_zones(likeness, given, stored, err);
	if (stored->type != TYPE_TEXT)
		return 0;
	origin = likeness->how.size ? origin_of(likeness, given->name) : NULL;
	if (origin && schema_find(&likeness->have->lineage.inputs, origin) != NO_FIELD)
		names_add_new(&likeness->unlike, given->name);
	if (given->type == TYPE_TEXT || form_writes_back(given, false))
		return 0;
	form_refuse(given, "", err);
	return host_advise(host, ADVICE_READ_ALIKE, NULL, err);
}

int likeness_end(struct likeness *likeness, const struct host *host, struct error *err)
{
	const struct names *unlike = &likeness->unlike;
	struct buffer text = BUFFER_INIT;

	if (unlike->n == 0)
		return 0;
	for (size_t i = 0; i < unlike->n && i < SHOWN_COLUMNS; i++)
		buffer_format(&text, "%s'%s'", i ? ", " : "", unlike->items[i]);
	error_set(err, STATUS_REQUIREMENT, "column%s %s%s %s read %s", unlike->n > 1 ? "s" : "", buffer_text(&text),
	          unlike->n > SHOWN_COLUMNS ? ", ..." : "", unlike->n > 1 ? "were" : "was", buffer_text(&likeness->how));
	buffer_free(&text);
	return host_advise(host, ADVICE_READ_ALIKE, NULL, err);
}

void likeness_release(struct likeness *likeness)
{
	buffer_free(&likeness->how);
	names_release(&likeness->front);
	free(likeness->origins);
	names_release(&likeness->unlike);
	names_release(&likeness->remarks);
	*likeness = (struct likeness){ .have = NULL };
}
