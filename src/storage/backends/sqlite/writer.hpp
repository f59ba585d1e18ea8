#pragma once

#include <optional>
#include <scena/ext/storage.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/backends/sqlite/connection.hpp"

namespace scena::sqlite {

/// Commits groups of batches: one transaction and one sync a group, a savepoint for each batch that
/// could fail half-way. Knows the last seq of the streams it wrote, so that an append costs one
/// insert. Threading: one thread at a time.
class Writer {
 public:
  Writer(Connection& connection, std::string file);

  std::vector<Result<void>> commit(std::span<const Batch> group);

 private:
  struct Stream {
    std::int64_t id = 0;  // 0: not in the file yet
    std::uint64_t last_seq = 0;
  };
  /// One change that the current transaction makes and that nothing else could have made: whether
  /// it is there tells if a COMMIT whose answer was lost took place.
  struct Witness {
    enum class Kind { none, event, record, blob, job };
    Kind kind = Kind::none;
    std::string tenant, name, id;
    std::int64_t number = 0;
  };

  Result<void> apply(const Batch& batch);
  Result<void> apply_all(const Batch& batch);
  Result<void> apply(const Append& append);
  Result<void> apply(const RecordWrite& write);
  Result<void> apply(const JobWrite& write);
  Result<void> enqueue(const JobWrite& write);
  Result<void> make_room(const JobWrite& write);
  void apply(const StreamErase& erase);
  void apply(const BlobWrite& write);
  void apply(const BlobErase& erase);
  void insert(std::int64_t stream, const Event& event);
  void write_index(const RecordWrite& write, bool exists);
  Stream& stream(const std::string& tenant, const std::string& name);
  void run_savepoint(const char* sql);
  void abandon() noexcept;
  bool is_committed(const Error& failure);
  bool find_witness();

  Connection& connection_;
  std::string file_;
  SQLite::Statement insert_event_;
  std::unordered_map<std::string, Stream> streams_;
  std::string key_;  // "tenant NUL stream", reused
  Witness witness_;
};

}  // namespace scena::sqlite
