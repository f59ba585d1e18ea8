// The tables of functions that a host gives, and what they do when they are called.
#include "capi/world.hpp"

#include <cstdlib>

struct World::Hooks {
  World& world;

  static World& of(void* self) { return *static_cast<World*>(self); }
  static void count_destroy(void* self) { ++of(self).destroyed_; }

  template <class Table>
  Table table() const {
    Table made{};
    made.struct_size = sizeof made;
    made.user_data = &world;
    made.destroy = &count_destroy;
    return made;
  }

  template <class Table>
  void add_hook(scena_status (*add)(scena_extensions*, const Table*, scena_error**),
                const Table& full) const {
    const Sized<Table> given(full, world.bytes_);
    if (add(world.extensions_, given.get(), nullptr) == SCENA_OK &&
        given.get()->struct_size >= sizeof(Table))
      ++world.hooks_;
  }

  // The functions that take a name, without it.
  template <class Table, auto Add>
  static scena_status named(scena_extensions* to, const Table* table, scena_error** error) {
    return Add(to, "mine", table, error);
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
  static void run(void* self, const char* json, scena_job_run* run) {
    World& world = of(self);
    if (!json || std::strlen(json) < 2) std::abort();
    world.inside();
    if (world.is_ending_ || world.bytes_.flip()) return scena_job_run_succeed(run, "done", 4);
    if (world.bytes_.flip()) return scena_job_run_give_up(run, "no");
    world.runs_.put(run);
  }
  static void deliver(void* self, const char* event, const char* job, scena_job_run* answer) {
    if (!event || std::strlen(event) < 2) std::abort();
    run(self, job, answer);
  }
  static void embed(void* self, const char*, scena_embedding* embedding) {
    World& world = of(self);
    world.inside();
    const float values[] = {1, 0.5F};
    if (world.is_ending_ || world.bytes_.flip())
      return scena_embedding_succeed(embedding, values, 1, world.bytes_.below(3), 1);
    world.embeddings_.put(embedding);
  }
  static scena_status find(void* self, const char*, scena_secret* secret) {
    (void)scena_secret_set(secret, "sk-0123456789", SCENA_NUL_TERMINATED);
    return static_cast<scena_status>(of(self).bytes_.below(4));
  }
  static std::int64_t count(void* self, const char* text, std::size_t size) {
    if (std::strlen(text) > size) std::abort();
    return static_cast<std::int64_t>(of(self).bytes_.next()) - 8;
  }

  void add_services() const {
    auto handler = table<scena_job_handler>();
    handler.run = &run;
    handler.parallel = static_cast<std::uint32_t>(world.bytes_.below(3));
    add_hook(&named<scena_job_handler, scena_extensions_add_job_handler>, handler);
    auto sink = table<scena_event_sink>();
    sink.deliver = &deliver;
    sink.max_waiting = world.bytes_.below(4);
    if (world.bytes_.flip())
      add_hook(&named<scena_event_sink, scena_extensions_add_event_sink>, sink);
    auto embedder = table<scena_embedder>();
    embedder.start = &embed;
    add_hook(&named<scena_embedder, scena_extensions_add_embedder>, embedder);
    auto secrets = table<scena_secret_source>();
    secrets.get = &find;
    add_hook(&scena_extensions_set_secret_source, secrets);
    auto counter = table<scena_token_counter>();
    counter.count = &count;
    add_hook(&named<scena_token_counter, scena_extensions_add_token_counter>, counter);
  }

  void add_hooks() const {
    auto provider = table<scena_provider>();
    provider.start = &start;
    add_hook(&named<scena_provider, scena_extensions_add_provider>, provider);
    auto tool = table<scena_tool>();
    tool.flags = SCENA_TOOL_EVERYWHERE | (world.bytes_.flip() ? SCENA_TOOL_NEEDS_APPROVAL : 0u);
    tool.name = "weather";
    tool.call = &call;
    add_hook(&scena_extensions_add_tool, tool);
    auto approval = table<scena_tool_approval>();
    approval.ask = &ask;
    add_hook(&scena_extensions_set_tool_approval, approval);
    auto filter = table<scena_filter>();
    filter.hold_back = world.bytes_.below(9);
    filter.check_input = &check;
    filter.check_output = &check;
    if (world.bytes_.flip()) add_hook(&scena_extensions_set_filter, filter);
    auto analyzer = table<scena_analyzer>();
    analyzer.name = "mine";
    analyzer.add = &add;
    analyzer.scores = &scores;
    add_hook(&scena_extensions_add_analyzer, analyzer);
    auto log = table<scena_log_sink>();
    log.write = &write;
    if (world.bytes_.flip()) return add_hook(&scena_extensions_set_log_sink, log);
    scena_logs* logs = nullptr;
    (void)scena_extensions_open_logs(world.extensions_, world.bytes_.below(4), 0, &logs, nullptr);
    world.logs_.put(logs);
  }
};

World::World(Bytes& bytes) : bytes_(bytes) {
  scena_extensions_create(&extensions_, nullptr);
  const Hooks hooks{*this};
  hooks.add_hooks();
  hooks.add_services();
}

World::~World() {
  // What is held is ended before, behind or between what it belongs to, as the bytes say.
  is_ending_ = true;
  for (int left = 8; left > 0; --left) destroy_some(bytes_.below(kKinds));
  replies_.clear();
  calls_.clear();
  answers_.clear();
  approvals_.clear();
  runs_.clear();
  embeddings_.clear();
  pendings_.clear();
  turns_.clear();
  events_.clear();
  sessions_.clear();
  engines_.clear();
  batches_.clear();
  scena_extensions_destroy(extensions_);
  logs_.clear();
  if (destroyed_ != hooks_) std::abort();  // every table is given back, once
}

void World::inside() {
  if (is_ending_ || depth_ > 0) return;
  ++depth_;
  scena_error* error = nullptr;
  switch (bytes_.below(13)) {
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
    case 6:  // a handle goes, whose engine may be the one that called
      destroy_some(bytes_.below(kKinds));
      break;
    case 7:
      command();
      break;
    case 8:
      read();
      break;
    case 9:
      make();
      break;
    case 10:
      (void)scena_engine_run_until_idle(engines_.any(bytes_), &error);
      break;
    case 11:
      answer();
      break;
    default:
      break;
  }
  scena_error_destroy(error);
  --depth_;
}

void World::step() {
  switch (bytes_.below(13)) {
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
    case 7:
      return jobs();
    case 8:
      return bytes_.below(8) == 0 ? batches() : services();
    case 9:
      return look_up();
    case 10:
      return change();
    case 11:
      return stand_alone();
    default:
      return destroy_some(bytes_.below(kKinds));
  }
}
