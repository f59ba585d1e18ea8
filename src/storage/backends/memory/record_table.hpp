#pragma once

#include <map>
#include <scena/ext/storage.hpp>

#include "storage/backends/memory/undo.hpp"

namespace scena::memory {

/// Documents by tenant, kind and id, with versions.
class RecordTable {
 public:
  /// Applies one write, or refuses it with a conflict; the way back goes into `undo`.
  Result<void> write(const RecordWrite& write, Undo& undo);
  std::optional<Record> get(const RecordKey& key) const;
  std::vector<Record> list(const RecordQuery& query) const;

 private:
  struct Document {
    std::uint64_t version = 0;
    std::string json;
    std::vector<std::pair<std::string, std::string>> index;
  };
  using Documents = std::map<std::string, Document, std::less<>>;

  static void erase(Documents& documents, Documents::iterator at, Undo& undo);
  template <class Visit>
  static void list_by_field(const Documents& documents, const RecordQuery& query,
                            const Visit& visit);
  const Documents* find(const std::string& tenant, const std::string& kind) const;

  std::map<std::pair<std::string, std::string>, Documents> kinds_;
};

}  // namespace scena::memory
