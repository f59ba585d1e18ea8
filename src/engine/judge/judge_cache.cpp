#include "engine/judge/judge_cache.hpp"

namespace scena::engine {
namespace {

// A tenant's name may hold any character; the key's length is fixed.
std::string cache_place(const std::string& tenant, const std::string& key) {
  return key + tenant;
}

std::size_t opinion_bytes(const JudgedScore& opinion) noexcept {
  std::size_t bytes = sizeof(JudgedScore) + opinion.metric.size() + opinion.label.size() +
                      opinion.provider.size() + opinion.model.size();
  for (const Evidence& place : opinion.evidence)
    bytes += sizeof(Evidence) + place.message.size() + place.reason.size();
  return bytes;
}

}  // namespace

std::optional<JudgedScore> JudgeCache::find(const std::string& tenant, const std::string& key,
                                            const std::string& message) {
  std::lock_guard lock(mutex_);
  const JudgedScore* known = opinions_.find(cache_place(tenant, key), TimePoint{});
  if (!known) return std::nullopt;
  JudgedScore opinion = *known;
  opinion.cached = true;
  for (Evidence& place : opinion.evidence) place.message = message;
  return opinion;
}

void JudgeCache::put(const std::string& tenant, const std::string& key,
                     const JudgedScore& opinion) {
  std::lock_guard lock(mutex_);
  opinions_.put(cache_place(tenant, key), opinion, opinion_bytes(opinion), TimePoint::max());
}

}  // namespace scena::engine
