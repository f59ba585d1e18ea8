#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <scena/result.hpp>
#include <scena/usage.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena::llm {

/// What is known of one model: data, never code, so that a host can correct it.
struct ModelRecord {
  std::string family;           ///< Models that count tokens and take settings alike.
  std::int64_t context = 0;     ///< Tokens of prompt and reply together; 0: not known.
  std::int64_t max_output = 0;  ///< Tokens of one reply; 0: not known.
  bool reasoning = false;       ///< Thinks before it answers.
  std::string thinking;         ///< How it is asked to: "budget" of tokens, "adaptive", or empty.
  bool think_open = false;  ///< Its replies begin inside their reasoning: the prompt has the tag.
  bool images = true;
  bool tools = true;
  bool prefill = true;  ///< Goes on with an answer whose beginning stands at the prompt's end.
  bool schema = true;   ///< Structured output by a JSON schema.
  std::vector<std::string> refuses;  ///< Settings that it takes for an error, see kModelSettings.
  std::optional<Price> price;

  bool operator==(const ModelRecord&) const = default;
};

/// Settings that a record's `refuses` may name, as ReplyRequest names them; "system" is the role.
inline constexpr std::string_view kModelSettings[] = {
    "temperature",      "top_p",       "stop",           "seed",  "max_tokens",
    "reasoning_effort", "tool_choice", "parallel_tools", "system"};

/// Records by model name, with a date and a source: what the library ships, or a host's own.
///
/// Threading: immutable once made.
class ModelCatalog {
 public:
  /// What is compiled in.
  static const ModelCatalog& builtin();

  /// Reads {"date", "source", "models": {NAME: record}}; unknown members, wrong types and negative
  /// prices are refused with the pointer of the member at fault.
  static Result<ModelCatalog> from_json(std::string_view json);

  /// This catalog with the records of `newer` in it, which replace those of the same name.
  ModelCatalog with(const ModelCatalog& newer) const;

  /// The record that tells what a model can do: that of its name, else of the longest name that it
  /// begins with ("gpt-4o-2024-08-06" is "gpt-4o"), without a vendor in front ("openai/gpt-4o").
  /// Null when there is none.
  const ModelRecord* find(std::string_view model) const;

  /// What the model costs: of its very name, or of one that a date or "latest" follows; a near
  /// name's price would be a guess.
  std::optional<Price> price(std::string_view model) const;

  const std::string& date() const noexcept { return date_; }
  const std::string& source() const noexcept { return source_; }
  const std::map<std::string, ModelRecord, std::less<>>& models() const noexcept { return models_; }

 private:
  std::string date_;
  std::string source_;
  std::map<std::string, ModelRecord, std::less<>> models_;
};

/// The catalog that providers ask, exchangeable while they run. Replies that have begun keep what
/// they read.
///
/// Threading: any thread.
class ModelBook {
 public:
  std::shared_ptr<const ModelCatalog> current() const;
  void replace(ModelCatalog catalog);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const ModelCatalog> catalog_;  // null: what is compiled in
};

/// What the book, or without one the compiled-in catalog, says of a model; the defaults of
/// ModelRecord for one that it does not know.
ModelRecord record_of(const ModelBook* book, std::string_view model);

}  // namespace scena::llm
