#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <stop_token>

#include "extensions.hpp"
#include "pending.hpp"

namespace scena::python {
namespace {

/// What Python holds of one reply. Ending it twice does nothing; one that is let go of without an
/// end has failed.
class Reply {
 public:
  Reply(std::shared_ptr<ReplySink> sink, std::stop_token stop, std::size_t max_bytes)
      : sink_(std::move(sink)),
        stop_(std::move(stop)),
        text_left_(max_bytes),
        rest_left_(4 * max_bytes + kSlack) {}
  ~Reply() {
    end(failure(ErrorCode::provider_error, "the provider ended without finishing its reply"));
  }

  /// Nothing more is read: the turn was stopped, or the reply is over its limit.
  bool stopped() const noexcept { return too_long_ || stop_.stop_requested(); }

  void on_stop(py::object callback) {
    on_stop_.emplace(stop_,
                     python_callback(std::move(callback), "scena: the end of a provider's reply"));
  }

  void write(const std::string& piece) {
    if (piece.empty()) return take(rest_left_, kPieceBytes);
    if (ended_ || stopped()) return;
    begun_ = true;
    take(text_left_, piece.size());
    sink_->on_text(piece);  // also what is over the limit: the engine cuts there
  }

  void reason(const std::string& piece) {
    take(rest_left_, piece.size() + kPieceBytes);
    if (!piece.empty() && !ended_ && !stopped()) sink_->on_reasoning(piece);
  }

  void call_tool(const std::string& id, const std::string& name, const std::string& arguments) {
    take(rest_left_, arguments.size() + kPieceBytes);
    if (ended_ || stopped()) return;
    const std::size_t index = calls_++;
    const ToolCall call{id.empty() ? "call_" + std::to_string(index) : id, name, arguments, true};
    sink_->on_tool_start(index, call.id, call.name);
    sink_->on_tool_args(index, call.arguments);
    sink_->on_tool_end(index, call);
  }

  void count(std::optional<std::int64_t> input, std::optional<std::int64_t> output) {
    take(rest_left_, kPieceBytes);
    if (ended_ || stopped()) return;
    UsageUpdate usage;
    usage.input_tokens = input;
    usage.output_tokens = output;
    sink_->on_usage(usage);
  }

  void finish(const std::string& reason) {
    if (too_long_) {
      return end(
          failure(ErrorCode::too_large, "the reply passed the limit \"limits.answer_bytes\""));
    }
    ReplyEnd whole;
    whole.outcome = Outcome::complete;
    whole.reason = calls_ != 0 ? FinishReason::tool_calls : FinishReason::stop;
    if (!reason.empty()) whole.reason = parse_finish_reason(reason).value_or(FinishReason::other);
    end(whole);
  }

  void fail(int code, const std::string& message, Milliseconds retry_after = std::nullopt) {
    end(failure(static_cast<ErrorCode>(code), message, retry_after));
  }

 private:
  ReplyEnd failure(ErrorCode code, const std::string& message,
                   Milliseconds retry_after = std::nullopt) const {
    ReplyEnd failed;
    failed.outcome = begun_ || calls_ != 0 ? Outcome::truncated : Outcome::failed;
    if (code == ErrorCode::cancelled) failed.outcome = Outcome::cancelled;
    failed.error = failure_of(code, message, retry_after);
    return failed;
  }

  // A generator that never ends must not keep the engine from running, which would stop it.
  void take(std::size_t& left, std::size_t bytes) noexcept {
    if (bytes > left) too_long_ = true;
    left -= std::min(left, bytes);
  }

  void end(const ReplyEnd& how) {
    if (std::exchange(ended_, true)) return;
    // Whatever is said of a reply that nobody wants any more, it was cancelled.
    const ReplyEnd cancelled{.outcome = Outcome::cancelled,
                             .error = Error::fixed(ErrorCode::cancelled, "cancelled")};
    const ReleasedLock released;
    on_stop_.reset();
    sink_->on_done(stop_.stop_requested() ? cancelled : how);
    sink_.reset();
  }

  static constexpr std::size_t kSlack = 64u << 10;
  static constexpr std::size_t kPieceBytes = 64;  // what a piece costs beside its text

  std::shared_ptr<ReplySink> sink_;
  std::stop_token stop_;
  std::size_t text_left_;
  std::size_t rest_left_;  // for all that is no text
  bool too_long_ = false;
  bool begun_ = false;
  bool ended_ = false;
  std::size_t calls_ = 0;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

class PyProvider final : public Provider {
 public:
  PyProvider(std::string name, py::object adapter)
      : name_(std::move(name)), adapter_(std::move(adapter)) {}

  std::string_view name() const noexcept override { return name_; }

  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override {
    sink->on_start({.provider = name_, .model = request->model});
    const std::string json = request->to_json();
    const HeldLock locked;
    const auto reply = std::make_shared<Reply>(sink, std::move(stop), request->max_bytes);
    if (interrupted()) return reply->fail(static_cast<int>(ErrorCode::cancelled), "interrupted");
    try {
      call_host(adapter_.get().attr("start"), text(json), reply);
    } catch (py::error_already_set& raised) {
      const std::string words = words_of(raised);
      report_raised(raised, "scena: a provider");
      const auto code = interrupted() ? ErrorCode::cancelled : ErrorCode::provider_error;
      reply->fail(static_cast<int>(code), words);
    }
  }

  Result<std::string> request_body(const ReplyRequest& request) const override {
    ReplyRequest asked = request;
    asked.context = {};
    return asked.to_json();
  }

 private:
  std::string name_;
  Kept adapter_;
};

}  // namespace

std::shared_ptr<Provider> make_provider(std::string name, py::object adapter) {
  return std::make_shared<PyProvider>(std::move(name), std::move(adapter));
}

void add_reply(py::module_& module) {
  py::class_<Reply, std::shared_ptr<Reply>>(module, "Reply")
      .def_property_readonly("stopped", &Reply::stopped)
      .def("on_stop", &Reply::on_stop)
      .def("write",
           [](Reply& self, const py::object& piece) { self.write(utf8(piece, "a piece of text")); })
      .def("reason",
           [](Reply& self, const py::object& piece) {
             self.reason(utf8(piece, "a piece of reasoning"));
           })
      .def("call_tool", [](Reply& self, const Str& id, const Str& name,
                           const Str& arguments) { self.call_tool(id, name, arguments); })
      .def("count",
           [](Reply& self, const py::object& input, const py::object& output) {
             const auto number = [](const py::object& given,
                                    const char* name) -> std::optional<std::int64_t> {
               if (given.is_none()) return std::nullopt;
               return whole<std::int64_t>(given, name);
             };
             self.count(number(input, "input_tokens"), number(output, "output_tokens"));
           })
      .def("finish", &Reply::finish)
      .def("fail", [](Reply& self, int code, const Str& message, const py::object& retry_after) {
        self.fail(code, message, timeout_of(retry_after, "retry_after"));
      });
}

}  // namespace scena::python
