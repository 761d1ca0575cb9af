/* SPDX-License-Identifier: MIT */
/*
 * What trees tell people: which features they split by, and a tree for a terminal: a question, its sides below it, at the right how many training rows came there.
 *
 *     income <= 3.07 or missing  20640 rows
 *     ├─ yes  age <= 27.5         8123
 *     │  ├─ yes  → 2.143          4221
 *     │  └─ no   → 1.07           3902
 *     └─ no   → 0.8631           12517
 */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "number.h"
#include "table.h"
#include "text.h"
#include "trees.h"

enum { CUT_DIGITS = 6, ANSWER_DIGITS = 5, ROWS_DIGITS = 9, MOST_RUNS = 8, MOST_ANSWERS = 8 };

static void add_number(struct buffer *to, double value, int digits)
{
	char text[NUMBER_SIZE];

	number_print_short(text, value, digits);
	buffer_add_text(to, text);
}

static bool holds(const struct level_set *set, size_t level) { return set->words[level / 32] >> level % 32 & 1; }

/* "in 0, 3-7", or where that is shorter of those that are not in it "not in 1, 2". */
static void add_levels(struct buffer *to, const struct level_set *set, size_t n_levels)
{
	size_t n_in = 0, n_out = 0, n = 0;
	bool in;

	for (size_t i = 0; i < n_levels; i++)
		if (i == 0 || holds(set, i) != holds(set, i - 1))
			++*(holds(set, i) ? &n_in : &n_out);
	in = n_out == 0 || (n_in > 0 && n_in <= n_out);
	buffer_add_text(to, in ? " in " : " not in ");
	for (size_t first = 0, next; first < n_levels; first = next) {
		for (next = first + 1; next < n_levels && holds(set, next) == holds(set, first); next++)
			;
		if (holds(set, first) != in)
			continue;
		if (n++ == MOST_RUNS) {
			buffer_add_text(to, ", …");
			break;
		}
		buffer_format(to, "%s%zu", n > 1 ? ", " : "", first);
		if (next > first + 1)
			buffer_format(to, "%s%zu", next > first + 2 ? "-" : ", ", next - 1);
	}
}

/* What a yes goes left for. Missing values are left where it says so. */
static void add_question(const struct trees *trees, const struct grown_node *node, const struct names *features, struct buffer *to)
{
	size_t feature = trees->pruned ? trees->used[node->feature] : node->feature;
	const struct feature_bins *bins = &trees->bins.features[feature];

	text_show_name(to, features->items[feature]);
	if (node->kind == NODE_LEVELS) {
		add_levels(to, &trees->sets[node->at], bins->n_levels);
	} else if (node->bin == 0) {
		buffer_add_text(to, " is missing");
	} else if (node->bin > bins->n_cuts) {
		buffer_add_text(to, node->missing_right ? " is not missing" : " is anything");
	} else {
		buffer_add_text(to, " <= ");
		add_number(to, bins->cuts[node->bin - 1], CUT_DIGITS);
		buffer_add_text(to, node->missing_right ? "" : " or missing");
	}
}

static void add_answer(const struct trees *trees, const struct grown_node *node, struct buffer *to)
{
	buffer_add_text(to, "→ ");
	for (size_t k = 0; k < trees->width && k < MOST_ANSWERS; k++) {
		buffer_add_text(to, k > 0 ? ", " : "");
		add_number(to, trees->values[node->at + k], ANSWER_DIGITS);
	}
	if (trees->width > MOST_ANSWERS)
		buffer_add_text(to, ", …");
}

/* A line's text and its rows. */
struct tree_line { size_t from, size; char rows[NUMBER_SIZE]; };

static void add_stem(const bool *right, size_t depth, struct buffer *to)
{
	for (size_t i = 1; i < depth; i++)
		buffer_add_text(to, right[i] ? "   " : "│  ");
	if (depth > 0)
		buffer_add_text(to, right[depth] ? "└─ no   " : "├─ yes  ");
}

static void print_lines(struct buffer *text, const struct tree_line *lines, size_t n, struct buffer *to)
{
	const char *bytes = buffer_text(text);
	size_t widest = 0, digits = 0;

	for (size_t i = 0; i < n; i++) {
		size_t width = text_columns(bytes + lines[i].from, lines[i].size);

		widest = width > widest ? width : widest;
		digits = strlen(lines[i].rows) > digits ? strlen(lines[i].rows) : digits;
	}
	for (size_t i = 0; i < n; i++) {
		size_t width = text_columns(bytes + lines[i].from, lines[i].size);

		buffer_add(to, bytes + lines[i].from, lines[i].size);
		buffer_format(to, "%*s%*s%s\n", (int)(widest - width), "", (int)digits + 2, lines[i].rows, i == 0 ? " rows" : "");
	}
}

void trees_draw(const struct trees *trees, size_t number, const struct names *features, struct buffer *to)
{
	const struct grown_tree *tree = &trees->trees[number];
	const struct grown_node *nodes = &trees->nodes[tree->first];
	struct tree_line *lines = mem_new(tree->n_nodes, sizeof *lines);
	bool *right = mem_new(tree->depth + 1, sizeof *right);
	struct buffer text = BUFFER_INIT;
	size_t depth = 0;

	for (size_t i = 0; i < tree->n_nodes; i++) {
		struct tree_line *line = &lines[i];

		line->from = text.size;
		add_stem(right, depth, &text);
		if (nodes[i].kind != NODE_LEAF)
			add_question(trees, &nodes[i], features, &text);
		else
			add_answer(trees, &nodes[i], &text);
		line->size = text.size - line->from;
		number_print_short(line->rows, (double)trees->covers[tree->first + i], ROWS_DIGITS);
		if (nodes[i].kind != NODE_LEAF) {
			right[++depth] = false;
			continue;
		}
		while (depth > 0 && right[depth])
			depth--;
		right[depth] = true;
	}
	print_lines(&text, lines, tree->n_nodes, to);
	buffer_free(&text);
	free(right);
	free(lines);
}

/* ---- importance ---- */

void trees_rank(const struct trees *trees, size_t n, const struct names *features, struct buffer *to)
{
	double *gains = mem_new(features->n + 1, sizeof *gains), *splits = mem_new(features->n + 1, sizeof *splits), all = 0;
	double *own_gains = mem_new(features->n + 1, sizeof *own_gains), *own_splits = mem_new(features->n + 1, sizeof *own_splits);
	struct effect *effects = mem_new(features->n + 1, sizeof *effects);
	struct table *table = table_new();

	for (size_t i = 0; i < n; i++) {
		trees_importance(&trees[i], own_gains, own_splits);
		for (size_t j = 0; j < features->n; j++) {
			gains[j] += own_gains[j];
			splits[j] += own_splits[j];
			all += own_gains[j];
		}
	}
	for (size_t j = 0; j < features->n; j++)
		effects[j] = (struct effect){ j, all > 0 ? gains[j] / all : 0 };
	effects_sort(effects, features->n);
	table_column(table, "feature", false);
	table_column(table, "gain", true);
	table_column(table, "splits", true);
	for (size_t j = 0; j < features->n; j++) {
		table_format(table, "%s", features->items[effects[j].feature]);
		table_number(table, effects[j].size, 4);
		table_format(table, "%.0f", splits[effects[j].feature]);
	}
	table_print(table, to, 0, 0);
	table_free(table);
	free(effects);
	free(own_splits);
	free(own_gains);
	free(splits);
	free(gains);
}
