#include "engine/access/authorizer.hpp"
#include "engine/api/handles.hpp"

namespace scena {

std::vector<PresetInfo> Engine::presets() const {
  impl_->core->usable().value_or_throw();
  return impl_->core->presets().list(impl_->who.tenant).value_or_throw();
}

PresetPage Engine::presets(const PresetQuery& query) const {
  if (query.limit == 0 || query.limit > 1'000)
    throw Error::fixed(ErrorCode::invalid_argument, "limit: 1 to 1000 presets a page");
  PresetPage page;
  for (auto& info : presets()) {
    if (info.id <= query.after || (!query.category.empty() && info.category != query.category))
      continue;
    if (page.presets.size() == query.limit) {
      page.next = page.presets.back().id;
      break;
    }
    page.presets.push_back(std::move(info));
  }
  return page;
}

Preset Engine::preset(std::string_view id) const {
  impl_->core->usable().value_or_throw();
  return impl_->core->presets().find(impl_->who.tenant, std::string(id)).value_or_throw()->preset;
}

void Engine::put_preset(const Preset& preset) {
  impl_->core->usable().value_or_throw();
  engine::Authorizer::host_only(impl_->who).value_or_throw();
  (void)Preset::from_json(preset.to_json()).value_or_throw();
  Batch batch;
  batch.records.push_back(engine::PresetCatalog::stored(impl_->who.tenant, preset, false));
  impl_->core->commit_now(std::move(batch)).value_or_throw();
}

void Engine::remove_preset(std::string_view id) {
  impl_->core->usable().value_or_throw();
  engine::Authorizer::host_only(impl_->who).value_or_throw();
  RecordWrite record;
  record.key = {impl_->who.tenant, "preset", std::string(id)};
  record.erase = true;
  if (!impl_->core->storage()->get(record.key).value_or_throw()) {
    throw Error::fixed(ErrorCode::not_found,
                       "preset: none of that id is stored (built-in ones cannot be removed)");
  }
  Batch batch;
  batch.records.push_back(std::move(record));
  impl_->core->commit_now(std::move(batch)).value_or_throw();
}

std::size_t Engine::seed_presets() {
  impl_->core->usable().value_or_throw();
  engine::Authorizer::host_only(impl_->who).value_or_throw();
  std::size_t added = 0;
  for (const Preset& preset : builtin_presets()) {
    RecordWrite record = engine::PresetCatalog::stored(impl_->who.tenant, preset, true);
    if (impl_->core->storage()->get(record.key).value_or_throw()) continue;
    Batch batch;
    batch.records.push_back(std::move(record));
    impl_->core->commit_now(std::move(batch)).value_or_throw();
    ++added;
  }
  return added;
}

}  // namespace scena
