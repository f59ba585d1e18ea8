#pragma once

#include <memory>
#include <scena/ext/provider.hpp>
#include <vector>

#include "base/log.hpp"
#include "net/loop.hpp"

namespace scena::llm {

/// A Provider over several that differ in their key alone. It stays with a key until that one is
/// refused or throttled before any content; then the next one is asked at once, and the first is
/// left in peace for a while. When every key was tried, the failure of a throttled one counts, with
/// the shortest wait, else the last one.
///
/// Threading: as Provider, on the thread of `loop`.
class KeyRotationProvider final : public Provider {
 public:
  KeyRotationProvider(std::vector<std::shared_ptr<Provider>> keys, net::Loop& loop,
                      Logger log = {});

  std::string_view name() const noexcept override;
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override;
  Result<std::string> request_body(const ReplyRequest& request) const override;

 private:
  class Run;
  struct Keys;

  net::Loop& loop_;
  std::shared_ptr<Keys> keys_;
  Logger log_;
};

}  // namespace scena::llm
