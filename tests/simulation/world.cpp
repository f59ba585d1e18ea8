#include "simulation/world.hpp"

#include "engine/api/handles.hpp"
#include "engine/projection/session_loader.hpp"
#include "simulation/session_log.hpp"
#include "storage/registry.hpp"

namespace scena::test {
namespace {

constexpr const char* kPresets[] = {"job-interview", "police-interrogation", "angry-customer"};
constexpr std::int64_t kBudget = 40'000'000'000;  // USD 0.04 a session

Config world_config(std::uint64_t seed) {
  Config config;
  config.clock = ClockKind::virtual_time;
  config.seed = seed;
  config.provider = "shaky";
  auto& shaky = config.providers["shaky"];
  shaky.url = "fault:";
  shaky.options =
      R"({"random":{"ok":70,"429":5,"503":3,"cut_after=4":5,"stall_after=3":3,"stall_head":2,"error_after=2":4,)"
      R"("bad_utf8_after=2":3,"empty":2,"reset_after=1":3},"seed":)" +
      std::to_string(seed & 0xffff) + "}";
  config.providers["script"].url = "script:";
  WireServices::configure(config);
  Price price;
  price.input = {1'000'000'000'000};
  price.output = {5'000'000'000'000};
  config.prices["*"] = price;
  config.session_budget = Money{kBudget};
  return config;
}

}  // namespace

World::World(const WorldOptions& options)
    : options_(options), random_(options.seed), services_(options.seed, options.defect) {
  auto memory = open_storage({.url = "memory:"});
  storage_ =
      std::make_shared<ShakyStorage>(std::move(*memory), options.seed ^ 0x5eed, options.defect);
}

WorldReport World::run() {
  open_engine();
  for (std::size_t i = 0; i < options_.sessions; ++i) create_session();
  engine_->advance({});  // they all exist before anything happens to them
  for (int i = 0; i < options_.steps; ++i) step();
  settle();
  for (auto& life : lives_) {
    if (life.gone) continue;
    compare_rebuilt(life);
    check_log(life);
    check_texts(life);
    check_guest(life);
  }
  close_engine();
  for (const auto& life : lives_) {
    for (const auto& watcher : life.watchers) report_.lags += watcher.lags();
  }
  report_.requests = services_.requests();
  report_.findings = findings_.count();
  report_.first_finding = findings_.first();
  return report_;
}

// --- engines -------------------------------------------------------------------------------------

void World::open_engine() {
  ++report_.engines;
  Dependencies dependencies;
  dependencies.clock = clock_;
  dependencies.storage = storage_;
  engine_.emplace(EngineParts::open(world_config(options_.seed * 1'000 + report_.engines),
                                    std::move(dependencies),
                                    [this](net::Loop& loop) { return services_.network(loop); })
                      .value_or_throw());
  engine_open_ = std::make_shared<bool>(true);
  for (auto& life : lives_) {
    const auto last = storage_->last_seq("default", "session:" + life.id);
    if (last && *last == 0) life.gone = true;  // the engine went before it was created
    if (life.gone) continue;
    life.session.emplace(engine_->session(life.id));
    for (auto& watcher : life.watchers) watcher.open(*life.session);
  }
}

void World::close_engine() {
  engine_->close();
  if (answers_ != asked_) {
    findings_.add("after close() " + std::to_string(asked_ - answers_) +
                  " answers were still missing");
    asked_ = answers_;
  }
  *engine_open_ = false;
  if (options_.defect == Defect::late_callback && kept_callback_) kept_callback_();
  for (auto& life : lives_) {
    for (auto& watcher : life.watchers) watcher.leave();
    life.guest->leave();
    life.session.reset();
  }
  engine_.reset();
}

// --- commands ------------------------------------------------------------------------------------

void World::answered(ErrorCode code) {
  ++answers_;
  if (code != ErrorCode::ok) ++report_.refused;
  hash(std::to_string(static_cast<int>(code)));
}

template <class T>
void World::expect(const Pending<T>& pending) {
  ++asked_;
  ++report_.commands;
  auto callback = [this, open = engine_open_](const Result<T>& result) {
    if (!*open) findings_.add("a callback came after close()");
    answered(result ? ErrorCode::ok : result.error().code());
  };
  pending.then(callback);
  kept_callback_ = [callback] { callback(Error::fixed(ErrorCode::closed, "late")); };
}

void World::expect(const Turn& turn) {
  ++asked_;
  ++report_.commands;
  turn.then([this, open = engine_open_](const Result<TurnResult>& result) {
    if (!*open) findings_.add("a callback came after close()");
    answered(result ? ErrorCode::ok : result.error().code());
    if (result) hash(result->text);
  });
}

void World::create_session() {
  SessionOptions options;
  options.id = "s" + std::to_string(lives_.size() + 1);
  constexpr const char* kProviders[] = {"script", "shaky", "wire", "claude"};
  options.provider = kProviders[random_.below(4)];
  const char* preset = kPresets[random_.below(3)];
  if (random_.below(3) == 0) {
    for (const auto& character : find_builtin_preset(preset)->characters)
      options.played_by[character.id] = "ai";
  }
  Session session = engine_->create_session(preset, options);
  expect(session.start());
  add_life(std::move(session));
}

void World::add_life(Session session) {
  Life& life = lives_.emplace_back();
  life.id = session.id();
  life.session.emplace(std::move(session));
  life.watchers.emplace_back(Watcher::Habit{.keeps = true}, findings_);
  life.watchers.emplace_back(Watcher::Habit{.max_events = 4, .slow = true}, findings_);
  life.watchers.emplace_back(Watcher::Habit{.max_events = 32, .batches = true}, findings_);
  for (auto& watcher : life.watchers) watcher.open(*life.session);
  life.guest.emplace(findings_);
}

void World::step() {
  const auto dice = random_.below(100);
  if (dice < 1) {
    storage_->set_full(true);
  } else if (dice < 6) {
    storage_->set_full(false);
  } else if (dice == 6) {
    storage_->refuse_share(0.05);
  } else if (dice == 7) {
    storage_->refuse_share(0);
  } else if (dice == 8) {
    close_engine();
    open_engine();
  } else if (dice == 9) {
    storage_->die(random_.below(2) == 0);
    close_engine();
    storage_->revive();
    ++report_.kills;
    open_engine();
  } else if (dice == 10) {
    services_.shake();
  } else if (dice == 11) {
    services_.calm();
  }
  for (std::uint64_t i = 1 + random_.below(6); i > 0; --i) {
    Life& life = pick_life();
    if (life.gone || !life.session) continue;
    try {
      act(life);
    } catch (const Error& error) {
      ++report_.refused;
      hash(std::to_string(static_cast<int>(error.code())));
    }
  }
  engine_->advance(std::chrono::milliseconds(random_.below(1'500)));
  read_all(false);
  if (random_.below(6) == 0) compare_rebuilt(lives_[random_.below(lives_.size())]);
}

// Somebody who can still do something, if a few looks find one: what is over refuses all there is.
World::Life& World::pick_life() {
  std::size_t at = random_.below(lives_.size());
  for (int looks = 0; looks < 4; ++looks) {
    const Life& life = lives_[at];
    const bool over = life.gone || life.session->state() == SessionState::completed;
    if (!over || random_.below(8) == 0) break;
    at = random_.below(lives_.size());
  }
  return lives_[at];
}

SendOptions World::send_options() {
  SendOptions options;
  if (random_.below(4) == 0) options.command_id = "again" + std::to_string(random_.below(3));
  if (random_.below(8) == 0) options.deadline = std::chrono::milliseconds(1 + random_.below(2'000));
  return options;
}

void World::act(Life& life) {
  const auto which = random_.below(100);
  Session& session = *life.session;
  if (which < 30)
    return expect(session.send(
        "Tell me about number " + std::to_string(random_.below(50)) + ", please.", send_options()));
  if (which < 38)
    return expect(session.run({.max_turns = static_cast<std::uint32_t>(1 + random_.below(4))}));
  if (which < 46) return session.cancel();
  if (which < 76) return change_line(life, which - 46);
  change_session(life, which - 76);
}

std::string World::last_message(Life& life, bool human) {
  std::string id;
  for (const auto& message : life.session->messages()) {
    if (message.from_human == human) id = message.id;
  }
  return id.empty() ? "m1" : id;
}

std::string World::any_message(Life& life) {
  const auto messages = life.session->messages(true);
  return messages.empty() ? "m1" : messages[random_.below(messages.size())].id;
}

void World::change_line(Life& life, std::uint64_t which) {
  Session& session = *life.session;
  if (which < 8) return expect(session.regenerate(send_options()));
  if (which < 12)
    return expect(
        session.edit(last_message(life, true), "I meant something else.", send_options()));
  if (which < 16) return expect(session.undo());
  if (which < 20) return expect(session.continue_reply());
  if (which < 23) return expect(session.choose(any_message(life)));
  if (which < 27) {
    const auto present = session.info().participants;  // none before its creation is committed
    const std::string asked = present.empty() ? std::string("nobody") : present.front().id;
    return expect(session.ask_aside(asked, "What do you think?"));
  }
  expect(session.prompt());
}

void World::change_session(Life& life, std::uint64_t which) {
  Session& session = *life.session;
  if (which < 5) return expect(session.pause());
  if (which < 13) return expect(session.resume());
  if (which < 14) return expect(session.complete());
  if (which < 15) return expect(session.fail());
  if (which < 17) return expect(session.join({.id = "guest", .name = "A guest", .is_human = true}));
  if (which < 19) return expect(session.leave("guest"));
  if (which < 20) return expect(session.annotate("mark", R"({"by":"simulation"})"));
  if (which < 21) return expect(session.update({.title = "Title " + life.id}));
  if (which < 22 && lives_.size() < options_.sessions * 2) {
    const std::string at = random_.below(2) ? any_message(life) : std::string();
    const auto forked = session.fork(at);
    expect(forked);
    engine_->advance({});
    const auto result = forked.wait(std::chrono::milliseconds(0));
    if (!result) return;
    const auto shared = result->messages(true);
    if (!at.empty() && (shared.empty() || shared.back().id != at))
      findings_.add(life.id + ": a fork at " + at + " ends with another message");
    return add_life(*result);
  }
  Watcher& watcher = life.watchers[random_.below(life.watchers.size())];
  if (watcher.is_open()) watcher.leave();
}

// --- watching and checking -----------------------------------------------------------------------

void World::read_all(bool everything) {
  for (bool any = true; any;) {
    any = false;
    for (auto& life : lives_) {
      if (life.gone || !life.session) continue;
      for (auto& watcher : life.watchers) {
        const bool first = &watcher == &life.watchers.front();
        if (!everything && watcher.habit().slow && random_.below(4) != 0) continue;
        const std::size_t most = watcher.habit().slow && !everything ? 3 : 10'000;
        const bool took = watcher.read(*life.session, most, [&](const Event& event) {
          ++report_.events;
          if (first) hash(event.to_json());
          if (first && event.type == "turn.finished") ++report_.turns;
        });
        any = any || took;
      }
      if (everything || random_.below(2) == 0)
        any = life.guest->read(*life.session, everything ? 10'000 : 5) || any;
    }
    engine_->advance({});
    if (!everything) return;
  }
}

// Everything heals, replies that could not be stored are, and whoever watches sees the end.
void World::settle() {
  storage_->set_full(false);
  storage_->refuse_share(0);
  for (int round = 0; round < 2; ++round) {
    for (auto& life : lives_) {
      if (life.session && !life.gone) expect(life.session->annotate("end", "{}"));
    }
    engine_->run_until_idle();
  }
  for (auto& life : lives_) {
    auto known = storage_->last_seq("default", "session:" + life.id);
    if (known && *known == 0) life.gone = true;  // its creation was refused
  }
  read_all(true);
  for (auto& life : lives_) {
    if (life.gone) continue;
    const auto last = life.session->info().last_seq;
    for (auto& watcher : life.watchers) {
      if (watcher.seq() != last) {
        findings_.add(life.id + ": a viewer saw events up to " + std::to_string(watcher.seq()) +
                      " of " + std::to_string(last));
      }
    }
  }
}

void World::compare_rebuilt(Life& life) {
  if (life.gone || !life.session) return;
  const auto last = storage_->last_seq("default", "session:" + life.id);
  if (!last || *last == 0) return;
  const auto rebuilt = engine::load_model(*storage_, "default", life.id);
  if (!rebuilt) return findings_.add(life.id + ": cannot be rebuilt: " + rebuilt.error().what());
  if (rebuilt->to_json() != life.session->state_json())
    findings_.add(life.id + ": rebuilt from its log it is another");
  compare_bytes(life);
  ++report_.points;
}

// What a viewer was given while it happened is what the log holds, byte for byte.
void World::compare_bytes(Life& life) {
  const auto& seen = life.watchers.front().seen();
  const auto events = storage_->read_events("default", "session:" + life.id, 0,
                                            std::max<std::size_t>(1, seen.size()));
  if (!events || events->size() < seen.size())
    return findings_.add(life.id + ": the log has less than a viewer saw");
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if ((*events)[i].to_json() != seen[i])
      return findings_.add(life.id + ": event " + std::to_string(i + 1) +
                           " of the log is not the one that was seen");
  }
}

void World::check_log(Life& life) {
  const auto events = storage_->read_events("default", "session:" + life.id, 0, 1'000'000);
  if (!events) return findings_.add(life.id + ": its log cannot be read");
  SessionLog log(*events);
  log.check(life.session->info(), Money{kBudget}, findings_);
}

// A cut never passes for a whole reply, and no byte of one is lost on its way.
void World::check_texts(Life& life) {
  for (const Message& message : life.session->messages(true)) {
    const bool whole = WireServices::is_ours(message.provider) &&
                       message.outcome == Outcome::complete &&
                       message.finish_reason == FinishReason::stop && message.replaces.empty();
    if (whole && !services_.has_sent(message.text()))
      findings_.add(life.id + ": " + message.id + " is whole, and no service sent it so");
  }
}

void World::check_guest(Life& life) {
  const auto events = storage_->read_events("default", "session:" + life.id, 0, 1'000'000);
  const auto model = engine::load_model(*storage_, "default", life.id);
  if (events && model) life.guest->check(*events, *model);
}

void World::hash(std::string_view bytes) noexcept {
  for (const unsigned char byte : bytes) report_.hash = (report_.hash ^ byte) * 0x100000001b3ull;
}

}  // namespace scena::test
