#pragma once

#include <map>
#include <scena/batch_row.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena::engine {

/// What a journal says of earlier tries of a batch.
struct JournalContent {
  std::map<std::string, BatchRow> rows;  ///< By key; of two the later.
  /// Money of sessions that have no row: told when they were given up, else what was reserved.
  Money lost;
  std::size_t whole_bytes = 0;  ///< Behind the last whole line: what follows was torn.
};

/// Reads a journal: a JSON object a line, {"start", "reserved"}, {"lost", "cost"} or {"row"}.
/// A last line without its end is what a crash leaves. Error storage_corrupt names any other line.
Result<JournalContent> read_journal(std::string_view text);

/// The append-only file that a batch resumes from. One process at a time has it open.
class Journal {
 public:
  /// Makes folder and file where there are none, and cuts a torn last line off.
  /// Errors: conflict while another batch has it; storage_corrupt; storage_failed, storage_full.
  static Result<Journal> open(const std::string& folder);
  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&&) = delete;
  ~Journal();

  const JournalContent& content() const noexcept { return content_; }
  /// Each is on the disk when it returns.
  Result<void> start(const std::string& key, Money reserved);
  Result<void> lose(const std::string& key, Money cost);
  Result<void> finish(const BatchRow& row);

 private:
  Journal(int file, JournalContent content) noexcept : file_(file), content_(std::move(content)) {}
  Result<void> append(std::string line);

  int file_ = -1;
  JournalContent content_;
};

/// Puts a whole file on the disk under its name, or leaves the one that was there.
Result<void> write_whole_file(const std::string& path, std::string_view content);

}  // namespace scena::engine
