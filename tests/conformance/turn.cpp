#include <algorithm>
#include <array>
#include <iostream>
#include <scena/engine.hpp>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "conformance/stage.hpp"
#include "conformance/subcommands.hpp"

namespace scena::conformance {
namespace {

using std::chrono::milliseconds;

struct CodeWord {
  ErrorCode code;
  std::string_view word;
};

// The words of `turn`; docs/reference/errors.md has the same column.
constexpr std::array kWords = {
    CodeWord{ErrorCode::rate_limited, "rate_limited"},
    CodeWord{ErrorCode::quota_exhausted, "rate_limited"},
    CodeWord{ErrorCode::unauthenticated, "auth"},
    CodeWord{ErrorCode::permission_denied, "auth"},
    CodeWord{ErrorCode::not_found, "not_found"},
    CodeWord{ErrorCode::network, "network"},
    CodeWord{ErrorCode::protocol, "protocol"},
    CodeWord{ErrorCode::provider_error, "provider"},
    CodeWord{ErrorCode::overloaded, "provider"},
    CodeWord{ErrorCode::unavailable, "provider"},
    CodeWord{ErrorCode::circuit_open, "provider"},
    CodeWord{ErrorCode::content_filtered, "filtered"},
    CodeWord{ErrorCode::tool_failed, "tool"},
    CodeWord{ErrorCode::limit_reached, "limit"},
    CodeWord{ErrorCode::budget_exhausted, "limit"},
};

// Two codes have two sides: a status of the service's, and a limit of our own.
std::string_view word_of(const Error& error) {
  const bool theirs = error.provider_status() != 0;
  if (error.code() == ErrorCode::too_large) return theirs ? "too_large" : "limit";
  if (error.code() == ErrorCode::timeout) return theirs ? "provider" : "timeout";
  for (const auto& [code, word] : kWords) {
    if (code == error.code()) return word;
  }
  return "invalid";
}

constexpr std::array<std::string_view, 5> kProviders = {"openai", "anthropic", "gemini", "cohere",
                                                        "ollama"};

// A member that is left out or null has its default.
template <class T>
T member(const Json& object, const char* name, T otherwise) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? otherwise : found->get<T>();
}

Config configuration(const Json& request, const std::string& kind) {
  ProviderConfig provider;
  provider.url = kind + ":" + member<std::string>(request, "model", "m");
  provider.base_url = request.at("base_url").get<std::string>();
  while (provider.base_url.ends_with('/')) provider.base_url.pop_back();
  // The OpenAI kind's base ends in the version, as its users write it.
  if (kind == "openai") provider.base_url += "/v1";
  provider.api_key = member<std::string>(request, "api_key", "");
  Config config;
  config.providers["model"] = std::move(provider);
  config.provider = "model";
  config.stream = member(request, "stream", true);
  config.max_retries = member(request, "max_retries", config.max_retries);
  config.limits.answer_bytes = member(request, "max_bytes", config.limits.answer_bytes);
  const Json limits = member(request, "timeouts_ms", Json::object());
  const auto read = [&limits](const char* name, auto& out) {
    if (limits.contains(name)) out = milliseconds(limits.at(name).get<std::int64_t>());
  };
  read("connect", config.timeouts.connect);
  read("first", config.timeouts.first_byte);
  read("idle", config.timeouts.idle);
  read("total", config.timeouts.total);
  return config;
}

TurnResult one_turn(const Json& request, const std::string& kind) {
  Engine engine = Engine::open(configuration(request, kind));
  Session session = engine.create_session(two_in_a_room());
  Turn turn = session.send(member<std::string>(request, "message", "hello"));
  const auto cancel = request.find("cancel_after_ms");
  if (cancel == request.end() || cancel->is_null()) return turn.wait();
  try {
    return turn.wait(milliseconds(cancel->get<std::int64_t>()));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::timeout) throw;
  }
  turn.cancel();
  return turn.wait();
}

std::string_view status_of(const TurnResult& result) {
  if (result.outcome == Outcome::complete) return "ok";
  if (result.outcome == Outcome::cancelled) return "cancelled";
  return result.text.empty() ? "error" : "partial";
}

void write_finish(JsonWriter& out, const TurnResult& result) {
  out.key("finish");
  if (result.outcome != Outcome::complete) {
    out.null();
    return;
  }
  switch (result.finish_reason) {
    case FinishReason::stop:
    case FinishReason::length:
    case FinishReason::tool_calls:
    case FinishReason::content_filter:
      out.value(to_string(result.finish_reason));
      return;
    case FinishReason::refusal:
      out.value("content_filter");
      return;
    case FinishReason::context_overflow:
      out.value("length");
      return;
    default:
      out.null();
  }
}

std::string describe(const TurnResult& result) {
  std::string line;
  JsonWriter out(line);
  const auto status = status_of(result);
  out.begin_object().member("status", status).key("code");
  if (result.error && status != "ok" && status != "cancelled") {
    out.value(word_of(*result.error));
  } else {
    out.null();
  }
  write_finish(out, result);
  out.member("text", result.text).key("usage");
  if (result.usage.estimated || result.usage == Usage{}) {
    out.null();
  } else {
    out.begin_object()
        .member("input", result.usage.input_tokens)
        .member("output", result.usage.output_tokens)
        .end_object();
  }
  out.member("message", result.error ? result.error->what() : "").end_object();
  return line;
}

TurnResult refused(const Error& error) {
  TurnResult result;
  result.outcome = Outcome::failed;
  result.error = error;
  return result;
}

std::string answer(const std::string& line) {
  const auto request = parse_json(line);
  if (!request) return describe(refused(request.error()));
  try {
    const auto kind = member<std::string>(*request, "provider", "");
    if (std::find(kProviders.begin(), kProviders.end(), kind) == kProviders.end()) {
      return describe(
          refused(Error(ErrorCode::invalid_argument,
                        "provider: it must be openai, anthropic, gemini, cohere or ollama")));
    }
    return describe(one_turn(*request, kind));
  } catch (const Error& error) {
    return describe(refused(error));
  } catch (const std::bad_alloc&) {
    return describe(refused(Error::fixed(ErrorCode::out_of_memory, "not enough memory")));
  } catch (const Json::exception&) {
    return describe(refused(Error::fixed(ErrorCode::invalid_argument,
                                         "the request lacks a member, or one has a wrong type")));
  }
}

}  // namespace

int run_turn() {
  for (std::string line; std::getline(std::cin, line);) {
    if (line.empty()) continue;
    std::cout << answer(line) << std::endl;
  }
  return 0;
}

}  // namespace scena::conformance
