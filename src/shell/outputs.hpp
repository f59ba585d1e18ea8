#pragma once

#include <optional>
#include <scena/result.hpp>
#include <string>
#include <vector>

namespace scena::shell {

/// A file and what it is to the user: an option such as "--report", or "the store".
struct NamedFile {
  std::string name;
  std::string path;  ///< Empty: not given.
};

/// The file of a store; nothing for a store that is none.
std::optional<std::string> file_of_store(const std::string& storage);

/// Every file that belongs to a store, whether it is there or not.
std::vector<NamedFile> files_of_store(const std::string& storage);

/// Refuses an output that is one of `kept` or another output, whatever names and links lead to it.
/// Devices and pipes may be given twice. Errors: invalid_argument.
Result<void> check_outputs(const std::vector<NamedFile>& outputs,
                           const std::vector<NamedFile>& kept);

}  // namespace scena::shell
