#pragma once

#include <cstdint>
#include <scena/usage.hpp>
#include <string>
#include <vector>

namespace scena {

/// Which part of the ledger to add up. Empty members: all of them.
struct CostQuery {
  std::string session;   ///< Session id; empty: all.
  std::string user;      ///< Owner of the session.
  std::string provider;  ///< Name of the provider; empty: all.
  std::string model;     ///< Model as the provider names it; empty: all.
  std::string preset;    ///< The scenario's id.
  std::string from;      ///< First day, "2026-11-01", in UTC.
  std::string to;        ///< Last day, inclusive.
};

/// What a row of a report stands for: rows of the same values are added up.
enum class CostBy { session, user, provider, model, preset, day, month };

/// Calls of the same session, user, ... and what they used and cost.
struct CostRow {
  std::vector<std::string> group;  ///< The values, in the order of the question.
  std::uint64_t calls = 0;         ///< Turns and side questions that were settled.
  std::uint64_t estimated = 0;     ///< Of them those whose usage was estimated.
  std::uint64_t cached = 0;        ///< Of them those that the response cache answered.
  Usage usage;                     ///< Sum over the calls.
  Money cost;                      ///< Sum over the calls.
  bool operator==(const CostRow&) const = default;
};

/// What the response cache did for one model.
struct CacheFigures {
  std::uint64_t hits = 0;    ///< Calls answered from the cache.
  std::uint64_t misses = 0;  ///< Calls that asked the service.
  std::uint64_t bytes = 0;   ///< Given out of the cache.
  Money saved;               ///< What the hits would have cost.
  bool operator==(const CacheFigures&) const = default;
};

}  // namespace scena
