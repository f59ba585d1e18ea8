#include "engine/turn/host_provider.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"
#include "domain/reply_limit.hpp"
#include "llm/text_joiner.hpp"

namespace scena::engine {
namespace {

// Collects what the host reports under a lock and hands it over on the loop, many pieces a task.
class QueueingSink final : public ReplySink, public std::enable_shared_from_this<QueueingSink> {
 public:
  QueueingSink(std::shared_ptr<ReplySink> sink, net::Loop& loop, std::shared_ptr<LoopGate> gate,
               const ReplyRequest& request, std::stop_token stop)
      : sink_(std::move(sink)),
        loop_(loop),
        gate_(std::move(gate)),
        room_(4 * request.max_bytes + kSlack),
        timeouts_(request.timeouts),
        stopped_(stop, [this] { stop_requested(); }) {}

  void on_start(const ReplyStart& start) override {
    ReplyStart whole = start;
    for (auto* text : {&whole.provider, &whole.model, &whole.request_id, &whole.route,
                       &whole.fallback_for, &whole.asked_model})
      *text = sound_text(*text);
    push(0, [start = whole](ReplySink& sink) { sink.on_start(start); });
  }
  void on_text(std::string_view delta) override { say(Said::text, delta); }
  void on_reasoning(std::string_view delta) override { say(Said::reasoning, delta); }
  void on_refusal(std::string_view delta) override { say(Said::refusal, delta); }
  void on_tool_start(std::size_t index, std::string_view id, std::string_view name) override {
    push_behind(id.size() + name.size(),
                [this, index, id = sound_text(id), name = sound_text(name)](ReplySink& sink) {
                  has_content_ = true;
                  sink.on_tool_start(index, id, name);
                });
  }
  void on_tool_args(std::size_t index, std::string_view delta) override {
    push_behind(delta.size(), [index, text = sound_text(delta)](ReplySink& sink) {
      sink.on_tool_args(index, text);
    });
  }
  // What a host calls valid is looked at like any other service's answer.
  void on_tool_end(std::size_t index, const ToolCall& call) override {
    ToolCall whole{sound_text(call.id), sound_text(call.name), sound_text(call.arguments), true};
    const auto parsed = parse_json(whole.arguments, {.careful = true});
    whole.valid = call.valid && parsed && parsed->is_object();
    push_behind(call.arguments.size(), [index, whole = std::move(whole)](ReplySink& sink) {
      sink.on_tool_end(index, whole);
    });
  }
  void on_citation(const Citation& citation) override {
    Citation whole{sound_text(citation.text), sound_text(citation.title), sound_text(citation.url),
                   sound_text(citation.raw)};
    push_behind(citation.raw.size(),
                [whole = std::move(whole)](ReplySink& sink) { sink.on_citation(whole); });
  }
  void on_state(std::string_view json) override {
    push(json.size(), [text = sound_text(json)](ReplySink& sink) { sink.on_state(text); });
  }
  void on_usage(const UsageUpdate& usage) override {
    push(0, [usage = sound(usage)](ReplySink& sink) { sink.on_usage(usage); });
  }
  void on_other_use(const OtherUse& use) override {
    push(0, [whole = OtherUse{sound_text(use.provider), sound_text(use.model), sound(use.usage),
                              sound_text(use.asked_model)}](ReplySink& sink) {
      sink.on_other_use(whole);
    });
  }
  void on_warning(std::string_view code, std::string_view detail) override {
    push(detail.size(), [code = sound_text(code), detail = sound_text(detail)](ReplySink& sink) {
      sink.on_warning(code, detail);
    });
  }
  void on_done(const ReplyEnd& end) override {
    ReplyEnd whole = end;
    for (auto* text : {&whole.raw_reason, &whole.extra}) *text = sound_text(*text);
    push_end([this, end = std::move(whole)](ReplySink&) { finish(end); });
  }

  /// The total limit holds for a host's provider too, also when it forgets it.
  void arm() {
    if (timeouts_.total.count() <= 0) return;
    timer_ = loop_.after(timeouts_.total, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->timer_ = 0;
        self->give_up(Error::fixed(ErrorCode::timeout, "the reply passed the total time limit"));
      }
    });
  }

  /// What the provider listens to.
  std::stop_token stop_token() const { return given_up_.get_token(); }

  void stop_requested() {
    // The host may end the reply here, and this object with it.
    const auto kept = weak_from_this().lock();
    given_up_.request_stop();
    // Inside the constructor nobody can be pointed to yet: start() asks again.
    gate_->post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->finish({.outcome = Outcome::cancelled,
                      .error = Error::fixed(ErrorCode::cancelled, "cancelled")});
      }
    });
  }

 private:
  using Piece = std::function<void(ReplySink&)>;
  enum class Said { text, reasoning, refusal };

  static constexpr std::size_t kSlack = 64u << 10;
  static constexpr std::size_t kPieceBytes = 64;  // what a piece costs beside its text

  static UsageUpdate sound(UsageUpdate usage) {
    usage.drop_impossible();
    return usage;
  }

  // A host hands out tokens, which may end inside a character: its other half is awaited, in a
  // piece of the same kind.
  void say(Said what, std::string_view delta) {
    if (delta.empty()) return;
    std::lock_guard lock(mutex_);
    if (what != said_) end_character();
    said_ = what;
    put_text(delta.size(), joiner_.join(delta).text);
  }

  // The half that waits will not be whole any more.
  void end_character() {
    if (joiner_.waiting()) put_text(0, joiner_.rest());
  }

  void put_text(std::size_t bytes, std::string_view whole) {
    if (whole.empty()) return;
    put(bytes, [this, what = said_, text = sound_text(whole)](ReplySink& sink) {
      has_content_ = true;
      if (what == Said::text) sink.on_text(text);
      if (what == Said::reasoning) sink.on_reasoning(text);
      if (what == Said::refusal) sink.on_refusal(text);
    });
  }

  void push(std::size_t bytes, Piece piece) {
    std::lock_guard lock(mutex_);
    put(bytes, std::move(piece));
  }

  // What stands behind the text that was said.
  void push_behind(std::size_t bytes, Piece piece) {
    std::lock_guard lock(mutex_);
    end_character();
    put(bytes, std::move(piece));
  }

  void push_end(Piece piece) {
    std::lock_guard lock(mutex_);
    end_character();
    keep(std::move(piece));
  }

  // A host that is faster than the loop fills no memory: the reply's limit is passed long before
  // what is dropped here would have been read.
  void put(std::size_t bytes, Piece piece) {
    if (waiting_bytes_ + bytes > room_) return overflow();
    waiting_bytes_ += bytes + kPieceBytes;
    keep(std::move(piece));
  }

  void overflow() {
    if (std::exchange(overflowed_, true)) return;
    keep([this](ReplySink&) { give_up(reply_too_large()); });
  }

  void keep(Piece piece) {
    waiting_.push_back(std::move(piece));
    if (posted_) return;
    posted_ = gate_->post([self = shared_from_this()] { self->deliver(); });
  }

  void deliver() {
    std::vector<Piece> pieces;
    {
      std::lock_guard lock(mutex_);
      pieces.swap(waiting_);
      waiting_bytes_ = 0;
      posted_ = false;
    }
    for (auto& piece : pieces) {
      if (done_) return;
      piece(*sink_);
    }
    if (!done_) sink_->on_flush();
  }

  // The reply ends without its provider, which hears that nobody wants more of it.
  void give_up(const Error& error) {
    given_up_.request_stop();
    finish({.outcome = has_content_ ? Outcome::truncated : Outcome::failed, .error = error});
  }

  void finish(const ReplyEnd& end) {
    if (done_) return;
    done_ = true;
    if (timer_ != 0) loop_.cancel(timer_);
    // Let go of here: the host may keep this object longer than the engine lives.
    const auto sink = std::move(sink_);
    sink->on_flush();
    sink->on_done(end);
  }

  std::shared_ptr<ReplySink> sink_;
  net::Loop& loop_;
  const std::shared_ptr<LoopGate> gate_;
  const std::size_t room_;
  std::mutex mutex_;
  llm::TextJoiner joiner_{llm::TextJoiner::Broken::repaired};
  Said said_ = Said::text;  // what the half that it holds belongs to
  std::vector<Piece> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool overflowed_ = false;
  bool posted_ = false;
  bool done_ = false;         // on the loop only
  bool has_content_ = false;  // likewise
  net::TimerId timer_ = 0;
  const Timeouts timeouts_;
  std::stop_source given_up_;
  std::stop_callback<std::function<void()>> stopped_;
};

}  // namespace

void HostProvider::start(std::shared_ptr<const ReplyRequest> request,
                         std::shared_ptr<ReplySink> sink, std::stop_token stop) {
  auto queue = std::make_shared<QueueingSink>(std::move(sink), loop_, gate_, *request, stop);
  queue->arm();
  if (stop.stop_requested()) queue->stop_requested();
  try {
    provider_->start(std::move(request), queue, queue->stop_token());
  } catch (...) {
    queue->on_done({.outcome = Outcome::failed,
                    .error = Error::fixed(ErrorCode::provider_error,
                                          "the host's provider threw an exception in start()")});
  }
}

Result<std::string> HostProvider::request_body(const ReplyRequest& request) const {
  try {
    return provider_->request_body(request);
  } catch (...) {
    return Error::fixed(ErrorCode::provider_error,
                        "the host's provider threw an exception in request_body()");
  }
}

}  // namespace scena::engine
