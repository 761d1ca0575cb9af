/* SPDX-License-Identifier: MIT */
/*
 * What a library may advise where something fails. It knows the situation, and the programs around know what helps there and
 * how it is called: so a message of a library names no program, and host_advise (host.h) puts the program's words behind it.
 *
 * An advice that is the same in every program (an option, a step) stands in the message itself.
 */
#ifndef ADVICE_H
#define ADVICE_H

enum advice {
	ADVICE_READ_TEXT,               /* text where a stream is due: how it is read */
	ADVICE_READ_RECORDS,            /* records without a header where a stream is due: how they are read */
	ADVICE_READ_PIPED,              /* a file that a command turns into this format: who reads what that writes */
	ADVICE_READ_ROWS,               /* the same of CSV without a header */
	ADVICE_GIVE_STREAM,             /* what may be a stream, where foreign records are due */
	ADVICE_OTHER_ROLE,              /* two fields have a role that is for one: how this one gets another */
	ADVICE_MAKE_FEATURE,            /* how this field becomes a feature */
	ADVICE_NAME_TARGET,             /* which field is the target */
	ADVICE_READ_STEP,               /* text that this step (not a field) reads as numbers */
	ADVICE_READ_STEP_OR_NULL,       /* the same where it is nearly always a number: or how a word is missing */
	ADVICE_READ_STEPS,              /* who makes numbers of text by steps that are named behind it */
	ADVICE_READ_TIMES,              /* who makes times of text by steps that are named behind it */
	ADVICE_READ_DATES,              /* text that this step reads as dates, where numbers are due */
	ADVICE_MAKE_MARKS,              /* how marks are made of a column that holds something else */
	ADVICE_PREPARE,                 /* columns that no model can read as they come: how they are made to fit */
	ADVICE_PASS_TABLE,              /* a stored step makes other rows: how records pass it */
	ADVICE_READ_ALIKE,              /* an input that was read in another way than the stored one: how it is read in the same */
	ADVICE_NAME_UNREAD,             /* values of an input that are not of the stored type: how the first is named */
	ADVICE_MAKE_MODEL,              /* a stream without a model: how one comes into a file */
	ADVICE_KEEP_MODEL,              /* a model that goes nowhere: how it is kept or used */
	ADVICE_PROVE_HEADER,            /* a header that a script made, where it has to prove itself */
	ADVICE_GIVE_ANSWERS,            /* nothing to judge: where answers come from */
	ADVICE_GIVE_TRUTH,              /* predictions without what was predicted: how they are judged */
	ADVICE_GIVE_PROBABILITIES,      /* a probability of one class where those of all are needed: how they are written */
	N_ADVICES
};

#endif
