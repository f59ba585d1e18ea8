#include "llm/layers/cache.hpp"

#include <thread>

#include "domain/json_answer.hpp"
#include "domain/reply_tokens.hpp"
#include "llm/layer_sink.hpp"
#include "llm/layers/held_call.hpp"
#include "llm/layers/reply_record.hpp"
#include "llm/layers/request_key.hpp"

namespace scena::llm {
namespace {

// A longer answer is given out, but not kept.
constexpr std::size_t kMaxRecord = 4u << 20;

Usage as_usage(const UsageUpdate& update) {
  Usage usage;
  usage.input_tokens = update.input_tokens.value_or(0);
  usage.output_tokens = update.output_tokens.value_or(0);
  usage.cached_input_tokens = update.cached_input_tokens.value_or(0);
  usage.cache_write_tokens = update.cache_write_tokens.value_or(0);
  usage.reasoning_tokens = update.reasoning_tokens.value_or(0);
  usage.billed_input_tokens = update.billed_input_tokens;
  usage.billed_output_tokens = update.billed_output_tokens;
  return usage;
}

// The limits of one caller are not those of the others.
bool is_shared_failure(const ReplyEnd& end) noexcept {
  return end.outcome == Outcome::failed && end.error && end.error->code() != ErrorCode::timeout &&
         end.error->code() != ErrorCode::out_of_memory;
}

// Whether a complete answer is worth being given again: not an empty one, a refusal, one that does
// not follow the schema it was asked for, or a call whose arguments are no object.
class AnswerJudge {
 public:
  explicit AnswerJudge(const ReplyRequest& request) : schema_(request.json_schema) {}

  void text(std::string_view delta) {
    wrote_ = true;
    if (!schema_.empty()) text_ += delta;
  }
  void tool_call(bool valid) noexcept {
    calls_ = true;
    bad_call_ = bad_call_ || !valid;
  }
  bool is_good(const ReplyEnd& end) const {
    if (end.outcome != Outcome::complete) return false;
    if (!is_answer(end.reason) || end.reason == FinishReason::context_overflow) return false;
    return calls_ ? !bad_call_ : wrote_ && follows_schema();
  }

 private:
  bool follows_schema() const { return schema_.empty() || json_answer(schema_, text_); }

  std::string schema_;
  std::string text_;  // only where there is a schema
  bool wrote_ = false;
  bool calls_ = false;
  bool bad_call_ = false;
};

}  // namespace

// --- the books -----------------------------------------------------------------------------------

CacheFigures& CacheBooks::of(const std::string& model) {
  const auto known = models_.find(model);
  if (known != models_.end()) return known->second;
  return models_[models_.size() < kMaxModels ? model : "*"];
}

void CacheBooks::hit(const std::string& model, const std::string& asked, const UsageUpdate& usage,
                     std::size_t bytes) {
  const Money saved = pricing_ ? pricing_(model, asked, as_usage(usage)) : Money{};
  std::lock_guard lock(mutex_);
  CacheFigures& figures = of(model);
  ++figures.hits;
  figures.bytes += bytes;
  figures.saved += saved;
}

void CacheBooks::miss(const std::string& model) {
  std::lock_guard lock(mutex_);
  ++of(model).misses;
}

std::map<std::string, CacheFigures> CacheBooks::figures() const {
  std::lock_guard lock(mutex_);
  return models_;
}

// --- the layer -----------------------------------------------------------------------------------

// One call, and what is found for it.
class CacheProvider::Call final : public HeldCall {
 public:
  Call(RequestKey its_key, std::shared_ptr<Provider> inner, net::Loop& loop,
       std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
       std::stop_token stop)
      : HeldCall(std::move(inner), loop, std::move(request), std::move(sink), std::move(stop)),
        key(std::move(its_key)) {}

  RequestKey key;
  guard::CacheStore::Bytes found;  // written before the loop is told
  const std::thread::id asker = std::this_thread::get_id();
  bool asking = true;  // the store is; read and written by `asker` alone
};

// What the calls of one layer share; it lives as long as one of them.
class CacheProvider::Front final : public std::enable_shared_from_this<Front> {
 public:
  Front(std::shared_ptr<Provider> provider, std::string service_name, net::Loop& its_loop,
        std::shared_ptr<guard::CacheStore> its_store, std::shared_ptr<CacheBooks> its_books,
        Duration its_ttl, bool is_scripted)
      : inner(std::move(provider)),
        service(std::move(service_name)),
        loop(its_loop),
        store(std::move(its_store)),
        books(std::move(its_books)),
        ttl(its_ttl),
        scripted(is_scripted) {}

  void begin(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop);
  void answer_later(std::shared_ptr<Call> call, guard::CacheStore::Bytes bytes) noexcept;
  /// The call that others wait for has ended: `bytes` are what was kept of it.
  void land(const std::string& name, const guard::CacheStore::Bytes& bytes, const ReplyEnd& end);

  const std::shared_ptr<Provider> inner;
  const std::string service;
  net::Loop& loop;
  const std::shared_ptr<guard::CacheStore> store;
  const std::shared_ptr<CacheBooks> books;
  const Duration ttl;
  const bool scripted;

 private:
  void told(std::shared_ptr<Call> call, guard::CacheStore::Bytes bytes);
  void go(const std::shared_ptr<Call>& call);
  void found(const std::shared_ptr<Call>& call);
  bool play(Call& call);

  guard::SingleFlight<std::shared_ptr<Call>> flights_;
};

// The sink of the one call that is really made: writes down what it passes on.
class CacheProvider::Keeper final : public ForwardingSink {
 public:
  Keeper(std::shared_ptr<ReplySink> sink, std::shared_ptr<Front> front, RequestKey key,
         AnswerJudge judge)
      : ForwardingSink(std::move(sink)),
        front_(std::move(front)),
        judge_(std::move(judge)),
        name_(std::move(key.name)),
        record_(std::move(key.bytes)) {}

  // Given up without an end: whoever waits goes on alone.
  ~Keeper() override {
    if (landed_) return;
    net::post_or_drop(front_->loop, [front = front_, name = name_] {
      front->land(name, nullptr, {.outcome = Outcome::cancelled});
    });
  }

  void on_start(const ReplyStart& start) override {
    // A stand-in is not kept: the service that was asked may be back before the TTL has passed.
    keeps_ = !start.degraded && start.fallback_for.empty();
    model_ = start.model;
    if (keeps()) record_.start(start);
    ForwardingSink::on_start(start);
  }
  void on_text(std::string_view delta) override {
    judge_.text(delta);
    if (keeps()) record_.text(ReplyRecord::kText, delta);
    ForwardingSink::on_text(delta);
  }
  void on_reasoning(std::string_view delta) override {
    if (keeps()) record_.text(ReplyRecord::kReasoning, delta);
    ForwardingSink::on_reasoning(delta);
  }
  void on_refusal(std::string_view delta) override {
    if (keeps()) record_.text(ReplyRecord::kRefusal, delta);
    ForwardingSink::on_refusal(delta);
  }
  void on_tool_start(std::size_t index, std::string_view id, std::string_view name) override {
    if (keeps()) record_.tool_start(index, id, name);
    ForwardingSink::on_tool_start(index, id, name);
  }
  void on_tool_args(std::size_t index, std::string_view delta) override {
    if (keeps()) record_.tool_args(index, delta);
    ForwardingSink::on_tool_args(index, delta);
  }
  void on_tool_end(std::size_t index, const ToolCall& call) override {
    judge_.tool_call(call.valid);
    if (keeps()) record_.tool_end(index, call);
    ForwardingSink::on_tool_end(index, call);
  }
  void on_citation(const Citation& citation) override {
    if (keeps()) record_.citation(citation);
    ForwardingSink::on_citation(citation);
  }
  void on_state(std::string_view json) override {
    if (keeps()) record_.text(ReplyRecord::kState, json);
    ForwardingSink::on_state(json);
  }
  void on_usage(const UsageUpdate& update) override {
    if (keeps()) record_.usage(update);
    ForwardingSink::on_usage(update);
  }
  void on_warning(std::string_view code, std::string_view detail) override {
    if (keeps()) record_.warning(code, detail);
    ForwardingSink::on_warning(code, detail);
  }
  void on_flush() override {
    if (keeps()) record_.flush();
    ForwardingSink::on_flush();
  }
  void on_done(const ReplyEnd& end) override {
    front_->books->miss(model_);
    guard::CacheStore::Bytes bytes;
    if (keeps() && judge_.is_good(end)) {
      record_.done(end);
      bytes = std::make_shared<const std::string>(record_.take());
      front_->store->put(name_, bytes, front_->ttl);
    }
    landed_ = true;
    const auto front = front_;
    const std::string name = std::move(name_);
    take_sink()->on_done(end);
    front->land(name, bytes, end);
  }

 private:
  bool keeps() noexcept {
    if (record_.size() > kMaxRecord) keeps_ = false;
    return keeps_;
  }

  std::shared_ptr<Front> front_;
  AnswerJudge judge_;
  std::string name_;
  std::string model_;
  ReplyRecord record_;  // behind the bytes of its request
  bool keeps_ = true;
  bool landed_ = false;
};

void CacheProvider::Front::begin(std::shared_ptr<const ReplyRequest> request,
                                 std::shared_ptr<ReplySink> sink, std::stop_token stop) {
  RequestKey key = request_key(service, *request, scripted);
  const auto call = std::make_shared<Call>(std::move(key), inner, loop, std::move(request),
                                           std::move(sink), std::move(stop));
  call->hold(nullptr);
  store->get(call->key.name,
             [self = shared_from_this(), call](guard::CacheStore::Bytes bytes) mutable {
               self->told(std::move(call), std::move(bytes));
             });
  call->asking = false;
}

// The store answers at once or later, from any thread; the layer goes on on its loop, and what it
// has never comes inside of start().
void CacheProvider::Front::told(std::shared_ptr<Call> call, guard::CacheStore::Bytes bytes) {
  const bool inside = call->asker == std::this_thread::get_id() && call->asking;
  if (inside && !bytes) return found(call);
  answer_later(std::move(call), std::move(bytes));
}

void CacheProvider::Front::answer_later(std::shared_ptr<Call> call,
                                        guard::CacheStore::Bytes bytes) noexcept {
  call->found = std::move(bytes);
  net::post_or_drop(loop,
                    [self = shared_from_this(), call = std::move(call)] { self->found(call); });
}

void CacheProvider::Front::found(const std::shared_ptr<Call>& call) {
  if (!call->waits() || play(*call)) return;
  if (flights_.join(call->key.name, call)) go(call);
}

void CacheProvider::Front::go(const std::shared_ptr<Call>& call) {
  AnswerJudge judge(call->request());
  call->go(std::make_shared<Keeper>(call->sink(), shared_from_this(), std::move(call->key),
                                    std::move(judge)));
}

// Only what was kept for the very same bytes answers: another request may have the same hash, and
// nobody may read what was said to another tenant.
bool CacheProvider::Front::play(Call& call) {
  const auto kept = std::move(call.found);
  if (!kept || !kept->starts_with(call.key.bytes)) return false;
  const std::string_view record = std::string_view(*kept).substr(call.key.bytes.size());
  const auto facts = record_facts(record);
  if (!facts) return false;
  const std::string& asked = facts->asked_model.empty() ? call.request().model : facts->asked_model;
  // What its service did not tell was estimated when it was paid for.
  const UsageUpdate usage = whole_usage(facts->usage, facts->came,
                                        call.request().context.prompt_tokens, Outcome::complete);
  books->hit(facts->model, asked, usage, record.size());
  const auto sink = call.take_sink();
  return play_record(record, *sink);
}

// A failure of the service would meet the others, too: they get it now instead of one after the
// other. When the caller of that one call gave it up, the next of them takes its place; when what
// came of it is not kept, each asks for itself.
void CacheProvider::Front::land(const std::string& name, const guard::CacheStore::Bytes& bytes,
                                const ReplyEnd& end) {
  const bool given_up = end.outcome == Outcome::cancelled;
  for (auto& call : flights_.land(name)) {
    if (bytes || given_up) {
      answer_later(std::move(call), bytes);
    } else if (is_shared_failure(end)) {
      ReplyEnd same = end;
      same.unasked = true;
      net::post_or_drop(loop, [call, same] { call->end(same); });
    } else {
      net::post_or_drop(loop, [self = shared_from_this(), call] {
        if (call->waits()) self->go(call);
      });
    }
  }
}

CacheProvider::CacheProvider(std::shared_ptr<Provider> inner, std::string service, net::Loop& loop,
                             std::shared_ptr<guard::CacheStore> store,
                             std::shared_ptr<CacheBooks> books, std::chrono::milliseconds ttl,
                             bool scripted)
    : front_(std::make_shared<Front>(std::move(inner), std::move(service), loop, std::move(store),
                                     std::move(books), ttl, scripted)) {}

std::string_view CacheProvider::name() const noexcept {
  return front_->inner->name();
}

void CacheProvider::start(std::shared_ptr<const ReplyRequest> request,
                          std::shared_ptr<ReplySink> sink, std::stop_token stop) {
  front_->begin(std::move(request), std::move(sink), std::move(stop));
}

Result<std::string> CacheProvider::request_body(const ReplyRequest& request) const {
  return front_->inner->request_body(request);
}

}  // namespace scena::llm
