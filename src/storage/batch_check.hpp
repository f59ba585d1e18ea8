#pragma once

#include <scena/ext/storage.hpp>

namespace scena {

inline constexpr std::size_t kMaxNameBytes = 1024;  ///< Tenant, stream, kind, id, index field.
inline constexpr std::size_t kMaxPayloadBytes = 256u
                                                << 20;  ///< One event's data, document or blob.
inline constexpr std::size_t kMaxIndexFields = 8;

/// What every backend refuses before it looks at its content: events that are not durable or not
/// numbered in order, names that are empty, too long or not UTF-8, payloads over the limit, a blob
/// whose bytes have another hash.
Result<void> check_batch(const Batch& batch);

/// The error of an append whose writer knows another last seq than the store.
Error stale_append(const Append& append, std::uint64_t last_seq);
/// The error of an append by a former owner.
Error stale_lease(const Append& append, std::uint64_t epoch);
/// The error of a document with another version than expected.
Error stale_record(const RecordWrite& write, std::uint64_t version);
/// The error of a job operation that ends another claim than the running one.
Error job_not_running(const JobWrite& write);
/// The error of a requeue of a job that is not dead, cancelled or dropped.
Error job_not_dead(const JobWrite& write);
/// The error of an enqueue that must make a job and finds its id taken.
Error job_id_taken(const JobWrite& write);
/// The error of an enqueue over its bound.
Error jobs_full(const JobWrite& write);
/// The error of a job operation on an unknown id.
Error job_not_found(const JobWrite& write);
/// The error of a lease that another owner holds.
Error lease_held(std::string_view name);

}  // namespace scena
