/* SPDX-License-Identifier: MIT */
/*
 * The lineage as a graph: every version of a column is a node, made by one unit
 * from the versions that it read. From that follow what a feature was made from,
 * which forms the target went through, and how to undo the last of them.
 */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "plan.h"

struct node {
	const char *name;
	const struct unit *unit;        /* that made it; NULL: an input */
	const struct entry *entry;
	size_t step;
	size_t *parents, n_parents;
};

struct graph {
	struct node *nodes;
	size_t n, room;
	struct names names;             /* current version of each name: versions[i] */
	size_t *versions, room_versions;
};

static size_t node_add(struct graph *graph, const char *name)
{
	array_grow(graph->nodes, graph->n, graph->room);
	graph->nodes[graph->n] = (struct node){.name = name};
	return graph->n++;
}

static void version_set(struct graph *graph, const char *name, size_t node)
{
	for (size_t i = 0; i < graph->names.n; i++)
		if (strcmp(graph->names.items[i], name) == 0) {
			graph->versions[i] = node;
			return;
		}
	array_grow(graph->versions, graph->names.n, graph->room_versions);
	graph->versions[graph->names.n] = node;
	names_add(&graph->names, name);
}

/* The current version of a name; an input if no unit made it. */
static size_t version(struct graph *graph, const char *name)
{
	size_t node;

	for (size_t i = 0; i < graph->names.n; i++)
		if (strcmp(graph->names.items[i], name) == 0)
			return graph->versions[i];
	node = node_add(graph, name);
	version_set(graph, name, node);
	return node;
}

static void graph_make(struct graph *graph, const struct lineage *lineage)
{
	const struct unit *unit;
	const struct entry *entry;
	size_t step;

	*graph = (struct graph){.nodes = NULL};
	for (size_t i = 0; (unit = lineage_unit(lineage, i, &entry, &step)); i++) {
		size_t *parents = mem_array(unit->reads.n, sizeof *parents), first;

		for (size_t r = 0; r < unit->reads.n; r++)
			parents[r] = version(graph, unit->reads.items[r]);
		first = graph->n;
		for (size_t w = 0; w < unit->writes.n && !unit->rows; w++) {
			size_t id = node_add(graph, unit->writes.items[w]);
			struct node *node = &graph->nodes[id];

			node->unit = unit;
			node->entry = entry;
			node->step = step;
			node->n_parents = unit->reads.n;
			node->parents = mem_array(unit->reads.n, sizeof *parents);
			if (unit->reads.n)
				memcpy(node->parents, parents, unit->reads.n * sizeof *parents);
		}
		for (size_t id = first; id < graph->n; id++)
			version_set(graph, graph->nodes[id].name, id);
		free(parents);
	}
}

static void graph_release(struct graph *graph)
{
	for (size_t i = 0; i < graph->n; i++)
		free(graph->nodes[i].parents);
	free(graph->nodes);
	free(graph->versions);
	names_release(&graph->names);
}

/* Nodes are made after their parents, so one walk from `from` down marks all it was made from, itself included. */
static void mark_ancestors(const struct graph *graph, size_t from, bool *marks)
{
	marks[from] = true;
	for (size_t i = from + 1; i-- > 0;)
		if (marks[i])
			for (size_t p = 0; p < graph->nodes[i].n_parents; p++)
				marks[graph->nodes[i].parents[p]] = true;
}

/* The target in all its forms: what it was rewritten from in place, and what alone it was computed from (y = log(minutes)). */
static void mark_forms(const struct graph *graph, size_t target, bool *forms)
{
	forms[target] = true;
	for (size_t i = target + 1; i-- > 0;) {
		const struct node *node = &graph->nodes[i];

		if (!forms[i])
			continue;
		for (size_t p = 0; p < node->n_parents; p++)
			if (node->n_parents == 1 || strcmp(graph->nodes[node->parents[p]].name, node->name) == 0)
				forms[node->parents[p]] = true;
	}
}

/* The node among `marked` that was made directly from one of `from`, and is none of them. */
static const struct node *maker(const struct graph *graph, const bool *marked, const bool *from)
{
	for (size_t i = 0; i < graph->n; i++)
		for (size_t p = 0; marked[i] && !from[i] && p < graph->nodes[i].n_parents; p++)
			if (from[graph->nodes[i].parents[p]] && graph->nodes[i].unit)
				return &graph->nodes[i];
	return NULL;
}

static int check_feature(const struct graph *graph, const char *name, size_t feature, const char *target, const bool *forms, const bool *behind,
                         struct error *err)
{
	bool *made_from = mem_new(graph->n, sizeof *made_from), *self = mem_new(graph->n, sizeof *self);
	const struct node *by = NULL;
	bool leaks = false;

	mark_ancestors(graph, feature, made_from);
	for (size_t i = 0; i < graph->n && !leaks; i++)
		leaks = made_from[i] && forms[i];
	self[feature] = true;
	if (behind[feature]) {
		by = maker(graph, behind, self);
		error_set(err, STATUS_REQUIREMENT, "leakage: the target '%s' was made from feature '%s' by step %zu '%s' (drop it, or --allow-leak)",
			target, name, by ? by->step : 0, by ? by->entry->text : "");
	} else if (leaks) {
		by = maker(graph, made_from, forms);
		error_set(err, STATUS_REQUIREMENT, "leakage: feature '%s' was made from the target '%s' by step %zu '%s' (drop it, or --allow-leak)",
			name, target, by ? by->step : 0, by ? by->entry->text : "");
	}
	free(made_from);
	free(self);
	return err->code ? -1 : 0;
}

int leak_check_target(const struct lineage *lineage, const struct names *features, const char *target, struct error *err)
{
	struct graph graph;
	size_t goal, *nodes = mem_array(features->n, sizeof *nodes);
	bool *forms, *behind;
	int result = 0;

	graph_make(&graph, lineage);
	goal = version(&graph, target);
	for (size_t i = 0; i < features->n; i++)
		nodes[i] = version(&graph, features->items[i]);
	forms = mem_new(graph.n, sizeof *forms);
	behind = mem_new(graph.n, sizeof *behind);
	mark_forms(&graph, goal, forms);
	mark_ancestors(&graph, goal, behind);
	for (size_t i = 0; i < features->n && result == 0; i++)
		if (nodes[i] != goal)
			result = check_feature(&graph, features->items[i], nodes[i], target, forms, behind, err);
	free(forms);
	free(behind);
	free(nodes);
	graph_release(&graph);
	return result;
}

int leak_check_rows(const struct lineage *lineage, const struct names *features, const char *target, struct error *err)
{
	struct graph graph;
	bool *used;
	int result = 0;

	graph_make(&graph, lineage);
	version(&graph, target);
	for (size_t i = 0; i < features->n; i++)
		version(&graph, features->items[i]);
	used = mem_new(graph.n, sizeof *used);
	mark_ancestors(&graph, version(&graph, target), used);
	for (size_t i = 0; i < features->n; i++)
		mark_ancestors(&graph, version(&graph, features->items[i]), used);
	for (size_t i = 0; i < graph.n && result == 0; i++)
		if (used[i] && graph.nodes[i].unit && graph.nodes[i].unit->fitted == FITTED_ALL)
			result = error_set(err, STATUS_REQUIREMENT,
				"leakage: step %zu '%s' was fitted on rows that are now held out, and makes '%s': put 'split' before it (or --allow-leak)",
				graph.nodes[i].step, graph.nodes[i].entry->text, graph.nodes[i].name);
	free(used);
	graph_release(&graph);
	return result;
}

/* ---- undoing ---- */

/* The k-th unit from the end that belongs to the last run of undoable ones; NULL: there are not so many. */
static const struct unit *undoable(const struct lineage *lineage, const char *target, size_t k)
{
	for (size_t i = lineage_units(lineage); i-- > 0;) {
		const struct unit *unit = lineage_unit(lineage, i, NULL, NULL);
		const struct step_kind *kind = step_find(unit->kind);

		if (unit->rows || !names_have(&unit->writes, target))
			continue;
		if (!kind || !kind->undo || unit->writes.n != 1)
			return NULL;
		if (k-- == 0)
			return unit;
	}
	return NULL;
}

size_t undo_count(const struct lineage *lineage, const char *target)
{
	size_t n = 0;

	while (undoable(lineage, target, n))
		n++;
	return n;
}

int undo_values(const struct lineage *lineage, const char *target, double *values, size_t n_rows, struct error *err)
{
	const struct unit *unit;

	for (size_t k = 0; (unit = undoable(lineage, target, k)); k++)
		if (step_find(unit->kind)->undo(unit, values, n_rows, err))
			return -1;
	return 0;
}
