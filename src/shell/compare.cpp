#include <filesystem>
#include <set>

#include "shell/commands.hpp"
#include "shell/comparison.hpp"
#include "shell/files.hpp"
#include "shell/outputs.hpp"
#include "shell/reading.hpp"

namespace scena::shell {
namespace {

// What a page can show, and what is kept in memory for it.
constexpr std::size_t kMostSessions = 100'000;
constexpr std::size_t kSessionsAtOnce = 1'000;

std::string rows_of(const std::string& source) {
  std::error_code ignored;
  return std::filesystem::is_directory(source, ignored) ? source + "/rows.jsonl" : source;
}

// The sources, each once however it is written: rows that count twice would seem to be known
// better.
std::vector<std::string> different(const std::vector<std::string>& sources) {
  std::vector<std::string> found;
  std::set<std::filesystem::path> seen;
  for (const std::string& source : sources) {
    std::error_code failed;
    auto path = std::filesystem::canonical(rows_of(source), failed);
    if (seen.insert(failed ? std::filesystem::path(source) : std::move(path)).second)
      found.push_back(source);
  }
  return found;
}

// `apart`: the groups of this source stay apart from those of others.
void add_file(const std::string& source, bool apart, std::vector<BatchRow>& rows) {
  const std::string path = rows_of(source);
  auto found = rows_from_jsonl(read_file(path).value_or_throw());
  if (!found) throw Error(found.error().code(), path + ": " + found.error().what());
  for (BatchRow& row : *found) {
    if (apart) row.preset = source + ": " + row.preset;
    rows.push_back(std::move(row));
  }
}

void add_store(const Args& args, std::vector<BatchRow>& rows) {
  Engine engine = open_reader(args);
  SessionQuery query;
  query.limit = kSessionsAtOnce;
  do {
    const Page page = engine.sessions(query);
    for (const SessionInfo& info : page.sessions)
      rows.push_back(session_row(info, engine.session(info.id).messages()));
    query.after = page.next;
  } while (!query.after.empty() && rows.size() < kMostSessions);
}

}  // namespace

Exit compare_command(const Args& args, Console& console) {
  if (args.sources.empty()) check_output(args, "-o", args.file);
  std::vector<NamedFile> read;
  for (const std::string& source : args.sources)
    read.push_back({"what is compared", rows_of(source)});
  check_outputs({{"-o", args.file}}, read).value_or_throw();
  check_writable(args.file).value_or_throw();
  std::vector<BatchRow> rows;
  const auto sources = different(args.sources);
  for (const std::string& source : sources) add_file(source, sources.size() > 1, rows);
  if (args.sources.empty()) add_store(args, rows);
  if (rows.empty())
    throw Error::fixed(ErrorCode::not_found, "there is no session to compare; name others");
  write_file(args.file, render_comparison("", rows)).value_or_throw();
  console.line(std::to_string(rows.size()) + " sessions in " + args.file);
  return Exit::ok;
}

}  // namespace scena::shell
