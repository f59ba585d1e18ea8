// kill_jobs [ROUNDS [SEED]]: a child does jobs over a SQLite store and reports each start and each
// stored result through a pipe; the parent kills it in mid-work with SIGKILL, again and again.
// Exits 0 when no job that was acknowledged is lost, none is started more than three times, and
// each ends with one result or as a dead letter.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <scena/engine.hpp>
#include <string>

#include "support/temp_folder.hpp"

using namespace scena;

namespace {

constexpr int kMaxStarts = 3;

struct Report {
  enum class What : std::int32_t { accepted, started } what;
  std::int32_t job;
};

[[noreturn]] void fail(const char* what, long number) {
  std::printf("%s: %ld\n", what, number);
  std::exit(1);
}

void tell(int pipe, Report::What what, int job) {
  const Report report{what, job};
  if (::write(pipe, &report, sizeof report) != sizeof report) ::_exit(5);
}

Engine open_engine(const std::string& url, std::shared_ptr<JobHandler> handler) {
  Config config;
  config.storage = url;
  config.provider = "script:";
  config.jobs.first_delay = std::chrono::milliseconds(1);
  config.jobs.longest_delay = std::chrono::milliseconds(5);
  Dependencies dependencies;
  dependencies.job_handlers["work"] = std::move(handler);
  return Engine::open(config, std::move(dependencies));
}

/// Every third job fails at its first attempt; the result tells the payload it had.
std::shared_ptr<JobHandler> worker(int pipe) {
  return make_job_handler([pipe](const Job& job) -> std::string {
    const int number = std::stoi(job.payload);
    tell(pipe, Report::What::started, number);
    if (number % 3 == 0 && job.attempts == 1) throw std::runtime_error("the first time fails");
    return "done " + job.payload;
  });
}

[[noreturn]] void work_until_killed(const std::string& url, int first, int pipe) {
  Engine engine = open_engine(url, worker(pipe));
  for (int number = first;; ++number) {
    JobOptions options;
    options.id = "j" + std::to_string(number);
    options.key = "k" + std::to_string(number % 5);
    engine.jobs().enqueue("work", std::to_string(number), options).get();
    tell(pipe, Report::What::accepted, number);
    engine.poll();
  }
}

struct Seen {
  std::map<int, int> starts;
  int accepted = -1;
};

void kill_after(int wanted, pid_t child, int reports, Seen& seen) {
  Report report{};
  int read = 0;
  while (::read(reports, &report, sizeof report) == static_cast<ssize_t>(sizeof report)) {
    if (report.what == Report::What::accepted) seen.accepted = std::max(seen.accepted, report.job);
    if (report.what == Report::What::started) ++seen.starts[report.job];
    if (++read == wanted) ::kill(child, SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSIGNALED(status)) fail("the worker ended by itself, status", WEXITSTATUS(status));
}

/// Does what is left, and looks at each job that was acknowledged.
void compare(const std::string& url, Seen& seen, long& dead) {
  Engine engine = open_engine(url, make_job_handler([&seen](const Job& job) {
                                ++seen.starts[std::stoi(job.payload)];
                                return "done " + job.payload;
                              }));
  const auto open = [&] {
    for (const auto& count : engine.jobs().counts()) {
      if (count.state == Job::State::waiting || count.state == Job::State::running) return true;
    }
    return false;
  };
  while (open()) {
    engine.poll();
    engine.run_until_idle();
  }
  for (int number = 0; number <= seen.accepted; ++number) {
    const Job job = engine.jobs().get("j" + std::to_string(number));
    if (job.state == Job::State::done) {
      if (job.result != "done " + std::to_string(number)) fail("a wrong result of job", number);
    } else if (job.state == Job::State::dead) {
      ++dead;
      if (job.attempts != kMaxStarts) fail("a dead job that was not tried often enough", number);
    } else {
      fail("a job that did not end", number);
    }
  }
  for (const auto& [number, starts] : seen.starts) {
    if (starts > kMaxStarts) fail("a job was started too often", number);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 10;
  std::minstd_rand random(argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1u);
  test::TempFolder folder;
  const auto url = "sqlite:" + folder.file("a.db");
  Seen seen;
  for (int round = 0; round < rounds; ++round) {
    int ends[2];
    if (::pipe(ends) != 0) return 2;
    const auto child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      // The last acknowledged one may be there already; then it is the first job again.
      work_until_killed(url, seen.accepted + 1, ends[1]);
    }
    ::close(ends[1]);
    kill_after(1 + static_cast<int>(random() % 60), child, ends[0], seen);
    ::close(ends[0]);
  }
  long dead = 0;
  compare(url, seen, dead);
  std::printf("{\"rounds\":%d,\"jobs\":%d,\"dead\":%ld,\"lost\":0,\"started_too_often\":0}\n",
              rounds, seen.accepted + 1, dead);
  return 0;
}
