#include "engine/preset_catalog.hpp"

#include "base/sha256.hpp"
#include "base/suggest.hpp"

namespace scena::engine {
namespace {

Error unknown_preset(const std::string& id) {
  std::string names;
  std::vector<std::string_view> ids;
  for (const auto& preset : builtin_presets()) {
    names += (names.empty() ? "" : ", ") + preset.id;
    ids.push_back(preset.id);
  }
  const std::string_view meant = closest(id, ids);
  const std::string hint =
      meant.empty() ? "" : "did you mean \"" + std::string(meant) + "\"? Else ";
  return Error(ErrorCode::not_found, "preset: there is no \"" + id + "\"; " + hint +
                                         "list them with presets(), built in are " + names);
}

}  // namespace

// A thousand sessions of one preset check it once.
Result<std::shared_ptr<const PresetSnapshot>> PresetCatalog::snapshot(const Preset& preset) {
  std::string json = preset.to_json();
  std::string sha256 = sha256_hex(json);
  if (auto same = known(sha256)) return same;
  auto checked = Preset::from_json(json);
  if (!checked) return checked.error();
  return remember(std::make_shared<PresetSnapshot>(
      PresetSnapshot{std::move(json), std::move(sha256), std::move(*checked)}));
}

std::shared_ptr<const PresetSnapshot> PresetCatalog::known(const std::string& sha256) {
  std::lock_guard lock(mutex_);
  return by_hash_.find(sha256);
}

std::shared_ptr<const PresetSnapshot> PresetCatalog::remember(
    std::shared_ptr<const PresetSnapshot> snapshot) {
  std::lock_guard lock(mutex_);
  const std::string key = snapshot->sha256;
  return by_hash_.insert(key, std::move(snapshot));
}

Result<std::shared_ptr<const PresetSnapshot>> PresetCatalog::find(const std::string& tenant,
                                                                  const std::string& id) {
  auto record = storage_()->get({tenant, "preset", id});
  if (!record) return record.error();
  if (*record) {
    if (auto same = known(sha256_hex((*record)->json))) return same;
    auto preset = Preset::from_json((*record)->json);
    if (!preset) return preset.error();
    return snapshot(*preset);
  }
  const Preset* builtin = find_builtin_preset(id);
  if (!builtin) return unknown_preset(id);
  std::lock_guard lock(mutex_);
  auto& kept = builtin_[id];
  if (!kept) {
    auto made = std::make_shared<PresetSnapshot>();
    made->json = builtin->to_json();
    made->sha256 = sha256_hex(made->json);
    made->preset = *builtin;
    kept = std::move(made);
    by_hash_.insert(kept->sha256, kept);
  }
  return kept;
}

Result<std::shared_ptr<const PresetSnapshot>> PresetCatalog::by_hash(const std::string& tenant,
                                                                     const std::string& sha256) {
  if (auto snapshot = known(sha256)) return snapshot;
  auto bytes = storage_()->blob(tenant, sha256);
  if (!bytes) return bytes.error();
  if (!*bytes) {
    return Error::fixed(ErrorCode::storage_corrupt,
                        "the preset snapshot of a session is missing; restore a backup");
  }
  auto preset = Preset::from_json(**bytes);
  if (!preset) return preset.error();
  auto snapshot = std::make_shared<PresetSnapshot>();
  snapshot->json = std::move(**bytes);
  snapshot->sha256 = sha256;
  snapshot->preset = std::move(*preset);
  return remember(std::move(snapshot));
}

void PresetCatalog::let_go() {
  std::lock_guard lock(mutex_);
  by_hash_.let_go();
}

Result<std::vector<PresetInfo>> PresetCatalog::list(const std::string& tenant) {
  std::map<std::string, PresetInfo> found;
  const auto add = [&found](const Preset& preset, bool builtin) {
    found[preset.id] = {preset.id,       std::to_string(preset.version),
                        preset.title,    preset.description,
                        preset.category, builtin};
  };
  for (const auto& preset : builtin_presets()) add(preset, true);
  RecordQuery query;
  query.tenant = tenant;
  query.kind = "preset";
  for (;;) {
    auto page = storage_()->list(query);
    if (!page) return page.error();
    for (const auto& record : *page) {
      if (auto preset = Preset::from_json(record.json)) add(*preset, false);
    }
    if (page->size() < query.limit) break;
    query.after_id = page->back().key.id;
  }
  std::vector<PresetInfo> list;
  for (auto& [id, info] : found) list.push_back(std::move(info));
  return list;
}

RecordWrite PresetCatalog::stored(const std::string& tenant, const Preset& preset, bool only_new) {
  RecordWrite write;
  write.key = {tenant, "preset", preset.id};
  write.json = preset.to_json();
  write.index = {{"category", preset.category}};
  if (only_new) write.expected_version = 0;
  return write;
}

}  // namespace scena::engine
