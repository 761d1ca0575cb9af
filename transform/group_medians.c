/* SPDX-License-Identifier: MIT */
#include "group_medians.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

static const double HALF = 0.5;

struct group_value { double value; uint32_t group; };

void group_medians_init(struct group_medians *medians, size_t memory)
{
	*medians = (struct group_medians){ .limit = memory / sizeof(struct group_value) };
}

void group_medians_release(struct group_medians *medians)
{
	free(medians->kept);
	free(medians->counts);
	free(medians->medians);
	quantiles_free(medians->large);
	*medians = (struct group_medians){ .limit = 0 };
}

void group_medians_room(struct group_medians *medians, size_t n_groups)
{
	size_t old = medians->n_groups, n = 2 * n_groups;

	if (n_groups <= old)
		return;
	medians->counts = mem_resize(medians->counts, n, sizeof *medians->counts);
	medians->medians = mem_resize(medians->medians, n, sizeof *medians->medians);
	memset(medians->counts + old, 0, (n - old) * sizeof *medians->counts);
	memset(medians->medians + old, 0, (n - old) * sizeof *medians->medians);
	medians->n_groups = n;
}

/* In a later pass what is kept fits: its groups were chosen so. */
static void keep(struct group_medians *medians, uint32_t group, double value)
{
	if (!medians->again && medians->n_kept >= medians->limit) {
		medians->spilled = true;
	} else if (!medians->spilled) {
		array_grow(medians->kept, medians->n_kept, medians->room);
		medians->kept[medians->n_kept++] = (struct group_value){ .value = value + 0.0, .group = group };        /* -0.0 is 0.0 */
	}
}

void group_medians_add(struct group_medians *medians, uint32_t group, double value)
{
	if (!medians->again)
		medians->counts[group]++;
	else if (group < medians->first || group >= medians->last)
		return;
	if (medians->large)
		quantiles_add(medians->large, value);
	else
		keep(medians, group, value);
}

static int compare_values(const void *a, const void *b)
{
	const struct group_value *left = a, *right = b;

	if (left->group != right->group)
		return left->group < right->group ? -1 : 1;
	return (left->value > right->value) - (left->value < right->value);
}

/* The medians of the groups of this pass, all of whose values are kept; as quantiles.h has them. */
static void take_kept(struct group_medians *medians)
{
	struct group_value *kept = medians->kept;

	if (medians->n_kept)
		qsort(kept, medians->n_kept, sizeof *kept, compare_values);
	for (size_t i = 0, end; i < medians->n_kept; i = end) {
		double low, high;

		for (end = i; end < medians->n_kept && kept[end].group == kept[i].group; )
			end++;
		low = kept[i + (end - i - 1) / 2].value;
		high = kept[i + (end - i) / 2].value;
		medians->medians[kept[i].group] = high - (high - low) * HALF;
	}
	medians->n_kept = 0;
}

/* Sets first .. last behind those that are done; false: none is left. */
static bool next_groups(struct group_medians *medians, size_t n_groups)
{
	uint64_t n = 0;

	medians->first = medians->last;
	while (medians->last < n_groups && n + medians->counts[medians->last] <= medians->limit)
		n += medians->counts[medians->last++];
	if (medians->last == medians->first && medians->first < n_groups) {
		medians->last++;
		medians->large = quantiles_new(&HALF, 1, medians->limit);
	}
	return medians->first < medians->last;
}

bool group_medians_finish(struct group_medians *medians, size_t n_groups)
{
	group_medians_room(medians, n_groups);
	if (medians->large) {
		if (!quantiles_finish(medians->large, &medians->medians[medians->first]))
			return false;
		quantiles_free(medians->large);
		medians->large = NULL;
	} else if (!medians->spilled) {
		take_kept(medians);
		if (!medians->again)
			medians->last = n_groups;
	}
	medians->again = true;
	medians->spilled = false;
	medians->n_kept = 0;
	return !next_groups(medians, n_groups);
}

size_t group_medians_memory(const struct group_medians *medians)
{
	return medians->n_groups * (sizeof *medians->counts + sizeof *medians->medians);
}

/* ---- merging ---- */

bool group_medians_merge(struct group_medians *to, struct group_medians *from, const uint32_t *groups, size_t n)
{
	if (to->again != from->again || to->first != from->first || to->last != from->last || !to->large != !from->large)
		return false;
	if (to->large)
		return quantiles_merge(to->large, from->large);
	for (size_t i = 0; !to->again && i < n && i < from->n_groups; i++)
		to->counts[groups[i]] += from->counts[i];
	to->spilled |= from->spilled;
	for (size_t i = 0; i < from->n_kept && !to->spilled; i++)
		keep(to, groups[from->kept[i].group], from->kept[i].value);
	return true;
}

/* ---- as bytes: [again, spilled, first, last, counts, medians, kept values, their groups, large or nil] ---- */

enum { PARTS = 9 };

void group_medians_pack(const struct group_medians *medians, size_t n_groups, struct buffer *to)
{
	struct buffer values = BUFFER_INIT, groups = BUFFER_INIT;
	size_t n_known = n_groups < medians->n_groups ? n_groups : medians->n_groups, n_kept = medians->spilled ? 0 : medians->n_kept;

	for (size_t i = 0; i < n_kept; i++) {
		buffer_add(&values, &medians->kept[i].value, sizeof medians->kept[i].value);
		buffer_add(&groups, &medians->kept[i].group, sizeof medians->kept[i].group);
	}
	pack_array(to, PARTS);
	pack_bool(to, medians->again);
	pack_bool(to, medians->spilled);
	pack_uint(to, medians->first);
	pack_uint(to, medians->last);
	pack_bytes(to, n_known ? (const void *)medians->counts : "", n_known * sizeof *medians->counts);
	pack_bytes(to, n_known ? (const void *)medians->medians : "", n_known * sizeof *medians->medians);
	pack_bytes(to, buffer_text(&values), values.size);
	pack_bytes(to, buffer_text(&groups), groups.size);
	if (medians->large)
		quantiles_pack(medians->large, to);
	else
		pack_nil(to);
	buffer_free(&values);
	buffer_free(&groups);
}

static bool is_bin(object value) { return value && value->type == MSGPACK_OBJECT_BIN; }

static bool unpack_kept(struct group_medians *medians, size_t n_groups, object values, object groups)
{
	size_t n = values->via.bin.size / sizeof(double);
	struct group_value one;

	if (values->via.bin.size != n * sizeof one.value || groups->via.bin.size != n * sizeof one.group)
		return false;
	for (size_t i = 0; i < n; i++) {
		memcpy(&one.value, values->via.bin.ptr + i * sizeof one.value, sizeof one.value);
		memcpy(&one.group, groups->via.bin.ptr + i * sizeof one.group, sizeof one.group);
		if (one.group >= n_groups)
			return false;
		keep(medians, one.group, one.value);
	}
	return true;
}

bool group_medians_unpack(struct group_medians *medians, size_t n_groups, object from)
{
	object counts = array_get(from, 4), known = array_get(from, 5), values = array_get(from, 6), groups = array_get(from, 7);
	object large = array_get(from, 8);
	uint64_t first, last;

	if (array_size(from) != PARTS || !object_bool(array_get(from, 0), &medians->again) ||
	    !object_bool(array_get(from, 1), &medians->spilled) || !object_uint(array_get(from, 2), &first) ||
	    !object_uint(array_get(from, 3), &last) || last > n_groups || first > last || !is_bin(counts) || !is_bin(known) ||
	    counts->via.bin.size % sizeof *medians->counts != 0 || counts->via.bin.size / sizeof *medians->counts > n_groups ||
	    known->via.bin.size != counts->via.bin.size || !is_bin(values) || !is_bin(groups))
		return false;
	medians->first = (size_t)first;
	medians->last = (size_t)last;
	group_medians_room(medians, counts->via.bin.size / sizeof *medians->counts);
	if (counts->via.bin.size) {
		memcpy(medians->counts, counts->via.bin.ptr, counts->via.bin.size);
		memcpy(medians->medians, known->via.bin.ptr, known->via.bin.size);
	}
	if (!unpack_kept(medians, n_groups, values, groups))
		return false;
	if (large->type == MSGPACK_OBJECT_NIL)
		return true;
	medians->large = quantiles_new(&HALF, 1, medians->limit);
	return medians->last == medians->first + 1 && quantiles_unpack(medians->large, large);
}
