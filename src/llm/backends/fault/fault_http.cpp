#include "llm/backends/fault/fault_http.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.hpp"
#include "llm/backends/fault/fault_case.hpp"
#include "llm/backends/fault/fault_dialect.hpp"
#include "llm/backends/script/script_player.hpp"

namespace scena::fault {
namespace {

using std::chrono::milliseconds;

milliseconds to_milliseconds(Duration duration) {
  return std::chrono::duration_cast<milliseconds>(duration);
}

FaultAnswer rendered(const FaultDraft& draft) {
  auto answer = render(draft);
  if (answer) return std::move(*answer);
  return {.pieces = {}, .ending = FaultEnding::reset, .repeat_from = {}};
}

FaultDraft json_draft(Dialect dialect, int status, std::string body, std::uint64_t call) {
  FaultDraft draft;
  draft.dialect = dialect;
  draft.status = status;
  draft.framing = BodyFraming::length;
  draft.set_field("content-type", "application/json");
  draft.set_field(dialect_row(dialect).id_field, fmt::format("req_{:06}", call));
  draft.whole_body = std::move(body);
  return draft;
}

FaultDraft error_draft(Dialect dialect, const WireError& error, std::uint64_t call) {
  return json_draft(dialect, error.status,
                    error_body(dialect, error, fmt::format("req_{:06}", call)), call);
}

FaultAnswer case_list() {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("cases").begin_array();
  for (const FaultCase& entry : all_fault_cases()) {
    json.begin_object().member("id", entry.id).member("meaning", entry.meaning).end_object();
  }
  json.end_array().end_object();
  return rendered(json_draft(Dialect::chat_completions, 200, std::move(body), 0));
}

/// Builds the draft of a sound answer, then puts the step into it.
class Planner {
 public:
  Planner(const FaultCall& call, const FaultContext& context)
      : call_(call), context_(context), row_(dialect_row(call.dialect)) {}

  FaultAnswer plan(const FaultStep& step) {
    if (auto error = status_error(step)) return status_answer(step, *error);
    if (step.kind == FaultKind::refuse || (step.kind == FaultKind::reset && step.after == 0)) {
      return {.pieces = {},
              .ending = step.kind == FaultKind::refuse ? FaultEnding::close : FaultEnding::reset,
              .repeat_from = {}};
    }
    if (step.kind == FaultKind::stall_head) {
      return {.pieces = {}, .ending = FaultEnding::hang, .repeat_from = {}};
    }
    if (auto refused = write_reply(step))
      return rendered(error_draft(call_.dialect, *refused, context_.call));
    build_draft();
    if (step.kind == FaultKind::wire_case) {
      if (auto done = apply_case(step.name, draft_); !done) {
        return rendered(error_draft(call_.dialect, {.status = 404, .message = done.error().what()},
                                    context_.call));
      }
    } else {
      apply(step);
    }
    return rendered(draft_);
  }

 private:
  std::optional<WireError> status_error(const FaultStep& step) const {
    switch (step.kind) {
      case FaultKind::status:
        return WireError{.status = step.status};
      case FaultKind::quota:
        return row_.quota;
      case FaultKind::context:
        return row_.context;
      default:
        return std::nullopt;
    }
  }

  FaultAnswer status_answer(const FaultStep& step, const WireError& error) const {
    FaultDraft draft = error_draft(call_.dialect, error, context_.call);
    if (step.retry_after) {
      const auto ms = step.retry_after->count();
      if (ms % 1'000 != 0) draft.set_field("retry-after-ms", std::to_string(ms));
      draft.set_field("retry-after", std::to_string((ms + 999) / 1'000));
    }
    return rendered(draft);
  }

  // What is said, as tokens with their times.
  std::optional<WireError> write_reply(const FaultStep& step) {
    ReplyRequest request = call_.request;
    request.context.session_seed = context_.seed;
    auto found = context_.options.library->reply_to(request);
    if (!found) return WireError{.status = 500, .message = "The server's script cannot be read."};
    const script::ScriptLimits limits{.max_tokens = request.max_tokens.value_or(-1)};
    script::ScriptPlayer player(std::move(found->text), found->timing, found->seed, limits,
                                request.stop);
    WireReply& reply = draft_.reply;
    while (!player.done()) {
      waits_.push_back(step.kind == FaultKind::drip ? step.pause : to_milliseconds(player.wait()));
      reply.tokens.emplace_back(player.next());
    }
    if (step.kind == FaultKind::empty) reply.tokens.clear();
    reply.finish = finish_word(step, player.reason());
    reply.id = fmt::format("{}{:06}", row_.id_prefix, context_.call);
    reply.model = call_.request.model;
    reply.input_tokens = script::prompt_tokens(request);
    reply.include_usage = call_.include_usage;
    draft_.head_wait = waits_.empty() ? milliseconds(0) : waits_.front();
    if (step.kind == FaultKind::slow) draft_.head_wait = step.pause;
    return std::nullopt;
  }

  std::string finish_word(const FaultStep& step, FinishReason reason) const {
    if (step.kind == FaultKind::wrong_finish) return row_.unknown_word;
    return reason == FinishReason::length ? row_.length_word : row_.stop_word;
  }

  void build_draft() {
    draft_.dialect = call_.dialect;
    draft_.lines = row_.lines;
    draft_.set_field("content-type", row_.type);
    draft_.set_field("cache-control", "no-cache");
    draft_.set_field(row_.id_field, fmt::format("req_{:06}", context_.call));
    if (!call_.request.stream) {
      draft_.set_field("content-type", "application/json");
      draft_.whole_body = whole_body(call_.dialect, draft_.reply);
      draft_.framing = BodyFraming::length;
      return;
    }
    draft_.events = stream_events(call_.dialect, draft_.reply);
    std::size_t token = 0;
    for (SseEvent& event : draft_.events) {
      if (!event.token) continue;
      if (token > 0) event.wait = waits_[token];
      ++token;
    }
  }

  void end_early(std::int64_t tokens, FaultEnding ending) {
    if (draft_.whole_body) {
      draft_.body_limit = std::min<std::size_t>(static_cast<std::size_t>(tokens) * 8,
                                                draft_.whole_body->size() - 1);
    } else {
      keep_tokens(draft_.events, tokens);
      if (tokens == 0) draft_.events.clear();
    }
    draft_.last_chunk = false;
    draft_.ending = ending;
  }

  // `event` comes behind so many tokens; the rest follows.
  void insert_behind(std::int64_t tokens, SseEvent event) {
    Events head = draft_.events;
    keep_tokens(head, tokens);
    draft_.events.insert(draft_.events.begin() + static_cast<std::ptrdiff_t>(head.size()),
                         std::move(event));
  }

  void go_on_for_ever() {
    const std::size_t first = first_token(draft_.events);
    if (draft_.whole_body || draft_.reply.tokens.empty()) return;
    draft_.events.resize(behind_tokens(draft_.events));
    draft_.events[first].wait = std::max(draft_.events[first].wait, milliseconds(1));
    draft_.repeat_event = first;
    draft_.last_chunk = false;
    draft_.ending = FaultEnding::hang;
  }

  void only_comments(milliseconds pause) {
    draft_.whole_body.reset();
    draft_.framing = BodyFraming::chunked;
    draft_.events = {{.raw = row_.lines ? "\n" : ": keep-alive\n\n", .wait = pause}};
    draft_.repeat_event = 0;
    draft_.last_chunk = false;
    draft_.ending = FaultEnding::hang;
  }

  void apply(const FaultStep& step) {
    switch (step.kind) {
      case FaultKind::cut:
        return end_early(step.after, FaultEnding::close);
      case FaultKind::reset:
        return end_early(step.after, FaultEnding::reset);
      case FaultKind::stall:
        return end_early(step.after, FaultEnding::hang);
      case FaultKind::cut_byte:
        draft_.body_limit = static_cast<std::size_t>(step.after);
        return;
      case FaultKind::comments:
        return only_comments(step.pause);
      case FaultKind::error_event:
        keep_tokens(draft_.events, step.after);
        if (step.after == 0) draft_.events.clear();
        draft_.events.push_back(
            error_event(call_.dialect, {.status = 529, .type = "overloaded_error"}));
        return;
      case FaultKind::bad_utf8:
        if (draft_.whole_body) draft_.whole_body->insert(draft_.whole_body->size() / 2, "\xFF\xC3");
        return insert_behind(step.after, broken_text());
      case FaultKind::bad_json:
        if (draft_.whole_body) draft_.whole_body->resize(draft_.whole_body->size() / 2);
        return insert_behind(step.after, {.data = "{\"id\":"});
      case FaultKind::endless:
        return go_on_for_ever();
      default:
        return;
    }
  }

  SseEvent broken_text() const {
    SseEvent event = text_event(call_.dialect, draft_.reply, "#");
    event.token = false;
    event.data.replace(event.data.find('#'), 1, "\xFF\xC3");
    return event;
  }

  const FaultCall& call_;
  const FaultContext& context_;
  const WireDialect& row_;
  FaultDraft draft_;
  std::vector<milliseconds> waits_;
};

bool is_reply_path(std::string_view target) {
  return find_dialect(target.substr(0, target.find('?'))) != nullptr;
}

}  // namespace

bool takes_step(const FaultHttpRequest& request) {
  return is_reply_path(request.target) && !request.target.starts_with("/case/") &&
         !request.target.starts_with("/fault/");
}

FaultAnswer answer(const FaultHttpRequest& request, const FaultContext& context) {
  if (request.method == "GET" && request.target == "/cases") return case_list();
  const FaultCall call = read_call(request, context.api_key);
  if (call.refused) return rendered(error_draft(call.dialect, *call.refused, context.call));
  const FaultStep step = call.step ? *call.step : context.options.schedule.step(context.call);
  return Planner(call, context).plan(step);
}

}  // namespace scena::fault
