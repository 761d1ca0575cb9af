/* SPDX-License-Identifier: MIT */
#include "setup.h"

#include <stdlib.h>
#include <string.h>

#include "leakage.h"
#include "memory.h"
#include "selector.h"
#include "undo.h"
#include "weights.h"

enum { NAMES_SHOWN = 8 };               /* in a remark */

const char *target_scale(int choice)
{
	static const char *const scales[] = { "log", "log1p", "sqrt" };

	return choice < 0 ? NULL : scales[choice];
}

/* Clusters and no target; false: a target and no clusters. */
static bool makes_clusters(const struct setup_options *options)
{
	return options->model ? model_clusters(model_find(options->model)) : options->task == TASK_CLUSTERS;
}

/* Family, --task and target: who learns without a target is given none, and who needs one makes no clusters. */
static int check_clusters(const struct setup_options *options, const char *target, struct error *err)
{
	const char *of_clusters = model_for(TASK_CLUSTERING)->name;
	const char *model = options->model ? options->model : of_clusters;
	bool clusters = makes_clusters(options);

	if (options->task == TASK_CLUSTERS && !clusters)
		return error_set(err, STATUS_USAGE, "--task clustering: model '%s' learns a target (--model %s makes clusters)", model, of_clusters);
	if (clusters && options->task != TASK_CLUSTERS && options->task != TASK_AUTO)
		return error_set(err, STATUS_USAGE, "model '%s' makes clusters and learns no target: leave out --task", model);
	if (clusters && target)
		return error_set(err, STATUS_USAGE, "model '%s' learns without a target: leave out '%s' (--features says which columns count)", model, target);
	return 0;
}

int setup_words(const struct setup_options *options, struct error *err)
{
	const char *target = NULL;

	if (options->holdout + options->valid >= 1)
		return error_set(err, STATUS_USAGE, "--holdout %g and --valid %g leave no row to train on", options->holdout, options->valid);
	if (options->model && !model_require(options->model, err))
		return -1;
	for (size_t i = 0; i < options->operands->n; i++) {
		const char *word = options->operands->items[i];

		if (parameter_key(word))
			continue;
		if (target)
			return error_set(err, STATUS_USAGE, "'%s' is a second target after '%s' (parameters are key=value, features --features)",
			                 word, target);
		target = word;
	}
	return check_clusters(options, target, err) < 0 ? -1 : parameters_words(options->operands, err);
}

static const char *find_target_word(const struct setup_options *options)
{
	for (size_t i = 0; i < options->operands->n; i++)
		if (!parameter_key(options->operands->items[i]))
			return options->operands->items[i];
	return NULL;
}

/* ---- target, task, model ---- */

static int find_target(struct setup *setup, const struct setup_options *options, const struct schema *schema, struct error *err)
{
	const char *word = options->from ? options->from->target : find_target_word(options);
	int col;

	if (word)
		col = schema_require(schema, word, err);
	else if (schema_find_only(schema, ROLE_TARGET, &col, options->host, err) < 0)
		return -1;
	if (!word && col == NO_FIELD) {
		error_set(err, STATUS_USAGE, "which column is the target?");
		return host_advise(options->host, ADVICE_NAME_TARGET, NULL, err);
	}
	if (col == NO_FIELD) {
		err->code = options->from ? STATUS_REQUIREMENT : STATUS_USAGE;
		return error_prefix(err, "the target");
	}
	if (schema->fields[col].role == ROLE_WEIGHT || schema->fields[col].role == ROLE_SPLIT) {
		error_set(err, STATUS_USAGE, "the target: '%s' has role %s", schema->fields[col].name, role_name(schema->fields[col].role));
		return host_advise(options->host, ADVICE_MAKE_FEATURE, schema->fields[col].name, err);
	}
	setup->target_col = col;
	setup->target = mem_text(schema->fields[col].name);
	return 0;
}

static int fail_text(struct setup *setup, struct error *err)
{
	setup->numbers_due = true;
	return error_set(err, STATUS_FAILED, "the target '%s' is text, regression needs a number: --task classification takes it as classes", setup->target);
}

/* A number may be two classes, unless somebody measured it: what was scaled is no class. */
static int choose_task(struct setup *setup, const struct setup_options *options, const struct field *target, const struct lineage *lineage,
                       struct error *err)
{
	bool number = type_is_number(target->type);

	if (options->from) {            /* replay makes of the target what it was */
		setup->task = options->from->problem.task;
		return 0;
	}
	if (target->type == TYPE_TIME)
		return error_set(err, STATUS_FAILED, "the target '%s' is a time (derive a number from it)", target->name);
	if (options->task == TASK_NUMBER && target->type == TYPE_TEXT)
		return fail_text(setup, err);
	if (options->target_as && (options->task == TASK_CLASS || !(number || (target->type == TYPE_BOOL && options->task == TASK_NUMBER))))
		return error_set(err, STATUS_USAGE, "--target-as %s is for numbers, and the target '%s' %s", options->target_as, target->name,
		                 number ? "is to be classes (--task)" : "has classes");
	setup->automatic = options->task == TASK_AUTO;
	setup->task = options->task == TASK_NUMBER || (setup->automatic && number) ? TASK_REGRESSION : TASK_CLASSIFICATION;
	setup->open = setup->automatic && number && !options->target_as && undo_count(lineage, target->name) == 0;
	return 0;
}

/* ---- family and parameters ---- */

static const struct model_kind *kind_for(const struct setup_options *options, enum task task)
{
	return options->model ? model_find(options->model) : model_for(task);
}

/* Family and parameters for a task, as far as they can be judged without features and classes. */
static int take_family(struct setup *setup, const struct setup_options *options, enum task task, struct error *err)
{
	setup->task = task;
	setup->kind = kind_for(options, task);
	free(setup->parameters);
	setup->parameters = mem_new(1, setup->kind->config_size);
	return parameters_set(setup->kind, options->operands, task, setup->parameters, &setup->general, err);
}

/* Numbers or two classes: the family must take the parameters for one of them, and if that is numbers only, and --model names it, all
 * is said. */
static int take_either(struct setup *setup, const struct setup_options *options, struct error *err)
{
	const struct model_kind *const kinds[2] = { kind_for(options, TASK_REGRESSION), kind_for(options, TASK_CLASSIFICATION) };
	const struct problem numbers = { .task = TASK_REGRESSION };
	struct error as_classes = ERROR_INIT;
	bool classes;

	if (kinds[0] != kinds[1] && parameters_require_any(kinds, 2, options->operands, err) < 0)
		return -1;
	classes = take_family(setup, options, TASK_CLASSIFICATION, &as_classes) == 0;
	if (take_family(setup, options, TASK_REGRESSION, err) == 0) {
		setup->open = classes || !options->model;
		return 0;
	}
	if (!classes && parameters_suit(kinds[1], options->operands))
		*err = as_classes;
	if (!classes)
		return -1;
	setup->few = options->model && kinds[1]->check(kinds[1]->defaults, &numbers, &as_classes) < 0;
	error_clear(err);
	return 0;
}

/* A family that takes no classes at all is told so with what helps for this target. */
static int check_family(struct setup *setup, const struct setup_options *options, const struct field *target, struct error *err)
{
	const struct model_kind *kind = kind_for(options, setup->task);
	const struct problem problem = { .task = setup->task };
	const char *of_classes = model_for(TASK_CLASSIFICATION)->name;
	struct error ignored = ERROR_INIT;

	if (setup->task != TASK_CLASSIFICATION || kind->check(kind->defaults, &problem, &ignored) == 0)
		return 0;
	if (target->type != TYPE_TEXT)
		return error_set(err, STATUS_USAGE, "model '%s' predicts numbers, and the target '%s' is taken as classes (--model %s, or --task regression)",
		                 kind->name, target->name, of_classes);
	setup->numbers_due = true;
	return error_set(err, STATUS_USAGE, "model '%s' predicts numbers, and the target '%s' is text: --model %s takes it as classes", kind->name, target->name,
	                 of_classes);
}

static int choose_family(struct setup *setup, const struct setup_options *options, const struct field *target, struct error *err)
{
	if (check_family(setup, options, target, err) < 0)
		return -1;
	return setup->open ? take_either(setup, options, err) : take_family(setup, options, setup->task, err);
}

int setup_settle(struct setup *setup, const struct setup_options *options, bool classes, struct error *err)
{
	struct error cause = ERROR_INIT;

	if (!setup->open)
		return 0;
	setup->open = false;
	if (take_family(setup, options, classes ? TASK_CLASSIFICATION : TASK_REGRESSION, &cause) == 0)
		return 0;
	if (options->model)
		return error_set(err, (enum status)cause.code, "%s", cause.message);
	return error_set(err, (enum status)cause.code, "%s: '%s' %s, which model '%s' takes (--task or --model says otherwise)", cause.message,
	                 setup->target, classes ? "has two values, whole numbers, taken as classes" : "is a number", setup->kind->name);
}

/* ---- features ---- */

/* The word at *text, made a text of its own, a doubled backquote in backquotes a single one; *text moves behind it and its comma. */
static bool cut_word(char **text, struct selector_word *word)
{
	char *from = *text, *to;

	word->quoted = *from == '`';
	from += word->quoted;
	word->text = to = from;
	while (*from && (word->quoted ? *from != '`' || from[1] == '`' : *from != ',')) {
		from += word->quoted && *from == '`';
		*to++ = *from++;
	}
	if ((word->quoted && *from++ != '`') || to == word->text || (*from && *from != ','))
		return false;
	*text = from + (*from == ',');
	*to = '\0';
	return true;
}

/* One --features: selectors parted by commas; what stands in backquotes is a name. */
static int resolve_features(char *text, const struct schema *schema, struct names *names, struct error *err)
{
	struct selector_word *words = mem_new(strlen(text) + 1, sizeof *words);
	size_t n = 0;
	int result = 0;

	do {
		if (!cut_word(&text, &words[n++]))
			result = error_set(err, STATUS_USAGE, "--features: words parted by commas, names with odd characters in backquotes");
	} while (*text && result == 0);
	if (result == 0 && selector_resolve(words, n, schema, names, err) < 0) {
		err->code = STATUS_USAGE;
		result = error_prefix(err, "--features");
	}
	free(words);
	return result;
}

/* wanted: --features. Of a model to go on from: what its own preparation reads, whatever its role. */
static bool is_feature(const struct setup *setup, const struct setup_options *options, const struct names *wanted, const struct schema *schema,
                       size_t col)
{
	const struct field *field = &schema->fields[col];

	if ((int)col == setup->target_col || (int)col == setup->by_col)
		return false;
	if (options->from)
		return field->role != ROLE_WEIGHT && field->role != ROLE_SPLIT && names_have(options->reads, field->name);
	return field->role == ROLE_FEATURE && (options->features->n == 0 || names_have(wanted, field->name));
}

static int find_features(struct setup *setup, const struct setup_options *options, const struct schema *schema, struct error *err)
{
	struct names wanted = { .items = NULL };
	int result = -1;

	for (size_t i = 0; i < options->features->n; i++) {
		char *text = mem_text(options->features->items[i]);

		result = resolve_features(text, schema, &wanted, err);
		free(text);
		if (result < 0)
			goto out;
	}
	result = -1;
	for (size_t i = 0; i < wanted.n; i++) {
		const struct field *field = &schema->fields[schema_find(schema, wanted.items[i])];

		if (setup_is_target(setup, field->name)) {
			error_set(err, STATUS_USAGE, "--features: '%s' is the target", field->name);
			goto out;
		}
		if (field->role != ROLE_FEATURE) {
			error_set(err, STATUS_USAGE, "--features: '%s' has role %s", field->name, role_name(field->role));
			host_advise(options->host, ADVICE_MAKE_FEATURE, field->name, err);
			goto out;
		}
	}
	for (size_t col = 0; col < schema->n_fields; col++)
		if (is_feature(setup, options, &wanted, schema, col))
			names_add(&setup->features, schema->fields[col].name);
	if (setup->features.n == 0 && !(setup->kind->takes & MODEL_NO_FEATURES)) {
		if (setup->target)
			error_set(err, STATUS_FAILED, "no features: besides the target '%s' no column has role feature", setup->target);
		else
			error_set(err, STATUS_FAILED, "no features: no column has role feature");
		goto out;
	}
	result = 0;
out:
	names_release(&wanted);
	return result;
}

static int find_cols(struct setup *setup, const struct schema *schema, struct error *err)
{
	size_t feature = 0;
	int weight;

	if (weights_find(schema, &weight, setup->host, err) < 0)
		return -1;
	setup->cols = mem_array(schema->n_fields, sizeof *setup->cols);
	for (size_t col = 0; col < schema->n_fields; col++) {
		bool is_feature = feature < setup->features.n && strcmp(setup->features.items[feature], schema->fields[col].name) == 0;

		feature += is_feature;
		if (is_feature || (int)col == setup->target_col || (int)col == setup->by_col || (int)col == setup->time_col || (int)col == weight || (int)col == setup->marks.split)
			setup->cols[setup->n_cols++] = col;
	}
	return 0;
}

/* ---- groups, times ---- */

static int find_groups(struct setup *setup, const struct schema *schema, struct error *err)
{
	const char *by = setup->kind->by ? setup->kind->by(setup->parameters) : NULL;
	const struct field *field;

	if (!by)
		return 0;
	setup->by_col = schema_require(schema, by, err);
	if (setup->by_col == NO_FIELD) {
		err->code = STATUS_USAGE;
		return error_prefix(err, "by=");
	}
	field = &schema->fields[setup->by_col];
	if (setup->by_col == setup->target_col)
		return error_set(err, STATUS_USAGE, "by=%s: that is the target", by);
	if (field->role == ROLE_WEIGHT || field->role == ROLE_SPLIT)
		return error_set(err, STATUS_USAGE, "by=%s: it has role %s", by, role_name(field->role));
	if (field->type == TYPE_REAL || field->type == TYPE_TIME)
		return error_set(err, STATUS_USAGE, "by=%s: it is %s, and groups are text, bool or whole numbers (cast it to text)", by, type_name(field->type));
	setup->by = mem_text(by);
	return 0;
}

static int find_time(struct setup *setup, const struct schema *schema, struct error *err)
{
	const struct field *field;

	if (!(model_wants(setup->kind, setup->parameters) & MODEL_TIME))
		return 0;
	if (schema_find_only(schema, ROLE_TIME, &setup->time_col, setup->host, err) < 0)
		return -1;
	field = setup->time_col == NO_FIELD ? NULL : &schema->fields[setup->time_col];
	if (field && field->type != TYPE_TIME && !type_is_number(field->type))
		return error_set(err, STATUS_FAILED, "'%s' has role time and is %s: rows have no order by it (parse it as date, or give it another role)", field->name,
		                 type_name(field->type));
	return 0;
}

/* ---- marks, leakage ---- */

static int find_marks(struct setup *setup, const struct setup_options *options, const struct schema *schema, struct error *err)
{
	int split = schema_find_role(schema, ROLE_SPLIT);

	setup->marks = (struct marks){ .split = split, .test = options->holdout, .valid = options->valid, .seed = options->seed };
	setup->held_out = split != NO_FIELD || options->holdout > 0 || options->valid > 0;
	if (split != NO_FIELD && (options->holdout > 0 || options->valid > 0))
		return error_set(err, STATUS_USAGE, "the rows are split already ('%s'): leave out %s", schema->fields[split].name,
		                 options->holdout == 0 ? "--valid" : options->valid == 0 ? "--holdout" : "--holdout and --valid");
	if (split != NO_FIELD && schema->fields[split].type != TYPE_TEXT) {
		error_set(err, STATUS_FAILED, "the marks '%s' are %s, not text", schema->fields[split].name, type_name(schema->fields[split].type));
		return host_advise(options->host, ADVICE_MAKE_MARKS, NULL, err);
	}
	return 0;
}

/* The names that a script made. */
static void made_by_script(const struct lineage *lineage, struct names *names)
{
	for (size_t e = 0; e < lineage->n_entries; e++)
		for (size_t u = 0; u < lineage->entries[e].n_units; u++) {
			const struct unit *unit = &lineage->entries[e].units[u];

			for (size_t w = 0; unit->foreign && w < unit->writes.n; w++)
				names_add_new(names, unit->writes.items[w]);
		}
}

static int check_leakage(const struct setup *setup, const struct setup_options *options, const struct lineage *lineage, struct error *err)
{
	struct names foreign = { .items = NULL }, mine = { .items = NULL }, used;
	struct buffer names = BUFFER_INIT;
	int result = 0;

	names_copy(&used, &setup->features);
	if (setup->by)
		names_add_new(&used, setup->by);
	made_by_script(lineage, &foreign);
	for (size_t i = 0; i < used.n; i++)
		if (names_have(&foreign, used.items[i]))
			names_add(&mine, used.items[i]);
	if (mine.n > 0) {
		names_print(&mine, NAMES_SHOWN, &names);
		host_note(options->host, "added by a script: %s: how is not known, so leakage can't be judged, and the model will ask for %s",
		          buffer_text(&names), mine.n == 1 ? "it" : "them");
	}
	buffer_free(&names);
	names_release(&mine);
	names_release(&foreign);
	if (!options->allow_leak && setup->target)
		result = leak_check_target(lineage, &used, setup->target, err);
	if (!options->allow_leak && setup->held_out && result == 0)
		result = leak_check_rows(lineage, &used, setup->target, err);
	names_release(&used);
	return result;
}

static int find_problem(struct setup *setup, const struct setup_options *options, const struct header *header, struct error *err)
{
	const struct schema *schema = &header->schema;

	setup->target_col = setup->by_col = setup->time_col = NO_FIELD;
	if (makes_clusters(options) && options->target_as)
		return error_set(err, STATUS_USAGE, "--target-as %s: clusters have no target", options->target_as);
	if (makes_clusters(options))
		return take_family(setup, options, TASK_CLUSTERING, err);
	return find_target(setup, options, schema, err) < 0 ||
	       choose_task(setup, options, &schema->fields[setup->target_col], &header->lineage, err) < 0 ||
	       choose_family(setup, options, &schema->fields[setup->target_col], err) < 0 ? -1 : 0;
}

int setup_init(struct setup *setup, const struct setup_options *options, const struct header *header, struct error *err)
{
	const struct schema *schema = &header->schema;

	*setup = (struct setup){ .host = options->host, .from = options->from };
	parameters_pack(options->operands, &setup->given);
	if (find_problem(setup, options, header, err) < 0 || find_groups(setup, schema, err) < 0 || find_time(setup, schema, err) < 0 ||
	    find_features(setup, options, schema, err) < 0 ||
	    find_marks(setup, options, schema, err) < 0 || find_cols(setup, schema, err) < 0)
		return -1;
	return check_leakage(setup, options, &header->lineage, err);
}

int setup_without_features(const struct setup *setup, struct error *err)
{
	if (setup->kind->takes & MODEL_NO_FEATURES)
		return 0;
	if (!setup->target)
		return error_set(err, STATUS_FAILED, "no feature is left to learn from");
	return error_set(err, STATUS_FAILED, "no feature is left that '%s' could be learned from", setup->target);
}

void setup_release(struct setup *setup)
{
	free(setup->parameters);
	buffer_free(&setup->given);
	free(setup->target);
	free(setup->by);
	names_release(&setup->features);
	free(setup->cols);
	*setup = (struct setup){ .kind = NULL };
}
