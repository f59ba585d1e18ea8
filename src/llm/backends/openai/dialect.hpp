#pragma once

#include <scena/result.hpp>
#include <string>
#include <string_view>

#include "llm/fit_calls.hpp"

namespace scena::llm::openai {

/// What one service expects, refuses or leaves out; values, not branches, so that a compatible
/// server is a line of configuration.
struct Dialect {
  /// Complete answers end without any finish_reason: then [DONE] alone is the end mark.
  bool no_finish_reason = false;
  /// Ask for usage in the stream; off for servers that refuse unknown members.
  bool ask_usage = true;
  /// Ask to leave out the random padding of each event (the vendor's own service has it).
  bool ask_no_padding = false;
  /// Refuse a request that names no model. Servers of one model know what is meant.
  bool needs_model = true;
  /// Reasoning models: `max_completion_tokens`, no temperature. Automatic by the model catalog.
  enum class Family { automatic, classic, reasoning } family = Family::automatic;
  /// A reply may begin with its reasoning between <think> and </think>, or <thought> and
  /// </thought>.
  bool think_tags = false;
  /// Each reply begins inside its reasoning, whose opening tag ends the prompt; think_tags with it.
  bool think_open = false;
  /// Never sends more than one choice, whatever index it gives the pieces.
  bool one_choice = false;
  /// The system prompt of reasoning models has the role "developer".
  bool developer_role = false;
  /// Messages may have a `name`.
  bool speaker_names = true;
  /// Its prompts are made by a template, whose words are harmless in messages only where they are
  /// broken: see without_chat_tokens().
  bool break_chat_tokens = false;
  /// Tools may have `strict`.
  bool strict_tools = false;
  /// Takes `prompt_cache_key`.
  bool cache_key = false;
  /// completion_tokens leaves thoughts out, total_tokens holds them.
  bool hidden_thoughts = false;
  /// Structured output: by the schema, or any object with the schema in the system prompt.
  enum class Schema { native, object } schema = Schema::native;
  /// Where the effort stands: `reasoning_effort`, `reasoning.effort`, or nowhere.
  enum class Effort { member, object, none } effort = Effort::member;
  /// What goes back with an assistant message that called tools: nothing, `reasoning_content`,
  /// `reasoning_details`, or each call's own `extra_content` (Gemini's signatures of thoughts).
  enum class Echo { none, text, details, calls } echo = Echo::none;
  std::string_view required_word = "required";  ///< tool_choice that requires some tool.
  std::string_view seed_name = "seed";
  std::string_view refuses = {};  ///< Settings that it does not take, separated by blanks.
  CallIdForm call_ids = {};
};

/// The dialect at a base URL: by its host, else by its port, else that of an unknown compatible
/// server. Empty: OpenAI's own.
const Dialect& dialect_of(std::string_view base_url);

/// `options` (a JSON object, or empty) read over the dialect of the base URL: "dialect" names
/// another, every other member is one flag. invalid_argument with the pointer of a member that does
/// not exist or has a wrong value. `more` are members that the caller reads itself.
Result<Dialect> read_dialect(std::string_view options, std::string_view base_url,
                             std::string_view more = {});

}  // namespace scena::llm::openai
