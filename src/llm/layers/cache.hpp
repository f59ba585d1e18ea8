#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <scena/costs.hpp>
#include <scena/ext/provider.hpp>
#include <string>

#include "guard/cache_store.hpp"
#include "guard/single_flight.hpp"
#include "net/loop.hpp"

namespace scena::llm {

/// Counts the cache's work by model. Threading: any thread.
class CacheBooks {
 public:
  /// What `usage` of the model `served` costs, that was asked for as `asked`.
  using Pricing =
      std::function<Money(const std::string& served, const std::string& asked, const Usage& usage)>;
  explicit CacheBooks(Pricing pricing) : pricing_(std::move(pricing)) {}

  void hit(const std::string& model, const std::string& asked, const UsageUpdate& usage,
           std::size_t bytes);
  void miss(const std::string& model);
  std::map<std::string, CacheFigures> figures() const;

 private:
  static constexpr std::size_t kMaxModels = 1'000;  // further ones are counted together, as "*"

  CacheFigures& of(const std::string& model);

  Pricing pricing_;
  mutable std::mutex mutex_;
  std::map<std::string, CacheFigures> models_;
};

/// A Provider that keeps complete answers of `inner` and gives them out again for the very same
/// request of the same tenant: the same events, marked as cached. An answer is kept together with
/// the request that it belongs to, which is compared byte by byte. Equal requests at the same time
/// are asked once: who waits gets that answer, or the failure of the service; what was the failure
/// of that one caller alone (its time limit, its cancelling) is not handed on.
///
/// Threading: as Provider, on the thread of `loop`; store and books are shared.
class CacheProvider final : public Provider {
 public:
  /// `scripted`: what may answer reads ReplyRequest::script.
  CacheProvider(std::shared_ptr<Provider> inner, std::string service, net::Loop& loop,
                std::shared_ptr<guard::CacheStore> store, std::shared_ptr<CacheBooks> books,
                std::chrono::milliseconds ttl, bool scripted);

  std::string_view name() const noexcept override;
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override;
  Result<std::string> request_body(const ReplyRequest& request) const override;

 private:
  class Call;
  class Keeper;
  class Front;

  std::shared_ptr<Front> front_;
};

}  // namespace scena::llm
