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
  /// Makes folder and file, for their owner alone, where there are none, cuts a torn last line off
  /// and removes what a batch that was killed left half written.
  /// Errors: conflict while another batch has it; storage_corrupt; storage_failed, storage_full.
  static Result<Journal> open(const std::string& folder);
  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&&) = delete;
  ~Journal();

  const JournalContent& content() const noexcept { return content_; }
  /// Each is on the disk when it returns, or nothing of it is.
  Result<void> start(const std::string& key, Money reserved);
  Result<void> lose(const std::string& key, Money cost);
  Result<void> finish(const BatchRow& row);

 private:
  Journal(int file, JournalContent content) noexcept : file_(file), content_(std::move(content)) {}
  Result<void> append(std::string line);

  int file_ = -1;
  JournalContent content_;
  std::size_t whole_bytes_ = 0;  // behind the last whole line
  bool is_torn_ = false;         // half a line stands there, which could not be cut off
};

/// Makes a folder and those above it, for their owner alone, where there are none.
Result<void> make_private_folder(const std::string& path);

/// Puts a whole file, its owner's alone to read, on the disk under its name, or leaves the one that
/// was there.
Result<void> write_whole_file(const std::string& path, std::string_view content);

}  // namespace scena::engine
