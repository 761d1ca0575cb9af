/* SPDX-License-Identifier: MIT */
/*
 * The tail is found by the failure links of the stored list (Knuth, Morris, Pratt),
 * in time proportional to both.
 */
#include "overlap.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* Units that change columns, by their place in a list. */
struct column_units { const struct unit_place *places; size_t *at, n; };

static bool counts(const struct unit *unit, bool all)
{
	if (unit->acts == ACTS_ON_ROWS)
		return false;
	return unit->writes.n > 0 || (all && unit->acts == ACTS_ON_COLUMNS);
}

static struct column_units count(const struct unit_place *places, size_t n, bool all)
{
	struct column_units counted = { .places = places, .at = mem_array(n, sizeof *counted.at) };

	for (size_t i = 0; i < n; i++)
		if (counts(places[i].unit, all))
			counted.at[counted.n++] = i;
	return counted;
}

static uint64_t digest(const struct column_units *counted, size_t i)
{
	return counted->places[counted->at[i]].unit->digest;
}

/* How many of the last of `have` are the first of `want`. */
static size_t longest_tail(const struct column_units *have, const struct column_units *want)
{
	size_t *links = mem_array(want->n + 1, sizeof *links);  /* of the first i + 1: the longest of their tails that begins them, and is not all */
	size_t n = 0;

	links[0] = 0;
	for (size_t i = 1; i < want->n; i++) {
		size_t length = links[i - 1];

		while (length > 0 && digest(want, i) != digest(want, length))
			length = links[length - 1];
		links[i] = length + (digest(want, i) == digest(want, length));
	}
	for (size_t i = 0; i < have->n && want->n; i++) {
		if (n == want->n)
			n = links[n - 1];
		while (n > 0 && digest(have, i) != digest(want, n))
			n = links[n - 1];
		n += digest(have, i) == digest(want, n);
	}
	free(links);
	return n;
}

/* ---- the front ---- */

struct known { uint64_t digest; size_t at; };   /* a stored unit */

static int compare_known(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	if (x->digest != y->digest)
		return x->digest < y->digest ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static const struct known *find_known(const struct known *known, size_t n, uint64_t digest)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (known[middle].digest < digest)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && known[low].digest == digest ? &known[low] : NULL;
}

/* A stored step of the same words was fitted on other rows. */
static bool is_refitted(const struct overlap *overlap, const struct unit_place *mine)
{
	for (size_t i = 0; i < overlap->n_want; i++)
		if (strcmp(overlap->want[i].entry->text, mine->entry->text) == 0)
			return true;
	return false;
}

static int refuse_fitted(const struct overlap *overlap, const struct unit_place *mine, struct error *err)
{
	if (is_refitted(overlap, mine))
		return error_set(err, STATUS_REQUIREMENT, "step %zu '%s' of the input was fitted on other rows than the stored one (give raw records)",
		                 mine->step, mine->entry->text);
	return error_set(err, STATUS_REQUIREMENT, "step %zu '%s' of the input learned from its rows, and is not in what was trained on (give records that did not pass it)",
	                 mine->step, mine->entry->text);
}

/* stored: a unit of the front that is in the stored list, too, so what stands behind it, or is missing before it, is in the way. */
static int refuse_stored(const struct overlap *overlap, const struct column_units *have, const struct column_units *want, size_t front, size_t at,
                         const struct known *stored, struct error *err)
{
	const struct unit_place *mine = &overlap->have[have->at[at]], *behind = NULL;
	size_t next = stored->at + 1;

	for (size_t i = at + 1; i < front && !behind; i++, next++)
		if (next >= want->n || digest(have, i) != digest(want, next))
			behind = &overlap->have[have->at[i]];
	if (stored->at > 0 && (at == 0 || digest(have, at - 1) != digest(want, stored->at - 1)))
		return error_set(err, STATUS_REQUIREMENT, "step %zu '%s' of the input was done without step %zu '%s' before it (give raw records)",
		                 mine->step, mine->entry->text, overlap->want[want->at[stored->at - 1]].step,
		                 overlap->want[want->at[stored->at - 1]].entry->text);
	if (!behind)
		return error_set(err, STATUS_REQUIREMENT, "step %zu '%s' of the input is in what was trained on, too (give raw records)",
		                 mine->step, mine->entry->text);
	return error_set(err, STATUS_REQUIREMENT, "step %zu '%s' of the input stands behind steps of what was trained on (give raw records, or let it come later)",
	                 behind->step, behind->entry->text);
}

static int check_front(const struct overlap *overlap, const struct column_units *have, const struct column_units *want, size_t front, struct error *err)
{
	struct known *known = mem_array(want->n, sizeof *known);
	int result = 0;

	for (size_t i = 0; i < want->n; i++)
		known[i] = (struct known){ digest(want, i), i };
	if (want->n)
		qsort(known, want->n, sizeof *known, compare_known);
	for (size_t i = 0; i < front && result == 0; i++) {
		const struct unit_place *mine = &overlap->have[have->at[i]];
		const struct known *stored = find_known(known, want->n, mine->unit->digest);

		if (stored)
			result = refuse_stored(overlap, have, want, front, i, stored, err);
		else if (mine->unit->acts == ACTS_ON_TABLE)
			result = error_set(err, STATUS_REQUIREMENT, "step %zu '%s' of the input makes other rows, and is not in what was trained on (give records that did not pass it)",
			                   mine->step, mine->entry->text);
		else if (mine->unit->fitted != FITTED_NONE)
			result = refuse_fitted(overlap, mine, err);
	}
	free(known);
	return result;
}

int overlap_find(struct overlap *overlap, const struct lineage *have, const struct lineage *want, bool all, struct error *err)
{
	struct column_units mine, stored;
	size_t n;
	int result;

	*overlap = (struct overlap){ .have = NULL };
	overlap->have = lineage_places(have, &overlap->n_have);
	overlap->want = lineage_places(want, &overlap->n_want);
	mine = count(overlap->have, overlap->n_have, all);
	stored = count(overlap->want, overlap->n_want, all);
	n = longest_tail(&mine, &stored);
	overlap->tail = n ? mine.at[mine.n - n] : overlap->n_have;
	overlap->done = n ? stored.at[n - 1] + 1 : 0;
	result = check_front(overlap, &mine, &stored, mine.n - n, err);
	free(mine.at);
	free(stored.at);
	return result;
}

void overlap_release(struct overlap *overlap)
{
	free(overlap->have);
	free(overlap->want);
	*overlap = (struct overlap){ .have = NULL };
}
