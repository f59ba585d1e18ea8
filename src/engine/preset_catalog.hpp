#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <scena/engine.hpp>
#include <string>

#include "engine/shared_table.hpp"
#include "storage/storage_queue.hpp"

namespace scena::engine {

/// A preset as sessions keep it: the text, its hash, and the value made of it.
struct PresetSnapshot {
  std::string json;
  std::string sha256;
  Preset preset;
};

/// Stored presets of every tenant over the built-in ones, and the snapshots that sessions refer to.
/// Threading: any thread.
class PresetCatalog {
 public:
  using Source = std::function<std::shared_ptr<Storage>()>;

  explicit PresetCatalog(Source storage) : storage_(std::move(storage)) {}

  Result<std::shared_ptr<const PresetSnapshot>> find(const std::string& tenant,
                                                     const std::string& id);
  /// The snapshot that a session was created from; storage_corrupt when its blob is gone.
  Result<std::shared_ptr<const PresetSnapshot>> by_hash(const std::string& tenant,
                                                        const std::string& sha256);
  /// The snapshot of a preset that the host made, shared by all sessions that have the same.
  /// @return invalid_argument with every fault of it.
  Result<std::shared_ptr<const PresetSnapshot>> snapshot(const Preset& preset);
  /// Snapshots that no session holds are not kept any longer.
  void let_go();
  Result<std::vector<PresetInfo>> list(const std::string& tenant);
  /// The write that stores a preset; only_new: fails with conflict when it is stored already.
  static RecordWrite stored(const std::string& tenant, const Preset& preset, bool only_new);

 private:
  std::shared_ptr<const PresetSnapshot> known(const std::string& sha256);
  std::shared_ptr<const PresetSnapshot> remember(std::shared_ptr<const PresetSnapshot> snapshot);

  Source storage_;
  std::mutex mutex_;
  SharedTable<PresetSnapshot> by_hash_;
  std::map<std::string, std::shared_ptr<const PresetSnapshot>> builtin_;
};

}  // namespace scena::engine
