#pragma once

#include <functional>
#include <memory>
#include <scena/principal.hpp>
#include <scena/result.hpp>
#include <scena/session.hpp>
#include <set>
#include <string>

#include "engine/erasure/user_data.hpp"

namespace scena::engine {

class Core;

/// Deletes sessions one after the other, looks again whether others came meanwhile, and erases what
/// is left of all of them: out of the store, the caches and the store's files.
///
/// A session that cannot be read is erased undeleted where its record told that it is one of them.
/// Where nothing tells, it is left out and the others are erased; then the answer is an error that
/// names it.
class ErasureRun : public std::enable_shared_from_this<ErasureRun> {
 public:
  /// Which sessions; called where the store may be waited for, again and again.
  using Find = std::function<Result<SessionsToErase>(Storage&)>;
  /// How many were erased.
  using Done = std::function<void(const Result<std::size_t>&)>;

  ErasureRun(const std::shared_ptr<Core>& core, std::shared_ptr<const Principal> who, Find find,
             Done done);
  ~ErasureRun();

  void look();

 private:
  void next();
  void look_on();
  void erase();
  void sort_out();
  void end();
  void end(const Error& error);

  std::weak_ptr<Core> core_;
  std::shared_ptr<const Principal> who_;
  Find find_;
  Done done_;
  Result<SessionsToErase> seen_ = SessionsToErase();
  Result<void> erased_;
  std::set<std::string, std::less<>> known_;        // were to be deleted
  std::set<std::string, std::less<>> undeletable_;  // of these, those whose events are torn
  std::set<std::string, std::less<>> unreadable_;   // nobody knows whose they are
  std::unique_ptr<Session::Impl> session_;
  int looks_ = 0;
};

}  // namespace scena::engine
