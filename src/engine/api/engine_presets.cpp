#include "engine/access/authorizer.hpp"
#include "engine/access/command_check.hpp"
#include "engine/api/handles.hpp"
#include "engine/api/store_later.hpp"

namespace scena {

std::vector<PresetInfo> Engine::presets() const {
  impl_->core->usable().value_or_throw();
  return impl_->core->presets().list(impl_->who().tenant).value_or_throw();
}

PresetPage Engine::presets(const PresetQuery& query) const {
  const std::size_t limit = engine::page_size(query.limit, 50).value_or_throw();
  PresetPage page;
  for (auto& info : presets()) {
    if (info.id <= query.after || (!query.category.empty() && info.category != query.category))
      continue;
    if (page.presets.size() == limit) {
      page.next = page.presets.back().id;
      break;
    }
    page.presets.push_back(std::move(info));
  }
  return page;
}

Preset Engine::preset(std::string_view id) const {
  impl_->core->usable().value_or_throw();
  return impl_->core->presets().find(impl_->who().tenant, std::string(id)).value_or_throw()->preset;
}

void Engine::put_preset(const Preset& preset) {
  impl_->core->may_wait().value_or_throw();
  put_preset_later(preset).get();
}

void Engine::remove_preset(std::string_view id) {
  impl_->core->may_wait().value_or_throw();
  remove_preset_later(id).get();
}

std::size_t Engine::seed_presets() {
  impl_->core->may_wait().value_or_throw();
  return seed_presets_later().get();
}

Pending<void> Engine::put_preset_later(const Preset& preset) {
  impl_->may_store();
  (void)Preset::from_json(preset.to_json()).value_or_throw();
  Batch batch;
  batch.records.push_back(engine::PresetCatalog::stored(impl_->who().tenant, preset, false));
  return store_later<void>(impl_->core, [batch = std::move(batch)](Storage& storage) mutable {
    return commit_one(storage, std::move(batch));
  });
}

Pending<void> Engine::remove_preset_later(std::string_view id) {
  impl_->may_store();
  RecordWrite record;
  record.key = {impl_->who().tenant, "preset", std::string(id)};
  record.erase = true;
  return store_later<void>(
      impl_->core, [record = std::move(record)](Storage& storage) mutable -> Result<void> {
        auto stored = storage.get(record.key);
        if (!stored) return stored.error();
        if (!*stored) {
          return Error::fixed(
              ErrorCode::not_found,
              "preset: none of that id is stored (built-in ones cannot be removed)");
        }
        Batch batch;
        batch.records.push_back(std::move(record));
        return commit_one(storage, std::move(batch));
      });
}

Pending<std::size_t> Engine::seed_presets_later() {
  impl_->may_store();
  return store_later<std::size_t>(
      impl_->core, [tenant = impl_->who().tenant](Storage& storage) -> Result<std::size_t> {
        Batch batch;
        for (const Preset& preset : builtin_presets()) {
          RecordWrite record = engine::PresetCatalog::stored(tenant, preset, true);
          auto stored = storage.get(record.key);
          if (!stored) return stored.error();
          if (!*stored) batch.records.push_back(std::move(record));
        }
        const std::size_t added = batch.records.size();
        if (added == 0) return added;
        if (auto committed = commit_one(storage, std::move(batch)); !committed)
          return committed.error();
        return added;
      });
}

}  // namespace scena
