/* SPDX-License-Identifier: MIT */
#include "group_medians.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "order_key.h"

enum { AT_ONCE = 1024 };                /* values that come in order */

void group_medians_init(struct group_medians *medians, uint64_t memory, const struct host *host, struct ranking_file *file)
{
	*medians = (struct group_medians){ .memory = memory, .host = host, .file = file };
}

void group_medians_release(struct group_medians *medians)
{
	free(medians->counts);
	free(medians->medians);
	ranking_free(medians->values);
	*medians = (struct group_medians){ .memory = 0 };
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

static int keep(struct group_medians *medians, uint32_t group, double value, struct error *err)
{
	if (!medians->values)
		medians->values = ranking_new(medians->memory, medians->host, medians->file);
	return ranking_add(medians->values, value, 0, group, err);
}

int group_medians_add(struct group_medians *medians, uint32_t group, double value, struct error *err)
{
	if (group != NO_GROUP)
		medians->counts[group]++;
	return keep(medians, group, value, err);
}

/* The next of n values in order: *median holds once those in the middle came, as quantiles.h has it. */
static void take_value(double *median, uint64_t n, uint64_t rank, double value)
{
	if (rank == (n - 1) / 2)
		*median = value;
	if (rank == n / 2)
		*median = value - (value - *median) * 0.5;
}

int group_medians_finish(struct group_medians *medians, size_t n_groups, struct error *err)
{
	const struct ranked_row *rows;
	uint64_t *seen, n_seen = 0;
	int n = 0;

	group_medians_room(medians, n_groups);
	if (!medians->values)
		return 0;
	seen = mem_new(n_groups, sizeof *seen);
	while ((n = ranking_next(medians->values, AT_ONCE, &rows, err)) > 0)
		for (int i = 0; i < n; i++) {
			uint32_t group = rows[i].mark;
			double value = order_value(rows[i].key);

			take_value(&medians->of_all, ranking_rows(medians->values), n_seen++, value);
			if (group != NO_GROUP)
				take_value(&medians->medians[group], medians->counts[group], seen[group]++, value);
		}
	free(seen);
	return n;
}

int group_medians_in_order(struct group_medians *medians, int (*take)(void *state, uint32_t group, double value, struct error *err), void *state,
                           struct error *err)
{
	const struct ranked_row *rows;
	int n = 0;

	if (!medians->values)
		return 0;
	if (ranking_rewind(medians->values, err) < 0)
		return -1;
	while ((n = ranking_next(medians->values, AT_ONCE, &rows, err)) > 0)
		for (int i = 0; i < n; i++)
			if (take(state, rows[i].mark, order_value(rows[i].key), err) < 0)
				return -1;
	return n;
}

size_t group_medians_memory(const struct group_medians *medians)
{
	return medians->n_groups * (2 * sizeof *medians->counts + sizeof *medians->medians);    /* twice: finish counts anew */
}

/* ---- merging ---- */

struct joining { struct group_medians *to; const uint32_t *groups; };

static int join_value(void *state, const struct ranked_row *row, struct error *err)
{
	const struct joining *joining = state;

	return keep(joining->to, row->mark == NO_GROUP ? NO_GROUP : joining->groups[row->mark], order_value(row->key), err);
}

int group_medians_merge(struct group_medians *to, struct group_medians *from, const uint32_t *groups, size_t n, struct error *err)
{
	struct joining joining = { to, groups };

	for (size_t i = 0; i < n && i < from->n_groups; i++)
		to->counts[groups[i]] += from->counts[i];
	return from->values ? ranking_look(from->values, join_value, &joining, err) : 0;
}

/* ---- as bytes: [values, their groups]...: bins of 8 and 4 bytes each ---- */

enum { VALUES_AT_ONCE = 1 << 20 };

struct packing { struct buffer values, groups, packed; size_t n, n_parts; };

static void end_part(struct packing *packing)
{
	if (packing->n == 0)
		return;
	pack_bytes(&packing->packed, packing->values.data, packing->values.size);
	pack_bytes(&packing->packed, packing->groups.data, packing->groups.size);
	buffer_clear(&packing->values);
	buffer_clear(&packing->groups);
	packing->n = 0;
	packing->n_parts += 2;
}

static int pack_value(void *state, const struct ranked_row *row, struct error *err)
{
	struct packing *packing = state;
	double value = order_value(row->key);

	(void)err;
	buffer_add(&packing->values, &value, sizeof value);
	buffer_add(&packing->groups, &row->mark, sizeof row->mark);
	if (++packing->n == VALUES_AT_ONCE)
		end_part(packing);
	return 0;
}

int group_medians_pack(const struct group_medians *medians, struct buffer *to, struct error *err)
{
	struct packing packing = { .n = 0 };
	int result = medians->values ? ranking_look(medians->values, pack_value, &packing, err) : 0;

	end_part(&packing);
	pack_array(to, packing.n_parts);
	if (packing.packed.size)
		buffer_add(to, packing.packed.data, packing.packed.size);
	buffer_free(&packing.values);
	buffer_free(&packing.groups);
	buffer_free(&packing.packed);
	return result;
}

static int broken(struct error *err) { return error_set(err, STATUS_FAILED, "broken medians of groups"); }

static bool is_bin(object value) { return value && value->type == MSGPACK_OBJECT_BIN; }

static int unpack_values(struct group_medians *medians, size_t n_groups, object values, object groups, struct error *err)
{
	size_t n = is_bin(values) ? values->via.bin.size / sizeof(double) : 0;

	if (n == 0 || !is_bin(groups) || values->via.bin.size != n * sizeof(double) || groups->via.bin.size != n * sizeof(uint32_t))
		return broken(err);
	for (size_t i = 0; i < n; i++) {
		double value;
		uint32_t group;

		memcpy(&value, values->via.bin.ptr + i * sizeof value, sizeof value);
		memcpy(&group, groups->via.bin.ptr + i * sizeof group, sizeof group);
		if ((group != NO_GROUP && group >= n_groups) || isnan(value))
			return broken(err);
		if (group_medians_add(medians, group, value, err) < 0)
			return -1;
	}
	return 0;
}

int group_medians_unpack(struct group_medians *medians, size_t n_groups, object from, struct error *err)
{
	if (!from || from->type != MSGPACK_OBJECT_ARRAY || array_size(from) % 2 != 0)
		return broken(err);
	group_medians_room(medians, n_groups);
	for (size_t i = 0; i < array_size(from); i += 2)
		if (unpack_values(medians, n_groups, array_get(from, i), array_get(from, i + 1), err) < 0)
			return -1;
	return 0;
}
