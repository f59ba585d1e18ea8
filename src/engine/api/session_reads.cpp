#include <algorithm>

#include "base/event_pattern.hpp"
#include "base/json.hpp"
#include "engine/access/authorizer.hpp"
#include "engine/api/handles.hpp"
#include "engine/projection/session_loader.hpp"
#include "engine/turn/explain.hpp"

namespace scena {
namespace {

constexpr std::string_view kNow = "live";

std::string viewpoint(const Session::Impl& impl, const std::string& wanted) {
  const auto judge = [&](const SessionInfo& info) {
    return engine::Authorizer::viewpoint(impl.who(), info, wanted);
  };
  // Who is wanted by name has to be there, also in a session that is still being created.
  auto eyes = wanted.empty() ? impl.actor->with_rights(judge) : judge(impl.actor->info());
  return std::move(eyes).value_or_throw();
}

// Messages that somebody may see: hosts all of them, participants what they perceived.
std::vector<Message> visible(std::vector<Message> messages, const std::string& participant) {
  if (participant.empty()) return messages;
  std::erase_if(messages, [&](const Message& message) {
    return !message.audience.admits(participant, "participant") || was_absent(participant, message);
  });
  for (auto& message : messages) {
    message.metrics.clear();
    message.judged.clear();
    message.tool_rounds.clear();
  }
  return messages;
}

}  // namespace

SessionState Session::state() const {
  impl_->may_read();
  return impl_->actor->with_model([](const SessionModel& model) { return model.state(); });
}

SessionInfo Session::info() const {
  impl_->may_read();
  return impl_->actor->info();
}

std::vector<Message> Session::messages(bool all) const {
  impl_->may_read();
  auto messages = impl_->actor->with_model([all](const SessionModel& model) {
    if (all) return model.all_messages();
    std::vector<Message> line;
    for (const Message* message : model.line()) line.push_back(*message);
    return line;
  });
  return visible(std::move(messages), viewpoint(*impl_, {}));
}

std::vector<Message> Session::alternatives(std::string_view message) const {
  impl_->may_read();
  auto messages = impl_->actor->with_model([message](const SessionModel& model) {
    std::vector<Message> found;
    for (const Message* one : model.alternatives(message)) found.push_back(*one);
    return found;
  });
  if (messages.empty())
    throw Error::fixed(ErrorCode::not_found, "message: the session has none of that id");
  return visible(std::move(messages), viewpoint(*impl_, {}));
}

Analysis Session::analysis() const {
  impl_->may_read();
  engine::Authorizer::host_only(impl_->who()).value_or_throw();
  const AnalysisFacts facts =
      impl_->actor->with_model([](const SessionModel& model) { return *model.facts().analysis; });
  if (facts.stored_seq == 0) {
    throw facts.open
        ? Error::fixed(ErrorCode::not_found, "the analysis is being made; wait for analysis.stored")
        : Error::fixed(ErrorCode::not_found,
                       "the session has no analysis; complete it, or call analyze()");
  }
  const auto& actor = *impl_->actor;
  const auto page = impl_->core->storage()
                        ->read_events(actor.tenant(), actor.stream(), facts.stored_seq - 1, 1)
                        .value_or_throw();
  const auto data = parse_json(page.empty() ? std::string_view() : page.front().data);
  if (!data || !data->contains("analysis"))
    throw Error::fixed(ErrorCode::storage_corrupt, "analysis.stored holds no analysis");
  return Analysis::from_json(dump_json((*data)["analysis"])).value_or_throw();
}

std::string Session::state_json() const {
  impl_->may_read();
  engine::Authorizer::host_only(impl_->who()).value_or_throw();
  return impl_->actor->with_model([](const SessionModel& model) { return model.to_json(); });
}

Events Session::events(const SubscribeOptions& options) {
  impl_->may_read();
  if (!std::all_of(options.types.begin(), options.types.end(), is_event_pattern)) {
    throw Error::fixed(ErrorCode::invalid_argument,
                       "types: each must be an event type, or its beginning and \"*\"");
  }
  const bool from_now = options.after == kNow;
  Cursor cursor;
  if (!options.after.empty() && !from_now) cursor = Cursor::parse(options.after).value_or_throw();
  const auto last =
      impl_->actor->with_model([](const SessionModel& model) { return model.last_seq(); });
  if (cursor.seq > last && !impl_->actor->has_work()) {
    throw Error::fixed(
        ErrorCode::invalid_argument,
        "after: the cursor is beyond the session's last event; was it another session's?");
  }
  const Limits& limits = impl_->core->config().limits;
  ViewerOptions viewer;
  viewer.participant = viewpoint(*impl_, options.participant);
  viewer.role = viewer.participant.empty() ? "host" : "participant";
  viewer.max_events = options.max_events != 0 ? options.max_events : limits.viewer_events;
  viewer.max_bytes = options.max_bytes != 0 ? options.max_bytes : limits.viewer_bytes;
  viewer.cursor = from_now ? Cursor{last, std::nullopt} : cursor;
  viewer.counters = impl_->core->viewer_counters();
  auto reader =
      std::make_shared<engine::Viewer>(std::make_shared<ViewerQueue>(viewer), viewer.participant,
                                       cursor, from_now, viewer.max_events, viewer.max_bytes);
  auto impl = std::make_shared<Events::Impl>(impl_->core, impl_->actor, reader, options);
  impl_->actor->attach(std::move(reader));
  return Events(std::move(impl));
}

// --- explain
// ---------------------------------------------------------------------------------------

namespace {

/// What the log says of the request for a message: of its turn.started event, with the schema of
/// turn.schema, and the session as it stood just before the reply.
struct TurnBefore {
  SessionModel model;
  Json started;
  std::vector<engine::ContinuedRequest> continued;  // the turn's later requests
};

void note_later(const Event& event, const std::string& turn, TurnBefore& before) {
  const bool has_schema = event.type == "turn.schema";
  if (!has_schema && event.type != "turn.continued") return;
  const auto data = parse_json(event.data);
  if (!data || data->value("turn", "") != turn) return;
  if (has_schema) {
    before.started["json_schema"] = data->value("json_schema", "");
  } else {
    before.continued.push_back(engine::read_continued(*data));
  }
}

Result<TurnBefore> turn_before(Session::Impl& impl, const Message& message) {
  TurnBefore before;
  bool found = false;
  auto visited = engine::visit_events(*impl.core->storage(), impl.actor->tenant(), impl.actor->id(),
                                      UINT64_MAX, [&](const Event& event) -> Result<void> {
                                        if (found) {
                                          note_later(event, message.turn, before);
                                          return {};
                                        }
                                        if (event.type == "turn.started") {
                                          auto data = parse_json(event.data);
                                          if (data && data->value("turn", "") == message.turn) {
                                            before.started = std::move(*data);
                                            found = true;
                                            return {};
                                          }
                                        }
                                        return before.model.apply(event);
                                      });
  if (!visited) return visited.error();
  if (!found) return Error::fixed(ErrorCode::not_found, "message: no request was made for it");
  return before;
}

}  // namespace

Explanation Session::explain(std::string_view id) const {
  impl_->may_read();
  engine::Authorizer::host_only(impl_->who()).value_or_throw();
  const auto message = impl_->actor->with_model([id](const SessionModel& model) {
    const Message* found = model.find(id);
    return found ? std::optional<Message>(*found) : std::nullopt;
  });
  if (!message)
    throw Error::fixed(ErrorCode::not_found, "message: the session has none of that id");
  if (message->turn.empty() || message->from_human) {
    throw Error::fixed(ErrorCode::not_found,
                       "message: no request was made for it; ask about a reply");
  }
  auto before = turn_before(*impl_, *message).value_or_throw();
  return engine::explain_turn(*impl_->core, *impl_->actor, before.model, before.started,
                              before.continued, *message)
      .value_or_throw();
}

}  // namespace scena
