// A host that does with an engine whatever the bytes say.
#pragma once

#include "capi/parts.hpp"

inline void end_reply(scena_reply* reply) {
  scena_reply_finish(reply, nullptr);
}
inline void end_call(scena_tool_call* call) {
  scena_tool_call_fail(call, nullptr);
}
inline void end_run(scena_job_run* run) {
  scena_job_run_fail(run, nullptr);
}
inline void end_embedding(scena_embedding* embedding) {
  scena_embedding_fail(embedding, SCENA_CANCELLED, nullptr);
}

class World {
 public:
  explicit World(Bytes& bytes);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  void step();

 private:
  struct Hooks;  // the functions of the tables, and how they are given

  // world_calls.cpp
  void make();
  void send();
  void command();
  void drive();
  void read();
  // world_services.cpp
  void answer();
  void services();
  void jobs();
  void batches();
  void destroy_some(std::size_t kind);
  // world_stores.cpp
  void look_up();
  void change();
  void stand_alone();
  /// Whether an error says what it should; destroys it.
  static void look_at(scena_error* error);

  /// What comes inside a callback: a few calls, allowed there or refused, never harmful.
  void inside();

  static constexpr std::size_t kKinds = 13;  // of handles, for destroy_some()

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
  Pool<scena_job_run, end_run> runs_;
  Pool<scena_embedding, end_embedding> embeddings_;
  Pool<scena_logs, scena_logs_destroy> logs_;
  Pool<scena_batch, scena_batch_destroy> batches_;
};
