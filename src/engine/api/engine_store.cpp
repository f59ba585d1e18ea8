// Stored sessions: copied out and in, made again.
#include "engine/access/authorizer.hpp"
#include "engine/actor/commit_draft.hpp"
#include "engine/api/handles.hpp"
#include "engine/api/store_later.hpp"
#include "engine/erasure/retention.hpp"
#include "engine/money/ledger.hpp"
#include "engine/projection/session_export.hpp"
#include "engine/projection/session_loader.hpp"

namespace scena {
namespace {

Error closed() {
  return Error::fixed(ErrorCode::closed, "the engine was closed");
}

// What a session's events give beside its own record: its ledger, its row.
Result<void> add_derived(engine::Core& core, Storage& storage, const std::string& tenant,
                         const SessionModel& model, const engine::LedgerRows& ledger,
                         Batch& batch) {
  if (auto corrected = engine::correct_ledger(storage, tenant, model.info().id, ledger, batch);
      !corrected)
    return corrected;
  const auto kept = storage.get({tenant, std::string(engine::kRetentionRecord), model.info().id});
  if (!kept) return kept.error();
  if (!*kept) {
    const auto first = storage.read_events(tenant, engine::session_stream(model.info().id), 0, 1);
    if (!first) return first.error();
    SessionFacts facts = model.facts();
    // An imported copy of a fork has its parent's events itself.
    if (first->empty() || first->front().type != "session.forked") facts.info.parent.clear();
    engine::add_retention(tenant, facts, true, std::nullopt, core.jobs(), batch);
  }
  return core.rebuild_analytics(storage, tenant, model.facts(), batch);
}

// A job in it is found from now on.
Result<void> commit_derived(engine::Core& core, Storage& storage, Batch batch) {
  const bool jobs = !batch.jobs.empty();
  auto committed = commit_one(storage, std::move(batch));
  if (committed && jobs) core.jobs().wake();
  return committed;
}

// Its events, and what is made from them as rebuild() would, as one batch: it is there with all of
// it, or not at all.
Result<std::string> store_import(engine::Core& core, Storage& storage, const std::string& tenant,
                                 engine::ImportedSession imported) {
  auto last = storage.last_seq(tenant, imported.stream);
  if (!last) return last.error();
  if (*last != 0) {
    return Error::fixed(ErrorCode::already_exists,
                        "session: one of this id is stored here, or was and is deleted; import it "
                        "into another store");
  }
  auto derived =
      add_derived(core, storage, tenant, imported.model, imported.ledger, imported.batch);
  if (derived) derived = commit_derived(core, storage, std::move(imported.batch));
  if (!derived) return derived.error();
  return std::move(imported.id);
}

Result<bool> store_rebuild(engine::Core& core, Storage& storage, const std::string& tenant,
                           const std::string& id) {
  const auto model = engine::load_model(storage, tenant, id);
  if (!model) return model.error();
  RecordWrite record = engine::session_record(tenant, model->facts());
  const auto stored = storage.get(record.key);
  if (!stored) return stored.error();
  const bool same = *stored ? !record.erase && (*stored)->json == record.json : record.erase;
  Batch batch;
  if (!same) batch.records.push_back(std::move(record));
  const auto ledger = engine::fold_ledger(storage, tenant, model->info());
  if (!ledger) return ledger.error();
  auto rebuilt = add_derived(core, storage, tenant, *model, *ledger, batch);
  if (!rebuilt) return rebuilt.error();
  if (batch.records.empty()) return true;
  if (auto committed = commit_derived(core, storage, std::move(batch)); !committed)
    return committed.error();
  core.row_was_rebuilt(tenant, id);
  return false;
}

}  // namespace

void Engine::Impl::may_store() const {
  core->usable().value_or_throw();
  engine::Authorizer::host_only(who()).value_or_throw();
}

std::string Engine::export_session(std::string_view id, ExportFormat format) const {
  impl_->core->usable().value_or_throw();
  auto model = engine::load_model(*impl_->core->storage(), impl_->who().tenant, std::string(id))
                   .value_or_throw();
  engine::Authorizer::may_read(impl_->who(), model.info()).value_or_throw();
  if (model.facts().removed) throw Error::fixed(ErrorCode::not_found, "no such session");
  return engine::export_session(*impl_->core, impl_->who(), std::string(id), model, format)
      .value_or_throw();
}

Session Engine::import_session(std::string_view json) {
  impl_->core->may_wait().value_or_throw();
  return import_session_later(json).get();
}

bool Engine::rebuild(std::string_view id) {
  impl_->core->may_wait().value_or_throw();
  return rebuild_later(id).get();
}

Pending<Session> Engine::import_session_later(std::string_view json) {
  impl_->may_store();
  auto imported = engine::read_export(json, impl_->who().tenant).value_or_throw();
  return store_later<Session>(
      impl_->core,
      [weak = std::weak_ptr(impl_->core), tenant = impl_->who().tenant,
       imported = std::move(imported)](Storage& storage) mutable -> Result<std::string> {
        const auto core = weak.lock();
        if (!core) return closed();
        return store_import(*core, storage, tenant, std::move(imported));
      },
      [core = std::weak_ptr(impl_->core),
       principal = impl_->principal](Result<std::string> id) -> Result<Session> {
        const auto alive = core.lock();
        if (!alive) return closed();
        return Impl(alive, principal, false).session(*id);
      });
}

Pending<bool> Engine::rebuild_later(std::string_view id) {
  impl_->may_store();
  return store_later<bool>(impl_->core,
                           [weak = std::weak_ptr(impl_->core), tenant = impl_->who().tenant,
                            id = std::string(id)](Storage& storage) -> Result<bool> {
                             const auto core = weak.lock();
                             if (!core) return closed();
                             return store_rebuild(*core, storage, tenant, id);
                           });
}

void Engine::backup(const std::string& path) {
  impl_->core->usable().value_or_throw();
  engine::Authorizer::host_only(impl_->who()).value_or_throw();
  impl_->core->storage()->backup(path).value_or_throw();
}

void Engine::check_storage() const {
  impl_->core->usable().value_or_throw();
  engine::Authorizer::host_only(impl_->who()).value_or_throw();
  impl_->core->storage()->check().value_or_throw();
}

}  // namespace scena
