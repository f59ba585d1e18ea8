#pragma once

#include <optional>
#include <scena/result.hpp>
#include <string>
#include <vector>

namespace scena::shell {

/// A file and what it is to the user: an option such as "--report", or "the store".
struct NamedFile {
  std::string name;
  std::string path;        ///< Empty: not given.
  bool is_folder = false;  ///< It stands for all that is in it, whether it is there or not.
};

/// The file of a store; nothing for a store that is none.
std::optional<std::string> file_of_store(const std::string& storage);

/// Every file that belongs to a store, whether it is there or not.
std::vector<NamedFile> files_of_store(const std::string& storage);

/// Whether both lead to one file, whatever names and links lead there; also where it is not there
/// yet. Devices and pipes are no files.
bool is_same_file(const std::string& one, const std::string& other);

/// Refuses an output that is one of `kept` or another output, whatever names and links lead to it.
/// Devices and pipes may be given twice. Errors: invalid_argument.
Result<void> check_outputs(const std::vector<NamedFile>& outputs,
                           const std::vector<NamedFile>& kept);

}  // namespace scena::shell
