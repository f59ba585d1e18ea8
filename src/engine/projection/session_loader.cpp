#include "engine/projection/session_loader.hpp"

#include "base/json.hpp"
#include "engine/actor/commit_draft.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kEventPage = 1'024;
constexpr std::size_t kMaxForks = 10'000;

struct Part {
  std::string stream;
  std::uint64_t up_to;
};

// The chain of streams that a session is made of, its own first.
Result<std::vector<Part>> chain_of(Storage& storage, const std::string& tenant,
                                   const std::string& id, std::uint64_t up_to) {
  std::vector<Part> chain{{session_stream(id), up_to}};
  while (chain.size() < kMaxForks) {
    auto first = storage.read_events(tenant, chain.back().stream, 0, 1);
    if (!first) return first.error();
    if (first->empty()) return Error::fixed(ErrorCode::not_found, "no such session");
    if (first->front().type != "session.forked") return chain;
    const auto data = parse_json(first->front().data);
    if (!data || !data->contains("parent") || !data->contains("at") ||
        !(*data)["parent"].is_string() || !(*data)["at"].is_number_unsigned()) {
      return Error::fixed(ErrorCode::storage_corrupt,
                          "a fork does not say where it came from; restore a backup");
    }
    chain.push_back(
        {session_stream((*data)["parent"].get<std::string>()), (*data)["at"].get<std::uint64_t>()});
  }
  return Error::fixed(
      ErrorCode::limit_reached,
      "the session is a fork of a fork more than 10,000 deep; export and import it");
}

}  // namespace

Result<void> visit_events(Storage& storage, const std::string& tenant, const std::string& id,
                          std::uint64_t up_to,
                          const std::function<Result<void>(const Event&)>& visit) {
  auto chain = chain_of(storage, tenant, id, up_to);
  if (!chain) return chain.error();
  for (auto part = chain->rbegin(); part != chain->rend(); ++part) {
    std::uint64_t after = 0;
    while (after < part->up_to) {
      const auto limit = std::min<std::uint64_t>(kEventPage, part->up_to - after);
      auto page = storage.read_events(tenant, part->stream, after, static_cast<std::size_t>(limit));
      if (!page) return page.error();
      for (const auto& event : *page) {
        if (auto seen = visit(event); !seen) return seen;
      }
      if (page->size() < limit) break;
      after = page->back().seq;
    }
  }
  return {};
}

Result<StreamPlace> find_inherited(Storage& storage, const std::string& tenant,
                                   const std::string& id, const Message& message) {
  auto chain = chain_of(storage, tenant, id, UINT64_MAX);
  if (!chain) return chain.error();
  for (auto part = chain->begin() + 1; part != chain->end(); ++part) {
    if (message.seq == 0 || message.seq > part->up_to) continue;
    auto events = storage.read_events(tenant, part->stream, message.seq - 1, 1);
    if (!events) return events.error();
    if (events->empty() || events->front().type != "message.stored") continue;
    const auto data = parse_json(events->front().data);
    if (!data || !data->contains("message") || (*data)["message"].value("id", "") != message.id)
      continue;
    return StreamPlace{part->stream.substr(part->stream.find(':') + 1), message.seq, part->up_to};
  }
  return Error::fixed(ErrorCode::storage_corrupt,
                      "a shared message is not where its number says; restore a backup");
}

Result<std::string> find_preset(Storage& storage, const std::string& tenant,
                                const std::string& id) {
  auto chain = chain_of(storage, tenant, id, UINT64_MAX);
  if (!chain) return chain.error();
  auto first = storage.read_events(tenant, chain->back().stream, 0, 1);
  if (!first) return first.error();
  if (first->empty()) return Error::fixed(ErrorCode::not_found, "no such session");
  SessionModel model;
  if (auto applied = model.apply(first->front()); !applied) return applied.error();
  return model.facts().preset_sha256;
}

Result<SessionModel> load_model(Storage& storage, const std::string& tenant, const std::string& id,
                                std::uint64_t up_to) {
  SessionModel model;
  auto visited = visit_events(storage, tenant, id, up_to,
                              [&model](const Event& event) { return model.apply(event); });
  if (!visited) return visited.error();
  return model;
}

}  // namespace scena::engine
