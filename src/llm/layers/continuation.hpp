#pragma once

#include <memory>
#include <scena/ext/provider.hpp>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "llm/model_catalog.hpp"
#include "net/loop.hpp"

namespace scena::llm {

/// Takes out of a continued text what repeats the end of the text before it.
///
/// Models that are asked to go on like to begin with the last words again, or with all of it. What
/// comes is held back only as long as it may still be such a repetition.
class OverlapFilter {
 public:
  /// `before` is what the reader has; its end is kept. The last `unsent` bytes of it were left out
  /// of what the model was told to go on from.
  explicit OverlapFilter(std::string_view before, std::size_t unsent = 0);

  /// @return what may be shown now; valid until the next call.
  std::string_view feed(std::string_view piece);
  /// The text has ended. @return what was still held back.
  std::string_view finish();

 private:
  static constexpr std::size_t kLongest = 1'024;  // repetition that is looked for
  static constexpr std::size_t kShortest = 8;     // shorter ones are chance

  std::string_view release();

  std::string tail_;
  std::size_t unsent_;
  std::string held_;
  bool open_ = false;
};

/// A Provider that asks the same service to go on when a reply broke off in its text, at most
/// `attempts` times a reply. The reader sees one text without repetitions, a warning "continued"
/// where it was taken up, and the usage of all calls together. Never inside a tool call, nor where
/// the answer must follow a schema.
///
/// Anthropic's models get the text so far as the beginning of their answer, where their record
/// says that they take it; others are told to go on behind it.
class ContinuationProvider final : public Provider {
 public:
  ContinuationProvider(std::shared_ptr<Provider> inner, net::Loop& loop, int attempts,
                       Logger log = {}, const ModelBook* models = nullptr)
      : inner_(std::move(inner)),
        loop_(loop),
        attempts_(attempts),
        log_(std::move(log)),
        models_(models) {}

  std::string_view name() const noexcept override { return inner_->name(); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override;
  Result<std::string> request_body(const ReplyRequest& request) const override {
    return inner_->request_body(request);
  }

 private:
  class Run;
  class Part;

  std::shared_ptr<Provider> inner_;
  net::Loop& loop_;
  int attempts_;
  Logger log_;
  const ModelBook* models_;
};

}  // namespace scena::llm
