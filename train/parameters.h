/* SPDX-License-Identifier: MIT */
/*
 * The words of the command line that set a family: key=value, where the key is one of
 * the family's own options, or of those that every family has. Letters of either case,
 * underscores and behind one of these digits make a key; any other word is none of
 * these, but a target.
 *
 *     parameters_words -> (parameters_suit | parameters_require_any)... -> parameters_set -> parameters_pack
 *
 * Texts among the settings point into the words.
 */
#ifndef PARAMETERS_H
#define PARAMETERS_H

#include "model.h"

/* What every family takes besides its own. */
struct general_parameters {
	const char *class_weight;       /* class_weights.h; NULL: none */
};
extern const struct option_row general_parameters[];

size_t parameter_key(const char *word);         /* the length of its key; 0: it is no parameter */
bool parameter_is(const char *word, const char *key);   /* whether it sets this key */
const char *parameters_word(const struct names *words, const char *key);        /* the first that sets it; NULL: none */
/* Usage errors that hang on no family: a key that is given twice. */
int parameters_words(const struct text_list *words, struct error *err) MUST_CHECK;
/* Whether the family has all keys. */
bool parameters_suit(const struct model_kind *kind, const struct text_list *words);
/* A key that none of n families has is an error that names the closest of all. */
int parameters_require_any(const struct model_kind *const *kinds, size_t n, const struct text_list *words, struct error *err) MUST_CHECK;
/* config: kind->config_size bytes; both are set to their defaults, then by the words, and checked for the task. */
int parameters_set(const struct model_kind *kind, const struct text_list *words, enum task task, void *config,
                   struct general_parameters *general, struct error *err) MUST_CHECK;
/* Appends a value for each parameter that the family has, as set, not as written: neither the order of words counts, nor whether a default was
 * one of them. */
void parameters_pack_set(const struct model_kind *kind, const void *config, const struct general_parameters *general, struct buffer *to);
/* Appends one packed map of texts: what was given. */
void parameters_pack(const struct text_list *words, struct buffer *to);

#endif
