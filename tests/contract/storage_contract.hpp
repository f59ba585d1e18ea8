#pragma once

#include <functional>
#include <memory>
#include <scena/ext/storage.hpp>
#include <string>
#include <vector>

namespace scena::contract {

/// The store under test. `open_fresh` opens an empty store; `reopen` opens the last fresh one again
/// after it was destroyed, and is empty where nothing outlives the process.
struct StorageSubject {
  std::function<std::unique_ptr<Storage>()> open_fresh;
  std::function<std::unique_ptr<Storage>()> reopen;
};

/// Runs every case of the contract, each on a fresh store, and returns what was not kept: one line
/// a case, "<the promise>: <what happened>". Empty: the store may be used with scena.
std::vector<std::string> run_storage_contract(const StorageSubject& subject);

}  // namespace scena::contract
