/* SPDX-License-Identifier: MIT */
/*
 * Naive Bayes against scikit-learn 1.9.1 (numpy 2.4). The values were made by
 *
 *     i = np.arange(2500)
 *     X = np.stack([(i*7%23)/8-1.4, (i*11%41)/16+2019, ((i*13%31)-15)/9, (i%3==0)*1., (i*7%5>2)*1., (i%97==5)*1.], 1)
 *     t = X[:,0]*1.1-0.6*X[:,2]+(X[:,1]-2020)*.8+X[:,4]*1.5+((i*29%101)-50)/25
 *     y = np.where(t < -.70123, 0, np.where(t < 1.20123, 1, 2)); w = (i%5)/2
 *     C = np.floor(X*2+4); C[:,1] = np.floor((X[:,1]-2019)*4)
 *     GaussianNB(...).fit(X, y, w).predict_proba(X[[3,5,700]]), BernoulliNB(binarize=.25) alike, MultinomialNB of C
 *
 * kind=auto: the joint likelihoods of GaussianNB of X[:,:3] and BernoulliNB of X[:,3:] added, less one of the two logarithms of the
 * shares of classes, as shares of one. Of missing values, X[i,0] where i % 7 == 2, by numpy: np.nanmean and np.nanvar by class, and np.nansum
 * of the logarithms, for rows 9, 5 and 700.
 */
#include "toy_family.h"

enum { ROWS = 2500, COLS = 6, CLASSES = 3, SHOWN = 3 };
extern const struct model_kind model_bayes;
static double plain[ROWS * COLS], counts[ROWS * COLS], holes[ROWS * COLS], ones[ROWS * 3], classes[ROWS], weights[ROWS];

static void make_rows(void)
{
	for (int i = 0; i < ROWS; i++) {
		double *row = &plain[i * COLS], t;

		row[0] = (i * 7 % 23) / 8.0 - 1.4;
		row[1] = (i * 11 % 41) / 16.0 + 2019;
		row[2] = ((i * 13 % 31) - 15) / 9.0;
		row[3] = i % 3 == 0;
		row[4] = i * 7 % 5 > 2;
		row[5] = i % 97 == 5;
		t = row[0] * 1.1 - 0.6 * row[2] + (row[1] - 2020) * .8 + row[4] * 1.5 + ((i * 29 % 101) - 50) / 25.0;
		classes[i] = t < -.70123 ? 0 : t < 1.20123 ? 1 : 2;
		weights[i] = (i % 5) / 2.0;
		for (int j = 0; j < COLS; j++) {
			counts[i * COLS + j] = j == 1 ? floor((row[1] - 2019) * 4) : floor(row[j] * 2 + 4);
			holes[i * COLS + j] = j == 0 && i % 7 == 2 ? NAN : row[j];
			if (j >= 3)
				ones[i * 3 + j - 3] = row[j];
		}
	}
}

/* Of rows `first`, 5 and 700; again behind save and load. */
static void expect(const double *values, size_t n_features, bool weighted, const char *parameters, size_t first, const double *want)
{
	const size_t shown[SHOWN] = { first, 5, 700 };
	struct fake *fake = fake_new(values, classes, ROWS, n_features, CLASSES);
	struct buffer params = BUFFER_INIT;
	struct error err = ERROR_INIT;
	void *model, *copy = NULL;
	struct unpacked map;

	fake->weight = weighted ? weights : NULL;
	model = fake_fit(fake, &model_bayes, parameters);
	CHECK(model != NULL);
	if (!model)
		return;
	model_bayes.save(model, &params);
	CHECK(pack_read(&map, params.data, params.size, &err) == 0);
	copy = model_bayes.load(&map.object, &fake->problem, &err);
	CHECK_TEXT(err.message, "");
	for (size_t i = 0; i < SHOWN; i++) {
		double have[CLASSES], copied[CLASSES];

		fake_predict(fake, &model_bayes, model, shown[i], 1, have);
		fake_predict(fake, &model_bayes, copy, shown[i], 1, copied);
		CHECK(memcmp(have, copied, sizeof have) == 0);
		for (size_t k = 0; k < CLASSES; k++)
			CHECK_NEAR(have[k], want[i * CLASSES + k], 1e-9 * fmax(want[i * CLASSES + k], 1e-6));
	}
	model_bayes.free(model);
	model_bayes.free(copy);
	unpacked_free(&map);
	buffer_free(&params);
	fake_free(fake);
}

static void check_expected(void)
{
	static const double gaussian[] = { 0.0132403061707654, 0.209786517895797, 0.776973175933437, 4.86630348493271e-13, 0.136810510090844, 0.863189489908669, 0.546603935091121, 0.363191641559329, 0.0902044233495499 };
	static const double smoothed[] = { 0.0123747139811663, 0.209938582817808, 0.777686703201026, 0.000516856652680804, 0.384165752563607, 0.615317390783712, 0.510801761521367, 0.388133229810942, 0.101065008667691 };
	static const double gaussian_weighted[] = { 0.00691135558300179, 0.25292044677672, 0.740168197640279, 4.94420955612624e-09, 0.999944626234299, 5.53688214903187e-05, 0.46300659874374, 0.431651936253891, 0.105341465002369 };
	static const double weighted_smoothed[] = { 0.00691609868918201, 0.255695501768228, 0.73738839954259, 0.00298770312626516, 0.937849098947039, 0.0591631979266959, 0.437367409960849, 0.450202981547129, 0.112429608492023 };
	static const double alike[] = { 0.0232551906410338, 0.231059116025032, 0.745685693333935, 8.72947331377675e-13, 0.153897643751174, 0.846102356247952, 0.663640870593149, 0.276515749514309, 0.0598433798925416 };
	static const double multinomial[] = { 0.0167023347833394, 0.192541970610735, 0.790755694605925, 0.0960004830800446, 0.343073239106858, 0.5609262778131, 0.189451514182182, 0.41786687758738, 0.392681608230435 };
	static const double multinomial_weighted[] = { 0.0244578451669221, 0.184610286015101, 0.790931868817977, 0.144176909857878, 0.340080558206762, 0.515742531935359, 0.26438464702843, 0.380267498477163, 0.355347854494407 };
	static const double bernoulli[] = { 0.0809180522849952, 0.327467673674887, 0.591614274040117, 0.248527225563378, 0.473075211611766, 0.278397562824856, 0.316701774341902, 0.434923200488554, 0.248375025169544 };
	static const double bernoulli_weighted[] = { 0.0615289952616537, 0.36438509624446, 0.574085908493887, 0.294603024949979, 0.495050615384562, 0.210346359665459, 0.29599471370331, 0.462076323281621, 0.241928963015069 };
	static const double only_ones[] = { 0.330275545788724, 0.376818859659917, 0.292905594551358, 0.243798545957753, 0.433918777088074, 0.322282676954174, 0.311570749397825, 0.400073577403449, 0.288355673198725 };
	static const double mixed[] = { 0.00849105939951874, 0.206053971928568, 0.785454968671913, 0.101585400005666, 0.45942747048959, 0.438987129504744, 0.445079477233006, 0.44008805099479, 0.114832471772204 };
	static const double missing[] = { 0.115963613632881, 0.418811152731143, 0.465225233635976, 4.80629837473576e-13, 0.136912164844178, 0.863087835155341, 0.552276395290058, 0.362578235653309, 0.085145369056633 };

	TEST("gaussian");
	expect(plain, COLS, false, "kind=gaussian", 3, gaussian);
	expect(plain, COLS, false, "kind=gaussian var_smoothing=0.01", 3, smoothed);
	expect(plain, COLS, true, "kind=gaussian", 3, gaussian_weighted);
	expect(plain, COLS, true, "kind=gaussian var_smoothing=0.01", 3, weighted_smoothed);
	expect(plain, COLS, false, "kind=gaussian fit_prior=false", 3, alike);
	TEST("multinomial");
	expect(counts, COLS, false, "kind=multinomial", 3, multinomial);
	expect(counts, COLS, true, "kind=multinomial alpha=0.5 fit_prior=false", 3, multinomial_weighted);
	TEST("bernoulli");
	expect(plain, COLS, false, "kind=bernoulli binarize=0.25", 3, bernoulli);
	expect(plain, COLS, true, "kind=bernoulli alpha=2 binarize=0.25", 3, bernoulli_weighted);
	TEST("auto: each feature as it is");
	expect(ones, 3, false, "", 3, only_ones);
	expect(plain, COLS, false, "", 3, mixed);
	TEST("a missing value is left out of its feature");
	expect(holes, COLS, false, "kind=gaussian", 9, missing);
}

static void check_threads(void)
{
	struct fake *fake = fake_new(holes, classes, ROWS, COLS, CLASSES);
	struct buffer one, other;

	TEST("the same bytes for any number of threads");
	fake->weight = weights;
	one = whole(fake, &model_bayes, "");
	for (int threads = 2; threads <= 5; threads += 3) {
		fake->options.threads = threads;
		other = whole(fake, &model_bayes, "");
		CHECK(same(&one, &other));
		buffer_free(&other);
	}
	buffer_free(&one);
	fake_free(fake);
}

/* One feature of four rows in two classes. */
static void expect_two(const double *values, const char *parameters, const double *want, const char *message)
{
	static const double of[] = { 0, 0, 1, 1 };
	struct fake *fake = fake_new(values, of, 4, 1, 2);
	double have[2];
	void *model;

	fake->quiet = message;
	model = fake_fit(fake, &model_bayes, parameters);
	CHECK(!model == !want);
	if (model && want) {
		fake_predict(fake, &model_bayes, model, 0, 1, have);
		CHECK_NEAR(have[0], want[0], 1e-12);
		CHECK_NEAR(have[1], want[1], 1e-12);
	} else if (!model && message) {
		CHECK_TEXT(fake->err.message, message);
	}
	model_bayes.free(model);
	fake_free(fake);
}

static void check_limits(void)
{
	static const double negative[] = { 1, -2, 3, 4 }, flat[] = { 1, 1, 3, 4 }, same_all[] = { 7, 7, 7, 7 }, none[] = { NAN, NAN, NAN, NAN };
	static const double some[] = { NAN, NAN, 3, 5 }, apart[] = { 0, 1, 1e8, 1e8 + 1 }, large[] = { 1e200, -1e200, 1, 2 };
	static const double half[] = { 0.5, 0.5 }, sure[] = { 1, 0 };

	TEST("what can't be counted, or has no spread, is refused");
	expect_two(negative, "kind=multinomial", NULL, "feature 'x0' has values below 0, and kind=multinomial counts (leave it out, or kind=gaussian)");
	expect_two(flat, "var_smoothing=0", NULL,
	           "feature 'x0' is constant in class 'c0', and nothing is added to its variance (leave it out, or var_smoothing= above 0)");
	expect_two(same_all, "", NULL, "feature 'x0' is constant in class 'c0', and nothing is added to its variance (leave it out)");
	expect_two(large, "", NULL, "feature 'x0': the sum of its squares is too large for a number (scale it)");
	TEST("a feature without values, or without them in a class, says nothing of it");
	expect_two(none, "", half, NULL);
	expect_two(none, "kind=gaussian", half, NULL);
	expect_two(some, "", half, NULL);
	TEST("likelihoods beyond what numbers hold");
	expect_two(apart, "", sure, NULL);
}

int main(void)
{
	make_rows();
	check_expected();
	check_threads();
	check_limits();
	return unit_done();
}
