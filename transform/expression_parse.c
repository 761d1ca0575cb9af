/* SPDX-License-Identifier: MIT */
/*
 * Text to tree, by precedence climbing: an operand, then as long as an operator
 * follows that binds at least as tightly as asked for, its right side, which is
 * parsed with the operator's own level. One token is looked at in advance.
 *
 *     or < and < not < == != < <= > >= in < + - < * / // % < unary - < ^ (to the right)
 *
 * The depth of the tree is capped, that of long chains `a + b + c ...` too, so that
 * no text can exhaust the stack of whoever walks it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expression_tree.h"
#include "memory.h"
#include "number.h"
#include "text.h"

enum token_kind { TOKEN_END, TOKEN_NUMBER, TOKEN_TEXT, TOKEN_NAME, TOKEN_SIGN };

struct token {
	enum token_kind kind;
	size_t at, end;
	const char *text;               /* TEXT, NAME, SIGN: without quotes */
	size_t size;
	bool backquoted;
};

struct parser {
	struct expression *expression;
	const char *text;
	struct token token;             /* the next one */
	unsigned depth;
	size_t *error_at;
	struct error *err;
};

enum level { LEVEL_OR = 1, LEVEL_AND, LEVEL_NOT, LEVEL_COMPARE, LEVEL_SUM, LEVEL_PRODUCT, LEVEL_MINUS, LEVEL_POWER };

/* As written, the function's name, how tightly it binds. Longer signs stand before their beginnings. */
static const struct operator { const char *sign, *name; enum level level; } operators[] = {
	{ "or", "or", LEVEL_OR }, { "and", "and", LEVEL_AND },
	{ "==", "==", LEVEL_COMPARE }, { "!=", "!=", LEVEL_COMPARE }, { "<>", "!=", LEVEL_COMPARE }, { "<=", "<=", LEVEL_COMPARE },
	{ ">=", ">=", LEVEL_COMPARE }, { "=", "==", LEVEL_COMPARE }, { "<", "<", LEVEL_COMPARE }, { ">", ">", LEVEL_COMPARE },
	{ "in", "in", LEVEL_COMPARE },
	{ "+", "+", LEVEL_SUM }, { "-", "-", LEVEL_SUM },
	{ "*", "*", LEVEL_PRODUCT }, { "//", "//", LEVEL_PRODUCT }, { "/", "/", LEVEL_PRODUCT }, { "%", "%", LEVEL_PRODUCT },
	{ "^", "^", LEVEL_POWER },
};
enum { N_OPERATORS = sizeof operators / sizeof *operators };

/* Signs of other languages, and what to write. */
static const struct { const char *sign, *instead; } foreign[] = {
	{ "&&", "and" }, { "||", "or" }, { "**", "^" }, { "!", "not" }, { "&", "and" }, { "|", "or" },
};

/* Words of SQL that are no operators, and what to write. */
static const struct { const char *word, *instead; } sql[] = {
	{ "is", "is_null(x), or not is_null(x)" }, { "between", "between(x, a, b)" }, { "like", "contains(x, part), starts_with or ends_with" },
};

static int FORMAT(3, 4) fail(struct parser *parser, size_t at, const char *format, ...)
{
	char message[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	*parser->error_at = at;
	return error_set(parser->err, STATUS_USAGE, "%s", message);
}

/* ---- tokens ---- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* 'text', "text" or `name` from token->at; the quote is doubled within. */
static int read_quoted(struct parser *parser, struct token *token)
{
	const char *from = parser->text + token->at;
	char quote = *from++, *text = arena_array(&parser->expression->tree, strlen(from) + 1, 1);

	token->text = text;
	token->size = 0;
	while (*from != quote || from[1] == quote) {
		if (!*from)
			return fail(parser, token->at, "this %c has no end", quote);
		from += *from == quote;
		text[token->size++] = *from++;
	}
	text[token->size] = '\0';
	token->end = (size_t)(from + 1 - parser->text);
	token->kind = quote == '`' ? TOKEN_NAME : TOKEN_TEXT;
	token->backquoted = quote == '`';
	return 0;
}

/* Digits, points, an exponent with its sign: whether that is a number is decided when it is read. */
static void read_number(struct parser *parser, struct token *token)
{
	const char *text = parser->text;
	size_t end = token->at;

	while (text_is_digit(text[end]) || is_letter(text[end]) || text[end] == '.' ||
	       ((text[end] == '+' || text[end] == '-') && (text[end - 1] | 32) == 'e' && text_is_digit(text[end + 1])))
		end++;
	token->kind = TOKEN_NUMBER;
	token->end = end;
}

static int read_sign(struct parser *parser, struct token *token)
{
	const char *from = parser->text + token->at;
	size_t size = 0;

	for (size_t i = 0; i < N_OPERATORS && !size; i++)
		if (!is_letter(operators[i].sign[0]) && strncmp(from, operators[i].sign, strlen(operators[i].sign)) == 0)
			size = strlen(operators[i].sign);
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		if (strlen(foreign[i].sign) > size && strncmp(from, foreign[i].sign, strlen(foreign[i].sign)) == 0)
			return fail(parser, token->at, "'%s' is written '%s' here", foreign[i].sign, foreign[i].instead);
	if (!size && !strchr("(),", *from))
		return fail(parser, token->at, "'%.1s' means nothing here", (unsigned char)*from < 0x80 ? from : "?");
	token->kind = TOKEN_SIGN;
	token->text = from;
	token->size = size ? size : 1;
	token->end = token->at + token->size;
	return 0;
}

static int read_token(struct parser *parser, size_t at, struct token *token)
{
	const char *text = parser->text;

	while (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')
		at++;
	*token = (struct token){ .kind = TOKEN_END, .at = at, .end = at };
	if (!text[at])
		return 0;
	if (text[at] == '\'' || text[at] == '"' || text[at] == '`')
		return read_quoted(parser, token);
	if (text_is_digit(text[at]) || (text[at] == '.' && text_is_digit(text[at + 1]))) {
		read_number(parser, token);
		return 0;
	}
	if (!is_letter(text[at]))
		return read_sign(parser, token);
	while (is_letter(text[token->end]) || text_is_digit(text[token->end]) || text[token->end] == '.')
		token->end++;
	token->kind = TOKEN_NAME;
	token->text = text + at;
	token->size = token->end - at;
	return 0;
}

static int advance(struct parser *parser)
{
	return read_token(parser, parser->token.end, &parser->token);
}

static bool is_sign(const struct token *token, const char *sign)
{
	return token->kind == TOKEN_SIGN && token->size == strlen(sign) && memcmp(token->text, sign, token->size) == 0;
}

static bool is_word(const struct token *token, const char *word)
{
	return token->kind == TOKEN_NAME && !token->backquoted && token->size == strlen(word) && memcmp(token->text, word, token->size) == 0;
}

static int unexpected(struct parser *parser, const char *wanted)
{
	const struct token *token = &parser->token;
	const char *text = parser->text + token->at;
	size_t size = token->end - token->at;

	if (token->kind == TOKEN_END)
		return fail(parser, token->at, "the expression ends early: %s is missing", wanted);
	if (size > 60)
		for (size = 60; size && ((unsigned char)text[size] & 0xc0) == 0x80; size--)
			;
	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
		if (is_word(token, sql[i].word))
			return fail(parser, token->at, "'%.*s' where %s is due (write %s)", (int)size, text, wanted, sql[i].instead);
	return fail(parser, token->at, "'%.*s' where %s is due", (int)size, text, wanted);
}

/* ---- the tree ---- */

static struct node *node_new(struct parser *parser, enum node_kind kind, size_t at, size_t end)
{
	struct node *node = arena_new(&parser->expression->tree, 1, sizeof *node);

	node->kind = kind;
	node->at = at;
	node->end = end;
	node->depth = 1;
	return node;
}

/* A call of up to two arguments: an operator. NULL if an argument is (its error was said), or if the tree is too deep. */
static struct node *operation(struct parser *parser, const char *name, size_t at, struct node *left, struct node *right, size_t n_args)
{
	struct node *node;

	if (!left || (n_args == 2 && !right))
		return NULL;
	node = node_new(parser, NODE_CALL, at, n_args == 2 ? right->end : left->end);
	node->name = name;
	node->args = arena_array(&parser->expression->tree, 2, sizeof *node->args);
	node->args[0] = left;
	node->args[1] = right;
	node->n_args = n_args;
	node->depth += n_args == 2 && right->depth > left->depth ? right->depth : left->depth;
	if (node->depth > EXPRESSION_DEPTH) {
		fail(parser, at, "the expression is nested more than %d deep (derive a part of it first)", EXPRESSION_DEPTH);
		return NULL;
	}
	return node;
}

static struct node *parse_level(struct parser *parser, enum level level);

/* "a, b, c)" behind an opening parenthesis that is consumed: becomes the arguments of `node`, after `first` if there is one. */
static int parse_arguments(struct parser *parser, struct node *node, struct node *first)
{
	struct node **args = NULL;
	size_t n = 0, room = 0;
	int result = -1;

	if (first) {
		array_grow(args, n, room);
		args[n++] = first;
	}
	while (!is_sign(&parser->token, ")") || n > (first ? 1 : 0)) {
		struct node *arg = parse_level(parser, LEVEL_OR);

		if (!arg)
			goto out;
		if (n == EXPRESSION_ARGUMENTS) {
			fail(parser, arg->at, "more than %d arguments", EXPRESSION_ARGUMENTS);
			goto out;
		}
		array_grow(args, n, room);
		args[n++] = arg;
		if (!is_sign(&parser->token, ","))
			break;
		if (advance(parser) < 0)
			goto out;
	}
	if (!is_sign(&parser->token, ")")) {
		unexpected(parser, "',' or ')'");
		goto out;
	}
	node->end = parser->token.end;
	node->n_args = n;
	node->args = arena_array(&parser->expression->tree, n, sizeof *node->args);
	for (size_t i = 0; i < n; i++) {
		node->args[i] = args[i];
		node->depth = args[i]->depth >= node->depth ? args[i]->depth + 1 : node->depth;
	}
	result = node->depth <= EXPRESSION_DEPTH ? advance(parser)
		: fail(parser, node->at, "the expression is nested more than %d deep (derive a part of it first)", EXPRESSION_DEPTH);
out:
	free(args);
	return result;
}

static struct node *parse_number(struct parser *parser)
{
	const struct token *token = &parser->token;
	const char *text = parser->text + token->at;
	size_t size = token->end - token->at;
	struct node *node = node_new(parser, NODE_VALUE, token->at, token->end);
	int64_t whole;
	double real;

	if (number_int(text, size, &whole)) {
		vector_constant(&parser->expression->tree, TYPE_INT, &whole, &node->value);
	} else if (number_real_rounded(text, size, &real)) {
		vector_constant(&parser->expression->tree, TYPE_REAL, &real, &node->value);
	} else {
		fail(parser, token->at, "'%.*s' is no number (text stands in quotes, odd names in `backquotes`)",
		     (int)(size > 60 ? 60 : size), text);
		return NULL;
	}
	node->type = node->value.type;
	return advance(parser) < 0 ? NULL : node;
}

/* A name, one of the words that are values, or a call. */
static struct node *parse_name(struct parser *parser)
{
	static const char *const words[] = { "or", "and", "in" };
	struct token token = parser->token;
	struct node *node = node_new(parser, NODE_NAME, token.at, token.end);
	bool is_true = is_word(&token, "true");

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (is_word(&token, words[i])) {
			unexpected(parser, "a value");
			return NULL;
		}
	if (advance(parser) < 0)
		return NULL;
	if (is_true || is_word(&token, "false")) {
		node->kind = NODE_VALUE;
		node->type = TYPE_BOOL;
		vector_constant(&parser->expression->tree, TYPE_BOOL, &(uint8_t){ is_true }, &node->value);
		return node;
	}
	if (is_word(&token, "null")) {
		node->kind = NODE_NULL;
		return node;
	}
	node->name = arena_text(&parser->expression->tree, token.text, token.size);
	if (token.backquoted || !is_sign(&parser->token, "("))
		return node;
	node->kind = NODE_CALL;
	return advance(parser) < 0 || parse_arguments(parser, node, NULL) < 0 ? NULL : node;
}

static struct node *parse_group(struct parser *parser)
{
	struct node *node = advance(parser) < 0 ? NULL : parse_level(parser, LEVEL_OR);

	if (!node)
		return NULL;
	if (!is_sign(&parser->token, ")")) {
		unexpected(parser, "')'");
		return NULL;
	}
	return advance(parser) < 0 ? NULL : node;
}

static struct node *parse_operand(struct parser *parser)
{
	struct token token = parser->token;
	struct node *node;

	if (is_word(&token, "not"))
		return advance(parser) < 0 ? NULL : operation(parser, "not", token.at, parse_level(parser, LEVEL_NOT), NULL, 1);
	if (is_sign(&token, "-"))
		return advance(parser) < 0 ? NULL : operation(parser, "-", token.at, parse_level(parser, LEVEL_MINUS), NULL, 1);
	if (is_sign(&token, "("))
		return parse_group(parser);
	if (token.kind == TOKEN_NUMBER)
		return parse_number(parser);
	if (token.kind == TOKEN_NAME)
		return parse_name(parser);
	if (token.kind != TOKEN_TEXT) {
		unexpected(parser, "a value");
		return NULL;
	}
	node = node_new(parser, NODE_VALUE, token.at, token.end);
	node->type = TYPE_TEXT;
	vector_constant_text(&parser->expression->tree, token.text, token.size, &node->value);
	return advance(parser) < 0 ? NULL : node;
}

static const struct operator *find_operator(const struct token *token)
{
	for (size_t i = 0; i < N_OPERATORS; i++)
		if (is_word(token, operators[i].sign) || is_sign(token, operators[i].sign))
			return &operators[i];
	return NULL;
}

/* `left in (a, b)`; the token is the one behind `in`. */
static struct node *parse_in(struct parser *parser, struct node *left)
{
	struct node *node = node_new(parser, NODE_CALL, left->at, left->end);

	node->name = "in";
	if (!is_sign(&parser->token, "(")) {
		unexpected(parser, "a list in parentheses");
		return NULL;
	}
	if (advance(parser) < 0 || parse_arguments(parser, node, left) < 0)
		return NULL;
	return node;
}

/* What follows `left` at an operator that was seen and consumed. */
static struct node *parse_right(struct parser *parser, const struct operator *operator, struct node *left, bool negated)
{
	struct node *node;

	if (strcmp(operator->name, "in") == 0) {
		node = parse_in(parser, left);
		if (negated)
			node = operation(parser, "not", left->at, node, NULL, 1);
	} else {
		/* To the right for powers; else the right side binds tighter than this operator. */
		enum level level = operator->level == LEVEL_POWER ? LEVEL_POWER : operator->level + 1;

		node = operation(parser, operator->name, left->at, left, parse_level(parser, level), 2);
	}
	if (node && node->kind == NODE_CALL && operator->level == LEVEL_COMPARE && strcmp(operator->name, "in") != 0 &&
	    (left->kind == NODE_NULL || node->args[1]->kind == NODE_NULL)) {
		fail(parser, left->kind == NODE_NULL ? left->at : node->args[1]->at, "nothing compares with null (write is_null(x), or not is_null(x))");
		return NULL;
	}
	if (node && operator->level == LEVEL_COMPARE) {
		const struct operator *next = find_operator(&parser->token);

		if (next && next->level == LEVEL_COMPARE) {
			fail(parser, parser->token.at, "comparisons don't chain (write 'a < b and b < c')");
			return NULL;
		}
	}
	return node;
}

static struct node *parse_level(struct parser *parser, enum level level)
{
	struct node *left;

	if (++parser->depth > EXPRESSION_DEPTH) {
		fail(parser, parser->token.at, "the expression is nested more than %d deep (derive a part of it first)", EXPRESSION_DEPTH);
		return NULL;
	}
	left = parse_operand(parser);
	while (left) {
		const struct operator *operator = find_operator(&parser->token);
		bool negated = false;

		if (is_word(&parser->token, "not") && level <= LEVEL_COMPARE) {
			struct token next;

			if (read_token(parser, parser->token.end, &next) < 0)
				return NULL;
			negated = is_word(&next, "in");
			if (negated) {
				parser->token = next;
				operator = find_operator(&next);
			}
		}
		if (!operator || operator->level < level)
			break;
		left = advance(parser) < 0 ? NULL : parse_right(parser, operator, left, negated);
	}
	parser->depth--;
	return left;
}

struct expression *expression_parse(const char *text, size_t at, const char *stop, size_t *end, size_t *error_at, struct error *err)
{
	struct expression *expression = mem_new(1, sizeof *expression);
	struct parser parser = { .expression = expression, .text = text, .error_at = error_at, .err = err };

	expression->text = arena_text(&expression->tree, text, strlen(text));
	if (read_token(&parser, at, &parser.token) < 0)
		goto fail;
	expression->root = parse_level(&parser, LEVEL_OR);
	if (!expression->root)
		goto fail;
	*end = parser.token.at;
	if (parser.token.kind == TOKEN_END || (stop && is_word(&parser.token, stop)))
		return expression;
	unexpected(&parser, "an operator");
fail:
	expression_free(expression);
	return NULL;
}

void expression_free(struct expression *expression)
{
	if (!expression)
		return;
	arena_free(&expression->tree);
	free(expression);
}

static void add_reads(const struct node *node, struct names *names)
{
	if (node->kind == NODE_NAME)
		names_add_new(names, node->name);
	for (size_t i = 0; i < node->n_args; i++)
		add_reads(node->args[i], names);
}

void expression_reads(const struct expression *expression, struct names *names)
{
	add_reads(expression->root, names);
}
