/* SPDX-License-Identifier: MIT */
#include "other_names.h"

#include <string.h>

#include "parameters.h"

/* theirs: names that blanks part. */
struct other_name { const char *ours, *theirs; };

static const struct other_name families[] = {
	{ "boost", "lightgbm lgbm lgb catboost xgb gbm gbdt gbrt hist_gradient_boosting gradient_boosting" },
	{ "forest", "random_forest randomforest rf extra_trees extratrees" },
	{ "tree", "decision_tree cart" },
	{ "linear", "ols ridge lasso elastic_net glm regression" },
	{ "logistic", "logreg logit" },
	{ "mlp", "nn neural_network dense" },
	{ "knn", "k_neighbors nearest_neighbors" },
	{ "bayes", "naive_bayes gaussian_nb nb" },
	{ "svm", "svc svr nusvc nusvr nu_svc nu_svr libsvm support_vector" },
	{ "kmeans", "k_means" },
	{ "baseline", "dummy mean" },
	{ NULL, NULL },
};

#define ROUNDS "n_estimators num_iterations num_iteration num_boost_round num_rounds num_round num_trees n_iter iterations rounds trees epochs max_iter"
#define LEAF_ROWS "min_data_in_leaf min_data min_child_samples min_samples_leaf min_samples_split"
#define ROW_SHARE "bagging_fraction sub_row bagging subsample max_samples"
#define FEATURE_SHARE "colsample_bytree feature_fraction sub_feature rsm colsample_bylevel colsample_bynode max_features colsample"
#define PENALTY "reg_lambda lambda lambda_l2 l2_regularization l2_leaf_reg l2"

/* The first that the family has. Two dashes: an option of the program. */
static const struct other_name parameters[] = {
	{ "rounds", ROUNDS }, { "trees", ROUNDS }, { "epochs", ROUNDS }, { "max_iter", "n_iter iterations" },
	{ "lr", "learning_rate eta shrinkage shrinkage_rate learning_rate_init" },
	{ "leaves", "num_leaves num_leaf max_leaves max_leaf_nodes" },
	{ "depth", "max_depth tree_depth" }, { "max_depth", "depth tree_depth" },
	{ "l2", PENALTY }, { "alpha", PENALTY }, { "C", PENALTY }, { "weight_decay", PENALTY },
	{ "min_child_samples", LEAF_ROWS }, { "min_samples_leaf", LEAF_ROWS },
	{ "min_child_weight", "min_sum_hessian_in_leaf min_sum_hessian" },
	{ "min_gain", "gamma min_split_gain min_gain_to_split min_split_loss min_impurity_decrease" },
	{ "subsample", ROW_SHARE }, { "max_samples", ROW_SHARE },
	{ "colsample", FEATURE_SHARE }, { "max_features", FEATURE_SHARE },
	{ "goss_top", "top_rate" }, { "goss_other", "other_rate" },
	{ "loss", "objective application loss_function" },
	{ "alpha", "quantile quantile_alpha" }, { "quantile", "alpha" },
	{ "power", "tweedie_variance_power variance_power" },
	{ "delta", "huber_slope epsilon" }, { "epsilon", "delta" },
	{ "patience", "early_stopping_rounds early_stopping_round early_stopping n_iter_no_change od_wait" },
	{ "grow", "grow_policy growth_policy" },
	{ "monotone", "monotone_constraints monotonic_cst" }, { "interact", "interaction_constraints interaction_cst" },
	{ "max_bins", "max_bin border_count" },
	{ "hidden", "hidden_layer_sizes layers" }, { "batch", "batch_size" },
	{ "k", "n_clusters" }, { "n_neighbors", "k neighbors" },
	{ "class_weight", "scale_pos_weight is_unbalance class_weights auto_class_weights" },
	{ "--seed", "random_state random_seed seed" }, { "--threads", "n_jobs nthread num_threads thread_count threads" },
	{ "--valid", "validation_fraction valid" }, { "--holdout", "test_size holdout" },
	{ NULL, NULL },
};

static const struct other_name metrics[] = {
	{ "rmse", "root_mean_squared_error neg_root_mean_squared_error mse mean_squared_error neg_mean_squared_error l2" },
	{ "mae", "mean_absolute_error neg_mean_absolute_error l1" },
	{ "mape", "mean_absolute_percentage_error neg_mean_absolute_percentage_error" },
	{ "median_error", "median_absolute_error neg_median_absolute_error" },
	{ "max_error", "neg_max_error" },
	{ "r2", "r2_score" },
	{ "accuracy", "accuracy_score acc" },
	{ "recall", "balanced_accuracy balanced_accuracy_score recall_macro recall_score" },
	{ "precision", "precision_macro precision_score" },
	{ "f1", "f1_macro f1_score macro_f1" },
	{ "log_loss", "neg_log_loss logloss binary_logloss multi_logloss mlogloss cross_entropy" },
	{ "auc", "roc_auc roc_auc_score roc_auc_ovr" },
	{ "silhouette", "silhouette_score" },
	{ NULL, NULL },
};

/* One of the words, which blanks part. */
static bool is_among(const char *words, const char *word)
{
	size_t size = strlen(word);

	for (const char *at = words; size > 0 && (at = strstr(at, word)); at += size)
		if ((at == words || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0'))
			return true;
	return false;
}

static const char *find_name(const struct other_name *names, const char *theirs)
{
	for (; names->ours; names++)
		if (is_among(names->theirs, theirs))
			return names->ours;
	return NULL;
}

const char *other_family(const char *theirs) { return find_name(families, theirs); }

const char *other_metric(const char *theirs) { return find_name(metrics, theirs); }

static bool has(const struct option_row *rows, const char *key)
{
	for (; rows && rows->name; rows++)
		if (strcmp(rows->name, key) == 0)
			return true;
	return false;
}

const char *other_parameter(const struct model_kind *kind, const char *theirs)
{
	for (const struct other_name *name = parameters; name->ours; name++)
		if (is_among(name->theirs, theirs) && (*name->ours == '-' || has(kind->options, name->ours) || has(general_parameters, name->ours)))
			return name->ours;
	return NULL;
}
