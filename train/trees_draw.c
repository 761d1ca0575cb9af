/* SPDX-License-Identifier: MIT */
/*
 * What trees tell people: which features they split by, and a tree for a terminal: a question, its sides below it, at the right how many training rows came there.
 *
 *     income <= 3.07 or missing      20640 rows
 *     ├─ yes  city in {Berlin, Rome}  8123
 *     │  ├─ yes  → 2.143              4221
 *     │  └─ no   → 1.07               3902
 *     └─ no   → 0.8631               12517
 */
#include <stdlib.h>
#include <string.h>

#include "levels_of.h"
#include "memory.h"
#include "number.h"
#include "table.h"
#include "text.h"
#include "trees.h"

enum { CUT_DIGITS = 6, ANSWER_DIGITS = 5, ROWS_DIGITS = 9, SHARE_DIGITS = 3, MOST_LEVELS = 6, LEVEL_COLUMNS = 24, MOST_SHARES = 3 };

static void add_number(struct buffer *to, double value, int digits)
{
	char text[NUMBER_SIZE];

	number_print_short(text, value, digits);
	buffer_add_text(to, text);
}

/* A name that could be taken for something else stands in quotes. */
static void add_level_name(const char *name, struct buffer *to)
{
	size_t size = strlen(name);
	bool quoted = size == 0 || strpbrk(name, ",{}\"") || name[0] == ' ' || name[size - 1] == ' ' || strcmp(name, "others") == 0 || strcmp(name, "missing") == 0 ||
	              strcmp(name, "others or missing") == 0;

	buffer_add_text(to, quoted ? "\"" : "");
	text_escape(to, name, size, LEVEL_COLUMNS);
	buffer_add_text(to, quoted ? "\"" : "");
}

/* names NULL: nobody knows them. Missing ones are with the others unless they have a number of their own. */
static void add_level(const struct level_names *names, size_t level, size_t n_levels, struct buffer *to)
{
	if (!names)
		buffer_format(to, "%zu", level);
	else if (level == 0)
		buffer_add_text(to, n_levels > names->names.n + 1 ? "others" : "others or missing");
	else if (level > names->names.n)
		buffer_add_text(to, "missing");
	else
		add_level_name(names->names.items[level - 1], to);
}

/* "in {Berlin, Rome}", or where that is shorter of those that are not in it "not in {Bonn}": the first of them and how many more there are. */
static void add_levels(const struct level_set *set, const struct level_names *names, size_t n_levels, struct buffer *to)
{
	size_t n_in = 0, n = 0, n_shown;
	bool in;

	for (size_t i = 0; i < n_levels; i++)
		n_in += level_set_holds(set, i);
	in = n_in == n_levels || (n_in > 0 && n_in <= n_levels - n_in);
	n_shown = in ? n_in : n_levels - n_in;
	buffer_add_text(to, in ? " in {" : " not in {");
	for (size_t i = 0; i < n_levels && n < MOST_LEVELS; i++)
		if (level_set_holds(set, i) == in) {
			buffer_add_text(to, n++ ? ", " : "");
			add_level(names, i, n_levels, to);
		}
	if (n_shown > n)
		buffer_format(to, ", … %zu more", n_shown - n);
	buffer_add_text(to, "}");
}

/* What a yes goes left for. Missing values are left where it says so. */
static void add_question(const struct trees *trees, const struct grown_tree *tree, const struct grown_node *node, const struct problem *problem,
                         struct buffer *to)
{
	size_t feature = trees->pruned ? trees->used[node->feature] : node->feature;
	const struct feature_bins *bins = &trees->bins.features[feature];
	const struct level_names *names = node->kind == NODE_LEVELS && problem->levels && problem->levels[feature].column ? &problem->levels[feature] : NULL;

	text_show_name(to, names ? names->column : problem->features.items[feature]);
	if (node->kind == NODE_LEVELS) {
		add_levels(&trees->sets[tree->first_set + node->at], names, bins->n_levels, to);
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

static void add_share(const char *class, double share, struct buffer *to)
{
	text_escape(to, class, strlen(class), LEVEL_COLUMNS);
	buffer_add_byte(to, ' ');
	add_number(to, 100 * share, SHARE_DIGITS);
	buffer_add_text(to, " %");
}

/* Of two classes the second one's share, so that leaves can be compared; of more those that are there, the largest share first. */
static void add_shares(const double *shares, const struct names *classes, struct buffer *to)
{
	struct effect *effects = mem_array(classes->n, sizeof *effects);

	for (size_t k = 0; k < classes->n; k++)
		effects[k] = (struct effect){ k, shares[k] };
	effects_sort(effects, classes->n);
	for (size_t k = 0; k < classes->n && effects[k].size > 0; k++) {
		buffer_add_text(to, k > 0 ? ", " : "");
		if (k == MOST_SHARES) {
			buffer_add_text(to, "…");
			break;
		}
		add_share(classes->items[effects[k].feature], effects[k].size, to);
	}
	free(effects);
}

static void add_answer(const struct trees *trees, const struct grown_tree *tree, const struct grown_node *node, const struct problem *problem,
                       struct buffer *to)
{
	const double *answers = &trees->values[tree->first_value + node->at * trees->width];

	buffer_add_text(to, "→ ");
	if (problem->task != TASK_CLASSIFICATION)
		add_number(to, answers[0], ANSWER_DIGITS);
	else if (trees->width == 1)
		add_share(problem->classes.items[1], answers[0], to);
	else
		add_shares(answers, &problem->classes, to);
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

void trees_draw(const struct trees *trees, size_t number, const struct problem *problem, struct buffer *to)
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
			add_question(trees, tree, &nodes[i], problem, &text);
		else
			add_answer(trees, tree, &nodes[i], problem, &text);
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
	struct effect *effects = mem_new(features->n + 1, sizeof *effects);
	struct table *table = table_new();
	size_t n_split = 0;

	for (size_t i = 0; i < n; i++)
		trees_importance(&trees[i], gains, splits);
	for (size_t j = 0; j < features->n; j++)
		all += gains[j];
	for (size_t j = 0; j < features->n; j++)
		effects[j] = (struct effect){ j, all > 0 ? gains[j] / all : 0 };
	effects_sort(effects, features->n);
	table_column(table, "feature", false);
	table_column(table, "gain", true);
	table_column(table, "splits", true);
	for (size_t j = 0; j < features->n; j++) {
		if (splits[effects[j].feature] == 0)
			continue;
		n_split++;
		table_format(table, "%s", features->items[effects[j].feature]);
		table_number(table, effects[j].size, 4);
		table_format(table, "%.0f", splits[effects[j].feature]);
	}
	if (n_split > 0)
		table_print(table, to, 0, 0);
	if (n_split < features->n)
		buffer_format(to, "%s%zu feature%s in no split\n", n_split ? "and " : "", features->n - n_split, features->n - n_split == 1 ? " is" : "s are");
	table_free(table);
	free(effects);
	free(splits);
	free(gains);
}
