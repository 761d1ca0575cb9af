/* SPDX-License-Identifier: MIT */
/*
 * The lineage as a graph: every version of a column is a node, made by one unit
 * from the versions that it read and those that its fit saw. Nodes stand behind
 * their parents, so that one walk upwards or downwards answers for all of them.
 */
#include "leakage.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "recipe.h"

/* What a unit was made from, shared by all that it wrote: n_read versions that it read, then those that its fit saw. */
struct origin { size_t n_read, n, parents[]; };

struct leak_node {
	const char *name;
	const struct unit_place *place; /* of the unit that made it; NULL: an input */
	const struct origin *origin;    /* NULL: an input */
};

struct graph {
	struct unit_place *places;
	struct leak_node *nodes;
	size_t n, room;
	struct origin **origins;        /* by unit */
	size_t n_units;
	struct names names;             /* current version of names.items[i]: versions[i] */
	size_t *versions, room_versions;
};

static void version_set(struct graph *graph, const char *name, size_t node)
{
	size_t i = names_find(&graph->names, name);

	if (i == NO_NAME) {
		i = graph->names.n;
		array_grow(graph->versions, i, graph->room_versions);
		names_add(&graph->names, name);
	}
	graph->versions[i] = node;
}

static size_t node_add(struct graph *graph, const char *name, const struct unit_place *place, const struct origin *origin)
{
	array_grow(graph->nodes, graph->n, graph->room);
	graph->nodes[graph->n] = (struct leak_node){ name, place, origin };
	return graph->n++;
}

/* The current version of a name; an input if no unit made it. */
static size_t version(struct graph *graph, const char *name)
{
	size_t i = names_find(&graph->names, name), node;

	if (i != NO_NAME)
		return graph->versions[i];
	node = node_add(graph, name, NULL, NULL);
	version_set(graph, name, node);
	return node;
}

static struct origin *origin_new(struct graph *graph, const struct unit *unit, bool all)
{
	size_t n_learned = unit->crossfit && !all ? 0 : unit->learned_from.n, n = unit->reads.n + n_learned;
	struct origin *origin = mem_new(1, sizeof *origin + n * sizeof *origin->parents);

	origin->n_read = unit->reads.n;
	for (size_t i = 0; i < unit->reads.n; i++)
		origin->parents[origin->n++] = version(graph, unit->reads.items[i]);
	for (size_t i = 0; i < n_learned; i++)
		origin->parents[origin->n++] = version(graph, unit->learned_from.items[i]);
	return origin;
}

/* all: also what cross-fit units learned from. */
static void graph_make(struct graph *graph, const struct lineage *lineage, bool all)
{
	*graph = (struct graph){ .nodes = NULL };
	graph->places = lineage_places(lineage, &graph->n_units);
	graph->origins = mem_new(graph->n_units, sizeof *graph->origins);
	for (size_t i = 0; i < graph->n_units; i++) {
		const struct unit *unit = graph->places[i].unit;

		graph->origins[i] = origin_new(graph, unit, all);
		for (size_t w = 0; w < unit->writes.n && unit->acts != ACTS_ON_ROWS; w++)
			version_set(graph, unit->writes.items[w], node_add(graph, unit->writes.items[w], &graph->places[i], graph->origins[i]));
	}
}

static void graph_release(struct graph *graph)
{
	for (size_t i = 0; i < graph->n_units; i++)
		free(graph->origins[i]);
	free(graph->origins);
	free(graph->places);
	free(graph->nodes);
	free(graph->versions);
	names_release(&graph->names);
}

static size_t parents(const struct leak_node *node) { return node->origin ? node->origin->n : 0; }

/* One walk down from the last node marks all that the marked ones were made from. */
static void mark_ancestors(const struct graph *graph, bool *marks)
{
	for (size_t i = graph->n; i-- > 0;)
		for (size_t p = 0; marks[i] && p < parents(&graph->nodes[i]); p++)
			marks[graph->nodes[i].origin->parents[p]] = true;
}

/* One walk up marks all that was made from the marked ones. */
static void mark_descendants(const struct graph *graph, bool *marks)
{
	for (size_t i = 0; i < graph->n; i++)
		for (size_t p = 0; !marks[i] && p < parents(&graph->nodes[i]); p++)
			marks[i] = marks[graph->nodes[i].origin->parents[p]];
}

/* The target in all its forms: what it was rewritten from in place, and what alone it was computed from (y = log(minutes)). */
static void mark_forms(const struct graph *graph, size_t target, bool *forms)
{
	forms[target] = true;
	for (size_t i = target + 1; i-- > 0;) {
		const struct leak_node *node = &graph->nodes[i];

		for (size_t p = 0; forms[i] && node->origin && p < node->origin->n_read; p++) {
			size_t parent = node->origin->parents[p];

			if (node->origin->n_read == 1 || strcmp(graph->nodes[parent].name, node->name) == 0)
				forms[parent] = true;
		}
	}
}

/* The place that made the first node among `marked` directly from one of `from`, and is none of them. */
static const struct unit_place *maker(const struct graph *graph, const bool *marked, const bool *from)
{
	for (size_t i = 0; i < graph->n; i++)
		for (size_t p = 0; marked[i] && !from[i] && p < parents(&graph->nodes[i]); p++)
			if (from[graph->nodes[i].origin->parents[p]])
				return graph->nodes[i].place;
	return NULL;
}

/* A step whose line does not name the target took it for a feature (:text, a glob); that of a step which names it goes. */
static void advise(const struct unit_place *by, const char *target, struct buffer *advice)
{
	if (!by || strstr(by->entry->text, target)) {
		buffer_add_text(advice, "drop it");
		return;
	}
	buffer_add_text(advice, "put 'role ");
	selector_print_name(advice, target);
	buffer_add_text(advice, " target' before that step");
}

/* forms: of the target; behind: what it was made from. */
static int refuse(const struct graph *graph, size_t feature, const char *target, const bool *forms, const bool *behind, struct error *err)
{
	bool *marks = mem_new(graph->n, sizeof *marks);
	const char *name = graph->nodes[feature].name;
	const struct unit_place *by;
	struct buffer advice = BUFFER_INIT;

	marks[feature] = true;
	if (behind[feature]) {
		by = maker(graph, behind, marks);
		error_set(err, STATUS_REQUIREMENT, "leakage: the target '%s' was made from feature '%s' by step %zu '%s' (drop it, or --allow-leak)",
			target, name, by ? by->step : 0, by ? by->entry->text : "");
	} else {
		mark_ancestors(graph, marks);
		by = maker(graph, marks, forms);
		advise(by, target, &advice);
		error_set(err, STATUS_REQUIREMENT, "leakage: feature '%s' was made from the target '%s' by step %zu '%s' (%s, or --allow-leak)",
			name, target, by ? by->step : 0, by ? by->entry->text : "", buffer_text(&advice));
	}
	buffer_free(&advice);
	free(marks);
	return -1;
}

int leak_check_target(const struct lineage *lineage, const struct names *features, const char *target, struct error *err)
{
	struct graph graph;
	size_t goal, *nodes = mem_array(features->n, sizeof *nodes);
	bool *forms, *behind, *made_from;
	int result = 0;

	graph_make(&graph, lineage, false);
	goal = version(&graph, target);
	for (size_t i = 0; i < features->n; i++)
		nodes[i] = version(&graph, features->items[i]);
	forms = mem_new(graph.n, sizeof *forms);
	behind = mem_new(graph.n, sizeof *behind);
	made_from = mem_new(graph.n, sizeof *made_from);
	mark_forms(&graph, goal, forms);
	behind[goal] = true;
	mark_ancestors(&graph, behind);
	memcpy(made_from, forms, graph.n * sizeof *forms);
	mark_descendants(&graph, made_from);
	for (size_t i = 0; i < features->n && result == 0; i++)
		if (nodes[i] != goal && (behind[nodes[i]] || made_from[nodes[i]]))
			result = refuse(&graph, nodes[i], target, forms, behind, err);
	free(forms);
	free(behind);
	free(made_from);
	free(nodes);
	graph_release(&graph);
	return result;
}

/* The first node behind the features or the target that a fit made on such rows. */
static const struct leak_node *find_fitted(const struct graph *graph, const bool *used, enum fitted least)
{
	for (size_t i = 0; i < graph->n; i++)
		if (used[i] && graph->nodes[i].place && graph->nodes[i].place->unit->fitted >= least)
			return &graph->nodes[i];
	return NULL;
}

static bool writes_any(const struct unit *unit, const struct names *names)
{
	for (size_t i = 0; i < unit->writes.n; i++)
		if (names_find(names, unit->writes.items[i]) != NO_NAME)
			return true;
	return unit->writes.n == 0;
}

/* The first unit that chose the rows themselves by such rows, how often they come, or their weight: what is held out may come elsewhere, too. Marks
 * are none of the names. */
static const struct unit_place *find_chooser(const struct graph *graph, const struct names *names, enum fitted least)
{
	for (size_t i = 0; i < graph->n_units; i++) {
		const struct unit *unit = graph->places[i].unit;

		if (unit->acts == ACTS_ON_ROWS && unit->fitted >= least && writes_any(unit, names))
			return &graph->places[i];
	}
	return NULL;
}

static int check_fits(const struct lineage *lineage, const struct names *features, const char *target, bool folds, struct error *err)
{
	enum fitted least = folds ? FITTED_TRAIN : FITTED_ALL;
	const char *which = folds ? "folds hold out" : "are now held out", *fix = folds ? "put it into -f RECIPE, or mark rows valid" : "put 'split' before it";
	const struct leak_node *node;
	const struct unit_place *chooser;
	struct graph graph;
	bool *used;
	int result = 0;

	graph_make(&graph, lineage, true);
	if (target)
		version(&graph, target);
	for (size_t i = 0; i < features->n; i++)
		version(&graph, features->items[i]);
	used = mem_new(graph.n, sizeof *used);
	if (target)
		used[version(&graph, target)] = true;
	for (size_t i = 0; i < features->n; i++)
		used[version(&graph, features->items[i])] = true;
	mark_ancestors(&graph, used);
	node = find_fitted(&graph, used, least);
	chooser = find_chooser(&graph, features, least);
	if (node)
		result = error_set(err, STATUS_REQUIREMENT, "leakage: step %zu '%s' was fitted on rows that %s, and makes '%s': %s (or --allow-leak)",
		                   node->place->step, node->place->entry->text, which, node->name, fix);
	else if (chooser)
		result = error_set(err, STATUS_REQUIREMENT, "leakage: step %zu '%s' was fitted on rows that %s, and says how much each counts: %s (or --allow-leak)",
		                   chooser->step, chooser->entry->text, which, fix);
	free(used);
	graph_release(&graph);
	return result;
}

int leak_check_rows(const struct lineage *lineage, const struct names *features, const char *target, struct error *err)
{
	return check_fits(lineage, features, target, false, err);
}

int leak_check_folds(const struct lineage *lineage, const struct names *features, const char *target, struct error *err)
{
	return check_fits(lineage, features, target, true, err);
}
