#include "storage/backends/memory/job_table.hpp"

#include <algorithm>
#include <memory>
#include <tuple>

#include "storage/batch_check.hpp"
#include "storage/job_rules.hpp"

namespace scena::memory {

bool JobTable::ByClaim::operator()(const Entry* a, const Entry* b) const noexcept {
  return std::tuple(std::string_view(a->job.kind), -std::int64_t{a->job.priority}, a->job.number) <
         std::tuple(std::string_view(b->job.kind), -std::int64_t{b->job.priority}, b->job.number);
}

bool JobTable::ByClaim::operator()(const Entry* a, std::string_view kind) const noexcept {
  return a->job.kind < kind;
}

bool JobTable::ByClaim::operator()(std::string_view kind, const Entry* b) const noexcept {
  return kind < b->job.kind;
}

bool JobTable::ByKey::operator()(const Entry* a, const Entry* b) const noexcept {
  return std::tie(a->job.tenant, a->job.kind, a->job.key, a->job.number) <
         std::tie(b->job.tenant, b->job.kind, b->job.key, b->job.number);
}

Result<void> JobTable::write(const JobWrite& write, Undo& undo) {
  if (write.op == JobWrite::Op::enqueue) return enqueue(write, undo);
  if (write.op == JobWrite::Op::erase_stream) {
    std::vector<Id> ids;
    for (const auto& [id, entry] : jobs_) {
      if (id.first == write.tenant && entry.job.stream == write.stream) ids.push_back(id);
    }
    for (const auto& id : ids) erase(id, undo);
    return {};
  }
  const Id id(write.tenant, write.id);
  const auto found = jobs_.find(id);
  if (write.op == JobWrite::Op::erase) {
    if (found != jobs_.end()) erase(id, undo);
    return {};
  }
  if (found == jobs_.end()) return job_not_found(write);
  auto changed = found->second.job;
  const auto differs = change_job(changed, write);
  if (!differs) return differs.error();
  if (*differs) change(found->second, std::move(changed), undo);
  return {};
}

Result<void> JobTable::enqueue(const JobWrite& write, Undo& undo) {
  const Id id(write.tenant, write.id);
  if (jobs_.contains(id)) return write.fresh ? job_id_taken(write) : Result<void>();
  Entry fresh;
  fresh.job = new_job(write);
  if (write.single) {
    const auto first = open_.lower_bound(&fresh);
    if (first != open_.end() && same_key(**first, fresh)) return {};
  }
  auto& open = open_counts_[Id(write.tenant, write.kind)];
  if (write.max_open > 0 && open >= write.max_open) {
    if (auto made = make_room(write, undo); !made) return made;
  }
  const auto number = next_number_++;
  undo.add([this, number, id] {
    if (const auto made = by_number_.find(number); made != by_number_.end()) {
      unlink(*made->second);
      by_number_.erase(made);
    }
    jobs_.erase(id);
  });
  fresh.job.number = number;
  fresh.open = &open;
  auto& entry = jobs_.emplace(id, std::move(fresh)).first->second;
  Claims claim{&entry};
  Keys key{&entry}, running{&entry};
  by_number_.emplace(number, &entry);
  entry.not_claimable = claim.extract(claim.begin());
  entry.not_open = key.extract(key.begin());
  entry.not_running = running.extract(running.begin());
  settle(entry);
  return {};
}

Result<void> JobTable::make_room(const JobWrite& write, Undo& undo) {
  Entry* oldest = nullptr;
  if (write.drop_oldest) {
    const auto [begin, end] = claims_.equal_range(std::string_view(write.kind));
    for (auto at = begin; at != end; ++at) {
      if ((*at)->job.tenant != write.tenant) continue;
      if (!oldest || (*at)->job.number < oldest->job.number) oldest = *at;
    }
  }
  if (!oldest) return jobs_full(write);
  auto changed = oldest->job;
  drop_job(changed, write.now);
  change(*oldest, std::move(changed), undo);
  return {};
}

void JobTable::erase(const Id& id, Undo& undo) {
  // The entry is kept whole beside the table until the batch is sure.
  struct Kept {
    std::map<Id, Entry>::node_type job;
    std::map<std::uint64_t, Entry*>::node_type number;
  };
  auto kept = std::make_shared<Kept>();
  undo.add([this, kept] {
    if (kept->job.empty()) return;
    auto& entry = kept->job.mapped();
    jobs_.insert(std::move(kept->job));
    by_number_.insert(std::move(kept->number));
    settle(entry);
  });
  auto& entry = jobs_.find(id)->second;
  unlink(entry);
  kept->number = by_number_.extract(entry.job.number);
  kept->job = jobs_.extract(id);
}

void JobTable::change(Entry& entry, Job changed, Undo& undo) {
  auto held = std::make_shared<Job>(std::move(changed));
  undo.add([this, &entry, held] {
    std::swap(entry.job, *held);
    settle(entry);
  });
  std::swap(entry.job, *held);
  settle(entry);
}

// Puts the entry where its state belongs. Its places are moved, so this cannot fail.
void JobTable::settle(Entry& entry) noexcept {
  const auto place = [&entry](auto& places, auto& parked, bool there) {
    if (there && !parked.empty()) {
      places.insert(std::move(parked));
      parked = {};
    } else if (!there && parked.empty()) {
      parked = places.extract(&entry);
    }
  };
  const bool was_open = entry.not_open.empty();
  const bool is_open = !has_ended(entry.job.state);
  place(claims_, entry.not_claimable, entry.job.state == Job::State::waiting);
  place(open_, entry.not_open, is_open);
  place(running_, entry.not_running, entry.job.state == Job::State::running);
  if (was_open && !is_open) --*entry.open;
  if (!was_open && is_open) ++*entry.open;
}

// Takes the entry out of every order; settle() puts it back.
void JobTable::unlink(Entry& entry) noexcept {
  if (entry.not_claimable.empty()) entry.not_claimable = claims_.extract(&entry);
  if (entry.not_running.empty()) entry.not_running = running_.extract(&entry);
  if (!entry.not_open.empty()) return;
  entry.not_open = open_.extract(&entry);
  --*entry.open;
}

bool JobTable::same_key(const Entry& a, const Entry& b) noexcept {
  return a.job.tenant == b.job.tenant && a.job.kind == b.job.kind && a.job.key == b.job.key;
}

// An earlier open one, or any running one, of its key goes first.
bool JobTable::is_blocked(Entry& entry) const noexcept {
  if (entry.job.key.empty()) return false;
  const auto at = open_.find(&entry);
  if (at != open_.begin() && same_key(**std::prev(at), entry)) return true;
  const auto later = running_.upper_bound(&entry);
  return later != running_.end() && same_key(**later, entry);
}

std::optional<Job> JobTable::claim(const JobClaim& claim) {
  const auto [begin, end] = claims_.equal_range(std::string_view(claim.kind));
  for (auto at = begin; at != end; ++at) {
    Entry& entry = **at;
    if (!is_due(entry.job, claim.now) || is_blocked(entry)) continue;
    auto changed = entry.job;  // copies may fail: before anything has changed
    claim_job(changed, claim);
    std::optional<Job> claimed(changed);
    std::swap(entry.job, changed);
    settle(entry);
    return claimed;
  }
  return std::nullopt;
}

std::size_t JobTable::reclaim(WallTime expired_by, WallTime now, std::string_view reason,
                              std::span<const std::uint64_t> spared) {
  std::size_t reclaimed = 0;
  for (auto at = running_.begin(); at != running_.end();) {
    Entry& entry = **at;
    ++at;  // settle() takes the entry out
    if (entry.job.claimed_until > expired_by) continue;
    if (std::find(spared.begin(), spared.end(), entry.job.number) != spared.end()) continue;
    take_back(entry.job, now, reason);
    settle(entry);
    ++reclaimed;
  }
  return reclaimed;
}

std::optional<WallTime> JobTable::next_time(std::string_view kind, WallTime now) const {
  std::optional<WallTime> next;
  const auto [begin, end] = claims_.equal_range(kind);
  for (auto at = begin; at != end; ++at) {
    const WallTime time = (*at)->job.run_after;
    if (time > now && (!next || time < *next)) next = time;
  }
  return next;
}

std::size_t JobTable::purge(WallTime done_before, WallTime dead_before) {
  std::size_t purged = 0;
  for (auto at = by_number_.begin(); at != by_number_.end();) {
    const Job& job = at->second->job;
    const bool success = job.state == Job::State::done || job.state == Job::State::cancelled;
    if (!has_ended(job.state) || job.changed >= (success ? done_before : dead_before)) {
      ++at;
      continue;
    }
    const auto found = jobs_.find({job.tenant, job.id});
    at = by_number_.erase(at);
    jobs_.erase(found);
    ++purged;
  }
  return purged;
}

std::optional<Job> JobTable::find(std::string_view tenant, std::string_view id) const {
  const auto found = jobs_.find({std::string(tenant), std::string(id)});
  return found == jobs_.end() ? std::nullopt : std::optional(found->second.job);
}

std::vector<Job> JobTable::list(const JobQuery& query) const {
  if (query.state && !has_ended(*query.state) && !query.kind.empty()) return list_open(query);
  std::vector<Job> page;
  for (auto at = by_number_.upper_bound(query.after);
       at != by_number_.end() && page.size() < query.limit; ++at) {
    const Job& job = at->second->job;
    if (job.tenant == query.tenant && (query.kind.empty() || job.kind == query.kind) &&
        (!query.state || job.state == *query.state) && (query.key.empty() || job.key == query.key))
      page.push_back(job);
  }
  return page;
}

// Looks at no job that has ended, of which there may be many more.
std::vector<Job> JobTable::list_open(const JobQuery& query) const {
  Entry first;
  first.job.tenant = query.tenant;
  first.job.kind = query.kind;
  first.job.key = query.key;
  std::vector<const Job*> found;
  for (auto at = open_.lower_bound(&first); at != open_.end(); ++at) {
    const Job& job = (*at)->job;
    if (job.tenant != query.tenant || job.kind != query.kind) break;
    if (!query.key.empty() && job.key != query.key) break;
    if (job.state == *query.state && job.number > query.after) found.push_back(&job);
  }
  std::sort(found.begin(), found.end(),
            [](const Job* a, const Job* b) { return a->number < b->number; });
  if (found.size() > query.limit) found.resize(query.limit);
  std::vector<Job> page;
  for (const Job* job : found) page.push_back(*job);
  return page;
}

std::vector<JobCount> JobTable::count(std::string_view tenant) const {
  std::map<std::pair<std::string_view, Job::State>, std::size_t> counts;
  for (const auto& [id, entry] : jobs_) {
    if (id.first == tenant) ++counts[{entry.job.kind, entry.job.state}];
  }
  std::vector<JobCount> rows;
  for (const auto& [row, number] : counts)
    rows.push_back({std::string(row.first), row.second, number});
  return rows;
}

}  // namespace scena::memory
