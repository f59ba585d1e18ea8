#include <cstdlib>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "domain/message_json.hpp"
#include "engine/actor/first_result.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/turn/turn_state.hpp"

// Commands under an id of the host's: their first result is stored with what they changed, and the
// same id again gets it.

namespace scena::engine {
namespace {

// Days since 1970 of a command's first result; it is kept through the next day, so 24 hours at
// least.
std::int64_t day_of(WallTime time) {
  return time.time_since_epoch().count() / 86'400'000'000;
}

// prompt() and run() are one kind of command with two kinds of result.
std::string_view kind_of(const QueuedCommand& command) {
  if (command.command.kind != SessionCommand::speak) return to_string(command.command.kind);
  return command.turn ? "prompt" : "run";
}

std::optional<Error> read_error(const Json& value) {
  const auto found = value.find("error");
  if (found == value.end()) return std::nullopt;
  const std::string name = found->value("code", "");
  for (std::int32_t code = 1; code <= static_cast<std::int32_t>(ErrorCode::internal); ++code) {
    if (name == to_string(static_cast<ErrorCode>(code)))
      return Error(static_cast<ErrorCode>(code), found->value("message", ""));
  }
  return Error::fixed(ErrorCode::internal, "the first result was an error that has no name here");
}

void read_bill(const Json& value, Usage& usage, Money& cost) {
  if (const auto found = value.find("usage"); found != value.end()) {
    if (auto read = read_usage(*found)) usage = *read;
  }
  cost = Money::parse(value.value("cost", "0")).value_or(Money{});
}

CommandResult read_result(const Json& first, const SessionInfo& now) {
  CommandResult result;
  result.info = now;
  if (const auto info = first.find("info"); info != first.end()) {
    if (auto then = read_session_info(dump_json(*info))) result.info = std::move(*then);
  }
  result.turn = first.value("turn", "");
  result.session = first.value("session", "");
  result.aside.text = first.value("text", "");
  read_bill(first, result.aside.usage, result.aside.cost);
  result.question = {
      result.aside.text,         first.value("covers", ""), first.value("fallback", false),
      first.value("reason", ""), result.aside.usage,        result.aside.cost};
  result.run = {first.value("turns", 0u), first.value("reason", ""), {}};
  if (const auto failed = first.find("failed"); failed != first.end())
    result.run.error = read_error(*failed);
  return result;
}

}  // namespace

bool is_outdated(const Record& record, WallTime now) {
  for (const auto& [name, value] : record.index) {
    if (name == "day") return std::strtoll(value.c_str(), nullptr, 10) + 1 < day_of(now);
  }
  return true;
}

RecordWrite erased(const Record& record) {
  RecordWrite write;
  write.key = record.key;
  write.expected_version = record.version;
  write.erase = true;
  return write;
}

// Hosts and users may think of the same ids: each has names of its own.
std::string command_key(const std::string& session, const Command& command) {
  std::string key = session + "/" + command.id;
  if (!command.who.is_host()) key += "\n" + command.who.subject;
  return key;
}

Result<std::optional<Json>> find_first_result(Storage& storage, const RecordKey& key,
                                              WallTime now) {
  auto record = storage.get(key);
  if (!record) return record.error();
  if (!*record || is_outdated(**record, now)) return std::optional<Json>();
  auto first = parse_json((*record)->json);
  if (!first) return first.error();
  return std::optional<Json>(std::move(*first));
}

RecordWrite first_result(RecordKey key, std::string json, WallTime now, std::string_view made) {
  RecordWrite record;
  record.key = std::move(key);
  record.json = std::move(json);
  record.index = {{"day", std::to_string(day_of(now))}};
  if (!made.empty()) record.index.emplace_back("session", made);
  return record;
}

Result<void> each_result_of(Storage& storage, const std::string& tenant, const std::string& session,
                            const std::function<void(const Record&)>& visit) {
  const std::string prefix = session + "/";
  RecordQuery query;
  query.tenant = tenant;
  query.kind = "command";
  query.after_id = prefix;
  for (;;) {
    const auto records = storage.list(query);
    if (!records) return records.error();
    for (const Record& record : *records) {
      if (!record.key.id.starts_with(prefix)) return {};
      visit(record);
    }
    if (records->size() < query.limit) return {};
    query.after_id = records->back().key.id;
  }
}

Result<void> each_result_that_made(Storage& storage, const std::string& tenant,
                                   const std::string& session,
                                   const std::function<void(const Record&)>& visit) {
  RecordQuery query;
  query.tenant = tenant;
  query.kind = "command";
  query.where = {"session", session};
  for (;;) {
    const auto records = storage.list(query);
    if (!records) return records.error();
    for (const Record& record : *records) visit(record);
    if (records->size() < query.limit) return {};
    query.after_id = records->back().key.id;
  }
}

bool SessionActor::repeat_of_earlier(QueuedCommand& command) {
  for (const auto& aside : asides_) {
    if (aside->command.command.repeatable &&
        command_key(id_, aside->command.command) == command_key(id_, command.command) &&
        command.command.kind == aside->command.command.kind) {
      aside->repeats.push_back(std::move(command));
      return true;
    }
  }
  const auto storage = core_.storage();
  auto found = find_first_result(*storage, {tenant_, "command", command_key(id_, command.command)},
                                 core_.clock().wall());
  if (!found) {
    refuse(command, found.error());
    return true;
  }
  if (!*found) return false;
  const Json& first = **found;
  if (first.value("kind", "") != kind_of(command)) {
    refuse(command, Error::fixed(ErrorCode::conflict,
                                 "command_id: it was given to a command of another kind; every "
                                 "command needs an id of its own"));
    return true;
  }
  if (command.turn) repeat_turn(first, *command.turn);
  if (command.reply) {
    if (auto error = read_error(first)) {
      command.reply(*error);
    } else {
      command.reply(read_result(first, model_.info()));
    }
  }
  return true;
}

void SessionActor::repeat_turn(const Json& first, TurnState& state) const {
  TurnResult result;
  result.turn = first.value("turn", "");
  result.message = first.value("message", "");  // of a message that asked for no reply
  state.accept(result.turn);
  if (!result.turn.empty()) {
    if (auto read = read_end(result, first.value("at", std::uint64_t{0})); !read)
      return state.refuse(read.error());
  }
  if (const Message* message = result.turn.empty() ? nullptr : model_.find(result.message)) {
    result.text = message->text();
    result.usage = message->usage;
    result.cost = message->cost;
  }
  state.finish(std::move(result));
}

// How a turn ended, from the events after its start.
Result<void> SessionActor::read_end(TurnResult& result, std::uint64_t after) const {
  const auto storage = core_.storage();
  result.outcome = Outcome::interrupted;
  result.finish_reason = FinishReason::other;
  for (;;) {
    auto page = storage->read_events(tenant_, viewers_.stream(), after, 64);
    if (!page) return page.error();
    for (const auto& event : *page) {
      if (event.type != "turn.finished" && event.type != "budget.settled") continue;
      const auto data = parse_json(event.data);
      if (!data || data->value("turn", "") != result.turn) continue;
      if (event.type == "budget.settled") {
        read_bill(*data, result.usage, result.cost);
        continue;
      }
      result.outcome = parse_outcome(data->value("outcome", "")).value_or(result.outcome);
      result.finish_reason =
          parse_finish_reason(data->value("finish_reason", "")).value_or(result.finish_reason);
      result.message = data->value("message", "");
      result.error = read_error(*data);
      return {};
    }
    if (page->size() < 64) return {};
    after = page->back().seq;
  }
}

void SessionActor::remember(CommitDraft& draft, const QueuedCommand& command,
                            std::string_view members, std::string_view made) const {
  if (!command.command.repeatable) return;
  std::string json;
  JsonWriter(json).begin_object().member("kind", kind_of(command)).member("at", draft.last_seq());
  if (!members.empty()) json += ',';
  json += members;
  json += '}';
  draft.remember(first_result({tenant_, "command", command_key(id_, command.command)},
                              std::move(json), draft.time(), made));
}

// A run's result stands alone: its turns were committed one by one.
void SessionActor::store_run_result(const std::shared_ptr<AutoRun>& run) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object().member("kind", "run");
  writer.member("turns", static_cast<std::uint64_t>(run->result.turns));
  writer.member("reason", run->result.reason);
  if (run->result.error) {  // within: an "error" of its own is of a command that was refused
    writer.key("failed").begin_object();
    write_error(writer, *run->result.error);
    writer.end_object();
  }
  writer.end_object();
  Batch batch;
  batch.records.push_back(first_result({tenant_, "command", command_key(id_, run->command.command)},
                                       std::move(json), core_.clock().wall()));
  auto done = [self = shared_from_this(), run](Result<void>) {
    self->busy_ = false;
    self->answer_run(*run);
    const EndOfWork ends(*self);
    self->pump();
    self->core_.notify();
  };
  busy_ = true;
  touch_waiting(1);
  if (auto submitted = host_.storage().submit(std::move(batch), done); !submitted) {
    const EndOfWork ends(*this);
    busy_ = false;
    answer_run(*run);
  }
}

// Results of commands are kept for a day; what is older goes when its session is loaded again,
// those of creations when others follow (Core::forget_old_creations).
void SessionActor::forget_old_commands() {
  Batch batch;
  const auto listed = each_result_of(*core_.storage(), tenant_, id_, [&](const Record& record) {
    if (is_outdated(record, core_.clock().wall())) batch.records.push_back(erased(record));
  });
  if (!listed) return;
  if (batch.records.empty()) return;
  host_.loop().post([self = shared_from_this(), batch = std::move(batch)]() mutable {
    (void)self->host_.storage().submit(std::move(batch), [](Result<void>) {});
  });
}

}  // namespace scena::engine
