#include "llm/backends/script/script_library.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/id.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "domain/request_json.hpp"
#include "llm/backends/script/phrases.hpp"
#include "llm/backends/script/schema_minimum.hpp"

namespace scena::script {
namespace {

constexpr std::size_t kCachedBooks = 256;
constexpr std::size_t kSamples = 64;

std::uint64_t mix(std::uint64_t seed, std::uint64_t value) noexcept {
  return Random::for_session(seed, value).next();
}

// FNV-1a over the length and evenly spread bytes: equal scripts are compared in full afterwards.
std::uint64_t sample_hash(std::string_view text) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325ull ^ text.size();
  const std::size_t step = text.size() / kSamples + 1;
  for (std::size_t i = 0; i < text.size(); i += step) {
    hash = (hash ^ static_cast<unsigned char>(text[i])) * 0x100000001B3ull;
  }
  return hash;
}

std::uint32_t reply_number(const ReplyRequest& request) noexcept {
  if (request.context.reply_number != 0) return request.context.reply_number;
  const auto said =
      std::count_if(request.messages.begin(), request.messages.end(),
                    [](const PromptMessage& m) { return m.role == PromptRole::assistant; });
  return static_cast<std::uint32_t>(said) + 1;
}

std::uint64_t seed_of(const ReplyRequest& request) noexcept {
  std::uint64_t seed = mix(request.context.session_seed, sample_hash(request.context.character));
  if (request.seed) seed = mix(seed, static_cast<std::uint64_t>(*request.seed));
  return seed;
}

std::string with_result(std::string_view line, const std::vector<PromptMessage>& messages) {
  constexpr std::string_view kSlot = "%result%";
  std::string text(line);
  const auto at = text.find(kSlot);
  if (at != std::string::npos && !messages.empty() && messages.back().role == PromptRole::tool)
    text.replace(at, kSlot.size(), messages.back().text);
  return text;
}

}  // namespace

Result<std::shared_ptr<ScriptLibrary>> ScriptLibrary::make(std::string_view options) {
  auto library = std::make_shared<ScriptLibrary>();
  if (options.empty()) return library;
  auto parsed = parse_json(options, {.careful = true});
  if (!parsed || !parsed->is_object()) {
    return Error(ErrorCode::invalid_argument,
                 "the script provider's options are not a JSON object");
  }
  const auto characters = parsed->find("characters");
  if (characters != parsed->end()) {
    if (!characters->is_object()) {
      return Error(ErrorCode::invalid_argument, "characters is an object: character id to script")
          .with_pointer("/characters");
    }
    for (const auto& [id, script] : characters->items()) {
      auto book = ScriptBook::parse(dump_json(script), json_pointer("/characters", id));
      if (!book) return book.error();
      library->characters_.emplace(id, std::make_shared<const ScriptBook>(std::move(*book)));
    }
    parsed->erase(characters);
  }
  if (parsed->empty()) return library;
  auto book = ScriptBook::parse(dump_json(*parsed));
  if (!book) return book.error();
  library->own_timing_only_ = book->empty();
  library->own_ = std::make_shared<const ScriptBook>(std::move(*book));
  return library;
}

Result<ScriptReply> ScriptLibrary::reply_to(const ReplyRequest& request) {
  auto book = book_for(request);
  if (!book) return book.error();
  const std::uint64_t seed = seed_of(request);
  const ScriptAsk ask{.seed = seed,
                      .reply_number = reply_number(request),
                      .attempt = request.context.attempt,
                      .wants_json = !request.json_schema.empty(),
                      .messages = request.messages,
                      .tools = request.tools};
  ScriptReply reply;
  reply.seed = mix(mix(seed, ask.reply_number), ask.attempt);
  if (own_timing_only_) {
    reply.timing = own_->timing();
  } else if (*book) {
    reply.timing = (*book)->timing();
  }
  if (*book) {
    if (const auto line = (*book)->choose(ask)) {
      reply.text = with_result(line->text, request.messages);
      for (const ToolCall& call : line->tools) {
        reply.tools.push_back(call);
        reply.tools.back().id = fmt::format("call_{:x}_{}", reply.seed, reply.tools.size());
      }
      return reply;
    }
  }
  if (!request.messages.empty() && request.messages.back().role == PromptRole::tool) {
    reply.text = request.messages.back().name + " says: " + request.messages.back().text;
    return reply;
  }
  reply.text = compose_phrases(reply.seed, last_text(request.messages, PromptRole::user));
  if (!ask.wants_json) return reply;
  auto json = minimal_json(request.json_schema, reply.text);
  if (!json) return json.error();
  reply.text = std::move(*json);
  return reply;
}

Result<ScriptLibrary::Book> ScriptLibrary::book_for(const ReplyRequest& request) {
  if (!characters_.empty()) {
    const auto found = characters_.find(request.context.character);
    if (found != characters_.end()) return found->second;
  }
  if (own_ && !own_timing_only_) return own_;
  if (request.script.empty()) return Book();
  return cached(request.script);
}

Result<ScriptLibrary::Book> ScriptLibrary::cached(const std::string& json) {
  const std::uint64_t hash = sample_hash(json);
  const std::lock_guard lock(mutex_);
  for (const Cached& entry : cache_) {
    if (entry.hash == hash && entry.json == json) return entry.book;
  }
  auto parsed = ScriptBook::parse(json);
  if (!parsed) return parsed.error();
  auto book = std::make_shared<const ScriptBook>(std::move(*parsed));
  if (cache_.size() < kCachedBooks) {
    cache_.push_back({hash, json, book});
  } else {
    cache_[next_victim_++ % kCachedBooks] = {hash, json, book};
  }
  return Book(std::move(book));
}

std::int64_t prompt_tokens(const ReplyRequest& request) noexcept {
  std::size_t bytes = request.system.size();
  for (const PromptMessage& message : request.messages) bytes += message.text.size();
  return static_cast<std::int64_t>((bytes + 3) / 4);
}

std::string describe_request(std::string_view provider, std::string_view model,
                             const ReplyRequest& request) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("provider", provider).member("model", model);
  write_request_members(json, request);
  json.end_object();
  return body;
}

}  // namespace scena::script
