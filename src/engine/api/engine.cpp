#include <scena/engine.hpp>
#include <system_error>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "domain/preset_render.hpp"
#include "engine/access/command_check.hpp"
#include "engine/actor/commit_draft.hpp"
#include "engine/api/handles.hpp"
#include "engine/erasure/retention.hpp"

namespace scena {
namespace {

constexpr std::size_t kMaxLabels = 100;

Error all_faults(const std::vector<Fault>& faults) {
  std::string text;
  for (const auto& fault : faults) {
    if (!text.empty()) text += '\n';
    text += fault.pointer + ": " + fault.message;
    if (!fault.example.empty()) text += " (for example " + fault.example + ")";
  }
  return Error(ErrorCode::invalid_argument, std::move(text)).with_pointer(faults.front().pointer);
}

void add_label_faults(const std::map<std::string, std::string>& labels,
                      std::vector<Fault>& faults) {
  if (labels.size() > kMaxLabels)
    faults.push_back({"/labels", "there are more than 100; keep less with a session", {}});
  for (const auto& [name, value] : labels) {
    if (engine::is_label(name, value)) continue;
    faults.push_back({json_pointer("/labels", utf8_repair(name.substr(0, 100))),
                      "names have 1 to 100 bytes of UTF-8 without NUL, values at most 500",
                      {}});
  }
}

std::vector<Fault> option_faults(const Preset& preset, const SessionOptions& options) {
  auto faults = check_variables(preset, options.variables);
  for (const auto& name : missing_variables(preset, options.variables)) {
    faults.push_back(
        {"/variables/" + name, "is required and has no value; give one in `variables`", {}});
  }
  for (const auto& [character, player] : options.played_by) {
    if (!preset.find_character(character)) {
      faults.push_back({"/played_by/" + character, "the preset has no such character",
                        preset.characters.front().id});
    } else if (player != "human" && player != "ai") {
      faults.push_back({"/played_by/" + character, "must be \"human\" or \"ai\"", "\"ai\""});
    }
  }
  if (!options.id.empty() && !engine::is_session_id(options.id)) {
    faults.push_back({"/id",
                      "must have at most 200 bytes of UTF-8, without control characters and \"/\"; "
                      "leave it empty for a new one",
                      "interview-17"});
  }
  if (options.retention_ttl && !engine::is_retention_ttl(*options.retention_ttl))
    faults.push_back({"/retention_ttl", "must be from 0 ms to 365 days", "86400000"});
  const std::pair<const char*, const std::string*> names[] = {{"/owner", &options.owner},
                                                              {"/title", &options.title},
                                                              {"/model", &options.model},
                                                              {"/command_id", &options.command_id}};
  for (const auto& [pointer, name] : names) {
    if (!engine::is_name(*name))
      faults.push_back(
          {pointer, "must have at most 200 bytes of UTF-8, without control characters", {}});
  }
  add_label_faults(options.labels, faults);
  return faults;
}

// `preset` is rendered: names of participants are what the others call them.
std::string created_data(const Preset& preset, const std::string& sha256,
                         const SessionOptions& options, std::uint64_t seed,
                         std::optional<std::chrono::milliseconds> erased_after) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().key("preset").begin_object().member("id", preset.id);
  writer.member("version", static_cast<std::uint64_t>(preset.version))
      .member("title", preset.title);
  writer.member("sha256", sha256).end_object();
  writer.member("title", options.title.empty() ? preset.title : options.title)
      .member("owner", options.owner);
  writer.member("seed", std::to_string(seed))
      .member("provider", options.provider)
      .member("model", options.model);
  if (erased_after) writer.member("erased_after_ms", std::int64_t{erased_after->count()});
  writer.key("variables").begin_object();
  for (const auto& [name, value] : options.variables) writer.member(name, value);
  writer.end_object().key("labels").begin_object();
  for (const auto& [name, value] : options.labels) writer.member(name, value);
  writer.end_object().key("participants").begin_array();
  for (const auto& character : preset.characters) {
    const auto chosen = options.played_by.find(character.id);
    const bool human = chosen != options.played_by.end() ? chosen->second == "human"
                                                         : character.played_by == PlayedBy::human;
    writer.begin_object()
        .member("id", character.id)
        .member("name", character.name)
        .member("is_human", human);
    if (human && !options.owner.empty()) writer.member("subject", options.owner);
    writer.end_object();
  }
  writer.end_array().end_object();
  return data;
}

}  // namespace

const char* version() noexcept {
  return SCENA_VERSION;
}

Engine::Engine(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<Engine> EngineParts::open(const Config& config, Dependencies dependencies,
                                 engine::NetworkMaker make_network) noexcept {
  try {
    auto core = engine::Core::open(config, std::move(dependencies), std::move(make_network));
    if (!core) return core.error();
    return Engine(std::make_shared<Engine::Impl>(
        std::move(*core), std::make_shared<const Principal>(Principal::host()), true));
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error::fixed(ErrorCode::out_of_memory, "not enough memory to open the engine");
  } catch (const std::system_error&) {
    return Error::fixed(ErrorCode::unavailable,
                        "the system has no thread left for the engine; raise its limit or use "
                        "threads = 0 and storage_thread = off");
  } catch (const std::exception&) {
    return Error::fixed(ErrorCode::internal, "opening the engine failed inside; please report it");
  }
}

Result<Engine> Engine::try_open(const Config& config, Dependencies dependencies) noexcept {
  return EngineParts::open(config, std::move(dependencies), {});
}

Engine Engine::open(const Config& config, Dependencies dependencies) {
  return try_open(config, std::move(dependencies)).value_or_throw();
}

Engine Engine::as(const Principal& principal) const {
  impl_->core->usable().value_or_throw();
  engine::check_principal(principal).value_or_throw();
  return Engine(
      std::make_shared<Impl>(impl_->core, std::make_shared<const Principal>(principal), false));
}

Session Engine::create_session(std::string_view preset, const SessionOptions& options) {
  impl_->core->usable().value_or_throw();
  auto snapshot =
      impl_->core->presets().find(impl_->who().tenant, std::string(preset)).value_or_throw();
  return impl_->create(std::move(snapshot), options);
}

Session Engine::create_session(const Preset& preset, const SessionOptions& options) {
  impl_->core->usable().value_or_throw();
  if (!impl_->who().is_host()) impl_->core->check_choices(impl_->who(), preset).value_or_throw();
  return impl_->create(impl_->core->presets().snapshot(preset).value_or_throw(), options);
}

Session Engine::Impl::create(std::shared_ptr<const engine::PresetSnapshot> snapshot,
                             SessionOptions options) {
  auto faults = option_faults(snapshot->preset, options);
  if (!options.provider.empty()) {
    if (auto known = core->check_choice(who(), options.provider); !known) {
      if (known.error().code() == ErrorCode::permission_denied) throw Error(known.error());
      faults.push_back({"/provider", known.error().what(), {}});
    }
  }
  for (auto& fault : core->check_tools(snapshot->preset)) faults.push_back(std::move(fault));
  if (!faults.empty()) throw all_faults(faults);
  const auto rendered =
      core->rendered(who().tenant, snapshot->sha256, options.variables).value_or_throw();
  if (!who().is_host()) options.owner = who().subject;
  const auto erased_after = engine::retention_of(core->config(), options.retention,
                                                 options.retention_ttl, who().is_host())
                                .value_or_throw();
  auto birth = core->next_birth();
  if (!options.id.empty()) birth.id = options.id;
  if (!options.command_id.empty()) {
    const std::string earlier =
        core->claim_creation(who(), options.command_id, birth.id).value_or_throw();
    if (!earlier.empty()) return session(earlier);
  }
  // What fails from here on leaves the command's id free for another try.
  struct Claim {
    ~Claim() {
      if (!kept) core.creation_ended(id);
    }
    engine::Core& core;
    const std::string& id;
    bool kept = false;
  } claim{*core, birth.id};
  core->admit(who(), SessionCommand::create).value_or_throw();
  if (!options.id.empty() &&
      core->storage()->last_seq(who().tenant, engine::session_stream(birth.id)).value_or_throw() !=
          0)
    throw Error::fixed(ErrorCode::already_exists,
                       "session: the id is taken; leave `id` empty for a new one");
  auto actor = core->new_actor(who().tenant, birth.id).value_or_throw();
  actor->keep_snapshot(snapshot);
  std::string created = created_data(rendered->preset(), snapshot->sha256, options,
                                     options.seed.value_or(birth.seed), erased_after);
  actor->expect(options.owner, created, core->clock().wall());
  auto impl = std::make_shared<Session::Impl>(core, std::move(actor), principal);
  engine::QueuedCommand queued;
  queued.command = impl->command(SessionCommand::create, options.command_id);
  queued.command.value = std::move(created);
  impl->send(std::move(queued)).value_or_throw();
  claim.kept = true;
  return Session(std::move(impl));
}

Session Engine::Impl::session(const std::string& id) {
  auto actor = core->actor(who().tenant, id).value_or_throw();
  auto handle = std::make_shared<Session::Impl>(core, std::move(actor), principal);
  try {
    handle->may_read();
  } catch (const Error& error) {
    // Whoever still has a handle of a deleted session keeps it loaded; others find none.
    if (error.code() != ErrorCode::not_found) throw;
    throw Error::fixed(ErrorCode::not_found, "no such session");
  }
  return Session(std::move(handle));
}

Session Engine::session(std::string_view id) {
  return impl_->session(std::string(id));
}

Page Engine::sessions(const SessionQuery& query) const {
  impl_->core->usable().value_or_throw();
  const std::size_t limit = engine::page_size(query.limit, 50).value_or_throw();
  RecordQuery records;
  records.tenant = impl_->who().tenant;
  records.kind = "session";
  records.limit = limit;
  records.newest_first = true;
  records.order_by = "created";
  if (!query.after.empty()) {
    // The place of the last session of the page before: it stays one when that session is deleted.
    const auto cut = query.after.find('/');
    if (cut == std::string::npos)
      throw Error::fixed(ErrorCode::invalid_argument, "after: give `next` of the page before");
    records.after_value = query.after.substr(0, cut);
    records.after_id = query.after.substr(cut + 1);
  }
  if (!impl_->who().is_host()) {
    records.where = {"owner", impl_->who().subject};
  } else if (query.state) {
    records.where = {"state", to_string(*query.state)};
  }
  auto found = impl_->core->storage()->list(records).value_or_throw();
  Page page;
  for (const auto& record : found) {
    auto info = read_session_info(record.json).value_or_throw();
    if (!query.state || info.state == *query.state) page.sessions.push_back(std::move(info));
  }
  if (found.size() == limit) {
    const auto last = read_session_info(found.back().json).value_or_throw();
    page.next = engine::created_field(last.created) + "/" + last.id;
  }
  return page;
}

EngineStats Engine::stats() const {
  impl_->core->usable().value_or_throw();
  return impl_->core->stats();
}

// --- the loop ----------------------------------------------------------------------------------

std::size_t Engine::poll(std::chrono::microseconds budget) {
  const auto core = impl_->core;  // a callback may destroy this engine
  if (!core->is_ending()) core->usable().value_or_throw();
  return core->poll(budget).value_or_throw();
}

int Engine::wait_fd() const {
  return impl_->core->wait_fd();
}
std::optional<TimePoint> Engine::next_deadline() const {
  return impl_->core->next_deadline().value_or_throw();
}
const Clock& Engine::clock() const {
  return impl_->core->clock();
}

void Engine::advance(Duration step) {
  impl_->core->usable().value_or_throw();
  if (!impl_->core->clock().is_virtual())
    throw Error::fixed(ErrorCode::wrong_state,
                       "advance: only a virtual clock can be moved (clock: virtual)");
  if (step < Duration{})
    throw Error::fixed(ErrorCode::invalid_argument,
                       "step: it is negative; a clock moves forward only");
  if (impl_->core->inside_callback())
    throw Error::fixed(ErrorCode::wrong_state, "advance: refused inside a callback");
  const auto core = impl_->core;  // a callback may destroy this engine
  core->advance(step).value_or_throw();
}

void Engine::run_until_idle(std::optional<std::chrono::milliseconds> timeout) {
  const auto core = impl_->core;  // a callback may destroy this engine
  core->usable().value_or_throw();
  if (core->inside_callback())
    throw Error::fixed(ErrorCode::wrong_state, "run_until_idle: refused inside a callback");
  core->run_until_idle(timeout).value_or_throw();
}

bool Engine::begin_close() noexcept {
  if (!impl_->owns) return true;
  if (impl_->core->config().threads > 0 || impl_->core->inside_callback()) return false;
  impl_->core->begin_close();
  return true;
}

bool Engine::close() noexcept {
  if (!impl_->owns) return true;
  const auto core = impl_->core;  // a callback may destroy this engine
  if (core->inside_callback()) return false;
  core->close();
  return true;
}

}  // namespace scena
