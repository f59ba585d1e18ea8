#pragma once

#include <memory>
#include <scena/ext/provider.hpp>
#include <string>

namespace scena::llm {

/// A Provider that answers with the host's configured text when `inner` failed before any content
/// because no service can be asked; the start says so, and it costs nothing.
class DegradedProvider final : public Provider {
 public:
  DegradedProvider(std::shared_ptr<Provider> inner, std::string answer)
      : inner_(std::move(inner)), answer_(std::make_shared<const std::string>(std::move(answer))) {}

  std::string_view name() const noexcept override { return inner_->name(); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override;
  Result<std::string> request_body(const ReplyRequest& request) const override {
    return inner_->request_body(request);
  }

 private:
  std::shared_ptr<Provider> inner_;
  std::shared_ptr<const std::string> answer_;
};

}  // namespace scena::llm
