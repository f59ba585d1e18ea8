// kill_tools [ROUNDS [SEED]]: a child answers turns whose model asks for a tool with an effect, and
// tells of each step through a pipe; the parent kills it with SIGKILL at every step in turn (before
// the tool, while it runs, behind its answer, in the round that follows, behind the end) and in
// between. Then it opens the store as the next process would. Exits 0 when no finished message is
// lost, no tool was made twice or without standing in the log, every call and turn has one end in
// it, the model hears of what is unknown, and message, session and ledger agree on the cost.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <scena/engine.hpp>
#include <string>

#include "base/json.hpp"
#include "conformance/stage.hpp"
#include "support/temp_folder.hpp"

using namespace scena;

namespace {

enum class Step : std::int32_t { opened, asked, tool_begun, tool_answered, second_round, finished };
constexpr int kSteps = 6;
constexpr int kTurnsApart = 1'000;  // numbers of turns of one child

struct Report {
  Step step;
  std::int32_t turn;
};

[[noreturn]] void fail(const char* what, long number) {
  std::printf("%s: %ld\n", what, number);
  std::exit(1);
}

/// Tells of the child's steps, and stands still at the one where it is to be killed.
struct Reporter {
  int pipe = -1;
  int stop_turn = -1;
  Step stop_step = Step::opened;

  void operator()(Step step, int turn) const {
    if (pipe < 0) return;
    const Report report{step, turn};
    if (::write(pipe, &report, sizeof report) != sizeof report) ::_exit(5);
    while (turn == stop_turn && step == stop_step) ::pause();
  }
};

/// Asks for the tool with the number of the last message, and says so when it has the result.
class Booker final : public Provider {
 public:
  explicit Booker(Reporter report) : report_(report) {}

  std::string_view name() const noexcept override { return "booker"; }
  Result<std::string> request_body(const ReplyRequest& request) const override {
    std::string body;
    for (const auto& message : request.messages) body += message.text + "\n";
    return body;
  }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    const PromptMessage& last = request->messages.back();
    const bool again = last.role == PromptRole::tool;
    unknown = 0;
    for (const auto& message : request->messages)
      unknown += message.text.find("outcome of this call is unknown") != std::string::npos ? 1 : 0;
    const std::string number = last.text.substr(last.text.rfind(' ') + 1);
    report_(again ? Step::second_round : Step::asked, std::stoi(number));
    sink->on_start({"booker", "m", {}});
    if (again || std::stoi(number) < 0) {
      sink->on_text("done " + number);
    } else {
      const ToolCall call{"c" + number, "book", "{\"n\":" + number + "}"};
      sink->on_text("booking");
      sink->on_tool_start(0, call.id, call.name);
      sink->on_tool_end(0, call);
    }
    sink->on_usage({.input_tokens = 100, .output_tokens = 10});
    sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  }

  int unknown = 0;  // results in the last request that tell of an unknown outcome

 private:
  Reporter report_;
};

struct Opened {
  std::shared_ptr<Booker> model;
  Engine engine;
};

Opened open_engine(const std::string& url, Durability durability, const Reporter& report) {
  Config config;
  config.storage = url;
  config.durability = durability;
  config.provider = "model";
  config.prices["*"] = {.input = Money{3'000'000'000'000}, .output = Money{15'000'000'000'000}};
  Dependencies dependencies;
  auto model = std::make_shared<Booker>(report);
  dependencies.providers["model"] = model;
  dependencies.tools.push_back(
      make_tool({"book", "Books a room.",
                 R"({"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]})"},
                [report](const ToolRequest& request) -> std::string {
                  const int number = parse_json(request.arguments)->at("n").get<int>();
                  report(Step::tool_begun, number);
                  report(Step::tool_answered, number);
                  return "booked " + std::to_string(number);
                }));
  return {model, Engine::open(config, std::move(dependencies))};
}

[[noreturn]] void work_until_killed(const std::string& url, int round, const Reporter& report) {
  auto opened = open_engine(url, round % 2 == 0 ? Durability::power : Durability::process, report);
  Preset preset = conformance::two_in_a_room();
  preset.tools = {"book"};
  Session session = opened.engine.create_session(preset, {.id = "s" + std::to_string(round)});
  session.start().get();  // stored
  report(Step::opened, round * kTurnsApart);
  for (int turn = round * kTurnsApart;; ++turn) {
    const auto result = session.send_wait("Book room " + std::to_string(turn));
    if (result.outcome != Outcome::complete) ::_exit(6);
    report(Step::finished, turn);
  }
}

/// What the pipe told of one child.
struct Seen {
  bool opened = false;
  std::map<int, int> tools;  // times that a tool was begun, by turn
  int last_finished = -1;
  Step last = Step::opened;
};

Seen kill_after(int wanted, const Reporter& stop, pid_t child, int reports) {
  Seen seen;
  Report report{};
  int read = 0;
  while (::read(reports, &report, sizeof report) == static_cast<ssize_t>(sizeof report)) {
    seen.last = report.step;
    if (report.step == Step::opened) seen.opened = true;
    if (report.step == Step::tool_begun) ++seen.tools[report.turn];
    if (report.step == Step::finished) seen.last_finished = report.turn;
    const bool stands = report.turn == stop.stop_turn && report.step == stop.stop_step;
    if (++read == wanted || stands) ::kill(child, SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSIGNALED(status)) fail("the child ended by itself, status", WEXITSTATUS(status));
  return seen;
}

/// What the log of one session says.
struct Log {
  std::map<int, int> requested, finished;  // calls, by turn
  int started = 0, ended = 0, unknown = 0;
  Money settled, silent;  // of all calls; of those whose turn left no message
};

int turn_of(const Json& data) {
  return std::atoi(data.at("call").get<std::string>().c_str() + 1);
}

Log read_log(Engine& engine, Session& session) {
  Log log;
  Events events = session.events();
  Event event;
  Money last;  // settled in the same commit as the end of its turn, and before it
  for (engine.poll(); events.next(event); engine.poll()) {
    const auto data = parse_json(event.data);
    if (event.type == "turn.started") ++log.started;
    if (event.type == "turn.finished") {
      ++log.ended;
      if (!data->contains("message")) log.silent += last;
    }
    if (event.type == "tool.requested") ++log.requested[turn_of(*data)];
    if (event.type == "budget.settled") {
      last = Money::parse(data->at("cost").get<std::string>()).value();
      log.settled += last;
    }
    if (event.type != "tool.finished") continue;
    ++log.finished[turn_of(*data)];
    if (data->at("result").get<std::string>().find("is unknown") != std::string::npos)
      ++log.unknown;
  }
  return log;
}

/// Goes on with the session as the next process would, and looks at what it finds.
int compare(const std::string& url, int round, Seen& seen) {
  auto [model, engine] = open_engine(url, Durability::process, {});
  if (!seen.opened) return 0;  // the session may be there or not
  Session session = engine.session("s" + std::to_string(round));
  if (session.send_wait("Nothing to book: -1").text != "done -1")
    fail("the session did not go on after round", round);
  const Log log = read_log(engine, session);
  if (log.started != log.ended) fail("turns without one end, in round", round);
  if (log.requested != log.finished) fail("calls without one end, in round", round);
  for (const auto& [turn, times] : log.requested) {
    if (times != 1) fail("a call stands in the log twice, of turn", turn);
  }
  for (const auto& [turn, times] : seen.tools) {
    if (times != 1) fail("a tool was made twice in turn", turn);
    if (!log.requested.contains(turn)) fail("a tool was made that the log does not know", turn);
  }
  if (log.unknown > 1 || model->unknown != log.unknown)
    fail("the model was not told what is unknown, in round", round);
  int whole = round * kTurnsApart;
  Money told;
  for (const auto& message : session.messages(true)) {
    told += message.cost;
    if (message.text() == "booking\n\ndone " + std::to_string(whole)) ++whole;
  }
  if (whole <= seen.last_finished) fail("a finished message is lost: turn", whole);
  if (log.settled != session.info().cost) fail("log and session differ in cost, round", round);
  if (told + log.silent != log.settled) fail("messages and log differ in cost, round", round);
  const auto rows = engine.costs({.session = session.id()}, {});
  if (rows.size() != 1 || rows[0].cost != log.settled) fail("the ledger drifted, round", round);
  return log.unknown;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 14;
  std::minstd_rand random(argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1u);
  test::TempFolder folder;
  const auto url = "sqlite:" + folder.file("a.db");
  long tools = 0, unknown = 0;
  std::map<Step, int> killed;
  for (int round = 0; round < rounds; ++round) {
    int ends[2];
    if (::pipe(ends) != 0) return 2;
    // Every step is hit by intent; each second kill comes whenever it comes.
    Reporter report{ends[1], -1, static_cast<Step>(round / 2 % kSteps)};
    const bool aimed = round % 2 == 0;
    const int later = report.stop_step == Step::opened ? 0 : static_cast<int>(random() % 3);
    if (aimed) report.stop_turn = round * kTurnsApart + later;
    const int wanted = aimed ? -1 : 1 + static_cast<int>(random() % 30);
    const auto child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      work_until_killed(url, round, report);
    }
    ::close(ends[1]);
    Seen seen = kill_after(wanted, report, child, ends[0]);
    ::close(ends[0]);
    ++killed[seen.last];
    tools += static_cast<long>(seen.tools.size());
    unknown += compare(url, round, seen);
  }
  for (int step = 0; step < kSteps && rounds >= 2 * kSteps; ++step) {
    if (killed[static_cast<Step>(step)] == 0) fail("nothing was killed at step", step);
  }
  std::printf("{\"rounds\":%d,\"tools\":%ld,\"unknown\":%ld,\"lost\":0,\"twice\":0,\"drift\":0}\n",
              rounds, tools, unknown);
  return 0;
}
