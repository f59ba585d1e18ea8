#pragma once

#include <optional>
#include <scena/engine.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cases/case_folder.hpp"
#include "cases/case_reader.hpp"

namespace scena::cases {

/// Runs one case over the C++ API on the virtual clock. A line that does not hold throws
/// std::runtime_error with its number and what was seen.
class CaseRunner {
 public:
  explicit CaseRunner(Case read) : case_(std::move(read)) {}
  void run();
  /// After run(): what the case showed, a line each: the events that a viewer of the first session
  /// saw, what commands were refused with, the events of the other sessions.
  std::string record();

 private:
  void run_line(const CaseLine& line);
  void prepare(const CaseLine& line);
  void open();
  Session create(const SessionOptions& options);

  void act(std::string_view rest);
  bool act_on_engine(const std::string& verb, std::string_view rest);
  void list_sessions(std::string_view rest);
  void list_presets(std::string_view rest);
  bool act_on_presets(const std::string& verb, std::string_view rest);
  bool act_on_services(const std::string& verb, std::string_view rest);
  void batch(std::string_view rest);
  void act_on_session(const std::string& verb, std::string_view rest);
  void flood(std::string_view rest);
  void await(const Turn& turn);
  void begin(std::string_view text);
  void come_back(const std::string& type);
  Event see_until(const std::string& type);

  bool check(const CaseLine& line);
  void expect(std::string_view rest);
  void expect_delta(const std::string& text);
  bool may_skip(const Event& event, std::string_view wanted) const;
  void expect_event(const std::string& type, const std::string& word);
  void check_line(std::string_view rest);
  void check_view(std::string_view rest, bool visible);
  void see(const Event& event);
  void read_events();
  template <class Each>
  void drain(Events& view, Each&& each);

  Session& session() { return sessions_.back(); }
  std::string message_id(const std::string& name);

  Case case_;
  CaseFolder folder_;  // outlives the engine that has files in it
  Config config_;
  Dependencies dependencies_;
  std::string preset_;
  std::vector<std::string> replies_;
  std::string schedule_;
  SessionOptions options_;
  bool has_all_metrics_ = false;
  bool is_live_ = false;

  std::optional<Engine> engine_;
  std::vector<Session> sessions_;  // the forked one behind the one it came from
  std::optional<Events> events_;
  std::vector<Event> seen_;
  std::size_t next_ = 0;           // the first event that no `expect` has looked at
  bool in_text_ = false;           // the last thing expected was text
  std::string seen_lines_;         // of all that the viewer saw
  std::vector<std::string> told_;  // what commands were refused with, and analyses
  std::string exported_;
  std::string answer_;
  std::string error_;  // why the last reply or run failed or broke off
  bool is_closed_ = false;
  std::optional<Error> failure_;  // of the last `do`, until a `fails` takes it
};

}  // namespace scena::cases
