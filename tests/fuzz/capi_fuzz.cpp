// Random sequences of calls over the C ABI: handles used and destroyed in every order, calls inside
// callbacks, answers that come late or after their engine, structs of other sizes. Nothing may
// crash, hang or leak.
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kMostCalls = 160;
constexpr std::size_t kMostHandles = 6;  // of a kind

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  bool empty() const { return at_ == end_; }
  std::uint8_t next() { return empty() ? 0 : *at_++; }
  std::size_t below(std::size_t limit) { return next() % limit; }
  bool flip() { return (next() & 1) != 0; }
  const char* text() {
    static constexpr std::array<const char*, 10> kTexts = {
        "Hello",          "",  "weather",  "forbidden", "m1", "job-interview",
        "{\"id\":\"x\"}", "[", "\xff\xfe", "s1"};
    return kTexts[below(kTexts.size())];
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

/// A struct as somebody compiled with another header has it: shorter, or longer with zeros behind.
template <class Struct>
class Sized {
 public:
  Sized(const Struct& full, Bytes& bytes) {
    static constexpr std::array<std::uint32_t, 6> kSizes = {0, 4, 8, 16, 0, 512};
    static_assert(sizeof(Struct) <= 512);
    std::memcpy(place_, &full, sizeof full);
    const std::size_t which = bytes.below(12);
    const std::uint32_t size = which < kSizes.size() && which != 4
                                   ? kSizes[which]
                                   : static_cast<std::uint32_t>(sizeof(Struct));
    std::memcpy(place_, &size, sizeof size);
  }
  const Struct* get() const { return reinterpret_cast<const Struct*>(place_); }

 private:
  alignas(Struct) unsigned char place_[512] = {};
};

template <class Handle, void (*Destroy)(Handle*)>
class Pool {
 public:
  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() { clear(); }
  void put(Handle* handle) {
    if (!handle) return;
    if (held_.size() == kMostHandles) drop(0);
    held_.push_back(handle);
  }
  /// One of them, or null.
  Handle* any(Bytes& bytes) {
    const std::size_t which = bytes.below(kMostHandles + 1);
    return which < held_.size() ? held_[which]
                                : (held_.empty() || which == kMostHandles ? nullptr : held_[0]);
  }
  Handle* take(Bytes& bytes) {
    Handle* const handle = any(bytes);
    std::erase(held_, handle);
    return handle;
  }
  void drop(std::size_t which) {
    if (which >= held_.size()) return Destroy(nullptr);
    Handle* const handle = held_[which];
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(which));
    Destroy(handle);
  }
  void clear() {
    while (!held_.empty()) drop(held_.size() - 1);
  }

 private:
  std::vector<Handle*> held_;
};

void end_reply(scena_reply* reply) {
  scena_reply_finish(reply, nullptr);
}
void end_call(scena_tool_call* call) {
  scena_tool_call_fail(call, nullptr);
}

class World {
 public:
  explicit World(Bytes& bytes) : bytes_(bytes) {
    scena_extensions_create(&extensions_, nullptr);
    add_hooks();
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() {
    // What is held is ended before, behind or between what it belongs to, as the bytes say.
    is_ending_ = true;
    for (int left = 8; left > 0; --left) destroy_some(bytes_.below(9));
    replies_.clear();
    calls_.clear();
    answers_.clear();
    approvals_.clear();
    pendings_.clear();
    turns_.clear();
    events_.clear();
    sessions_.clear();
    engines_.clear();
    scena_extensions_destroy(extensions_);
    if (destroyed_ != hooks_) std::abort();  // every table is given back, once
  }

  void step() {
    switch (bytes_.below(8)) {
      case 0:
        return make();
      case 1:
        return send();
      case 2:
        return command();
      case 3:
        return drive();
      case 4:
        return read();
      case 5:
        return answer();
      case 6:
        return services();
      default:
        return destroy_some(bytes_.below(9));
    }
  }

 private:
  static World& of(void* self) { return *static_cast<World*>(self); }
  static void count_destroy(void* self) { ++of(self).destroyed_; }

  template <class Table>
  Table table() {
    Table made{};
    made.struct_size = sizeof made;
    made.user_data = this;
    made.destroy = &count_destroy;
    return made;
  }

  /// What comes inside a callback: a few calls, allowed there or refused, never harmful.
  void inside() {
    if (is_ending_ || depth_ > 0) return;
    ++depth_;
    scena_error* error = nullptr;
    switch (bytes_.below(7)) {
      case 0:
        scena_turn_cancel(turns_.any(bytes_));
        break;
      case 1:
        scena_session_cancel(sessions_.any(bytes_));
        break;
      case 2:
        (void)scena_engine_poll(engines_.any(bytes_), 0, &error);
        break;
      case 3:
        (void)scena_turn_wait(turns_.any(bytes_), 10, &error);
        break;
      case 4:
        (void)scena_session_send(sessions_.any(bytes_), nullptr, "inside", 6, nullptr, &error);
        break;
      case 5: {
        std::uint64_t tags[4];
        (void)scena_engine_take_ready(engines_.any(bytes_), tags, 4);
        break;
      }
      default:
        break;
    }
    scena_error_destroy(error);
    --depth_;
  }

  static void start(void* self, const char* request, scena_reply* reply) {
    World& world = of(self);
    if (!request || std::strlen(request) < 2) std::abort();
    world.inside();
    if (world.is_ending_ || world.bytes_.flip()) {
      (void)scena_reply_text(reply, "said at once", SCENA_NUL_TERMINATED);
      return scena_reply_finish(reply, nullptr);
    }
    world.replies_.put(reply);
  }
  static void call(void* self, const char*, scena_tool_call* call) {
    World& world = of(self);
    world.inside();
    if (world.is_ending_ || world.bytes_.flip()) return scena_tool_call_succeed(call, "18", 2);
    world.calls_.put(call);
  }
  static void ask(void* self, const char*, scena_approval* approval) {
    World& world = of(self);
    if (world.is_ending_ || world.bytes_.flip()) return scena_approval_allow(approval);
    world.approvals_.put(approval);
  }
  static void check(void* self, const char*, const char*, std::uint32_t, const char* text,
                    std::size_t size, scena_filter_answer* answer) {
    World& world = of(self);
    if (std::strlen(text) > size) std::abort();
    world.inside();
    if (!world.is_ending_ && world.bytes_.below(4) == 0) return world.answers_.put(answer);
    if (std::strstr(text, "forbidden")) return scena_filter_answer_block(answer, "no");
    if (world.bytes_.flip()) return scena_filter_answer_rewrite(answer, "other", 5);
    scena_filter_answer_pass(answer);
  }
  static void add(void* self, void*, const char*, std::size_t) { of(self).inside(); }
  static void scores(void*, void*, scena_scores* out) {
    (void)scena_scores_evidence(out, "m1", 0, 1, nullptr);
    (void)scena_scores_add(out, nullptr, 0.5, 1, nullptr);
    (void)scena_scores_evidence(out, "m1", 0, 1, nullptr);
  }
  static void write(void*, std::int32_t, const char* line, std::size_t size) {
    if (std::strlen(line) != size) std::abort();
  }

  template <class Table>
  void add_hook(scena_status (*add)(scena_extensions*, const Table*, scena_error**),
                const Table& full) {
    const Sized<Table> given(full, bytes_);
    if (add(extensions_, given.get(), nullptr) == SCENA_OK &&
        given.get()->struct_size >= sizeof(Table))
      ++hooks_;
  }

  static scena_status add_provider(scena_extensions* to, const scena_provider* table,
                                   scena_error** error) {
    return scena_extensions_add_provider(to, "mine", table, error);
  }

  void add_hooks() {
    auto provider = table<scena_provider>();
    provider.start = &start;
    add_hook(&add_provider, provider);
    auto tool = table<scena_tool>();
    tool.flags = SCENA_TOOL_EVERYWHERE | (bytes_.flip() ? SCENA_TOOL_NEEDS_APPROVAL : 0u);
    tool.name = "weather";
    tool.call = &call;
    add_hook(&scena_extensions_add_tool, tool);
    auto approval = table<scena_tool_approval>();
    approval.ask = &ask;
    add_hook(&scena_extensions_set_tool_approval, approval);
    auto filter = table<scena_filter>();
    filter.hold_back = bytes_.below(9);
    filter.check_input = &check;
    filter.check_output = &check;
    if (bytes_.flip()) add_hook(&scena_extensions_set_filter, filter);
    auto analyzer = table<scena_analyzer>();
    analyzer.name = "mine";
    analyzer.add = &add;
    analyzer.scores = &scores;
    add_hook(&scena_extensions_add_analyzer, analyzer);
    auto log = table<scena_log_sink>();
    log.write = &write;
    add_hook(&scena_extensions_set_log_sink, log);
  }

  void make() {
    static constexpr const char* kConfig =
        R"({"clock":"virtual","seed":7,"provider":"s","max_retries":1,"metrics":["sentiment"],)"
        R"("limits":{"viewer_events":8,"commands_per_session":4},"providers":{"s":{"url":"script:",)"
        R"("options":{"replies":[{"match":"weather","tools":[{"name":"weather"}]},)"
        R"({"after":"weather","text":"It has %result%."},"Good morning to you."]}}}})";
    scena_engine* engine = nullptr;
    scena_session* session = nullptr;
    scena_events* events = nullptr;
    switch (bytes_.below(6)) {
      case 0:
        (void)scena_engine_create_extended(kConfig, bytes_.flip() ? extensions_ : nullptr, &engine,
                                           nullptr);
        return engines_.put(engine);
      case 1:
        (void)scena_engine_as(engines_.any(bytes_), R"({"subject":"ann","roles":["participant"]})",
                              &engine, nullptr);
        return engines_.put(engine);
      case 2: {
        scena_session_options options{};
        options.owner = "ann";
        options.provider = bytes_.flip() ? "mine" : nullptr;
        const Sized<scena_session_options> given(options, bytes_);
        (void)scena_session_create(engines_.any(bytes_), "job-interview",
                                   bytes_.flip() ? given.get() : nullptr, &session, nullptr);
        return sessions_.put(session);
      }
      case 3:
        (void)scena_session_open(engines_.any(bytes_), scena_session_id(sessions_.any(bytes_)),
                                 &session, nullptr);
        return sessions_.put(session);
      default: {
        scena_events_options options{};
        options.after = bytes_.flip() ? "live" : nullptr;
        options.max_events = bytes_.below(3);
        const Sized<scena_events_options> given(options, bytes_);
        (void)scena_session_events(sessions_.any(bytes_), given.get(), &events, nullptr);
        (void)scena_events_watch(events, bytes_.next(), nullptr);
        return events_.put(events);
      }
    }
  }

  void send() {
    scena_send_options options{};
    const char* const audience[] = {"interviewer", nullptr};
    options.audience = bytes_.flip() ? audience : nullptr;
    options.flags = static_cast<std::uint32_t>(bytes_.flip() ? bytes_.below(4) : 0);
    const char* const schemas[] = {nullptr, "{\"type\":\"object\"}", "{\"type\":1}", "["};
    options.json_schema = bytes_.flip() ? schemas[bytes_.below(4)] : nullptr;
    options.command_id = bytes_.flip() ? "once" : nullptr;
    const Sized<scena_send_options> given(options, bytes_);
    scena_session* const session = sessions_.any(bytes_);
    scena_turn* turn = nullptr;
    switch (bytes_.below(5)) {
      case 0:
        (void)scena_session_regenerate(session, given.get(), &turn, nullptr);
        break;
      case 1:
        (void)scena_session_prompt(session, given.get(), &turn, nullptr);
        break;
      case 2:
        (void)scena_session_edit(session, nullptr, "m2", bytes_.text(), SCENA_NUL_TERMINATED, &turn,
                                 nullptr);
        break;
      default:
        (void)scena_session_send(session, given.get(), bytes_.text(), SCENA_NUL_TERMINATED,
                                 bytes_.flip() ? &turn : nullptr, nullptr);
        break;
    }
    if (bytes_.flip()) (void)scena_turn_watch(turn, bytes_.next(), nullptr);
    turns_.put(turn);
  }

  void command() {
    using Step = scena_status (*)(scena_session*, const char*, scena_pending**, scena_error**);
    static constexpr std::array<Step, 7> kSteps = {
        scena_session_start, scena_session_pause, scena_session_resume, scena_session_complete,
        scena_session_fail,  scena_session_undo,  scena_session_remove};
    scena_session* const session = sessions_.any(bytes_);
    scena_pending* pending = nullptr;
    switch (bytes_.below(8)) {
      case 6:
        (void)scena_session_next_question(session, bytes_.text(), nullptr, nullptr, &pending,
                                          nullptr);
        break;
      case 7:
        (void)scena_session_flag_escape(session, bytes_.text(), bytes_.text(), nullptr, nullptr,
                                        &pending, nullptr);
        break;
      case 0:
        (void)scena_session_fork(session, nullptr, nullptr, &pending, nullptr);
        break;
      case 1:
        (void)scena_session_ask_aside(session, "interviewer", bytes_.text(), SCENA_NUL_TERMINATED,
                                      nullptr, nullptr, &pending, nullptr);
        break;
      case 2:
        (void)scena_session_update(session, bytes_.text(), nullptr, &pending, nullptr);
        break;
      case 3:
        (void)scena_session_join(session, bytes_.text(), nullptr, &pending, nullptr);
        break;
      default:
        (void)kSteps[bytes_.below(kSteps.size())](session, nullptr, &pending, nullptr);
        break;
    }
    if (bytes_.flip()) (void)scena_pending_watch(pending, bytes_.next(), nullptr);
    pendings_.put(pending);
  }

  void drive() {
    scena_engine* const engine = engines_.any(bytes_);
    std::uint64_t tags[4];
    switch (bytes_.below(6)) {
      case 0:
        (void)scena_engine_poll(engine, bytes_.next(), nullptr);
        break;
      case 1:
        (void)scena_turn_wait(turns_.any(bytes_), bytes_.next(), nullptr);
        break;
      case 2:
        (void)scena_pending_wait(pendings_.any(bytes_), bytes_.next(), nullptr, nullptr);
        break;
      case 3:
        (void)scena_engine_take_ready(engine, tags, bytes_.below(5));
        break;
      case 4:
        (void)scena_engine_close(bytes_.below(8) == 0 ? engine : nullptr);
        break;
      default:
        (void)scena_engine_advance(engine, 100'000 * static_cast<std::int64_t>(bytes_.next()),
                                   nullptr);
        break;
    }
  }

  void read() {
    scena_text* text = nullptr;
    scena_session* const session = sessions_.any(bytes_);
    switch (bytes_.below(6)) {
      case 0:
        (void)scena_session_info(session, &text, nullptr);
        break;
      case 1:
        (void)scena_session_messages(session, static_cast<std::uint32_t>(bytes_.below(3)), &text,
                                     nullptr);
        break;
      case 2:
        (void)scena_session_explain(session, bytes_.text(), &text, nullptr);
        break;
      case 3:
        (void)scena_turn_result(turns_.any(bytes_), &text, nullptr);
        break;
      default: {
        Sized<scena_event> event(scena_event{}, bytes_);
        scena_events* const events = events_.any(bytes_);
        auto* const out = const_cast<scena_event*>(event.get());
        for (int left = 4; left > 0; --left) {
          if (scena_events_next(events, bytes_.below(3), out, nullptr) != SCENA_OK) break;
          if (out->struct_size >= sizeof(scena_event) && std::strlen(out->json) != out->json_len)
            std::abort();
        }
        break;
      }
    }
    (void)scena_text_size(text);
    scena_text_destroy(text);
  }

  /// Ends something that a host keeps, or tells more of it.
  void answer() {
    switch (bytes_.below(6)) {
      case 0:
        (void)scena_reply_text(replies_.any(bytes_), bytes_.text(), SCENA_NUL_TERMINATED);
        break;
      case 1:
        (void)scena_reply_tool_call(replies_.any(bytes_), nullptr, bytes_.text(), bytes_.text());
        break;
      case 2:
        scena_reply_fail(replies_.take(bytes_), static_cast<scena_status>(bytes_.below(40)),
                         bytes_.text());
        break;
      case 3:
        scena_tool_call_succeed(calls_.take(bytes_), bytes_.text(), SCENA_NUL_TERMINATED);
        break;
      case 4:
        scena_approval_refuse(approvals_.take(bytes_), bytes_.text());
        break;
      default:
        scena_filter_answer_rewrite(answers_.take(bytes_), bytes_.text(), SCENA_NUL_TERMINATED);
        break;
    }
  }

  void services() {
    scena_engine* const engine = engines_.any(bytes_);
    scena_pending* pending = nullptr;
    scena_text* text = nullptr;
    scena_error* error = nullptr;
    switch (bytes_.below(7)) {
      case 0:
        (void)scena_engine_costs(engine, bytes_.text(), &text, &error);
        break;
      case 1:
        (void)scena_engine_stats(engine, &text, &error);
        break;
      case 2:
        (void)scena_engine_set_providers(engine, bytes_.text(), &error);
        break;
      case 3:
        (void)scena_engine_embed(engine, nullptr, bytes_.text(), &pending, &error);
        break;
      case 4:
        (void)scena_engine_service_health(engine, &text, &error);
        break;
      case 5:
        (void)scena_engine_export(engine, scena_session_id(sessions_.any(bytes_)), "json", &text,
                                  &error);
        break;
      default:
        (void)scena_engine_complete(engine, bytes_.flip() ? "s" : "mine",
                                    R"({"messages":[{"role":"user","text":"Hello"}]})", nullptr,
                                    &pending, &error);
        if (bytes_.flip()) scena_pending_cancel(pending);
        break;
    }
    (void)scena_error_message(error);
    scena_error_destroy(error);
    scena_text_destroy(text);
    pendings_.put(pending);
  }

  void destroy_some(std::size_t kind) {
    const std::size_t which = bytes_.below(kMostHandles);
    switch (kind) {
      case 0:
        return engines_.drop(which);
      case 1:
        return sessions_.drop(which);
      case 2:
        return turns_.drop(which);
      case 3:
        return pendings_.drop(which);
      case 4:
        return events_.drop(which);
      case 5:
        return replies_.drop(which);
      case 6:
        return calls_.drop(which);
      case 7:
        return answers_.drop(which);
      default:
        return approvals_.drop(which);
    }
  }

  Bytes& bytes_;
  scena_extensions* extensions_ = nullptr;
  int hooks_ = 0;
  int destroyed_ = 0;
  int depth_ = 0;
  bool is_ending_ = false;
  Pool<scena_engine, scena_engine_destroy> engines_;
  Pool<scena_session, scena_session_destroy> sessions_;
  Pool<scena_turn, scena_turn_destroy> turns_;
  Pool<scena_pending, scena_pending_destroy> pendings_;
  Pool<scena_events, scena_events_destroy> events_;
  Pool<scena_reply, end_reply> replies_;
  Pool<scena_tool_call, end_call> calls_;
  Pool<scena_filter_answer, scena_filter_answer_pass> answers_;
  Pool<scena_approval, scena_approval_allow> approvals_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  World world(bytes);
  for (std::size_t calls = 0; calls < kMostCalls && !bytes.empty(); ++calls) world.step();
  return 0;
}
