#include "engine/simulate/recorded_calls.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace scena::engine {
namespace {

std::string_view path_of(const net::TapeRequest& request) {
  return std::string_view(request.url).substr(0, request.url.find('?'));
}

// The tape tells it. Older tapes do not, and services of other names speak as one of these: a
// provider asks under the path of its API, whatever the base URL.
std::string kind_of(const net::TapeRequest& request) {
  constexpr std::pair<std::string_view, const char*> kPaths[] = {
      {"/chat/completions", "openai"},
      {"/responses", "openai_responses"},
      {"/v1/messages", "anthropic"},
      {":generateContent", "gemini"},
      {":streamGenerateContent", "gemini"},
      {"/v2/chat", "cohere"},
      {"/api/chat", "ollama"}};
  for (const auto& [path, kind] : kPaths) {
    if (request.kind == kind) return kind;
  }
  for (const auto& [path, kind] : kPaths) {
    if (path_of(request).ends_with(path)) return kind;
  }
  return {};
}

std::string_view call_id(const net::TapeRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (equals_ignore_case(name, "X-Client-Request-Id")) return value;
  }
  return {};
}

bool is_same_call(const net::TapeRequest& a, const net::TapeRequest& b) {
  return a.url == b.url && a.body == b.body && !call_id(a).empty() && call_id(a) == call_id(b);
}

}  // namespace

std::string model_in_path(const net::TapeRequest& request) {
  const std::string_view path = path_of(request);
  constexpr std::string_view kBefore = "/models/";
  const std::size_t models = path.rfind(kBefore);
  if (models == std::string_view::npos) return {};
  const std::string_view name = path.substr(models + kBefore.size());
  return std::string(name.substr(0, name.rfind(':')));
}

std::vector<RecordedCall> recorded_calls(const net::Tape& tape) {
  std::vector<RecordedCall> calls;
  for (const auto& exchange : tape.exchanges) {
    std::string kind = kind_of(exchange.request);
    if (kind.empty()) continue;
    const auto same = std::find_if(calls.rbegin(), calls.rend(), [&](const RecordedCall& call) {
      return is_same_call(call.tries.front()->request, exchange.request);
    });
    if (same != calls.rend()) {
      same->tries.push_back(&exchange);
    } else {
      calls.push_back({std::move(kind), {&exchange}});
    }
  }
  return calls;
}

const net::TapeExchange& RecordedService::next(const std::string& kind) {
  const RecordedCall& own = calls_[call_];
  std::size_t further = tries_[kind]++;
  const net::TapeExchange* last = own.tries.back();
  if (kind == own.kind) {
    if (further < own.tries.size()) return *own.tries[further];
    further -= own.tries.size();
  } else {
    for (std::size_t at = 0; at < call_; ++at) {
      if (calls_[at].kind == kind) last = calls_[at].tries.back();
    }
  }
  for (std::size_t at = call_ + 1; at < calls_.size(); ++at) {
    if (calls_[at].kind != kind) continue;
    last = calls_[at].tries.front();
    if (further-- == 0) break;
  }
  return *last;
}

void RecordedService::start(net::HttpRequest request, std::shared_ptr<net::HttpSink> sink,
                            std::stop_token stop) {
  ++requests_;
  net::TapeExchange exchange = next(request.kind);
  exchange.request = {
      request.method, net::tape::taped_url(request), {}, request.body, exchange.request.kind};
  net::Tape tape;
  tape.exchanges.push_back(std::move(exchange));
  players_.push_back(
      std::make_unique<net::TapePlayer>(loop_, std::move(tape), net::TapePlayer::Pace{}));
  players_.back()->start(std::move(request), std::move(sink), std::move(stop));
}

}  // namespace scena::engine
