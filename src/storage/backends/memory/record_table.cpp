#include "storage/backends/memory/record_table.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/batch_check.hpp"

namespace scena::memory {

Result<void> RecordTable::write(const RecordWrite& write, Undo& undo) {
  auto& documents = kinds_[{write.key.tenant, write.key.kind}];
  const auto at = documents.find(write.key.id);
  const bool exists = at != documents.end();
  const auto version = exists ? at->second.version : 0;
  if (write.expected_version && *write.expected_version != version)
    return stale_record(write, version);
  if (write.erase) {
    if (exists) erase(documents, at, undo);
    return {};
  }
  if (write.if_present && !exists) return {};
  Document fresh{version + 1, write.json, write.index};
  if (!exists) {
    undo.add([&documents, id = write.key.id] { documents.erase(id); });
    documents.emplace(write.key.id, std::move(fresh));
    return {};
  }
  auto held = std::make_shared<Document>(std::move(fresh));
  auto* document = &at->second;
  std::swap(*document, *held);
  try {
    undo.add([document, held] { std::swap(*document, *held); });
  } catch (...) {
    std::swap(*document, *held);
    throw;
  }
  return {};
}

void RecordTable::erase(Documents& documents, Documents::iterator at, Undo& undo) {
  auto held = std::make_shared<Documents::node_type>();
  undo.add([&documents, held] {
    if (!held->empty()) documents.insert(std::move(*held));
  });
  *held = documents.extract(at);
}

const RecordTable::Documents* RecordTable::find(const std::string& tenant,
                                                const std::string& kind) const {
  const auto found = kinds_.find({tenant, kind});
  return found == kinds_.end() ? nullptr : &found->second;
}

// The documents that have the field, in its order, until `visit` has enough.
template <class Visit>
void RecordTable::list_by_field(const Documents& documents, const RecordQuery& query,
                                const Visit& visit) {
  using Place = std::pair<std::string_view, std::string_view>;  // value and id
  std::vector<std::pair<Place, const Documents::value_type*>> places;
  const Place after{query.after_value, query.after_id};
  for (const auto& entry : documents) {
    const auto& index = entry.second.index;
    const auto field = std::find_if(index.begin(), index.end(),
                                    [&](const auto& pair) { return pair.first == query.order_by; });
    if (field == index.end()) continue;
    const Place place{field->second, entry.first};
    const bool behind = query.newest_first ? place < after : after < place;
    if (query.after_id.empty() || behind) places.emplace_back(place, &entry);
  }
  std::sort(places.begin(), places.end());
  if (query.newest_first) std::reverse(places.begin(), places.end());
  for (const auto& place : places) {
    if (!visit(*place.second)) return;
  }
}

std::optional<Record> RecordTable::get(const RecordKey& key) const {
  const auto* documents = find(key.tenant, key.kind);
  if (!documents) return std::nullopt;
  const auto found = documents->find(key.id);
  if (found == documents->end()) return std::nullopt;
  return Record{key, found->second.version, found->second.json, found->second.index};
}

std::vector<Record> RecordTable::list(const RecordQuery& query) const {
  std::vector<Record> page;
  const auto* documents = find(query.tenant, query.kind);
  if (!documents) return page;
  auto visit = [&](const auto& entry) {
    const auto& [id, document] = entry;
    const auto& index = document.index;
    if (!query.where || std::find(index.begin(), index.end(), *query.where) != index.end()) {
      page.push_back({{query.tenant, query.kind, id}, document.version, document.json, index});
    }
    return page.size() < query.limit;
  };
  if (query.limit == 0) return page;
  if (!query.order_by.empty()) {
    list_by_field(*documents, query, visit);
  } else if (query.newest_first) {
    auto at = query.after_id.empty() ? documents->end() : documents->lower_bound(query.after_id);
    while (at != documents->begin() && visit(*--at)) {
    }
  } else {
    auto at = query.after_id.empty() ? documents->begin() : documents->upper_bound(query.after_id);
    for (; at != documents->end() && visit(*at); ++at) {
    }
  }
  return page;
}

}  // namespace scena::memory
