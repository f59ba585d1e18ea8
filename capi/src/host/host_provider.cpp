#include <functional>
#include <optional>

#include "host/cancel_gate.hpp"
#include "host/extensions.hpp"

/// What the host holds of one reply: it ends it, whatever the engine does meanwhile.
struct scena_reply {
  std::shared_ptr<scena::ReplySink> sink;
  std::shared_ptr<scena::capi::UserData> data;  // alive as long as the host may call back
  std::stop_token stop;
  std::shared_ptr<scena::capi::CancelGate<scena_reply>> gate;
  std::size_t calls = 0;
  bool wrote = false;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  scena::capi::LifeMark life = {};
};

namespace scena::capi {
namespace {

class HostTable final : public Provider {
 public:
  HostTable(std::string name, const scena_provider& table)
      : name_(std::move(name)),
        table_(table),
        data_(std::make_shared<UserData>(table.user_data, table.destroy)) {}

  std::string_view name() const noexcept override { return name_; }

  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override {
    const std::string json = request->to_json();
    auto reply = std::make_unique<scena_reply>();
    reply->sink = std::move(sink);
    reply->data = data_;
    reply->stop = stop;
    reply->sink->on_start({.provider = name_, .model = request->model});
    // A reply that is stopped before the host has seen it never reaches the host.
    if (stop.stop_requested()) {
      return reply->sink->on_done({.outcome = Outcome::cancelled,
                                   .error = Error::fixed(ErrorCode::cancelled, "cancelled")});
    }
    std::function<void()> cancel;
    if (table_.cancel) {
      cancel = [told = table_.cancel, data = data_, held = reply.get()] {
        told(data->get(), held);
      };
    }
    const auto gate = std::make_shared<CancelGate<scena_reply>>(std::move(cancel));
    reply->gate = gate;
    reply->on_stop.emplace(std::move(stop), [gate] { CancelGate<scena_reply>::stop(gate); });
    table_.start(data_->get(), json.c_str(), reply.release());
    gate->began();
  }

  Result<std::string> request_body(const ReplyRequest& request) const override {
    ReplyRequest asked = request;
    asked.context = {};
    return asked.to_json();
  }

 private:
  std::string name_;
  scena_provider table_;
  std::shared_ptr<UserData> data_;
};

// Hands one thing to the sink, unless nobody wants it.
template <class Tell>
scena_status tell(scena_reply* reply, Tell&& hand_over) noexcept {
  if (reply->stop.stop_requested()) return SCENA_CANCELLED;
  try {
    hand_over(*reply->sink);
    return SCENA_OK;
  } catch (...) {
    return SCENA_OUT_OF_MEMORY;
  }
}

void end(scena_reply* reply, const ReplyEnd& end) noexcept {
  // Whatever the host says of a reply that nobody wants any more, it was cancelled.
  const ReplyEnd cancelled{.outcome = Outcome::cancelled,
                           .error = Error::fixed(ErrorCode::cancelled, "cancelled")};
  end_handle(reply, [&](const scena_reply& held) {
    held.sink->on_done(held.stop.stop_requested() ? cancelled : end);
  });
}

}  // namespace

std::shared_ptr<Provider> make_provider(std::string name, const scena_provider& table) {
  return std::make_shared<HostTable>(std::move(name), table);
}

}  // namespace scena::capi

using scena::capi::live;

scena_status scena_reply_text(scena_reply* reply, const char* text, size_t text_len) {
  if (!live(reply) || !text) return SCENA_INVALID_ARGUMENT;
  const std::string_view piece = scena::capi::text_of(text, text_len);
  reply->wrote = reply->wrote || !piece.empty();
  return scena::capi::tell(reply, [&](scena::ReplySink& sink) { sink.on_text(piece); });
}

scena_status scena_reply_reasoning(scena_reply* reply, const char* text, size_t text_len) {
  if (!live(reply) || !text) return SCENA_INVALID_ARGUMENT;
  const std::string_view piece = scena::capi::text_of(text, text_len);
  return scena::capi::tell(reply, [&](scena::ReplySink& sink) { sink.on_reasoning(piece); });
}

scena_status scena_reply_tool_call(scena_reply* reply, const char* id, const char* name,
                                   const char* arguments_json) {
  if (!live(reply) || !name || *name == '\0') return SCENA_INVALID_ARGUMENT;
  return scena::capi::tell(reply, [&](scena::ReplySink& sink) {
    const std::size_t index = reply->calls;
    const scena::ToolCall call{id && *id ? std::string(id) : "call_" + std::to_string(index), name,
                               arguments_json ? arguments_json : "{}", true};
    sink.on_tool_start(index, call.id, call.name);
    sink.on_tool_args(index, call.arguments);
    sink.on_tool_end(index, call);
    ++reply->calls;
  });
}

scena_status scena_reply_usage(scena_reply* reply, int64_t input_tokens, int64_t output_tokens) {
  if (!live(reply) || input_tokens < -1 || output_tokens < -1) return SCENA_INVALID_ARGUMENT;
  return scena::capi::tell(reply, [&](scena::ReplySink& sink) {
    scena::UsageUpdate usage;
    if (input_tokens >= 0) usage.input_tokens = input_tokens;
    if (output_tokens >= 0) usage.output_tokens = output_tokens;
    sink.on_usage(usage);
  });
}

void scena_reply_finish(scena_reply* reply, const char* finish_reason) {
  if (!live(reply)) return;
  scena::ReplyEnd end;
  end.outcome = scena::Outcome::complete;
  end.reason = reply->calls != 0 ? scena::FinishReason::tool_calls : scena::FinishReason::stop;
  if (finish_reason && *finish_reason) {
    const auto known = scena::parse_finish_reason(finish_reason);
    end.reason = known.value_or(scena::FinishReason::other);
  }
  scena::capi::end(reply, end);
}

void scena_reply_fail(scena_reply* reply, scena_status code, const char* message) {
  if (!live(reply)) return;
  scena::ReplyEnd end;
  const bool begun = reply->wrote || reply->calls != 0;
  end.outcome = begun ? scena::Outcome::truncated : scena::Outcome::failed;
  end.error = scena::capi::failure_of(code, message, "the host's provider reported a failure");
  if (end.error->code() == scena::ErrorCode::cancelled) end.outcome = scena::Outcome::cancelled;
  scena::capi::end(reply, end);
}
