/* SPDX-License-Identifier: MIT */
#include "tree_rows.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* ---- groups ---- */

static unsigned shift_of(const struct feature_bins *feature)
{
	unsigned shift = 0;

	while (((size_t)1 << shift) < feature->n_bins)
		shift++;
	return shift;
}

/* Features of the same shift, the most bins first, as they come within; each such run is divided evenly. */
void grouping_make(struct grouping *grouping, const struct bins *bins)
{
	size_t n = 0;

	*grouping = (struct grouping){ .n_features = bins->n };
	grouping->groups = mem_new(bins->n + 1, sizeof *grouping->groups);
	grouping->features = mem_new(bins->n + 1, sizeof *grouping->features);
	grouping->group_of = mem_new(bins->n + 1, sizeof *grouping->group_of);
	grouping->lane_of = mem_new(bins->n + 1, sizeof *grouping->lane_of);
	for (unsigned shift = 9; shift-- > 0;) {
		size_t first = n, n_groups;

		for (size_t j = 0; j < bins->n; j++)
			if (shift_of(&bins->features[j]) == shift)
				grouping->features[n++] = (uint32_t)j;
		n_groups = (n - first + GROUP_WIDTH - 1) / GROUP_WIDTH;
		for (size_t i = 0; i < n_groups; i++) {
			struct feature_group *group = &grouping->groups[grouping->n_groups];
			size_t from = first + (n - first) * i / n_groups, to = first + (n - first) * (i + 1) / n_groups;

			*group = (struct feature_group){ .width = to - from, .shift = shift, .at = grouping->n_sums, .first = from };
			for (size_t place = from; place < to; place++) {
				grouping->group_of[grouping->features[place]] = (uint32_t)grouping->n_groups;
				grouping->lane_of[grouping->features[place]] = (uint32_t)(place - from);
			}
			grouping->n_sums += group->width << shift;
			grouping->n_groups++;
		}
	}
}

void grouping_release(struct grouping *grouping)
{
	free(grouping->groups);
	free(grouping->features);
	free(grouping->group_of);
	free(grouping->lane_of);
	*grouping = (struct grouping){ .n_features = 0 };
}

/* ---- counting ---- */

void block_counts_init(struct block_counts *counts)
{
	*counts = (struct block_counts){ .n = NULL };
	pthread_mutex_init(&counts->lock, NULL);
}

void block_counts_add(struct block_counts *counts, const struct panel *panel)
{
	pthread_mutex_lock(&counts->lock);
	if (panel->block >= counts->room) {
		size_t room = 2 * (size_t)panel->block + 64;

		counts->n = mem_resize(counts->n, room, sizeof *counts->n);
		memset(&counts->n[counts->room], 0, (room - counts->room) * sizeof *counts->n);
		counts->room = room;
	}
	counts->n[panel->block] = (uint32_t)panel->n_rows;
	if (panel->block >= counts->n_blocks)
		counts->n_blocks = (size_t)panel->block + 1;
	pthread_mutex_unlock(&counts->lock);
}

void block_counts_release(struct block_counts *counts)
{
	free(counts->n);
	pthread_mutex_destroy(&counts->lock);
}

/* ---- rows ---- */

void tree_rows_open(struct tree_rows *rows, const struct bins *bins, const struct grouping *grouping, const struct block_counts *counts, bool weighted)
{
	*rows = (struct tree_rows){ .bins = bins, .grouping = grouping, .n_blocks = counts->n_blocks, .all_weights = 1, .n_weights = 1 };
	rows->first_rows = mem_array(counts->n_blocks + 1, sizeof *rows->first_rows);
	for (size_t block = 0; block < counts->n_blocks; block++) {
		rows->first_rows[block] = rows->n_rows;
		rows->n_rows += counts->n[block];
	}
	rows->groups = mem_new(grouping->n_groups + 1, sizeof *rows->groups);
	for (size_t g = 0; g < grouping->n_groups; g++)
		rows->groups[g] = mem_array(rows->n_rows * grouping->groups[g].width + 1, 1);
	rows->y = mem_array(rows->n_rows + 1, sizeof *rows->y);
	if (weighted)
		rows->weight = mem_array(rows->n_rows + 1, sizeof *rows->weight);
}

void tree_rows_add(struct tree_rows *rows, const struct panel *panel, const float *y)
{
	const struct grouping *grouping = rows->grouping;
	size_t first = rows->first_rows[panel->block];

	for (size_t j = 0; j < panel->n_features; j++) {
		size_t width = grouping->groups[grouping->group_of[j]].width;
		unsigned char *to = rows->groups[grouping->group_of[j]] + first * width + grouping->lane_of[j];

		bins_of(&rows->bins->features[j], &panel->x[j * panel->stride], panel->n_rows, to, width);
	}
	memcpy(&rows->y[first], y, panel->n_rows * sizeof *y);
	for (size_t row = 0; rows->weight && row < panel->n_rows; row++)
		rows->weight[first + row] = panel->weight ? (float)(panel->weight[row] / rows->all_weights * rows->n_weights) : 1;
}

void tree_rows_free(struct tree_rows *rows)
{
	for (size_t g = 0; rows->groups && g < rows->grouping->n_groups; g++)
		free(rows->groups[g]);
	free(rows->groups);
	free(rows->y);
	free(rows->weight);
	free(rows->first_rows);
	*rows = (struct tree_rows){ .n_rows = 0 };
}

uint64_t tree_rows_size(size_t n_features, uint64_t n_rows, bool weighted)
{
	return n_rows * (n_features + sizeof(float) * (weighted ? 2 : 1));
}
