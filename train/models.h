/* SPDX-License-Identifier: MIT */
/* The list of families, in the order in which help and manual show them; where nobody chose, the first that can do the task is taken. A new
 * family is its file and a line here. */
#ifndef MODELS_H
#define MODELS_H

#define MODELS(REGISTER) \
	REGISTER(model, linear) \
	REGISTER(model, logistic) \
	REGISTER(model, mlp) \
	REGISTER(model, boost) \
	REGISTER(model, forest) \
	REGISTER(model, tree) \
	REGISTER(model, knn) \
	REGISTER(model, bayes) \
	REGISTER(model, svm) \
	REGISTER(model, kmeans) \
	REGISTER(model, baseline)

#endif
