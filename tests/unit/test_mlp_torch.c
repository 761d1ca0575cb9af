/* SPDX-License-Identifier: MIT */
/*
 * The family mlp beside PyTorch 2.15.0: the first ten losses of each optimizer, schedule,
 * norm and activation, and the first row's answer behind them, with what batch norm
 * kept of the batches. scripts/reference/mlp_torch.py says how, and printed the table.
 */
#include "fake_training.h"
#include "unit.h"

#include "mlp.h"

extern const struct model_kind model_mlp;

enum { N = 40, P = 4, EPOCHS = 10 };

static const struct { const char *words; size_t n_classes; double losses[EPOCHS], answer; } cases[] = {
	{ "optimizer=sgd lr=0.05", 0,
	  { 4.07401, 3.82162, 3.59927, 3.399329, 3.209333, 3.020615, 2.806984, 2.564413, 2.29724, 2.037983 }, -0.6033166 },
	{ "optimizer=sgd lr=0.05 momentum=0.9", 0,
	  { 4.07401, 3.82162, 3.408864, 2.937643, 2.466203, 1.949434, 1.325101, 0.6008368, 1.247631, 1.33624 }, -2.236716 },
	{ "optimizer=sgd lr=0.05 momentum=0.9 nesterov=yes weight_decay=0.1", 0,
	  { 4.07401, 3.613956, 3.116029, 2.629181, 2.082809, 1.394043, 0.5902097, 0.6987182, 0.5003529, 0.3112536 }, -2.028383 },
	{ "optimizer=adam lr=0.05 weight_decay=0.1", 0,
	  { 4.07401, 3.590318, 3.038858, 2.4509, 1.862709, 1.463526, 1.388041, 1.237952, 0.9513208, 0.6665133 }, -1.337841 },
	{ "optimizer=adamw lr=0.05 weight_decay=0.1", 0,
	  { 4.07401, 3.579028, 3.001103, 2.380002, 1.782916, 1.37921, 1.303824, 1.193512, 0.9884087, 0.7472776 }, -1.412952 },
	{ "optimizer=rmsprop lr=0.01 weight_decay=0.1", 0,
	  { 4.07401, 3.121626, 2.005105, 1.34161, 0.9635615, 0.5981189, 0.6101575, 0.4790662, 0.3955291, 0.1660618 }, -1.806938 },
	{ "optimizer=rmsprop lr=0.01 momentum=0.5", 0,
	  { 4.07401, 3.098518, 1.546358, 1.699557, 1.140208, 0.1964168, 0.1792644, 0.05016132, 0.06886677, 0.04421485 }, -2.278445 },
	{ "optimizer=adagrad lr=0.05 weight_decay=0.1", 0,
	  { 4.07401, 3.590318, 3.071886, 2.569369, 2.11425, 1.754798, 1.486124, 1.272571, 1.080123, 0.9148105 }, -0.6843464 },
	{ "optimizer=sgd lr=0.05 clip=0.2", 0,
	  { 4.07401, 4.051308, 4.028336, 4.005424, 3.982677, 3.960023, 3.937572, 3.915384, 3.893364, 3.87132 }, 0.1183055 },
	{ "optimizer=sgd lr=0.05 schedule=step step=3 gamma=0.5", 0,
	  { 4.07401, 3.82162, 3.59927, 3.399329, 3.30386, 3.208885, 3.113334, 3.063135, 3.008216, 2.952775 }, -0.2695867 },
	{ "optimizer=sgd lr=0.05 schedule=cosine", 0,
	  { 4.07401, 3.82162, 3.60452, 3.42291, 3.270549, 3.1465, 3.050528, 2.977237, 2.93098, 2.909348 }, -0.2789957 },
	{ "optimizer=sgd lr=0.9 schedule=plateau step=1 gamma=0.3", 0,
	  { 4.07401, 3.24663, 115.9297, 244.7348, 318.0125, 14.76693, 5.539903, 4.802523, 4.284702, 4.168881 }, 0.222057 },
	{ "optimizer=sgd lr=0.05 schedule=onecycle", 0,
	  { 4.07401, 4.063642, 3.929854, 3.693608, 3.494458, 3.335122, 3.219128, 3.145663, 3.109734, 3.100142 }, -0.2090284 },
	{ "optimizer=sgd lr=0.05 warmup=3 schedule=cosine", 0,
	  { 4.07401, 3.987357, 3.821668, 3.598056, 3.396669, 3.214265, 3.059826, 2.933697, 2.845031, 2.800948 }, -0.3160422 },
	{ "optimizer=sgd lr=0.05 norm=batch", 0,
	  { 2.847414, 1.979863, 1.430946, 1.0255, 0.7339081, 0.5651913, 0.4395678, 0.2820629, 0.1679772, 0.09962009 }, -0.5060253 },
	{ "optimizer=adamw lr=0.05 norm=layer weight_decay=0.1", 0,
	  { 4.087451, 2.505331, 1.705649, 1.257009, 0.9980184, 0.8147581, 0.8001478, 0.754297, 0.6586348, 0.5756419 }, -2.199704 },
	{ "optimizer=sgd lr=0.05 activation=gelu norm=batch", 0,
	  { 2.883695, 2.064028, 1.490093, 1.035714, 0.7051191, 0.5424066, 0.4241545, 0.3167799, 0.2511532, 0.09176833 }, -0.5232512 },
	{ "optimizer=sgd lr=0.05 activation=silu", 0,
	  { 4.132589, 3.880111, 3.67215, 3.497433, 3.346779, 3.212394, 3.087294, 2.964787, 2.837958, 2.699153 }, -0.4835493 },
	{ "optimizer=sgd lr=0.5 activation=softmax", 0,
	  { 4.035384, 3.094394, 3.060932, 3.058082, 3.05623, 3.054311, 3.052246, 3.049984, 3.047473, 3.044645 }, -0.7796954 },
	{ "optimizer=sgd lr=0.05 activation=tanh norm=layer", 0,
	  { 3.643553, 2.133779, 1.477996, 0.9722216, 0.949228, 0.7950445, 1.354514, 0.6392781, 0.3344206, 0.2421701 }, -1.840886 },
	{ "optimizer=sgd lr=0.05 label_smoothing=0.2", 3,
	  { 1.115482, 1.114457, 1.113487, 1.112585, 1.111753, 1.110972, 1.110238, 1.10955, 1.108903, 1.108294 }, 0.2908765 },
	{ "optimizer=sgd lr=0.05 label_smoothing=0.2 loss=crossentropy", 2,
	  { 0.6961042, 0.6960797, 0.6960562, 0.6960338, 0.6960123, 0.6959915, 0.6959714, 0.6959521, 0.6959329, 0.6959126 }, 0.4883385 },
};

static void check_losses(void)
{
	double x[N * P], y[N], classes[N], answer[3];

	for (size_t i = 0; i < N; i++) {
		for (size_t j = 0; j < P; j++)
			x[i * P + j] = 2 * sin(1.3 * (double)i + 2.1 * (double)j);
		y[i] = 2 * sin(1.3 * (double)i) + 3 * sin(1.3 * (double)i + 2.1) * sin(1.3 * (double)i + 4.2);
	}
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		struct fake *fake;
		char words[200];
		void *model;

		TEST(cases[k].words);
		for (size_t i = 0; i < N; i++)
			classes[i] = (double)(i % (cases[k].n_classes + !cases[k].n_classes));
		fake = fake_new(x, cases[k].n_classes ? classes : y, N, P, cases[k].n_classes);
		fake->options.seed = 7;
		snprintf(words, sizeof words, "hidden=9x6 batch=all epochs=10 %s", cases[k].words);
		model = fake_fit(fake, &model_mlp, words);
		CHECK(model);
		for (size_t epoch = 0; epoch < EPOCHS; epoch++)
			CHECK_NEAR(fake->losses[epoch + 1], cases[k].losses[epoch], 2e-5 * fabs(cases[k].losses[epoch]));
		fake_predict(fake, &model_mlp, model, 0, 1, answer);
		CHECK_NEAR(answer[0], cases[k].answer, 2e-4);
		model_mlp.free(model);
		fake_free(fake);
	}
}

static void check_cycle(void)
{
	static const double rates[] = {
		0.04, 0.349789654, 0.879285159, 0.994415435, 0.93301297, 0.811745654, 0.647378998, 0.462637103, 0.283060998, 0.13347753, 0.0345669874, 4e-06,
	};
	struct schedule schedule = { .kind = SCHEDULE_ONECYCLE, .epochs = 4 };

	TEST("OneCycleLR of 4 epochs with 3 updates each");
	schedule_start(&schedule, 3);
	for (uint64_t update = 0; update < 12; update++)
		CHECK_NEAR(schedule_factor(&schedule, update), rates[update], 1e-8);
}

int main(void)
{
	check_losses();
	check_cycle();
	return unit_done();
}
