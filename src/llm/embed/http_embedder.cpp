#include "llm/embed/http_embedder.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "domain/prompt.hpp"
#include "llm/layers/retry.hpp"
#include "llm/pass_through.hpp"
#include "llm/provider_failure.hpp"
#include "llm/refusal_wait.hpp"
#include "llm/registry.hpp"
#include "net/loop.hpp"
#include "net/stop_on_loop.hpp"

namespace scena::llm {
namespace {

constexpr std::size_t kMaxTexts = 100'000;
constexpr std::chrono::seconds kEmbedFirstByte{300};

Error bad_embedding(std::string pointer, std::string text) {
  return Error(ErrorCode::invalid_argument, std::move(text)).with_pointer(std::move(pointer));
}

Result<void> check(const EmbeddingRequest& request) {
  if (request.texts.empty()) return bad_embedding("/texts", "texts: there are none");
  if (request.texts.size() > kMaxTexts)
    return bad_embedding("/texts", fmt::format("texts: at most {} at once", kMaxTexts));
  for (std::size_t i = 0; i < request.texts.size(); ++i) {
    const std::string pointer = fmt::format("/texts/{}", i);
    if (trim(request.texts[i]).empty())
      return bad_embedding(pointer, fmt::format("texts.{}: is empty, and so has no vector", i));
    if (!is_valid_utf8(request.texts[i]))
      return bad_embedding(pointer, fmt::format("texts.{}: is not UTF-8", i));
  }
  if (request.dimensions && *request.dimensions == 0)
    return bad_embedding("/dimensions", "dimensions: must be at least 1");
  return {};
}

// How many texts, from `first` on, go into one call.
std::size_t batch_size(const std::vector<std::string>& texts, std::size_t first,
                       const EmbedLimits& limits) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (first + count < texts.size() && count < limits.texts) {
    bytes += texts[first + count].size();
    if (count > 0 && bytes > limits.bytes) break;
    ++count;
  }
  return count;
}

void add_usage(Usage& sum, UsageUpdate told, std::span<const std::string> texts) {
  told.drop_impossible();
  Usage one;
  if (told.input_tokens) {
    one.input_tokens = *told.input_tokens;
  } else {
    one.estimated = true;
    for (const auto& text : texts) one.input_tokens += estimate_tokens(text);
  }
  one.billed_input_tokens = told.billed_input_tokens;
  sum += one;
}

// Collects one answer.
class Answer final : public net::HttpSink {
 public:
  using Whole = std::function<void(Result<std::string>)>;

  Answer(const EmbedVendor& vendor, const ProviderContext& context, Whole whole)
      : vendor_(vendor), context_(context), whole_(std::move(whole)) {}

  void on_head(const net::HttpHead& head) override {
    status_ = head.status;
    wait_.read_head(head, context_.clock.wall());
  }
  void on_body(std::string_view bytes) override {
    if (body_.size() + bytes.size() > context_.limits.max_body_bytes) {
      too_large_ = true;
    } else {
      body_.append(bytes);
    }
  }
  void on_end(const net::HttpEnd& end) override { whole_(judge(end)); }

 private:
  Result<std::string> judge(const net::HttpEnd& end) {
    const bool cancelled = end.error && end.error->code() == ErrorCode::cancelled;
    if (status_ != 0 && (status_ < 200 || status_ >= 300) && !cancelled) {
      const FailureBody body = parse_failure(body_);
      return provider_failure(status_, body, vendor_.secrets(),
                              wait_.beside(body, context_.clock.wall()));
    }
    if (end.error) return *end.error;
    if (too_large_) {
      return Error::fixed(ErrorCode::too_large, "the provider's answer is over max_body_bytes");
    }
    if (!end.complete)
      return Error::fixed(ErrorCode::network, "the provider's answer ended before its end");
    return std::move(body_);
  }

  const EmbedVendor& vendor_;
  const ProviderContext& context_;
  Whole whole_;
  std::string body_;
  RefusalWait wait_;
  int status_ = 0;
  bool too_large_ = false;
};

}  // namespace

// One request with all its batches. It lives in the callbacks of the call under way.
class HttpEmbedder::Run final : public std::enable_shared_from_this<Run> {
 public:
  Run(const HttpEmbedder& owner, EmbeddingRequest request, std::string model, Done done,
      std::stop_token stop)
      : vendor_(owner.vendor_),
        context_(owner.context_),
        policy_({.max_retries = owner.max_retries_}),
        request_(std::move(request)),
        model_(std::move(model)),
        done_(std::move(done)),
        stop_(std::move(stop)),
        began_(context_.loop.now()) {}

  void next() {
    if (stop_.stop_requested()) return finish(Error::fixed(ErrorCode::cancelled, "cancelled"));
    count_ = batch_size(request_.texts, first_, vendor_->limits());
    net::HttpRequest http = vendor_->http_request(request_, model_, texts());
    http.headers.emplace_back("Content-Type", "application/json");
    http.headers.emplace_back("Accept", "application/json");
    replace_headers(http, context_.headers);
    if (auto fine = check_query(context_.query, http.url.reveal()); !fine)
      return finish(fine.error());
    add_query(http, context_.query);
    http.timeouts = request_.timeouts;
    if (!http.timeouts.first_byte) http.timeouts.first_byte = kEmbedFirstByte;
    http.max_header_bytes = context_.limits.max_header_bytes;
    http.max_body_bytes = context_.limits.max_body_bytes;
    auto answer = std::make_shared<Answer>(
        *vendor_, context_,
        [self = shared_from_this()](Result<std::string> body) { self->take(std::move(body)); });
    context_.http.start(std::move(http), std::move(answer), stop_);
  }

 private:
  std::span<const std::string> texts() const {
    return std::span(request_.texts).subspan(first_, count_);
  }

  void take(Result<std::string> body) {
    if (!body) return fail(body.error());
    auto batch = read(*body);
    if (!batch) return finish(batch.error());
    add_usage(result_.usage, batch->usage, texts());
    result_.dimensions = batch->dimensions;
    result_.values.insert(result_.values.end(), batch->values.begin(), batch->values.end());
    first_ += count_;
    retries_ = 0;
    if (first_ < request_.texts.size()) return next();
    result_.model = model_;
    finish(std::move(result_));
  }

  Result<EmbeddedBatch> read(const std::string& body) const {
    auto batch = vendor_->read(body, count_);
    if (!batch) {
      // A failure may come with status 200.
      const FailureBody failure = parse_failure(body);
      return failure.is_error ? provider_failure(0, failure, vendor_->secrets()) : batch.error();
    }
    const bool changed = first_ != 0 && batch->dimensions != result_.dimensions;
    if (changed || (request_.dimensions && batch->dimensions != *request_.dimensions)) {
      return Error(
          ErrorCode::protocol,
          fmt::format("the provider's vectors have {} dimensions in place of {}", batch->dimensions,
                      changed ? result_.dimensions : *request_.dimensions));
    }
    return batch;
  }

  void fail(const Error& error) {
    const RetryDecision decision =
        policy_.decide({.error = error,
                        .retries_done = retries_,
                        .elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
                            context_.loop.now() - began_),
                        .total = request_.timeouts.total});
    if (!decision.retry || stop_.stop_requested()) return finish(error);
    ++retries_;
    timer_ = context_.loop.after(decision.delay, [self = shared_from_this()] {
      self->wake_.forget();
      self->next();
    });
    wake_.watch(stop_, weak_from_this(), context_.loop);
  }

  void cancel_wait() {
    if (context_.loop.cancel(timer_))
      finish(Error::fixed(ErrorCode::cancelled, "cancelled before a retry"));
  }

  void finish(Result<Embeddings> result) {
    if (done_) std::exchange(done_, nullptr)(std::move(result));
  }

  std::shared_ptr<const EmbedVendor> vendor_;
  ProviderContext context_;
  RetryPolicy policy_;
  EmbeddingRequest request_;
  std::string model_;
  Done done_;
  std::stop_token stop_;
  TimePoint began_;
  Embeddings result_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  int retries_ = 0;
  net::TimerId timer_ = 0;
  net::StopOnLoop<Run, &Run::cancel_wait> wake_;
};

void HttpEmbedder::start(EmbeddingRequest request, Done done, std::stop_token stop) {
  Result<std::string> model = vendor_->model(request);
  if (auto fine = check(request); !fine) model = fine.error();
  if (!model) {
    context_.loop.post([done = std::move(done), error = model.error()] { done(error); });
    return;
  }
  auto run = std::make_shared<Run>(*this, std::move(request), std::move(*model), std::move(done),
                                   std::move(stop));
  context_.loop.post([run] { run->next(); });
}

Result<std::shared_ptr<Embedder>> make_embedder(const ProviderRegistry& registry,
                                                const ProviderConfig& config,
                                                const ProviderContext& context, int max_retries) {
  const auto url = registry.resolve(config);
  if (!url) return url.error();
  struct Service {
    std::string_view kind;
    Result<std::shared_ptr<const EmbedVendor>> (*make)(const ProviderConfig&, const ProviderUrl&);
  };
  constexpr Service kServices[] = {{"openai", make_openai_embed},
                                   {"gemini", make_gemini_embed},
                                   {"cohere", make_cohere_embed},
                                   {"ollama", make_ollama_embed}};
  for (const auto& [kind, make] : kServices) {
    if (url->kind != kind) continue;
    auto vendor = make(config, *url);
    if (!vendor) return vendor.error();
    ProviderContext own = context;
    own.headers = config.headers;
    own.query = config.query;
    return std::shared_ptr<Embedder>(
        std::make_shared<HttpEmbedder>(std::move(*vendor), own, max_retries));
  }
  return Error(ErrorCode::unsupported,
               fmt::format("provider kind \"{}\" has no embeddings; use openai, gemini, cohere or "
                           "ollama",
                           url->kind));
}

}  // namespace scena::llm
