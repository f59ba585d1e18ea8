#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <scena/event.hpp>
#include <scena/result.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scena {

/// What an acknowledgement survives.
enum class Durability {
  power,    ///< A power cut: a sync lies between arrival and acknowledgement, one sync a group.
  process,  ///< The process's end by kill -9, not a power cut.
};

/// Durable events to add at the end of one stream. Their `seq` must be expected_seq + 1, + 2, ...,
/// their `stream` this one.
struct Append {
  std::string tenant;              ///< Whose stream it is.
  std::string stream;              ///< e.g. "session:<id>".
  std::uint64_t expected_seq = 0;  ///< The last seq the writer knows; another is a conflict.
  /// The writer's epoch of the lease lease_name(tenant, stream); an older one than the lease's is a
  /// conflict. 0: no lease used.
  std::uint64_t lease_epoch = 0;
  std::vector<Event> events;  ///< In order, without holes.
};

/// Names one document.
struct RecordKey {
  std::string tenant;  ///< Whose document it is.
  std::string kind;    ///< "session", "preset", "command", ...
  std::string id;      ///< Unique within tenant and kind.
  bool operator==(const RecordKey&) const = default;
  auto operator<=>(const RecordKey&) const = default;
};

/// A typed JSON document with a version that counts its writes from 1.
struct Record {
  RecordKey key;                                           ///< Its name.
  std::uint64_t version = 0;                               ///< 1 for the first write.
  std::string json;                                        ///< The document.
  std::vector<std::pair<std::string, std::string>> index;  ///< Searchable fields, at most 8.
  bool operator==(const Record&) const = default;
};

/// One change of a document. A version other than the expected one is a conflict.
struct RecordWrite {
  RecordKey key;                                  ///< The document's name.
  std::optional<std::uint64_t> expected_version;  ///< 0: must not exist yet; absent: any.
  std::string json;                               ///< The new document; ignored when erasing.
  std::vector<std::pair<std::string, std::string>> index;  ///< As Record::index.
  bool erase = false;                                      ///< Removes the document.
  bool if_present = false;  ///< Where the document does not exist, nothing is written: no conflict.
};

/// A page of documents of one kind, ordered by id, or by an index field and then by id.
struct RecordQuery {
  std::string tenant;                                        ///< Whose documents.
  std::string kind;                                          ///< Of which kind.
  std::string after_id;                                      ///< Exclusive; empty: from the start.
  std::size_t limit = 100;                                   ///< Documents in a page.
  std::optional<std::pair<std::string, std::string>> where;  ///< One index field and its value.
  bool newest_first = false;                                 ///< Descending order.
  /// An index field: its values, compared as bytes, are the order; documents without it are none.
  std::string order_by;
  std::string after_value;  ///< With `order_by`: the value that belongs to `after_id`.
};

/// A blob, named by the lower-case hex SHA-256 of its bytes.
struct BlobWrite {
  std::string tenant;      ///< Whose blob it is.
  std::string sha256;      ///< Its name.
  std::string media_type;  ///< e.g. "image/png".
  std::string bytes;       ///< The blob itself.
};

/// Erases every event of a stream, and its name: it is as if it had never been. For what is read by
/// another stream (a fork), the caller erases that one as well.
struct StreamErase {
  std::string tenant;  ///< Whose stream it is.
  std::string stream;  ///< Its name; one that is not there is left at that.
};

/// Erases a blob. Nobody counts who names one: the caller knows that nothing left needs it.
struct BlobErase {
  std::string tenant;  ///< Whose blob it is.
  std::string sha256;  ///< Its name; one that is not there is left at that.
};

/// One change of a job: work to be done later, at least once, started at most max_attempts times.
///
/// `finish` and `fail` end the attempt of one claim; when the job does not run under that claim any
/// more (cancelled, done, claimed again) they are a conflict. A failed job waits again until
/// `run_after`, or is dead when its attempts are used up. Cancelling a job that has ended does
/// nothing. `requeue` makes a dead, cancelled or dropped job wait again with all its attempts; of
/// another job it is a conflict. An unknown id is not_found, for `erase` it is nothing.
struct JobWrite {
  /// enqueue makes a job; finish and fail end an attempt; the others change the job as a whole.
  /// erase_stream erases every job of `stream`, in any state.
  enum class Op { enqueue, finish, fail, cancel, requeue, erase, erase_stream };
  Op op = Op::enqueue;   ///< What to do.
  std::string tenant;    ///< Whose job it is.
  std::string kind;      ///< What JobClaim asks for.
  std::string id;        ///< Unique per tenant; a second enqueue of the same id does nothing.
  std::string payload;   ///< JSON; for finish: the result; for fail: the reason.
  int priority = 0;      ///< Higher first.
  WallTime run_after{};  ///< Not claimed before. For enqueue, fail and requeue.
  int max_attempts = 3;  ///< Starts before it is dead.
  /// Jobs of equal tenant, kind and key run one after the other, in the order of enqueue: a later
  /// one waits until the earlier ones have ended. Empty: in no order.
  std::string key;
  std::string stream;   ///< What it belongs to ("session:<id>"), for erase_stream; may be empty.
  bool fresh = false;   ///< enqueue: a taken id is already_exists.
  bool single = false;  ///< enqueue: does nothing while a job of its kind and key is open.
  std::size_t max_open = 0;  ///< enqueue: open (waiting or running) jobs of its tenant and kind; 0:
                             ///< no bound. Over it the batch is refused, overloaded.
  bool drop_oldest = false;  ///< Over max_open the oldest waiting one is dropped instead.
  bool final = false;        ///< fail: dead at once, whatever attempts are left.
  std::uint64_t claim = 0;   ///< finish and fail: the Job::claim that they end.
  WallTime now{};            ///< When: becomes Job::changed.
};

/// A job as it stands in the store.
struct Job {
  /// `dead`: it failed for good. `dropped`: it gave way to a newer one in a full queue. Both are
  /// dead letters, which can be listed and requeued.
  enum class State { waiting, running, done, cancelled, dead, dropped };
  std::string tenant;            ///< Whose job it is.
  std::string kind;              ///< What JobClaim asks for.
  std::string id;                ///< Unique per tenant.
  State state = State::waiting;  ///< Where it stands.
  std::string payload;           ///< As it was enqueued: JSON, or a host's own text.
  std::string result;            ///< Of finish; or the reason of the last fail.
  int priority = 0;              ///< Higher first.
  int attempts = 0;              ///< Times it was claimed since it was enqueued or requeued.
  int max_attempts = 3;          ///< Starts before it is dead.
  WallTime run_after{};          ///< Not claimed before.
  std::string key;               ///< As JobWrite::key.
  std::string stream;            ///< As JobWrite::stream.
  std::uint64_t number = 0;      ///< Its place in the order of enqueue.
  std::uint64_t claim = 0;       ///< Counts its claims for ever: names one against later ones.
  std::string owner;             ///< Who claimed it last.
  WallTime claimed_until{};      ///< From then on reclaim_jobs() may take it away.
  WallTime changed{};            ///< When its state changed last.
  bool operator==(const Job&) const = default;
};

/// The state's name as it stands in rows and JSON, e.g. "waiting". Never null.
const char* to_string(Job::State state) noexcept;
/// The state of that name; nothing for any other word.
std::optional<Job::State> parse_job_state(std::string_view name) noexcept;

/// Asks for the next job of one kind.
struct JobClaim {
  std::string kind;   ///< Of all tenants.
  std::string owner;  ///< An engine's own name.
  WallTime now{};     ///< Jobs whose run_after is later are left; see Storage::claim_job().
  WallTime until{};   ///< How long the claim holds.
};

/// A page of jobs in the order of enqueue.
struct JobQuery {
  std::string tenant;               ///< Whose jobs.
  std::string kind;                 ///< Empty: of every kind.
  std::optional<Job::State> state;  ///< Empty: in every state.
  std::string key;                  ///< Empty: of every key.
  std::uint64_t after = 0;          ///< Job::number of the last one seen.
  std::size_t limit = 100;          ///< Jobs in a page.
};

/// How many jobs of a kind are in a state.
struct JobCount {
  std::string kind;                        ///< Of this kind.
  Job::State state = Job::State::waiting;  ///< In this state.
  std::size_t count = 0;                   ///< So many.
  bool operator==(const JobCount&) const = default;
};

/// The right to own a name (a session) for a time. Each new owner has a higher epoch.
struct Lease {
  std::string name;         ///< See lease_name().
  std::string owner;        ///< Who holds it: an engine's own name.
  std::uint64_t epoch = 0;  ///< Higher for each new owner, from 1.
  WallTime expires{};       ///< Anybody may take it from then on.
};

/// The name of the lease that guards a stream.
inline std::string lease_name(std::string_view tenant, std::string_view stream) {
  return std::string(tenant) + '/' + std::string(stream);
}

/// What is committed together: all of it or nothing.
struct Batch {
  std::vector<Append> appends;           ///< Events.
  std::vector<RecordWrite> records;      ///< Documents.
  std::vector<BlobWrite> blobs;          ///< Blobs; one that is there already is left as it is.
  std::vector<JobWrite> jobs;            ///< Changes of jobs.
  std::vector<StreamErase> erasures;     ///< Streams that go, behind all of the above.
  std::vector<BlobErase> blob_erasures;  ///< Blobs that go, also behind all of the above.
};

/// What a store is and can do, for `capabilities()` and doctor.
struct StorageInfo {
  std::string backend;     ///< "memory", "sqlite", ...
  std::string location;    ///< File or address without secrets.
  int schema_version = 0;  ///< Of the store's own tables; 0: it has none.
  bool durable = false;    ///< Something is left when the process ends.
  bool read_only = false;  ///< Every commit is refused.
};

/// A set of stores that share a transaction: events, records, jobs, leases, blobs.
///
/// Threading: commit(), the job and lease calls come from one thread at a time (the engine's
/// storage thread, or poll); reads may come from any thread beside them and see only committed
/// data.
class Storage {
 public:
  virtual ~Storage() = default;

  /// What it is; does not fail.
  virtual StorageInfo info() const = 0;

  /// Commits a group with one transaction and one sync. Each batch is all or nothing by itself: a
  /// batch that conflicts gets its error and leaves the others alone. A failure of the store itself
  /// (full disk, I/O error) fails every batch, and nothing of the group is kept.
  virtual std::vector<Result<void>> commit(std::span<const Batch> group) = 0;

  /// Events of a stream after `after_seq`, in order, at most `limit`.
  virtual Result<std::vector<Event>> read_events(std::string_view tenant, std::string_view stream,
                                                 std::uint64_t after_seq, std::size_t limit) = 0;
  /// The last seq of a stream; 0 when there is none.
  virtual Result<std::uint64_t> last_seq(std::string_view tenant, std::string_view stream) = 0;
  /// Names of all streams of a tenant in order, after `after`, at most `limit`.
  virtual Result<std::vector<std::string>> streams(std::string_view tenant, std::string_view after,
                                                   std::size_t limit) = 0;

  /// One document; nothing when there is none.
  virtual Result<std::optional<Record>> get(const RecordKey& key) = 0;
  /// A page of documents.
  virtual Result<std::vector<Record>> list(const RecordQuery& query) = 0;

  /// The bytes of a blob; nothing when there is none.
  virtual Result<std::optional<std::string>> blob(std::string_view tenant,
                                                  std::string_view sha256) = 0;

  /// Claims the waiting job of this kind with the highest priority whose time has come, the oldest
  /// of equals, and counts the attempt; nothing when there is none. Jobs whose key has an earlier
  /// open job, or a running one, are passed over. A clock that was set back holds up neither a job
  /// that was due when its state changed last (run_after is not after `changed`) nor one that was
  /// tried already and whose `changed` lies more than a second ahead.
  virtual Result<std::optional<Job>> claim_job(const JobClaim& claim) = 0;
  /// Takes running jobs back whose claim ends at `expired_by` or before, because their worker died:
  /// they wait again, or are dead when their attempts are used up, with `reason` as their result.
  /// An engine that has the store for itself calls it at open with WallTime::max(). Jobs whose
  /// Job::number is among `spared` are left: their worker lives, whatever the clock says.
  virtual Result<std::size_t> reclaim_jobs(WallTime expired_by, WallTime now,
                                           std::string_view reason,
                                           std::span<const std::uint64_t> spared = {}) = 0;
  /// The earliest run_after, later than `now`, of the waiting jobs of a kind; nothing without one.
  virtual Result<std::optional<WallTime>> next_job_time(std::string_view kind, WallTime now) = 0;
  /// Erases jobs that ended: done or cancelled before `done_before`, dead or dropped before
  /// `dead_before`. Returns how many.
  virtual Result<std::size_t> purge_jobs(WallTime done_before, WallTime dead_before) = 0;
  /// One job; nothing when there is none.
  virtual Result<std::optional<Job>> job(std::string_view tenant, std::string_view id) = 0;
  /// A page of jobs.
  virtual Result<std::vector<Job>> jobs(const JobQuery& query) = 0;
  /// How many jobs of a tenant are in which state, by kind and state; none for what has none.
  virtual Result<std::vector<JobCount>> count_jobs(std::string_view tenant) = 0;

  /// Takes or renews a lease until now + length; conflict while another owner holds it. Renewing
  /// keeps the epoch; every other acquisition gives a higher one, also after a release.
  virtual Result<Lease> acquire_lease(std::string_view name, std::string_view owner, WallTime now,
                                      Duration length) = 0;
  /// Gives a lease back; does nothing when it has passed to another owner or epoch.
  virtual Result<void> release_lease(const Lease& lease) = 0;

  /// Overwrites or gives up whatever still holds the bytes of what was erased or replaced, so that
  /// nobody who reads the files finds them; may take time and space as for a copy of the store.
  /// Called like commit(). A store that keeps no such bytes has nothing to do.
  virtual Result<void> scrub() { return {}; }
  /// Writes a consistent copy to `path` while the engine runs; any thread. An existing file is
  /// never overwritten (already_exists); unsupported where there is no file.
  virtual Result<void> backup(const std::string& path) = 0;
  /// Checks the store's own structure; any thread. What Engine::check_storage() and `scena doctor`
  /// ask.
  virtual Result<void> check() = 0;
};

}  // namespace scena
