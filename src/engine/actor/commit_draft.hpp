#pragma once

#include <optional>
#include <scena/ext/storage.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "domain/session_model.hpp"
#include "engine/money/ledger.hpp"

namespace scena::engine {

/// The events of one commit in the making: numbers them, stamps them, and turns them into a batch
/// together with the session's projection. Plain: no clock, no storage.
class CommitDraft {
 public:
  /// `after` is the last committed event of the stream.
  CommitDraft(std::string tenant, std::string session, std::uint64_t after, WallTime now,
              std::string cause);

  /// Adds a durable event; `data` is a JSON object, and `value` what it says, where the caller has
  /// it: then the commit need not parse it again.
  void add(std::string_view type, std::string_view actor, std::string data, Audience audience = {},
           EventValue value = {});
  void add_message(Message message);
  void add_scores(std::string_view message, std::vector<MetricScore> scores);
  /// The record of a command's first result, a JSON object; the session's info joins it when it is
  /// known.
  void remember(RecordWrite record) { remembered_ = std::move(record); }
  void add_record(RecordWrite record) { batch_.records.push_back(std::move(record)); }
  void add_blob(BlobWrite blob) { batch_.blobs.push_back(std::move(blob)); }
  /// A job that is there when the events are: see engine/jobs/README.md.
  void add_job(JobWrite job) { batch_.jobs.push_back(std::move(job)); }
  /// Rows of the ledger as this commit leaves them.
  LedgerRows& ledger() noexcept { return ledger_; }
  /// The commit cannot be made whole: take_events() gives this error. The first one counts.
  void fail(const Error& error) {
    if (!failure_) failure_ = error;
  }

  /// Events of that type so far.
  std::size_t count_of(std::string_view type) const noexcept;
  bool empty() const noexcept { return events_.empty(); }
  std::uint64_t last_seq() const noexcept { return after_ + events_.size(); }
  WallTime time() const noexcept { return now_; }
  const std::string& tenant() const noexcept { return tenant_; }
  const std::string& session() const noexcept { return session_; }
  const std::string& cause() const noexcept { return cause_; }

  /// Parses the events once; the drafted ones are moved out.
  Result<std::vector<ParsedEvent>> take_events();
  /// The batch for `events`, with the session's record as `facts` will be.
  Batch take_batch(const std::vector<ParsedEvent>& events, const SessionFacts& facts);

 private:
  std::string tenant_;
  std::string session_;
  std::string stream_;
  std::uint64_t after_;
  WallTime now_;
  std::string cause_;
  std::vector<ParsedEvent> events_;  // those without values are parsed by take_events()
  Batch batch_;
  std::optional<RecordWrite> remembered_;
  LedgerRows ledger_;
  std::optional<Error> failure_;
};

/// A session's index field "created", by which lists are ordered: microseconds of 20 digits.
std::string created_field(WallTime created);

/// A session's index field of the preset's hash: tells who else needs the text.
inline constexpr std::string_view kPresetField = "preset_sha256";

/// The stored projection of a session: what lists show.
RecordWrite session_record(const std::string& tenant, const SessionFacts& facts);

std::string session_stream(std::string_view session);

}  // namespace scena::engine
