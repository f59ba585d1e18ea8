#pragma once

#include <scena/ext/provider.hpp>
#include <string>
#include <string_view>

namespace scena::llm {

/// A request as the cache knows it.
struct RequestKey {
  /// What a store is asked by: request_key_prefix() and a quick hash of `bytes`, 15 bytes in all.
  /// No strong hash: what is found under it answers this request only when it was kept with the
  /// same bytes.
  std::string name;
  /// Whatever shapes the answer, tenant and service first: the same for equal requests only. Media
  /// are in it by their SHA-256. Begins with its own length, so no one's bytes begin another's.
  std::string bytes;
};

/// `scripted`: what may answer reads the request's script, and then also what that draws by. A
/// model behind HTTP never sees it.
RequestKey request_key(std::string_view service, const ReplyRequest& request, bool scripted);
/// What the names of all keys of a tenant begin with.
std::string request_key_prefix(std::string_view tenant);

}  // namespace scena::llm
