#include "engine/money/token_files.hpp"

#include <utility>

#include "base/json.hpp"

namespace scena::engine {
namespace {

constexpr std::string_view kRanks = "ranks: ";  // how the reader's messages begin

Error at_file(const std::string& models, const Error& error) {
  const std::string pointer = json_pointer("/token_counters", models) + "/file";
  std::string_view what = error.what();
  if (what.starts_with(kRanks)) what.remove_prefix(kRanks.size());
  return Error(error.code(), "configuration: " + pointer + ": " + std::string(what))
      .with_pointer(pointer);
}

}  // namespace

Result<void> read_token_files(const Config& config, TokenCounters& counters) {
  std::map<std::pair<std::string, TextCut>, std::shared_ptr<TokenCounter>> read;
  TokenCounters found;
  for (const auto& [models, given] : config.token_counters) {
    if (counters.contains(models)) continue;
    auto& counter = read[{given.file, *given.cut}];
    if (!counter) {
      auto made = byte_pair_counter_from_file(given.file, *given.cut);
      if (!made) return at_file(models, made.error());
      counter = std::move(*made);
    }
    found.emplace(models, counter);
  }
  counters.merge(found);
  return {};
}

}  // namespace scena::engine
